package office

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/web"
	view "madoguchi/web/office"
)

const staffPath = "/office/staff"

// anyZone is the zone in which times that are about no branch are shown: that of the first one.
func (p *Pages) anyZone(c *gin.Context) *time.Location {
	branches, err := p.Store.Branches(c.Request.Context())
	if err != nil || len(branches) == 0 {
		return clinic.Branch{Zone: clinic.DefaultZone}.Location()
	}
	return branches[0].Location()
}

// ShowStaff lists the accounts.
func (p *Pages) ShowStaff(c *gin.Context) error {
	ctx := c.Request.Context()
	data := view.StaffList{Frame: p.frame(c, clinic.Branch{}), Zone: p.anyZone(c), Done: c.Query("done"), Wanted: web.ClinicOf(ctx).SecondFactor}
	var err error
	if data.Accounts, err = p.Store.Accounts(ctx, page.Actor(c)); err != nil {
		return err
	}
	if data.Branches, err = p.Store.Branches(ctx); err != nil {
		return err
	}
	return page.Show(c, http.StatusOK, view.StaffPage(data))
}

// WantSecondFactor decides whether everybody needs a second factor.
func (p *Pages) WantSecondFactor(c *gin.Context) error {
	wanted := c.PostForm("second_factor") == "yes"
	err := p.Store.ChangeSettings(c.Request.Context(), page.Actor(c), func(now clinic.Settings) clinic.Settings {
		now.SecondFactor = wanted
		return now
	})
	if err != nil {
		return err
	}
	return page.GoTo(c, staffPath+savedMark)
}

// accountToEdit is the account in the path, or a new one.
func (p *Pages) accountToEdit(c *gin.Context) (clinic.Account, error) {
	id, isNew := idToEdit(c)
	a, err := p.Store.Account(c.Request.Context(), page.Actor(c), id)
	if isNew && clinic.CodeOf(err) == clinic.NotFound {
		return clinic.Account{Staff: clinic.Staff{EveryBranch: true}}, nil
	}
	return a, err
}

// ShowAccount shows the form of an account, or of a new one.
func (p *Pages) ShowAccount(c *gin.Context) error {
	a, err := p.accountToEdit(c)
	if err != nil {
		return err
	}
	return p.showAccount(c, http.StatusOK, view.AccountForm{Account: a, Typed: a.Staff, Done: c.Query("done")})
}

func (p *Pages) showAccount(c *gin.Context, status int, data view.AccountForm) error {
	ctx := c.Request.Context()
	data.Frame, data.Drawn, data.Zone = p.frame(c, clinic.Branch{}), drawnID(c), p.anyZone(c)
	var err error
	if data.Branches, err = p.Store.Branches(ctx); err != nil {
		return err
	}
	if data.Doctors, err = p.Store.Doctors(ctx); err != nil {
		return err
	}
	return page.Show(c, status, view.AccountPage(data))
}

// accountFields are the fields of the form, in their order.
var accountFields = []string{"name", "email", "role", "doctor_id", "every", "branches"}

func accountForm(s clinic.Staff) url.Values {
	every := "some"
	if s.EveryBranch {
		every = "all"
	}
	form := filled("name", s.Name, "email", s.Email, "role", string(s.Role), "doctor_id", s.DoctorID, "every", every)
	if !s.EveryBranch {
		form["branches"] = slices.Sorted(slices.Values(s.Branches))
	}
	return form
}

// readAccount reads the form. The doctor and the branches count only where the choice before them asks for them.
func readAccount(form url.Values) clinic.Staff {
	s := clinic.Staff{Name: form.Get("name"), Email: form.Get("email"), Role: clinic.Role(form.Get("role")), EveryBranch: form.Get("every") == "all"}
	if s.Role == clinic.DoctorRole {
		s.DoctorID = form.Get("doctor_id")
	}
	if !s.EveryBranch {
		s.Branches = slices.Compact(slices.Sorted(slices.Values(form["branches"])))
	}
	return s
}

