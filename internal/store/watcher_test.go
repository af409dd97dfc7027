package store

import (
	"slices"
	"testing"

	"madoguchi/internal/clinic"
)

// Who takes nothing meanwhile is told once of what happened many times, in the order in which it began, and that everything
// may have changed when it was too much.
func TestWatcher_KeepsWhatWasNotTaken(t *testing.T) {
	event := func(i int) Event {
		return Event{BranchID: "branch", Day: clinic.Date{Year: 2026, Month: 12, Day: 1}.AddDays(i)}
	}
	taken := func(w *watcher) (out []Event) {
		for e, ok := w.next(); ok; e, ok = w.next() {
			out = append(out, e)
		}
		return out
	}
	w := &watcher{wake: make(chan struct{}, 1)}
	for range 3 {
		w.tell([]Event{event(2), event(1), event(2)})
	}
	if got := taken(w); !slices.Equal(got, []Event{event(2), event(1)}) {
		t.Errorf("kept %v", got)
	}
	for i := range maxPending {
		w.tell([]Event{event(i)})
	}
	if got := taken(w); len(got) != maxPending {
		t.Errorf("kept %d of %d", len(got), maxPending)
	}
	for i := range maxPending + 1 {
		w.tell([]Event{event(i)})
	}
	w.tell([]Event{event(0)})
	if got := taken(w); !slices.Equal(got, []Event{{}}) {
		t.Errorf("of too much it kept %v", got)
	}
	w.tell([]Event{event(0), {}, event(1)})
	if got := taken(w); !slices.Equal(got, []Event{{}}) {
		t.Errorf("beside everything it kept %v", got)
	}
	taken(w)
	// Of one day the last news are kept, but those of a booking before all others.
	for _, op := range []string{"CloseSlots", "Step", BookOp, "Step"} {
		w.tell([]Event{{BranchID: "branch", Day: event(0).Day, News: News{Op: op}}})
		want := op
		if op == "Step" && len(w.pending) == 1 && w.pending[0].News.Op == BookOp {
			want = BookOp
		}
		if len(w.pending) != 1 || w.pending[0].News.Op != want {
			t.Errorf("after %s it keeps %+v", op, w.pending)
		}
	}
	if len(w.wake) != 1 {
		t.Error("it is not awake")
	}
}
