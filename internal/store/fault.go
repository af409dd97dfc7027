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

// asUnavailable marks a failure of the database itself (disk full, no connection, too busy) as clinic.Unavailable, keeping the
// cause for the log. Refusals and everything else pass unchanged.
func asUnavailable(err error) error {
	if err == nil || clinic.CodeOf(err) != "" || errors.Is(err, context.Canceled) {
		return err
	}
	var lite sqlite3.Error
	if errors.As(err, &lite) {
		switch lite.Code {
		case sqlite3.ErrFull, sqlite3.ErrIoErr, sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrReadonly, sqlite3.ErrCantOpen:
			return unavailable(err)
		}
		return err
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		// Classes: 08 connection, 53 resources, 57P shutting down; 40001 and 40P01 are lost races nobody was told of.
		if strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "53") || strings.HasPrefix(pg.Code, "57P") ||
			pg.Code == "40001" || pg.Code == "40P01" {
			return unavailable(err)
		}
		return err
	}
	var connect *pgconn.ConnectError
	var network net.Error
	if errors.As(err, &connect) || errors.As(err, &network) {
		return unavailable(err)
	}
	// A connection that was lost before anybody noticed has no words of its own.
	for _, broken := range []error{driver.ErrBadConn, sql.ErrConnDone, io.ErrUnexpectedEOF, context.DeadlineExceeded} {
		if errors.Is(err, broken) {
			return unavailable(err)
		}
	}
	return err
}

// isInvalidText reports that a text was asked for that PostgreSQL cannot hold, such as one with a zero byte or broken UTF-8.
// No row has it, so it is nothing that is there.
func isInvalidText(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "22021"
}

func unavailable(cause error) error {
	return errors.Join(&clinic.Error{Code: clinic.Unavailable, Message: "error.unavailable"}, cause)
}
