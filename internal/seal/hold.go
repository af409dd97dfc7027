package seal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// Held is a key file that nobody else rotates. It is the file itself that is locked (flock) and not its name, so a crash leaves
// nothing to clean up; each file that takes its place is locked before it gets the name.
type Held struct {
	path string
	file *os.File
}

// ErrHeld says that somebody else rotates a key file.
var ErrHeld = errors.New("another rotation of these keys is running")

// Hold keeps others from rotating a key file until Close.
func Hold(path string) (*Held, error) {
	for {
		f, err := os.Open(path) //nolint:gosec // the path is the operator's setting
		if err != nil {
			return nil, err
		}
		if err := lockFile(f); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		// Another may have taken its place before it was locked.
		locked, err := f.Stat()
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		if named, err := os.Stat(path); err == nil && os.SameFile(locked, named) {
			return &Held{path, f}, nil
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
}

// Replace writes another content in the place of the file. Whoever reads it finds the one or the other, whole.
func (h *Held) Replace(next File) error {
	text, err := next.Text()
	if err != nil {
		return err
	}
	// Always the same name, so that whoever was killed here leaves nothing behind that the next does not write over.
	aside := h.path + ".next"
	f, err := os.OpenFile(aside, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // beside the operator's setting
	if err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	err = errors.Join(fill(f, text), lockFile(f))
	if err == nil {
		err = os.Rename(aside, h.path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write keys: %w", err), f.Close(), os.Remove(aside))
	}
	before := h.file
	h.file = f
	return errors.Join(syncFolder(h.path), before.Close())
}

// Keep gives the file another name beside its own, under which it stays when it is replaced.
func (h *Held) Keep(name string) error {
	if err := os.Link(h.path, name); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("keep the keys of before: %w", err)
	}
	return syncFolder(h.path)
}

// Close lets others rotate the file.
func (h *Held) Close() error { return h.file.Close() }

func lockFile(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return ErrHeld
		}
		return err
	}
}
