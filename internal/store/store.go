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
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// Store is the database of one clinic.
type Store struct {
	engine  engine
	write   *gorm.DB
	read    *gorm.DB
	keyring *seal.Keyring
	clock   func() time.Time
	letters chan struct{}

	turn     chan struct{} // SQLite: held by the one who writes
	queueing sync.Mutex    // guards queue
	queue    []*work       // SQLite: what waits to be written, first come first
}

// now is the present instant in UTC, to the microsecond that both engines keep. SQLite compares instants as text, so
// every instant that is stored or asked for must be in UTC.
func (s *Store) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

// change runs f in one write transaction. When f or the commit fails, nothing was written.
func (s *Store) change(ctx context.Context, f func(tx *gorm.DB) error) error {
	if s.engine == sqliteEngine {
		return asUnavailable(s.inTurn(ctx, f))
	}
	return asUnavailable(s.write.WithContext(ctx).Transaction(f))
}

// advisoryLock makes transactions that name the same thing wait for one another. On SQLite they do anyway.
func (s *Store) advisoryLock(tx *gorm.DB, name string) error {
	if s.engine == sqliteEngine {
		return nil
	}
	return tx.Exec("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", name).Error
}

// forUpdate keeps the rows of q as they are read until the transaction ends. On SQLite nobody else is writing anyway.
func (s *Store) forUpdate(q *gorm.DB) *gorm.DB {
	if s.engine == sqliteEngine {
		return q
	}
	return q.Clauses(clause.Locking{Strength: "UPDATE"})
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
