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

	auditKeySetting = "audit-key"
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

// Unlock loads the keys from a file and proves that they open this database. When the database holds nothing sealed yet
// and there is no file, it makes new keys. A database that was sealed with other keys is refused with
// ErrKeys: everything written from then on would be readable to nobody.
func (s *Store) Unlock(ctx context.Context, keyFile string) (KeysAre, error) {
	keys := KeysOlder
	keyring, err := seal.LoadFile(keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		var probes int64
		if err := s.reader(ctx).Model(&settingRow{}).Where("name = ?", probeSetting).Count(&probes).Error; err != nil {
			return KeysKnown, fmt.Errorf("unlock: %w", asUnavailable(err))
		}
		if probes > 0 {
			return KeysKnown, fmt.Errorf("%w, but there is no key file at %s", ErrKeys, keyFile)
		}
		keys = KeysMade
		if keyring, err = seal.CreateFile(keyFile); errors.Is(err, fs.ErrExist) {
			keys = KeysKnown
			keyring, err = seal.LoadFile(keyFile) // another process made it just now
		}
	}
	if err != nil {
		return KeysKnown, fmt.Errorf("unlock: %w", err)
	}
	first, err := s.unlock(ctx, keyring, keyFile)
	if keys == KeysOlder && !first {
		keys = KeysKnown
	}
	return keys, err
}

// unlock leaves a probe of the keys in a new database, and says that it was the first, and holds the keys against that of any other.
// Two processes that both found the database new agree on the first probe; the second one's keys are refused unless they are the same.
func (s *Store) unlock(ctx context.Context, keyring *seal.Keyring, keyFile string) (first bool, err error) {
	probe, err := keyring.Probe()
	if err != nil {
		return false, fmt.Errorf("unlock: %w", err)
	}
	var row settingRow
	db := s.write.WithContext(ctx)
	q := db.Clauses(clause.OnConflict{DoNothing: true}).Create(&settingRow{probeSetting, probe, 1})
	err = q.Error
	if err == nil {
		err = db.Where("name = ?", probeSetting).Take(&row).Error
	}
	if err != nil {
		return false, fmt.Errorf("unlock: %w", asUnavailable(err))
	}
	if err := keyring.CheckProbe(row.Value); err != nil {
		return false, fmt.Errorf("%w, and the key file %s does not open it (%w)", ErrKeys, keyFile, err)
	}
	s.keyring = keyring
	return q.RowsAffected == 1, s.unlockAudit(db)
}

// unlockAudit reads the key of the codes in the audit log, and makes it in a database that has none. It is sealed in the database and not among the keys
// of the file, so that it stays the same when those are replaced: what was written before must be verified for years.
func (s *Store) unlockAudit(db *gorm.DB) error {
	at := seal.AssociatedData{Table: "settings", ID: auditKeySetting}
	made := make([]byte, sha256.Size)
	_, _ = rand.Read(made) // it never fails
	sealed, err := s.keyring.Seal(seal.Contact, at, made)
	if err != nil {
		return err
	}
	var row settingRow
	err = db.Clauses(clause.OnConflict{DoNothing: true}).Create(&settingRow{auditKeySetting, sealed, 1}).Error
	if err == nil {
		err = db.Where("name = ?", auditKeySetting).Take(&row).Error
	}
	if err != nil {
		return fmt.Errorf("unlock: %w", asUnavailable(err))
	}
	return s.keyring.Open(seal.Contact, at, row.Value, &s.auditKey)
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
