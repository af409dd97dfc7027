package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestInflow_AFloodIsSeenAndEnds: as many bookings within ten minutes as no clinic has make puzzles harder, on every instance, until they stop. What staff
// book counts for nothing. All of them can be found to be cancelled, although each came from an address of its own.
func TestInflow_AFloodIsSeenAndEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		var slots []clinic.SlotWithState
		for day := 3; len(slots) <= clinic.FloodLeast; day++ {
			slots = append(slots, storetest.AddSlots(t, s, c.Branch, c.Doctors[day%2], storetest.Begin.AddDate(0, 0, day), 12)...)
		}
		look := func() clinic.Inflow {
			t.Helper()
			clock.Advance(10 * time.Second)
			in, err := s.Inflow(t.Context())
			check(t, err)
			p, err := s.NewPuzzle(t.Context(), clinic.PuzzleOf{Form: "form"}, false)
			check(t, err)
			if p.Bits != in.Bits() {
				t.Errorf("a puzzle has %d bits", p.Bits)
			}
			return in
		}
		_, err := s.Book(t.Context(), storetest.Owner, storetest.Request(slots[0].ID, 1))
		check(t, err)
		for n, slot := range slots[1:clinic.FloodLeast] {
			_, err := s.Book(t.Context(), clinic.Visitor(clinic.NewToken(), fmt.Sprintf("198.51.100.%d", n)), storetest.Request(slot.ID, n+2))
			check(t, err)
		}
		if in := look(); in.Flood() || in.Bookings != clinic.FloodLeast-1 || in.Networks != clinic.FloodLeast-1 {
			t.Errorf("before: %+v", in)
		}
		_, err = s.Hold(t.Context(), clinic.Visitor(clinic.NewToken(), "198.51.100.200"), slots[clinic.FloodLeast].ID)
		check(t, err)
		if in := look(); !in.Flood() || in.Holds != 1 || in.Networks != clinic.FloodLeast {
			t.Errorf("meanwhile: %+v", in)
		}
		check(t, s.Release(t.Context(), clinic.Visitor("", "")))
		_, err = s.Book(t.Context(), clinic.Visitor(clinic.NewToken(), "198.51.100.201"), storetest.Request(c.Slots[0].ID, 900))
		check(t, err)
		runs, err := s.Runs(t.Context(), storetest.Owner)
		check(t, err)
		if len(runs) != 1 || len(runs[0]) != clinic.FloodLeast {
			t.Errorf("%d runs are found", len(runs))
		}
		clock.Advance(clinic.FloodWindow)
		if in := look(); in.Flood() || in.Came() != 0 || in.Earlier != clinic.FloodLeast {
			t.Errorf("after: %+v", in)
		}
	})
}

// TestKeepForms: what is noticed is counted by the minute, by several instances together, and seen of late and of the day.
func TestKeepForms(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		count := func(event clinic.FormEvent, times int) {
			for range times {
				s.CountForm(event)
			}
			check(t, s.KeepForms(t.Context()))
		}
		count(clinic.FormTrapped, 2)
		count(clinic.FormTrapped, 1) // as another instance in the same minute
		clock.Advance(clinic.FloodWindow + time.Minute)
		count(clinic.FormHasty, 1)
		check(t, s.KeepForms(t.Context())) // nothing is counted twice
		in, err := s.Inflow(t.Context())
		check(t, err)
		if in.Noticed[clinic.FormTrapped] != 0 || in.Today[clinic.FormTrapped] != 3 || in.Noticed[clinic.FormHasty] != 1 || in.Today[clinic.FormHasty] != 1 {
			t.Errorf("%+v", in)
		}
		clock.Advance(clinic.FloodKept + time.Hour)
		check(t, s.Purge(t.Context()))
		in, err = s.Inflow(t.Context())
		check(t, err)
		if len(in.Today) != 0 {
			t.Errorf("%+v", in)
		}
	})
}

