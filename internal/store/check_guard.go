package store

import (
	"context"
	"database/sql"
	"embed"
	"slices"
	"strings"
)

// guards are the tables, indexes, constraints and triggers that a migrated database has, a line each. The database refuses by them what must
// never be, so that one which is missing or turned off is a finding although every row may still be right.
//
//go:embed guards
var guards embed.FS

// guardQueries ask what there is, in the words of the files. On PostgreSQL a trigger that is turned off, and a constraint that was never
// held against the rows that there are, do not count.
var guardQueries = map[engine]string{
	sqliteEngine: `SELECT type || ' ' || name FROM sqlite_master WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\'`,
	postgresEngine: `
		SELECT 'table ' || relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
		UNION ALL SELECT 'index ' || c.relname FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
			WHERE c.relkind = 'i' AND i.indisvalid AND c.relnamespace = current_schema()::regnamespace
		UNION ALL SELECT 'constraint ' || r.relname || ' ' || c.conname FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
			WHERE c.convalidated AND c.contype IN ('c', 'f', 'p', 'u', 'x') AND r.relnamespace = current_schema()::regnamespace
		UNION ALL SELECT 'trigger ' || t.tgname FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid
			WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND r.relnamespace = current_schema()::regnamespace`,
}

// guardsOf are the guards that a database has, in order.
func guardsOf(ctx context.Context, tx *sql.Tx, engine engine) (all []string, err error) {
	err = eachRow(ctx, tx, guardQueries[engine], func(scan func(...any) error) error {
		var line string
		if err := scan(&line); err != nil {
			return err
		}
		all = append(all, line)
		return nil
	})
	slices.Sort(all)
	return all, err
}

func (s *Store) checkGuards(ctx context.Context, tx *sql.Tx, f *findings, _ Progress) error {
	text, err := guards.ReadFile("guards/" + string(s.engine) + ".txt")
	if err != nil {
		return err
	}
	have, err := guardsOf(ctx, tx, s.engine)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(have, line) {
			f.add("a guard", "The %s is missing or turned off, by which the database refuses what must never be: restore a backup.", line)
		}
	}
	return nil
}
