package store

import (
	"context"
	"time"

	"madoguchi/internal/clinic"
)

// signInRow is somebody whose password was right and who still has to show a second factor.
type signInRow struct {
	TokenHash []byte
	StaffID   string
	CreatedAt time.Time
}

// TableName is the table of signInRow.
func (signInRow) TableName() string { return "sign_ins" }

// BeginSignIn notes that somebody's password was right, and returns the token by which they go on to their second factor.
func (s *Store) BeginSignIn(ctx context.Context, staff clinic.Staff) (token string, err error) {
	token = clinic.NewToken()
	err = s.change(ctx, "BeginSignIn", clinic.StaffActor(staff), func(tx *change) error {
		err := tx.Create(&signInRow{clinic.TokenHash(token), staff.ID, tx.now}).Error
		if isConstraint(err, "sessions_have_an_account") {
			err = unauthorized()
		}
		return err
	})
	return token, err
}

// SigningIn is who goes on to their second factor with a token, or Unauthorized.
func (s *Store) SigningIn(ctx context.Context, token string) (clinic.Staff, error) {
	staff, err := s.staff(ctx, s.reader(ctx).Where("active AND id IN (SELECT staff_id FROM sign_ins WHERE token_hash = ? AND created_at > ?)",
		clinic.TokenHash(token), s.now().Add(-clinic.SignInLife)))
	if clinic.CodeOf(err) == clinic.NotFound {
		err = unauthorized()
	}
	return staff, wrap("SigningIn", err)
}

// FinishSignIn starts the session of who goes on with a token, if the code is theirs: one of their app, or a recovery code. The code and
// the token are used up with it, so that of many at once one gets a session. Codes are counted before they are looked at.
func (s *Store) FinishSignIn(ctx context.Context, token, code string, in clinic.Browser, before string) (session string, err error) {
	staff, err := s.SigningIn(ctx, token)
	if err != nil {
		return "", err
	}
	actor := clinic.StaffActor(staff)
	allowed, err := s.trySecond(ctx, actor)
	if err != nil {
		return "", err
	}
	if !allowed {
		if err := s.noteSecond(ctx, actor, clinic.TooMany); err != nil {
			return "", err
		}
		return "", secondTooMany()
	}
	totp, recovery := clinic.ReadCode(code)
	err = s.change(ctx, "FinishSignIn", actor, func(tx *change) error {
		tx.noted = []noted{{action: clinic.SignIn}}
		used := tx.Where("token_hash = ?", clinic.TokenHash(token)).Delete(&signInRow{})
		if used.Error != nil {
			return used.Error
		}
		if used.RowsAffected == 0 {
			return unauthorized()
		}
		ok, err := tx.takeCode(staff.ID, totp, recovery)
		if err != nil {
			return err
		}
		if !ok {
			return secondWrong()
		}
		if err := tx.forgetSecond(staff.ID); err != nil {
			return err
		}
		if err := tx.endSession(before); err != nil {
			return err
		}
		session, err = tx.startSession(staff.ID, in, true)
		return err
	})
	if clinic.CodeOf(err) == clinic.Invalid {
		if err := s.noteSecond(ctx, actor, clinic.Unauthorized); err != nil {
			return "", err
		}
	}
	return session, err
}

// noteSecond writes into the audit log that somebody whose password was right could not show their second factor.
func (s *Store) noteSecond(ctx context.Context, actor clinic.Actor, code clinic.Code) error {
	return s.change(ctx, "NoteSignIn", actor, func(tx *change) error {
		tx.noted = []noted{{action: clinic.SignIn, result: string(code), once: code == clinic.TooMany}}
		return nil
	})
}

func (c *change) takeCode(staffID, totp, recovery string) (bool, error) {
	switch {
	case totp != "":
		return c.takeTOTP(staffID, totp, true)
	case recovery != "":
		return c.takeRecovery(staffID, recovery)
	}
	return false, nil
}

// trySecond counts one code against an account and reports whether it may be looked at.
func (s *Store) trySecond(ctx context.Context, actor clinic.Actor) (allowed bool, err error) {
	subject, err := s.secondSubject(actor.Staff.ID)
	if err != nil {
		return false, err
	}
	err = s.change(ctx, "trySecond", actor, func(tx *change) error {
		tries, err := tx.countAttempt(subject, clinic.SecondFactorWindow)
		allowed = tries <= clinic.SecondFactorTries
		return err
	})
	return allowed && err == nil, err
}

func (c *change) forgetSecond(staffID string) error {
	subject, err := c.store.secondSubject(staffID)
	if err != nil {
		return err
	}
	return c.forgetAttempts(subject)
}
