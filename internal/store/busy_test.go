package store_test

import (
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store/storetest"
)

// TestBusy_AnotherProgramHoldsTheFile: while another program writes into the SQLite file and does not end, a booking is refused for now and not failed, what is
// stored is read on, and the same request has one effect once the file is free.
func TestBusy_AnotherProgramHoldsTheFile(t *testing.T) {
	k := newKeeper(t)
	check(t, k.store.Run("PRAGMA busy_timeout = 0")) // it waits for seconds otherwise
	r := storetest.Request(k.clinic.Slots[0].ID, 1)
	r.Key = "the same request"
	ctx, visitor := t.Context(), clinic.Visitor("a cookie", "192.0.2.1")
	release := keepFromWriting(t, "sqlite", k.address)
	for range 2 {
		_, err := k.store.Book(ctx, visitor, r)
		wantCode(t, err, clinic.Unavailable)
	}
	_, err := k.store.Branches(ctx)
	check(t, err)
	_, _, err = k.store.Day(ctx, storetest.Owner, k.clinic.Branch, clinic.DateOf(k.clinic.Slots[0].StartsAt, k.clinic.Branch.Location()))
	check(t, err)
	release()
	first := storetest.Book(t, k.store, r)
	again, err := k.store.Book(ctx, visitor, r)
	check(t, err)
	if again.BookingID != first.BookingID {
		t.Errorf("one request has made the bookings %s and %s", first.BookingID, again.BookingID)
	}
	if found := checked(t, k.store); len(found) > 0 {
		t.Errorf("it is not sound: %q", found)
	}
}
