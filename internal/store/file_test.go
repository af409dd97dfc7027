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

// A folder has several names, too, but that is not what is wrong with it.
func TestMigrate_RefusesAFolder(t *testing.T) {
	dir := t.TempDir()
	check(t, os.Mkdir(filepath.Join(dir, "inner"), 0o700))
	err := store.Migrate(t.Context(), "sqlite:"+dir)
	if err == nil || !strings.Contains(err.Error(), dir+" is a folder: name a file in it") || strings.Contains(err.Error(), "hard links") {
		t.Error(err)
	}
	if err := store.Migrate(t.Context(), "sqlite:/dev/null"); err == nil || !strings.Contains(err.Error(), "is no plain file") {
		t.Error(err)
	}
}

// TestOpen_SaysWhichFileIsInTheWay: what SQLite leaves beside a database and cannot use is named, with what to do about it, and
// the log, which may hold the latest bookings, is not to be removed.
func TestOpen_SaysWhichFileIsInTheWay(t *testing.T) {
	address := storetest.SQLiteURL(t)
	path := strings.TrimPrefix(address, "sqlite:")
	makeFolder := func(name string) error { return os.Mkdir(name, 0o700) }
	makeLink := func(name string) error { return os.Symlink(filepath.Join(t.TempDir(), "nothing"), name) }
	for what, c := range map[string]struct {
		file, says string
		put        func(name string) error
	}{
		"a folder for the index": {"-shm", "remove this one file", makeFolder},
		"a link for the index":   {"-shm", "remove this one file", makeLink},
		"a folder for the log":   {"-wal", "do not remove it", makeFolder},
		"a link for the log":     {"-wal", "do not remove it", makeLink},
	} {
		check(t, c.put(path+c.file))
		_, opened := store.Open(t.Context(), address, storetest.NewClock().Now)
		_, alone := store.ServeAlone(address)
		for _, err := range []error{opened, alone, store.Migrate(t.Context(), address)} {
			if err == nil || !strings.Contains(err.Error(), path+c.file) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: %v", what, err)
			}
		}
		check(t, os.Remove(path+c.file))
	}
	// One that a crash left is made anew.
	check(t, os.WriteFile(path+"-shm", []byte(strings.Repeat("stale", 7000)), 0o600))
	check(t, store.Migrate(t.Context(), address))
}
