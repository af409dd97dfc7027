package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// A relocation brings the clinic from SQLite to PostgreSQL. Its mark is a row among the settings of either database:
//
//	SQLite                  PostgreSQL
//	none: takes bookings    none
//	none: takes bookings    arriving: has everything and is not opened
//	moved: for ever closed  arriving
//	moved                   arrived: takes bookings
//
// Each line follows from the one above by one commit, so that wherever it is interrupted, never do both take bookings.
const moveSetting = "move"

const (
	markMoved    = "moved"
	markArriving = "arriving"
	markArrived  = "arrived"
)

// mark is the value of the row.
type mark struct {
	State  string `json:"state"`
	Clinic string `json:"clinic"` // which clinic moves: clinicOf
	To     string `json:"to"`     // the address without its password
}

func parseMark(text []byte) (m mark, err error) {
	if len(text) == 0 {
		return m, nil
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("the mark of a move: %w", err)
	}
	return m, nil
}

func (m mark) text() []byte {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // three texts
	}
	return text
}

// clinicOf names a clinic by the probe of its keys, which no other has.
func clinicOf(probe []byte) string {
	sum := sha256.Sum256(probe)
	return hex.EncodeToString(sum[:8])
}

// markOf is the mark of an opened database; zero where it has none.
func (s *Store) markOf(ctx context.Context) (mark, error) {
	var row settingRow
	err := one(s.reader(ctx).Where("name = ?", moveSetting), &row)
	if err != nil && clinic.CodeOf(err) != clinic.NotFound {
		return mark{}, err
	}
	return parseMark(row.Value)
}

// MustBeHome refuses a database that must not be worked with, because the clinic has moved from it or has not yet arrived in it. It is asked
// after Unlock, which a relocation waits for, or which waits for it.
func (s *Store) MustBeHome(ctx context.Context) error {
	m, err := s.markOf(ctx)
	if err != nil {
		return err
	}
	switch m.State {
	case markMoved:
		return fmt.Errorf("the clinic has moved from this database to %s, and nothing more is written here: set MADOGUCHI_DATABASE to that; "+
			"if the move was interrupted, madoguchi move finishes it", m.To)
	case markArriving:
		return errors.New("a clinic is being moved into this database and has not arrived: run madoguchi move again, with the settings it was begun with")
	}
	return nil
}

// movingFile lies beside a SQLite database and is locked while the clinic moves. It is a courtesy, so that writers are refused at once and do not
// wait for the lock of the database, which is what really keeps them out. One that nobody has locked says nothing.
func movingFile(path string) string { return path + "-moving" }

// isMoving reports whether a relocation of a SQLite file is under way.
func isMoving(path string) bool {
	f, err := os.Open(movingFile(path))
	if err != nil {
		return false
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	_ = f.Close() // which gives the lock back
	return errors.Is(err, syscall.EWOULDBLOCK)
}

// MustNotMove refuses to begin work on a database that is being moved just now, which would wait for it.
func MustNotMove(address string) error {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok && isMoving(path) {
		return errors.New("the clinic is being moved from it to PostgreSQL just now: wait until madoguchi move has ended")
	}
	return nil
}

// lockMoving lets one relocation of a file run at a time, and tells writers of it.
func lockMoving(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(movingFile(path), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	release, err := lock(f, syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.New("the clinic is being moved already, by another process")
	}
	if err != nil {
		return nil, err
	}
	return func() error {
		defer release()
		return os.Remove(movingFile(path))
	}, nil
}

func movingError() error {
	return &clinic.Error{Code: clinic.Unavailable, Message: "error.moving"}
}

// mustNotHaveMoved refuses a change of a database from which the clinic has moved. It is asked inside of the transaction of every change on
// SQLite, because a server that was running goes on reading. The one mark that SQLite ever has says so.
func mustNotHaveMoved(tx *gorm.DB) error {
	var marks int
	err := tx.Statement.ConnPool.QueryRowContext(tx.Statement.Context, "SELECT COUNT(*) FROM settings WHERE name = ?", moveSetting).Scan(&marks)
	if err == nil && marks > 0 {
		return movingError()
	}
	return err
}
