package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "github.com/mattn/go-sqlite3"    // the driver "sqlite3"
)

// Facts is every row of a database by table, each as text: column=value, bytes as they are stored. Equal Facts mean that
// nothing was written in between.
type Facts map[string][]string

// Read reads all there is at an address, past every rule and key of the store.
func Read(tb testing.TB, address string) Facts {
	tb.Helper()
	facts, err := read(tb.Context(), address)
	if err != nil {
		tb.Fatal(err)
	}
	return facts
}

// TryRead is Read for who has no testing.TB.
func TryRead(address string) (Facts, error) { return read(context.Background(), address) }

// ReadTable reads one table of it, which is quicker.
func ReadTable(tb testing.TB, address, table string) []string {
	tb.Helper()
	db, err := open(address)
	if err != nil {
		tb.Fatal(err)
	}
	rows, err := tableOf(tb.Context(), db, table)
	if err := errors.Join(err, db.Close()); err != nil {
		tb.Fatal(err)
	}
	return rows
}

// Exec runs one statement as somebody does who has the database in their hands. An instant is a time.Time in UTC.
func Exec(tb testing.TB, address, statement string, args ...any) {
	tb.Helper()
	db, err := open(address)
	if err != nil {
		tb.Fatal(err)
	}
	_, err = db.ExecContext(tb.Context(), statement, args...)
	if err := errors.Join(err, db.Close()); err != nil {
		tb.Fatal(err)
	}
}

// Count is the number of rows of some tables.
func (f Facts) Count(tables ...string) map[string]int {
	out := map[string]int{}
	for _, table := range tables {
		out[table] = len(f[table])
	}
	return out
}

// Changed names the tables whose rows differ. That somebody looked, or was refused, is written into the audit log and changes nothing of the clinic,
// so that its tables are left out.
func (f Facts) Changed(since Facts) []string {
	var out []string
	for table, rows := range f {
		if !strings.HasPrefix(table, "audit_") && !slices.Equal(rows, since[table]) {
			out = append(out, table)
		}
	}
	slices.Sort(out)
	return out
}

func open(address string) (*sql.DB, error) {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		return sql.Open("sqlite3", "file:"+path+"?_busy_timeout=10000&_loc=UTC")
	}
	return sql.Open("pgx", address)
}

func read(ctx context.Context, address string) (facts Facts, err error) {
	db, err := open(address)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tables := "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
	if strings.HasPrefix(address, "sqlite:") {
		tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
	}
	names, err := rowsOf(ctx, db, tables)
	if err != nil {
		return nil, err
	}
	facts = Facts{}
	for _, name := range names {
		_, name, _ = strings.Cut(strings.TrimSpace(name), "=")
		if facts[name], err = tableOf(ctx, db, name); err != nil {
			return nil, err
		}
	}
	return facts, nil
}

func tableOf(ctx context.Context, db *sql.DB, name string) ([]string, error) {
	rows, err := rowsOf(ctx, db, `SELECT * FROM "`+name+`"`)
	slices.Sort(rows)
	return rows, err
}

func rowsOf(ctx context.Context, db *sql.DB, query string) (out []string, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		var row strings.Builder
		for i, column := range columns {
			fmt.Fprintf(&row, "%s=%s ", column, textOf(values[i]))
		}
		out = append(out, row.String())
	}
	return out, rows.Err()
}

func textOf(value any) string {
	switch v := value.(type) {
	case []byte:
		return string(v)
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprint(value)
}
