package store_test

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
	"madoguchi/migrations"
)

// shape is a filled database of one version of the program, kept as text in testdata/shapes, so that it loads into both
// engines for ever. The version is the number of its last migration. Beside it are the keys that open it, which are of
// tests only.
type shape struct {
	At     time.Time        // when it was filled; links and holds are asked for at this instant
	Tables map[string][]row // but for goose's own
	Known  known            // what people know and the database does not
	Reads  []string         // what could be read of it when it was filled, as known.read says it
}

// row is a row of a table by its columns: null, texts, numbers and booleans as JSON has them, instants as {"at": RFC 3339}
// and bytes as {"hex": …}, or as {"utf8": …} where they are text.
type row map[string]any

const shapes = "testdata/shapes"

func shapeFile(number int) string { return filepath.Join(shapes, fmt.Sprintf("%04d.json", number)) }
func keysFile(number int) string {
	return filepath.Join(shapes, fmt.Sprintf("%04d.test-keys.json", number))
}

// numberOf is the number of a migration or a shape, by the name of its file.
func numberOf(t *testing.T, file string) int {
	t.Helper()
	n, err := strconv.Atoi(filepath.Base(file)[:4])
	check(t, err)
	return n
}

// keptShapes are the numbers of the shapes that are kept, the oldest first.
func keptShapes(t *testing.T) (numbers []int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(shapes, "[0-9][0-9][0-9][0-9].json"))
	check(t, err)
	for _, file := range files {
		numbers = append(numbers, numberOf(t, file))
	}
	if len(numbers) == 0 {
		t.Fatal("no shape is kept in " + shapes)
	}
	return numbers
}

func readShape(t *testing.T, number int) (kept shape) {
	t.Helper()
	text, err := os.ReadFile(shapeFile(number))
	check(t, err)
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	check(t, decoder.Decode(&kept))
	return kept
}

// write keeps the shape. It never overwrites: what an older program wrote is what the file is for.
func (kept shape) write(t *testing.T, number int, keys string) {
	t.Helper()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	check(t, encoder.Encode(kept))
	check(t, os.WriteFile(shapeFile(number), text.Bytes(), 0o600))

	file := keysOf(t, keys)
	about, err := json.Marshal("Keys of tests only: they open the invented people of " + filepath.Base(shapeFile(number)) + " and nothing else.")
	check(t, err)
	file["about"] = about
	out, err := json.MarshalIndent(file, "", "  ")
	check(t, err)
	check(t, os.WriteFile(keysFile(number), append(out, '\n'), 0o600))
}

// openSQL opens a database past every rule of the store but for foreign keys.
func openSQL(t *testing.T, address string) *sql.DB {
	t.Helper()
	driver, source := "pgx", address
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver, source = "sqlite3", "file:"+path+"?_busy_timeout=10000&_loc=UTC&_foreign_keys=1"
	}
	db, err := sql.Open(driver, source)
	check(t, err)
	return db
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// rowsOf are the rows of a table.
func rowsOf(t *testing.T, db querier, table string) (out []row) {
	t.Helper()
	eachRowOf(t, db, table, func(r row) { out = append(out, r) })
	return out
}

