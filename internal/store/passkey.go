package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/passkey"
	"madoguchi/internal/seal"
)

// passkeyRow is a passkey of somebody, with its name sealed.
type passkeyRow struct {
	ID           string
	StaffID      string
	CredentialID []byte
	PublicKey    []byte
	SignCount    int64
	Synced       bool
	Transports   string // words with a space between
	Sealed       []byte
	CreatedAt    time.Time
	UsedAt       *time.Time
}

// TableName is the table of passkeyRow.
func (passkeyRow) TableName() string { return "passkeys" }

func passkeyAD(id string) seal.AssociatedData { return seal.AssociatedData{Table: "passkeys", ID: id} }

func (r passkeyRow) key() passkey.Key {
	return passkey.Key{ID: r.CredentialID, PublicKey: r.PublicKey, Count: uint32(r.SignCount), Synced: r.Synced, Transports: strings.Fields(r.Transports)}
}

// passkeys are those of somebody, the latest first.
func (s *Store) passkeys(db *gorm.DB, staffID string) (all []clinic.Passkey, err error) {
	var rows []passkeyRow
	if err := db.Where("staff_id = ?", staffID).Order("created_at DESC, id").Find(&rows).Error; err != nil {
		return nil, asUnavailable(err)
	}
	for _, row := range rows {
		var stored storedPasskey
		if err := s.keyring.Open(seal.Contact, passkeyAD(row.ID), row.Sealed, &stored); err != nil {
			return nil, err
		}
		p := stored.passkey()
		p.ID, p.CreatedAt, p.UsedAt = row.ID, row.CreatedAt.UTC(), utcOrNil(row.UsedAt)
		all = append(all, p)
	}
	return all, nil
}

func utcOrNil(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	utc := at.UTC()
	return &utc
}

// keyOwner is a member of staff as their passkeys know them: by an id that is random.
func (s *Store) keyOwner(ctx context.Context, staff clinic.Staff) (passkey.Person, error) {
	person := passkey.Person{Handle: staff.ID, Name: staff.Email, Called: staff.Name}
	var rows []passkeyRow
	err := s.reader(ctx).Where("staff_id = ?", staff.ID).Order("created_at, id").Find(&rows).Error
	for _, row := range rows {
		person.Keys = append(person.Keys, row.key())
	}
	return person, asUnavailable(err)
}

// mayAddPasskey refuses another passkey with a name to somebody who has too many, or one of that name.
func (s *Store) mayAddPasskey(db *gorm.DB, staffID, name string) error {
	have, err := s.passkeys(db, staffID)
	if err != nil {
		return err
	}
	return cmp.Or(clinic.CheckPasskeysFull(have), clinic.CheckPasskeyTaken(name, "", have))
}

// AskToAddPasskey is what a browser needs to make another passkey, which gets a name, for whoever acts. holder is the token of their session. What AddPasskey
// would refuse is refused before a device has made anything.
func (s *Store) AskToAddPasskey(ctx context.Context, actor clinic.Actor, at passkey.Site, holder, name string) (options []byte, err error) {
	if err := s.mayAddPasskey(s.reader(ctx), actor.Staff.ID, name); err != nil {
		return nil, wrap("AskToAddPasskey", err)
	}
	person, err := s.keyOwner(ctx, actor.Staff)
	if err != nil {
		return nil, wrap("AskToAddPasskey", err)
	}
	q, err := at.AskToAdd(person)
	if err != nil {
		return nil, wrap("AskToAddPasskey", err)
	}
	return q.Options, s.ask(ctx, actor, holder, askedToAdd, q)
}

// AddPasskey keeps a passkey that a browser has just made for whoever acts. Their other sessions end, and the one they have counts as having
// shown it. They get recovery codes if they had no second factor before.
func (s *Store) AddPasskey(ctx context.Context, actor clinic.Actor, at passkey.Site, holder, name, answer string, in clinic.Browser) (token string, recovery []string, err error) {
	if err := s.mayAddPasskey(s.reader(ctx), actor.Staff.ID, name); err != nil {
		return "", nil, wrap("AddPasskey", err)
	}
	kept, err := s.takeQuestion(ctx, actor, holder, askedToAdd)
	if err != nil {
		return "", nil, err
	}
	person, err := s.keyOwner(ctx, actor.Staff)
	if err != nil {
		return "", nil, wrap("AddPasskey", err)
	}
	key, err := at.Added(kept, person, answer)
	if err != nil {
		return "", nil, passkeyProblem(err)
	}
	err = s.change(ctx, "AddPasskey", actor, func(tx *change) error {
		tx.aboutStaff(actor.Staff.ID)
		first, err := tx.lacksSecond(actor.Staff.ID)
		if err != nil {
			return err
		}
		if err := s.mayAddPasskey(tx.DB, actor.Staff.ID, name); err != nil { // once more, because another tab may have added one meanwhile
			return err
		}
		row := passkeyRow{
			ID: clinic.NewID(), StaffID: actor.Staff.ID, CredentialID: key.ID, PublicKey: key.PublicKey, SignCount: int64(key.Count), Synced: key.Synced,
			Transports: strings.Join(key.Transports, " "), CreatedAt: tx.now,
		}
		if row.Sealed, err = s.keyring.Seal(seal.Contact, passkeyAD(row.ID), storePasskey(clinic.Passkey{Name: name})); err != nil {
			return err
		}
		err = tx.Create(&row).Error
		if isConstraint(err, "credential_id") {
			return passkeyRefused(clinic.Conflict, "error.passkey.twice")
		}
		if err != nil {
			return err
		}
		token, recovery, err = tx.beginAnew(actor.Staff.ID, in, first)
		return err
	})
	return token, recovery, err
}

