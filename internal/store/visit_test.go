package store_test

import (
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

func TestStep_OfTwoClicksOneWins(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		one, two := frontDesk(t, s, "受付 一", c.Branch.ID), frontDesk(t, s, "受付 二", c.Branch.ID)
		clock.Advance(c.Slots[2].StartsAt.Add(time.Minute).Sub(clock.Now()))
		for round, slot := range c.Slots[4:9] {
			receipt := storetest.Book(t, s, storetest.Request(slot.ID, round+1))
			actors, to := []clinic.Actor{one, two}, []clinic.Status{clinic.Arrived, clinic.Fulfilled}
			errs := atOnce(2, func(i int) error {
				return s.Step(t.Context(), actors[i], receipt.BookingID, clinic.Booked, to[i])
			})
			won := 0
			if errs[0] != nil {
				won = 1
			}
			if errs[won] != nil || !clinic.IsOutrun(errs[1-won]) {
				t.Fatalf("%v and %v", errs[0], errs[1])
			}
			b := appointmentOf(t, s, receipt.BookingID).Booking
			if b.Status != to[won] || b.StatusBy != actors[won].Staff.ID || b.StatusAt == nil || b.ArrivedAt == nil {
				t.Errorf("%d won: %+v", won, b)
			}
			wantCode(t, s.StepBack(t.Context(), two, receipt.BookingID, clinic.Booked, b.StatusAt.Add(time.Second)), clinic.Conflict)
			check(t, s.StepBack(t.Context(), two, receipt.BookingID, clinic.Booked, *b.StatusAt))
			if b = appointmentOf(t, s, receipt.BookingID).Booking; b.Status != clinic.Booked || b.ArrivedAt != nil || b.StatusBy != two.Staff.ID {
				t.Errorf("taken back: %+v", b)
			}
		}
		elsewhere := frontDesk(t, s, "他院", c.Other.ID)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[10].ID, 20))
		wantCode(t, s.Step(t.Context(), elsewhere, receipt.BookingID, clinic.Booked, clinic.Arrived), clinic.NotFound)
		check(t, s.Step(t.Context(), one, receipt.BookingID, clinic.Booked, clinic.Arrived))
		at := *appointmentOf(t, s, receipt.BookingID).Booking.StatusAt
		clock.Advance(clinic.UndoFor + time.Second)
		if err := s.StepBack(t.Context(), one, receipt.BookingID, clinic.Booked, at); clinic.CodeOf(err) != clinic.Conflict {
			t.Errorf("after ten minutes: %v", err)
		}
	})
}

// What waits for an approval is approved with the confirmation, or declined with a letter of its own.
func TestStep_ApprovesOrDeclines(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		desk := frontDesk(t, s, "受付", c.Branch.ID)
		var ids []string
		for n := range 2 {
			receipt := storetest.Book(t, s, storetest.Request(c.Slots[n].ID, n+1))
			confirm(t, s)
			pend(t, s, receipt.BookingID)
			ids = append(ids, receipt.BookingID)
		}
		check(t, s.Step(t.Context(), desk, ids[0], clinic.Pending, clinic.Booked))
		if l := onlyLetter(t, s, ids[0]); l.Kind != clinic.Approval || l.Status != clinic.LetterWaiting {
			t.Errorf("approved: %+v", l)
		}
		wantCode(t, s.CancelFor(t.Context(), desk, ids[0], clinic.Cancelling{Reason: clinic.Declined}), clinic.Invalid)
		check(t, s.CancelFor(t.Context(), desk, ids[1], clinic.Cancelling{Reason: clinic.Declined, Tell: true}))
		if l := storetest.LetterOf(t, s, ids[1], clinic.Decline); l.Status != clinic.LetterWaiting {
			t.Errorf("declined: %+v", l)
		}
		b := appointmentOf(t, s, ids[1]).Booking
		if b.CancelReason != clinic.Declined || b.Status != clinic.Cancelled {
			t.Errorf("declined: %+v", b)
		}
		wantCode(t, s.Restore(t.Context(), desk, ids[1], clinic.Pending, *b.CancelledAt), clinic.Conflict)
	})
}

// pend makes a booking one that waits for an approval.
func pend(t *testing.T, s *store.Store, bookingID string) {
	t.Helper()
	check(t, s.Pend(bookingID))
}

