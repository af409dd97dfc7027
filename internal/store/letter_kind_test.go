package store_test

import (
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// Where the clinic is the reason, the patient reads an apology, and otherwise that the cancellation was received. There is one letter of
// either kind: of a booking that lives again the other one may follow.
func TestCancelFor_ApologisesWhereTheClinicIsTheReason(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		b := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		confirm(t, s)
		cancel := func(reason clinic.CancelReason) clinic.Letter {
			clock.Advance(time.Second)
			check(t, s.CancelFor(t.Context(), storetest.Owner, b.BookingID, clinic.Cancelling{Reason: reason, Tell: true}))
			return claim(t, s)
		}
		sorry := cancel(clinic.ByClinic)
		if sorry.Kind != clinic.CalledOff || sorry.Content.Token != "" || sorry.OnceKey != b.BookingID+"/cancellation" {
			t.Errorf("the clinic cancels, and there goes %+v", sorry)
		}
		check(t, s.LetterSent(t.Context(), sorry))
		check(t, s.Restore(t.Context(), storetest.Owner, b.BookingID, clinic.Booked, clock.Now()))
		if l := claim(t, s); l.Kind != clinic.Confirmation {
			t.Errorf("it stands again, and there goes a %s", l.Kind)
		}
		received := cancel(clinic.AskedByPatient)
		if received.Kind != clinic.Cancellation || received.ID != sorry.ID || received.Resends != 1 {
			t.Errorf("the patient cancels, and there goes %+v", received)
		}
		wantNoneDue(t, s)
	})
}

// A correction is said where the patient is reached now. It takes the place of the confirmation, so that nobody can have that one sent
// again to where it went.
func TestCorrectContact_SaysThatItIsCorrected(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		b := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		confirm(t, s)
		correct := func(email string) {
			a, err := s.Appointment(t.Context(), storetest.Owner, b.BookingID)
			check(t, err)
			a.Patient.Email = email
			check(t, s.CorrectContact(t.Context(), storetest.Owner, b.BookingID, a.Booking.Revision, a.Patient))
		}
		correct("right@example.jp")
		l := onlyLetter(t, s, b.BookingID)
		if l.Kind != clinic.Corrected || l.Status != clinic.LetterWaiting || l.OnceKey != b.BookingID+"/confirmation" {
			t.Errorf("there is %+v", l)
		}
		if l := claim(t, s); l.Content.To != "right@example.jp" {
			t.Errorf("it goes to %s", l.Content.To)
		}
		pend(t, s, b.BookingID)
		correct("better@example.jp")
		if l := storetest.LetterOf(t, s, b.BookingID, clinic.Requested); l.Status != clinic.LetterWaiting {
			t.Errorf("the request that waits for an approval is %s", l.Status)
		}
	})
}
