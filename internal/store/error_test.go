package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"

	"madoguchi/internal/clinic"
)

// What the database cannot do just now makes it unavailable, what nobody can hold a text of is bad input, and the rest is a failure
// inside, or passes as it is.
func TestAsUnavailable(t *testing.T) {
	closed := sql.OpenDB(nothing{})
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	none := (&clinic.Error{Code: clinic.NotFound})
	for _, c := range []struct {
		err  error
		want clinic.Code
	}{
		{nil, ""},
		{errors.New("a bug"), ""},
		{none, clinic.NotFound},
		{context.Canceled, ""},
		{fmt.Errorf("timeout: %w", context.Canceled), ""},
		{context.DeadlineExceeded, clinic.Unavailable},

		// A connection that is no more, as each layer says it.
		{pgconn.ErrConnClosed, clinic.Unavailable},
		{fmt.Errorf("begin: %w", pgconn.ErrConnClosed), clinic.Unavailable},
		{&pgconn.ConnectError{}, clinic.Unavailable},
		{driver.ErrBadConn, clinic.Unavailable},
		{sql.ErrConnDone, clinic.Unavailable},
		{sql.ErrTxDone, clinic.Unavailable},
		{closed.PingContext(t.Context()), clinic.Unavailable},
		{io.EOF, clinic.Unavailable},
		{io.ErrUnexpectedEOF, clinic.Unavailable},
		{fmt.Errorf("failed to receive message: %w", io.ErrUnexpectedEOF), clinic.Unavailable},
		{net.ErrClosed, clinic.Unavailable},
		{&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, clinic.Unavailable},
		{syscall.ECONNRESET, clinic.Unavailable},
		{syscall.EPIPE, clinic.Unavailable},
		{os.ErrDeadlineExceeded, clinic.Unavailable},

		{pg("08006"), clinic.Unavailable}, // connection failure
		{pg("53100"), clinic.Unavailable}, // disk full
		{pg("53300"), clinic.Unavailable}, // too many connections
		{pg("57P01"), clinic.Unavailable}, // admin shutdown
		{pg("57P03"), clinic.Unavailable}, // cannot connect now
		{pg("57014"), clinic.Unavailable}, // query canceled, by somebody else or by its timeout
		{pg("58030"), clinic.Unavailable}, // input or output error
		{pg("25006"), clinic.Unavailable}, // read only, as a standby is
		{pg("25P03"), clinic.Unavailable}, // idle in transaction for too long
		{pg("55P03"), clinic.Unavailable}, // a lock that was not had in time
		{pg("40001"), clinic.Unavailable},
		{pg("40P01"), clinic.Unavailable},
		{pg("22021"), clinic.Invalid}, // a zero byte, or no UTF-8
		{pg("54000"), clinic.Invalid}, // larger than an index can hold
		{pg("23505"), ""},
		{pg("42P01"), ""}, // a table that is not there
		{pg("XX001"), ""}, // damaged

		{lite(sqlite3.ErrFull), clinic.Unavailable},
		{lite(sqlite3.ErrIoErr), clinic.Unavailable},
		{lite(sqlite3.ErrBusy), clinic.Unavailable},
		{lite(sqlite3.ErrLocked), clinic.Unavailable},
		{lite(sqlite3.ErrReadonly), clinic.Unavailable},
		{lite(sqlite3.ErrCantOpen), clinic.Unavailable},
		{lite(sqlite3.ErrNomem), clinic.Unavailable},
		{lite(sqlite3.ErrProtocol), clinic.Unavailable},
		{lite(sqlite3.ErrInterrupt), clinic.Unavailable},
		{lite(sqlite3.ErrTooBig), clinic.Invalid},
		{lite(sqlite3.ErrConstraint), ""},
		{lite(sqlite3.ErrCorrupt), ""},
		{lite(sqlite3.ErrError), ""},
	} {
		got := asUnavailable(c.err)
		if clinic.CodeOf(got) != c.want {
			t.Errorf("%v is %q, want %q", c.err, clinic.CodeOf(got), c.want)
		}
		if c.err != nil && !errors.Is(got, c.err) {
			t.Errorf("the cause %v is lost", c.err)
		}
	}
}

func pg(code string) error { return fmt.Errorf("exec: %w", &pgconn.PgError{Code: code}) }

func lite(code sqlite3.ErrNo) error { return fmt.Errorf("exec: %w", sqlite3.Error{Code: code}) }

// nothing is a database that nobody can connect to.
type nothing struct{}

func (nothing) Connect(context.Context) (driver.Conn, error) { return nil, errors.New("no") }
func (nothing) Driver() driver.Driver                        { return nil }

func TestWhyNotWritten(t *testing.T) {
	for _, c := range []struct {
		err  error
		full bool
	}{
		{lite(sqlite3.ErrFull), true},
		{pg("53100"), true},
		{asUnavailable(lite(sqlite3.ErrFull)), true},
		{lite(sqlite3.ErrIoErr), false},
		{pg("25006"), false},
		{context.DeadlineExceeded, false},
	} {
		if got := whyNotWritten(c.err); strings.Contains(got, "disk") != c.full || got == "" {
			t.Errorf("%v: %s", c.err, got)
		}
	}
}
