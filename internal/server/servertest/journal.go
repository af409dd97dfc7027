package servertest

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"sync"
)

// Journal is a log that can be read, and waited for, while it is written.
type Journal struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{} // closed and replaced when something was written
}

// NewJournal returns an empty log.
func NewJournal() *Journal { return &Journal{changed: make(chan struct{})} }

func (j *Journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	close(j.changed)
	j.changed = make(chan struct{})
	return j.text.Write(line)
}

func (j *Journal) String() string {
	text, _ := j.read()
	return text
}

func (j *Journal) read() (string, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String(), j.changed
}

// Wait returns the first match with its groups. When there is none yet, it waits for one until ended is closed, after
// which nothing more is written, or until ctx ends. Without an end, ended is nil.
func (j *Journal) Wait(ctx context.Context, line *regexp.Regexp, ended <-chan struct{}) ([]string, error) {
	for over := false; ; {
		text, changed := j.read()
		if match := line.FindStringSubmatch(text); match != nil {
			return match, nil
		}
		if over {
			return nil, fmt.Errorf("the log has ended without a line like %s", line)
		}
		select {
		case <-changed:
		case <-ended:
			over = true
		case <-ctx.Done():
			return nil, fmt.Errorf("no line like %s: %w", line, ctx.Err())
		}
	}
}
