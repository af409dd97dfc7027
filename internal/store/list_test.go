package store_test

import (
	"slices"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestBookings_InPiecesAsInOne: a list that is read in pieces has every booking once, in order, whatever the size of the pieces.
func TestBookings_InPiecesAsInOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		var made []string
		for n, slot := range c.Slots { // two doctors at the same times
			r := storetest.Book(t, s, storetest.Request(slot.ID, n+1))
			made = append(made, r.BookingID)
			if n%3 == 0 { // the slot is booked once more
				check(t, s.Cancel(t.Context(), storetest.Owner, r.BookingID))
				made = append(made, storetest.Book(t, s, storetest.Request(slot.ID, 100+n)).BookingID)
			}
		}
		day := clinic.Date{Year: 2026, Month: time.November, Day: 25}
		list := func(actor clinic.Actor, q store.BookingQuery) []clinic.Appointment {
			t.Helper()
			q.First, q.Last = day, day
			all, err := s.Bookings(t.Context(), actor, c.Branch, q)
			check(t, err)
			return all
		}
		whole := list(storetest.Owner, store.BookingQuery{Limit: 100})
		var ids []string
		for i, a := range whole {
			ids = append(ids, a.Booking.ID)
			if i > 0 && a.Slot.StartsAt.Before(whole[i-1].Slot.StartsAt) {
				t.Errorf("%s comes after %s", a.Slot.StartsAt, whole[i-1].Slot.StartsAt)
			}
		}
		if sorted := slices.Sorted(slices.Values(ids)); !slices.Equal(sorted, slices.Sorted(slices.Values(made))) {
			t.Errorf("got %d bookings, made %d", len(ids), len(made))
		}
		for size := 1; size < 6; size++ {
			var pieces []string
			var after store.BookingRow
			for {
				piece := list(storetest.Owner, store.BookingQuery{After: after, Limit: size})
				if len(piece) == 0 {
					break
				}
				for _, a := range piece {
					pieces = append(pieces, a.Booking.ID)
				}
				after = store.RowOf(piece[len(piece)-1])
			}
			if !slices.Equal(pieces, ids) {
				t.Errorf("in pieces of %d: %d bookings, in one %d", size, len(pieces), len(ids))
			}
		}
		for name, q := range map[string]struct {
			store.BookingQuery
			fits func(clinic.Appointment) bool
		}{
			"doctor":   {store.BookingQuery{DoctorIDs: []string{c.Doctors[1].ID}}, func(a clinic.Appointment) bool { return a.Doctor.ID == c.Doctors[1].ID }},
			"status":   {store.BookingQuery{Statuses: []clinic.Status{clinic.Cancelled}}, func(a clinic.Appointment) bool { return a.Booking.Status == clinic.Cancelled }},
			"channel":  {store.BookingQuery{Channels: []clinic.Channel{clinic.ByTelephone}}, func(clinic.Appointment) bool { return false }},
			"answered": {store.BookingQuery{Unanswered: true}, func(a clinic.Appointment) bool { return !a.Answered }},
		} {
			q.Limit = 100
			var want []string
			for _, a := range whole {
				if q.fits(a) {
					want = append(want, a.Booking.ID)
				}
			}
			var got []string
			for _, a := range list(storetest.Owner, q.BookingQuery) {
				got = append(got, a.Booking.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: got %d, want %d", name, len(got), len(want))
			}
		}
		elsewhere := clinic.StaffActor(clinic.Staff{ID: "elsewhere", Role: clinic.FrontDesk, Active: true, Branches: []string{c.Other.ID}})
		if _, err := s.Bookings(t.Context(), elsewhere, c.Branch, store.BookingQuery{First: day, Last: day, Limit: 1}); clinic.CodeOf(err) != clinic.NotFound {
			t.Errorf("from another branch: %v", err)
		}
	})
}
