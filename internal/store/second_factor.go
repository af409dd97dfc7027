package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// hasSecondFactor is a condition on staff p: they have a second factor.
const hasSecondFactor = "(EXISTS (SELECT 1 FROM totps t WHERE t.staff_id = p.id AND t.confirmed) OR EXISTS (SELECT 1 FROM passkeys k WHERE k.staff_id = p.id))"

// totpRow is the app of a person: its secret, sealed, and the latest time step of which a code was taken.
type totpRow struct {
	StaffID   string
	Sealed    []byte
	Confirmed bool
	LastStep  int64
	CreatedAt time.Time
}

// TableName is the table of totpRow.
func (totpRow) TableName() string { return "totps" }

// recoveryRow is a recovery code, as a blind index.
type recoveryRow struct {
	StaffID string
	Term    []byte
	KeyID   uint32
	UsedAt  *time.Time
}

// TableName is the table of recoveryRow.
func (recoveryRow) TableName() string { return "recovery_codes" }

func totpAD(staffID string) seal.AssociatedData {
	return seal.AssociatedData{Table: "totps", ID: staffID}
}

// SecondFactor is what somebody has besides their password.
func (s *Store) SecondFactor(ctx context.Context, staffID string) (f clinic.SecondFactor, err error) {
	var row totpRow
	switch err := one(s.reader(ctx).Where("staff_id = ? AND confirmed", staffID), &row); {
	case err == nil:
		since := row.CreatedAt.UTC()
		f.App = &since
	case clinic.CodeOf(err) != clinic.NotFound:
		return f, wrap("SecondFactor", err)
	}
	if f.Passkeys, err = s.passkeys(s.reader(ctx), staffID); err != nil {
		return f, wrap("SecondFactor", err)
	}
	var left int64
	err = s.reader(ctx).Model(&recoveryRow{}).Where("staff_id = ? AND used_at IS NULL", staffID).Count(&left).Error
	f.Recovery = int(left)
	return f, wrap("SecondFactor", asUnavailable(err))
}

// BeginApp returns the secret that whoever acts puts into their app. It counts once ConfirmApp has seen a code of it; until then it stays
// the same. Who has an app already is answered Conflict.
func (s *Store) BeginApp(ctx context.Context, actor clinic.Actor) (secret []byte, err error) {
	id := actor.Staff.ID
	err = s.change(ctx, "BeginApp", actor, func(tx *change) error {
		drawn := clinic.NewTOTPSecret()
		sealed, err := s.keyring.Seal(seal.Contact, totpAD(id), storeTOTP(drawn))
		if err != nil {
			return err
		}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&totpRow{StaffID: id, Sealed: sealed, CreatedAt: tx.now}).Error; err != nil {
			return err
		}
		row, stored, err := tx.totp(id)
		if err == nil && row.Confirmed {
			err = &clinic.Error{Code: clinic.Conflict, Message: "error.second.app"}
		}
		secret = stored
		return err
	})
	return secret, err
}

// totp is the app of a person, locked, with its secret.
func (c *change) totp(staffID string) (row totpRow, secret []byte, err error) {
	if err := one(c.forUpdate(c.Where("staff_id = ?", staffID)), &row); err != nil {
		return row, nil, err
	}
	var stored storedTOTP
	err = c.store.keyring.Open(seal.Contact, totpAD(staffID), row.Sealed, &stored)
	return row, stored.secret(), err
}

