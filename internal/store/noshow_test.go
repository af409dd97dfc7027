package store_test

import (
	"slices"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestNoShows_CloseOnlineBooking: whoever has missed as many appointments as the branch allows books by telephone only, until the one
// by which that was decided is taken back. What the front desk closed by hand stays closed.
func TestNoShows_CloseOnlineBooking(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx, c := t.Context(), storetest.NewClinic(t, s)
		c.Branch.Settings.NoShows, c.Branch.Settings.LiveBookings = 2, clinic.MaxLiveBookings
		_, err := s.SaveBranch(ctx, storetest.Owner, c.Branch)
		check(t, err)
		person := func(slot int) clinic.Request {
			r := storetest.Request(c.Slots[slot].ID, 1)
			r.Another = true
			return r
		}
		var booked []clinic.Receipt
		for n := range 2 {
			r, err := s.Book(ctx, storetest.Owner, person(n))
			check(t, err)
			booked = append(booked, r)
		}
		clock.Advance(c.Slots[1].EndsAt.Sub(clock.Now()))
		later := storetest.AddSlots(t, s, c.Branch, c.Doctors[0], clock.Now().Add(24*time.Hour), 6)
		online := func(n int) error {
			r := person(0)
			r.SlotID = later[n].ID
			_, err := s.Book(ctx, clinic.Visitor(clinic.NewToken(), "192.0.2.1"), r)
			return err
		}
		check(t, s.Step(ctx, storetest.Owner, booked[0].BookingID, clinic.Booked, clinic.NoShow))
		check(t, online(0))
		clock.Advance(time.Minute)
		check(t, s.Step(ctx, storetest.Owner, booked[1].BookingID, clinic.Booked, clinic.NoShow))
		if err := online(1); err == nil {
			t.Error("somebody who has missed two appointments books online")
		}
		r := person(0)
		r.SlotID = later[2].ID
		_, err = s.Book(ctx, storetest.Owner, r)
		check(t, err)

		a, err := s.Appointment(ctx, storetest.Owner, booked[1].BookingID)
		check(t, err)
		check(t, s.StepBack(ctx, storetest.Owner, booked[1].BookingID, clinic.Booked, *a.Booking.StatusAt))
		check(t, online(3))

		check(t, s.CloseOnline(ctx, storetest.Owner, a.Booking.PatientID, true))
		clock.Advance(time.Minute)
		check(t, s.Step(ctx, storetest.Owner, booked[1].BookingID, clinic.Booked, clinic.NoShow))
		check(t, s.Step(ctx, storetest.Owner, booked[1].BookingID, clinic.NoShow, clinic.Arrived))
		if err := online(4); err == nil {
			t.Error("what the front desk closed was opened by a visit")
		}
	})
}

// TestNoShows_CountWhatIsLeft: of several missed appointments any may turn out to be none. What counts is how many are left.
func TestNoShows_CountWhatIsLeft(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx, c := t.Context(), storetest.NewClinic(t, s)
		c.Branch.Settings.NoShows, c.Branch.Settings.LiveBookings = 2, clinic.MaxLiveBookings
		_, err := s.SaveBranch(ctx, storetest.Owner, c.Branch)
		check(t, err)
		var ids []string
		for n := range 3 {
			ids = append(ids, storetest.Book(t, s, storetest.Request(c.Slots[n].ID, 1)).BookingID)
		}
		clock.Advance(c.Slots[2].EndsAt.Sub(clock.Now()))
		closed := func(after string, want bool) {
			t.Helper()
			record, err := s.Patient(ctx, storetest.Owner, appointmentOf(t, s, ids[0]).Booking.PatientID)
			check(t, err)
			if got := record.OnlineClosed != nil; got != want {
				t.Errorf("after %s online booking is closed: %t", after, got)
			}
		}
		step := func(n int, from, to clinic.Status) {
			t.Helper()
			clock.Advance(time.Second)
			check(t, s.Step(ctx, storetest.Owner, ids[n], from, to))
		}
		for n := range 3 {
			step(n, clinic.Booked, clinic.NoShow)
		}
		closed("three", true)
		step(1, clinic.NoShow, clinic.Arrived) // by this one it was closed
		closed("two of three", true)
		step(0, clinic.NoShow, clinic.Arrived)
		closed("one of three", false)
		check(t, s.StepBack(ctx, storetest.Owner, ids[0], clinic.NoShow, *appointmentOf(t, s, ids[0]).Booking.StatusAt))
		closed("two again", true)
		check(t, s.CloseOnline(ctx, storetest.Owner, appointmentOf(t, s, ids[0]).Booking.PatientID, false))
		clock.Advance(time.Second)
		check(t, s.CloseOnline(ctx, storetest.Owner, appointmentOf(t, s, ids[0]).Booking.PatientID, true))
		step(0, clinic.NoShow, clinic.Arrived)
		step(2, clinic.NoShow, clinic.Arrived)
		closed("none, where the front desk closed it", true)
	})
}

// TestNoShows_OfPatientsWhoAreMerged: what two patients who are one have missed counts together, and apart once they are two again,
// whoever had come to be one meanwhile.
func TestNoShows_OfPatientsWhoAreMerged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx, c := t.Context(), storetest.NewClinic(t, s)
		c.Branch.Settings.NoShows = 2
		_, err := s.SaveBranch(ctx, storetest.Owner, c.Branch)
		check(t, err)
		var ids [4]string // of the one who is kept, and of the other, in turn
		for n := range ids {
			ids[n] = storetest.Book(t, s, storetest.Request(c.Slots[n].ID, n%2)).BookingID
		}
		kept, other := appointmentOf(t, s, ids[0]).Booking.PatientID, appointmentOf(t, s, ids[1]).Booking.PatientID
		clock.Advance(c.Slots[3].EndsAt.Sub(clock.Now()))
		miss := func(n int) {
			t.Helper()
			clock.Advance(time.Second)
			check(t, s.Step(ctx, storetest.Owner, ids[n], clinic.Booked, clinic.NoShow))
		}
		closed := func(when, id string, want bool) {
			t.Helper()
			record, err := s.Patient(ctx, storetest.Owner, id)
			check(t, err)
			if got := record.OnlineClosed != nil; got != want {
				t.Errorf("%s, online booking of %d is closed: %t", when, slices.Index([]string{kept, other}, id), got)
			}
		}
		miss(0)
		miss(1)
		closed("one each", kept, false)
		merge, err := s.MergePatients(ctx, storetest.Owner, kept, other)
		check(t, err)
		closed("together", kept, true)
		check(t, s.UndoMerge(ctx, storetest.Owner, kept, merge))
		closed("apart", kept, false)
		closed("apart", other, false)

		merge, err = s.MergePatients(ctx, storetest.Owner, kept, other)
		check(t, err)
		miss(3)
		closed("three together", kept, true)
		check(t, s.UndoMerge(ctx, storetest.Owner, kept, merge))
		closed("one of three", kept, false)
		closed("two of three", other, true)

		clock.Advance(time.Second)
		check(t, s.CloseOnline(ctx, storetest.Owner, other, false))
		check(t, s.CloseOnline(ctx, storetest.Owner, kept, true))
		merge, err = s.MergePatients(ctx, storetest.Owner, kept, other)
		check(t, err)
		check(t, s.UndoMerge(ctx, storetest.Owner, kept, merge))
		closed("by the front desk", kept, true)
		closed("opened by the front desk", other, false)
	})
}
