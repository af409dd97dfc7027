package store_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// watch begins to watch and returns a function that waits for the next event.
func watch(t *testing.T, s *store.Store) (next func() store.Event) {
	t.Helper()
	events, err := s.Watch(t.Context())
	check(t, err)
	return func() store.Event {
		t.Helper()
		select {
		case e := <-events:
			return e.OfDay()
		case <-time.After(time.Minute):
			t.Fatal("nothing is told")
			return store.Event{}
		}
	}
}

// Whatever changes what a day shows is told to everybody who watches, with its branch and its day there.
func TestWatch_TellsWhatChanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		ctx, one, two := t.Context(), watch(t, s), watch(t, s)
		day := store.Event{BranchID: c.Branch.ID, Day: clinic.DateOf(c.Slots[0].StartsAt, c.Branch.Location())}
		later := store.Event{BranchID: c.Branch.ID, Day: clinic.Date{Year: 2026, Month: time.December, Day: 1}}
		start := later.Day.In(c.Branch.Location()).Add(10 * time.Hour)
		var receipt clinic.Receipt
		for _, step := range []struct {
			what string
			do   func() error
			want store.Event
		}{
			{"a hold", func() error {
				_, err := s.Hold(ctx, clinic.Visitor("me", "here"), c.Slots[0].ID)
				return err
			}, day},
			{"a booking", func() (err error) {
				receipt, err = s.Book(ctx, clinic.Visitor("me", "here"), storetest.Request(c.Slots[0].ID, 1))
				return err
			}, day},
			{"a cancellation", func() error { return s.Cancel(ctx, storetest.Owner, receipt.BookingID) }, day},
			{"a slot that closes", func() error { return s.CloseSlot(ctx, storetest.Owner, c.Slots[0].ID) }, day},
			{"a slot that opens", func() error {
				return s.AddSlots(ctx, storetest.Owner, []clinic.Slot{{
					BranchID: c.Branch.ID, DoctorID: c.Doctors[0].ID, StartsAt: start, EndsAt: start.Add(time.Hour),
				}})
			}, later},
		} {
			check(t, step.do())
			for who, next := range map[string]func() store.Event{"one": one, "another": two} {
				if got := next(); got != step.want {
					t.Errorf("after %s %s is told %+v, want %+v", step.what, who, got, step.want)
				}
			}
		}
		// What is refused is told to nobody: the next event is that of the next change.
		_, err := s.Hold(ctx, clinic.Visitor("me", "here"), "no-such-slot")
		wantCode(t, err, clinic.Invalid)
		_, err = s.Hold(ctx, clinic.Visitor("me", "here"), c.Slots[1].ID)
		check(t, err)
		if got := one(); got != day {
			t.Errorf("got %+v", got)
		}
	})
}

// Who watches and takes nothing holds nobody up, and the channel ends with the context.
func TestWatch_NeverHoldsAnybodyUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		events, err := s.Watch(ctx)
		check(t, err)
		start := clinic.Date{Year: 2026, Month: time.December, Day: 1}
		var slots []clinic.Slot
		for i := range 100 {
			at := start.AddDays(i).In(c.Branch.Location()).Add(10 * time.Hour)
			slots = append(slots, clinic.Slot{BranchID: c.Branch.ID, DoctorID: c.Doctors[0].ID, StartsAt: at, EndsAt: at.Add(time.Hour)})
		}
		check(t, s.AddSlots(t.Context(), storetest.Owner, slots))
		cancel()
		for range events { // ends, because the channel is closed
		}
	})
}

