package main

import (
	"errors"
	"fmt"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/web"
)

type staffAdd struct {
	Role   string   `help:"admin, reception or doctor." required:""`
	Email  string   `help:"The address to sign in with." required:""`
	Name   string   `help:"The name as colleagues read it." required:""`
	Branch []string `help:"The id of a branch they belong to, as in the address of the branch's page; may be given more than once. Without it they belong to all, those to come included."`
	Doctor string   `help:"For a doctor: the id of the doctor whose appointments they see, as in the address of the doctor's page."`
}

// Run adds a member of staff and prints the link by which they choose their password.
func (a staffAdd) Run(p *program) error {
	return p.withStore(func(s *store.Store) error {
		job := clinic.Job("staff add")
		staff, errs := clinic.CheckStaff(clinic.Staff{
			Role: clinic.Role(a.Role), Email: a.Email, Name: a.Name, DoctorID: a.Doctor, EveryBranch: len(a.Branch) == 0, Branches: a.Branch,
		})
		if err := errs.Err(); err != nil {
			return readable(err)
		}
		staff, err := s.AddStaff(p.ctx, job, staff)
		if err != nil {
			return readable(err)
		}
		token, err := s.NewStaffLink(p.ctx, job, staff.ID)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.stdout, "%s chooses a password within %d hours at %s\n", staff.Email, int(clinic.StaffLinkLife.Hours()),
			p.config.BaseURL.JoinPath("office", "invitation", token))
		return err
	})
}

// readable turns a refusal into the sentence that a person at a terminal reads, in English.
func readable(err error) error {
	var refusal *clinic.Error
	var several clinic.Errors
	switch {
	case errors.As(err, &several) && len(several) > 0:
		refusal = several[0]
	case !errors.As(err, &refusal):
		return err
	}
	sentence := web.Find("en").Sentence(refusal)
	if refusal.Field == "" {
		return errors.New(sentence)
	}
	return fmt.Errorf("%s: %s", refusal.Field, sentence)
}
