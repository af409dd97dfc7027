package store

import (
	"context"
	"strings"
	"sync"
	"time"
)

// teller tells the other instances on one PostgreSQL database what this one has changed.
type teller struct {
	mu      sync.Mutex
	pending watcher       // what is to be told
	told    chan struct{} // is closed once that was sent, or could not be; nil while nothing is pending
	busy    chan struct{} // is closed once nothing is left to be told; nil while nobody tells
	later   *time.Timer   // until it is tried again; nil where nothing failed
	ended   bool
}

// tellPatience is how long telling may take. An answer waits for it.
const tellPatience = time.Second

// tellOthers tells what was committed, in one statement with what others of this process have to tell, and waits until it was sent: whoever gets an
// answer here and asks another instance next does not find what was before. It is told after the commit and not within the transaction, because
// PostgreSQL lets transactions that notify somebody commit only one after the other, each with its own wait for the disk (see ADR 57).
func (s *Store) tellOthers(ctx context.Context, events ...Event) {
	if len(events) == 0 {
		return
	}
	_ = s.listen(ctx) // so that the others see when this process is gone (see hear); where it fails, telling fails as well, and is tried again
	t := &s.teller
	t.mu.Lock()
	if t.ended {
		t.mu.Unlock()
		return
	}
	t.pending.tell(events)
	if t.told == nil {
		t.told = make(chan struct{})
	}
	told := t.told
	if t.busy == nil {
		t.busy = make(chan struct{})
		go s.tellPending()
	}
	t.mu.Unlock()
	select {
	case <-told:
	case <-ctx.Done():
	}
}

// tellPending tells until nothing is left.
func (s *Store) tellPending() {
	for {
		events, told := s.teller.take()
		if events == nil {
			return
		}
		if s.sendEvents(events) != nil {
			s.tellLater()
		}
		close(told)
	}
}

// take is what is to be told now; none where nobody has to tell anything any more.
func (t *teller) take() (events []Event, told chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for e, ok := t.pending.next(); ok; e, ok = t.pending.next() {
		events = append(events, e)
	}
	told, t.told = t.told, nil
	if events == nil {
		close(t.busy)
		t.busy = nil
	}
	return events, told
}

// sendEvents notifies the others. Nothing is written by it that would have to be on disk.
func (s *Store) sendEvents(events []Event) error {
	ctx, cancel := context.WithTimeout(context.Background(), tellPatience)
	defer cancel()
	var args []any
	for _, e := range events {
		args = append(args, listenChannel, s.payloadOf(e))
	}
	return s.write.WithContext(ctx).Exec("SELECT set_config('synchronous_commit', 'off', true)"+strings.Repeat(", pg_notify(?, ?)", len(events)), args...).Error
}

// tellLater tells the others after a while that everything may have changed, because they have missed something.
func (s *Store) tellLater() {
	t := &s.teller
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended || t.later != nil {
		return
	}
	t.later = time.AfterFunc(relistenAfter, func() {
		t.mu.Lock()
		t.later = nil
		t.mu.Unlock()
		s.tellOthers(context.Background(), Event{})
	})
}

// end waits until what is pending has been told. Nothing is told afterwards.
func (t *teller) end() {
	t.mu.Lock()
	t.ended = true
	if t.later != nil {
		t.later.Stop()
	}
	busy := t.busy
	t.mu.Unlock()
	if busy != nil {
		<-busy
	}
}
