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
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/mattn/go-sqlite3"
	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"

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
	writable writable      // what Ready found
}

type engine string

const (
	sqliteEngine   engine = "sqlite"
	postgresEngine engine = "postgres"
)

// readers is the size of SQLite's read pool; connections is that of PostgreSQL's, per instance.
const (
	readers     = 4
	connections = 16
)

// Open opens the database at "sqlite:PATH" or "postgres://…". It neither migrates nor
// unlocks it. now is the clock; only an opened store that is never used for more than its shape may go without.
func Open(ctx context.Context, address string, now func() time.Time) (*Store, error) {
	s := &Store{clock: now, letters: make(chan struct{}, 1), turn: make(chan struct{}, 1)}
	var err error
	switch s.engine, err = engineOf(address); s.engine {
	case sqliteEngine:
		err = s.openSQLite(address)
	case postgresEngine:
		err = s.openPostgres(address)
	}
	if err == nil {
		err = s.ping(ctx)
	}
	if err != nil {
		return nil, errors.Join(explainDamage(err, address), s.Close())
	}
	return s, nil
}

func engineOf(address string) (engine, error) {
	switch {
	case strings.HasPrefix(address, "sqlite:"):
		return sqliteEngine, nil
	case strings.HasPrefix(address, "postgres://"), strings.HasPrefix(address, "postgresql://"):
		return postgresEngine, nil
	}
	return "", errors.New("the database must be sqlite:PATH or postgres://…")
}

func (s *Store) openSQLite(address string) error {
	path := strings.TrimPrefix(address, "sqlite:")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	var err error
	if s.write, err = openGorm(sqlite.New(sqlite.Config{DriverName: sqliteDriver, DSN: sqliteDSN(path, false)}), 1); err != nil {
		return err
	}
	s.read, err = openGorm(sqlite.New(sqlite.Config{DriverName: sqliteDriver, DSN: sqliteDSN(path, true)}), readers)
	return err
}

// sqliteDriver is SQLite with what its address cannot say.
const sqliteDriver = "sqlite3_madoguchi"

// A checkpoint copies every changed page from the log into the file and waits for the disk; a page that many bookings
// change is copied once. So it runs every 16 MB of log (4,096 pages) instead of every 4.
func init() {
	sql.Register(sqliteDriver, &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		_, err := c.Exec("PRAGMA wal_autocheckpoint = 4096", nil)
		return err
	}})
}

// sqliteDSN sets what makes SQLite durable and quick. synchronous=FULL syncs the log at every commit, so that what was
// acknowledged survives a power cut; txlock=immediate takes the write lock at BEGIN, because a transaction that reads
// first and writes later fails as busy under load.
func sqliteDSN(path string, readOnly bool) string {
	q := url.Values{
		"_journal_mode": {"WAL"}, "_synchronous": {"FULL"}, "_txlock": {"immediate"}, "_busy_timeout": {"10000"},
		"_foreign_keys": {"1"}, "_cache_size": {"-65536"}, "_loc": {"UTC"}, "_stmt_cache_size": {"64"},
	}
	if readOnly {
		q.Set("_query_only", "1")
		q.Set("_txlock", "deferred")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

func (s *Store) openPostgres(address string) error {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		// The library's words repeat the address, which holds a password.
		return errors.New("open database: the postgres:// address cannot be read")
	}
	config.RuntimeParams["timezone"] = "UTC"
	s.write, err = openGorm(postgres.New(postgres.Config{Conn: stdlib.OpenDB(*config)}), connections)
	s.read = s.write
	return err
}

func openGorm(dialector gorm.Dialector, most int) (*gorm.DB, error) {
	db, err := gorm.Open(dialector, &gorm.Config{
		// Associations are never written along by accident, and each transaction is asked for by name.
		SkipDefaultTransaction: true,
		Logger:                 logger.Discard,
		DisableAutomaticPing:   true,
	})
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	pool, err := db.DB()
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	pool.SetMaxOpenConns(most)
	pool.SetMaxIdleConns(most)
	return db.Omit(clause.Associations).Session(&gorm.Session{}), nil
}

// Close lets go of the database.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*gorm.DB{s.read, s.write} {
		if db == nil {
			continue
		}
		pool, err := db.DB()
		if err == nil {
			err = pool.Close()
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return asUnavailable(s.ping(ctx)) }

func (s *Store) ping(ctx context.Context) error {
	for _, db := range []*gorm.DB{s.write, s.read} {
		if err := db.WithContext(ctx).Exec("SELECT 1").Error; err != nil {
			return err
		}
	}
	return nil
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
