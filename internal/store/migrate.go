package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"madoguchi/migrations"
)

// Migrate brings the database at an address to the newest shape. Each migration is one transaction: the database has the
// old shape or the new one, never something between. Several processes may call it at once; one does the work and the
// others wait.
func Migrate(ctx context.Context, address string) (err error) {
	s, err := Open(ctx, address, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	p, err := s.provider()
	if err != nil {
		return err
	}
	if s.engine == sqliteEngine {
		// PostgreSQL has a lock for this; for SQLite a lock on a file beside the database does the same.
		unlock, err := lockFile(strings.TrimPrefix(address, "sqlite:")+".migrating", true)
		if err != nil {
			return err
		}
		defer unlock()
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", outage(err))
	}
	return nil
}

// Migrated reports whether the database has the shape this program was built for.
func (s *Store) Migrated(ctx context.Context) (bool, error) {
	p, err := s.provider()
	if err != nil {
		return false, err
	}
	pending, err := p.HasPending(ctx)
	return !pending, outage(err)
}

func (s *Store) provider() (*goose.Provider, error) {
	pool, err := s.write.DB()
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	files, err := fs.Sub(migrations.FS, string(s.engine))
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	dialect, options := goose.DialectSQLite3, []goose.ProviderOption(nil)
	if s.engine == postgresEngine {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
		if err != nil {
			return nil, fmt.Errorf("migrate: %w", err)
		}
		dialect, options = goose.DialectPostgres, append(options, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(dialect, pool, files, options...)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	return p, nil
}

// ServeAlone refuses a second server on one SQLite file: each has its own worker and its own idea of the time, and SQLite
// is for one machine. It holds until release or the end of the process. PostgreSQL is made for several.
//
// Who is alone knows that a letter still being sent is a dead server's, so it is due at once; among several servers only
// its lease can tell.
func (s *Store) ServeAlone(ctx context.Context, address string) (release func(), err error) {
	if s.engine == postgresEngine {
		return func() {}, nil
	}
	release, err = lockFile(strings.TrimPrefix(address, "sqlite:")+".serving", false)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.New("another server is already using this SQLite database; for several servers use PostgreSQL")
	}
	if err != nil {
		return nil, err
	}
	if err := s.releaseLetters(ctx); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// lockFile takes the advisory lock of a file, waiting for it or failing at once. The lock ends with the process, so a
// crash leaves nothing to clean up.
func lockFile(path string, wait bool) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // beside the database, the operator's setting
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	// Closing the file gives the lock back; there is nothing to do when that fails.
	return func() { _ = f.Close() }, nil
}
