package store_test

import (
	"fmt"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

func TestHold_KeepsTheSlotForOneVisitor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		first, second := c.Slots[0].ID, c.Slots[1].ID
		won := 0
		for i, err := range atOnce(50, func(i int) error {
			_, err := s.Hold(t.Context(), clinic.Visitor(fmt.Sprint("visitor", i), fmt.Sprint("client", i)), first)
			return err
		}) {
			if err == nil {
				won++
			} else if clinic.CodeOf(err) != clinic.SlotTaken {
				t.Errorf("hold %d: %v", i, err)
			}
		}
		if won != 1 {
			t.Fatalf("%d of 50 hold the slot, want 1", won)
		}
		_, err := s.Book(t.Context(), clinic.API(clinic.APIKey{}), storetest.Request(first, 1))
		wantCode(t, err, clinic.SlotTaken)

		// Expired, it is anybody's, and nothing had to clean up.
		clock.Advance(clinic.HoldFor)
		hold, err := s.Hold(t.Context(), clinic.Visitor("me", "here"), first)
		check(t, err)
		if !hold.ExpiresAt.Equal(clock.Now().Add(clinic.HoldFor)) {
			t.Errorf("the hold ends at %v", hold.ExpiresAt)
		}
		// A second choice lets go of the first.
		_, err = s.Hold(t.Context(), clinic.Visitor("me", "here"), second)
		check(t, err)
		_, err = s.Hold(t.Context(), clinic.Visitor("you", "there"), first)
		check(t, err)
		mine, err := s.HoldOf(t.Context(), clinic.Visitor("me", ""))
		if err != nil || mine.Slot.ID != second {
			t.Errorf("my hold is %+v, %v", mine, err)
		}
		// The one who holds it books it; the hold is gone and the claim stays.
		r := storetest.Request(second, 2)
		_, err = s.Book(t.Context(), clinic.Visitor("me", "here"), r)
		check(t, err)
		_, err = s.HoldOf(t.Context(), clinic.Visitor("me", ""))
		wantCode(t, err, clinic.NotFound)
		_, err = s.Hold(t.Context(), clinic.Visitor("you", "there"), second)
		wantCode(t, err, clinic.SlotTaken)
	})
}

// Somebody who clicks twice holds what they clicked on, and is never told that somebody else was quicker.
func TestHold_ManyClicksOfOneVisitor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		for i, err := range atOnce(24, func(i int) error {
			_, err := s.Hold(t.Context(), clinic.Visitor("me", "here"), c.Slots[i%2].ID)
			return err
		}) {
			if err != nil {
				t.Errorf("click %d: %v", i, err)
			}
		}
		hold, err := s.HoldOf(t.Context(), clinic.Visitor("me", ""))
		check(t, err)
		other := c.Slots[0].ID
		if hold.Slot.ID == other {
			other = c.Slots[1].ID
		}
		storetest.Book(t, s, storetest.Request(other, 1)) // only one of the two is held
		_, err = s.Book(t.Context(), clinic.API(clinic.APIKey{}), storetest.Request(hold.Slot.ID, 2))
		wantCode(t, err, clinic.SlotTaken)
	})
}

func TestHold_IsCappedPerClient(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		for i := range clinic.MaxHoldsPerClient {
			_, err := s.Hold(t.Context(), clinic.Visitor(fmt.Sprint("bot", i), "one address"), c.Slots[i].ID)
			check(t, err)
		}
		last := c.Slots[clinic.MaxHoldsPerClient].ID
		_, err := s.Hold(t.Context(), clinic.Visitor("bot", "one address"), last)
		wantCode(t, err, clinic.TooMany)
		_, err = s.Hold(t.Context(), clinic.Visitor("neighbour", "another address"), last)
		check(t, err)
		clock.Advance(clinic.HoldFor)
		check(t, s.Purge(t.Context()))
		_, err = s.Hold(t.Context(), clinic.Visitor("bot", "one address"), last)
		check(t, err)
	})
}

// Visitors who swap their slots, over and over, wait for each other and never in a circle.
func TestHold_VisitorsSwap(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		const visitors, clicks = 24, 100 // 2,400 requests
		for _, err := range atOnce(visitors, func(i int) error {
			me := clinic.Visitor(string(rune('a'+i)), string(rune('a'+i)))
			for n := range clicks {
				// Neighbours want the same two slots, in the opposite order.
				slot := c.Slots[(i/2*2+(n+i)%2)%len(c.Slots)]
				if _, err := s.Hold(t.Context(), me, slot.ID); err != nil && clinic.CodeOf(err) != clinic.SlotTaken {
					return err
				}
			}
			return nil
		}) {
			check(t, err)
		}
	})
}
