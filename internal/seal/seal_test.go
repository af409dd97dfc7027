package seal_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"madoguchi/internal/seal"
)

func newKeyring(tb testing.TB) *seal.Keyring {
	tb.Helper()
	return keyringOf(tb)(seal.NewFile(begin))
}

// begin is when the keys of tests are made.
var begin = time.Date(2026, time.November, 24, 0, 0, 0, 0, time.UTC)

// keyringOf makes a keyring of what a function answers.
func keyringOf(tb testing.TB) func(f seal.File, err error) *seal.Keyring {
	tb.Helper()
	return func(f seal.File, err error) *seal.Keyring {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		k, err := f.Keyring()
		if err != nil {
			tb.Fatal(err)
		}
		return k
	}
}

func TestSealOpensOnlyInItsPlaceAndForItsPurpose(t *testing.T) {
	s := newKeyring(t)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		at := seal.AssociatedData{Table: "patients", ID: rapid.StringMatching(`[a-z2-7]{26}`).Draw(t, "id")}
		sealed, err := s.Seal(seal.Contact, at, text)
		if err != nil {
			t.Fatal(err)
		}
		var got string
		if err := s.Open(seal.Contact, at, sealed, &got); err != nil {
			t.Fatal(err)
		}
		// JSON replaces what is not UTF-8; everything a form accepts is UTF-8.
		if want := strings.ToValidUTF8(text, "\ufffd"); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
		elsewhere := map[string]error{
			"row":     s.Open(seal.Contact, seal.AssociatedData{Table: at.Table, ID: at.ID + "x"}, sealed, &got),
			"table":   s.Open(seal.Contact, seal.AssociatedData{Table: "intakes", ID: at.ID}, sealed, &got),
			"purpose": s.Open(seal.Answers, at, sealed, &got),
			"keyring": newOther.Open(seal.Contact, at, sealed, &got),
		}
		for what, err := range elsewhere {
			if !errors.Is(err, seal.ErrWrongKey) {
				t.Fatalf("another %s: got %v, want ErrWrongKey", what, err)
			}
		}
	})
}

var newOther = func() *seal.Keyring {
	f, err := seal.NewFile(begin)
	if err != nil {
		panic(err)
	}
	k, err := f.Keyring()
	if err != nil {
		panic(err)
	}
	return k
}()

func TestSealHidesWhatItSeals(t *testing.T) {
	s := newKeyring(t)
	sealed, err := s.Seal(seal.Answers, seal.AssociatedData{Table: "intakes", ID: "a"}, "寒冷凝集素症")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("寒冷")) {
		t.Fatal("the sealed value shows the text")
	}
}

func TestTermsAreStableAndKeyed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	s := keyringOf(t)(seal.CreateFile(path, begin))
	again := keyringOf(t)(seal.Load(t.Context(), path))
	term := func(s *seal.Keyring, kind, value string) string {
		text, err := s.BlindIndexText(kind, value)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	mine := term(s, "phone", "09000000000")
	if mine != term(again, "phone", "09000000000") {
		t.Error("the same keys give another term after loading")
	}
	if mine == term(s, "email", "09000000000") || mine == term(newOther, "phone", "09000000000") || len(mine) != 32 {
		t.Error("a term does not depend on kind and key")
	}
}

func TestCreateFile_ManyAtOnceAgree(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "keys")
	var terms sync.Map
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			f, err := seal.CreateFile(path, begin)
			if errors.Is(err, fs.ErrExist) {
				f, err = seal.Load(t.Context(), path)
			}
			if err != nil {
				t.Error(err)
				return
			}
			s, err := f.Keyring()
			if err != nil {
				t.Error(err)
				return
			}
			term, err := s.BlindIndexText("phone", "09000000000")
			if err != nil {
				t.Error(err)
			}
			terms.Store(term, true)
		})
	}
	all.Wait()
	count := 0
	terms.Range(func(any, any) bool { count++; return true })
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if count != 1 || len(left) != 1 {
		t.Errorf("%d different keys were in use, and %d files are left", count, len(left))
	}
}

func TestKeyFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "keys")
	if _, err := seal.Load(t.Context(), path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: got %v", err)
	}
	if _, err := seal.CreateFile(path, begin); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.CreateFile(path, begin); !errors.Is(err, fs.ErrExist) {
		t.Errorf("existing file: got %v, want fs.ErrExist", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode().Perm())
	}
	if mended, err := seal.Protect(path); mended || err != nil {
		t.Errorf("a new key file was mended: %t, %v", mended, err)
	}
	for name, text := range map[string]string{"empty": "", "json": "{}", "other": `{"contact": {}}`} {
		bad := filepath.Join(dir, name)
		if err := os.WriteFile(bad, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.Load(t.Context(), bad); err == nil {
			t.Errorf("%s: loaded", name)
		}
	}
}
