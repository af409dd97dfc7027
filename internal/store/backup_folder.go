package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// backupPattern is what a backup is called, by the instant of its snapshot in UTC: in order of their names they are in order of time. Nothing
// else in the folder is ever touched.
const backupPattern = "madoguchi-20060102T150405Z.db.age"

func backupName(at time.Time) string { return at.UTC().Format(backupPattern) }

// Backups are the backups in a folder, the oldest first. A folder that does not exist has none.
func Backups(folder string) (all []Backup, err error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		at, err := time.Parse(backupPattern, e.Name())
		if err != nil || !e.Type().IsRegular() {
			continue
		}
		all = append(all, Backup{Path: filepath.Join(folder, e.Name()), At: at})
	}
	return all, nil
}

// removeOlder leaves the newest so many backups.
func removeOlder(folder string, keep int) (removed int, err error) {
	all, err := Backups(folder)
	if err != nil {
		return 0, err
	}
	for _, b := range all[:max(0, len(all)-keep)] {
		if err := os.Remove(b.Path); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

// workPattern is what the folders are called in which a backup or a restored database is made before it has its name.
const workPattern = ".madoguchi-work-*"

// workFolder makes a folder for work inside of another, for its owner only, and locks the one around it for as long as the work takes: who
// migrates what is in the work folder locks that. done removes both.
func workFolder(in string) (work string, done func() error, err error) {
	around, err := os.MkdirTemp(in, workPattern)
	if err != nil {
		return "", nil, err
	}
	f, err := os.Open(around) //nolint:gosec // made above
	if err != nil {
		return "", nil, errors.Join(err, os.Remove(around))
	}
	unlock, err := lock(f, syscall.LOCK_NB)
	if err != nil {
		return "", nil, errors.Join(err, os.Remove(around))
	}
	done = func() error {
		defer unlock()
		return os.RemoveAll(around)
	}
	work = filepath.Join(around, "work")
	if err := os.Mkdir(work, 0o700); err != nil {
		return "", nil, errors.Join(err, done())
	}
	return work, done, nil
}

// CleanLeftovers removes what work that was killed has left in a folder. What is still being worked in is locked and stays.
func CleanLeftovers(folder string) (removed []string, err error) {
	left, err := filepath.Glob(filepath.Join(folder, workPattern))
	if err != nil {
		return nil, err
	}
	for _, work := range left {
		f, err := os.Open(work) //nolint:gosec // named by us
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return removed, err
		}
		unlock, err := lock(f, syscall.LOCK_NB)
		if errors.Is(err, syscall.EWOULDBLOCK) {
			continue
		}
		if err != nil {
			return removed, err
		}
		err = os.RemoveAll(work)
		unlock()
		if err != nil {
			return removed, err
		}
		removed = append(removed, work)
	}
	return removed, nil
}

// CleanBeside removes what work that was killed has left beside a SQLite database. It is called before anything opens the database.
func CleanBeside(address string) (removed []string, err error) {
	path, ok := strings.CutPrefix(address, "sqlite:")
	if !ok {
		return nil, nil
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if removed, err = CleanLeftovers(filepath.Dir(path)); err != nil || isMoving(path) {
		return removed, err
	}
	if _, err := os.Lstat(movingFile(path)); errors.Is(err, fs.ErrNotExist) { // where nothing can be written, its removal is refused before that is seen
		return removed, nil
	}
	if err := os.Remove(movingFile(path)); !errors.Is(err, fs.ErrNotExist) {
		return append(removed, movingFile(path)), err
	}
	return removed, nil
}

// giveName gives a finished file its name, which nothing may have yet, so that after a crash there is the whole file under that name or none.
func giveName(aside, path string, tell Progress) error {
	say := func(done int64) {
		if tell != nil {
			tell("giving it its name", done, 2)
		}
	}
	say(0)
	// A rename would replace what is there.
	err := os.Link(aside, path)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("there is a file %s already; nothing was changed in it", path)
	}
	if err != nil {
		return err
	}
	say(1)
	if err := os.Remove(aside); err != nil {
		return err
	}
	say(2)
	return syncFolder(filepath.Dir(path))
}

// syncFolder puts the names in a folder on disk.
func syncFolder(folder string) error {
	d, err := os.Open(folder) //nolint:gosec // the operator's setting
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// besides are the files that SQLite keeps beside a database, of which it believes what it finds there.
func besides(path string) (found []string) {
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if _, err := os.Lstat(path + suffix); err == nil {
			found = append(found, path+suffix)
		}
	}
	slices.Sort(found)
	return found
}
