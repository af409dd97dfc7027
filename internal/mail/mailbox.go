package mail

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The formats of a mailbox.
const (
	Mbox    = "mbox"    // one file with all messages behind each other (RFC 4155)
	Maildir = "maildir" // a folder with a file for each message
)

// Mailbox is where a mail server of this machine puts what comes back to us. It belongs to that server and to whoever reads it:
// we change nothing in it. So every reading of it after a restart begins anew, which costs a moment and has no effect, since what
// has come back once cannot come back again. It is for one goroutine.
type Mailbox struct {
	Format string // Mbox or Maildir
	Path   string

	file os.FileInfo     // Mbox: as it was when it was last read
	read int64           // Mbox: the beginning of the last message then, which may not have been there in full
	seen map[string]bool // Maildir: the names of the messages read
}

// Check says in one sentence why the mailbox cannot be read. A file that is not there yet is an empty one.
func (b *Mailbox) Check() error {
	path := filepath.Dir(b.Path)
	if b.Format == Maildir {
		path = filepath.Join(b.Path, "new")
	}
	if _, err := os.ReadDir(path); err != nil {
		return fmt.Errorf("the mailbox of what comes back: %w", err)
	}
	if file, err := os.Open(b.Path); err == nil {
		return file.Close()
	} else if b.Format == Maildir || !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the mailbox of what comes back: %w", err)
	}
	return nil
}

// Bounces are what came into the mailbox since it was last read and ReadBounce understands. The last message of a file is read
// again when the file has grown, so that a bounce may be told twice. after is called once all of them have been dealt with: from
// then on they are not told again.
func (b *Mailbox) Bounces() (found []Bounce, after func(), err error) {
	if b.Format == Maildir {
		return b.maildir()
	}
	return b.mbox()
}

func (b *Mailbox) maildir() (found []Bounce, after func(), err error) {
	seen := map[string]bool{}
	for _, folder := range []string{"new", "cur"} {
		entries, err := os.ReadDir(filepath.Join(b.Path, folder))
		if err != nil {
			return nil, nil, err
		}
		for _, entry := range entries {
			name, _, _ := strings.Cut(entry.Name(), ":") // flags may follow, which change
			if seen[name] || !entry.Type().IsRegular() || strings.HasPrefix(name, ".") {
				continue
			}
			if seen[name] = true; b.seen[name] {
				continue
			}
			file, err := os.Open(filepath.Join(b.Path, folder, entry.Name())) //nolint:gosec // the name was listed by the folder
			if errors.Is(err, fs.ErrNotExist) {                               // somebody reads the mailbox, and has moved or removed it
				delete(seen, name)
				continue
			}
			if err != nil {
				return nil, nil, err
			}
			bounce, ok := ReadBounce(file)
			if err := file.Close(); err != nil {
				return nil, nil, err
			}
			if ok {
				found = append(found, bounce)
			}
		}
	}
	return found, func() { b.seen = seen }, nil
}

func (b *Mailbox) mbox() (found []Bounce, after func(), err error) {
	file, err := os.Open(b.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, func() { b.file, b.read = nil, 0 }, nil
	}
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	from := b.read
	switch {
	case b.file == nil || !os.SameFile(b.file, info) || info.Size() < b.file.Size(): // another file, or somebody has emptied it
		from = 0
	case info.Size() == b.file.Size() && info.ModTime().Equal(b.file.ModTime()):
		return nil, func() {}, nil
	}
	if _, err := file.Seek(from, io.SeekStart); err != nil {
		return nil, nil, err
	}
	last := from
	for message, err := range messages(file) {
		if err != nil {
			return nil, nil, err
		}
		last = from + message.at
		if bounce, ok := ReadBounce(bytes.NewReader(message.text)); ok {
			found = append(found, bounce)
		}
	}
	return found, func() { b.file, b.read = info, last }, nil
}

// boxed is a message of an mbox.
type boxed struct {
	at   int64 // where its "From " line begins
	text []byte
}

// messages are those of an mbox, each behind a "From " line at the beginning of the file or after an empty line. Of one that is
// longer than ReadBounce reads, the beginning is kept.
func messages(file io.Reader) func(yield func(boxed, error) bool) {
	return func(yield func(boxed, error) bool) {
		var message boxed
		var at int64
		begun, empty := false, true
		for in := bufio.NewReader(file); ; {
			line, err := in.ReadSlice('\n')
			if err != nil && !errors.Is(err, bufio.ErrBufferFull) && !errors.Is(err, io.EOF) {
				yield(boxed{}, err)
				return
			}
			if empty && bytes.HasPrefix(line, []byte("From ")) {
				if begun && !yield(message, nil) {
					return
				}
				begun, message = true, boxed{at: at}
			} else if begun && len(message.text) < maxBounce {
				message.text = append(message.text, line...)
			}
			at += int64(len(line))
			empty = len(bytes.TrimRight(line, "\r\n")) == 0
			if errors.Is(err, io.EOF) {
				break
			}
		}
		if begun {
			yield(message, nil)
		}
	}
}
