package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// settingRow is a fact about this database.
type settingRow struct {
	Name     string `gorm:"primaryKey"`
	Value    []byte
	Revision int // how often it was saved
}

// TableName is the table of settingRow.
func (settingRow) TableName() string { return "settings" }

const (
	probeSetting = "key-probe"
	demoSetting  = "demo"
)

// ErrKeys says that the database holds sealed data and the key file does not open it.
var ErrKeys = errors.New("the database holds sealed personal data")

// KeysAre is how the key file was found when a database was unlocked.
type KeysAre int

// The ways.
const (
	KeysKnown KeysAre = iota // they open what is there
	KeysMade                 // they are new, as the database is
	KeysOlder                // they were there, and the database is empty: perhaps it is not the one that was meant
)

// Unlock loads the keys from their source, as seal.Load has it, and proves that they open this database. When the database holds nothing
// sealed yet and the source is a file that is not there, it makes new keys. A database that was sealed with other keys is refused with
// ErrKeys: everything written from then on would be readable to nobody.
func (s *Store) Unlock(ctx context.Context, source string) (KeysAre, error) {
	keys := KeysOlder
	seen, file, err := seal.Look(ctx, source)
	if errors.Is(err, fs.ErrNotExist) {
		var probes int64
		if err := s.reader(ctx).Model(&settingRow{}).Where("name = ?", probeSetting).Count(&probes).Error; err != nil {
			return KeysKnown, fmt.Errorf("unlock: %w", asUnavailable(err))
		}
		if probes > 0 {
			return KeysKnown, fmt.Errorf("%w, but there is no key file at %s", ErrKeys, source)
		}
		keys = KeysMade
		if _, err = seal.CreateFile(source, s.now()); errors.Is(err, fs.ErrExist) {
			keys = KeysKnown // another process made it just now
			err = nil
		}
		if err == nil {
			seen, file, err = seal.Look(ctx, source)
		}
	}
	if err != nil {
		return KeysKnown, fmt.Errorf("unlock: %w", err)
	}
	first, err := s.unlock(ctx, file, source)
	if keys == KeysOlder && !first {
		keys = KeysKnown
	}
	if err == nil {
		s.source.Store(&keySource{source, seen})
	}
	return keys, err
}

// unlock leaves a probe of the keys in a new database, and says that it was the first, and holds the keys against that of any other.
// Two processes that both found the database new agree on the first probe; the second one's keys are refused unless they are the same.
func (s *Store) unlock(ctx context.Context, file seal.File, source string) (first bool, err error) {
	keyring, err := file.Keyring()
	if err != nil {
		return false, fmt.Errorf("unlock: %w", err)
	}
	probe, err := keyring.Probe()
	if err != nil {
		return false, fmt.Errorf("unlock: %w", err)
	}
	db := s.write.WithContext(ctx)
	q := db.Clauses(clause.OnConflict{DoNothing: true}).Create(&settingRow{probeSetting, probe, 1})
	if q.Error != nil {
		return false, fmt.Errorf("unlock: %w", asUnavailable(q.Error))
	}
	if err := s.checkProbe(db, keyring, source); err != nil {
		return false, err
	}
	s.keyring = keyring
	return q.RowsAffected == 1, s.unlockAudit(db)
}

// auditKeyRow is the key of the codes in the audit log, sealed.
type auditKeyRow struct {
	ID     string
	Sealed []byte
}

// TableName is the table of auditKeyRow.
func (auditKeyRow) TableName() string { return "audit_keys" }

// auditKeyID is the one there is.
const auditKeyID = "entries"

// unlockAudit reads the key of the codes in the audit log, and makes it in a database that has none. It is sealed in the database and not among the keys
// of the file, so that it stays the same when those are replaced: what was written before must be verified for years.
func (s *Store) unlockAudit(db *gorm.DB) error {
	at := seal.AssociatedData{Table: "audit_keys", ID: auditKeyID}
	made := make([]byte, sha256.Size)
	_, _ = rand.Read(made) // it never fails
	sealed, err := s.keyring.Seal(seal.Contact, at, made)
	if err != nil {
		return err
	}
	var row auditKeyRow
	err = db.Clauses(clause.OnConflict{DoNothing: true}).Create(&auditKeyRow{auditKeyID, sealed}).Error
	if err == nil {
		err = db.Where("id = ?", auditKeyID).Take(&row).Error
	}
	if err != nil {
		return fmt.Errorf("unlock: %w", asUnavailable(err))
	}
	return s.keyring.Open(seal.Contact, at, row.Sealed, &s.auditKey)
}

// checkProbe holds keys against the probe in the database.
func (s *Store) checkProbe(db *gorm.DB, keyring *seal.Keyring, source string) error {
	var row settingRow
	if err := db.Where("name = ?", probeSetting).Take(&row).Error; err != nil {
		return fmt.Errorf("unlock: %w", asUnavailable(err))
	}
	if err := keyring.CheckProbe(row.Value); err != nil {
		return fmt.Errorf("%w, and %s does not open it (%w)", ErrKeys, seal.Name(source), err)
	}
	return nil
}

// MarkDemo says once and for all that this database holds an invented clinic.
func (s *Store) MarkDemo(ctx context.Context) error {
	return s.change(ctx, "MarkDemo", clinic.Job("demo"), func(tx *change) error {
		return tx.Create(&settingRow{demoSetting, []byte("on"), 1}).Error
	})
}

// IsDemo reports whether this database holds an invented clinic.
func (s *Store) IsDemo(ctx context.Context) (bool, error) {
	var n int64
	err := s.reader(ctx).Model(&settingRow{}).Where("name = ?", demoSetting).Count(&n).Error
	return n > 0, asUnavailable(err)
}
