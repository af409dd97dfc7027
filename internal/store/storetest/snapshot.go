package storetest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"path"
	"strings"
	"testing"
)

// Snapshot keeps a database as it is now, with nobody at it, and returns what makes it so again, whoever is still at it.
func Snapshot(tb testing.TB, address string) (restore func()) {
	tb.Helper()
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
		kept, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		return func() {
			tb.Helper()
			for _, end := range []string{"-wal", "-shm"} {
				if err := os.RemoveAll(file + end); err != nil {
					tb.Fatal(err)
				}
			}
			if err := os.WriteFile(file, kept, 0o600); err != nil { //nolint:gosec // as above
				tb.Fatal(err)
			}
		}
	}
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	name, kept := path.Base(u.Path), "madoguchi_test_"+strings.ToLower(rand.Text())
	do := func(statements ...string) {
		tb.Helper()
		for _, s := range statements {
			if err := command(context.Background(), s); err != nil {
				tb.Fatal(err)
			}
		}
	}
	do("CREATE DATABASE " + kept + " TEMPLATE " + name)
	tb.Cleanup(func() { do("DROP DATABASE " + kept + " WITH (FORCE)") })
	return func() {
		tb.Helper()
		do("DROP DATABASE "+name+" WITH (FORCE)", "CREATE DATABASE "+name+" TEMPLATE "+kept)
	}
}
