package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

func messageOf(err error) string {
	var refusal *clinic.Error
	if errors.As(err, &refusal) {
		return refusal.Message
	}
	return fmt.Sprint(err)
}

// TestCancelOwn: the slot is free, the letter that waits never goes, another one with the calendar's cancellation does, the desk sees who
// did it, and once more it changes nothing.
func TestCancelOwn(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, address string) {
		c := storetest.NewClinic(t, s)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		link := clinic.PatientByLink(receipt.Token)
		wantCode(t, s.CancelOwn(t.Context(), link, "because"), clinic.Invalid)
		wantCode(t, s.CancelOwn(t.Context(), clinic.PatientByLink(clinic.NewToken()), ""), clinic.NotFound)
		_, err := s.HoldForMove(t.Context(), link, c.Slots[3].ID)
		check(t, err)
		check(t, s.CancelOwn(t.Context(), link, clinic.Elsewhere))
		a := appointmentOf(t, s, receipt.BookingID)
		if b := a.Booking; b.Status != clinic.Cancelled || b.CancelledBy != clinic.ActorPatient || b.CancelReason != clinic.Elsewhere || b.Sequence != 1 || b.StatusBy != "" {
			t.Errorf("it is %+v", b)
		}
		if l := storetest.LetterOf(t, s, receipt.BookingID, clinic.Confirmation); l.Status != clinic.LetterWithdrawn {
			t.Errorf("the confirmation is %s", l.Status)
		}
		if l := storetest.LetterOf(t, s, receipt.BookingID, clinic.Cancellation); l.Status != clinic.LetterWaiting || l.Sequence != 1 {
			t.Errorf("the cancellation is %+v", l)
		}
		if chart, err := s.Intake(t.Context(), link); err != nil || chart.Appointment.Booking.Status != clinic.Cancelled {
			t.Errorf("the link opens %v, %v", chart.Appointment.Booking.Status, err)
		}
		before := storetest.Read(t, address)
		if err := s.CancelOwn(t.Context(), link, clinic.Worried); messageOf(err) != "error.own.cancelled" {
			t.Errorf("once more: %v", err)
		}
		if changed := storetest.Read(t, address).Changed(before); len(changed) > 0 {
			t.Errorf("once more, it changes %v", changed)
		}
		// Both slots are free for others: the booking's, and the one that was held for a move.
		storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 2))
		storetest.Book(t, s, storetest.Request(c.Slots[3].ID, 3))
	})
}

// TestMoveOwn: number, answers and links stay, the old slot is free and the held one taken, a letter with the next number goes out, and the
// same form once more changes nothing, nor does one from before another move.
func TestMoveOwn(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, address string) {
		c := storetest.NewClinic(t, s)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		confirm(t, s)
		before := appointmentOf(t, s, receipt.BookingID)
		link := clinic.PatientAt(receipt.Token, "192.0.2.7")
		hold, err := s.HoldForMove(t.Context(), link, c.Slots[1].ID)
		check(t, err)
		if !hold.Kept() {
			t.Fatal("the new time is not held")
		}
		if _, err := s.Book(t.Context(), clinic.Visitor("another", "192.0.2.8"), storetest.Request(c.Slots[1].ID, 2)); clinic.CodeOf(err) != clinic.SlotTaken {
			t.Errorf("somebody else books what is held: %v", err)
		}
		check(t, s.MoveOwn(t.Context(), link, c.Slots[1].ID, 0))
		a := appointmentOf(t, s, receipt.BookingID)
		if a.Slot.ID != c.Slots[1].ID || a.Booking.Sequence != 1 || a.Booking.Reference != before.Booking.Reference || a.Booking.Status != clinic.Booked {
			t.Errorf("it is %+v at %s", a.Booking, a.Slot.ID)
		}
		if l := storetest.LetterOf(t, s, receipt.BookingID, clinic.Change); l.Status != clinic.LetterWaiting || l.Sequence != 1 {
			t.Errorf("the letter is %+v", l)
		}
		if err := s.MoveOwn(t.Context(), link, c.Slots[1].ID, 0); messageOf(err) != "error.move.same" {
			t.Errorf("once more: %v", err)
		}
		if err := s.MoveOwn(t.Context(), link, c.Slots[2].ID, 0); !clinic.IsOutrun(err) {
			t.Errorf("a form from before the move: %v", err)
		}
		elsewhere := storetest.AddSlots(t, s, c.Other, doctorElsewhere(t, s, c), storetest.Begin.AddDate(0, 0, 9), 1)[0]
		facts := storetest.Read(t, address)
		for _, slot := range []string{elsewhere.ID, "nowhere", ""} {
			wantCode(t, s.MoveOwn(t.Context(), link, slot, 1), clinic.Invalid)
		}
		if changed := storetest.Read(t, address).Changed(facts); len(changed) > 0 {
			t.Errorf("what was refused changed %v", changed)
		}
		storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 2)) // the old time is free
		if err := s.MoveOwn(t.Context(), link, c.Slots[0].ID, 1); clinic.CodeOf(err) != clinic.SlotTaken {
			t.Errorf("a time that somebody has: %v", err)
		}
	})
}

