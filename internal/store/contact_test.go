package store_test

import (
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// opens reports whether a link opens a booking.
func opens(t *testing.T, s *store.Store, token string) bool {
	t.Helper()
	_, err := s.Intake(t.Context(), clinic.PatientByLink(token))
	if err != nil && clinic.CodeOf(err) != clinic.NotFound {
		t.Fatal(err)
	}
	return err == nil
}

func TestCorrectEmail_SendsTheLetterThereAndEndsTheOldLinks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		first := claim(t, s)
		check(t, s.LetterSent(t.Context(), first))
		token := clinic.NewToken()
		check(t, s.CorrectEmail(t.Context(), clinic.PatientByLink(receipt.Token), " hana@example.com", token))
		if opens(t, s, receipt.Token) || !opens(t, s, token) {
			t.Error("the old link opens, or the new one does not")
		}
		again := claim(t, s)
		if again.Content.To != "hana@example.com" || again.Content.Token != token || again.MessageID() == first.MessageID() || again.ID != first.ID {
			t.Errorf("the letter is %+v", again)
		}
		wantNoneDue(t, s) // the former address is told nothing
		for text, want := range map[string]int{"hana@example.com": 1, "09000000001": 1} {
			found, err := s.Search(t.Context(), storetest.Owner, text)
			check(t, err)
			if len(found.Appointments) != want || found.Appointments[0].Patient.Email != "hana@example.com" || found.Appointments[0].Booking.Revision != 2 {
				t.Errorf("%s finds %+v", text, found)
			}
		}
		wantCode(t, s.CorrectEmail(t.Context(), clinic.PatientByLink(receipt.Token), "x@example.com", clinic.NewToken()), clinic.NotFound)
		wantCode(t, s.CorrectEmail(t.Context(), clinic.PatientByLink(token), "x@", clinic.NewToken()), clinic.Invalid)
		if !opens(t, s, token) {
			t.Error("an address that is refused has ended the link")
		}
	})
}

// A worker that is sending to the former address just now finishes that, and the letter to the new one goes out all the same.
func TestCorrectEmail_WhileTheLetterIsOnItsWay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		for i, report := range []func(l clinic.Letter) error{
			func(l clinic.Letter) error { return s.LetterSent(t.Context(), l) },
			func(l clinic.Letter) error { return s.LetterFailed(t.Context(), l, "smtp 550 5.1.1", true) },
		} {
			receipt := storetest.Book(t, s, storetest.Request(c.Slots[i].ID, i))
			sending := claim(t, s)
			check(t, s.CorrectEmail(t.Context(), clinic.PatientByLink(receipt.Token), "hana@example.com", clinic.NewToken()))
			check(t, report(sending))
			if l := claim(t, s); l.Content.To != "hana@example.com" || l.Attempts != 1 {
				t.Errorf("the letter is %+v", l)
			}
		}
	})
}

// One booking cannot be used to write to strangers again and again.
func TestCorrectEmail_IsThrottled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		token := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1)).Token
		corrections := 0
		for range 10 {
			next := clinic.NewToken()
			switch err := s.CorrectEmail(t.Context(), clinic.PatientByLink(token), "hana@example.com", next); clinic.CodeOf(err) {
			case clinic.TooMany:
			default:
				check(t, err)
				corrections++
				token = next
				wantCode(t, s.CorrectEmail(t.Context(), clinic.PatientByLink(token), "x@example.com", clinic.NewToken()), clinic.TooMany)
			}
			clock.Advance(time.Minute)
		}
		if corrections != 5 {
			t.Errorf("%d corrections", corrections)
		}
	})
}

func TestCorrectContact_IsTheOneBookingOfItsBranch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		other := storetest.Book(t, s, storetest.Request(c.Slots[1].ID, 1)) // of the same person
		a, err := s.Appointment(t.Context(), storetest.Owner, receipt.BookingID)
		check(t, err)
		check(t, s.LetterSent(t.Context(), claim(t, s)))
		check(t, s.LetterSent(t.Context(), claim(t, s)))
		corrected := a.Patient
		corrected.GivenName, corrected.GivenKana, corrected.Phone = "花代", "ハナヨ", "09000000099"
		elsewhere := clinic.StaffActor(clinic.Staff{Role: clinic.FrontDesk, Active: true, Branches: []string{c.Other.ID}})
		wantCode(t, s.CorrectContact(t.Context(), elsewhere, receipt.BookingID, 1, corrected), clinic.NotFound)
		wantCode(t, s.CorrectContact(t.Context(), storetest.DoctorActor(c.Doctors[0].ID), receipt.BookingID, 1, corrected), clinic.NotFound)

		check(t, s.CorrectContact(t.Context(), storetest.Owner, receipt.BookingID, 1, corrected))
		if l := claim(t, s); l.BookingID != receipt.BookingID || l.Content.ToName != corrected.Name() || !opens(t, s, l.Content.Token) {
			t.Errorf("the letter is %+v", l)
		}
		wantNoneDue(t, s)
		if !opens(t, s, receipt.Token) {
			t.Error("the patient's link has ended, and their address is the same")
		}
		found, err := s.Search(t.Context(), storetest.Owner, "09000000099")
		check(t, err)
		if len(found.Appointments) != 1 || found.Appointments[0].Booking.ID != receipt.BookingID || found.Appointments[0].Patient.Name() != corrected.Name() {
			t.Errorf("found %+v", found)
		}
		if b, err := s.Appointment(t.Context(), storetest.Owner, other.BookingID); err != nil || b.Patient.Phone != a.Patient.Phone || b.Booking.Revision != 1 {
			t.Errorf("the other booking is %+v (%v)", b, err)
		}
		// Whoever saves over what they have not seen is told so, and nothing is lost.
		err = s.CorrectContact(t.Context(), storetest.Owner, receipt.BookingID, 1, a.Patient)
		if !clinic.IsStale(err) {
			t.Errorf("a stale correction: %v", err)
		}
		corrected.Email = "hana@example.com"
		check(t, s.CorrectContact(t.Context(), storetest.Owner, receipt.BookingID, 2, corrected))
		if opens(t, s, receipt.Token) {
			t.Error("the link opens for whoever reads the former address")
		}
	})
}