// takeTOTP takes a code of a person's app, once: of the same time step, or of one before, none is taken again.
func (c *change) takeTOTP(staffID, code string, confirmed bool) (bool, error) {
	row, secret, err := c.totp(staffID)
	if clinic.CodeOf(err) == clinic.NotFound || err == nil && row.Confirmed != confirmed {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	step, ok := clinic.MatchTOTP(secret, code, c.now, row.LastStep)
	if !ok {
		return false, nil
	}
	taken := c.Exec("UPDATE totps SET last_step = ?, confirmed = ? WHERE staff_id = ? AND last_step < ?", step, true, staffID, step)
	return taken.RowsAffected == 1, taken.Error
}

// takeRecovery takes a recovery code, once.
func (c *change) takeRecovery(staffID, code string) (bool, error) {
	terms, err := c.store.recoveryTerms(staffID, code)
	if err != nil {
		return false, err
	}
	taken := c.Exec("UPDATE recovery_codes SET used_at = ? WHERE staff_id = ? AND term IN ? AND used_at IS NULL", c.now, staffID, terms)
	return taken.RowsAffected == 1, taken.Error
}

// recoveryTerms are the terms of a recovery code under every key, that of new ones first.
func (s *Store) recoveryTerms(staffID, code string) (terms [][]byte, err error) {
	indexes, err := s.keyring.BlindIndexes("recovery-code", staffID+"\x00"+strings.ReplaceAll(code, "-", ""))
	for _, index := range indexes {
		if terms = append(terms, index.Term); index.KeyID == s.keyring.IndexKeyID() {
			terms[0], terms[len(terms)-1] = terms[len(terms)-1], terms[0]
		}
	}
	return terms, err
}

// ConfirmApp makes the app of whoever acts their second factor, if the code is of it. Their other sessions end, and the one they have
// counts as having shown it. They get recovery codes if they had nothing of the kind before.
func (s *Store) ConfirmApp(ctx context.Context, actor clinic.Actor, code string, in clinic.Browser) (token string, recovery []string, err error) {
	totp, _ := clinic.ReadCode(code)
	allowed, err := s.trySecond(ctx, actor)
	if err != nil {
		return "", nil, err
	}
	if !allowed {
		return "", nil, secondTooMany()
	}
	err = s.change(ctx, "ConfirmApp", actor, func(tx *change) error {
		tx.aboutStaff(actor.Staff.ID)
		first, err := tx.lacksSecond(actor.Staff.ID)
		if err != nil {
			return err
		}
		ok, err := tx.takeTOTP(actor.Staff.ID, totp, false)
		if err != nil {
			return err
		}
		if !ok {
			return secondWrong()
		}
		if err := tx.forgetSecond(actor.Staff.ID); err != nil {
			return err
		}
		token, recovery, err = tx.beginAnew(actor.Staff.ID, in, first)
		return err
	})
	return token, recovery, err
}

// lacksSecond reports whether somebody has nothing besides their password. Changes of what they have wait for one another.
func (c *change) lacksSecond(staffID string) (bool, error) {
	if err := one(c.forUpdate(c.Where("id = ?", staffID)), &staffRow{}); err != nil {
		return false, err
	}
	var have int64
	err := c.Table("staff p").Where("p.id = ? AND "+hasSecondFactor, staffID).Count(&have).Error
	return have == 0, err
}

// beginAnew ends the sessions of somebody who has another second factor now, and begins one that counts as having shown it. Whoever had none
// before gets recovery codes.
func (c *change) beginAnew(staffID string, in clinic.Browser, first bool) (token string, recovery []string, err error) {
	if first {
		if recovery, err = c.newRecovery(staffID); err != nil {
			return "", nil, err
		}
	}
	if err := c.Where("staff_id = ?", staffID).Delete(&sessionRow{}).Error; err != nil {
		return "", nil, err
	}
	token, err = c.startSession(staffID, in, true)
	return token, recovery, err
}

func secondWrong() error {
	return &clinic.Error{Code: clinic.Invalid, Field: "code", Message: "error.second.wrong"}
}

func secondTooMany() error {
	return &clinic.Error{Code: clinic.TooMany, Field: "code", Message: "error.second.many"}
}

// NewRecovery gives whoever acts other recovery codes, in the place of all they have.
func (s *Store) NewRecovery(ctx context.Context, actor clinic.Actor) (codes []string, err error) {
	f, err := s.SecondFactor(ctx, actor.Staff.ID)
	if err != nil {
		return nil, err
	}
	if !f.Any() {
		return nil, NotFound()
	}
	err = s.change(ctx, "NewRecovery", actor, func(tx *change) error {
		tx.aboutStaff(actor.Staff.ID)
		codes, err = tx.newRecovery(actor.Staff.ID)
		return err
	})
	return codes, err
}

func (c *change) newRecovery(staffID string) ([]string, error) {
	if err := c.Where("staff_id = ?", staffID).Delete(&recoveryRow{}).Error; err != nil {
		return nil, err
	}
	codes := clinic.NewRecoveryCodes()
	for _, code := range codes {
		terms, err := c.store.recoveryTerms(staffID, code)
		if err != nil {
			return nil, err
		}
		if err := c.Create(&recoveryRow{StaffID: staffID, Term: terms[0], KeyID: c.store.keyring.IndexKeyID()}).Error; err != nil {
			return nil, err
		}
	}
	return codes, nil
}

// RemoveApp takes the app of whoever acts away, with the recovery codes if nothing else is left for which they are.
func (s *Store) RemoveApp(ctx context.Context, actor clinic.Actor) error {
	return s.change(ctx, "RemoveApp", actor, func(tx *change) error {
		tx.aboutStaff(actor.Staff.ID)
		if err := tx.Where("staff_id = ?", actor.Staff.ID).Delete(&totpRow{}).Error; err != nil {
			return err
		}
		return tx.dropIdleRecovery(actor.Staff.ID)
	})
}

// dropIdleRecovery takes recovery codes away from whoever has no second factor, and counts their sessions as without one.
func (c *change) dropIdleRecovery(staffID string) error {
	if none, err := c.lacksSecond(staffID); err != nil || !none {
		return err
	}
	if err := c.Where("staff_id = ?", staffID).Delete(&recoveryRow{}).Error; err != nil {
		return err
	}
	return c.Exec("UPDATE sessions SET second_factor = ? WHERE staff_id = ?", false, staffID).Error
}

// RemoveSecondFactors takes everything away that an account has besides its password, for whoever has lost it, and ends its sessions.
func (s *Store) RemoveSecondFactors(ctx context.Context, actor clinic.Actor, staffID string) error {
	if err := mayManageStaff(actor); err != nil {
		return err
	}
	return s.change(ctx, "RemoveSecondFactors", actor, func(tx *change) error {
		tx.aboutStaff(staffID)
		var there int64
		if err := tx.Model(&staffRow{}).Where("id = ?", staffID).Count(&there).Error; err != nil {
			return err
		}
		if there == 0 {
			return NotFound()
		}
		for _, table := range []any{&totpRow{}, &passkeyRow{}, &recoveryRow{}, &sessionRow{}, &signInRow{}} {
			if err := tx.Where("staff_id = ?", staffID).Delete(table).Error; err != nil {
				return err
			}
		}
		return tx.forgetSecond(staffID)
	})
}