// eachRowOf hands on one row of a table after the other.
func eachRowOf(t *testing.T, db querier, table string, found func(row)) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT * FROM "`+table+`"`)
	check(t, err)
	defer func() { check(t, rows.Close()) }()
	columns, err := rows.Columns()
	check(t, err)
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		check(t, rows.Scan(targets...))
		r := row{}
		for i, column := range columns {
			r[column] = cellOf(t, table+"."+column, values[i])
		}
		found(r)
	}
	check(t, rows.Err())
}

func cellOf(t *testing.T, column string, value any) any {
	t.Helper()
	switch v := value.(type) {
	case nil, bool, string:
		return v
	case int64:
		return json.Number(strconv.FormatInt(v, 10))
	case time.Time:
		return map[string]any{"at": v.UTC().Format(time.RFC3339Nano)}
	case []byte:
		if text := string(v); strings.ToValidUTF8(text, "") == text {
			return map[string]any{"utf8": text}
		}
		return map[string]any{"hex": hex.EncodeToString(v)}
	}
	t.Fatalf("say in cellOf and valueOf how a value of %s is kept: %T", column, value)
	return nil
}

// valueOf is a cell as both drivers take it.
func valueOf(t *testing.T, cell any) any {
	t.Helper()
	switch c := cell.(type) {
	case json.Number:
		n, err := c.Int64()
		check(t, err)
		return n
	case map[string]any:
		if at, ok := c["at"].(string); ok {
			instant, err := time.Parse(time.RFC3339Nano, at)
			check(t, err)
			return instant.UTC()
		}
		if text, ok := c["utf8"].(string); ok {
			return []byte(text)
		}
		text, ok := c["hex"].(string)
		if !ok {
			t.Fatalf("a cell that nothing is known of: %v", c)
		}
		value, err := hex.DecodeString(text)
		check(t, err)
		return value
	}
	return cell
}

// tablesOf are the rows of every table there is at an address, but for goose's.
func tablesOf(t *testing.T, address string) map[string][]row {
	t.Helper()
	db := openSQL(t, address)
	defer func() { check(t, db.Close()) }()
	out := map[string][]row{}
	for table := range storetest.Read(t, address) {
		if table != "schema_migrations" {
			out[table] = rowsOf(t, db, table)
		}
	}
	return out
}

// upTo are the migrations up to a number.
func upTo(t *testing.T, number int) fstest.MapFS {
	t.Helper()
	files := withMigration(t, 9999, "")
	for name := range files {
		if numberOf(t, name) > number {
			delete(files, name)
		}
	}
	return files
}

// load fills an empty database that has the migrations of the shape. Every guard of the database stands meanwhile: a row
// that needs another one is put in after it, in another pass.
func (kept shape) load(t *testing.T, address string) {
	t.Helper()
	db := openSQL(t, address)
	defer func() { check(t, db.Close()) }()
	tx, err := db.BeginTx(t.Context(), nil)
	check(t, err)
	exec := func(statement string, args ...any) error {
		_, err := tx.ExecContext(t.Context(), statement, args...)
		return err
	}
	type waiting struct {
		table string
		row   row
	}
	var remaining []waiting
	for _, table := range slices.Sorted(maps.Keys(kept.Tables)) {
		rows := kept.Tables[table]
		// What the migrations put into the table is there already; where it has changed since, it goes first.
		there := rowsOf(t, tx, table)
		if slices.ContainsFunc(there, func(r row) bool { return !contains(rows, r) }) {
			check(t, exec(`DELETE FROM "`+table+`"`))
			there = nil
		}
		for _, r := range rows {
			if !contains(there, r) {
				remaining = append(remaining, waiting{table, r})
			}
		}
	}
	for len(remaining) > 0 {
		var later []waiting
		var refusals error
		for _, w := range remaining {
			var names, marks []string
			var values []any
			for _, column := range slices.Sorted(maps.Keys(w.row)) {
				names, values = append(names, `"`+column+`"`), append(values, valueOf(t, w.row[column]))
				marks = append(marks, "$"+strconv.Itoa(len(values)))
			}
			check(t, exec("SAVEPOINT one_row"))
			refused := exec(`INSERT INTO "`+w.table+`" (`+strings.Join(names, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", values...)
			if refused != nil {
				later, refusals = append(later, w), errors.Join(refusals, fmt.Errorf("%s: %w", w.table, refused))
				check(t, exec("ROLLBACK TO SAVEPOINT one_row"))
			}
			check(t, exec("RELEASE SAVEPOINT one_row"))
		}
		if len(later) == len(remaining) {
			t.Fatalf("the kept shape does not load: %v", refusals)
		}
		remaining = later
	}
	check(t, tx.Commit())
}

func contains(rows []row, wanted row) bool {
	return slices.ContainsFunc(rows, func(r row) bool { return reflect.DeepEqual(r, wanted) })
}

// wantRows says which of the shape's rows are no longer there. Columns and rows may have come since.
func (kept shape) wantRows(t *testing.T, address string) {
	t.Helper()
	now := tablesOf(t, address)
	for _, table := range slices.Sorted(maps.Keys(kept.Tables)) {
		for _, was := range kept.Tables[table] {
			found, differing := -1, slices.Sorted(maps.Keys(was))
			for i, r := range now[table] {
				if d := was.differing(r); len(d) < len(differing) {
					found, differing = i, d
				}
			}
			if len(differing) > 0 {
				t.Errorf("%s has lost a row, or its values of %q:\n%v", table, differing, was)
				break // one of each table says enough
			}
			now[table] = slices.Delete(now[table], found, found+1) // equal rows are counted
		}
	}
}

// differing are the columns of the row that another row does not have, or not with the same value.
func (r row) differing(other row) (columns []string) {
	for column, cell := range r {
		if value, there := other[column]; !there || !reflect.DeepEqual(value, cell) {
			columns = append(columns, column)
		}
	}
	slices.Sort(columns)
	return columns
}

// wantReads opens the shape's database with its keys and says what can no longer be read in it.
func (kept shape) wantReads(t *testing.T, address string, number int) {
	t.Helper()
	s := openShape(t, address, number, kept.At)
	wantOpenSeals(t, s, address)
	reads := kept.Known.read(t, s)
	lost := slices.DeleteFunc(slices.Clone(kept.Reads), func(line string) bool { return slices.Contains(reads, line) })
	if len(lost) > 0 {
		t.Errorf("this could be read and no longer can:\n%s\nthis can be read:\n%s", strings.Join(lost, "\n"), strings.Join(reads, "\n"))
	}
}

// openShape opens a migrated database with the kept keys.
func openShape(t *testing.T, address string, number int, at time.Time) *store.Store {
	t.Helper()
	return storetest.Open(t, address, keysFile(number), func() time.Time { return at })
}

// wantOpenSeals opens every sealed value there is.
func wantOpenSeals(t *testing.T, s *store.Store, address string) {
	t.Helper()
	openSeals(t, s, address, func(string, json.RawMessage) {})
}

// openSeals opens every sealed value there is and hands it on with its table.
func openSeals(t *testing.T, s *store.Store, address string, found func(table string, content json.RawMessage)) {
	t.Helper()
	for table, rows := range tablesOf(t, address) {
		for _, r := range rows {
			sealed, ok := valueOf(t, r["sealed"]).([]byte)
			if !ok {
				continue
			}
			id, ok := cmp.Or(r["id"], r["booking_id"], r["patient_id"], r["doctor_id"], r["staff_id"]).(string)
			switch table {
			case "sessions":
				id = fmt.Sprintf("%x", valueOf(t, r["token_hash"]))
			case "note_drafts":
				id = fmt.Sprintf("%s/%s", r["booking_id"], r["doctor_id"])
			case "note_versions":
				id = fmt.Sprintf("%s/%v", r["booking_id"], r["version"])
			}
			if !ok {
				t.Fatalf("a sealed value of %s without an id", table)
			}
			content, err := s.OpenSealed(table, id, sealed)
			if err != nil {
				t.Errorf("a sealed value of %s: %v", table, err)
				continue
			}
			found(table, content)
		}
	}
}

// TestShapes_AreMigratedWithNothingLost: what any version of the program has written is there after an update, and can be
// read.
func TestShapes_AreMigratedWithNothingLost(t *testing.T) {
	for _, number := range keptShapes(t) {
		kept := readShape(t, number)
		for engine := range storetest.Engines {
			t.Run(fmt.Sprintf("%04d/%s", number, engine), func(t *testing.T) {
				address := emptyDatabases[engine](t)()
				check(t, store.MigrateWith(t.Context(), address, upTo(t, number)))
				kept.load(t, address)
				check(t, store.Migrate(t.Context(), address))
				kept.wantRows(t, address)
				kept.wantReads(t, address, number)
			})
		}
	}
}

// TestShapes_TheNewestIsKept: whoever adds a migration keeps a filled database of it, in which every table and every column
// holds something and every word of the closed sets is in use. With -update it writes the file where there is none.
func TestShapes_TheNewestIsKept(t *testing.T) {
	files, err := fs.Glob(migrations.FS, "sqlite/*.sql")
	check(t, err)
	number := numberOf(t, files[len(files)-1])
	const command = "go test ./internal/store -run TestShapes_TheNewestIsKept -update"
	if _, err := os.Stat(shapeFile(number)); errors.Is(err, fs.ErrNotExist) {
		if !*store.Update {
			t.Fatalf("%s is missing, the filled database of the newest migration: let fillShape (shape_fill_test.go) put rows into what the migration "+
				"adds, let known.read (shape_read_test.go) read them, run\n\t%s\nand commit the two new files", shapeFile(number), command)
		}
		keys := filepath.Join(t.TempDir(), "keys")
		kept, s := fillShape(t, storetest.SQLiteURL(t), keys)
		if missing := kept.missing(t); len(missing) > 0 {
			t.Fatalf("fillShape (shape_fill_test.go) leaves out:\n%s", strings.Join(missing, "\n"))
		}
		kept.Reads = kept.Known.read(t, s)
		kept.write(t, number, keys)
	}
	if missing := readShape(t, number).missing(t); len(missing) > 0 {
		t.Errorf("%s has\n%s\nAs long as the migration has not landed, remove the file and run\n\t%s", shapeFile(number), strings.Join(missing, "\n"), command)
	}
}

// TestShapes_CanBeFilled: what fills the next shape that is kept works on both engines and leaves nothing out.
func TestShapes_CanBeFilled(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at := address(t)
			kept, s := fillShape(t, at, filepath.Join(t.TempDir(), "keys"))
			for _, missing := range kept.missing(t) {
				t.Error("the filled database has " + missing)
			}
			wantOpenSeals(t, s, at)
			if reads := kept.Known.read(t, s); len(reads) < 50 {
				t.Errorf("no more than this can be read of it:\n%s", strings.Join(reads, "\n"))
			}
		})
	}
}

// missing says what the newest schema has and no row of the shape shows.
func (kept shape) missing(t *testing.T) (out []string) {
	t.Helper()
	address := storetest.SQLiteURL(t)
	words := tablesOf(t, address) // of the tables that the migrations fill, all that may stand in them
	db := openSQL(t, address)
	defer func() { check(t, db.Close()) }()
	columns, err := db.QueryContext(t.Context(), `SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'schema_migrations' ORDER BY 1, 2`)
	check(t, err)
	defer func() { check(t, columns.Close()) }()
	for columns.Next() {
		var table, column string
		check(t, columns.Scan(&table, &column))
		empty := []any{nil, "", json.Number("0"), map[string]any{"utf8": ""}}
		if !slices.ContainsFunc(kept.Tables[table], func(r row) bool {
			return !slices.ContainsFunc(empty, func(e any) bool { return reflect.DeepEqual(r[column], e) })
		}) {
			out = append(out, "no value of "+table+"."+column)
		}
	}
	check(t, columns.Err())

	references, err := db.QueryContext(t.Context(), `SELECT m.name, f."from", f."table", f."to" FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f
		WHERE m.type = 'table'`)
	check(t, err)
	defer func() { check(t, references.Close()) }()
	used := map[string][]any{} // by "table.column" of the words
	for references.Next() {
		var table, column, of, key string
		check(t, references.Scan(&table, &column, &of, &key))
		for _, r := range kept.Tables[table] {
			used[of+"."+key] = append(used[of+"."+key], r[column])
		}
	}
	check(t, references.Err())
	for of, cells := range used {
		table, key, _ := strings.Cut(of, ".")
		for _, word := range words[table] {
			if !slices.Contains(cells, word[key]) {
				out = append(out, fmt.Sprintf("no row that says %v of %s", word[key], table))
			}
		}
	}
	slices.Sort(out)
	return out
}
