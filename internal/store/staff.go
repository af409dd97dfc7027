package store

import (
	"cmp"
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// staffRow is a member of staff as stored: name and address are sealed, the address is found by its blind index.
type staffRow struct {
	ID           string
	Role         clinic.Role
	DoctorID     *string
	EveryBranch  bool
	EmailTerm    []byte
	PasswordHash string
	Active       bool
	Sealed       []byte
	CreatedAt    time.Time
	Revision     int
	SignedInAt   *time.Time
}

// TableName is the table of staffRow.
func (staffRow) TableName() string { return "staff" }

// staffBranchRow says that a member of staff belongs to a branch.
type staffBranchRow struct {
	StaffID  string
	BranchID string
}

// TableName is the table of staffBranchRow.
func (staffBranchRow) TableName() string { return "staff_branches" }

func staffAD(id string) seal.AssociatedData { return seal.AssociatedData{Table: "staff", ID: id} }

// staffTerms are the terms by which the account of an address is found: under every key there is, that of new ones first.
func (s *Store) staffTerms(email string) (terms [][]byte, err error) {
	indexes, err := s.keyring.BlindIndexes("staff", strings.ToLower(strings.TrimSpace(email)))
	for _, index := range indexes {
		terms = append(terms, index.Term)
	}
	return terms, err
}

// AddStaff stores a new, checked member of staff. An address that is in use answers Conflict at the field "email", a
// doctor that does not exist Invalid at "doctor_id", a branch that does not exist Invalid at "branches".
func (s *Store) AddStaff(ctx context.Context, actor clinic.Actor, p clinic.Staff) (clinic.Staff, error) {
	if err := mayManageStaff(actor); err != nil {
		return p, err
	}
	p.ID, p.Active, p.Revision = cmp.Or(p.ID, clinic.NewID()), true, 1
	sealed, err := s.keyring.Seal(seal.Contact, staffAD(p.ID), storeStaff(p))
	if err != nil {
		return p, err
	}
	terms, err := s.staffTerms(p.Email)
	if err != nil {
		return p, err
	}
	err = s.change(ctx, "AddStaff", actor, func(tx *change) error {
		tx.aboutStaff(p.ID)
		p.CreatedAt = tx.now
		row := staffRow{p.ID, p.Role, idOrNil(p.DoctorID), p.EveryBranch, terms[0], p.PasswordHash, p.Active, sealed, p.CreatedAt, p.Revision, nil}
		// Under the present key the database itself keeps an address to one account.
		var otherwise int64
		if err := tx.Model(&staffRow{}).Where("email_term IN ?", terms).Count(&otherwise).Error; err != nil {
			return err
		}
		if otherwise > 0 {
			return &clinic.Error{Code: clinic.Conflict, Field: "email", Message: "error.staff.email"}
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return tx.addStaffBranches(p)
	})
	return p, staffRefusal(err)
}

func idOrNil(id string) *string {
	if id == "" {
		return nil
	}
	return &id
}

func (c *change) addStaffBranches(p clinic.Staff) error {
	for _, id := range p.Branches {
		err := c.Create(&staffBranchRow{p.ID, id}).Error
		if isConstraint(err, "FOREIGN KEY", "staff_branches_branch_id_fkey") {
			return &clinic.Error{Code: clinic.Invalid, Field: "branches", Message: "error.choose"}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// staffRefusal says at which field of an account the database has refused it.
func staffRefusal(err error) error {
	switch {
	case isConstraint(err, "staff_pkey", "staff.id"): // the same form was sent before
		return clinic.StaleError()
	case isConstraint(err, "staff_email_term_key", "staff.email_term"):
		return &clinic.Error{Code: clinic.Conflict, Field: "email", Message: "error.staff.email"}
	case isConstraint(err, "FOREIGN KEY", "staff_doctor_id_fkey"):
		return &clinic.Error{Code: clinic.Invalid, Field: "doctor_id", Message: "error.staff.doctor"}
	}
	return err
}

// StaffByEmail is the account of an address, in any case.
func (s *Store) StaffByEmail(ctx context.Context, email string) (clinic.Staff, error) {
	terms, err := s.staffTerms(email)
	if err != nil {
		return clinic.Staff{}, err
	}
	p, err := s.staff(ctx, s.reader(ctx).Where("email_term IN ?", terms))
	return p, wrap("StaffByEmail", err)
}

// StaffByID is one account.
func (s *Store) StaffByID(ctx context.Context, id string) (clinic.Staff, error) {
	p, err := s.staff(ctx, s.reader(ctx).Where("id = ?", id))
	return p, wrap("StaffByID", err)
}

func (s *Store) staff(ctx context.Context, q *gorm.DB) (clinic.Staff, error) {
	var row staffRow
	if err := one(q, &row); err != nil {
		return clinic.Staff{}, err
	}
	var branches []string
	if err := s.reader(ctx).Model(&staffBranchRow{}).Where("staff_id = ?", row.ID).Order("branch_id").Pluck("branch_id", &branches).Error; err != nil {
		return clinic.Staff{}, err
	}
	return s.openStaff(row, branches)
}

// openStaff is a member of staff as stored, with the ids of the branches to which they belong.
func (s *Store) openStaff(row staffRow, branches []string) (clinic.Staff, error) {
	var stored storedStaff
	if err := s.keyring.Open(seal.Contact, staffAD(row.ID), row.Sealed, &stored); err != nil {
		return clinic.Staff{}, err
	}
	p := stored.staff()
	p.ID, p.Role, p.EveryBranch, p.PasswordHash, p.Active, p.CreatedAt = row.ID, row.Role, row.EveryBranch, row.PasswordHash, row.Active, row.CreatedAt.UTC()
	p.Revision = row.Revision
	if row.DoctorID != nil {
		p.DoctorID = *row.DoctorID
	}
	if len(branches) > 0 {
		p.Branches = branches
	}
	return p, nil
}

// HasStaff reports whether anybody can sign in yet.
func (s *Store) HasStaff(ctx context.Context) (bool, error) {
	var n int64
	err := s.reader(ctx).Model(&staffRow{}).Count(&n).Error
	return n > 0, asUnavailable(err)
}
