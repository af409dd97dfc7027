package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
	"madoguchi/migrations"
)

// emptyDatabases make a new database without any table, on each engine.
var emptyDatabases = map[string]func(*testing.T) func() string{
	"sqlite": func(t *testing.T) func() string {
		dir, n := t.TempDir(), 0
		return func() string {
			n++
			return fmt.Sprintf("sqlite:%s/%d/madoguchi.db", dir, n)
		}
	},
	"postgres": func(t *testing.T) func() string {
		address := storetest.PostgresURL(t)
		return func() string {
			storetest.Exec(t, address, "DROP SCHEMA public CASCADE")
			storetest.Exec(t, address, "CREATE SCHEMA public")
			return address
		}
	},
}

// TestMigrate_FiveAtOnce: on a new database, 400 times on SQLite, one does the work and the others wait. Most of the time goes
// by waiting for the disk, so several databases are migrated side by side. With the race detector a round takes so much longer
// that there are fewer; -count=N makes it N times as many.
func TestMigrate_FiveAtOnce(t *testing.T) {
	info, _ := debug.ReadBuildInfo()
	raceDetector := info != nil && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
	for engine, many := range map[string]struct{ databases, rounds int }{"sqlite": {8, 50}, "postgres": {2, 10}} {
		if raceDetector {
			many.rounds /= 5
		}
		t.Run(engine, func(t *testing.T) {
			for range many.databases {
				t.Run("", func(t *testing.T) {
					t.Parallel()
					next := emptyDatabases[engine](t)
					for round := range many.rounds {
						fiveAtOnce(t, round, next())
					}
				})
			}
		})
	}
}

func fiveAtOnce(t *testing.T, round int, address string) {
	t.Helper()
	for _, err := range atOnce(5, func(int) error { return store.Migrate(t.Context(), address) }) {
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
	s, err := store.Open(t.Context(), address, storetest.NewClock().Now)
	check(t, err)
	if ok, err := s.Migrated(t.Context()); !ok || err != nil {
		t.Errorf("round %d: migrated: %t, %v", round, ok, err)
	}
	check(t, s.Close())
}

// TestMigrate_WaitingEnds: who waits for another's migration can be stopped.
func TestMigrate_WaitingEnds(t *testing.T) {
	dir := t.TempDir()
	other, err := os.Open(dir)
	check(t, err)
	check(t, syscall.Flock(int(other.Fd()), syscall.LOCK_EX))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	address := "sqlite:" + filepath.Join(dir, "madoguchi.db")
	if err := store.Migrate(ctx, address); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	check(t, other.Close())
	check(t, store.Migrate(t.Context(), address))
}

// withMigration are today's migrations and one more.
func withMigration(t *testing.T, number int, statements string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	check(t, fs.WalkDir(migrations.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(migrations.FS, name)
		files[name] = &fstest.MapFile{Data: data}
		return err
	}))
	for engine := range storetest.Engines {
		files[fmt.Sprintf("%s/%04d_made_up.sql", engine, number)] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + statements)}
	}
	return files
}

// TestMigrate_RefusesANewerShape: an older program leaves alone what a newer one has migrated.
// TestMigrate_RefusesWhatIsNotOurs: a wrong path leads into another program's file. An empty file is where a database begins.
func TestMigrate_RefusesWhatIsNotOurs(t *testing.T) {
	another := filepath.Join(t.TempDir(), "another.db")
	storetest.Exec(t, "sqlite:"+another, "PRAGMA journal_mode = DELETE")
	storetest.Exec(t, "sqlite:"+another, "CREATE TABLE theirs (id INTEGER)")
	database, err := os.ReadFile(another)
	check(t, err)
	for name, content := range map[string][]byte{"one byte": []byte("x"), "a note": []byte("SQLite format 3\x00, or so"), "another program's": database} {
		path := filepath.Join(t.TempDir(), "madoguchi.db")
		check(t, os.WriteFile(path, content, 0o600))
		err := store.Migrate(t.Context(), "sqlite:"+path)
		if err == nil || !strings.Contains(err.Error(), "is no database of madoguchi") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, content) {
			t.Errorf("%s was changed (%v)", name, err)
		}
	}
	path := filepath.Join(t.TempDir(), "madoguchi.db")
	check(t, os.WriteFile(path, nil, 0o600))
	check(t, store.Migrate(t.Context(), "sqlite:"+path))
	check(t, store.Migrate(t.Context(), "sqlite:"+path))
}

