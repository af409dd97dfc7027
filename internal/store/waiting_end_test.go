package store_test

import (
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// Of a booking that is no more nobody can accept anything: what was kept for it is free at once, and nobody is told that they wait on.
func TestOffer_EndsWithTheBookingThatWouldMove(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		l := newLine(t, s, clock)
		booked, place := l.waitEarlier()
		l.offer(true)
		l.want(place, clinic.WaitOffered, "")
		check(t, s.CancelOwn(t.Context(), clinic.PatientByLink(booked.Token), clinic.AskedByPatient))
		next := l.join(2)
		if kinds := l.offer(true); len(kinds) != 2 || kinds[0] != clinic.Cancellation || kinds[1] != clinic.OfferLetter {
			t.Errorf("sent are %v", kinds)
		}
		l.want(place, clinic.WaitOver, clinic.OfferLeft)
		l.want(next, clinic.WaitOffered, "")
	})
}

// An offer that was over in the evening is said in the morning, but not to whoever waits no more by then.
func TestOffer_NobodyIsToldThatTheyWaitWhoDoesNot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		l := newLine(t, s, clock) // 9:00 in Tokyo
		today := clinic.DateOf(clock.Now(), l.c.Branch.Location())
		token := l.join(1, func(r *clinic.WaitingRequest) { r.Wish.Last = today.AddDays(10) })
		clock.Advance(11*time.Hour + 30*time.Minute)
		if kinds := l.offer(true); len(kinds) != 1 {
			t.Fatalf("sent are %v", kinds)
		}
		clock.Advance(2 * time.Hour)
		l.offer(true)
		l.want(token, clinic.Waits, clinic.OfferOver)
		clock.Advance(11 * 24 * time.Hour) // no worker was at work meanwhile
		l.offer(false)
		l.want(token, clinic.WaitOver, clinic.OfferOver)
		wantNoneDue(t, s)
	})
}

// That an offer is over is no reason to wake anybody: a letter that could not be sent by day does not go at night.
func TestOffer_NobodyIsToldAtNightThatItIsOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		l := newLine(t, s, clock) // 9:00 in Tokyo
		token := l.join(1)
		l.offer(true)
		clock.Advance(2 * time.Hour)
		l.offer(false)
		l.want(token, clinic.Waits, clinic.OfferOver)
		over := claim(t, s)
		check(t, s.LetterFailed(t.Context(), over, "connect", false))
		clock.Advance(10 * time.Hour) // 21:00
		wantNoneDue(t, s)
	})
}

// Whoever waits with a booking that is cancelled by mistake has their turn again when that is undone.
func TestRestore_BringsThePlaceInLineBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		l := newLine(t, s, clock)
		check(t, s.CloseSlot(t.Context(), storetest.Owner, l.slot.ID))
		booked, place := l.waitEarlier()
		since := l.place(place).CreatedAt
		at := clock.Now()
		check(t, s.Cancel(t.Context(), storetest.Owner, booked.BookingID))
		clock.Advance(10 * time.Second)
		l.offer(false)
		l.want(place, clinic.WaitOver, "none")
		check(t, s.Restore(t.Context(), storetest.Owner, booked.BookingID, clinic.Booked, at))
		l.offer(false)
		if w := l.want(place, clinic.Waits, "none"); !w.CreatedAt.Equal(since) {
			t.Error("they have another turn")
		}
	})
}
