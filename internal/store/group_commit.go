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

// waiting is one change that waits to be committed to SQLite.
type waiting struct {
	run      func(db *gorm.DB) error
	err      error
	panicked any
	done     chan struct{} // closed when err holds
}

// maxBatch is how many changes are committed together at most, so that nobody waits long for the others.
const maxBatch = 64

// commitInGroup writes to SQLite by group commit. SQLite has one writer at a time; whichever goroutine gets to write is the
// leader and commits batches of all changes that wait, a savepoint for each, until its own change is among them. The disk is
// waited for once per batch, so sixty-four clients wait once and not sixty-four times. A change that is refused is undone
// alone. When the database fails, the whole batch is undone and each of its changes is run again in a transaction of its own,
// so that what is wrong with one fails that one only.
//
// A goroutine may stop waiting when its context ends, as long as its change has not begun. One that has begun is finished and
// its outcome is returned, so that nobody is left in doubt about it.
func (s *Store) commitInGroup(ctx context.Context, run func(db *gorm.DB) error) error {
	if isMoving(s.path) {
		return movingError()
	}
	w := &waiting{run: run, done: make(chan struct{})}
	s.queueing.Lock()
	s.queue = append(s.queue, w)
	s.queueing.Unlock()
	select {
	case s.leader <- struct{}{}:
		for !w.finished() {
			s.commitBatch(context.WithoutCancel(ctx))
		}
		<-s.leader
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

func (w *waiting) finished() bool {
	select {
	case <-w.done:
		return true
	default:
		return false
	}
}

// withdraw takes back what nobody has begun yet.
func (s *Store) withdraw(w *waiting) bool {
	s.queueing.Lock()
	defer s.queueing.Unlock()
	i := slices.Index(s.queue, w)
	if i < 0 {
		return false
	}
	s.queue = slices.Delete(s.queue, i, i+1)
	return true
}

// commitBatch commits up to maxBatch of the changes that wait, in the order in which they came. Only the leader may call it.
func (s *Store) commitBatch(ctx context.Context) {
	s.queueing.Lock()
	n := min(len(s.queue), maxBatch)
	batch := slices.Clone(s.queue[:n])
	s.queue = slices.Delete(s.queue, 0, n)
	s.queueing.Unlock()

	if n == 1 || s.transaction(ctx, func(tx *gorm.DB) error { return runTogether(tx, batch) }) != nil {
		for _, w := range batch {
			w.err = s.transaction(ctx, w.try)
		}
	}
	for _, w := range batch {
		close(w.done)
	}
	s.checkpoints.committed()
}

// transaction runs f in one transaction of SQLite. It is begun and ended by hand, because database/sql starts a goroutine for
// each transaction of its own and for each query in it; without them sixty-four clients book an eighth more.
func (s *Store) transaction(ctx context.Context, f func(tx *gorm.DB) error) error {
	return s.write.WithContext(ctx).Connection(func(db *gorm.DB) error {
		tx := db.Session(&gorm.Session{})
		_, err := runSQLite(tx, "BEGIN IMMEDIATE")
		if err != nil {
			return err
		}
		if err = mustNotHaveMoved(tx); err == nil {
			err = f(tx)
		}
		if err == nil {
			_, err = runSQLite(tx, "COMMIT")
		}
		if err != nil {
			undo(tx)
		}
		return err
	})
}

// runSQLite gives a statement to the connection of a transaction as it is written. gorm would first copy itself and then the
// statement, letter by letter.
func runSQLite(tx *gorm.DB, statement string, args ...any) (sql.Result, error) {
	return tx.Statement.ConnPool.ExecContext(tx.Statement.Context, statement, args...)
}

// undo ends a transaction without a trace, unless SQLite has done so already. A connection on which that fails is closed, which
// undoes what it has begun, so that no later change can become part of it.
func undo(tx *gorm.DB) {
	_, failed := runSQLite(tx, "ROLLBACK")
	if conn, ok := tx.Statement.ConnPool.(*sql.Conn); ok && failed != nil {
		_ = conn.Raw(func(c any) error { // which closes the connection, and returns only what it was told
			if lite, ok := c.(*sqlite3.SQLiteConn); ok && lite.AutoCommit() {
				return nil
			}
			return driver.ErrBadConn
		})
	}
}

// runTogether runs a batch in one transaction. A refusal undoes its own change; an error of the database, here or at the
// commit, undoes everything. The savepoints are released, so that a long batch does not carry them all along.
func runTogether(tx *gorm.DB, batch []*waiting) error {
	for _, w := range batch {
		if _, err := runSQLite(tx, "SAVEPOINT change"); err != nil {
			return err
		}
		w.err = w.try(tx)
		if endsTransaction(w.err) {
			return w.err
		}
		if w.err != nil {
			if _, err := runSQLite(tx, "ROLLBACK TO change"); err != nil {
				return err
			}
		}
		if _, err := runSQLite(tx, "RELEASE change"); err != nil {
			return err
		}
	}
	return nil
}

// try runs the change. A panic is kept for the one whose change it is, and undone like a refusal.
func (w *waiting) try(db *gorm.DB) (err error) {
	w.panicked = nil
	defer func() {
		if v := recover(); v != nil {
			w.panicked, err = v, errors.New("the change panicked")
		}
	}()
	return w.run(db)
}

// endsTransaction reports whether an error is the database's own, after which SQLite may have rolled the transaction back, so
// that going on would write outside of it. A refusal of ours does not end it, nor does a constraint, which undoes its own
// statement only.
func endsTransaction(err error) bool {
	var lite sqlite3.Error
	if errors.As(err, &lite) {
		return lite.Code != sqlite3.ErrConstraint
	}
	return errors.Is(err, sql.ErrTxDone) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, driver.ErrBadConn)
}
