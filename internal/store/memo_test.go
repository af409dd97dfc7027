package store_test

import (
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestMemo_FromOneRevisionOneWins: a memo is saved over what was seen, and nobody's words are lost to somebody who saw less.
func TestMemo_FromOneRevisionOneWins(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		t.Helper()
		c := storetest.NewClinic(t, s)
		receipt, err := s.Book(t.Context(), storetest.Owner, storetest.Request(c.Slots[0].ID, 1))
		check(t, err)
		a, err := s.Appointment(t.Context(), storetest.Owner, receipt.BookingID)
		check(t, err)
		elsewhere := clinic.StaffActor(clinic.Staff{ID: "elsewhere", Role: clinic.FrontDesk, Active: true, Branches: []string{c.Other.ID}})
		for name, of := range map[string]struct {
			id   string
			save func(actor clinic.Actor, revision int, text string) error
			read func(actor clinic.Actor) (clinic.Memo, error)
		}{
			"booking": {
				save: func(actor clinic.Actor, revision int, text string) error {
					return s.SaveBookingMemo(t.Context(), actor, receipt.BookingID, revision, text)
				},
				read: func(actor clinic.Actor) (clinic.Memo, error) {
					return s.BookingMemo(t.Context(), actor, receipt.BookingID)
				},
			},
			"patient": {
				save: func(actor clinic.Actor, revision int, text string) error {
					return s.SavePatientMemo(t.Context(), actor, a.Booking.PatientID, revision, text)
				},
				read: func(actor clinic.Actor) (clinic.Memo, error) {
					return s.PatientMemo(t.Context(), actor, a.Booking.PatientID)
				},
			},
		} {
			t.Run(name, func(t *testing.T) {
				if memo, err := of.read(storetest.Owner); err != nil || memo != (clinic.Memo{}) {
					t.Fatalf("before anybody wrote: %+v, %v", memo, err)
				}
				check(t, of.save(storetest.Owner, 0, " お母さまと来院。\r\n駐車場は北側。 "))
				if err := of.save(storetest.Owner, 0, "もう一人"); !clinic.IsStale(err) {
					t.Errorf("over what was not seen: %v", err)
				}
				clock.Advance(time.Minute)
				check(t, of.save(storetest.Owner, 1, "お母さまと来院。"))
				memo, err := of.read(storetest.Owner)
				check(t, err)
				if memo.Text != "お母さまと来院。" || memo.Revision != 2 || !memo.UpdatedAt.Equal(clock.Now()) {
					t.Errorf("got %+v", memo)
				}
				if err := of.save(elsewhere, 2, "他院から"); clinic.CodeOf(err) != clinic.NotFound {
					t.Errorf("from another branch: %v", err)
				}
				if _, err := of.read(elsewhere); clinic.CodeOf(err) != clinic.NotFound {
					t.Errorf("read from another branch: %v", err)
				}
			})
		}
	})
}
