package seal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// CreateFile makes new keys and writes them to path, readable by its owner only. It never overwrites: when the file
// exists the error matches fs.ErrExist. The file is complete from the first moment that it has its name, so that several
// servers may start at once, and it is on disk when CreateFile returns, because data sealed with lost keys is lost.
func CreateFile(path string, now time.Time) (File, error) {
	f, err := NewFile(now)
	if err != nil {
		return f, err
	}
	text, err := f.Text()
	if err == nil {
		err = writeNew(path, text)
	}
	if err != nil {
		return f, fmt.Errorf("write keys: %w", err)
	}
	return f, nil
}

// writeNew writes a file aside and then gives it its name, which fails when the name is taken.
func writeNew(path string, text []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".keys-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	if err := errors.Join(fill(f, text), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(path)
}

// fill writes a file for its owner only. Then it is on disk.
func fill(f *os.File, text []byte) error {
	err := f.Chmod(0o600) // whatever the umask is
	if err == nil {
		_, err = f.Write(text)
	}
	return errors.Join(err, f.Sync())
}

// syncFolder makes the names in the folder of path survive a power cut.
func syncFolder(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Protect closes a file to everybody but its owner and reports whether it was open to others until now. It fails where that
// cannot be changed. A file that does not exist is left to whoever makes it, and
// what is no file needs no closing.
func Protect(path string) (mended bool, err error) {
	if !IsFile(path) {
		return false, nil
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return false, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return false, fmt.Errorf("%s is open to others on this machine (mode %04o), and that cannot be changed: %w", path, info.Mode().Perm(), err)
	}
	return true, nil
}