// SaveAccount stores an account, or shows what is wrong with it, or what somebody else has saved since the form was drawn. A new one is
// shown with the link by which its person chooses a password.
func (p *Pages) SaveAccount(c *gin.Context) error {
	stored, err := p.accountToEdit(c)
	if err != nil {
		return err
	}
	ctx, actor, sent := c.Request.Context(), page.Actor(c), c.Request.PostForm
	seen, before := page.ReadSeen(sent), accountForm(stored.Staff)
	form := decided(sent, before)
	typed := readAccount(form)
	typed.ID, typed.Revision = stored.ID, seen.Revision
	checked, errs := clinic.CheckStaff(typed)
	if len(errs) == 0 {
		if differ := differences(seen, stored.Revision, accountFields, before, accountForm(checked)); len(differ) > 0 {
			return p.showAccountConflict(c, p.conflict(c, stored.ID, sent, stored.Revision, differ))
		}
		checked.Revision = stored.Revision
		if stored.ID == "" {
			checked.ID = drawnID(c)
			checked, err = p.Store.AddStaff(ctx, actor, checked)
		} else {
			err = p.Store.SaveAccount(ctx, actor, checked)
		}
		switch {
		case err == nil && stored.ID == "":
			return p.showLink(c, checked.ID)
		case err == nil:
			return page.GoTo(c, staffPath+savedMark)
		case clinic.IsStale(err) && stored.ID == "": // made by the same form, sent twice at once
			return page.GoTo(c, staffPath+"/"+checked.ID)
		case clinic.IsStale(err): // saved by somebody else since it was read: what they saved is compared anew
			return p.SaveAccount(c)
		}
		var ours bool
		if errs, ours = atField(err); !ours {
			return err
		}
	}
	stay(c, c.Request.URL.Path)
	return p.showAccount(c, http.StatusUnprocessableEntity, view.AccountForm{Account: stored, Typed: typed, Errors: errs})
}

func (p *Pages) showAccountConflict(c *gin.Context, conflict view.Conflict) error {
	branches, err := p.Store.Branches(c.Request.Context())
	if err != nil {
		return err
	}
	doctors, err := p.Store.Doctors(c.Request.Context())
	if err != nil {
		return err
	}
	return page.Show(c, http.StatusConflict, view.AccountConflictPage(conflict, branches, doctors))
}

// MakeStaffLink makes the link by which the person of an account chooses a password, and shows it, this once.
func (p *Pages) MakeStaffLink(c *gin.Context) error { return p.showLink(c, c.Param("id")) }

func (p *Pages) showLink(c *gin.Context, id string) error {
	ctx, actor := c.Request.Context(), page.Actor(c)
	token, err := p.Store.NewStaffLink(ctx, actor, id)
	if err != nil {
		return p.refuseAccount(c, id, err)
	}
	a, err := p.Store.Account(ctx, actor, id)
	if err != nil {
		return err
	}
	stay(c, staffPath+"/"+id)
	return p.showAccount(c, http.StatusOK, view.AccountForm{Account: a, Typed: a.Staff, Link: p.BaseURL.JoinPath("office", "invitation", token).String()})
}

// SetAccountActive closes an account at once, or opens it again.
func (p *Pages) SetAccountActive(c *gin.Context) error {
	active := c.PostForm("active") == "yes"
	done := "disabled"
	if active {
		done = "enabled"
	}
	return p.afterwards(c, done, p.Store.SetAccountActive(c.Request.Context(), page.Actor(c), c.Param("id"), active))
}

// UnlockAccount lets somebody try again who has tried too often.
func (p *Pages) UnlockAccount(c *gin.Context) error {
	return p.afterwards(c, "unlocked", p.Store.UnlockAccount(c.Request.Context(), page.Actor(c), c.Param("id")))
}

// RemoveSecondFactors takes away what an account has besides its password.
func (p *Pages) RemoveSecondFactors(c *gin.Context) error {
	return p.afterwards(c, "factors", p.Store.RemoveSecondFactors(c.Request.Context(), page.Actor(c), c.Param("id")))
}

// afterwards shows the account again, with what was done to it or why it was not.
func (p *Pages) afterwards(c *gin.Context, done string, err error) error {
	if err != nil {
		return p.refuseAccount(c, c.Param("id"), err)
	}
	return page.GoTo(c, staffPath+"/"+c.Param("id")+"?done="+done)
}

// refuseAccount shows an account with why something was not done to it.
func (p *Pages) refuseAccount(c *gin.Context, id string, err error) error {
	if clinic.CodeOf(err) != clinic.Conflict {
		return err
	}
	a, problem := p.Store.Account(c.Request.Context(), page.Actor(c), id)
	if problem != nil {
		return problem
	}
	var refusal *clinic.Error
	errors.As(err, &refusal)
	stay(c, staffPath+"/"+id)
	return p.showAccount(c, http.StatusConflict, view.AccountForm{Account: a, Typed: a.Staff, Refusal: refusal})
}