// Of two corrections at once, the second sees that it was drawn from another state.
func TestCorrectContact_AtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		a, err := s.Appointment(t.Context(), storetest.Owner, receipt.BookingID)
		check(t, err)
		good := 0
		for _, err := range atOnce(5, func(i int) error {
			corrected := a.Patient
			corrected.Phone = "0900000010" + string(rune('0'+i))
			return s.CorrectContact(t.Context(), storetest.Owner, receipt.BookingID, 1, corrected)
		}) {
			if err == nil {
				good++
			} else if !clinic.IsStale(err) {
				t.Error(err)
			}
		}
		if good != 1 {
			t.Errorf("%d corrections of one revision", good)
		}
	})
}

// TestCorrect_AfterAMove: the letter about a move that has not gone out does not go to the address that was wrong.
func TestCorrect_AfterAMove(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		for n, by := range []string{"the front desk", "the patient"} {
			receipt := storetest.Book(t, s, storetest.Request(c.Slots[n].ID, n+1))
			confirm(t, s)
			_, err := s.Move(t.Context(), storetest.Owner, receipt.BookingID, c.Slots[n+4].ID, true)
			check(t, err)
			check(t, s.LetterFailed(t.Context(), claim(t, s), "smtp 451", false))
			if a := appointmentOf(t, s, receipt.BookingID); n == 0 {
				a.Patient.Email = "right@example.jp"
				check(t, s.CorrectContact(t.Context(), storetest.Owner, receipt.BookingID, a.Booking.Revision, a.Patient))
			} else {
				check(t, s.CorrectEmail(t.Context(), clinic.PatientByLink(receipt.Token), "right@example.jp", clinic.NewToken()))
			}
			clock.Advance(time.Hour)
			l := claim(t, s)
			if l.Content.To != "right@example.jp" || !l.Content.StartsAt.Equal(c.Slots[n+4].StartsAt) {
				t.Errorf("corrected by %s, a %s about %v goes to %s", by, l.Kind, l.Content.StartsAt, l.Content.To)
			}
			check(t, s.LetterSent(t.Context(), l))
			wantNoneDue(t, s)
		}
	})
}

// TestCorrect_OfACancelledBooking: the letter about a cancellation goes out anew where it was wanted, and nowhere else.
func TestCorrect_OfACancelledBooking(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		for n, tell := range []bool{true, false} {
			receipt := storetest.Book(t, s, storetest.Request(c.Slots[n].ID, n+1))
			confirm(t, s)
			check(t, s.CancelFor(t.Context(), storetest.Owner, receipt.BookingID, clinic.Cancelling{Tell: tell}))
			a := appointmentOf(t, s, receipt.BookingID)
			a.Patient.Email = "right@example.jp"
			check(t, s.CorrectContact(t.Context(), storetest.Owner, receipt.BookingID, a.Booking.Revision, a.Patient))
			if tell {
				l := claim(t, s)
				if l.Kind != clinic.Cancellation || l.Content.To != "right@example.jp" {
					t.Errorf("a %s goes to %s", l.Kind, l.Content.To)
				}
				check(t, s.LetterSent(t.Context(), l))
			}
			wantNoneDue(t, s)
		}
	})
}

// A letter that went to the address before a correction went to somebody else perhaps. It is not sent there once more, even if it comes back.
func TestResend_NothingToTheAddressBeforeACorrection(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		booked := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		check(t, s.LetterSent(t.Context(), claim(t, s)))
		_, err := s.Move(t.Context(), storetest.Owner, booked.BookingID, c.Slots[1].ID, true)
		check(t, err)
		moved := claim(t, s)
		check(t, s.LetterSent(t.Context(), moved))
		check(t, s.CorrectEmail(t.Context(), clinic.PatientByLink(booked.Token), "right@example.com", clinic.NewToken()))
		check(t, s.LetterSent(t.Context(), claim(t, s)))
		wantCode(t, s.Resend(t.Context(), storetest.Owner, booked.BookingID, moved.ID), clinic.Conflict)
		_, err = s.LetterBounced(t.Context(), moved.ID, 0, "bounce 5.1.1")
		check(t, err)
		clock.Advance(time.Minute)
		if _, err := s.ResendTogether(t.Context(), storetest.Owner, []string{"bounce 5.1.1"}, clock.Now(), 10); err != nil {
			t.Error(err)
		}
		wantNoneDue(t, s)
		if l := storetest.LetterOf(t, s, booked.BookingID, clinic.Change); l.CanResend(clinic.Booking{Status: clinic.Booked, Sequence: l.Sequence}) {
			t.Error("the page offers to send it again")
		}
	})
}
