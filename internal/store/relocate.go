package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
)

// Relocated is a table that was moved, and found on the other side as it was.
type Relocated struct {
	Table string
	Rows  int64
	Hash  string
}

// relocationLock is the advisory lock (any number will do) under which a clinic arrives in PostgreSQL.
const relocationLock = 7_340_513

// Relocate moves the clinic from SQLite to an empty PostgreSQL database. A server on the SQLite file goes on showing its pages, and takes nothing
// more. Whatever ends the move before the last lines leaves the clinic where it was; what ends it in between them is finished by calling
// it again. See moveSetting. shown is the target's address without its password.
func Relocate(ctx context.Context, from, to, shown, keyFile string, now func() time.Time, tell Progress) (tables []Relocated, err error) {
	if engine, err := engineOf(from); err != nil || engine != sqliteEngine {
		return nil, errors.Join(err, errors.New("a clinic is moved from SQLite: MADOGUCHI_DATABASE names another engine"))
	}
	if err := MustExist(from); err != nil {
		return nil, err
	}
	path, err := sqliteFile(from)
	if err != nil {
		return nil, err
	}
	r := &relocation{path: path, shown: shown, tell: tell}
	if r.clinic, err = relocatable(ctx, from, keyFile, now, tell); err != nil {
		return nil, err
	}
	if err := Migrate(ctx, to); err != nil {
		return nil, fmt.Errorf("the target cannot be used: %w", err)
	}
	config, err := postgresConfig(to)
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*config)
	defer func() { err = errors.Join(err, db.Close()) }()
	if r.target, err = db.Conn(ctx); err != nil {
		return nil, fmt.Errorf("the target cannot be used: %w", err)
	}
	defer func() { _ = r.target.Close() }() // it may have ended with ctx
	var alone bool
	if err := r.target.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", relocationLock).Scan(&alone); err != nil || !alone {
		return nil, errors.Join(err, errors.New("another clinic is being moved into the target just now"))
	}
	unlock, err := lockMoving(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	return r.run(ctx)
}

// relocatable says which clinic a sound database holds.
func relocatable(ctx context.Context, from, keyFile string, now func() time.Time, tell Progress) (name string, err error) {
	s, err := Open(ctx, from, now)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Recognise(ctx, keyFile); err != nil {
		return "", err
	}
	found, err := s.Check(ctx, tell)
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return "", fmt.Errorf("the database is not moved, because it is not sound: %s", strings.Join(found, " "))
	}
	var row settingRow
	err = one(s.reader(ctx).Where("name = ?", probeSetting), &row)
	return clinicOf(row.Value), err
}

// relocation is a move while it is made.
type relocation struct {
	path   string
	clinic string
	shown  string
	target *sql.Conn
	tell   Progress
}

// run holds the source's lock for writing from its beginning to its end. Nobody writes there meanwhile, and when this process dies, the
// lock is gone with it.
func (r *relocation) run(ctx context.Context) (tables []Relocated, err error) {
	db, err := sql.Open(sqliteDriver, sqliteDSN(r.path, writing))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	source, err := db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = source.Rollback() }() // after the commit it does nothing
	was, err := markIn(ctx, source)
	if err != nil {
		return nil, err
	}
	if was.State == markMoved {
		return r.finish(ctx, source, was)
	}
	if tables, err = r.copy(ctx, source); err != nil {
		return nil, err
	}
	// From here on nobody can change their mind.
	r.say("closing SQLite for ever", 0)
	moved := mark{State: markMoved, Clinic: r.clinic, To: r.shown}
	if _, err = source.ExecContext(context.WithoutCancel(ctx), "INSERT INTO settings (name, value, revision) VALUES (?, ?, 1)", moveSetting, moved.text()); err == nil {
		err = source.Commit()
	}
	if err != nil {
		return nil, fmt.Errorf("the clinic was not moved: %w", err)
	}
	return tables, r.open(ctx)
}

// copy fills the target, holds it against the source, and commits it as one that is not opened yet.
func (r *relocation) copy(ctx context.Context, source *sql.Tx) ([]Relocated, error) {
	target, err := r.target.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = target.Rollback() }() // after the commit it does nothing
	if err := r.mustBeVacant(ctx, target); err != nil {
		return nil, err
	}
	tables, total, err := whatMoves(ctx, source, target)
	if err != nil {
		return nil, err
	}
	there, err := copyTables(ctx, source, r.target, target, tables, newProgress(ctx, r.tell, "moving to PostgreSQL", total))
	if err != nil {
		return nil, err
	}
	here, err := sumTables(ctx, target, tables, newProgress(ctx, r.tell, "comparing both sides", total))
	if err != nil {
		return nil, err
	}
	out, err := compare(tables, there, here)
	if err != nil {
		return nil, err
	}
	arriving := mark{State: markArriving, Clinic: r.clinic, To: r.shown}
	if _, err := target.ExecContext(ctx, "INSERT INTO settings (name, value, revision) VALUES ($1, $2, 1)", moveSetting, arriving.text()); err != nil {
		return nil, err
	}
	r.say("committing in PostgreSQL", 0)
	return out, target.Commit()
}

