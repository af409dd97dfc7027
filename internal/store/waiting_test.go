package store_test

import (
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// line is a clinic of which one slot is free, and whoever waits for it.
type line struct {
	*testing.T
	s     *store.Store
	clock *storetest.Clock
	c     storetest.Clinic
	slot  clinic.SlotWithState
}

func newLine(t *testing.T, s *store.Store, clock *storetest.Clock) *line {
	t.Helper()
	l := &line{T: t, s: s, clock: clock, c: storetest.NewClinic(t, s)}
	for _, slot := range l.c.Slots {
		check(t, s.CloseSlot(t.Context(), storetest.Owner, slot.ID))
	}
	l.slot = storetest.AddSlots(t, s, l.c.Branch, l.c.Doctors[0], clock.Now().AddDate(0, 0, 10), 1)[0]
	return l
}

func (l *line) join(n int, change ...func(*clinic.WaitingRequest)) string {
	l.Helper()
	l.clock.Advance(time.Second)
	token := getInLine(l.T, l.s, l.c, l.clock.Now(), n, change...)
	check(l.T, l.s.SendInLine(l.Context()))
	return token
}

// offer has offers made, and sends their letters, if it is to.
func (l *line) offer(send bool) (kinds []clinic.LetterKind) {
	l.Helper()
	check(l.T, l.s.Offer(l.Context()))
	for send {
		letter, ok, err := l.s.ClaimLetter(l.Context())
		check(l.T, err)
		if !ok {
			break
		}
		kinds = append(kinds, letter.Kind)
		check(l.T, l.s.LetterSent(l.Context(), letter))
	}
	return kinds
}

func (l *line) place(token string) clinic.Waiting {
	l.Helper()
	w, err := l.s.Place(l.Context(), token)
	check(l.T, err)
	return w
}

func (l *line) want(token string, status clinic.WaitingStatus, outcome clinic.OfferOutcome) clinic.Waiting {
	l.Helper()
	w := l.place(token)
	got := clinic.OfferOutcome("none")
	if w.Offer != nil {
		got = w.Offer.Outcome
	}
	if w.Status != status || got != outcome {
		l.Errorf("they are %s, and the offer %q; want %s and %q", w.Status, got, status, outcome)
	}
	return w
}

func (l *line) accept(token string, n int) error {
	r := storetest.Request(l.slot.ID, n)
	r.WaitingToken, r.Key = token, "accept"+token
	_, err := l.s.Book(l.Context(), clinic.Visitor("browser "+token, ""), r)
	return err
}

func TestOffer_TheTimeRunsFromWhenTheLetterHasGone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		l := newLine(t, s, clock)
		first, second := l.join(1), l.join(2)
		l.offer(false)
		w := l.want(first, clinic.WaitOffered, "")
		if w.Offer.SentAt != nil || w.Offer.ExpiresAt.Sub(clock.Now()) != 15*time.Minute {
			t.Errorf("the offer is %+v", w.Offer)
		}
		if _, err := s.Hold(t.Context(), clinic.Visitor("somebody else", "192.0.2.1"), l.slot.ID); clinic.CodeOf(err) != clinic.SlotTaken {
			t.Errorf("somebody else holds it: %v", err)
		}
		clock.Advance(10 * time.Minute)
		if kinds := l.offer(true); len(kinds) != 1 || kinds[0] != clinic.OfferLetter {
			t.Errorf("sent are %v", kinds)
		}
		if w := l.place(first); w.Offer.ExpiresAt.Sub(clock.Now()) != time.Hour {
			t.Errorf("it is kept until %s", w.Offer.ExpiresAt)
		}
		clock.Advance(time.Hour - time.Second)
		l.offer(true)
		l.want(first, clinic.WaitOffered, "")
		l.want(second, clinic.Waits, "none")
		clock.Advance(time.Second)
		wantCode(t, l.accept(first, 1), clinic.Conflict) // too late, also before anybody has ended it
		if kinds := l.offer(true); len(kinds) != 2 {
			t.Errorf("sent are %v", kinds)
		}
		l.want(first, clinic.Waits, clinic.OfferOver)
		l.want(second, clinic.WaitOffered, "")
		wantCode(t, l.accept(first, 1), clinic.Conflict)
		check(t, l.accept(second, 2))
		check(t, l.accept(second, 2)) // the form was sent twice
		if w := l.want(second, clinic.WaitAccepted, clinic.OfferAccepted); !clinic.IsToken(w.Booked) {
			t.Error("nothing leads to the booking")
		}
		clock.Advance(time.Minute)
		if kinds := l.offer(true); len(kinds) != 1 || kinds[0] != clinic.Confirmation {
			t.Errorf("sent are %v", kinds)
		}
	})
}

