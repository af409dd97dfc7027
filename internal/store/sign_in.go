package store

import (
	"context"
	"crypto/subtle"
	"strconv"
	"strings"
	"time"

	"madoguchi/internal/clinic"
)

// TrySignIn counts one attempt against an account and the visitor's network address and reports whether it may go on to the
// password. The attempt is counted before the password is looked at, so that many at once cannot all pass the limit.
//
// device is what NewDevice made for the account when somebody signed in on this browser before; an attempt that comes with it is
// counted against the browser and nothing else, so that nobody else's wrong passwords keep its owner out (OWASP, "Slow Down
// Online Guessing Attacks with Device Cookies"). Anything else counts as none.
func (s *Store) TrySignIn(ctx context.Context, visitor clinic.Actor, email, device string) (bool, error) {
	known, err := s.KnowsDevice(ctx, email, device)
	if err != nil {
		return false, err
	}
	subjects, err := s.signInSubjects(visitor, email, device, known)
	if err != nil {
		return false, err
	}
	var allowed bool
	err = s.change(ctx, "TrySignIn", visitor, func(tx *change) error {
		allowed = true
		for _, subject := range subjects {
			failures, err := tx.countAttempt(subject.term, clinic.SignInWindow)
			if err != nil {
				return err
			}
			allowed = allowed && failures <= subject.most
		}
		return nil
	})
	return allowed && err == nil, err
}

// countAttempt counts one attempt against a subject, and returns how many there were within the time, this one included.
func (c *change) countAttempt(subject []byte, within time.Duration) (failures int, err error) {
	err = c.Raw(`INSERT INTO sign_in_failures (failures, subject, ends_at) VALUES (1, ?, ?)
		ON CONFLICT (subject) DO UPDATE SET
			failures = CASE WHEN sign_in_failures.ends_at <= ? THEN 1 ELSE sign_in_failures.failures + 1 END,
			ends_at = CASE WHEN sign_in_failures.ends_at <= ? THEN excluded.ends_at ELSE sign_in_failures.ends_at END
		RETURNING failures`, subject, c.now.Add(within), c.now, c.now).Scan(&failures).Error
	return failures, err
}

// forgetAttempts begins to count anew.
func (c *change) forgetAttempts(subjects ...[]byte) error {
	return c.Exec("DELETE FROM sign_in_failures WHERE subject IN ?", subjects).Error
}

// PassSignIn takes back what TrySignIn counted, because the password was right. The device that was shown is spent with that: the
// browser gets another, and whoever has copied the one before has nothing.
func (s *Store) PassSignIn(ctx context.Context, visitor clinic.Actor, email, device string) error {
	known, err := s.KnowsDevice(ctx, email, device)
	if err != nil {
		return err
	}
	subjects, err := s.signInSubjects(visitor, email, device, known)
	if err != nil {
		return err
	}
	spent, err := s.spentDevice(email, device)
	if err != nil {
		return err
	}
	return s.change(ctx, "PassSignIn", visitor, func(tx *change) error {
		if err := tx.forgetAttempts(subjects[0].term); err != nil {
			return err
		}
		if known {
			if err := tx.Exec("INSERT INTO sign_in_failures (failures, subject, ends_at) VALUES (1, ?, ?) ON CONFLICT (subject) DO NOTHING",
				spent, tx.now.Add(clinic.DeviceLife)).Error; err != nil {
				return err
			}
		}
		for _, shared := range subjects[1:] {
			if err := tx.Exec("UPDATE sign_in_failures SET failures = failures - 1 WHERE subject = ? AND failures > 0", shared.term).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// signInSubject is something against which attempts to sign in are counted, and the most that it may have in clinic.SignInWindow.
type signInSubject struct {
	term []byte
	most int
}

// signInSubjects are the blind indexes by which an attempt is counted. The first belongs to whoever knows the password.
func (s *Store) signInSubjects(visitor clinic.Actor, email, device string, known bool) ([]signInSubject, error) {
	account := strings.ToLower(strings.TrimSpace(email))
	if known {
		term, err := s.keyring.BlindIndex("sign-in-device", account+"\x00"+device)
		return []signInSubject{{term, clinic.SignInsPerAccount}}, err
	}
	term, err := s.accountSubject(email)
	if err != nil {
		return nil, err
	}
	client, err := s.keyring.BlindIndex("sign-in-address", visitor.Client)
	return []signInSubject{{term, clinic.SignInsPerAccount}, {client, clinic.SignInsPerAddress}}, err
}

// accountSubject is by what the wrong passwords of an account are counted.
func (s *Store) accountSubject(email string) ([]byte, error) {
	return s.keyring.BlindIndex("sign-in-account", strings.ToLower(strings.TrimSpace(email)))
}

// secondSubject is by what the wrong codes of an account are counted.
func (s *Store) secondSubject(staffID string) ([]byte, error) {
	return s.keyring.BlindIndex("sign-in-second", staffID)
}

// DeviceName names the cookie of an account's device, so that a browser on which several people sign in knows all of them. It
// does not tell whose it is.
func (s *Store) DeviceName(email string) (string, error) {
	name, err := s.keyring.BlindIndexText("sign-in-device-name", strings.ToLower(strings.TrimSpace(email)))
	return "device-" + name, err
}

// NewDevice is what a browser keeps on which an account has just signed in: a random part, when it was made, and a blind index of
// both together with the account's address. It opens nothing.
func (s *Store) NewDevice(email string) (string, error) {
	made := clinic.NewToken() + "." + strconv.FormatInt(s.now().Unix(), 36)
	proof, err := s.deviceProof(email, made)
	return made + "." + proof, err
}

// KnowsDevice reports whether NewDevice made this for the account, not longer than clinic.DeviceLife ago, and nobody has signed in
// with it since: then the browser has got another one in its place, and only a copy is left.
func (s *Store) KnowsDevice(ctx context.Context, email, device string) (bool, error) {
	at, genuine := s.deviceMade(email, device)
	if !genuine || s.now().After(at.Add(clinic.DeviceLife)) {
		return false, nil
	}
	term, err := s.spentDevice(email, device)
	if err != nil {
		return false, err
	}
	var spent int64
	err = s.reader(ctx).Table("sign_in_failures").Where("subject = ?", term).Count(&spent).Error
	return err == nil && spent == 0, asUnavailable(err)
}

// deviceMade is when NewDevice made this for the account, if it did.
func (s *Store) deviceMade(email, device string) (at time.Time, genuine bool) {
	end := strings.LastIndexByte(device, '.')
	if end < 0 {
		return time.Time{}, false
	}
	proof, err := s.deviceProof(email, device[:end])
	if err != nil || subtle.ConstantTimeCompare([]byte(proof), []byte(device[end+1:])) != 1 {
		return time.Time{}, false
	}
	_, seconds, _ := strings.Cut(device[:end], ".")
	made, err := strconv.ParseInt(seconds, 36, 64)
	return time.Unix(made, 0), err == nil
}

// spentDevice is the subject under which it is noted, among the counts of attempts, that somebody has signed in with a device.
func (s *Store) spentDevice(email, device string) ([]byte, error) {
	return s.keyring.BlindIndex("sign-in-device-spent", strings.ToLower(strings.TrimSpace(email))+"\x00"+device)
}

func (s *Store) deviceProof(email, made string) (string, error) {
	return s.keyring.BlindIndexText("sign-in-device-proof", strings.ToLower(strings.TrimSpace(email))+"\x00"+made)
}
