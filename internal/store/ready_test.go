package store_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// why is what a store says is wrong, and nothing when it is ready.
func why(ctx context.Context, t *testing.T, s *store.Store) string {
	t.Helper()
	err := s.Ready(ctx)
	var not *store.NotReady
	if err != nil && (!errors.As(err, &not) || not.Cause == nil) {
		t.Fatal(err)
	}
	if not == nil {
		return ""
	}
	return not.Why
}

// A database that can be read and not written is not ready, says so, and is again without being opened anew; whoever asks
// often makes it write no more often.
func TestReady_NoticesWhatCannotBeWritten(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			url, clock := address(t), storetest.NewClock()
			s := storetest.Open(t, url, filepath.Join(t.TempDir(), "keys"), clock.Now)
			before := storetest.Read(t, url)
			if said := why(t.Context(), t, s); said != "" {
				t.Fatalf("at first: %s", said)
			}
			if changed := storetest.Read(t, url).Changed(before); len(changed) > 0 {
				t.Errorf("rows of %v have changed", changed)
			}
			release := keepFromWriting(t, engine, url)
			reads(t, s)
			if said := why(t.Context(), t, s); said != "" {
				t.Errorf("within the same seconds: %s", said)
			}
			clock.Advance(5 * time.Second)
			// As long as the server waits: what is kept from writing does not keep the one who asks.
			impatient, end := context.WithTimeout(t.Context(), 2*time.Second)
			if said := why(impatient, t, s); said != "the database cannot be written" {
				t.Errorf("while nothing can be written: %q", said)
			}
			end()
			reads(t, s)
			release()
			reads(t, s)
			if said := why(t.Context(), t, s); said == "" && engine == "postgres" { // the try on SQLite still waits, and now succeeds
				t.Error("within the same seconds it is said to be ready")
			}
			clock.Advance(5 * time.Second)
			if said := why(t.Context(), t, s); said != "" {
				t.Errorf("when it can be written again: %s", said)
			}
			check(t, s.Close())
			if said := why(t.Context(), t, s); said != "the database does not answer" {
				t.Errorf("closed: %q", said)
			}
		})
	}
}

// reads fails the test unless a store can be read, once it has noticed that its connections were ended.
func reads(t *testing.T, s *store.Store) {
	t.Helper()
	var err error
	for range 20 {
		if _, err = s.Branches(t.Context()); err == nil {
			return
		}
	}
	t.Errorf("it cannot be read: %v", err)
}

// keepFromWriting makes a database read-only: PostgreSQL for every new connection, SQLite by a transaction of somebody else.
func keepFromWriting(t *testing.T, engine, url string) (release func()) {
	t.Helper()
	if engine == "postgres" {
		readOnly := func(is string) {
			ours := url + "&default_transaction_read_only=off"
			storetest.Exec(t, ours, `DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET default_transaction_read_only = `+is+`'; END $$`)
			storetest.Exec(t, ours, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
		}
		readOnly("on")
		return func() { readOnly("off") }
	}
	db, err := sql.Open("sqlite3", "file:"+strings.TrimPrefix(url, "sqlite:")+"?_txlock=immediate")
	check(t, err)
	tx, err := db.BeginTx(t.Context(), nil)
	check(t, err)
	return func() { check(t, errors.Join(tx.Rollback(), db.Close())) }
}

// Whoever stops asking leaves no result behind, and whoever waits for another's check waits no longer than they want.
func TestReady_WhoLeavesSaysNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		gone, leave := context.WithCancel(t.Context())
		leave()
		if err := s.Ready(gone); !errors.Is(err, context.Canceled) {
			t.Errorf("who has left is told %v", err)
		}
		if said := why(t.Context(), t, s); said != "" {
			t.Errorf("the next one is told: %s", said)
		}
	})
}