// TestMoveOwn_WhileItWaits: what waits for the clinic's approval goes on waiting, and its letter says the new time.
func TestMoveOwn_WhileItWaits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		c.Branch.Settings.ApproveFirst = true
		_, err := s.SaveBranch(t.Context(), storetest.Owner, c.Branch)
		check(t, err)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		confirm(t, s)
		check(t, s.MoveOwn(t.Context(), clinic.PatientByLink(receipt.Token), c.Slots[1].ID, 0))
		if a := appointmentOf(t, s, receipt.BookingID); a.Booking.Status != clinic.Pending || a.Slot.ID != c.Slots[1].ID {
			t.Errorf("it is %s at %s", a.Booking.Status, a.Slot.ID)
		}
		l := onlyLetter(t, s, receipt.BookingID)
		if l.Kind != clinic.Requested || l.Status != clinic.LetterWaiting || l.Sequence != 1 {
			t.Errorf("the letter is %+v", l)
		}
	})
}

// TestOwn_OnlyUntilTheDeadline: the branch decides until when, and what has begun is not changed, whatever it decides.
func TestOwn_OnlyUntilTheDeadline(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		c.Branch.Settings.Changes = clinic.Deadline{Hours: 3}
		_, err := s.SaveBranch(t.Context(), storetest.Owner, c.Branch)
		check(t, err)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		link := clinic.PatientByLink(receipt.Token)
		clock.Advance(c.Slots[0].StartsAt.Add(-3 * time.Hour).Sub(clock.Now()))
		for what, err := range map[string]error{
			"a cancellation": s.CancelOwn(t.Context(), link, ""), "a move": s.MoveOwn(t.Context(), link, c.Slots[5].ID, 0),
		} {
			if messageOf(err) != "error.own.late" {
				t.Errorf("%s at the deadline: %v", what, err)
			}
		}
		clock.Advance(-time.Second)
		check(t, s.MoveOwn(t.Context(), link, c.Slots[5].ID, 0))
		check(t, s.Step(t.Context(), storetest.Owner, receipt.BookingID, clinic.Booked, clinic.Arrived))
		for what, err := range map[string]error{
			"a cancellation": s.CancelOwn(t.Context(), link, ""), "a move": s.MoveOwn(t.Context(), link, c.Slots[0].ID, 1),
		} {
			if messageOf(err) != "error.own.status" {
				t.Errorf("%s of who has arrived: %v", what, err)
			}
		}
	})
}

// TestMoveOwn_NotTooOften: a link cannot be used to flood; an hour later it moves again, and cancelling is possible all the time.
func TestMoveOwn_NotTooOften(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		link := clinic.PatientByLink(receipt.Token)
		for n := range clinic.OwnMovesPerHour {
			check(t, s.MoveOwn(t.Context(), link, c.Slots[(n+1)%2].ID, n))
		}
		at := appointmentOf(t, s, receipt.BookingID).Slot.ID
		wantCode(t, s.MoveOwn(t.Context(), link, c.Slots[2].ID, clinic.OwnMovesPerHour), clinic.TooMany)
		if a := appointmentOf(t, s, receipt.BookingID); a.Slot.ID != at || a.Booking.Sequence != clinic.OwnMovesPerHour {
			t.Errorf("what was refused moved it to %s", a.Slot.ID)
		}
		clock.Advance(time.Hour)
		check(t, s.MoveOwn(t.Context(), link, c.Slots[2].ID, clinic.OwnMovesPerHour))
		check(t, s.CancelOwn(t.Context(), link, ""))
	})
}

