package store_test

import (
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// waitEarlier books a later time for the first patient, who gets in line for an earlier one with it.
func (l *line) waitEarlier() (booked clinic.Receipt, place string) {
	l.Helper()
	later := storetest.AddSlots(l.T, l.s, l.c.Branch, l.c.Doctors[0], l.clock.Now().AddDate(0, 0, 12), 1)
	booked = storetest.Book(l.T, l.s, storetest.Request(later[0].ID, 1))
	check(l.T, l.s.LetterSent(l.Context(), claim(l.T, l.s)))
	day, place := clinic.DateOf(l.clock.Now(), l.c.Branch.Location()), clinic.NewToken()
	wish := clinic.Wish{First: day, Last: day.AddDays(11), At: -1}
	check(l.T, l.s.GetInLine(l.Context(), clinic.PatientByLink(booked.Token), clinic.WaitingRequest{Wish: wish, Token: place}))
	return booked, place
}

// Whoever reads at the address before a correction may be a stranger. What is offered afterwards does not go there, what was offered there is
// free again, and what they were sent opens nothing: by accepting they would get a link of the booking.
func TestCorrectEmail_TakesThePlaceInLineAlong(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		l := newLine(t, s, clock)
		booked, place := l.waitEarlier()
		l.offer(false)
		offer := claim(t, s)
		check(t, s.LetterSent(t.Context(), offer))
		offered := l.want(place, clinic.WaitOffered, "").Offer
		token := clinic.NewToken()
		check(t, s.CorrectEmail(t.Context(), clinic.PatientByLink(booked.Token), "right@example.com", token))
		for _, former := range []string{place, offer.Content.Token} {
			if _, err := s.Place(t.Context(), former); clinic.CodeOf(err) != clinic.NotFound {
				t.Errorf("a link from before opens the place: %v", err)
			}
			if _, err := s.AcceptMove(t.Context(), former, "192.0.2.1", offered.ID); clinic.CodeOf(err) != clinic.NotFound {
				t.Errorf("a link from before moves the booking: %v", err)
			}
		}
		w, err := s.WaitsWith(t.Context(), clinic.PatientByLink(token))
		check(t, err)
		if w.Status != clinic.Waits || w.Offer.Outcome != clinic.OfferUnsent || !w.Reached() {
			t.Errorf("they stand in line as %s, the offer is %q", w.Status, w.Offer.Outcome)
		}
		if l := claim(t, s); l.Kind != clinic.Corrected || l.Content.To != "right@example.com" {
			t.Errorf("the letter is %s to %s", l.Kind, l.Content.To)
		}
		wantNoneDue(t, s)
		_, err = s.LetterBounced(t.Context(), offer.ID, 0, "bounce 5.1.1") // from the former address
		check(t, err)
		storetest.AddSlots(t, s, l.c.Branch, l.c.Doctors[0], clock.Now().AddDate(0, 0, 9), 1)
		l.offer(false)
		if l := claim(t, s); l.Kind != clinic.OfferLetter || l.Content.To != "right@example.com" {
			t.Errorf("the letter is %s to %s", l.Kind, l.Content.To)
		}
	})
}

// Whom letters did not reach is offered something again once the address is another one.
func TestCorrectContact_ReachesWhoWaits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		l := newLine(t, s, clock)
		booked, _ := l.waitEarlier()
		l.offer(false)
		check(t, s.LetterFailed(t.Context(), claim(t, s), "smtp 550 5.1.1", true))
		a, err := s.Appointment(t.Context(), storetest.Owner, booked.BookingID)
		check(t, err)
		p := a.Patient
		p.Email = "right@example.com"
		check(t, s.CorrectContact(t.Context(), storetest.Owner, booked.BookingID, a.Booking.Revision, p))
		in, err := s.InLine(t.Context(), storetest.Owner, l.c.Branch.ID)
		check(t, err)
		if len(in) != 1 || in[0].Patient.Email != "right@example.com" || !in[0].Reached() {
			t.Errorf("in line are %+v", in)
		}
		p.Email = ""
		check(t, s.CorrectContact(t.Context(), storetest.Owner, booked.BookingID, a.Booking.Revision+1, p))
		if in, err = s.InLine(t.Context(), storetest.Owner, l.c.Branch.ID); err != nil || len(in) != 1 || in[0].ByMail {
			t.Errorf("in line are %+v (%v)", in, err)
		}
	})
}
