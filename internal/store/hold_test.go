package store_test

import (
	"fmt"
	"testing"
	"time"

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

// A hold is a courtesy: over so many of one address nothing is kept, and nobody is refused.
func TestHold_IsACourtesyToAnAddress(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		day := storetest.AddSlots(t, s, c.Branch, c.Doctors[0], storetest.Begin.AddDate(0, 0, 3), 16)
		kept := func(visitor, client string, slot int) bool {
			t.Helper()
			hold, err := s.Hold(t.Context(), clinic.Visitor(visitor, client), day[slot].ID)
			check(t, err)
			if hold.Slot.ID != day[slot].ID {
				t.Errorf("the hold is of %+v", hold.Slot)
			}
			check(t, s.Typed(t.Context(), clinic.Visitor(visitor, client)))
			return hold.Kept()
		}
		for i := range clinic.MaxHoldsPerClient {
			if !kept(fmt.Sprint("bot", i), "one address", i) {
				t.Fatalf("hold %d is not kept", i)
			}
		}
		const last = clinic.MaxHoldsPerClient
		if kept("bot", "one address", last) {
			t.Error("the ninth of one address is kept")
		}
		_, err := s.HoldOf(t.Context(), clinic.Visitor("bot", ""))
		wantCode(t, err, clinic.NotFound)
		if !kept("neighbour", "another address", last) {
			t.Error("a neighbour's is not kept")
		}
		// Whoever goes on without a hold books what is free.
		_, err = s.Book(t.Context(), clinic.Visitor("bot", "one address"), storetest.Request(day[last+1].ID, 1))
		check(t, err)
		clock.Advance(clinic.HoldFor)
		check(t, s.Purge(t.Context()))
		if !kept("bot", "one address", last) {
			t.Error("the holds have ended and the next one is not kept")
		}
	})
}

// However many addresses choose at once, those who have typed nothing hold a third of the day, and one slot more, at most.
func TestHold_IdleVisitorsLeaveMostOfADay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		most := len(c.Slots)/3 + 1
		chooseAll := func(round string) (kept int) {
			t.Helper()
			type result struct {
				hold clinic.Hold
				err  error
			}
			for i, got := range atOnce(len(c.Slots), func(i int) result {
				hold, err := s.Hold(t.Context(), clinic.Visitor(fmt.Sprint(round, i), fmt.Sprint("address", round, i)), c.Slots[i].ID)
				return result{hold, err}
			}) {
				if got.err != nil && clinic.CodeOf(got.err) != clinic.SlotTaken {
					t.Errorf("visitor %d: %v", i, got.err)
				}
				if got.hold.Kept() {
					kept++
				}
			}
			return kept
		}
		if kept := chooseAll("first"); kept != most {
			t.Errorf("%d of %d slots are held by visitors who typed nothing, want %d", kept, len(c.Slots), most)
		}
		if kept := chooseAll("second"); kept != 0 {
			t.Errorf("%d more are held", kept)
		}
		free := 0
		for _, slot := range c.Slots {
			_, err := s.Book(t.Context(), clinic.API(clinic.APIKey{}), storetest.Request(slot.ID, free))
			if err == nil {
				free++
			} else {
				wantCode(t, err, clinic.SlotTaken)
			}
		}
		if free != len(c.Slots)-most {
			t.Errorf("%d slots could be booked meanwhile", free)
		}
		// A hold ends, also when the one who had it asks again and again.
		clock.Advance(clinic.HoldFor)
		if kept := chooseAll("third"); kept == 0 {
			t.Error("the idle holds never end")
		}
	})
}

// Whoever has typed is not counted among the idle, and may change the time of the form when the idle hold their share.
// To say that one has typed opens no way to a whole day: part of it is left to whoever books without a hold.
func TestHold_TypedVisitorsLeaveSomeOfADay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		kept := 0
		for i, slot := range c.Slots {
			visitor := clinic.Visitor(fmt.Sprint("visitor", i), fmt.Sprint("address", i))
			held, err := s.Hold(t.Context(), visitor, slot.ID)
			check(t, err)
			check(t, s.Typed(t.Context(), visitor))
			if held.Kept() {
				kept++
			}
		}
		if most := 2 * len(c.Slots) / 3; kept != most {
			t.Errorf("%d of %d slots are held, want %d", kept, len(c.Slots), most)
		}
	})
}

func TestHold_OfOneWhoHasTyped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		most := len(c.Slots)/3 + 1
		hold := func(i int) (clinic.Hold, error) {
			return s.Hold(t.Context(), clinic.Visitor(fmt.Sprint("visitor", i), fmt.Sprint("address", i)), c.Slots[i].ID)
		}
		for i := range most {
			held, err := hold(i)
			check(t, err)
			if !held.Kept() {
				t.Fatalf("hold %d is not kept", i)
			}
		}
		writer := clinic.Visitor("visitor0", "address0")
		check(t, s.Typed(t.Context(), writer))
		check(t, s.Typed(t.Context(), writer)) // said twice
		if held, err := hold(most); err != nil || !held.Kept() {
			t.Errorf("one who typed is counted among the idle: %+v, %v", held, err)
		}
		if held, err := hold(most + 1); err != nil || held.Kept() {
			t.Errorf("the share of the idle is full: %+v, %v", held, err)
		}
		moved, err := s.HoldInstead(t.Context(), writer, c.Slots[most+1].ID)
		if err != nil || !moved.Kept() {
			t.Errorf("who has typed cannot change the time: %+v, %v", moved, err)
		}
		// Typing neither lengthens a hold nor makes one.
		clock.Advance(clinic.HoldFor)
		check(t, s.Typed(t.Context(), writer))
		_, err = s.HoldOf(t.Context(), writer)
		wantCode(t, err, clinic.NotFound)
		check(t, s.Typed(t.Context(), clinic.Visitor("", "nowhere")))
		check(t, s.Typed(t.Context(), clinic.Visitor("nobody", "nowhere")))
	})
}

// Choosing the same time again keeps it no longer than before, however often, from however many tabs at once.
func TestHold_AgainDoesNotExtend(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		me := clinic.Visitor("me", "here")
		first, err := s.Hold(t.Context(), me, c.Slots[0].ID)
		check(t, err)
		clock.Advance(clinic.HoldFor - time.Second)
		for _, err := range atOnce(8, func(i int) error {
			again := s.Hold
			if i%2 == 1 {
				again = s.HoldInstead
			}
			hold, err := again(t.Context(), me, c.Slots[0].ID)
			if err == nil && !hold.ExpiresAt.Equal(first.ExpiresAt) {
				err = fmt.Errorf("held until %v, which was %v before", hold.ExpiresAt, first.ExpiresAt)
			}
			return err
		}) {
			check(t, err)
		}
		clock.Advance(time.Second)
		if hold, err := s.Hold(t.Context(), clinic.Visitor("you", "there"), c.Slots[0].ID); err != nil || !hold.Kept() {
			t.Errorf("the next visitor gets %+v, %v", hold, err)
		}
	})
}

// A hold ends when its visitor books something else.
func TestHold_EndsWithAnyBooking(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		me := clinic.Visitor("me", "here")
		_, err := s.Hold(t.Context(), me, c.Slots[0].ID)
		check(t, err)
		_, err = s.Book(t.Context(), me, storetest.Request(c.Slots[1].ID, 1))
		check(t, err)
		_, err = s.HoldOf(t.Context(), me)
		wantCode(t, err, clinic.NotFound)
		storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 2))
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
