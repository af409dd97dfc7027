package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"

	"github.com/mattn/go-sqlite3"
	"gorm.io/gorm"
)

// work is one change that waits for its turn to be written to SQLite.
type work struct {
	f        func(tx *gorm.DB) error
	err      error
	panicked any
	done     chan struct{} // closed when err holds
}

// maxBatch is how many changes are committed together at most, so that nobody waits long for the others.
const maxBatch = 64

// inTurn writes to SQLite, where one writes at a time. Whoever gets the turn writes what all the others wait to have
// written, in one transaction with a savepoint for each, because the disk is waited for once per commit: sixty-four
// clients then wait once and not sixty-four times. A change that is refused is undone alone. When the database itself
// fails, or the commit does, none was written and all are told so.
//
// Waiting can be cancelled; a change that has begun is finished, so that nobody who stopped waiting leaves it in doubt.
func (s *Store) inTurn(ctx context.Context, f func(tx *gorm.DB) error) error {
	w := &work{f: f, done: make(chan struct{})}
	s.queueing.Lock()
	s.queue = append(s.queue, w)
	s.queueing.Unlock()
	select {
	case s.turn <- struct{}{}:
		for !w.finished() {
			s.writeBatch(context.WithoutCancel(ctx))
		}
		<-s.turn
	case <-w.done:
	case <-ctx.Done():
		if s.withdraw(w) {
			return ctx.Err()
		}
		<-w.done
	}
	if w.panicked != nil {
		panic(w.panicked)
	}
	return w.err
}

func (w *work) finished() bool {
	select {
	case <-w.done:
		return true
	default:
		return false
	}
}

// withdraw takes back what nobody has begun yet.
func (s *Store) withdraw(w *work) bool {
	s.queueing.Lock()
	defer s.queueing.Unlock()
	i := slices.Index(s.queue, w)
	if i < 0 {
		return false
	}
	s.queue = slices.Delete(s.queue, i, i+1)
	return true
}

// writeBatch writes the first of those who wait. Only who has the turn may call it.
func (s *Store) writeBatch(ctx context.Context) {
	s.queueing.Lock()
	n := min(len(s.queue), maxBatch)
	batch := slices.Clone(s.queue[:n])
	s.queue = slices.Delete(s.queue, 0, n)
	s.queueing.Unlock()

	err := s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if n == 1 {
			batch[0].err = batch[0].try(tx)
			return batch[0].err
		}
		for _, w := range batch {
			// A transaction within a transaction is a savepoint.
			w.err = tx.Transaction(w.try)
			if endsTransaction(w.err) {
				return w.err
			}
		}
		return nil
	})
	for _, w := range batch {
		if err != nil {
			w.err = err
		}
		close(w.done)
	}
}

// try does the change. A panic is kept for the one whose change it is, and undone like a refusal.
func (w *work) try(tx *gorm.DB) (err error) {
	defer func() {
		if v := recover(); v != nil {
			w.panicked, err = v, errors.New("the change panicked")
		}
	}()
	return w.f(tx)
}

// endsTransaction reports whether an error is the database's own: SQLite may then have rolled everything back by itself,
// and going on would write outside of the transaction. A refused constraint undoes its own statement only.
func endsTransaction(err error) bool {
	var lite sqlite3.Error
	if errors.As(err, &lite) {
		return lite.Code != sqlite3.ErrConstraint
	}
	return errors.Is(err, sql.ErrTxDone) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, driver.ErrBadConn)
}
