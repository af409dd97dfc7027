package store_test

import (
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestBook_WaitsForApproval: where a branch approves first, what is booked online waits and its patient is told so; approved, it is
// confirmed by the next letter; what staff book is confirmed at once.
func TestBook_WaitsForApproval(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx, c := t.Context(), storetest.NewClinic(t, s)
		c.Branch.Settings.ApproveFirst = true
		_, err := s.SaveBranch(ctx, storetest.Owner, c.Branch)
		check(t, err)
		statusOf := func(bookingID string, kind clinic.LetterKind) (clinic.Status, clinic.LetterStatus) {
			t.Helper()
			a, err := s.Appointment(ctx, storetest.Owner, bookingID)
			check(t, err)
			letters, err := s.Letters(ctx, storetest.Owner, bookingID)
			check(t, err)
			for _, l := range letters {
				if l.Kind == kind {
					return a.Booking.Status, l.Status
				}
			}
			return a.Booking.Status, ""
		}
		want := func(bookingID string, status clinic.Status, kind clinic.LetterKind, letter clinic.LetterStatus) {
			t.Helper()
			if b, l := statusOf(bookingID, kind); b != status || l != letter {
				t.Errorf("the booking is %s and its %s %q, want %s and %q", b, kind, l, status, letter)
			}
		}
		visitor := clinic.Visitor("a cookie", "192.0.2.1")
		asked, err := s.Book(ctx, visitor, storetest.Request(c.Slots[0].ID, 1))
		check(t, err)
		if asked.Status != clinic.Pending {
			t.Errorf("the receipt says %s", asked.Status)
		}
		want(asked.BookingID, clinic.Pending, clinic.Requested, clinic.LetterWaiting)
		want(asked.BookingID, clinic.Pending, clinic.Confirmation, "")
		if _, err := s.Book(ctx, clinic.Visitor("another", "192.0.2.2"), storetest.Request(c.Slots[0].ID, 2)); clinic.CodeOf(err) != clinic.SlotTaken {
			t.Errorf("somebody else for the same time: %v", err)
		}
		check(t, s.Step(ctx, storetest.Owner, asked.BookingID, clinic.Pending, clinic.Booked))
		want(asked.BookingID, clinic.Booked, clinic.Requested, clinic.LetterWithdrawn)
		want(asked.BookingID, clinic.Booked, clinic.Approval, clinic.LetterWaiting)

		taken, err := s.Book(ctx, storetest.Owner, storetest.Request(c.Slots[1].ID, 3))
		check(t, err)
		want(taken.BookingID, clinic.Booked, clinic.Confirmation, clinic.LetterWaiting)

		// The patient corrects the address while the booking waits: the letter is the same one, to the new address.
		slip, err := s.Book(ctx, clinic.Visitor("a third", "192.0.2.3"), storetest.Request(c.Slots[2].ID, 4))
		check(t, err)
		check(t, s.CorrectEmail(ctx, clinic.PatientByLink(slip.Token), "corrected@example.jp", clinic.NewToken()))
		want(slip.BookingID, clinic.Pending, clinic.Requested, clinic.LetterWaiting)
		want(slip.BookingID, clinic.Pending, clinic.Confirmation, "")
		// It moves while it waits: what has not gone out says the new time.
		_, err = s.Move(ctx, storetest.Owner, slip.BookingID, c.Slots[3].ID, true)
		check(t, err)
		want(slip.BookingID, clinic.Pending, clinic.Requested, clinic.LetterWaiting)
		want(slip.BookingID, clinic.Pending, clinic.Change, "")
	})
}

// TestStep_ApprovesWhileTheRequestIsOnItsWay: what says that the booking waits does not go out after what says that it is approved.
func TestStep_ApprovesWhileTheRequestIsOnItsWay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx, c := t.Context(), storetest.NewClinic(t, s)
		c.Branch.Settings.ApproveFirst = true
		_, err := s.SaveBranch(ctx, storetest.Owner, c.Branch)
		check(t, err)
		asked, err := s.Book(ctx, clinic.Visitor("a cookie", "192.0.2.1"), storetest.Request(c.Slots[0].ID, 1))
		check(t, err)
		sending := claim(t, s)
		check(t, s.Step(ctx, storetest.Owner, asked.BookingID, clinic.Pending, clinic.Booked))
		if l := claim(t, s); l.Kind != clinic.Approval {
			t.Errorf("approved, a %s goes out", l.Kind)
		}
		check(t, s.LetterFailed(ctx, sending, "smtp 451", false))
		clock.Advance(time.Minute)
		wantNoneDue(t, s)
	})
}

// TestStep_ApprovesWhatIsOver: what nobody had looked at in time is approved to record the visit, and no letter invites to yesterday.
func TestStep_ApprovesWhatIsOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		confirm(t, s)
		pend(t, s, receipt.BookingID)
		clock.Advance(c.Slots[0].EndsAt.Sub(clock.Now()))
		check(t, s.Step(t.Context(), storetest.Owner, receipt.BookingID, clinic.Pending, clinic.Booked))
		wantNoneDue(t, s)
		check(t, s.Step(t.Context(), storetest.Owner, receipt.BookingID, clinic.Booked, clinic.Fulfilled))
	})
}
