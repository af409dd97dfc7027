package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// tableSum is what is in a table: how many rows, and the sum of their hashes, which does not depend on their order.
type tableSum struct {
	rows int64
	hash [4]uint64
}

// text is the hash as a text.
func (t tableSum) text() string {
	var b [32]byte
	for i, part := range t.hash {
		binary.BigEndian.PutUint64(b[8*i:], part)
	}
	return hex.EncodeToString(b[:])
}

// add counts a row, whose columns are in the order of their names.
func (t *tableSum) add(row []any) error {
	h := sha256.New()
	for _, value := range row {
		kind, content := byte('0'), []byte(nil)
		switch v := value.(type) {
		case nil:
		case bool:
			kind = 'f'
			if v {
				kind = 't'
			}
		case int64:
			kind, content = 'i', binary.BigEndian.AppendUint64(nil, uint64(v))
		case string:
			kind, content = 's', []byte(v)
		case []byte:
			kind, content = 'x', v
		case time.Time:
			kind, content = 'z', binary.BigEndian.AppendUint64(nil, uint64(v.UnixMicro()))
		default:
			return fmt.Errorf("a value of the type %T, of which it is not known how to compare it", value)
		}
		_, _ = h.Write(append(binary.BigEndian.AppendUint64([]byte{kind}, uint64(len(content))), content...)) // a hash takes everything
	}
	sum := h.Sum(nil)
	t.rows++
	for i := range t.hash {
		t.hash[i] += binary.BigEndian.Uint64(sum[8*i:])
	}
	return nil
}

// movingTable is a table that is moved, with its columns in the order of their names.
type movingTable struct {
	name    string
	columns []string
	refers  []string // tables whose rows must be there first
}

// selects reads a table but for the mark of the move itself.
func (t movingTable) selects() string {
	quoted := make([]string, len(t.columns))
	for i, c := range t.columns {
		quoted[i] = `"` + c + `"`
	}
	query := "SELECT " + strings.Join(quoted, ", ") + ` FROM "` + t.name + `"`
	if t.name == (settingRow{}).TableName() {
		query += " WHERE name <> '" + moveSetting + "'"
	}
	return query
}

// movingTables are the tables of PostgreSQL, each after those that its rows refer to.
func movingTables(ctx context.Context, target *sql.Tx) (sorted []movingTable, err error) {
	var left []movingTable
	err = eachRow(ctx, target, `
		SELECT c.relname,
			(SELECT string_agg(a.attname, ',' ORDER BY a.attname::text COLLATE "C") FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
			(SELECT COALESCE(string_agg(r.relname, ','), '') FROM pg_constraint f JOIN pg_class r ON r.oid = f.confrelid
				WHERE f.conrelid = c.oid AND f.contype = 'f' AND NOT f.condeferrable AND f.confrelid <> c.oid)
		FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND c.relname <> $1 ORDER BY 1`,
		func(scan func(...any) error) error {
			var name, columns, refers string
			if err := scan(&name, &columns, &refers); err != nil {
				return err
			}
			left = append(left, movingTable{name, strings.Split(columns, ","), strings.FieldsFunc(refers, func(r rune) bool { return r == ',' })})
			return nil
		}, versionTable)
	var names []string
	for err == nil && len(left) > 0 {
		i := slices.IndexFunc(left, func(t movingTable) bool {
			return !slices.ContainsFunc(t.refers, func(name string) bool { return !slices.Contains(names, name) })
		})
		if i < 0 {
			return nil, fmt.Errorf("the tables from %s on refer to each other in a circle", left[0].name)
		}
		sorted, names = append(sorted, left[i]), append(names, left[i].name)
		left = slices.Delete(left, i, i+1)
	}
	return sorted, err
}

// sumTables reads all tables in a transaction of either engine.
func sumTables(ctx context.Context, tx *sql.Tx, tables []movingTable, p *progress) (map[string]tableSum, error) {
	out := map[string]tableSum{}
	for _, t := range tables {
		sum, err := t.read(ctx, tx, p)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", t.name, err)
		}
		out[t.name] = sum
	}
	return out, nil
}

// read sums the rows of a table.
func (t movingTable) read(ctx context.Context, tx *sql.Tx, p *progress) (sum tableSum, err error) {
	rows, err := tx.QueryContext(ctx, t.selects())
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, rows.Err(), rows.Close()) }()
	from := &movingRows{rows: rows, width: len(t.columns), progress: p}
	for from.Next() {
	}
	return from.sum, from.Err()
}

// copy copies the rows of a table to a connection, and sums them.
func (t movingTable) copy(ctx context.Context, source *sql.Tx, conn *sql.Conn, p *progress) (sum tableSum, err error) {
	rows, err := source.QueryContext(ctx, t.selects())
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, rows.Err(), rows.Close()) }()
	from := &movingRows{rows: rows, width: len(t.columns), progress: p}
	err = conn.Raw(func(c any) error {
		pg, ok := c.(*stdlib.Conn)
		if !ok {
			return errors.New("this is no connection to PostgreSQL")
		}
		_, err := pg.Conn().CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, from)
		return err
	})
	return from.sum, err
}

// movingRows are the rows of a table on their way, counted and hashed as they pass. It is a pgx.CopyFromSource.
type movingRows struct {
	rows     *sql.Rows
	width    int
	progress *progress
	sum      tableSum
	row      []any
	err      error
}

// Next reads a row.
func (m *movingRows) Next() bool {
	if m.err != nil || !m.rows.Next() {
		return false
	}
	m.row = make([]any, m.width)
	targets := make([]any, m.width)
	for i := range targets {
		targets[i] = &m.row[i]
	}
	m.err = errors.Join(m.rows.Scan(targets...), m.progress.add(1))
	if m.err == nil {
		m.err = m.sum.add(m.row)
	}
	return m.err == nil
}

// Values is the row that was read.
func (m *movingRows) Values() ([]any, error) { return m.row, nil }

// Err is why there are no more.
func (m *movingRows) Err() error { return errors.Join(m.err, m.rows.Err()) }

// copyTables copies everything into PostgreSQL, in a transaction on a connection. Its triggers are off meanwhile: they watch over how rows come
// to be, and these have come to be elsewhere, one after the other. Keys, checks, references and exclusions hold every row.
func copyTables(ctx context.Context, source *sql.Tx, conn *sql.Conn, target *sql.Tx, tables []movingTable, p *progress) (map[string]tableSum, error) {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = pgx.Identifier{t.name}.Sanitize()
		if _, err := target.ExecContext(ctx, "ALTER TABLE "+names[i]+" DISABLE TRIGGER USER"); err != nil {
			return nil, err
		}
	}
	// What the migrations have put there comes along as it is in the source.
	if _, err := target.ExecContext(ctx, "TRUNCATE "+strings.Join(names, ", ")); err != nil {
		return nil, err
	}
	out := map[string]tableSum{}
	for _, t := range tables {
		sum, err := t.copy(ctx, source, conn, p)
		if err != nil {
			return nil, fmt.Errorf("copy %s: %w", t.name, err)
		}
		out[t.name] = sum
	}
	if _, err := target.ExecContext(ctx, "SET CONSTRAINTS ALL IMMEDIATE"); err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, err := target.ExecContext(ctx, "ALTER TABLE "+name+" ENABLE TRIGGER USER"); err != nil {
			return nil, err
		}
	}
	return out, nil
}
