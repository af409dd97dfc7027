package store_test

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// laterMigration are today's migrations and a made-up one after them (testdata/later), which adds a kind of letter and a
// column of bookings, for which SQLite makes bookings anew.
func laterMigration(t *testing.T) fstest.MapFS {
	t.Helper()
	files := upTo(t, 8999)
	for engine := range storetest.Engines {
		name := engine + "/9001_arrivals.sql"
		data, err := os.ReadFile(filepath.Join("testdata/later", name))
		check(t, err)
		files[name] = &fstest.MapFile{Data: data}
	}
	return files
}

// wantLater says what is wrong with a shape after the made-up migration.
func (kept shape) wantLater(t *testing.T, address string, number int, before []string) {
	t.Helper()
	kept.wantRows(t, address)
	if n := strings.Count(strings.Join(storetest.Read(t, address)["bookings"], "\n"), "came_at=20"); n != 1 {
		t.Errorf("%d bookings have arrived, want 1", n)
	}
	after := schemaOf(t, address)
	for _, object := range before {
		if strings.HasPrefix(object, "table") { // their text has changed; constraints are asked for one by one
			continue
		}
		if !slices.Contains(after, object) {
			t.Errorf("the schema has lost %s", object)
		}
	}
	kept.wantReads(t, address, number)
	wantGuards(t, address, openShape(t, address, number, kept.At))
	const letter = "INSERT INTO letters (id, kind, once_key, channel, status, due_at, created_at) SELECT $1, $2, $1, 'mail', 'waiting', due_at, created_at FROM letters LIMIT 1"
	if err := tryExec(t, address, letter, "a birthday", "birthday"); err != nil {
		t.Errorf("a letter of the new kind: %v", err)
	}
	if err := tryExec(t, address, "UPDATE bookings SET came_at = created_at WHERE NOT live"); err == nil || !isRefusal(err) {
		t.Errorf("the new rule: %v", err)
	}
}

// TestMigrate_ALaterShape: the oldest shape goes through every migration there is and a made-up one after them.
func TestMigrate_ALaterShape(t *testing.T) {
	number := keptShapes(t)[0]
	kept := readShape(t, number)
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			address := emptyDatabases[engine](t)()
			check(t, store.MigrateWith(t.Context(), address, upTo(t, number)))
			kept.load(t, address)
			check(t, store.Migrate(t.Context(), address))
			before := schemaOf(t, address)
			check(t, store.MigrateWith(t.Context(), address, laterMigration(t)))
			kept.wantLater(t, address, number, before)
		})
	}
}

// schemaOf is every part of a database's schema, as its engine describes it.
func schemaOf(t *testing.T, address string) (parts []string) {
	t.Helper()
	query := `SELECT type || ' ' || name || ' on ' || tbl_name || ': ' || COALESCE(sql, '') FROM sqlite_master ORDER BY 1`
	if !strings.HasPrefix(address, "sqlite:") {
		query = `SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || COALESCE(column_default, '')
				FROM information_schema.columns WHERE table_schema = 'public'
			UNION ALL SELECT 'constraint ' || conrelid::regclass || '.' || conname || ' ' || pg_get_constraintdef(oid)
				FROM pg_constraint WHERE connamespace = 'public'::regnamespace
			UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
			UNION ALL SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE NOT tgisinternal ORDER BY 1`
	}
	db := openSQL(t, address)
	defer func() { check(t, db.Close()) }()
	rows, err := db.QueryContext(t.Context(), query)
	check(t, err)
	defer func() { check(t, rows.Close()) }()
	for rows.Next() {
		var part string
		check(t, rows.Scan(&part))
		parts = append(parts, part)
	}
	check(t, rows.Err())
	return parts
}

// The environment of a process of the tests that only migrates: the database and the folder of the migrations.
const (
	migrateAddress = "MADOGUCHI_TEST_MIGRATE"
	migrateFolder  = "MADOGUCHI_TEST_MIGRATIONS"
)

