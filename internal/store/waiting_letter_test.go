package store_test

import (
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// The rate to one domain holds for offers as well. One that has to wait for longer than its slot is kept lapses.
func TestRates_HoldForWhoWaits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		s.SetRates(clinic.Rates{Domain: 1})
		l := newLine(t, s, clock)
		storetest.AddSlots(t, s, l.c.Branch, l.c.Doctors[0], clock.Now().AddDate(0, 0, 11), 1)
		one, two := l.join(1), l.join(2)
		if kinds := l.offer(true); len(kinds) != 1 {
			t.Errorf("sent at once to one domain are %v", kinds)
		}
		l.want(one, clinic.WaitOffered, "")
		// Both were written at one instant, so either goes first.
		if w := l.want(two, clinic.WaitOffered, ""); (w.Offer.SentAt == nil) == (l.place(one).Offer.SentAt == nil) {
			t.Error("the time of both runs, or of none")
		}
		clock.Advance(time.Minute)
		if kinds := l.offer(true); len(kinds) != 1 {
			t.Errorf("sent a minute later are %v", kinds)
		}
	})
}

// Letters of the future count for no limit, so they take no offer from anybody.
func TestOffer_LettersOfTheFutureDoNotCount(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		l := newLine(t, s, clock)
		tomorrow := storetest.AddSlots(t, s, l.c.Branch, l.c.Doctors[0], clock.Now().AddDate(0, 0, 3), 3)
		for i := range tomorrow {
			r := storetest.Request(tomorrow[i].ID, 10+i)
			r.Patient.Email = storetest.Request("", 1).Patient.Email
			_, err := s.Book(t.Context(), storetest.Owner, r)
			check(t, err)
		}
		check(t, s.WriteDue(t.Context()))
		clock.Advance(49*time.Hour + 5*time.Minute) // 10:05 on the day before
		check(t, s.WriteDue(t.Context()))
		token := l.join(1)
		l.offer(false)
		l.want(token, clinic.WaitOffered, "")
	})
}
