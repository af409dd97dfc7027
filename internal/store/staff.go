package store

import (
	"context"
	"crypto/subtle"
	"strconv"
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
	p.ID, p.Active = clinic.NewID(), true
	sealed, err := s.keyring.Seal(seal.Contact, staffAD(p.ID), storeStaff(p))
	if err != nil {
		return p, err
	}
	terms, err := s.staffTerms(p.Email)
	if err != nil {
		return p, err
	}
	err = s.change(ctx, "AddStaff", actor, func(tx *change) error {
		p.CreatedAt = tx.now
		row := staffRow{p.ID, p.Role, nil, p.EveryBranch, terms[0], p.PasswordHash, p.Active, sealed, p.CreatedAt}
		if p.DoctorID != "" {
			row.DoctorID = &p.DoctorID
		}
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
		for _, id := range p.Branches {
			err := tx.Create(&staffBranchRow{p.ID, id}).Error
			if isConstraint(err, "FOREIGN KEY", "staff_branches_branch_id_fkey") {
				return &clinic.Error{Code: clinic.Invalid, Field: "branches", Message: "error.choose"}
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	switch {
	case isConstraint(err, "staff_email_term_key", "staff.email_term"):
		return p, &clinic.Error{Code: clinic.Conflict, Field: "email", Message: "error.staff.email"}
	case isConstraint(err, "FOREIGN KEY", "staff_doctor_id_fkey"):
		return p, &clinic.Error{Code: clinic.Invalid, Field: "doctor_id", Message: "error.staff.doctor"}
	}
	return p, err
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
			var failures int
			err := tx.Raw(`INSERT INTO sign_in_failures (failures, subject, ends_at) VALUES (1, ?, ?)
				ON CONFLICT (subject) DO UPDATE SET
					failures = CASE WHEN sign_in_failures.ends_at <= ? THEN 1 ELSE sign_in_failures.failures + 1 END,
					ends_at = CASE WHEN sign_in_failures.ends_at <= ? THEN excluded.ends_at ELSE sign_in_failures.ends_at END
				RETURNING failures`, subject.term, tx.now.Add(clinic.SignInWindow), tx.now, tx.now).Scan(&failures).Error
			if err != nil {
				return err
			}
			allowed = allowed && failures <= subject.most
		}
		return nil
	})
	return allowed && err == nil, err
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
		if err := tx.Exec("DELETE FROM sign_in_failures WHERE subject = ?", subjects[0].term).Error; err != nil {
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
	term, err := s.keyring.BlindIndex("sign-in-account", account)
	if err != nil {
		return nil, err
	}
	client, err := s.keyring.BlindIndex("sign-in-address", visitor.Client)
	return []signInSubject{{term, clinic.SignInsPerAccount}, {client, clinic.SignInsPerAddress}}, err
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
