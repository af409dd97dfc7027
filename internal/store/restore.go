package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"madoguchi/internal/seal"
)

// Restore makes the SQLite database at an address from a backup. There must be none yet. The backup is decrypted beside it, brought to the
// shape of this program, opened with the keys and checked; only then it gets its name. Whatever ends it before leaves nothing.
func Restore(ctx context.Context, file string, identities seal.Identities, address, keyFile string, now func() time.Time, tell Progress) (err error) {
	if engine, err := engineOf(address); err != nil || engine != sqliteEngine {
		return errors.Join(err, errors.New("a backup is restored into SQLite: name an sqlite: address, and move it to PostgreSQL afterwards (madoguchi move)"))
	}
	path := strings.TrimPrefix(address, "sqlite:")
	if err := mustBeFree(path); err != nil {
		return err
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	work, done, err := workFolder(folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	restored := filepath.Join(work, "restored.db")
	if err := decryptBackup(ctx, file, restored, identities, tell); err != nil {
		return err
	}
	if err := Migrate(ctx, "sqlite:"+restored); err != nil {
		return fmt.Errorf("the backup %s cannot be used: %s", file, strings.ReplaceAll(err.Error(), restored, "in it"))
	}
	if err := checkCopy(ctx, restored, keyFile, now, tell); err != nil {
		return fmt.Errorf("the backup %s was not restored: %w", file, err)
	}
	if err := syncFile(restored); err != nil {
		return err
	}
	if err := errors.Join(ctx.Err(), mustBeFree(path)); err != nil {
		return err
	}
	return giveName(restored, path, tell)
}

// mustBeFree refuses a path at which there is a database, or what is left of one: SQLite would write the log of the one into the other.
func mustBeFree(path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("there is a file %s already, and nothing was changed: put it aside, with the files beside it, or name another database", path))
	}
	if left := besides(path); len(left) > 0 {
		return fmt.Errorf("%s is there, and the database that it belongs to is not; nothing was changed: put it aside first", strings.Join(left, ", "))
	}
	return nil
}

// decryptBackup writes what is in a backup into a new file.
func decryptBackup(ctx context.Context, from, to string, identities seal.Identities, tell Progress) (err error) {
	f, err := os.Open(from) //nolint:gosec // the operator names it
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	p := newProgress(ctx, tell, "decrypting the backup", info.Size())
	plain, err := seal.Decrypt(io.TeeReader(f, writerFunc(func(b []byte) error { return p.add(int64(len(b))) })), identities)
	if errors.Is(err, seal.ErrWrongIdentity) {
		return fmt.Errorf("the backup %s was made for another key, or its beginning is damaged: %w", from, err)
	}
	var out *os.File
	if err == nil {
		if out, err = os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil { //nolint:gosec // a file of ours
			return err
		}
		_, err = io.Copy(out, plain)
		err = errors.Join(err, out.Close())
	}
	var disk *fs.PathError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &disk): // it is full, or cannot be read
		return err
	case err != nil:
		return fmt.Errorf("the backup %s is damaged or is none (%w): nothing of it was used; take an older one", from, err)
	}
	return nil
}

// writerFunc is a function as a writer.
type writerFunc func(b []byte) error

func (w writerFunc) Write(b []byte) (int, error) { return len(b), w(b) }

// syncFile puts a file on disk.
func syncFile(path string) error {
	f, err := os.Open(path) //nolint:gosec // a file of ours
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
