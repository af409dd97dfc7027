package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// kept are the letters whose content is in the database.
func kept(t *testing.T, address string) int {
	t.Helper()
	n := 0
	for _, row := range storetest.Read(t, address)["letters"] {
		if !strings.Contains(row, " sealed=<nil> ") {
			n++
		}
	}
	return n
}

// TestPurgeLetters: a month after the visit what a letter said is gone, whatever became of it, and that there was one is still there. One
// that is to be sent keeps what it says; whoever wants to send an erased one again is told why not.
func TestPurgeLetters(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		t.Helper()
		ctx := t.Context()
		s.LiftLimits()
		c := storetest.NewClinic(t, s)
		slots := storetest.AddSlots(t, s, c.Branch, c.Doctors[0], storetest.Begin.AddDate(0, 0, 10), 1)
		early, cancelled, late := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1)), storetest.Book(t, s, storetest.Request(c.Slots[1].ID, 2)), storetest.Book(t, s, storetest.Request(slots[0].ID, 3))
		admin, err := s.AddStaff(ctx, storetest.Owner, clinic.Staff{Role: clinic.Admin, EveryBranch: true, Name: "管理 見本", Email: "admin@example.jp", PasswordHash: "$x"})
		check(t, err)
		check(t, s.SendTrial(ctx, clinic.StaffActor(admin), "ja"))
		check(t, s.Cancel(ctx, storetest.Owner, cancelled.BookingID)) // one letter is withdrawn, another written
		for range 4 {
			check(t, s.LetterSent(ctx, claim(t, s)))
		}
		wantNoneDue(t, s)
		a, err := s.Appointment(ctx, storetest.Owner, early.BookingID)
		check(t, err)
		ends := a.Slot.EndsAt
		for _, want := range []struct {
			at   time.Time
			kept int
		}{
			{ends.Add(clinic.LetterKept - time.Microsecond), 4}, // the trial letter was due days before
			{ends.Add(clinic.LetterKept + 2*time.Hour), 1},
			{ends.Add(clinic.LetterKept + 11*24*time.Hour), 0},
		} {
			clock.Advance(want.at.Sub(clock.Now()))
			check(t, s.PurgeLetters(ctx))
			if n := kept(t, address); n != want.kept {
				t.Errorf("%s after the first visit %d letters say something, want %d", want.at.Sub(ends), n, want.kept)
			}
		}
		l := onlyLetter(t, s, late.BookingID)
		if l.Status != clinic.LetterSent || l.Kind != clinic.Confirmation || l.SentAt == nil || l.PurgedAt == nil {
			t.Errorf("of the letter remains %+v", l)
		}
		var refused *clinic.Error
		if err := s.Resend(ctx, storetest.Owner, late.BookingID, l.ID); !errors.As(err, &refused) || refused.Message != "error.letter.purged" {
			t.Errorf("sent again: %v", err)
		}
		wantNoneDue(t, s)
		check(t, s.SendTrial(ctx, clinic.StaffActor(admin), "ja"))
		if again := claim(t, s); again.Content.To != admin.Email || again.PurgedAt != nil {
			t.Errorf("the trial letter that was written anew is %+v", again)
		}
		check(t, s.PurgeLetters(ctx))
		if n := kept(t, address); n != 1 {
			t.Errorf("%d letters say something", n)
		}
	})
}
