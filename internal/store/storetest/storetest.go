// Package storetest gives tests a database: migrated, empty, of their own, on both engines.
package storetest

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"madoguchi/internal/store"
)

// Engines makes a new database on each engine and returns its address, for a test that opens it in its own way.
var Engines = map[string]func(testing.TB) string{"sqlite": SQLiteURL, "postgres": PostgresURL}

// Each runs a test on SQLite and on PostgreSQL, each time with a new database and with a clock that begins at Begin.
func Each(t *testing.T, test func(t *testing.T, s *store.Store, clock *Clock)) {
	t.Helper()
	EachAt(t, func(t *testing.T, s *store.Store, clock *Clock, _ string) {
		t.Helper()
		test(t, s, clock)
	})
}

// EachAt is Each for a test that looks into the database itself, at its address.
func EachAt(t *testing.T, test func(t *testing.T, s *store.Store, clock *Clock, address string)) {
	t.Helper()
	for engine, address := range Engines {
		t.Run(engine, func(t *testing.T) {
			clock, at := NewClock(), address(t)
			test(t, Open(t, at, filepath.Join(t.TempDir(), "madoguchi.keys"), clock.Now), clock, at)
		})
	}
}

// Open opens a migrated database, unlocks it with a key file, which is made where it is missing, and closes it with the
// test. Several servers on one database are several stores with one key file.
func Open(tb testing.TB, address, keyFile string, now func() time.Time) *store.Store {
	tb.Helper()
	s, err := store.Open(tb.Context(), address, now)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	if _, err := s.Unlock(tb.Context(), keyFile); err != nil {
		tb.Fatal(err)
	}
	return s
}

// Begin is when a test's clock begins: a Tuesday morning in Tokyo, the day after a holiday.
var Begin = time.Date(2026, time.November, 24, 0, 0, 0, 0, time.UTC)

// Clock is a time that only the test moves. It is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that stands at Begin.
func NewClock() *Clock { return &Clock{now: Begin} }

// Now is the present instant.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
