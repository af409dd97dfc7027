package store

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gorm.io/gorm"
)

// TestOpen_BoundsSQLiteMemory: all connections together may cache what sqliteCache says, however many there are.
func TestOpen_BoundsSQLiteMemory(t *testing.T) {
	address := "sqlite:" + filepath.Join(t.TempDir(), "madoguchi.db")
	if err := Migrate(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	total, connections := 0, 0
	for _, pool := range []*gorm.DB{s.write, s.read} {
		for _, c := range everyConnection(t, pool) {
			var pages, mapped int
			for pragma, value := range map[string]*int{"cache_size": &pages, "mmap_size": &mapped} {
				if err := c.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(value); err != nil {
					t.Fatal(err)
				}
			}
			if pages >= 0 || mapped != 0 {
				t.Errorf("a connection caches %d, which is a number of KiB when it is negative, and maps %d bytes", pages, mapped)
			}
			total -= pages
			connections++
		}
	}
	if total > sqliteCache || total < sqliteCache*9/10 || connections != 1+readers {
		t.Errorf("%d connections cache %d KiB, want %d", connections, total, sqliteCache)
	}
}

// everyConnection takes all connections of a pool at once, until the test ends.
func everyConnection(t *testing.T, db *gorm.DB) (all []*sql.Conn) {
	t.Helper()
	pool, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	for range pool.Stats().MaxOpenConnections {
		c, err := pool.Conn(context.WithoutCancel(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
		all = append(all, c)
	}
	return all
}

// Where changes follow one another without a pause, the log is copied by whoever commits, so that it does not grow for ever.
func TestOpen_BoundsTheLog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "madoguchi.db")
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(Migrate(t.Context(), "sqlite:"+path))
	s, err := Open(t.Context(), "sqlite:"+path, time.Now)
	check(err)
	defer func() { check(s.Close()) }()
	s.checkpoints.stop() // who copies what has gathered in a pause
	const pages, page = 4096, 4096
	for range 3 * longestLog / pages {
		check(s.transaction(t.Context(), func(tx *gorm.DB) error {
			return tx.Exec("CREATE TABLE IF NOT EXISTS filler (b); INSERT INTO filler WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT zeroblob(?) FROM n",
				pages, page-100).Error
		}))
	}
	log, err := os.Stat(path + "-wal")
	check(err)
	if most := int64(longestLog+2*pages) * page; log.Size() > most {
		t.Errorf("the log has %d bytes, want at most %d", log.Size(), most)
	}
}
