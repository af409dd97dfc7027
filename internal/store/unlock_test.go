package store_test

import (
	"bytes"
	"encoding/json"
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
			for _, want := range []store.KeysAre{store.KeysMade, store.KeysKnown, store.KeysKnown} {
				if got, err := s.Unlock(t.Context(), keys); err != nil || got != want {
					t.Fatalf("the keys are %d, want %d (%v)", got, want, err)
				}
			}
			empty, err := store.Open(t.Context(), address(t), storetest.NewClock().Now)
			check(t, err)
			defer func() { check(t, empty.Close()) }()
			for _, want := range []store.KeysAre{store.KeysOlder, store.KeysKnown} {
				if got, err := empty.Unlock(t.Context(), keys); err != nil || got != want {
					t.Fatalf("an empty database beside keys: they are %d, want %d (%v)", got, want, err)
				}
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

// TestUnlock_ProbesEveryKey: with one of the three keys from another key file, what is sealed with it would be lost, or what
// is stored not be found.
func TestUnlock_ProbesEveryKey(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			url := address(t)
			keys, other := filepath.Join(t.TempDir(), "keys"), filepath.Join(t.TempDir(), "keys")
			s := storetest.Open(t, url, keys, storetest.NewClock().Now)
			storetest.Open(t, address(t), other, storetest.NewClock().Now)
			before := storetest.Read(t, url)
			for name := range keysOf(t, keys) {
				if name == "dates" {
					continue
				}
				mixed := keysOf(t, keys)
				mixed[name] = keysOf(t, other)[name]
				text, err := json.Marshal(mixed)
				check(t, err)
				file := filepath.Join(t.TempDir(), "keys")
				check(t, os.WriteFile(file, text, 0o600))
				if _, err := s.Unlock(t.Context(), file); !errors.Is(err, store.ErrKeys) || !strings.Contains(err.Error(), name) {
					t.Errorf("another key %q: %v", name, err)
				}
			}
			if changed := storetest.Read(t, url).Changed(before); len(changed) > 0 {
				t.Errorf("rows were written in %v", changed)
			}
		})
	}
}

func keysOf(t *testing.T, file string) (keys map[string]json.RawMessage) {
	t.Helper()
	text, err := os.ReadFile(file)
	check(t, err)
	check(t, json.Unmarshal(text, &keys))
	return keys
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
