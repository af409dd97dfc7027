package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
	"gorm.io/gorm"
)

// NotReady is why the database cannot do its work.
type NotReady struct {
	Why   string // a line for whoever looks after the clinic's machines
	Cause error
}

// Error is the developer's view.
func (e *NotReady) Error() string { return e.Why + ": " + e.Cause.Error() }

// Unwrap is what the database said.
func (e *NotReady) Unwrap() error { return e.Cause }

// Ready answers a *NotReady when the database cannot do its work: it is away, has not the shape that this program was built
// for, or can be read and not written, as on a full disk. Nobody would notice the last before a patient does, so Ready tries a
// write. It changes no row, and is tried every few seconds at most, however often is asked; in between its result stands, so
// that a disk with room again is ready without a restart.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.reader(ctx).Exec("SELECT 1").Error; err != nil {
		return &NotReady{"the database does not answer", err}
	}
	if m, err := s.markOf(ctx); err == nil && (m.State == markMoved || m.State == markArriving) {
		return &NotReady{"the clinic has moved", errors.New("it is " + m.State)}
	}
	var written error
	if s.engine == postgresEngine || !isMoving(s.path) { // reading goes on meanwhile
		written = s.writable.check(ctx, s)
	}
	migrated, err := s.Migrated(ctx)
	switch {
	case err == nil && !migrated: // which may be why it cannot be written
		return &NotReady{"the database is not migrated", errors.New("migrations are pending")}
	case written != nil:
		return &NotReady{whyNotWritten(written), written}
	case err != nil:
		return &NotReady{"the database does not answer", err}
	}
	return nil
}

const (
	writableFor = 5 * time.Second  // how long the result of a try stands
	writeWithin = 10 * time.Second // how long a try may take; whoever asks waits as long as they like
)

// writable is what came of the latest write that Ready tried.
type writable struct {
	mu     sync.Mutex
	at     time.Time
	err    error
	trying chan struct{} // closed when the try that is under way has ended; nil when none is
}

func (w *writable) check(ctx context.Context, s *Store) error {
	w.mu.Lock()
	if w.trying == nil && (w.at.IsZero() || s.now().Sub(w.at) >= writableFor) {
		w.trying = make(chan struct{})
		go w.try(context.WithoutCancel(ctx), s)
	}
	trying := w.trying
	w.mu.Unlock()
	if trying != nil {
		select {
		case <-trying:
		case <-ctx.Done():
			return fmt.Errorf("wait for a write: %w", ctx.Err())
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// try is not cut off with the one who asked: another may be waiting, and SQLite waits for a lock that somebody else has
// without looking up.
func (w *writable) try(ctx context.Context, s *Store) {
	ctx, cancel := context.WithTimeout(ctx, writeWithin)
	defer cancel()
	err := s.tryWrite(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at, w.err = s.now(), err
	close(w.trying)
	w.trying = nil
}

// tryWrite makes the database write a page to the disk, and changes nothing.
func (s *Store) tryWrite(ctx context.Context) error {
	db := s.write.WithContext(ctx)
	if s.engine == postgresEngine {
		return db.Exec("UPDATE " + versionTable + " SET is_applied = is_applied WHERE id = (SELECT MIN(id) FROM " + versionTable + ")").Error
	}
	if err := mustHaveRoom(s.path); err != nil {
		return err
	}
	// SQLite writes no page whose rows stay as they are. It does write the one with this number, which it keeps for programs
	// and which Madoguchi has no use for.
	return db.Transaction(func(tx *gorm.DB) error {
		var version int
		if err := tx.Raw("PRAGMA user_version").Scan(&version).Error; err != nil {
			return err
		}
		return tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", version)).Error
	})
}

// leastRoom is less, in bytes, than what a booking writes.
const leastRoom = 64 << 10

// errNoRoom says that the disk of a database is full.
var errNoRoom = errors.New("there is no room left on the disk")

// mustHaveRoom answers errNoRoom where hardly anything more can be written beside a file. SQLite may go on for a while in the part of its log that is
// there already, so that a write alone does not tell.
func mustHaveRoom(path string) error {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(path), &disk); err != nil {
		return fmt.Errorf("room on the disk: %w", err)
	}
	if disk.Bavail*uint64(disk.Bsize) < leastRoom {
		return errNoRoom
	}
	return nil
}

func whyNotWritten(err error) string {
	var lite sqlite3.Error
	var pg *pgconn.PgError
	if errors.Is(err, errNoRoom) || errors.As(err, &lite) && lite.Code == sqlite3.ErrFull || errors.As(err, &pg) && pg.Code == "53100" {
		return "the disk of the database is full: it is read and not written"
	}
	return "the database cannot be written"
}