func TestRestore_GivesTheSlotBackIfItIsFree(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		desk := frontDesk(t, s, "受付", c.Branch.ID)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		confirm(t, s)
		cancel := func() time.Time {
			check(t, s.CancelFor(t.Context(), desk, receipt.BookingID, clinic.Cancelling{Reason: clinic.AskedByPatient, Tell: true}))
			return *appointmentOf(t, s, receipt.BookingID).Booking.CancelledAt
		}
		at := cancel()
		check(t, s.Restore(t.Context(), desk, receipt.BookingID, clinic.Booked, at))
		b := appointmentOf(t, s, receipt.BookingID).Booking
		if b.Status != clinic.Booked || b.CancelledAt != nil || b.CancelReason != "" || b.Sequence != 2 {
			t.Errorf("restored: %+v", b)
		}
		if l := storetest.LetterOf(t, s, receipt.BookingID, clinic.Cancellation); l.Status != clinic.LetterWithdrawn {
			t.Errorf("the letter about the cancellation is %s", l.Status)
		}
		if l := storetest.LetterOf(t, s, receipt.BookingID, clinic.Confirmation); l.Status != clinic.LetterSent {
			t.Errorf("nobody was told of the cancellation, but the confirmation is %s", l.Status)
		}
		clock.Advance(time.Minute)
		at = cancel()
		confirm(t, s) // this time they are told
		check(t, s.Restore(t.Context(), desk, receipt.BookingID, clinic.Booked, at))
		if l := storetest.LetterOf(t, s, receipt.BookingID, clinic.Confirmation); l.Status != clinic.LetterWaiting || l.Sequence != 4 {
			t.Errorf("told of the cancellation, the confirmation is %+v", l)
		}
		clock.Advance(time.Minute)
		at = cancel()
		storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 2))
		wantCode(t, s.Restore(t.Context(), desk, receipt.BookingID, clinic.Booked, at), clinic.SlotTaken)
	})
}

// TestRestore_OfACancellationThatWasTried: a letter about the cancellation whose first attempt failed, or is being made, does not go out
// after the letter that says that the booking stands.
func TestRestore_OfACancellationThatWasTried(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		desk := frontDesk(t, s, "受付", c.Branch.ID)
		for n, before := range []bool{true, false} { // the attempt fails before the booking is restored, or after that
			receipt := storetest.Book(t, s, storetest.Request(c.Slots[n].ID, n+1))
			confirm(t, s)
			check(t, s.CancelFor(t.Context(), desk, receipt.BookingID, clinic.Cancelling{Tell: true}))
			tried := claim(t, s)
			if before {
				check(t, s.LetterFailed(t.Context(), tried, "smtp 451", false))
			}
			check(t, s.Restore(t.Context(), desk, receipt.BookingID, clinic.Booked, *appointmentOf(t, s, receipt.BookingID).Booking.CancelledAt))
			if !before {
				check(t, s.LetterFailed(t.Context(), tried, "smtp 451", false))
			}
			clock.Advance(time.Hour)
			l := claim(t, s)
			if l.BookingID != receipt.BookingID || l.Kind != clinic.Confirmation || l.Sequence != 2 {
				t.Errorf("failed before it: %t: a %s with the number %d goes out", before, l.Kind, l.Sequence)
			}
			check(t, s.LetterSent(t.Context(), l))
			wantNoneDue(t, s)
			clock.Advance(-time.Hour)
		}
	})
}

// TestRestore_TellsWhomItToldOfTheCancellation: also whoever waits for an approval, and nobody twice.
func TestRestore_TellsWhomItToldOfTheCancellation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx, c := t.Context(), storetest.NewClinic(t, s)
		c.Branch.Settings.ApproveFirst = true
		_, err := s.SaveBranch(ctx, storetest.Owner, c.Branch)
		check(t, err)
		for n, was := range []clinic.Status{clinic.Pending, clinic.Booked} {
			actor := storetest.Owner
			if was == clinic.Pending {
				actor = clinic.Visitor("a cookie", "192.0.2.1")
			}
			receipt, err := s.Book(ctx, actor, storetest.Request(c.Slots[n].ID, n+1))
			check(t, err)
			restored := func(tell, sent bool) {
				t.Helper()
				clock.Advance(time.Minute)
				check(t, s.CancelFor(ctx, storetest.Owner, receipt.BookingID, clinic.Cancelling{Tell: tell}))
				if sent {
					confirm(t, s)
				}
				check(t, s.Restore(ctx, storetest.Owner, receipt.BookingID, was, *appointmentOf(t, s, receipt.BookingID).Booking.CancelledAt))
			}
			want := func(what string) {
				t.Helper()
				l := claim(t, s)
				if l.Kind != clinic.FirstLetter(was) || l.Sequence != appointmentOf(t, s, receipt.BookingID).Booking.Sequence || l.Content.Token == "" {
					t.Errorf("%s, %s: a %s with the number %d goes out", was, what, l.Kind, l.Sequence)
				}
				check(t, s.LetterSent(ctx, l))
				wantNoneDue(t, s)
			}
			restored(false, false)
			want("before the first letter went out")
			restored(true, true)
			want("told of the cancellation")
			restored(false, true)
			wantNoneDue(t, s) // told of nothing this time
			restored(true, false)
			wantNoneDue(t, s)
		}
	})
}
