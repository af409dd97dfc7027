package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"

	"madoguchi/internal/seal"
)

// BackupPlan is where backups go, to whom they are encrypted, and how many are kept.
type BackupPlan struct {
	Folder     string
	Recipients seal.Recipients
	Keep       int
	KeyFile    string // which opens the sealed values; it is no part of a backup
}

// Backup is one that was made.
type Backup struct {
	Path    string
	At      time.Time // that of the snapshot
	Bytes   int64
	Removed int // how many older ones went for it
}

// ErrUnsound says that a copy was made and is not as it has to be, so that it is no backup. Those that there are stay.
var ErrUnsound = errors.New("the copy is not sound")

// MakeBackup copies the SQLite database at an address as it is at one instant, while a server reads and writes it; checks the copy (Check),
// encrypts it, reads it back, and only then gives it its name and removes those that are too many. Whatever ends it before leaves the
// backups as they were. The copy is plain, so it is made beside the database and never in the folder of the backups, which may be
// elsewhere.
func MakeBackup(ctx context.Context, address string, plan BackupPlan, now func() time.Time, tell Progress) (made Backup, err error) {
	if engine, err := engineOf(address); err != nil || engine != sqliteEngine {
		return made, errors.Join(err, errors.New("PostgreSQL is backed up by its own tools (docs/recovery.md): pg_dump, or pg_basebackup with an archive of its log"))
	}
	if err := MustExist(address); err != nil {
		return made, err
	}
	path, err := sqliteFile(address)
	if err != nil {
		return made, err
	}
	if err := os.MkdirAll(plan.Folder, 0o700); err != nil {
		return made, err
	}
	work, done, err := workFolder(filepath.Dir(path))
	if err != nil {
		return made, err
	}
	defer func() { err = errors.Join(err, done()) }()
	made.At = now().UTC()
	copied := filepath.Join(work, "copy.db")
	if err := copySQLite(ctx, path, copied, tell); err != nil {
		return made, explainDamage(err, address)
	}
	if err := checkCopy(ctx, copied, plan.KeyFile, now, tell); err != nil {
		return made, err
	}
	if err := made.encrypt(ctx, copied, plan, tell); err != nil {
		return made, err
	}
	made.Removed, err = removeOlder(plan.Folder, plan.Keep)
	return made, err
}

// encrypt writes the backup aside and then gives it its name.
func (b *Backup) encrypt(ctx context.Context, copied string, plan BackupPlan, tell Progress) (err error) {
	info, err := os.Stat(copied)
	if err != nil {
		return err
	}
	work, done, err := workFolder(plan.Folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	p := newProgress(ctx, tell, "encrypting it and reading it back", 2*info.Size())
	aside := filepath.Join(work, "backup.age")
	if err := seal.EncryptFile(copied, aside, plan.Recipients, func(bytes int) error { return p.add(int64(bytes)) }); err != nil {
		return fmt.Errorf("encrypt: %w", err)
	}
	if info, err = os.Stat(aside); err != nil {
		return err
	}
	b.Path, b.Bytes = filepath.Join(plan.Folder, backupName(b.At)), info.Size()
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := os.Rename(aside, b.Path); err != nil {
		return err
	}
	return syncFolder(plan.Folder)
}

// pagesAtOnce is how many pages are copied before it is looked whether anybody still wants the copy: 4 MB.
const pagesAtOnce = 1024

// copySQLite copies a database by SQLite's online backup. All of it is read in one transaction, so that the copy is the database at one instant
// and never begins again because somebody writes meanwhile.
func copySQLite(ctx context.Context, from, to string, tell Progress) error {
	return onSQLite(ctx, sqliteDSN(from, reading), func(source *sqlite3.SQLiteConn) error {
		if _, err := source.ExecContext(ctx, "BEGIN", nil); err != nil {
			return err
		}
		rows, err := source.QueryContext(ctx, "SELECT COUNT(*) FROM sqlite_master", nil) // which is when the transaction begins to read
		if err != nil {
			return err
		}
		if err := rows.Close(); err != nil {
			return err
		}
		return onSQLite(ctx, sqliteDSN(to, copying), func(target *sqlite3.SQLiteConn) error {
			if err := copyPages(ctx, target, source, tell); err != nil {
				return err
			}
			// One file without a log beside it is what is kept.
			_, err := target.ExecContext(ctx, "PRAGMA journal_mode = DELETE", nil)
			return err
		})
	})
}

func copyPages(ctx context.Context, target, source *sqlite3.SQLiteConn, tell Progress) (err error) {
	backup, err := target.Backup("main", source, "main")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, backup.Finish()) }()
	var p *progress
	left := 0
	for {
		done, err := backup.Step(pagesAtOnce)
		if err != nil {
			return err
		}
		if p == nil {
			left = backup.PageCount()
			p = newProgress(ctx, tell, "copying the database", int64(left))
		}
		if err := p.add(int64(left - backup.Remaining())); err != nil || done {
			return err
		}
		left = backup.Remaining()
	}
}

// onSQLite gives f a connection of its own.
func onSQLite(ctx context.Context, dsn string, f func(c *sqlite3.SQLiteConn) error) (err error) {
	db, err := sql.Open(sqliteDriver, dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	return conn.Raw(func(c any) error {
		lite, ok := c.(*sqlite3.SQLiteConn)
		if !ok {
			return errors.New("this is no connection to SQLite")
		}
		return f(lite)
	})
}

// checkCopy checks a copy. One of an older shape is brought to that of this program in a second copy, which is checked instead, because a backup
// is wanted most before an update.
func checkCopy(ctx context.Context, path, keyFile string, now func() time.Time, tell Progress) error {
	migrated, err := openedFor(ctx, path, now, func(s *Store) (bool, error) { return s.Migrated(ctx) })
	if err == nil && !migrated {
		second := path + ".migrated"
		if err := copySQLite(ctx, path, second, nil); err != nil {
			return explainDamage(err, "sqlite:"+path)
		}
		if err := Migrate(ctx, "sqlite:"+second); err != nil {
			return err
		}
		path = second
	}
	if err != nil {
		return err
	}
	found, err := openedFor(ctx, path, now, func(s *Store) ([]string, error) {
		if err := s.Recognise(ctx, keyFile); err != nil {
			return nil, err
		}
		return s.Check(ctx, tell)
	})
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("%w: %s", ErrUnsound, strings.Join(found, " "))
	}
	return err
}

// openedFor opens a file of SQLite for f and closes it, so that nothing is left beside it.
func openedFor[T any](ctx context.Context, path string, now func() time.Time, f func(s *Store) (T, error)) (out T, err error) {
	s, err := Open(ctx, "sqlite:"+path, now)
	if err != nil {
		return out, err
	}
	defer func() {
		err = errors.Join(err, s.Close())
		if left := besides(path); err == nil && len(left) > 0 {
			err = fmt.Errorf("%s was left beside the copy", left[0])
		}
	}()
	return f(s)
}
