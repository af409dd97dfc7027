package store_test

import (
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// frontDesk is a member of staff of the front desk at some branches.
func frontDesk(t *testing.T, s *store.Store, name string, branches ...string) clinic.Actor {
	t.Helper()
	p, err := s.AddStaff(t.Context(), storetest.Owner, clinic.Staff{Role: clinic.FrontDesk, Name: name, Email: clinic.NewID() + "@example.jp", Branches: branches, PasswordHash: "-"})
	check(t, err)
	p.Branches = branches
	return clinic.StaffActor(p)
}

func appointmentOf(t *testing.T, s *store.Store, bookingID string) clinic.Appointment {
	t.Helper()
	a, err := s.Appointment(t.Context(), storetest.Owner, bookingID)
	check(t, err)
	return a
}

// TestMove_TwoMoveWhereAThirdBooks: in five hundred rounds two bookings move to one slot while somebody books it. One has it, whoever
// came too late keeps what they had, and nobody meets a failure.
func TestMove_TwoMoveWhereAThirdBooks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		desk := frontDesk(t, s, "受付 見本", c.Branch.ID)
		target := c.Slots[0].ID
		var bookings, slots [2]string
		for i := range bookings {
			slots[i] = c.Slots[i+1].ID
			bookings[i] = storetest.Book(t, s, storetest.Request(slots[i], i+1)).BookingID
		}
		wins := map[int]int{}
		for round := range 500 {
			var booked clinic.Receipt
			errs := atOnce(3, func(i int) (err error) {
				if i == 2 {
					booked, err = s.Book(t.Context(), clinic.API(clinic.APIKey{}), storetest.Request(target, 3))
					return err
				}
				_, err = s.Move(t.Context(), desk, bookings[i], target, round%2 == 0)
				return err
			})
			winner := -1
			for i, err := range errs {
				switch {
				case err == nil && winner < 0:
					winner = i
				case err == nil:
					t.Fatalf("round %d: %d and %d have the slot", round, winner, i)
				case clinic.CodeOf(err) != clinic.SlotTaken:
					t.Fatalf("round %d: %d: %v", round, i, err)
				}
			}
			if winner < 0 {
				t.Fatalf("round %d: nobody has the slot: %v", round, errs)
			}
			wins[winner]++
			for i, id := range bookings {
				want := slots[i]
				if winner == i {
					want = target
				}
				if a := appointmentOf(t, s, id); a.Slot.ID != want || !a.Booking.Status.Live() {
					t.Fatalf("round %d: booking %d is at %s, %s", round, i, a.Slot.ID, a.Booking.Status)
				}
			}
			if winner == 2 {
				check(t, s.Cancel(t.Context(), storetest.Owner, booked.BookingID))
			}
			for i, id := range bookings {
				if i == winner {
					_, err := s.Move(t.Context(), desk, id, slots[i], false)
					check(t, err)
				}
			}
		}
		t.Logf("the first moved %d times, the second %d, and %d times the slot was booked", wins[0], wins[1], wins[2])
	})
}

// TestMove_KeepsNumberAnswersAndLink: what a patient has of a booking goes on being theirs at the new time.
func TestMove_KeepsNumberAnswersAndLink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		desk := frontDesk(t, s, "受付 見本", c.Branch.ID)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		confirm(t, s)
		before := appointmentOf(t, s, receipt.BookingID)
		later := storetest.AddSlots(t, s, c.Branch, c.Doctors[1], storetest.Begin.AddDate(0, 0, 9), 1)[0]

		old, err := s.Move(t.Context(), desk, receipt.BookingID, later.ID, true)
		check(t, err)
		if old.Slot.ID != c.Slots[0].ID {
			t.Errorf("it was at %s", old.Slot.ID)
		}
		a := appointmentOf(t, s, receipt.BookingID)
		if a.Slot.ID != later.ID || a.Doctor.ID != c.Doctors[1].ID || a.Booking.Sequence != 1 || a.Booking.Reference != before.Booking.Reference || a.Booking.Status != clinic.Booked {
			t.Errorf("it is %+v", a.Booking)
		}
		letter := storetest.LetterOf(t, s, receipt.BookingID, clinic.Change)
		if letter.Status != clinic.LetterWaiting || letter.Sequence != 1 {
			t.Errorf("the letter is %+v", letter)
		}
		// The link of the first letter opens it after the day on which it would have ended.
		clock.Advance(5 * 24 * time.Hour)
		if _, err := s.BehindLink(t.Context(), clinic.PatientByLink(receipt.Token)); err != nil {
			t.Errorf("the link: %v", err)
		}
		// The old time is free for somebody else.
		clock.Advance(-5 * 24 * time.Hour)
		storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 2))
		// And it is taken now, so that the move cannot be undone; the booking keeps what it has.
		wantCode(t, s.MoveBack(t.Context(), desk, receipt.BookingID, c.Slots[0].ID, 1, true), clinic.SlotTaken)
		wantCode(t, s.MoveBack(t.Context(), desk, receipt.BookingID, c.Slots[1].ID, 0, true), clinic.Conflict)
		check(t, s.MoveBack(t.Context(), desk, receipt.BookingID, c.Slots[1].ID, 1, true))
		if l := storetest.LetterOf(t, s, receipt.BookingID, clinic.Change); l.Status != clinic.LetterWithdrawn {
			t.Errorf("a letter about a move that was undone is %s", l.Status)
		}

		elsewhere := frontDesk(t, s, "他院 見本", c.Other.ID)
		_, err = s.Move(t.Context(), elsewhere, receipt.BookingID, c.Slots[2].ID, true)
		wantCode(t, err, clinic.NotFound)
		_, err = s.Move(t.Context(), desk, receipt.BookingID, c.Slots[1].ID, true)
		wantCode(t, err, clinic.Conflict)
		_, err = s.Move(t.Context(), desk, receipt.BookingID, "nowhere", true)
		wantCode(t, err, clinic.Invalid)
	})
}

