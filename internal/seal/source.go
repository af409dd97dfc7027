package seal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Where keys come from is a setting: the path of a key file, env:NAME for a variable of the environment that holds its content, or
// exec:PROGRAM for a program that prints it, such as one that asks a key management service.

const (
	fromVariable = "env:"
	fromProgram  = "exec:"

	// A program has so long to print a key file, which is some hundred bytes for each key.
	programTimeout = 20 * time.Second
	maxFile        = 64 << 10
)

// IsFile reports whether keys come from a file, which Madoguchi makes, reads anew when it has changed, and rotates by itself.
func IsFile(source string) bool {
	return !strings.HasPrefix(source, fromVariable) && !strings.HasPrefix(source, fromProgram)
}

// Load reads keys from where they come from. Where there is no file the error matches fs.ErrNotExist.
func Load(ctx context.Context, source string) (File, error) {
	text, err := read(ctx, source)
	if err != nil {
		return File{}, err
	}
	f, err := ParseFile(text)
	if err != nil {
		return f, fmt.Errorf("%s: %w", Name(source), err)
	}
	return f, nil
}

// Seen is a key file as it was when it was looked at; the zero value for what is no file.
type Seen struct {
	info os.FileInfo
}

// Look is Load with what tells whether the file has changed since.
func Look(ctx context.Context, source string) (Seen, File, error) {
	var seen Seen
	if IsFile(source) {
		// It is looked at first: what is read may be newer than that, in which case it is read once more, but never older.
		info, err := os.Stat(source)
		if err != nil {
			return seen, File{}, err
		}
		seen.info = info
	}
	f, err := Load(ctx, source)
	return seen, f, err
}

// Changed reports whether a key file has taken the place of the one that was seen, or was written to. What is no file never changes.
func (s Seen) Changed(source string) bool {
	if s.info == nil {
		return false
	}
	now, err := os.Stat(source)
	return err == nil && !(os.SameFile(s.info, now) && s.info.ModTime().Equal(now.ModTime()) && s.info.Size() == now.Size())
}

// Name is how people are told of a source: a program is named without its arguments, which may be secret.
func Name(source string) string {
	if name, ok := strings.CutPrefix(source, fromVariable); ok {
		return "the variable " + name
	}
	if command, ok := strings.CutPrefix(source, fromProgram); ok {
		program, _, _ := strings.Cut(strings.TrimSpace(command), " ")
		return "the program " + program
	}
	return "the key file " + source
}

func read(ctx context.Context, source string) ([]byte, error) {
	if name, ok := strings.CutPrefix(source, fromVariable); ok {
		text := os.Getenv(name)
		if text == "" {
			return nil, fmt.Errorf("%s is not set", Name(source))
		}
		return []byte(text), nil
	}
	if command, ok := strings.CutPrefix(source, fromProgram); ok {
		text, err := output(ctx, strings.Fields(command))
		if err != nil {
			return nil, fmt.Errorf("%s gave no keys: %w", Name(source), err)
		}
		return text, nil
	}
	return os.ReadFile(source) //nolint:gosec // the operator names it
}

// output is what a program prints. No shell reads the arguments. Neither what it prints nor what it complains about is ever passed on.
func output(ctx context.Context, argv []string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, programTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...) //nolint:gosec // the operator names the program in the settings
	cmd.WaitDelay = time.Second                           // a child of its that keeps the output open
	var out limited
	cmd.Stdout = &out
	err := cmd.Run()
	switch {
	case out.full:
		err = fmt.Errorf("it printed more than %d bytes", maxFile)
	case ctx.Err() != nil:
		err = fmt.Errorf("it was not done within %s", programTimeout)
	}
	return out.text.Bytes(), err
}

// limited takes as much as a key file may have and then refuses.
type limited struct {
	text bytes.Buffer // not embedded: its ReadFrom would take all there is
	full bool
}

func (l *limited) Write(p []byte) (int, error) {
	if l.text.Len()+len(p) > maxFile {
		l.full = true
		return 0, errors.New("too much")
	}
	return l.text.Write(p)
}