func TestMain(m *testing.M) {
	if task := os.Getenv(dyingTask); task != "" {
		os.Exit(workAndDie(task))
	}
	address := os.Getenv(migrateAddress)
	if address == "" {
		os.Exit(m.Run())
	}
	go func() { // it ends with the test that has started it, however that ends
		_, err := io.Copy(io.Discard, os.Stdin)
		fmt.Fprintln(os.Stderr, "the test is gone", err)
		os.Exit(2)
	}()
	if err := store.MigrateWith(context.Background(), address, os.DirFS(os.Getenv(migrateFolder))); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// killWhileMigrating migrates in a process of its own and kills it, as with kill -9, once it is in the middle.
func killWhileMigrating(t *testing.T, address string, files fs.FS, inTheMiddle func() bool) {
	t.Helper()
	folder := t.TempDir()
	check(t, os.CopyFS(folder, files))
	program, err := os.Executable()
	check(t, err)
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), migrateAddress+"="+address, migrateFolder+"="+folder)
	var said strings.Builder
	cmd.Stderr = &said
	_, err = cmd.StdinPipe() // closed when the process has ended, or with this one
	check(t, err)
	check(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	patience, pause := time.After(time.Minute), time.NewTicker(time.Millisecond)
	defer pause.Stop()
	for !inTheMiddle() {
		select {
		case <-pause.C:
		case err := <-ended:
			t.Fatalf("the migration ended before it was killed: %v, %s", err, said.String())
		case <-patience:
			t.Fatal("the migration never came to its middle")
		}
	}
	check(t, cmd.Process.Kill())
	err = <-ended
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		t.Fatalf("the migration was not killed: %v, %s", err, said.String())
	}
}

// inTheMiddle makes the made-up migration stay in its middle, on each engine: unfinished is a last statement of it that does not
// end, and begun reports that the migration has come there. begin is called first; end lets the statement end after all.
var inTheMiddle = map[string]struct {
	unfinished string
	begin      func(t *testing.T, address string) (begun func() bool, end func())
}{
	// Rows without end are written, so that the log grows past what SQLite keeps in memory: much of what is not committed is
	// in the file when the process dies.
	"sqlite": {
		unfinished: `CREATE TABLE endless (content blob);
			INSERT INTO endless WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT randomblob(1000) FROM n;`,
		begin: func(_ *testing.T, address string) (func() bool, func()) {
			log := strings.TrimPrefix(address, "sqlite:") + "-wal"
			return func() bool {
				info, err := os.Stat(log)
				return err == nil && info.Size() > 4<<20
			}, func() {}
		},
	},
	// Somebody reads a table that the migration wants to alter, and bookings is altered already.
	"postgres": {
		unfinished: "ALTER TABLE sessions ADD COLUMN device text;",
		begin: func(t *testing.T, address string) (func() bool, func()) {
			db := openSQL(t, address)
			reader, err := db.BeginTx(t.Context(), nil)
			check(t, err)
			_, err = reader.ExecContext(t.Context(), "LOCK TABLE sessions IN ACCESS SHARE MODE")
			check(t, err)
			return func() bool {
					var waiting int
					check(t, db.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM pg_locks wanted JOIN pg_locks have ON have.pid = wanted.pid
						WHERE NOT wanted.granted AND wanted.relation = 'sessions'::regclass AND wanted.mode = 'AccessExclusiveLock'
							AND have.granted AND have.relation = 'bookings'::regclass AND have.mode = 'AccessExclusiveLock'`).Scan(&waiting))
					return waiting == 1
				}, func() {
					check(t, reader.Rollback())
					check(t, db.Close())
				}
		},
	},
}

// TestMigrate_KilledInTheMiddle: a migration whose process is killed has changed nothing, and the next start does it.
func TestMigrate_KilledInTheMiddle(t *testing.T) {
	numbers := keptShapes(t)
	number := numbers[len(numbers)-1]
	kept := readShape(t, number)
	for engine, middle := range inTheMiddle {
		t.Run(engine, func(t *testing.T) {
			address := storetest.Engines[engine](t)
			kept.load(t, address)
			schema, facts := schemaOf(t, address), storetest.Read(t, address)
			files := laterMigration(t)
			good := files[engine+"/9001_arrivals.sql"].Data
			files[engine+"/9001_arrivals.sql"] = &fstest.MapFile{Data: append(slices.Clone(good), middle.unfinished...)}
			begun, end := middle.begin(t, address)
			killWhileMigrating(t, address, files, begun)
			end()

			if after := schemaOf(t, address); !slices.Equal(after, schema) {
				t.Errorf("the schema was\n%s\nand is\n%s", strings.Join(schema, "\n"), strings.Join(after, "\n"))
			}
			if after := storetest.Read(t, address); len(after.Changed(facts)) > 0 || len(after) != len(facts) {
				t.Errorf("rows were written in %v", after.Changed(facts))
			}
			check(t, store.Migrate(t.Context(), address)) // today's program can go on as well
			kept.wantRows(t, address)
			check(t, store.MigrateWith(t.Context(), address, laterMigration(t)))
			kept.wantLater(t, address, number, schema)
		})
	}
}