func TestOffer_WhatWasDeclinedGoesToTheNextAndNotBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		l := newLine(t, s, clock)
		first, second := l.join(1), l.join(2)
		l.offer(true)
		w := l.place(first)
		check(t, s.DeclineOffer(t.Context(), first, w.Offer.ID))
		check(t, s.DeclineOffer(t.Context(), first, w.Offer.ID)) // pressed twice
		l.offer(true)
		l.want(first, clinic.Waits, clinic.OfferDeclined)
		l.want(second, clinic.WaitOffered, "")
		check(t, s.Leave(t.Context(), second))
		check(t, s.Leave(t.Context(), second))
		l.want(second, clinic.WaitLeft, clinic.OfferLeft)
		if kinds := l.offer(true); len(kinds) != 0 {
			t.Errorf("sent are %v", kinds)
		}
		l.want(first, clinic.Waits, clinic.OfferDeclined)
		// Nobody else waits for it: it is everybody's.
		if hold, err := s.Hold(t.Context(), clinic.Visitor("somebody", "192.0.2.1"), l.slot.ID); err != nil || !hold.Kept() {
			t.Errorf("it is not free: %v", err)
		}
	})
}

func TestOffer_NeverInTheQuietHours(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		l := newLine(t, s, clock) // 9:00 in Tokyo
		first := l.join(1)
		clock.Advance(11*time.Hour + 58*time.Minute)
		if kinds := l.offer(true); len(kinds) != 0 {
			t.Errorf("right before the night: %v", kinds)
		}
		clock.Advance(5 * time.Hour)
		if kinds := l.offer(true); len(kinds) != 0 {
			t.Errorf("at night: %v", kinds)
		}
		clock.Advance(6*time.Hour + 2*time.Minute)
		if kinds := l.offer(true); len(kinds) != 1 {
			t.Errorf("in the morning: %v", kinds)
		}
		check(t, s.DeclineOffer(t.Context(), first, l.place(first).Offer.ID))
		second := l.join(2)
		clock.Advance(12*time.Hour + 40*time.Minute) // 20:40
		l.offer(true)
		l.want(second, clinic.WaitOffered, "")
		clock.Advance(2 * time.Hour)
		if kinds := l.offer(true); len(kinds) != 0 {
			t.Errorf("they are told at night that it is over: %v", kinds)
		}
		l.want(second, clinic.Waits, clinic.OfferOver)
		clock.Advance(9*time.Hour + 30*time.Minute)
		if kinds := l.offer(true); len(kinds) != 1 || kinds[0] != clinic.OfferOverLetter {
			t.Errorf("they are told in the morning: %v", kinds)
		}
	})
}

func TestOffer_WhoseLetterDoesNotGoGivesWay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		l := newLine(t, s, clock)
		first, second, third := l.join(1), l.join(2), l.join(3)
		l.offer(false)
		letter := claim(t, s)
		check(t, s.LetterFailed(t.Context(), letter, "smtp 550 5.1.1", true))
		if w := l.want(first, clinic.Waits, clinic.OfferFailed); w.Reached() {
			t.Error("letters are said to reach them")
		}
		l.offer(false)
		l.want(second, clinic.WaitOffered, "")
		clock.Advance(15 * time.Minute)
		wantNoneDue(t, s) // it would come too late
		l.offer(true)
		l.want(second, clinic.Waits, clinic.OfferUnsent)
		l.want(third, clinic.WaitOffered, "")
	})
}

func TestOffer_MovesABookingToAnEarlierTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		l := newLine(t, s, clock)
		later := storetest.AddSlots(t, s, l.c.Branch, l.c.Doctors[0], clock.Now().AddDate(0, 0, 12), 2)
		booked := storetest.Book(t, s, storetest.Request(later[0].ID, 1))
		link := clinic.PatientByLink(booked.Token)
		day := clinic.DateOf(clock.Now(), l.c.Branch.Location())
		wish := clinic.Wish{First: day, Last: day.AddDays(30), At: -1}
		token, again := clinic.NewToken(), clinic.NewToken()
		check(t, s.GetInLine(t.Context(), link, clinic.WaitingRequest{Wish: wish, Token: token}))
		wish.Last = day.AddDays(20)
		check(t, s.GetInLine(t.Context(), link, clinic.WaitingRequest{Wish: wish, Token: again}))
		if in, err := s.InLine(t.Context(), storetest.Owner, l.c.Branch.ID); err != nil || len(in) != 1 || in[0].Wish.Last != wish.Last {
			t.Errorf("in line are %+v (%v)", in, err)
		}
		l.offer(true)
		w := l.want(again, clinic.WaitOffered, "")
		wantCode(t, l.accept(token, 9), clinic.Conflict) // it is theirs to move, and not to book beside
		own, err := s.AcceptMove(t.Context(), token, "192.0.2.1", w.Offer.ID)
		check(t, err)
		same, err := s.AcceptMove(t.Context(), token, "192.0.2.1", w.Offer.ID)
		check(t, err)
		chart, err := s.Intake(t.Context(), clinic.PatientByLink(own))
		check(t, err)
		if a := chart.Appointment; a.Slot.ID != l.slot.ID || a.Booking.ID != booked.BookingID || a.Booking.Sequence != 1 || same != own {
			t.Errorf("it is %+v", a.Booking)
		}
		l.want(token, clinic.WaitAccepted, clinic.OfferAccepted)
	})
}

