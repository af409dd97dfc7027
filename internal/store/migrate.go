package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"madoguchi/migrations"
)

// versionTable is where goose notes which migrations a database has had. It is not the one that goose would choose: a
// database that has goose's own was made by earlier migrations under the same numbers, which were never released.
const (
	versionTable    = "schema_migrations"
	oldVersionTable = "goose_db_version"
)

// migrationLock is the advisory lock (any number will do) under which PostgreSQL is migrated.
const migrationLock = 7_340_511

// Migrate brings the database at an address to the newest shape. Each migration is one transaction: the database has the
// old shape or the new one, never something between. Several processes may call it at once; one does the work and the
// others wait. A damaged file, one of another program, a database that a newer program has migrated and one of a shape that was never released are
// refused and left alone.
func Migrate(ctx context.Context, address string) error { return migrate(ctx, address, migrations.FS) }

// migrate is Migrate with the migrations of files.
func migrate(ctx context.Context, address string, files fs.FS) error {
	engine, err := engineOf(address)
	if err != nil {
		return err
	}
	if engine == sqliteEngine {
		return migrateSQLite(ctx, address, files)
	}
	return migratePostgres(ctx, address, files)
}

func migrateSQLite(ctx context.Context, address string, files fs.FS) (err error) {
	path, err := sqliteFile(address)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	// The lock comes before the database is opened, because the first connection to a new file writes to it.
	unlock, err := lockFolder(ctx, path)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer unlock()
	if err := checkOurs(ctx, path, address); err != nil {
		return err
	}
	db, err := sql.Open(sqliteDriver, sqliteDSN(path, migrating))
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if err := checkFile(ctx, db, address); err != nil {
		return err
	}
	return up(ctx, sqliteEngine, db, files)
}

func migratePostgres(ctx context.Context, address string, files fs.FS) (err error) {
	config, err := postgresConfig(address)
	if err != nil {
		return err
	}
	db := stdlib.OpenDB(*config)
	defer func() { err = errors.Join(err, db.Close()) }() // which ends the session that has the lock
	session, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	var readOnly string
	if err := session.QueryRowContext(ctx, "SHOW transaction_read_only").Scan(&readOnly); err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	if readOnly == "on" {
		return errors.New("it can be read and not written: it is a standby, or default_transaction_read_only is on; name the server that takes writes")
	}
	if _, err := session.ExecContext(ctx, "SELECT pg_advisory_lock($1)", migrationLock); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return up(ctx, postgresEngine, db, files)
}

// up is called under a lock.
func up(ctx context.Context, engine engine, db *sql.DB, files fs.FS) error {
	p, err := newProvider(engine, db, files)
	if err != nil {
		return err
	}
	old, err := newVersions(engine, oldVersionTable)
	if err != nil {
		return err
	}
	switch exists, err := old.TableExists(ctx, db); {
	case err != nil:
		return fmt.Errorf("migrate: %w", err)
	case exists:
		return errors.New("the database has a shape from before the first release of madoguchi, from which no way leads to that of today; " +
			"nothing was changed in it: begin with a new one")
	}
	applied, err := appliedMigrations(ctx, engine, db)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	known := knownMigrations(p)
	for _, version := range applied {
		if version > 0 && !slices.Contains(known, version) {
			return fmt.Errorf("a newer version of madoguchi has migrated the database (to %d, and this program knows no more than %d); "+
				"nothing was changed in it: start that version", version, slices.Max(known))
		}
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Migrated reports whether the database has had every migration that this program knows.
func (s *Store) Migrated(ctx context.Context) (bool, error) {
	db, err := s.write.DB()
	if err != nil {
		return false, fmt.Errorf("migrate: %w", err)
	}
	p, err := newProvider(s.engine, db, migrations.FS)
	if err != nil {
		return false, err
	}
	applied, err := appliedMigrations(ctx, s.engine, db)
	if err != nil {
		return false, asUnavailable(err)
	}
	for _, version := range knownMigrations(p) {
		if !slices.Contains(applied, version) {
			return false, nil
		}
	}
	return true, nil
}

func newProvider(engine engine, db *sql.DB, files fs.FS) (*goose.Provider, error) {
	files, err := fs.Sub(files, string(engine))
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	v, err := newVersions(engine, versionTable)
	if err != nil {
		return nil, err
	}
	p, err := goose.NewProvider(goose.DialectCustom, db, files, goose.WithStore(v))
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	return p, nil
}

func knownMigrations(p *goose.Provider) (known []int64) {
	for _, source := range p.ListSources() {
		known = append(known, source.Version)
	}
	return known
}

// appliedMigrations are those that a database has had, and 0, which goose notes before them.
func appliedMigrations(ctx context.Context, engine engine, db *sql.DB) (applied []int64, err error) {
	v, err := newVersions(engine, versionTable)
	if err != nil {
		return nil, err
	}
	if exists, err := v.TableExists(ctx, db); err != nil || !exists {
		return nil, err
	}
	all, err := v.ListMigrations(ctx, db)
	for _, m := range all {
		applied = append(applied, m.Version)
	}
	return applied, err
}

// versions is goose's table of the migrations a database has had.
type versions struct {
	database.Store
	engine engine
}

func newVersions(engine engine, table string) (versions, error) {
	dialect := database.DialectSQLite3
	if engine == postgresEngine {
		dialect = database.DialectPostgres
	}
	store, err := database.NewStore(dialect, table)
	if err != nil {
		return versions{}, fmt.Errorf("migrate: %w", err)
	}
	return versions{store, engine}, nil
}

// TableExists reports whether there is such a table.
func (v versions) TableExists(ctx context.Context, db database.DBTxConn) (exists bool, err error) {
	query := "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?)"
	if v.engine == postgresEngine {
		query = "SELECT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1)"
	}
	err = db.QueryRowContext(ctx, query, v.Tablename()).Scan(&exists)
	return exists, err
}

// Insert notes a migration. It is the last thing that goose does in a migration's transaction, so this is where SQLite is
// asked what it did not watch over meanwhile; when a row refers to nothing, the migration is undone.
func (v versions) Insert(ctx context.Context, db database.DBTxConn, r database.InsertRequest) error {
	if err := v.Store.Insert(ctx, db, r); err != nil || v.engine == postgresEngine {
		return err
	}
	var table, parent string
	var rows int
	err := db.QueryRowContext(ctx, `SELECT "table", parent, COUNT(*) FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2`).Scan(&table, &parent, &rows)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("%d rows of the table %s would refer to rows of %s that do not exist, so nothing was changed", rows, table, parent)
	}
	return err
}

// RecoverLeases is for a server that is alone (ServeAlone): a letter that is still being sent is a dead server's, so it is due
// at once. Among several servers only a letter's lease can tell, so on PostgreSQL nothing happens.
func (s *Store) RecoverLeases(ctx context.Context) error {
	if s.engine == postgresEngine {
		return nil
	}
	return s.releaseLetters(ctx)
}
