package office

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

// TestDrawn_OneDrawsForAll: of many who ask for a calendar at once one draws it and the others get what was drawn; where nothing came of the
// drawing another draws, and whoever leaves does not wait.
func TestDrawn_OneDrawsForAll(t *testing.T) {
	const many = 50
	var d drawn
	var drew atomic.Int64
	of := drawnOf{minute: 1}
	ask := func(fails bool) {
		have, ok, done, err := d.turn(t.Context(), "week", of)
		switch {
		case err != nil:
			t.Error(err)
		case ok && have.html != "drawn":
			t.Errorf("it got %q", have.html)
		case !ok:
			defer done()
			drew.Add(1)
			if !fails {
				d.keep("week", drawing{of: of, html: "drawn"})
			}
		}
	}
	_, ok, done, err := d.turn(t.Context(), "week", of)
	if ok || err != nil {
		t.Fatalf("there is one before any was drawn, %v", err)
	}
	var all sync.WaitGroup
	for range many {
		all.Go(func() { ask(false) })
	}
	left, leave := context.WithCancel(t.Context())
	leave()
	if _, _, _, err := d.turn(left, "week", of); !errors.Is(err, context.Canceled) {
		t.Errorf("whoever has left gets %v", err)
	}
	if _, ok, other, err := d.turn(t.Context(), "month", of); ok || err != nil {
		t.Errorf("another calendar waits for this one, %v", err)
	} else {
		other()
	}
	done() // nothing came of the first
	all.Wait()
	if drew.Load() != 1 {
		t.Errorf("it was drawn %d times", drew.Load())
	}
	of.minute = 2
	ask(true)
	ask(false)
	if drew.Load() != 3 {
		t.Errorf("after a change and a failure it was drawn %d times", drew.Load())
	}
}