// say tells of a step that takes a moment.
func (r *relocation) say(what string, done int64) {
	if r.tell != nil {
		r.tell(what, done, 1)
	}
}

// whatMoves are the tables that move, with how many rows there are in all.
func whatMoves(ctx context.Context, source, target *sql.Tx) (tables []movingTable, total int64, err error) {
	if tables, err = movingTables(ctx, target); err != nil {
		return nil, 0, err
	}
	for _, t := range tables {
		var n int64
		if err := source.QueryRowContext(ctx, `SELECT COUNT(*) FROM "`+t.name+`"`).Scan(&n); err != nil {
			return nil, 0, err
		}
		total += n
	}
	return tables, total, nil
}

// mustBeVacant refuses a target in which there is another clinic, and keeps every server from beginning one in it meanwhile.
func (r *relocation) mustBeVacant(ctx context.Context, target *sql.Tx) error {
	if _, err := target.ExecContext(ctx, "LOCK TABLE settings IN ACCESS EXCLUSIVE MODE"); err != nil {
		return err
	}
	there, err := markIn(ctx, target)
	if err != nil {
		return err
	}
	if there.State == markArriving && there.Clinic == r.clinic {
		return nil // an earlier try
	}
	var rows int
	err = target.QueryRowContext(ctx, "SELECT (SELECT COUNT(*) FROM settings) + (SELECT COUNT(*) FROM branches)").Scan(&rows)
	if err == nil && rows > 0 {
		err = errors.New("the target is not empty: a server was started on it, or it holds a clinic; name an empty database")
	}
	return err
}

// markIn is the mark of the database of a transaction.
func markIn(ctx context.Context, tx *sql.Tx) (mark, error) {
	var text []byte
	if err := tx.QueryRowContext(ctx, "SELECT value FROM settings WHERE name = $1", moveSetting).Scan(&text); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return mark{}, err
	}
	return parseMark(text)
}

// compare says which table is not on the other side as it was.
func compare(tables []movingTable, there, here map[string]tableSum) (out []Relocated, err error) {
	for _, t := range tables {
		was, is := there[t.name], here[t.name]
		if was != is {
			return nil, fmt.Errorf("the clinic was not moved: the table %s had %d rows with the hash %s and arrived with %d rows and %s", t.name, was.rows, was.text(), is.rows, is.text())
		}
		out = append(out, Relocated{t.name, is.rows, is.text()})
	}
	return out, nil
}

// finish opens a target that a move has reached which was interrupted before its last step.
func (r *relocation) finish(ctx context.Context, source *sql.Tx, was mark) ([]Relocated, error) {
	target, err := r.target.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = target.Rollback() }() // it changes nothing
	there, err := markIn(ctx, target)
	switch {
	case err != nil:
		return nil, err
	case there.Clinic != r.clinic:
		return nil, fmt.Errorf("the clinic has moved already, to %s, and the target is another database", was.To)
	case there.State == markArrived:
		return nil, fmt.Errorf("the clinic has moved already, to %s: set MADOGUCHI_DATABASE to that", was.To)
	}
	tables, total, err := whatMoves(ctx, source, target)
	if err != nil {
		return nil, err
	}
	sums, err := sumTables(ctx, source, tables, newProgress(ctx, r.tell, "reading what has moved", total))
	if err != nil {
		return nil, err
	}
	here, err := sumTables(ctx, target, tables, newProgress(ctx, r.tell, "comparing both sides", total))
	if err != nil {
		return nil, err
	}
	out, err := compare(tables, sums, here)
	if err := errors.Join(err, target.Rollback()); err != nil {
		return nil, err
	}
	return out, r.open(ctx)
}

// open lets servers begin on the target. The source is closed for ever by then, so nobody who wants to stop is heard any more.
func (r *relocation) open(ctx context.Context) error {
	r.say("opening PostgreSQL", 0)
	arrived := mark{State: markArrived, Clinic: r.clinic, To: r.shown}
	_, err := r.target.ExecContext(context.WithoutCancel(ctx), "UPDATE settings SET value = $1 WHERE name = $2", arrived.text(), moveSetting)
	if err != nil {
		return fmt.Errorf("everything has arrived, and the target could not be opened (%w): run madoguchi move again", err)
	}
	r.say("opening PostgreSQL", 1)
	return nil
}
