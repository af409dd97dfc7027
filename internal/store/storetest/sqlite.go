package storetest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"madoguchi/internal/store"
)

// SQLiteURL returns the address of a migrated and empty SQLite file that is removed with the test.
func SQLiteURL(tb testing.TB) string {
	tb.Helper()
	file, err := migratedFile()
	if err != nil {
		tb.Fatal(err)
	}
	path := filepath.Join(tb.TempDir(), "madoguchi.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		tb.Fatal(err)
	}
	return "sqlite:" + path
}

// migratedFile is the content of a migrated file, made once in a process: migrating waits for the disk again and again,
// a copy does not.
var migratedFile = sync.OnceValues(func() (content []byte, err error) {
	dir, err := os.MkdirTemp("", "madoguchi-template")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "madoguchi.db")
	if err := store.Migrate(context.Background(), "sqlite:"+path); err != nil {
		return nil, fmt.Errorf("migrate SQLite: %w", err)
	}
	// The last connection that closes moves the write-ahead log into the file.
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("the migration left a connection to SQLite open")
	}
	return os.ReadFile(path)
})