// TestOwn_Races: a patient moves and cancels in two tabs while the front desk moves, cancels and records, and somebody books the slot that
// everybody wants. Whatever comes first, each slot has one claim, the booking is where its claim is, no occasion has two letters, and whoever
// came too late is told and not failed.
func TestOwn_Races(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, address string) {
		c := storetest.NewClinic(t, s)
		desk := frontDesk(t, s, "受付 見本", c.Branch.ID)
		outcomes := map[string]int{}
		for round := range 60 {
			slots := storetest.AddSlots(t, s, c.Branch, c.Doctors[round%2], storetest.Begin.AddDate(0, 0, 3+round/2), 4)
			own, wanted, third := slots[0].ID, slots[1].ID, slots[2].ID
			receipt := storetest.Book(t, s, storetest.Request(own, 1000+2*round))
			if round%2 == 0 {
				confirm(t, s)
			}
			link := clinic.PatientByLink(receipt.Token)
			acts := []func() error{
				func() error { return s.MoveOwn(t.Context(), link, wanted, 0) },
				func() error { return s.CancelOwn(t.Context(), link, clinic.AskedByPatient) },
				func() error { _, err := s.Move(t.Context(), desk, receipt.BookingID, third, true); return err },
				func() error { return s.CancelFor(t.Context(), desk, receipt.BookingID, clinic.Cancelling{Tell: true}) },
				func() error { return s.MoveOwn(t.Context(), link, third, 0) },
				func() error {
					_, err := s.Book(t.Context(), clinic.API(clinic.APIKey{}), storetest.Request(wanted, 1001+2*round))
					return err
				},
			}
			errs := atOnce(len(acts), func(i int) error { return acts[i]() })
			for i, err := range errs {
				switch clinic.CodeOf(err) {
				case "", clinic.Conflict, clinic.SlotTaken:
					if err == nil {
						outcomes[fmt.Sprint(i)]++
					} else if clinic.CodeOf(err) == "" {
						t.Fatalf("round %d: %d failed: %v", round, i, err)
					}
				default:
					t.Fatalf("round %d: %d: %v", round, i, err)
				}
			}
			wantWhole(t, s, address, receipt.BookingID, round)
		}
		t.Logf("how often each came first: %v", outcomes)
	})
}

// TestOwn_RacesAgainstAStep: the patient moves to another day while the front desk says that they have arrived. Either is told that the other was
// first.
func TestOwn_RacesAgainstAStep(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		c := storetest.NewClinic(t, s)
		desk := frontDesk(t, s, "受付 見本", c.Branch.ID)
		today := storetest.AddSlots(t, s, c.Branch, c.Doctors[0], clock.Now().Add(6*time.Hour), 1)[0]
		later := storetest.AddSlots(t, s, c.Branch, c.Doctors[0], storetest.Begin.AddDate(0, 0, 20), 1)[0]
		for round := range 40 {
			receipt := storetest.Book(t, s, storetest.Request(today.ID, 2000+round))
			errs := atOnce(2, func(i int) error {
				if i == 0 {
					return s.MoveOwn(t.Context(), clinic.PatientByLink(receipt.Token), later.ID, 0)
				}
				return s.Step(t.Context(), desk, receipt.BookingID, clinic.Booked, clinic.Arrived)
			})
			if (errs[0] == nil) == (errs[1] == nil) {
				t.Fatalf("round %d: %v", round, errs)
			}
			for _, err := range errs {
				if err != nil {
					wantCode(t, err, clinic.Conflict)
				}
			}
			a := appointmentOf(t, s, receipt.BookingID)
			if moved := a.Slot.ID == later.ID; moved != (errs[0] == nil) || moved == (a.Booking.Status == clinic.Arrived) {
				t.Fatalf("round %d: it is %s at %s after %v", round, a.Booking.Status, a.Slot.ID, errs)
			}
			wantWhole(t, s, address, receipt.BookingID, round)
			if a.Booking.Status == clinic.Arrived {
				check(t, s.StepBack(t.Context(), desk, receipt.BookingID, clinic.Booked, *a.Booking.StatusAt))
			}
			check(t, s.Cancel(t.Context(), storetest.Owner, receipt.BookingID))
		}
	})
}

// wantWhole fails the test unless a booking and its claim belong together, and no two letters about it say the same.
func wantWhole(t *testing.T, s *store.Store, address, bookingID string, round int) {
	t.Helper()
	db := openSQL(t, address)
	defer func() { check(t, db.Close()) }()
	var claims, at, twice int
	check(t, db.QueryRowContext(t.Context(), `SELECT (SELECT COUNT(*) FROM claims WHERE booking_id = $1),
		(SELECT COUNT(*) FROM claims c JOIN bookings b ON b.id = c.booking_id AND b.slot_id = c.slot_id WHERE b.id = $1),
		(SELECT COUNT(*) FROM (SELECT kind, sequence FROM letters WHERE booking_id = $1 AND status = 'waiting' GROUP BY kind, sequence HAVING COUNT(*) > 1) x)`, bookingID).
		Scan(&claims, &at, &twice))
	a := appointmentOf(t, s, bookingID)
	want := 0
	if a.Booking.Status.Live() {
		want = 1
	}
	if claims != want || at != want || twice > 0 {
		t.Fatalf("round %d: %s, with %d claims, %d of them where the booking is, and %d letters twice", round, a.Booking.Status, claims, at, twice)
	}
	letters, err := s.Letters(t.Context(), storetest.Owner, bookingID)
	check(t, err)
	for _, l := range letters {
		if l.Status == clinic.LetterWaiting && (l.Sequence != a.Booking.Sequence || l.Kind.Ends() == a.Booking.Status.Live()) {
			t.Fatalf("round %d: the booking is %s in sequence %d, and a %s of sequence %d waits", round, a.Booking.Status, a.Booking.Sequence, l.Kind, l.Sequence)
		}
	}
}
