package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"
)

// checkpointEvery is how long pages gather in SQLite's log before they are copied into the file. A page that several changes have written
// meanwhile is copied once.
const checkpointEvery = 250 * time.Millisecond

// longestLog is the length of the log, in pages of 4 KB, from which on whoever commits copies it (64 MB). It is reached only where pages
// are written without a pause, because a log can begin anew only once all of it was copied.
const longestLog = 16384

// checkpoints copies what was written into SQLite's log into the file, beside the changes and on a connection of its own. SQLite does it
// itself in the commit that makes the log long, and whoever booked then waited ten times as long as others.
type checkpoints struct {
	db   *sql.DB
	due  chan struct{} // something was committed
	mu   sync.Mutex    // guards the log: two checkpoints at once disturb one another
	stop func()
}

func (c *checkpoints) start(path string) error {
	var err error
	if c.db, err = sql.Open(sqliteDriver, sqliteDSN(path, writing)); err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	c.due = make(chan struct{}, 1)
	c.stop = inBackground(c.run)
	return nil
}

func (c *checkpoints) run(ctx context.Context) {
	for {
		select {
		case <-c.due:
		case <-ctx.Done():
			return
		}
		select {
		case <-time.After(checkpointEvery):
		case <-ctx.Done(): // whoever closes the database last copies all of the log
			return
		}
		c.mu.Lock()
		// What could not be copied stays in the log, from which it is read, and is tried again after the next change. Where that is
		// because the disk is full, Ready says so.
		_, _ = c.db.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
		c.mu.Unlock()
	}
}

// committed says that something stands in the log.
func (c *checkpoints) committed() {
	select {
	case c.due <- struct{}{}:
	default: // it is known
	}
}

func (c *checkpoints) close() error {
	if c.stop == nil {
		return nil
	}
	c.stop()
	return c.db.Close()
}
