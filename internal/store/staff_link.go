package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"madoguchi/internal/clinic"
)

// staffLinkRow is the link by which somebody chooses the password of an account. Of its token there is the hash only.
type staffLinkRow struct {
	StaffID   string
	TokenHash []byte
	ExpiresAt time.Time
}

// TableName is the table of staffLinkRow.
func (staffLinkRow) TableName() string { return "staff_links" }

// NewStaffLink makes the link of an account and returns its token. The one before opens nothing any more. Of an account that is closed
// it answers Conflict.
func (s *Store) NewStaffLink(ctx context.Context, actor clinic.Actor, staffID string) (token string, err error) {
	if err := mayManageStaff(actor); err != nil {
		return "", err
	}
	err = s.change(ctx, "NewStaffLink", actor, func(tx *change) error {
		tx.aboutStaff(staffID)
		token, err = tx.newStaffLink(staffID)
		return err
	})
	return token, err
}

func (c *change) newStaffLink(staffID string) (string, error) {
	token := clinic.NewStaffToken()
	row := staffLinkRow{staffID, clinic.TokenHash(token), c.now.Add(clinic.StaffLinkLife)}
	err := c.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "staff_id"}}, UpdateAll: true}).Create(&row).Error
	if isConstraint(err, "sessions_have_an_account") {
		return "", &clinic.Error{Code: clinic.Conflict, Message: "error.account.disabled"}
	}
	return token, err
}

// StaffByLink is whose account a link opens, or NotFound, whether it was used, is too old, or never was.
func (s *Store) StaffByLink(ctx context.Context, token string) (clinic.Staff, error) {
	p, err := s.staff(ctx, s.reader(ctx).Where("active AND id IN (SELECT staff_id FROM staff_links WHERE token_hash = ? AND expires_at > ?)", clinic.TokenHash(token), s.now()))
	return p, wrap("StaffByLink", err)
}

// ChoosePassword gives the account of a link its password, whose hash it takes, and uses the link up. Every session of the account ends
// (a trigger sees to it), and wrong passwords of before count no more.
func (s *Store) ChoosePassword(ctx context.Context, token, hash string) (clinic.Staff, error) {
	staff, err := s.StaffByLink(ctx, token)
	if err != nil {
		return staff, err
	}
	subject, err := s.accountSubject(staff.Email)
	if err != nil {
		return staff, err
	}
	err = s.change(ctx, "ChoosePassword", clinic.StaffActor(staff), func(tx *change) error {
		tx.aboutStaff(staff.ID)
		used := tx.Where("staff_id = ? AND token_hash = ? AND expires_at > ?", staff.ID, clinic.TokenHash(token), tx.now).Delete(&staffLinkRow{})
		if err := mustChange(used); err != nil {
			return err
		}
		if err := tx.setPassword(staff.ID, hash); err != nil {
			return err
		}
		return tx.forgetAttempts(subject)
	})
	staff.PasswordHash = hash
	return staff, err
}

// ChangePassword gives whoever acts another password, whose hash it takes, and a new session in their browser. Their other sessions end.
func (s *Store) ChangePassword(ctx context.Context, actor clinic.Actor, hash string, session clinic.Session, in clinic.Browser) (token string, err error) {
	err = s.change(ctx, "ChangePassword", actor, func(tx *change) error {
		tx.aboutStaff(actor.Staff.ID)
		if err := tx.setPassword(actor.Staff.ID, hash); err != nil {
			return err
		}
		token, err = tx.startSession(actor.Staff.ID, in, session.SecondFactor)
		return err
	})
	return token, err
}

func (c *change) setPassword(staffID, hash string) error {
	return mustChange(c.Exec("UPDATE staff SET password_hash = ? WHERE id = ? AND active", hash, staffID))
}
