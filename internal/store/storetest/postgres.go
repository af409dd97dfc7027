package storetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"madoguchi/internal/store"
	"madoguchi/migrations"
)

// PostgresURL returns the address of a migrated and empty PostgreSQL database that is dropped with the test. Its server is
// the one that MADOGUCHI_TEST_POSTGRES names, as somebody who may create databases; without it the test fails, because
// a test that did not run proves nothing.
func PostgresURL(tb testing.TB) string {
	tb.Helper()
	template, err := migratedDatabase()
	if err != nil {
		tb.Fatal(err)
	}
	name := "madoguchi_test_" + strings.ToLower(rand.Text())
	// The server copies files faster than pages, which it would write into its log as well.
	if err := command(tb.Context(), "CREATE DATABASE "+name+" TEMPLATE "+template+" STRATEGY FILE_COPY"); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		// FORCE, because a test that failed may have left a connection behind.
		if err := command(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			tb.Error(err)
		}
	})
	address, err := addressOf(name)
	if err != nil {
		tb.Fatal(err)
	}
	return address
}

// templateLock is the advisory lock (any number will do) under which the template is made.
const templateLock = 7_340_512

// migratedDatabase names the database that the others are copied from. Packages are tested by processes side by side: the
// first one makes it, under a lock, the others find it finished. Its name changes with the migrations, so that a server
// that is kept never serves an old one.
var migratedDatabase = sync.OnceValues(func() (name string, err error) {
	ctx := context.Background()
	name, err = templateName()
	if err != nil {
		return "", err
	}
	server, err := connect(ctx)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, server.Close(ctx)) }() // closing gives the lock back
	if _, err := server.Exec(ctx, "SELECT pg_advisory_lock($1)", templateLock); err != nil {
		return "", err
	}
	var finished bool
	err = server.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datistemplate)", name).Scan(&finished)
	if err != nil || finished {
		return name, err
	}
	// Whoever was stopped half-way left one that is not yet a template.
	for _, sql := range []string{"DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", "CREATE DATABASE " + name} {
		if _, err := server.Exec(ctx, sql); err != nil {
			return "", err
		}
	}
	address, err := addressOf(name)
	if err != nil {
		return "", err
	}
	if err := store.Migrate(ctx, address); err != nil {
		return "", fmt.Errorf("migrate PostgreSQL: %w", err)
	}
	_, err = server.Exec(ctx, "ALTER DATABASE "+name+" IS_TEMPLATE true")
	return name, err
})

func templateName() (string, error) {
	files, err := fs.Glob(migrations.FS, "postgres/*.sql")
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, file := range files {
		sql, err := migrations.FS.ReadFile(file)
		if err != nil {
			return "", err
		}
		sum.Write([]byte(file))
		sum.Write(sql)
	}
	return fmt.Sprintf("madoguchi_template_%x", sum.Sum(nil)[:8]), nil
}

// command runs one statement on a connection of its own, so that parallel tests do not wait for one another.
func command(ctx context.Context, sql string) (err error) {
	server, err := connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close(ctx)) }()
	_, err = server.Exec(ctx, sql)
	return err
}

func connect(ctx context.Context) (*pgx.Conn, error) {
	address, err := serverAddress()
	if err != nil {
		return nil, err
	}
	return pgx.Connect(ctx, address)
}

func serverAddress() (string, error) {
	address := os.Getenv("MADOGUCHI_TEST_POSTGRES")
	if address == "" {
		return "", errors.New("MADOGUCHI_TEST_POSTGRES names no PostgreSQL server: run make test, or .ci/with-postgres go test ./…")
	}
	return address, nil
}

// addressOf is the address of a database on the server.
func addressOf(name string) (string, error) {
	address, err := serverAddress()
	if err != nil {
		return "", err
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("MADOGUCHI_TEST_POSTGRES is not an address of the form postgres://…")
	}
	u.Path = "/" + name
	return u.String(), nil
}
