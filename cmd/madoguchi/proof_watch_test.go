package main_test

import (
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
)

// TestProof_AnotherProcessHearsOfABooking: what is booked at a server is told to a watcher in another process, with its
// branch and its day.
func TestProof_AnotherProcessHearsOfABooking(t *testing.T) {
	s := newSettings(t, "postgres")
	c := openClinic(t, s, 2)
	server := newVisitor(t, serve(t, s))
	withStore(t, s, func(here *store.Store) {
		events, err := here.Watch(t.Context())
		must(t, err)
		for n, id := range c.slots {
			slot, err := here.Slot(t.Context(), id)
			must(t, err)
			server.mustBook(id, n)
			day := clinic.DateOf(slot.StartsAt, c.branch.Location())
			select {
			case got := <-events:
				if got.BranchID != c.branch.ID || got.Day != day || got.News.Op != store.BookOp || got.News.By != "" {
					t.Errorf("got %+v, want a booking by nobody of the staff at %s on %s", got, c.branch.ID, day)
				}
			case <-time.After(patience):
				t.Fatal("nothing is told")
			}
		}
	})
}
