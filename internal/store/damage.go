package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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

// explainDamage turns what SQLite says of a damaged file into a sentence that says what to do.
func explainDamage(err error, address string) error {
	var lite sqlite3.Error
	if errors.As(err, &lite) && (lite.Code == sqlite3.ErrCorrupt || lite.Code == sqlite3.ErrNotADB) {
		return damaged(address, lite.Error())
	}
	return err
}

func damaged(address, what string) error {
	return fmt.Errorf("the database file %s is damaged (%s); nothing was changed in it: put it aside with the files beside it, and restore your latest backup",
		strings.TrimPrefix(address, "sqlite:"), strings.Join(strings.Fields(what), " "))
}
