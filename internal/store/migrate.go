package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"madoguchi/migrations"
)

// Migrate brings the database at an address to the newest shape. Each migration is one transaction: the database has the
// old shape or the new one, never something between. Several processes may call it at once; one does the work and the
// others wait. A damaged file is refused and left alone.
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
	if err := s.checkFile(ctx, address); err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
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
	return !pending, asUnavailable(err)
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

// ServeAlone refuses a second server on the SQLite file at an address: each has its own worker and its own idea of the
// time, and SQLite is for one machine. It holds until release or the end of the process. A server asks before it migrates,
// so that a newer program never changes the shape under one that runs. PostgreSQL is made for several.
func ServeAlone(address string) (release func(), err error) {
	path, ok := strings.CutPrefix(address, "sqlite:")
	if !ok {
		return func() {}, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	release, err = lockFile(path+".serving", false)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errors.New("another server is already using this SQLite database; for several servers use PostgreSQL")
	}
	return release, err
}

// RecoverLeases is for a server that is alone (ServeAlone): a letter that is still being sent is a dead server's, so it is due
// at once. Among several servers only a letter's lease can tell, so on PostgreSQL nothing happens.
func (s *Store) RecoverLeases(ctx context.Context) error {
	if s.engine == postgresEngine {
		return nil
	}
	return s.releaseLetters(ctx)
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
