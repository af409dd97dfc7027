package store_test

import (
	"path/filepath"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store/storetest"
)

// TestDayCounts_AreThoseOfTheDays: what the month says of a day is what the day itself shows.
func TestDayCounts_AreThoseOfTheDays(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) { countDays(t, address(t)) })
	}
}

func countDays(t *testing.T, address string) {
	t.Helper()
	clock := storetest.NewClock()
	s := storetest.Open(t, address, filepath.Join(t.TempDir(), "keys"), clock.Now)
	c := storetest.NewClinic(t, s)
	storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
	for n, status := range []clinic.Status{clinic.Pending, clinic.Arrived, "in-progress", clinic.Fulfilled, clinic.NoShow} {
		r := storetest.Book(t, s, storetest.Request(c.Slots[n+1].ID, n+2))
		storetest.Exec(t, address, "UPDATE bookings SET status = '"+string(status)+"' WHERE id = '"+r.BookingID+"'")
	}
	_, err := s.Hold(t.Context(), clinic.Visitor("a cookie", "192.0.2.1"), c.Slots[6].ID)
	check(t, err)
	check(t, s.CloseSlot(t.Context(), storetest.Owner, c.Slots[7].ID))
	cancelled := storetest.Book(t, s, storetest.Request(c.Slots[8].ID, 9))
	check(t, s.Cancel(t.Context(), storetest.Owner, cancelled.BookingID))
	loc := c.Branch.Location()
	first := clinic.DateOf(clock.Now(), loc)
	last := first.AddDays(41)
	counts, err := s.DayCounts(t.Context(), storetest.Owner, c.Branch, first, last, nil)
	check(t, err)
	if len(counts) != 42 {
		t.Fatalf("%d days", len(counts))
	}
	var all clinic.DayCount
	for i, count := range counts {
		want := clinic.DayCount{Day: first.AddDays(i)}
		entries, _, err := s.Day(t.Context(), storetest.Owner, c.Branch, want.Day)
		check(t, err)
		for _, e := range entries {
			if e.Slot.ClosedAt != nil {
				continue
			}
			want.Slots++
			switch {
			case e.Appointment != nil:
				switch e.Appointment.Booking.Status {
				case clinic.Pending:
					want.Pending++
				case clinic.Booked:
					want.Booked++
				case clinic.NoShow:
					want.NoShow++
				default:
					want.Came++
				}
			case e.Slot.State == clinic.SlotHeld:
				want.Held++
			case e.Slot.StartsAt.After(clock.Now()):
				want.Free++
			}
		}
		if count != want {
			t.Errorf("got %+v, the day has %+v", count, want)
		}
		all.Pending, all.Booked, all.Came, all.NoShow, all.Held = all.Pending+count.Pending, all.Booked+count.Booked, all.Came+count.Came, all.NoShow+count.NoShow, all.Held+count.Held
	}
	if all.Pending != 1 || all.Booked != 1 || all.Came != 3 || all.NoShow != 1 || all.Held != 1 {
		t.Errorf("in all %+v", all)
	}
	one, err := s.DayCounts(t.Context(), storetest.Owner, c.Branch, first, last, []string{c.Doctors[0].ID})
	check(t, err)
	for i, count := range one {
		if count.Slots > counts[i].Slots {
			t.Errorf("of one doctor %+v, of all %+v", count, counts[i])
		}
	}
	elsewhere := clinic.StaffActor(clinic.Staff{ID: "elsewhere", Role: clinic.FrontDesk, Active: true, Branches: []string{c.Other.ID}})
	if _, err := s.DayCounts(t.Context(), elsewhere, c.Branch, first, last, nil); clinic.CodeOf(err) != clinic.NotFound {
		t.Errorf("from another branch: %v", err)
	}
}
