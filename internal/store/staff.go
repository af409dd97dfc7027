package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// staffRow is a member of staff as stored: name and address are sealed, the address is found by its keyed term.
type staffRow struct {
	ID           string
	Role         clinic.Role
	DoctorID     *string
	EmailTerm    []byte
	PasswordHash string
	Active       bool
	Sealed       []byte
	CreatedAt    time.Time
}

// TableName is the table of staffRow.
func (staffRow) TableName() string { return "staff" }

type sealedStaff struct{ Name, Email string }

func staffAD(id string) seal.AssociatedData { return seal.AssociatedData{Table: "staff", ID: id} }

func (s *Store) staffTerm(email string) ([]byte, error) {
	return s.keyring.BlindIndex("staff", strings.ToLower(strings.TrimSpace(email)))
}

// AddStaff stores a new, checked member of staff. An address that is in use answers Conflict at the field "email", a
// doctor that does not exist Invalid at "doctor_id".
func (s *Store) AddStaff(ctx context.Context, p clinic.Staff) (clinic.Staff, error) {
	p.ID, p.CreatedAt, p.Active = clinic.NewID(), s.now(), true
	term, err := s.staffTerm(p.Email)
	if err != nil {
		return p, err
	}
	sealed, err := s.keyring.Seal(seal.Contact, staffAD(p.ID), sealedStaff{p.Name, p.Email})
	if err != nil {
		return p, err
	}
	row := staffRow{p.ID, p.Role, nil, term, p.PasswordHash, p.Active, sealed, p.CreatedAt}
	if p.DoctorID != "" {
		row.DoctorID = &p.DoctorID
	}
	err = s.write.WithContext(ctx).Create(&row).Error
	switch {
	case isConstraint(err, "staff_email_term_key", "staff.email_term"):
		return p, &clinic.Error{Code: clinic.Conflict, Field: "email", Message: "error.staff.email"}
	case isConstraint(err, "FOREIGN KEY", "doctor_id_fkey"):
		return p, &clinic.Error{Code: clinic.Invalid, Field: "doctor_id", Message: "error.staff.doctor"}
	}
	return p, asUnavailable(err)
}

// StaffByEmail is the account of an address, in any case.
func (s *Store) StaffByEmail(ctx context.Context, email string) (clinic.Staff, error) {
	term, err := s.staffTerm(email)
	if err != nil {
		return clinic.Staff{}, err
	}
	return s.staff(s.reader(ctx).Where("email_term = ?", term))
}

// StaffByID is one account.
func (s *Store) StaffByID(ctx context.Context, id string) (clinic.Staff, error) {
	return s.staff(s.reader(ctx).Where("id = ?", id))
}

func (s *Store) staff(q *gorm.DB) (clinic.Staff, error) {
	var row staffRow
	if err := one(q, &row); err != nil {
		return clinic.Staff{}, err
	}
	p := clinic.Staff{ID: row.ID, Role: row.Role, PasswordHash: row.PasswordHash, Active: row.Active, CreatedAt: row.CreatedAt.UTC()}
	if row.DoctorID != nil {
		p.DoctorID = *row.DoctorID
	}
	var open sealedStaff
	err := s.keyring.Open(seal.Contact, staffAD(row.ID), row.Sealed, &open)
	p.Name, p.Email = open.Name, open.Email
	return p, err
}

// HasStaff reports whether anybody can sign in yet.
func (s *Store) HasStaff(ctx context.Context) (bool, error) {
	var n int64
	err := s.reader(ctx).Model(&staffRow{}).Count(&n).Error
	return n > 0, asUnavailable(err)
}

// TrySignIn counts one attempt against an account and a network address and reports whether it may go on to the password.
// The attempt is counted before the password is looked at, so that many at once cannot all pass the limit.
func (s *Store) TrySignIn(ctx context.Context, email, address string) (bool, error) {
	now := s.now()
	allowed := true
	err := s.change(ctx, func(tx *gorm.DB) error {
		for _, subject := range []struct {
			kind, value string
			most        int
		}{{"sign-in-account", strings.ToLower(strings.TrimSpace(email)), clinic.SignInsPerAccount}, {"sign-in-address", address, clinic.SignInsPerAddress}} {
			term, err := s.keyring.BlindIndex(subject.kind, subject.value)
			if err != nil {
				return err
			}
			var failures int
			err = tx.Raw(`INSERT INTO sign_in_failures (failures, subject, ends_at) VALUES (1, ?, ?)
				ON CONFLICT (subject) DO UPDATE SET
					failures = CASE WHEN sign_in_failures.ends_at <= ? THEN 1 ELSE sign_in_failures.failures + 1 END,
					ends_at = CASE WHEN sign_in_failures.ends_at <= ? THEN excluded.ends_at ELSE sign_in_failures.ends_at END
				RETURNING failures`, term, now.Add(clinic.SignInWindow), now, now).Scan(&failures).Error
			if err != nil {
				return err
			}
			allowed = allowed && failures <= subject.most
		}
		return nil
	})
	return allowed && err == nil, err
}

// PassSignIn takes back what TrySignIn counted, because the password was right.
func (s *Store) PassSignIn(ctx context.Context, email, address string) error {
	account, err := s.keyring.BlindIndex("sign-in-account", strings.ToLower(strings.TrimSpace(email)))
	if err != nil {
		return err
	}
	client, err := s.keyring.BlindIndex("sign-in-address", address)
	if err != nil {
		return err
	}
	return s.change(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec("DELETE FROM sign_in_failures WHERE subject = ?", account).Error; err != nil {
			return err
		}
		return tx.Exec("UPDATE sign_in_failures SET failures = failures - 1 WHERE subject = ? AND failures > 0", client).Error
	})
}
