package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"madoguchi/internal/seal"
)

// creating lets one at a time look whether there is a file and make it, so that nobody closes a new file that another has
// opened with SQLite meanwhile: lock says why that matters.
var creating sync.Mutex

// sqliteFile is the path of the file at an address, with symbolic links followed. A file that does not exist yet is made,
// empty and for its owner only whatever the umask is; SQLite gives its log beside the file the same mode.
//
// A file with several names is refused. SQLite's log is found by the name, so that through another name what is in the log
// would be missing, and two who write through two names destroy each other's data.
func sqliteFile(address string) (path string, err error) {
	creating.Lock()
	defer creating.Unlock()
	path = strings.TrimPrefix(address, "sqlite:")
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return "", err
		}
		if err := newFile(path); err != nil {
			return "", err
		}
		info, err = os.Stat(path)
	}
	if err != nil {
		return "", err
	}
	switch {
	case info.IsDir(): // whose entries count as names of it
		return "", fmt.Errorf("%s is a folder: name a file in it, such as %s", path, filepath.Join(path, "madoguchi.db"))
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is no plain file", path)
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Nlink > 1 {
		return "", fmt.Errorf("the database file %s has %d names (hard links), and through another name what was written last would be missing: "+
			"leave it the one name under which it was used, and copy it to have a copy", path, stat.Nlink)
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "", err
	}
	return path, checkWritable(path)
}

// checkWritable says in a sentence what keeps a SQLite database from being written. SQLite itself would say no more than that it
// cannot open a file or that a database is read-only, and of a file beside it the same as of the database. Nothing is opened: lock
// says why.
func checkWritable(path string) error {
	for _, p := range []string{path, filepath.Dir(path)} {
		if err := accessible(p); err != nil {
			return fmt.Errorf("%s cannot be written (%w): the user that runs madoguchi must be able to write the database file and its folder, "+
				"on a disk that is not mounted read-only", p, err)
		}
	}
	for _, beside := range []string{path + "-shm", path + "-wal"} {
		info, err := os.Lstat(beside)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err == nil && !info.Mode().IsRegular():
			err = errors.New("it is no plain file")
		case err == nil:
			err = accessible(beside)
		}
		if err == nil {
			continue
		}
		if strings.HasSuffix(beside, "-shm") {
			return fmt.Errorf("the file %s cannot be used (%w): it was left by a server that ran as somebody else or in another way; "+
				"make sure that no server uses the database, and remove this one file, which SQLite makes anew", beside, err)
		}
		return fmt.Errorf("the file %s cannot be used (%w), and what was written last may be in it: do not remove it, but let the user that runs madoguchi read and write it", beside, err)
	}
	return nil
}

// accessible asks the system whether this process may read and write something.
func accessible(path string) error {
	const readAndWrite = 4 | 2 // R_OK | W_OK of access(2)
	return syscall.Access(path, readAndWrite)
}

func newFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator's setting
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

// Protect closes a SQLite database and the files beside it to everybody but their owner, and names those that were open to
// others until now. It fails where that cannot be changed.
func Protect(address string) (mended []string, err error) {
	if !strings.HasPrefix(address, "sqlite:") {
		return nil, nil
	}
	path, err := sqliteFile(address)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	for _, file := range []string{path, path + "-wal", path + "-shm"} {
		changed, err := seal.Protect(file)
		if err != nil {
			return mended, err
		}
		if changed {
			mended = append(mended, file)
		}
	}
	return mended, nil
}

// ServeAlone refuses a second server on the SQLite file at an address: each has its own worker and its own idea of the
// time, and SQLite is for one machine. The file itself is locked and not its name, so that no other way to it leads past
// the lock. It holds until release or the end of the process. A server asks before it migrates, so that a newer program never changes
// the shape under one that runs, and releases after it has closed the database: see lock. PostgreSQL is made for several.
func ServeAlone(address string) (release func(), err error) {
	if !strings.HasPrefix(address, "sqlite:") {
		return func() {}, nil
	}
	path, err := sqliteFile(address)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // the operator's setting
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	release, err = lock(f, syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errors.New("another server is already using this SQLite database; for several servers use PostgreSQL")
	}
	return release, err
}

// lockFolder waits until nobody else migrates a database in the folder of a file. It is the folder that is locked, because
// a server has the lock of its database for as long as it runs.
func lockFolder(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	type locked struct {
		unlock func()
		err    error
	}
	done := make(chan locked, 1)
	go func() {
		unlock, err := lock(f, 0)
		done <- locked{unlock, err}
	}()
	select {
	case l := <-done:
		return l.unlock, l.err
	case <-ctx.Done():
		go func() {
			if l := <-done; l.err == nil {
				l.unlock()
			}
		}()
		return nil, ctx.Err()
	}
}

// lock takes the lock of an open file (flock, which knows nothing of the locks that SQLite takes, nor they of it), and
// closes the file when it cannot be had. The lock ends with the process, so a crash leaves nothing to clean up.
//
// Unlocking closes the file. A process that closes any descriptor of a file loses all locks that SQLite has on it
// (SQLite, "How To Corrupt An SQLite Database File", 2.2), so a lock on a database is taken before the database is opened and given back
// after it was closed.
func lock(f *os.File, how int) (unlock func(), err error) {
	err = syscall.EINTR
	for errors.Is(err, syscall.EINTR) {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|how)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", f.Name(), err), f.Close())
	}
	// Closing the file gives the lock back; there is nothing to do when that fails.
	return func() { _ = f.Close() }, nil
}
