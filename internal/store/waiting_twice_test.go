package store_test

import (
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// A form that is sent twice at one moment leads to one place.
func TestGetInLine_TwiceAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		l := newLine(t, s, clock)
		booked := storetest.Book(t, s, storetest.Request(l.slot.ID, 1))
		day := clinic.DateOf(clock.Now(), l.c.Branch.Location())
		wish := clinic.Wish{First: day, Last: day.AddDays(9), At: -1}
		for round := range 5 {
			r := clinic.WaitingRequest{BranchID: l.c.Branch.ID, Wish: wish, Patient: storetest.Request("", 10+round).Patient, Lang: "ja", Token: clinic.NewToken()}
			for _, err := range atOnce(4, func(int) error { return s.GetInLine(t.Context(), clinic.Visitor("", ""), r) }) {
				check(t, err)
			}
		}
		for range 5 {
			for _, err := range atOnce(4, func(int) error {
				return s.GetInLine(t.Context(), clinic.PatientByLink(booked.Token), clinic.WaitingRequest{Wish: wish, Token: clinic.NewToken()})
			}) {
				check(t, err)
			}
			check(t, s.LeaveWith(t.Context(), clinic.PatientByLink(booked.Token)))
		}
		if in, err := s.InLine(t.Context(), storetest.Owner, l.c.Branch.ID); err != nil || len(in) != 5 {
			t.Errorf("%d are in line (%v)", len(in), err)
		}
	})
}

// Whoever accepts in two tabs at one moment has it in both.
func TestAcceptMove_TwiceAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		l := newLine(t, s, clock)
		_, place := l.waitEarlier()
		l.offer(true)
		offer := l.want(place, clinic.WaitOffered, "").Offer
		opened := make([]string, 4)
		for i, err := range atOnce(4, func(i int) (err error) {
			opened[i], err = s.AcceptMove(t.Context(), place, "192.0.2.1", offer.ID)
			return err
		}) {
			if err != nil || opened[i] != opened[0] || !opens(t, s, opened[i]) {
				t.Errorf("in tab %d: %q, %v", i, opened[i], err)
			}
		}
	})
}
