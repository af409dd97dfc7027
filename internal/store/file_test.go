package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// otherWays are names that lead to a file: links to it, in its folder and in another, and a folder that is a link.
func otherWays(t *testing.T, path string) (symbolic, hard []string) {
	t.Helper()
	dir, elsewhere := filepath.Dir(path), t.TempDir()
	symbolic = []string{filepath.Join(dir, "symbolic.db"), filepath.Join(elsewhere, "symbolic.db"), filepath.Join(elsewhere, "folder", filepath.Base(path))}
	hard = []string{filepath.Join(dir, "hard.db"), filepath.Join(elsewhere, "hard.db")}
	check(t, os.Symlink(filepath.Base(path), symbolic[0]))
	check(t, os.Symlink(path, symbolic[1]))
	check(t, os.Symlink(dir, filepath.Join(elsewhere, "folder")))
	for _, name := range hard {
		check(t, os.Link(path, name))
	}
	return symbolic, hard
}

// TestServeAlone_LocksTheFileItself: a second server is refused on whatever way it comes.
func TestServeAlone_LocksTheFileItself(t *testing.T) {
	address := storetest.SQLiteURL(t)
	path := strings.TrimPrefix(address, "sqlite:")
	release, err := store.ServeAlone(address)
	check(t, err)
	symbolic, hard := otherWays(t, path)
	for _, name := range hard {
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		check(t, err)
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
			t.Errorf("%s is not locked: %v", name, err)
		}
		check(t, f.Close())
		if _, err := store.ServeAlone("sqlite:" + name); err == nil {
			t.Errorf("a second server was let in through %s", name)
		}
		check(t, os.Remove(name))
	}
	for _, name := range append(symbolic, path) {
		if _, err := store.ServeAlone("sqlite:" + name); err == nil || !strings.Contains(err.Error(), "another server") {
			t.Errorf("through %s: %v", name, err)
		}
	}
	release()
	again, err := store.ServeAlone("sqlite:" + symbolic[1])
	check(t, err)
	again()
}

// TestOpen_RefusesAFileWithSeveralNames: SQLite finds its log by the name of the file, so through a hard link an acknowledged
// booking that is still in the log would be missing. Through a symbolic link it is there.
func TestOpen_RefusesAFileWithSeveralNames(t *testing.T) {
	address := storetest.SQLiteURL(t)
	keys := filepath.Join(t.TempDir(), "keys")
	s := storetest.Open(t, address, keys, storetest.NewClock().Now)
	c := storetest.NewClinic(t, s)
	receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 0))

	symbolic, hard := otherWays(t, strings.TrimPrefix(address, "sqlite:"))
	for _, name := range append(hard, symbolic...) {
		_, err := store.Open(t.Context(), "sqlite:"+name, storetest.NewClock().Now)
		for _, err := range []error{err, store.Migrate(t.Context(), "sqlite:"+name)} {
			if err == nil || !strings.Contains(err.Error(), "has 3 names (hard links)") {
				t.Errorf("through %s: %v", name, err)
			}
		}
	}
	for _, name := range hard {
		check(t, os.Remove(name))
	}
	for _, name := range symbolic {
		other := storetest.Open(t, "sqlite:"+name, keys, storetest.NewClock().Now)
		if _, err := other.Intake(t.Context(), clinic.PatientByLink(receipt.Token)); err != nil {
			t.Errorf("the booking through %s: %v", name, err)
		}
	}
}