// confirm has the letters that wait sent.
func confirm(t *testing.T, s *store.Store) {
	t.Helper()
	for {
		l, found, err := s.ClaimLetter(t.Context())
		check(t, err)
		if !found {
			return
		}
		check(t, s.LetterSent(t.Context(), l))
	}
}

// Before the confirmation has gone out there is one letter to write, with the new time, whether or not a letter about the move is wanted.
func TestMove_BeforeTheConfirmationWentOut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		desk := frontDesk(t, s, "受付 見本", c.Branch.ID)
		for n, tell := range []bool{true, false} {
			receipt := storetest.Book(t, s, storetest.Request(c.Slots[n].ID, n+1))
			_, err := s.Move(t.Context(), desk, receipt.BookingID, c.Slots[n+4].ID, tell)
			check(t, err)
			if l := onlyLetter(t, s, receipt.BookingID); l.Kind != clinic.Confirmation || l.Status != clinic.LetterWaiting || l.Sequence != 1 {
				t.Errorf("tell %t: %+v", tell, l)
			}
		}
		for {
			l, found, err := s.ClaimLetter(t.Context())
			check(t, err)
			if !found {
				break
			}
			if a := appointmentOf(t, s, l.BookingID); !l.Content.StartsAt.Equal(a.Slot.StartsAt) || l.Content.Token == "" {
				t.Errorf("the letter says %v, the booking is at %v", l.Content.StartsAt, a.Slot.StartsAt)
			}
			check(t, s.LetterSent(t.Context(), l))
		}
	})
}

// TestMove_WhileTheConfirmationIsOnItsWay: an attempt to send the confirmation of the old time that fails is not made again, and the patient
// hears of the new time, whether or not a letter about the move is wanted.
func TestMove_WhileTheConfirmationIsOnItsWay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		desk := frontDesk(t, s, "受付 見本", c.Branch.ID)
		for n, tell := range []bool{true, false} {
			receipt := storetest.Book(t, s, storetest.Request(c.Slots[n].ID, n+1))
			sending := claim(t, s)
			_, err := s.Move(t.Context(), desk, receipt.BookingID, c.Slots[n+4].ID, tell)
			check(t, err)
			check(t, s.LetterFailed(t.Context(), sending, "smtp 451", false))
			clock.Advance(time.Hour)
			l := claim(t, s)
			if l.BookingID != receipt.BookingID || l.Sequence != 1 || !l.Content.StartsAt.Equal(c.Slots[n+4].StartsAt) {
				t.Errorf("tell %t: a %s says %v, the booking is at %v", tell, l.Kind, l.Content.StartsAt, c.Slots[n+4].StartsAt)
			}
			check(t, s.LetterSent(t.Context(), l))
			wantNoneDue(t, s)
		}
	})
}

// TestMove_OfWhoHasCome: to another doctor of the day they come as whoever is here, to another day as whoever is expected.
func TestMove_OfWhoHasCome(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		desk := frontDesk(t, s, "受付 見本", c.Branch.ID)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		later := storetest.AddSlots(t, s, c.Branch, c.Doctors[1], storetest.Begin.AddDate(0, 0, 9), 1)[0]
		clock.Advance(c.Slots[0].StartsAt.Add(-time.Minute).Sub(clock.Now()))
		check(t, s.Step(t.Context(), desk, receipt.BookingID, clinic.Booked, clinic.Arrived))
		came := appointmentOf(t, s, receipt.BookingID).Booking
		_, err := s.Move(t.Context(), desk, receipt.BookingID, c.Slots[1].ID, false)
		check(t, err)
		if b := appointmentOf(t, s, receipt.BookingID).Booking; b.Status != clinic.Arrived || b.ArrivedAt == nil || !b.StatusAt.Equal(*came.StatusAt) {
			t.Errorf("at another time of the day: %+v", b)
		}
		_, err = s.Move(t.Context(), desk, receipt.BookingID, later.ID, true)
		check(t, err)
		if b := appointmentOf(t, s, receipt.BookingID).Booking; b.Status != clinic.Booked || b.ArrivedAt != nil {
			t.Errorf("on another day: %+v", b)
		}
		wantCode(t, s.StepBack(t.Context(), desk, receipt.BookingID, clinic.Booked, *came.StatusAt), clinic.Conflict)
		check(t, s.Cancel(t.Context(), desk, receipt.BookingID))
	})
}