func TestMigrate_RefusesANewerShape(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			url := address(t)
			check(t, store.MigrateWith(t.Context(), url, withMigration(t, 9001, "CREATE TABLE of_later (id text);")))
			before := storetest.Read(t, url)
			if err := store.Migrate(t.Context(), url); err == nil || !strings.Contains(err.Error(), "a newer version of madoguchi has migrated the database (to 9001") {
				t.Errorf("got %v", err)
			}
			if changed := storetest.Read(t, url).Changed(before); len(changed) > 0 {
				t.Errorf("rows were written in %v", changed)
			}
		})
	}
}

// TestMigrate_RefusesAShapeNeverReleased: what was made before the first release is left as it is, byte for byte.
func TestMigrate_RefusesAShapeNeverReleased(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			address := emptyDatabases[engine](t)()
			file, isFile := strings.CutPrefix(address, "sqlite:")
			if isFile {
				check(t, os.MkdirAll(filepath.Dir(file), 0o700))
				storetest.Exec(t, address, "PRAGMA journal_mode = WAL")
			}
			for _, statement := range []string{
				"CREATE TABLE goose_db_version (id integer, version_id bigint, is_applied boolean)",
				"INSERT INTO goose_db_version VALUES (1, 0, true), (2, 1, true), (3, 2, true), (4, 3, true), (5, 4, true)",
				"CREATE TABLE kept (id text PRIMARY KEY, content text)",
				"INSERT INTO kept VALUES ('a', 'kept')",
			} {
				storetest.Exec(t, address, statement)
			}
			before, beforeFile := storetest.Read(t, address), fileOf(t, file, isFile)
			if err := store.Migrate(t.Context(), address); err == nil || !strings.Contains(err.Error(), "before the first release") {
				t.Errorf("got %v", err)
			}
			after := storetest.Read(t, address)
			if len(after) != len(before) || len(after.Changed(before)) > 0 || fileOf(t, file, isFile) != beforeFile {
				t.Errorf("it became %v", after)
			}
		})
	}
}

func fileOf(t *testing.T, path string, isFile bool) string {
	t.Helper()
	if !isFile {
		return ""
	}
	content, err := os.ReadFile(path)
	check(t, err)
	return string(content)
}

// TestMigrate_KeepsForeignKeys: a migration may make a table anew that others refer to, and one that leaves rows referring to
// nothing is undone. PostgreSQL watches over both by itself.
func TestMigrate_KeepsForeignKeys(t *testing.T) {
	address := storetest.SQLiteURL(t)
	check(t, store.MigrateWith(t.Context(), address, withMigration(t, 9001, `
		CREATE TABLE rooms (id text PRIMARY KEY);
		CREATE TABLE chairs (id text PRIMARY KEY, room_id text NOT NULL REFERENCES rooms (id) ON DELETE CASCADE);
		INSERT INTO rooms VALUES ('first'), ('second');
		INSERT INTO chairs VALUES ('a', 'first'), ('b', 'first'), ('c', 'second');`)))

	anew := withMigration(t, 9001, "SELECT 1;")
	anew["sqlite/9002_anew.sql"] = &fstest.MapFile{Data: []byte(`-- +goose Up
		CREATE TABLE rooms_anew (id text PRIMARY KEY, floor integer NOT NULL DEFAULT 1);
		INSERT INTO rooms_anew (id) SELECT id FROM rooms;
		DROP TABLE rooms;
		ALTER TABLE rooms_anew RENAME TO rooms;`)}
	check(t, store.MigrateWith(t.Context(), address, anew))
	facts := storetest.Read(t, address)
	if n := facts.Count("rooms", "chairs"); n["rooms"] != 2 || n["chairs"] != 3 || !strings.Contains(facts["rooms"][0], "floor=1") {
		t.Errorf("made anew: %v, %v", facts["rooms"], facts["chairs"])
	}

	anew["sqlite/9003_loses.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nDELETE FROM rooms WHERE id = 'first';")}
	err := store.MigrateWith(t.Context(), address, anew)
	if err == nil || !strings.Contains(err.Error(), "2 rows of the table chairs would refer to rows of rooms that do not exist") {
		t.Errorf("got %v", err)
	}
	after := storetest.Read(t, address)
	if changed := after.Changed(facts); len(changed) > 0 {
		t.Errorf("what was undone has changed %v", changed)
	}
	delete(anew, "sqlite/9003_loses.sql")
	check(t, store.MigrateWith(t.Context(), address, anew))
}
