package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
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
)

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

// sqliteCache is the memory, in KiB, in which the connections to SQLite keep pages, all of them together. Each has an equal
// part. Pages are not mapped from the file instead (mmap_size): where the disk fails to read one, that would end the
// process and not the query.
const sqliteCache = 64 << 10

// Open opens the database at "sqlite:PATH" or "postgres://…". It neither migrates nor
// unlocks it. now is the clock; only an opened store that is never used for more than its shape may go without.
func Open(ctx context.Context, address string, now func() time.Time) (*Store, error) {
	s := &Store{clock: now, newReference: clinic.NewReference, limits: true, letters: make(chan struct{}, 1), leader: make(chan struct{}, 1), instance: clinic.NewID()}
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
	path, err := sqliteFile(address)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	s.path = path
	if s.write, err = openGorm(sqlite.New(sqlite.Config{DriverName: sqliteDriver, DSN: sqliteDSN(path, writing)}), 1); err != nil {
		return err
	}
	if s.read, err = openGorm(sqlite.New(sqlite.Config{DriverName: sqliteDriver, DSN: sqliteDSN(path, reading)}), readers); err != nil {
		return err
	}
	return s.checkpoints.start(path)
}

// sqliteDriver is SQLite with what its address cannot say.
const sqliteDriver = "sqlite3_madoguchi"

// Behind a savepoint SQLite copies each page before it is changed. Those copies stay in memory: in a file, as beyond 64 KB
// otherwise, they were three of four writes of a batch of bookings.
func init() {
	sql.Register(sqliteDriver, &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		_, err := c.Exec(fmt.Sprintf("PRAGMA wal_autocheckpoint = %d; PRAGMA temp_store = MEMORY", longestLog), nil)
		return err
	}})
}

// use is what a connection to SQLite is for.
type use int

const (
	writing use = iota
	reading
	migrating
	looking // without any change, at what may not be ours
	copying // into a file that is thrown away unless it is finished
)

// sqliteDSN sets what makes SQLite durable and quick. synchronous=FULL syncs the log at every commit, so that what was
// acknowledged survives a power cut; txlock=immediate takes the write lock at BEGIN, because a transaction that reads
// first and writes later fails as busy under load.
//
// While it migrates, foreign keys are off. SQLite changes a table by making it anew and dropping the old one, and with
// foreign keys on that would delete, or refuse because of, the rows that refer to it (SQLite, "ALTER TABLE", 7). Inside of
// a transaction they cannot be turned off.
func sqliteDSN(path string, use use) string {
	q := url.Values{
		"_journal_mode": {"WAL"}, "_synchronous": {"FULL"}, "_txlock": {"immediate"}, "_busy_timeout": {"10000"},
		"_foreign_keys": {"1"}, "_cache_size": {strconv.Itoa(-sqliteCache / (1 + readers))}, "_loc": {"UTC"}, "_stmt_cache_size": {"64"},
		"_secure_delete": {"1"}, // what is deleted is overwritten in the file with zeros
	}
	switch use {
	case writing:
	case reading:
		q.Set("_query_only", "1")
		q.Set("_txlock", "deferred")
	case migrating:
		q.Set("_foreign_keys", "0")
	case looking:
		q.Del("_journal_mode") // which is written into the file
		q.Set("mode", "ro")
	case copying:
		q.Del("_journal_mode")
		q.Set("_synchronous", "OFF")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

func (s *Store) openPostgres(address string) error {
	var err error
	if s.postgres, err = postgresConfig(address); err != nil {
		return err
	}
	s.write, err = openGorm(postgres.New(postgres.Config{Conn: stdlib.OpenDB(*s.postgres)}), connections)
	s.read = s.write
	return err
}

func postgresConfig(address string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		// The library's words repeat the address, which holds a password.
		return nil, errors.New("open database: the postgres:// address cannot be read")
	}
	config.RuntimeParams["timezone"] = "UTC"
	return config, nil
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
	s.teller.end()
	s.listening.Lock()
	defer s.listening.Unlock()
	if s.stopListening != nil {
		s.stopListening()
	}
	errs := []error{s.checkpoints.close()}
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

// ping reports whether the database answers.
func (s *Store) ping(ctx context.Context) error {
	for _, db := range []*gorm.DB{s.write, s.read} {
		if err := db.WithContext(ctx).Exec("SELECT 1").Error; err != nil {
			return err
		}
	}
	return nil
}
