package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"madoguchi/internal/clinic"
)

// change is one write transaction while it runs: the database, who causes it, the instant at which it happens, and what has to be
// told once it is committed. It must not be used after the function that it is passed to has returned.
type change struct {
	*gorm.DB
	store  *Store
	op     string
	actor  clinic.Actor
	now    time.Time
	events []Event
	letter bool
	origin Origin  // of the request
	noted  []noted // for the audit log

	nothing bool // was found that had to be changed

	settingsSeen *int64 // how often the settings had been changed, where it has been read
}

// maxTries is how often a change is tried at most when PostgreSQL ends it because two changes wait for each other. Before each
// further try it waits, so that the other one, which got what it was waiting for, comes first.
const (
	maxTries  = 3
	retryWait = 50 * time.Millisecond
)

// change is the only way to write, but for opening a database. It runs f in one transaction, in which it writes into the audit log what was done and
// about whom; when f or the commit fails, nothing was written, and the error bears the operation's name. After the commit the events are published and the worker is woken.
//
// f may run more than once: PostgreSQL ends one of two transactions that wait for each other, and on SQLite a change whose
// group cannot be committed is run again alone. So f sets what it returns anew each time, and does nothing outside of tx.
func (s *Store) change(ctx context.Context, op string, actor clinic.Actor, f func(tx *change) error) error {
	c := &change{store: s, actor: actor}
	run := func(db *gorm.DB) error {
		*c = change{DB: db, store: s, op: op, actor: actor, now: s.now(), origin: originOf(ctx)}
		if err := f(c); err != nil {
			return err
		}
		return c.note()
	}
	var err error
	if s.engine == sqliteEngine {
		err = s.commitInGroup(ctx, run)
	} else {
		err = s.commitAlone(ctx, run)
	}
	if err != nil {
		return wrap(op, s.noteRefusal(ctx, c, err))
	}
	s.watchers.publish(c.events...)
	if s.engine == postgresEngine {
		s.tellOthers(ctx, c.events...)
	}
	if c.letter {
		s.wakeWorker()
	}
	return nil
}

// commitAlone runs a change on PostgreSQL. A lost race has written nothing and is tried again; a connection that is lost at
// COMMIT is not, because nobody knows whether it was committed.
func (s *Store) commitAlone(ctx context.Context, run func(db *gorm.DB) error) error {
	var err error
	for try := range maxTries {
		if try > 0 {
			select {
			case <-time.After(retryWait):
			case <-ctx.Done():
				return err
			}
		}
		err = s.write.WithContext(ctx).Transaction(run)
		if !lostRace(err) {
			break
		}
	}
	return err
}

// lostRace reports that PostgreSQL ended a transaction for the sake of another: serialization failure or deadlock.
func lostRace(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// wrap gives an error the name of the operation that failed, and marks it where the database itself failed.
func wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("store.%s: %w", op, asUnavailable(err))
}

// changed says that a day of a branch looks different now: the day on which an instant falls in the branch's zone.
func (c *change) changed(branch clinic.Branch, at time.Time) {
	e := Event{BranchID: branch.ID, Day: clinic.DateOf(at, branch.Location()), News: News{Op: c.op, At: at.UTC(), N: 1}}
	if c.actor.Kind == clinic.ActorStaff {
		e.News.By = c.actor.Staff.ID
	}
	for i, have := range c.events {
		if have.OfDay() == e.OfDay() {
			c.events[i].News.N++
			return
		}
	}
	c.events = append(c.events, e)
}

// insert runs an INSERT and returns how many rows it has written. Every booking makes several, so on SQLite, whose parameters are
// the question marks that ours are, it goes past gorm. No other statement does: there a test looks at their plans.
func (c *change) insert(statement string, args ...any) (rows int64, err error) {
	if c.store.engine == postgresEngine {
		q := c.Exec(statement, args...)
		return q.RowsAffected, q.Error
	}
	result, err := runSQLite(c.DB, statement, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// advisoryLock makes transactions that name the same thing wait for one another. On SQLite every write transaction waits for
// every other, so there is nothing to do.
func (c *change) advisoryLock(name string) error {
	if c.store.engine == sqliteEngine {
		return nil
	}
	return c.Exec("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", name).Error
}

// tryAdvisoryLock is advisoryLock for whoever has no need to wait: it reports false where another transaction names the same thing.
func (c *change) tryAdvisoryLock(name string) (mine bool, err error) {
	if c.store.engine == sqliteEngine {
		return true, nil
	}
	err = c.Raw("SELECT pg_try_advisory_xact_lock(hashtextextended(?, 0))", name).Row().Scan(&mine)
	return mine, err
}

// lockSlots keeps others from claiming or closing slots until the transaction ends. Locks are taken in one order, so that no
// two changes wait for each other: first the slots, by id, then their claims and bookings, which belong to whoever has locked
// the slot. On SQLite nobody else writes meanwhile.
func (c *change) lockSlots(ids ...string) error {
	if c.store.engine == sqliteEngine {
		return nil
	}
	var locked []string
	return c.Raw("SELECT id FROM slots WHERE id IN ? ORDER BY id FOR NO KEY UPDATE", ids).Scan(&locked).Error
}

// forUpdate keeps the rows of q as they are read until the transaction ends. On SQLite nobody else writes meanwhile.
func (c *change) forUpdate(q *gorm.DB) *gorm.DB {
	if c.store.engine == sqliteEngine {
		return q
	}
	return q.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
}
