package store

import (
	"context"
	"strconv"

	"madoguchi/internal/clinic"
	"madoguchi/internal/passkey"
)

// AskForPasskey is what a browser needs to sign somebody in with a passkey and nothing else. holder is the token of its cookie.
func (s *Store) AskForPasskey(ctx context.Context, visitor clinic.Actor, at passkey.Site, holder string) (options []byte, err error) {
	q, err := at.AskAnybody()
	if err != nil {
		return nil, wrap("AskForPasskey", err)
	}
	return q.Options, s.ask(ctx, visitor, holder, askedToSignIn, q)
}

// SignInWithPasskey starts the session of whoever has shown a passkey that has looked who holds it, which counts as password and second factor.
// Answers are counted by the network address before they are looked at, and those that hold are taken back.
func (s *Store) SignInWithPasskey(ctx context.Context, visitor clinic.Actor, at passkey.Site, holder, answer string, in clinic.Browser, before string) (session string, err error) {
	kept, err := s.takeQuestion(ctx, visitor, holder, askedToSignIn)
	if err != nil {
		return "", err
	}
	subject, err := s.keyring.BlindIndex("sign-in-passkey", visitor.Client)
	if err != nil {
		return "", err
	}
	tries := 0
	err = s.change(ctx, "TrySignIn", visitor, func(tx *change) error {
		tries, err = tx.countAttempt(subject, clinic.SignInWindow)
		return err
	})
	if err != nil {
		return "", err
	}
	if tries > clinic.PasskeyTries {
		return "", &clinic.Error{Code: clinic.TooMany, Field: passkeyField, Message: "office.signin.many", Args: map[string]string{"Minutes": strconv.Itoa(int(clinic.SignInWindow.Minutes()))}}
	}
	staff, err := s.passkeyStaff(ctx, answer)
	if err != nil {
		return "", s.refusedVisitor(ctx, visitor, err)
	}
	row, err := s.showPasskey(ctx, staff, at, kept, answer)
	if err != nil {
		return "", s.refusedPasskey(ctx, staff, err)
	}
	err = s.change(ctx, "SignInWithPasskey", clinic.StaffActor(staff), func(tx *change) error {
		tx.noted = []noted{{action: clinic.SignIn}}
		if err := tx.usePasskey(row); err != nil {
			return err
		}
		if err := tx.Exec("UPDATE sign_in_failures SET failures = failures - 1 WHERE subject = ? AND failures > 0", subject).Error; err != nil {
			return err
		}
		if err := tx.endSession(before); err != nil {
			return err
		}
		session, err = tx.startSession(staff.ID, in, true)
		return err
	})
	if err != nil {
		return "", s.refusedPasskey(ctx, staff, err)
	}
	return session, nil
}

// passkeyStaff is whose passkey an answer says that it is of. A closed account has none.
func (s *Store) passkeyStaff(ctx context.Context, answer string) (clinic.Staff, error) {
	id, err := passkey.KeyOf(answer)
	if err != nil {
		return clinic.Staff{}, passkeyProblem(err)
	}
	staff, err := s.staff(ctx, s.reader(ctx).Where("active AND id IN (SELECT staff_id FROM passkeys WHERE credential_id = ?)", id))
	if clinic.CodeOf(err) == clinic.NotFound {
		err = passkeyUnknown()
	}
	return staff, err
}

// refusedVisitor writes into the audit log that somebody could not sign in of whom nothing is known.
func (s *Store) refusedVisitor(ctx context.Context, visitor clinic.Actor, err error) error {
	if clinic.CodeOf(err) != clinic.Invalid {
		return err
	}
	problem := s.change(ctx, "NoteSignIn", visitor, func(tx *change) error {
		tx.noted = []noted{{action: clinic.SignIn, result: string(clinic.Unauthorized)}}
		return nil
	})
	if problem != nil {
		return problem
	}
	return err
}

// AskForSecond is what a browser needs to show a passkey of whoever goes on with a token after their password.
func (s *Store) AskForSecond(ctx context.Context, at passkey.Site, token string) (options []byte, err error) {
	staff, err := s.SigningIn(ctx, token)
	if err != nil {
		return nil, err
	}
	return s.askPerson(ctx, staff, at, token, askedSecond)
}

// askPerson asks somebody for one of their passkeys.
func (s *Store) askPerson(ctx context.Context, staff clinic.Staff, at passkey.Site, holder string, kind askedFor) ([]byte, error) {
	person, err := s.keyOwner(ctx, staff)
	if err != nil {
		return nil, wrap("AskForPasskey", err)
	}
	if len(person.Keys) == 0 {
		return nil, NotFound()
	}
	q, err := at.Ask(person, kind == askedProof)
	if err != nil {
		return nil, wrap("AskForPasskey", err)
	}
	return q.Options, s.ask(ctx, clinic.StaffActor(staff), holder, kind, q)
}

// FinishWithPasskey starts the session of who goes on with a token, if they have shown a passkey of theirs. The token is used up with it.
func (s *Store) FinishWithPasskey(ctx context.Context, at passkey.Site, token, answer string, in clinic.Browser, before string) (session string, err error) {
	staff, err := s.SigningIn(ctx, token)
	if err != nil {
		return "", err
	}
	actor := clinic.StaffActor(staff)
	kept, err := s.takeQuestion(ctx, actor, token, askedSecond)
	if err != nil {
		return "", err
	}
	row, err := s.showPasskey(ctx, staff, at, kept, answer)
	if err != nil {
		return "", s.refusedPasskey(ctx, staff, err)
	}
	err = s.change(ctx, "FinishSignIn", actor, func(tx *change) error {
		tx.noted = []noted{{action: clinic.SignIn}}
		used := tx.Where("token_hash = ?", clinic.TokenHash(token)).Delete(&signInRow{})
		if used.Error != nil {
			return used.Error
		}
		if used.RowsAffected == 0 {
			return unauthorized()
		}
		if err := tx.usePasskey(row); err != nil {
			return err
		}
		if err := tx.endSession(before); err != nil {
			return err
		}
		session, err = tx.startSession(staff.ID, in, true)
		return err
	})
	if err != nil {
		return "", s.refusedPasskey(ctx, staff, err)
	}
	return session, nil
}

// AskForProof is what a browser needs to show a passkey of whoever acts, in the session with a token.
func (s *Store) AskForProof(ctx context.Context, actor clinic.Actor, at passkey.Site, token string) (options []byte, err error) {
	return s.askPerson(ctx, actor.Staff, at, token, askedProof)
}

// ProveWithPasskey notes that whoever has a session has just shown a passkey that has looked who holds it.
func (s *Store) ProveWithPasskey(ctx context.Context, actor clinic.Actor, at passkey.Site, token, answer string) error {
	kept, err := s.takeQuestion(ctx, actor, token, askedProof)
	if err != nil {
		return err
	}
	row, err := s.showPasskey(ctx, actor.Staff, at, kept, answer)
	if err == nil {
		err = s.change(ctx, "ProveSession", actor, func(tx *change) error {
			if err := tx.usePasskey(row); err != nil {
				return err
			}
			return tx.proveSession(actor, token)
		})
	}
	if err != nil {
		return s.refusedPasskey(ctx, actor.Staff, err)
	}
	return nil
}
