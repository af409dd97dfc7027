package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/mattn/go-sqlite3"
)

// checkFile reads a whole SQLite file and looks for damage, before anything is written to it. It takes a second for some
// hundred thousand bookings. PostgreSQL looks after its own files.
func checkFile(ctx context.Context, db *sql.DB, address string) error {
	var found string
	err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&found)
	if err == nil && found != "ok" {
		return damaged(address, found)
	}
	return explainDamage(err, address)
}

// smallestPage is that of SQLite. A file that is shorter and not empty is no database, though SQLite would begin a new one in it.
const smallestPage = 512

// checkOurs refuses a SQLite file that another program made, before anything is written to it: a wrong path would put our tables
// beside theirs.
func checkOurs(ctx context.Context, path, address string) (err error) {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if size := info.Size(); size > 0 && size < smallestPage {
		return notOurs(path)
	}
	db, err := sql.Open(sqliteDriver, sqliteDSN(path, looking))
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var tables, ours int
	err = db.QueryRowContext(ctx, `SELECT COUNT(*), COUNT(*) FILTER (WHERE name IN (?, ?)) FROM sqlite_master WHERE type = 'table'`,
		versionTable, oldVersionTable).Scan(&tables, &ours)
	if err == nil && tables > 0 && ours == 0 {
		return notOurs(path)
	}
	return explainDamage(err, address)
}

func notOurs(path string) error {
	return fmt.Errorf("the file %s is no database of madoguchi; nothing was changed in it: name another file, which is made when it is missing", path)
}

// explainDamage turns what SQLite says of a damaged file into a sentence that says what to do.
func explainDamage(err error, address string) error {
	var lite sqlite3.Error
	if errors.As(err, &lite) && (lite.Code == sqlite3.ErrCorrupt || lite.Code == sqlite3.ErrNotADB) {
		return damaged(address, lite.Error())
	}
	return err
}

// IsHeld reports that another program has a SQLite file to itself, for longer than is waited for.
func IsHeld(err error) bool {
	var lite sqlite3.Error
	return errors.As(err, &lite) && (lite.Code == sqlite3.ErrBusy || lite.Code == sqlite3.ErrLocked)
}

func damaged(address, what string) error {
	return fmt.Errorf("the database file %s is damaged (%s); nothing was changed in it: put it aside with the files beside it, and restore your latest backup",
		strings.TrimPrefix(address, "sqlite:"), strings.Join(strings.Fields(what), " "))
}
