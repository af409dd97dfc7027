package store

import (
	"context"
	"sync"
	"time"

	"madoguchi/internal/clinic"
)

// Event says that something on a branch's day has changed: a slot, a hold, a booking. Whoever shows the day asks again. The
// zero Event means that everything may have changed: the connection to PostgreSQL was lost for a while, or more events came
// than are kept for a watcher.
type Event struct {
	BranchID string
	Day      clinic.Date // in the branch's zone
	News     News        // what it was last, for whoever wants to say it; nothing is decided by it
}

// News is what was done, without the name of any patient.
type News struct {
	Op string    // the operation, as the store calls it
	By string    // the id of the member of staff who did it; "" for anybody else
	At time.Time // when the slot begins that it was done with, or the first of them
	N  int       // with how many slots
}

// OfDay is the event without its news.
func (e Event) OfDay() Event { return Event{BranchID: e.BranchID, Day: e.Day} }

// maxPending is how many different events are kept for a watcher that does not receive them. One more, and they are all
// replaced by the zero Event.
const maxPending = 64

// Watch yields what changes from now on, in this process and in every other instance on the same database, until ctx
// ends; then the channel is closed. An event that happens again before it was received is sent once. On SQLite the changes of
// this process are all there are; on PostgreSQL they are heard by LISTEN.
func (s *Store) Watch(ctx context.Context) (<-chan Event, error) {
	w := &watcher{wake: make(chan struct{}, 1)}
	if s.engine == postgresEngine {
		if err := s.listen(ctx); err != nil {
			return nil, wrap("Watch", err)
		}
	}
	s.watchers.add(w)
	out := make(chan Event)
	go func() {
		defer close(out)
		defer s.watchers.remove(w)
		for {
			select {
			case <-w.wake:
			case <-ctx.Done():
				return
			}
			for e, ok := w.next(); ok; e, ok = w.next() {
				select {
				case out <- e:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out, nil
}

// watchers are all who watch through one Store, and how often each branch has changed as far as it was heard.
type watchers struct {
	mu       sync.Mutex
	all      map[*watcher]struct{}
	versions map[string]uint64 // by the id of a branch
	days     map[Event]uint64  // the same for each day of a branch, by its event without news
	epoch    uint64            // how often everything may have changed
	deaf     bool              // the connection on which other instances are heard is lost
}

// Version changes whenever something on a branch's calendar does, in this process or in another instance, so that what was made of one
// version is true as long as it is the version. known is false where nobody can tell, because other instances are not heard.
func (s *Store) Version(ctx context.Context, branchID string) (version [2]uint64, known bool) {
	if s.engine == postgresEngine && s.listen(ctx) != nil {
		return version, false // whoever asks does without
	}
	return s.watchers.version(branchID)
}

func (ws *watchers) version(branchID string) (version [2]uint64, known bool) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return [2]uint64{ws.epoch, ws.versions[branchID]}, !ws.deaf
}

// DayVersion is Version for one day of a branch's calendar.
func (s *Store) DayVersion(ctx context.Context, branchID string, day clinic.Date) (version [2]uint64, known bool) {
	if s.engine == postgresEngine && s.listen(ctx) != nil {
		return version, false
	}
	ws := &s.watchers
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return [2]uint64{ws.epoch, ws.days[Event{BranchID: branchID, Day: day}]}, !ws.deaf
}

// count says that something has changed, for Version and DayVersion.
func (ws *watchers) count(events ...Event) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for _, e := range events {
		if e == (Event{}) {
			ws.epoch++
			continue
		}
		if ws.versions == nil {
			ws.versions, ws.days = map[string]uint64{}, map[Event]uint64{}
		}
		ws.versions[e.BranchID]++
		ws.days[e.OfDay()]++
	}
}

// setDeaf says whether other instances are heard.
func (ws *watchers) setDeaf(deaf bool) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.deaf = deaf
}

func (ws *watchers) add(w *watcher) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.all == nil {
		ws.all = map[*watcher]struct{}{}
	}
	ws.all[w] = struct{}{}
}

func (ws *watchers) remove(w *watcher) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	delete(ws.all, w)
}

// publish tells everybody who watches. It never waits for them.
func (ws *watchers) publish(events ...Event) {
	if len(events) == 0 {
		return
	}
	ws.count(events...)
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for w := range ws.all {
		w.tell(events)
	}
}

// watcher is one who watches, with what they have not taken yet in the order in which it happened.
type watcher struct {
	mu      sync.Mutex
	pending []Event
	wake    chan struct{}
}

func (w *watcher) tell(events []Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range events {
		w.keep(e)
	}
	select {
	case w.wake <- struct{}{}:
	default: // it is awake already
	}
}

// keep adds an event that is not covered by one that is kept already.
func (w *watcher) keep(e Event) {
	for i, have := range w.pending {
		if have.OfDay() == (Event{}) {
			return
		}
		if have.OfDay() == e.OfDay() {
			if have.News.Op != BookOp { // a new booking is what people want to hear of
				w.pending[i].News = e.News
			}
			return
		}
	}
	if e == (Event{}) || len(w.pending) == maxPending {
		w.pending = []Event{{}}
		return
	}
	w.pending = append(w.pending, e)
}

// next takes the oldest event.
func (w *watcher) next() (e Event, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.pending) == 0 {
		return Event{}, false
	}
	e = w.pending[0]
	w.pending = w.pending[1:]
	return e, true
}