// RenamePasskey gives a passkey of whoever acts another name.
func (s *Store) RenamePasskey(ctx context.Context, actor clinic.Actor, id, name string) error {
	return s.change(ctx, "RenamePasskey", actor, func(tx *change) error {
		tx.aboutStaff(actor.Staff.ID)
		if _, err := tx.lacksSecond(actor.Staff.ID); err != nil { // changes of what somebody has wait for one another
			return err
		}
		have, err := s.passkeys(tx.DB, actor.Staff.ID)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(have, func(p clinic.Passkey) bool { return p.ID == id })
		if at < 0 {
			return NotFound()
		}
		if err := clinic.CheckPasskeyTaken(name, id, have); err != nil {
			return err
		}
		if have[at].Name == name {
			tx.nothing = true
			return nil
		}
		sealed, err := s.keyring.Seal(seal.Contact, passkeyAD(id), storePasskey(clinic.Passkey{Name: name}))
		if err != nil {
			return err
		}
		return tx.Exec("UPDATE passkeys SET sealed = ? WHERE id = "+aText+" AND staff_id = ?", sealed, id, actor.Staff.ID).Error
	})
}

// RemovePasskey takes a passkey of whoever acts away, with the recovery codes if nothing else is left for which they are.
func (s *Store) RemovePasskey(ctx context.Context, actor clinic.Actor, id string) error {
	return s.change(ctx, "RemovePasskey", actor, func(tx *change) error {
		tx.aboutStaff(actor.Staff.ID)
		removed := tx.Where("id = "+aText+" AND staff_id = ?", id, actor.Staff.ID).Delete(&passkeyRow{})
		if removed.Error != nil {
			return removed.Error
		}
		if removed.RowsAffected == 0 {
			return NotFound()
		}
		return tx.dropIdleRecovery(actor.Staff.ID)
	})
}

// showPasskey checks what the passkey of a person has answered to a question, and returns the key with the count that it has now.
func (s *Store) showPasskey(ctx context.Context, staff clinic.Staff, at passkey.Site, kept []byte, answer string) (row passkeyRow, err error) {
	id, err := passkey.KeyOf(answer)
	if err != nil {
		return row, passkeyProblem(err)
	}
	err = one(s.reader(ctx).Where("credential_id = ? AND staff_id = ?", id, staff.ID), &row)
	if clinic.CodeOf(err) == clinic.NotFound {
		return row, passkeyUnknown()
	}
	if err != nil {
		return row, err
	}
	person, err := s.keyOwner(ctx, staff)
	if err != nil {
		return row, err
	}
	count, err := at.Shown(kept, person, answer)
	if err != nil {
		return row, passkeyProblem(err)
	}
	row.SignCount = int64(count)
	return row, nil
}

// errBehind says that a key has counted less than it had before.
var errBehind = errors.New("a passkey's count went back")

// usePasskey notes that a passkey was shown. Of a key that counts, each count is taken once, and none of before.
func (c *change) usePasskey(row passkeyRow) error {
	used := c.Exec("UPDATE passkeys SET sign_count = ?, used_at = ? WHERE id = ? AND (sign_count < ? OR sign_count = 0 AND ? = 0)",
		row.SignCount, c.now, row.ID, row.SignCount, row.SignCount)
	if used.Error != nil || used.RowsAffected == 1 {
		return used.Error
	}
	if err := one(c.Where("id = ?", row.ID), &passkeyRow{}); clinic.CodeOf(err) == clinic.NotFound { // taken away a moment ago
		return passkeyUnknown()
	} else if err != nil {
		return err
	}
	return errBehind
}

// refusedPasskey writes into the audit log that somebody's passkey was refused, and why if its count went back, which means that there may be a copy.
func (s *Store) refusedPasskey(ctx context.Context, staff clinic.Staff, err error) error {
	actor := clinic.StaffActor(staff)
	if errors.Is(err, errBehind) {
		problem := s.change(ctx, "RefusePasskey", actor, func(tx *change) error {
			tx.aboutStaff(staff.ID)
			return nil
		})
		if problem != nil {
			return problem
		}
		err = passkeyRefused(clinic.Invalid, "error.passkey.behind")
	}
	if clinic.CodeOf(err) != clinic.Invalid {
		return err
	}
	if problem := s.noteSecond(ctx, actor, clinic.Unauthorized); problem != nil {
		return problem
	}
	return err
}

// passkeyField is the field in which a browser sends what a passkey has answered.
const passkeyField = "passkey"

func passkeyRefused(code clinic.Code, message string) error {
	return &clinic.Error{Code: code, Field: passkeyField, Message: message}
}

func passkeyUnknown() error { return passkeyRefused(clinic.Invalid, "error.passkey.unknown") }

// passkeyProblem is what a person is told of an answer that does not hold.
func passkeyProblem(err error) error {
	switch {
	case errors.Is(err, passkey.ErrOrigin):
		return passkeyRefused(clinic.Invalid, "error.passkey.origin")
	case errors.Is(err, passkey.ErrWrong):
		return passkeyRefused(clinic.Invalid, "error.passkey.wrong")
	}
	return err
}
