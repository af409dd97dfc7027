// Package store keeps the facts. It is the only package that knows gorm and SQL. There is one concrete Store for both
// engines, with a file for each noun; a decision is asked of package clinic, a tie is decided by the database.
//
// SQLite has one write connection, so that writers queue in Go instead of failing as busy, and a read pool beside it
// that can never write. Inside a transaction only tx may be used: s.write would wait for itself.
package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// Store is the database of one clinic.
type Store struct {
	engine  engine
	path    string // SQLite: the file
	write   *gorm.DB
	read    *gorm.DB
	keyring *seal.Keyring
	source  atomic.Pointer[keySource] // of the keys; nil before Unlock

	auditKey []byte // of the codes in the audit log

	clock   func() time.Time
	letters chan struct{}

	newReference func() string // clinic.NewReference

	limits bool // false only for measuring

	rates clinic.Rates // of letters

	settings atomic.Pointer[settings] // as they were read last; nil before the first time

	watchers watchers

	questionnaires questionnaires

	opened  opened
	intakes openedIntakes

	steps steps // of visitors, not yet written down
	forms forms // what was noticed about theirs

	leader   chan struct{} // SQLite: held by the one who writes for all
	queueing sync.Mutex    // guards queue
	queue    []*waiting    // SQLite: what waits to be written, first come first

	checkpoints checkpoints // SQLite

	writable writable // what Ready found

	postgres      *pgx.ConnConfig // PostgreSQL: for connections outside of the pool
	listening     sync.Mutex      // guards stopListening
	stopListening func()          // nil while nobody listens
	instance      string          // by which the others know who has told something
	teller        teller
}

// LiftLimits lets everybody book, and get letters, as often as they like from now on. It is for measuring only.
func (s *Store) LiftLimits() { s.limits = false }

// now is the present instant in UTC, to the microsecond that both engines keep. SQLite compares instants as text, so
// every instant that is stored or asked for must be in UTC.
func (s *Store) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

// aText is a parameter of a joined query that a text column must equal. SQLite (3.54) plans such a query anew whenever a bare
// parameter is bound, because the number 0 or 1 would make it think of another plan; that takes longer than the query. A cast
// says that it is no number.
const aText = "CAST(? AS text)"

// aBytes is aText for bytes. gorm takes bytes right behind a parenthesis for a list, and this not.
func (s *Store) aBytes() string {
	if s.engine == postgresEngine {
		return "CAST( ? AS bytea)"
	}
	return "CAST( ? AS blob)"
}

// reader is where queries outside a transaction go.
func (s *Store) reader(ctx context.Context) *gorm.DB { return s.read.WithContext(ctx) }

// one fills out with the single row of q, or answers that there is none.
func one(q *gorm.DB, out any) error {
	err := q.Take(out).Error
	if errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, sql.ErrNoRows) || isInvalidText(err) {
		return NotFound()
	}
	return asUnavailable(err)
}

// NotFound is the one answer for what does not exist and for what is not yours.
func NotFound() error {
	return &clinic.Error{Code: clinic.NotFound, Message: "error.not_found"}
}
