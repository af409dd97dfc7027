package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

func TestUnlock_RefusesOtherKeysAndMissingOnes(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			url := address(t)
			keys := filepath.Join(t.TempDir(), "keys")
			s, err := store.Open(t.Context(), url, storetest.NewClock().Now)
			check(t, err)
			defer func() { check(t, s.Close()) }()
			created, err := s.Unlock(t.Context(), keys)
			if err != nil || !created {
				t.Fatalf("a new database: created %t, %v", created, err)
			}
			created, err = s.Unlock(t.Context(), keys)
			if err != nil || created {
				t.Fatalf("its own keys: created %t, %v", created, err)
			}
			missing := filepath.Join(t.TempDir(), "keys")
			if _, err = s.Unlock(t.Context(), missing); !errors.Is(err, store.ErrKeys) {
				t.Errorf("a missing key file: %v", err)
			}
			if _, err := os.Stat(missing); !os.IsNotExist(err) {
				t.Error("a key file was made for data that it cannot open")
			}
			other := filepath.Join(t.TempDir(), "keys")
			storetest.Open(t, address(t), other, storetest.NewClock().Now)
			if _, err = s.Unlock(t.Context(), other); !errors.Is(err, store.ErrKeys) {
				t.Errorf("another database's keys: %v", err)
			}
		})
	}
}

func TestMigrate_FiveAtOnce(t *testing.T) {
	path := "sqlite:" + filepath.Join(t.TempDir(), "new", "madoguchi.db")
	for _, err := range atOnce(5, func(int) error { return store.Migrate(t.Context(), path) }) {
		check(t, err)
	}
	s, err := store.Open(t.Context(), path, storetest.NewClock().Now)
	check(t, err)
	defer func() { check(t, s.Close()) }()
	if ok, err := s.Migrated(t.Context()); !ok || err != nil {
		t.Errorf("migrated: %t, %v", ok, err)
	}
}

func TestServeAlone_RefusesASecondServer(t *testing.T) {
	address := storetest.SQLiteURL(t)
	release, err := store.ServeAlone(address)
	check(t, err)
	if _, err := store.ServeAlone(address); err == nil {
		t.Error("a second server was let in")
	}
	release()
	again, err := store.ServeAlone(address)
	check(t, err)
	again()
}

// TestSQLite_HoldsNoPlainPersonalData searches the file and its log for what patients typed.
func TestSQLite_HoldsNoPlainPersonalData(t *testing.T) {
	address := storetest.SQLiteURL(t)
	path := strings.TrimPrefix(address, "sqlite:")
	s := storetest.Open(t, address, filepath.Join(t.TempDir(), "keys"), storetest.NewClock().Now)
	c := storetest.NewClinic(t, s)
	r := storetest.Request(c.Slots[0].ID, 1)
	r.Patient.FamilyName, r.Patient.Email, r.Patient.Phone = "目印姓", "marker@example.jp", "09098765432"
	r.Key, r.Details.Answers["request"] = "marker-key", []string{"目印の要望"}
	receipt := storetest.Book(t, s, r)
	for _, file := range []string{path, path + "-wal"} {
		content, err := os.ReadFile(file)
		check(t, err)
		for _, marker := range []string{"目印姓", "シケン", "marker@", "09098765432", "1990-04-01", "目印の要望", "marker-key", receipt.Token} {
			if bytes.Contains(content, []byte(marker)) {
				t.Errorf("%s holds %q", filepath.Base(file), marker)
			}
		}
	}
}
