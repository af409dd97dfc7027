package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"

	"madoguchi/internal/clinic"
)

// isConstraint reports whether err is the refusal of a constraint, and which one: PostgreSQL names the constraint, SQLite the
// columns, or the text of its trigger. A part of the name is enough, so a caller asks for "idempotency_keys" or "slots_never_overlap".
func isConstraint(err error, constraints ...string) bool {
	var text string
	var pg *pgconn.PgError
	var lite sqlite3.Error
	switch {
	case errors.As(err, &pg) && (pg.Code == "23505" || pg.Code == "23P01" || pg.Code == "23503" || pg.Code == "23514"):
		text = pg.ConstraintName
	case errors.As(err, &lite) && lite.Code == sqlite3.ErrConstraint:
		text = lite.Error()
	default:
		return false
	}
	for _, c := range constraints {
		if strings.Contains(text, c) {
			return true
		}
	}
	return false
}

// asUnavailable marks a failure of the database itself (disk full, no connection, too busy) as clinic.Unavailable, and what no
// database can hold as clinic.Invalid, keeping the cause for the log. Refusals and everything else pass unchanged.
func asUnavailable(err error) error {
	if err == nil || clinic.CodeOf(err) != "" || errors.Is(err, context.Canceled) {
		return err
	}
	var lite sqlite3.Error
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &lite):
		switch lite.Code {
		case sqlite3.ErrFull, sqlite3.ErrIoErr, sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrReadonly, sqlite3.ErrCantOpen, sqlite3.ErrNomem,
			sqlite3.ErrProtocol, sqlite3.ErrInterrupt:
			return unavailable(err)
		case sqlite3.ErrTooBig:
			return unfit("error.form", err)
		}
	case errors.As(err, &pg):
		for _, prefix := range unavailableCodes {
			if strings.HasPrefix(pg.Code, prefix) {
				return unavailable(err)
			}
		}
		switch pg.Code {
		case invalidText:
			return unfit("error.control", err)
		case tooLarge:
			return unfit("error.form", err)
		}
	case isConnectionLost(err):
		return unavailable(err)
	}
	return err
}

// unavailableCodes are the classes and codes of PostgreSQL (its manual, appendix A) that mean "not now": connection, resources,
// somebody ended it, the system, a server that only reads, a transaction that was idle for too long, a lock that was not had in
// time. 40 are lost races nobody was told of.
var unavailableCodes = []string{"08", "53", "57P", "57014", "58", "25006", "25P03", "25P04", "55P03", "40"}

const (
	invalidText = "22021" // a zero byte or broken UTF-8
	tooLarge    = "54000" // a text longer than an index can hold
)

// isConnectionLost reports a connection that was lost, whether anybody has noticed yet or not. It has no error of its own.
func isConnectionLost(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	if errors.As(err, &connect) || errors.As(err, &network) {
		return true
	}
	for _, broken := range []error{
		pgconn.ErrConnClosed, driver.ErrBadConn, sql.ErrConnDone, sql.ErrTxDone, io.EOF, io.ErrUnexpectedEOF, context.DeadlineExceeded,
	} {
		if errors.Is(err, broken) {
			return true
		}
	}
	return strings.Contains(err.Error(), "sql: database is closed") // database/sql has no name for it
}

// isInvalidText reports that a text was asked for that PostgreSQL cannot hold. No row has it, so it is nothing that is there.
func isInvalidText(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == invalidText
}

func unavailable(cause error) error {
	return errors.Join(&clinic.Error{Code: clinic.Unavailable, Message: "error.unavailable"}, cause)
}

func unfit(sentence string, cause error) error {
	return errors.Join(&clinic.Error{Code: clinic.Invalid, Message: sentence}, cause)
}
