package seal_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/seal"
)

// TestFile_RotatesInSteps: a new key opens before it seals and the one before opens as long as it is there; the text of a file holds all of
// it, and what else somebody has written into it; and each step is told by the file alone.
func TestFile_RotatesInSteps(t *testing.T) {
	at := seal.AssociatedData{Table: "patients", ID: "1"}
	file, err := seal.NewFile(begin)
	if err != nil {
		t.Fatal(err)
	}
	type sealed struct {
		phase seal.Phase
		value []byte
	}
	var all []sealed
	reread := func(f seal.File, err error) seal.File {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		text, err := f.Text()
		if err != nil {
			t.Fatal(err)
		}
		again, err := seal.ParseFile(bytes.Replace(text, []byte("{"), []byte(`{"about": "the keys of a test",`), 1))
		if err != nil {
			t.Fatal(err)
		}
		if text, err = again.Text(); err != nil || !bytes.Contains(text, []byte("the keys of a test")) || again.State() != f.State() {
			t.Errorf("%v, or something is lost of %s", err, f.State())
		}
		return again
	}
	look := func(want seal.Phase, opens ...seal.Phase) {
		t.Helper()
		k := keyringOf(t)(file, nil)
		if file.Phase() != want || k.State() != file.State() {
			t.Errorf("the phase is %d, want %d", file.Phase(), want)
		}
		for _, s := range all {
			var text string
			err := k.Open(seal.Contact, at, s.value, &text)
			if slices.Contains(opens, s.phase) != (err == nil) || err != nil && !errors.Is(err, seal.ErrWrongKey) {
				t.Errorf("in phase %d, what was sealed in %d: %v", want, s.phase, err)
			}
			if err != nil {
				continue
			}
			anew, err := k.Reseal(seal.Contact, at, s.value)
			id, ok := seal.KeyOf(anew)
			if err != nil || !ok || id != file.Primary(string(seal.Contact)) || !bytes.HasPrefix(anew, seal.Prefix(id)) {
				t.Errorf("sealed anew by the key %d, %v", id, err)
			}
			if err := k.Open(seal.Contact, at, anew, &text); err != nil || text != "髙﨑" {
				t.Errorf("sealed anew it is %q, %v", text, err)
			}
		}
		value, err := k.Seal(seal.Contact, at, "髙﨑")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, sealed{want, value})
	}
	look(seal.Resting)
	file = reread(file.Announce(begin.Add(time.Hour)))
	look(seal.Announced, seal.Resting)
	file = reread(file.Switch(begin.Add(2 * time.Hour)))
	look(seal.Switched, seal.Resting, seal.Announced)
	if at := file.SwitchedAt(); !at.Equal(begin.Add(2 * time.Hour)) {
		t.Errorf("the new keys seal since %s", at)
	}
	file = reread(file.Retire())
	look(seal.Resting, seal.Switched)
	for _, k := range file.Keys() {
		if !k.Primary || !k.Made.Equal(begin.Add(time.Hour)) || !k.Used.Equal(begin.Add(2*time.Hour)) {
			t.Errorf("a key is %+v", k)
		}
	}
}

// TestHold: a held file is rotated by nobody else, also after it was replaced; readers find the one content or the other; and what a process
// that was killed has left aside is written over.
func TestHold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	file, err := seal.CreateFile(path, begin)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".next", []byte("half of a key file"), 0o600); err != nil {
		t.Fatal(err)
	}
	held, err := seal.Hold(path)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(when string) {
		t.Helper()
		if _, err := seal.Hold(path); !errors.Is(err, seal.ErrHeld) {
			t.Errorf("%s: %v", when, err)
		}
	}
	refused("held")
	if err := errors.Join(held.Keep(path+".before"), held.Keep(path+".before")); err != nil {
		t.Fatal(err)
	}
	next, err := file.Announce(begin)
	if err != nil {
		t.Fatal(err)
	}
	seen, _, err := seal.Look(t.Context(), path)
	if err != nil || seen.Changed(path) {
		t.Fatalf("changed before it was: %v", err)
	}
	if err := held.Replace(next); err != nil {
		t.Fatal(err)
	}
	refused("held after it was replaced")
	for name, want := range map[string]seal.File{path: next, path + ".before": file} {
		got, err := seal.Load(t.Context(), name)
		if err != nil || got.State() != want.State() {
			t.Errorf("%s has %s (%v), want %s", name, got.State(), err, want.State())
		}
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", name, info.Mode(), err)
		}
	}
	if _, err := os.Stat(path + ".next"); !os.IsNotExist(err) {
		t.Errorf("something was left aside: %v", err)
	}
	if !seen.Changed(path) {
		t.Error("nobody sees that the file was replaced")
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	if held, err = seal.Hold(path); err != nil {
		t.Errorf("once it was let go of: %v", err)
	} else if err := held.Close(); err != nil {
		t.Error(err)
	}
}

// TestLoad_FromElsewhere: a variable or a program gives the same keys as a file, and nothing that either says gets into an error.
func TestLoad_FromElsewhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	file, err := seal.CreateFile(path, begin)
	if err != nil {
		t.Fatal(err)
	}
	text, err := file.Text()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("SEAL_TEST_KEYS", string(text))
	t.Setenv("SEAL_TEST_BROKEN", `{"contact": "hush"}`)
	for _, source := range []string{path, "env:SEAL_TEST_KEYS", "exec:/bin/cat " + path} {
		got, err := seal.Load(t.Context(), source)
		if err != nil || got.State() != file.State() {
			t.Errorf("%s: %v", source, err)
		}
	}
	for source, want := range map[string]string{
		"env:SEAL_TEST_NOTHING":   "the variable SEAL_TEST_NOTHING is not set",
		"env:SEAL_TEST_BROKEN":    "the variable SEAL_TEST_BROKEN: it has no usable key",
		"exec:/bin/false hush":    "the program /bin/false gave no keys: exit status 1",
		"exec:/bin/echo hush":     "the program /bin/echo: it is not a key file",
		"exec:/bin/cat /dev/zero": "it printed more than",
		"exec:/nowhere/hush-not":  "the program /nowhere/hush-not gave no keys",
	} {
		_, err := seal.Load(t.Context(), source)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(strings.ReplaceAll(err.Error(), "hush-not", ""), "hush") {
			t.Errorf("%s: %v, want %q", source, err, want)
		}
	}
}