// Two instances on one PostgreSQL tell each other, and one whose connection was lost is told that everything may have
// changed.
func TestWatch_AcrossInstances(t *testing.T) {
	address, keys, clock := storetest.PostgresURL(t), filepath.Join(t.TempDir(), "keys"), storetest.NewClock()
	here, there := storetest.Open(t, address, keys, clock.Now), storetest.Open(t, address, keys, clock.Now)
	c := storetest.NewClinic(t, here)
	next := watch(t, there)
	day := store.Event{BranchID: c.Branch.ID, Day: clinic.DateOf(c.Slots[0].StartsAt, c.Branch.Location())}
	storetest.Book(t, here, storetest.Request(c.Slots[0].ID, 1))
	if got := next(); got != day {
		t.Errorf("of the other instance's booking is told %+v, want %+v", got, day)
	}
	storetest.Exec(t, address, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'madoguchi listens' AND datname = current_database()")
	if got := next(); got != (store.Event{}) {
		t.Errorf("after the lost connection is told %+v", got)
	}
	storetest.Book(t, here, storetest.Request(c.Slots[1].ID, 2))
	if got := next(); got != day {
		t.Errorf("afterwards is told %+v, want %+v", got, day)
	}
}

// TestWatch_OfAnInstanceThatEnds: what is committed is told afterwards, so that an instance that ends in between has told nobody. The others see that
// it is gone, and that everything may have changed.
func TestWatch_OfAnInstanceThatEnds(t *testing.T) {
	address, keys, clock := storetest.PostgresURL(t), filepath.Join(t.TempDir(), "keys"), storetest.NewClock()
	gone, here := storetest.Open(t, address, keys, clock.Now), storetest.Open(t, address, keys, clock.Now)
	c := storetest.NewClinic(t, gone) // it has changed something, so the others know of it
	next := watch(t, here)
	before := versionOf(t, here, c.Branch.ID)
	check(t, gone.EndWithoutTelling())
	if got := next(); got != (store.Event{}) {
		t.Errorf("told is %+v", got)
	}
	if versionOf(t, here, c.Branch.ID) == before {
		t.Error("what was made of the calendar before still counts")
	}
}

// TestWatch_IsToldLater: what could not be told is told later, as that everything may have changed, and what was changed stays.
func TestWatch_IsToldLater(t *testing.T) {
	address, keys, clock := storetest.PostgresURL(t), filepath.Join(t.TempDir(), "keys"), storetest.NewClock()
	here, there := storetest.Open(t, address, keys, clock.Now), storetest.Open(t, address, keys, clock.Now)
	c := storetest.NewClinic(t, here)
	next := watch(t, there)
	var slots []clinic.Slot // on as many days as nobody was told of at once before, so that the server looks for the function anew
	for i := range 7 {
		at := (clinic.Date{Year: 2026, Month: time.December, Day: 1 + i}).In(c.Branch.Location()).Add(10 * time.Hour)
		slots = append(slots, clinic.Slot{BranchID: c.Branch.ID, DoctorID: c.Doctors[0].ID, StartsAt: at, EndsAt: at.Add(time.Hour)})
	}
	storetest.Exec(t, address, "ALTER FUNCTION pg_catalog.pg_notify(text, text) RENAME TO pg_notify_away")
	check(t, here.AddSlots(t.Context(), storetest.Owner, slots))
	storetest.Exec(t, address, "ALTER FUNCTION pg_catalog.pg_notify_away(text, text) RENAME TO pg_notify")
	if got := next(); got != (store.Event{}) {
		t.Errorf("told is %+v", got)
	}
}

func versionOf(t *testing.T, s *store.Store, branchID string) [2]uint64 {
	t.Helper()
	version, known := s.Version(t.Context(), branchID)
	if !known {
		t.Fatal("the other instances are not heard")
	}
	return version
}

// TestWatch_SaysWhoDidWhat: the news of an event name the member of staff, the operation and its first slot, also in another instance; those
// of a visitor name nobody.
func TestWatch_SaysWhoDidWhat(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		desk := frontDesk(t, s, "受付", c.Branch.ID)
		events, err := s.Watch(t.Context())
		check(t, err)
		_, _, _, err = s.CloseSlots(t.Context(), desk, c.Branch.ID, []string{c.Slots[1].ID, c.Slots[2].ID})
		check(t, err)
		if e := <-events; e.News != (store.News{Op: "CloseSlots", By: desk.Staff.ID, At: c.Slots[1].StartsAt, N: 2}) {
			t.Errorf("told is %+v", e.News)
		}
		_, err = s.Book(t.Context(), clinic.Visitor("me", "here"), storetest.Request(c.Slots[0].ID, 1))
		check(t, err)
		if e := <-events; e.News != (store.News{Op: store.BookOp, At: c.Slots[0].StartsAt, N: 1}) {
			t.Errorf("told is %+v", e.News)
		}
	})
}
