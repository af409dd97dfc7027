package store_test

import (
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestErasure_IsAskedOnceAndSettledOnce: whoever asks again changes nothing; of two who settle it the second is told; those of another branch
// see nothing. Asking and settling leave the bookings as they are.
func TestErasure_IsAskedOnceAndSettledOnce(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		t.Helper()
		c := storetest.NewClinic(t, s)
		receipt, again := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1)), storetest.Request(c.Slots[2].ID, 1)
		again.Another = true
		second := storetest.Book(t, s, again) // of the same patient
		link, other := clinic.PatientByLink(receipt.Token), clinic.PatientByLink(second.Token)
		front, err := s.AddStaff(t.Context(), storetest.Owner, clinic.Staff{Role: clinic.FrontDesk, Branches: []string{c.Branch.ID}, Name: "受付 見本", Email: "front@example.jp"})
		check(t, err)
		desk := clinic.StaffActor(front)
		elsewhere := clinic.StaffActor(clinic.Staff{ID: front.ID, Role: clinic.FrontDesk, Active: true, Branches: []string{c.Other.ID}})
		patientID := appointmentOf(t, s, receipt.BookingID).Booking.PatientID

		if e, err := s.OwnErasure(t.Context(), link); e != (clinic.Erasure{}) || err != nil {
			t.Errorf("before: %+v, %v", e, err)
		}
		before := storetest.Read(t, address)
		for _, err := range atOnce(6, func(n int) error { return s.AskErasure(t.Context(), []clinic.Actor{link, other}[n%2]) }) {
			check(t, err)
		}
		if changed := storetest.Read(t, address).Changed(before); len(changed) != 1 || changed[0] != "erasure_requests" {
			t.Errorf("asking changes %v", changed)
		}
		wantCode(t, s.AskErasure(t.Context(), clinic.PatientByLink(clinic.NewToken())), clinic.NotFound)
		open, err := s.OpenErasures(t.Context(), desk)
		check(t, err)
		if len(open) != 1 {
			t.Fatalf("%d are open", len(open))
		}
		check(t, s.AskErasure(t.Context(), other))
		if now, err := s.OpenErasures(t.Context(), desk); len(now) != len(open) || err != nil {
			t.Errorf("asking again makes %d of %d (%v)", len(now), len(open), err)
		}
		for _, actor := range []clinic.Actor{elsewhere, clinic.Visitor("", "")} {
			if seen, err := s.OpenErasures(t.Context(), actor); len(seen) > 0 || err != nil {
				t.Errorf("another sees %d, %v", len(seen), err)
			}
			if n, err := s.CountOpenErasures(t.Context(), actor, c.Branch.ID); n > 0 || err != nil {
				t.Errorf("another counts %d, %v", n, err)
			}
			wantCode(t, s.SettleErasure(t.Context(), actor, patientID, open[0].ID, clinic.ErasureDone, ""), clinic.NotFound)
		}
		wantCode(t, s.SettleErasure(t.Context(), desk, "somebody else", open[0].ID, clinic.ErasureDone, ""), clinic.NotFound)

		clock.Advance(time.Hour)
		settled := 0
		for _, err := range atOnce(4, func(int) error {
			return s.SettleErasure(t.Context(), desk, patientID, open[0].ID, clinic.ErasureRefused, "診療の記録のため")
		}) {
			if err == nil {
				settled++
			} else {
				wantCode(t, err, clinic.Conflict)
			}
		}
		all, err := s.ErasuresOf(t.Context(), desk, patientID)
		check(t, err)
		if len(all) != 1 {
			t.Fatalf("there are %+v", all)
		}
		e := all[0]
		if settled != 1 || e.Outcome != clinic.ErasureRefused || e.SettledBy != front.ID || e.SettledAt == nil || !e.SettledAt.Equal(clock.Now()) || e.Reason != "診療の記録のため" {
			t.Errorf("settled %d times, as %+v", settled, e)
		}
		if n, err := s.CountOpenErasures(t.Context(), desk, c.Branch.ID); n != 0 || err != nil {
			t.Errorf("%d are open (%v)", n, err)
		}
		clock.Advance(time.Hour)
		check(t, s.AskErasure(t.Context(), link)) // they may ask again
		if own, err := s.OwnErasure(t.Context(), other); !own.Open() || err != nil {
			t.Errorf("the patient sees %+v, %v", own, err)
		}
	})
}

// TestErasure_GoesAlongWithAMerge: and back, because it hangs on the booking.
func TestErasure_GoesAlongWithAMerge(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		one, two := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1)), storetest.Book(t, s, storetest.Request(c.Slots[2].ID, 2))
		kept, merged := appointmentOf(t, s, one.BookingID).Booking.PatientID, appointmentOf(t, s, two.BookingID).Booking.PatientID
		check(t, s.AskErasure(t.Context(), clinic.PatientByLink(two.Token)))
		of := func(patientID string) int {
			t.Helper()
			all, err := s.ErasuresOf(t.Context(), storetest.Owner, patientID)
			check(t, err)
			return len(all)
		}
		merge, err := s.MergePatients(t.Context(), storetest.Owner, kept, merged)
		check(t, err)
		if of(kept) != 1 {
			t.Error("it is lost with the merge")
		}
		check(t, s.UndoMerge(t.Context(), storetest.Owner, kept, merge))
		if of(kept) != 0 || of(merged) != 1 {
			t.Error("it stays with the one who was kept")
		}
	})
}
