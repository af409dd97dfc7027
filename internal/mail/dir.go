package mail

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// Dir is a folder that takes messages as .eml files, for trying things out and for machines without a mail server. The
// files hold personal data; only this program's user may read them.
type Dir struct{ Path string }

// Check makes the folder where it is missing.
func (d Dir) Check() error {
	if err := os.MkdirAll(d.Path, 0o700); err != nil {
		return fmt.Errorf("the folder for letters: %w", err)
	}
	return nil
}

// Send writes the message to a file that sorts by the letter's time. A file is complete or not there, and the same letter
// sent again replaces its file.
func (d Dir) Send(ctx context.Context, m *gomail.Msg) error {
	if err := ctx.Err(); err != nil {
		return failed(ctx, codeStopped, err)
	}
	if err := d.write(m); err != nil {
		return &failure{code: codeWrite, cause: err}
	}
	return nil
}

func (d Dir) write(m *gomail.Msg) (err error) {
	name, err := fileName(m)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(d.Path, ".letter-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	if _, err := m.WriteTo(file); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := file.Sync(); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := file.Close(); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), filepath.Join(d.Path, name)); err != nil {
		return err
	}
	return syncDir(d.Path)
}

// syncDir makes the new name survive a power cut.
func syncDir(path string) error {
	dir, err := os.Open(path) //nolint:gosec // The operator names the folder in the settings.
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func fileName(m *gomail.Msg) (string, error) {
	dates := m.GetGenHeader(gomail.HeaderDate)
	if len(dates) != 1 {
		return "", errors.New("the message has no date")
	}
	date, err := netmail.ParseDate(dates[0])
	if err != nil {
		return "", err
	}
	id, _, _ := strings.Cut(strings.Trim(m.GetMessageID(), "<>"), "@")
	if id == "" || strings.ContainsFunc(id, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-') }) {
		return "", errors.New("the message id is no file name")
	}
	return date.UTC().Format("20060102T150405Z") + "-" + id + ".eml", nil
}