// TestSendCode_IsBounded: so many addresses are sent a code in an hour, whoever asks; each one letter for its time. The letters do not stay.
func TestSendCode_IsBounded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		send := func(n int) error {
			return s.SendCode(t.Context(), clinic.Visitor("", fmt.Sprintf("10.0.%d.1", n)), c.Branch, fmt.Sprintf("person%d@example.jp", n), "ja")
		}
		for n := range clinic.CodesPerHour {
			check(t, send(n))
		}
		check(t, send(0)) // it has one
		wantCode(t, send(clinic.CodesPerHour), clinic.TooMany)
		clock.Advance(time.Hour)
		check(t, send(clinic.CodesPerHour))
		clock.Advance(clinic.CodesKept)
		check(t, s.Purge(t.Context()))
		if l, ok, err := s.ClaimLetter(t.Context()); err != nil || ok {
			t.Errorf("there is still %+v (%v)", l.Kind, err)
		}
	})
}

// TestSendCode_SharesByNetwork: one network, whichever of its addresses ask, uses up its share of the codes and not those of the others.
func TestSendCode_SharesByNetwork(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		asked := 0
		send := func(client string) error {
			asked++
			return s.SendCode(t.Context(), clinic.Visitor("", client), c.Branch, fmt.Sprintf("person%d@example.jp", asked), "ja")
		}
		for what, one := range map[string]struct {
			neighbour func(n int) string
			other     string
		}{
			"IPv4": {func(n int) string { return fmt.Sprintf("198.51.100.%d", n) }, "198.51.101.1"},
			"IPv6": {func(n int) string { return fmt.Sprintf("2001:db8:7:%x::/64", n) }, "2001:db8:8::/64"},
		} {
			results := atOnce(3*clinic.CodesPerNetwork, func(n int) error {
				return s.SendCode(t.Context(), clinic.Visitor("", one.neighbour(n)), c.Branch, fmt.Sprintf("%s-%d@example.jp", what, n), "ja")
			})
			sent := 0
			for _, err := range results {
				if err == nil {
					sent++
				} else {
					wantCode(t, err, clinic.TooMany)
				}
			}
			if sent != clinic.CodesPerNetwork {
				t.Errorf("%s: one network got %d codes", what, sent)
			}
			check(t, send(one.other))
			wantCode(t, send(one.neighbour(200)), clinic.TooMany)
		}
		clock.Advance(time.Hour)
		check(t, send("198.51.100.1"))
	})
}

// TestStopOnline: nobody books online at a branch that has stopped it, and staff do; it is for whoever manages the branch.
func TestStopOnline(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		stranger := clinic.StaffActor(clinic.Staff{ID: "desk", Role: clinic.FrontDesk, Active: true, EveryBranch: true})
		wantCode(t, s.StopOnline(t.Context(), stranger, c.Branch.ID, true), clinic.NotFound)
		check(t, s.StopOnline(t.Context(), storetest.Owner, c.Branch.ID, true))
		visitor := clinic.Visitor(clinic.NewToken(), "192.0.2.1")
		_, err := s.Book(t.Context(), visitor, storetest.Request(c.Slots[0].ID, 1))
		wantCode(t, err, clinic.SlotPast)
		_, err = s.Hold(t.Context(), visitor, c.Slots[0].ID)
		wantCode(t, err, clinic.SlotPast)
		_, err = s.Book(t.Context(), storetest.Owner, storetest.Request(c.Slots[0].ID, 1))
		check(t, err)
		check(t, s.StopOnline(t.Context(), storetest.Owner, c.Branch.ID, false))
		_, err = s.Book(t.Context(), visitor, storetest.Request(c.Slots[1].ID, 2))
		check(t, err)
		branch, err := s.Branch(t.Context(), c.Branch.ID)
		check(t, err)
		if branch.Revision != c.Branch.Revision+2 || !slices.Equal([]string{branch.Name, branch.Phone}, []string{c.Branch.Name, c.Branch.Phone}) {
			t.Errorf("the branch is %+v", branch)
		}
	})
}