func TestOfferByHand(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		l := newLine(t, s, clock)
		branch := l.c.Branch
		branch.Settings.Waiting.Off = true
		_, err := s.SaveBranch(t.Context(), storetest.Owner, branch)
		check(t, err)
		mail, none := clinic.NewToken(), clinic.NewToken()
		desk := clinic.StaffActor(clinic.Staff{ID: "desk", Role: clinic.FrontDesk, Active: true, EveryBranch: true})
		day := clinic.DateOf(clock.Now(), branch.Location())
		r := clinic.WaitingRequest{BranchID: branch.ID, Wish: clinic.Wish{First: day, Last: day.AddDays(20), At: -1}, Lang: "ja"}
		for token, n := range map[string]int{mail: 1, none: 2} {
			r.Token, r.Patient = token, storetest.Request("", n).Patient
			if token == none {
				r.Patient.Email = ""
			}
			check(t, s.GetInLine(t.Context(), desk, r))
		}
		if kinds := l.offer(true); len(kinds) != 1 || kinds[0] != clinic.InLineLetter {
			t.Errorf("a branch without a list offers by itself: %v", kinds)
		}
		owner := storetest.Owner
		check(t, s.OfferByHand(t.Context(), owner, l.place(mail).ID, l.slot.ID))
		wantCode(t, s.OfferByHand(t.Context(), owner, l.place(mail).ID, l.slot.ID), clinic.SlotTaken)
		elsewhere := clinic.StaffActor(clinic.Staff{ID: "elsewhere", Role: clinic.FrontDesk, Active: true, Branches: []string{l.c.Other.ID}})
		for _, err := range []error{
			s.OfferByHand(t.Context(), elsewhere, l.place(none).ID, l.slot.ID), s.WithdrawOffer(t.Context(), elsewhere, l.place(mail).ID),
			s.TakeOutOfLine(t.Context(), elsewhere, l.place(mail).ID),
		} {
			wantCode(t, err, clinic.NotFound)
		}
		check(t, s.WithdrawOffer(t.Context(), owner, l.place(mail).ID))
		l.want(mail, clinic.Waits, clinic.OfferWithdrawn)
		wantCode(t, s.OfferByHand(t.Context(), desk, l.place(none).ID, l.slot.ID), clinic.Conflict)
	})
}

// TestGetInLine_IsConfirmed: whoever waits has it in writing, once, with a link that opens their place; whoever left no address has none.
func TestGetInLine_IsConfirmed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		l := newLine(t, s, clock)
		token := getInLine(t, s, l.c, clock.Now(), 1)
		letter := claim(t, s)
		if letter.Kind != clinic.InLineLetter || letter.Content.Token != token || letter.Content.To == "" {
			t.Errorf("the letter is a %s to %q", letter.Kind, letter.Content.To)
		}
		wantNoneDue(t, s)
		getInLine(t, s, l.c, clock.Now(), 2, func(r *clinic.WaitingRequest) { r.Patient.Email = "" })
		wantNoneDue(t, s)
	})
}

func TestGetInLine_HasItsLimits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		l := newLine(t, s, clock)
		day := clinic.DateOf(clock.Now(), l.c.Branch.Location())
		try := func(n int, client string) error {
			return s.GetInLine(t.Context(), clinic.Visitor("", client), clinic.WaitingRequest{
				BranchID: l.c.Branch.ID, Wish: clinic.Wish{First: day, Last: day, At: -1}, Patient: storetest.Request("", n).Patient, Lang: "ja", Token: clinic.NewToken(),
			})
		}
		check(t, try(1, "192.0.2.1"))
		check(t, try(1, "192.0.2.2"))
		wantCode(t, try(1, "192.0.2.3"), clinic.Conflict) // the same person once more
		for n := range 9 {
			check(t, try(10+n, "192.0.2.1"))
		}
		wantCode(t, try(30, "192.0.2.1"), clinic.TooMany)
		check(t, try(30, "192.0.2.4"))
	})
}

// Whoever's last day is past is out of line, and after a while nobody knows who they were.
func TestWaiting_EndsAndIsErased(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		t.Helper()
		l := newLine(t, s, clock)
		day := clinic.DateOf(clock.Now(), l.c.Branch.Location())
		token := l.join(1, func(r *clinic.WaitingRequest) { r.Wish.Last = day.AddDays(1) })
		clock.Advance(39 * time.Hour)
		l.offer(true)
		l.want(token, clinic.WaitOver, "none")
		clock.Advance((clinic.WaitingKept*24 - 1) * time.Hour)
		check(t, s.Purge(t.Context()))
		if l.place(token).Patient.Phone == "" {
			t.Error("it was erased too early")
		}
		clock.Advance(2 * time.Hour)
		check(t, s.Purge(t.Context()))
		if _, err := s.Place(t.Context(), token); clinic.CodeOf(err) != clinic.NotFound {
			t.Errorf("the link opens something: %v", err)
		}
		facts := storetest.Read(t, address)
		if len(facts["waiting_terms"])+len(facts["waiting_links"]) != 0 || len(facts["waitings"]) != 1 || !strings.Contains(facts["waitings"][0], "sealed=<nil>") {
			t.Errorf("kept are %v", facts["waitings"])
		}
	})
}
