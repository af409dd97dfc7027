package store_test

import (
	"context"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// claim takes a due letter or fails the test.
func claim(t *testing.T, s *store.Store) clinic.Letter {
	t.Helper()
	l, ok, err := s.ClaimLetter(t.Context())
	check(t, err)
	if !ok {
		t.Fatal("no letter is due")
	}
	return l
}

func wantNoneDue(t *testing.T, s *store.Store) {
	t.Helper()
	if l, ok, err := s.ClaimLetter(t.Context()); ok || err != nil {
		t.Fatalf("got letter %s (%v), want none due", l.ID, err)
	}
}

func TestClaimLetter_EachLetterGoesToOneWorker(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		want := map[string]bool{}
		for i := range 10 {
			want[storetest.Book(t, s, storetest.Request(c.Slots[i].ID, i)).BookingID] = true
		}
		type result struct {
			id  string
			ok  bool
			err error
		}
		got := map[string]bool{}
		// PostgreSQL's workers skip each other's rows, so one that finds none may be told so while others still claim.
		for len(got) < len(want) {
			for _, r := range atOnce(20, func(int) result {
				l, ok, err := s.ClaimLetter(t.Context())
				return result{l.BookingID, ok, err}
			}) {
				check(t, r.err)
				if !r.ok {
					continue
				}
				if got[r.id] || !want[r.id] {
					t.Fatalf("letter of %s was claimed twice or never written", r.id)
				}
				got[r.id] = true
			}
		}
		wantNoneDue(t, s)
	})
}

func TestClaimLetter_HoldsWhatIsSent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		got := claim(t, s).Content
		want := clinic.LetterContent{
			Lang: "ja", To: "patient1@example.jp", ToName: "試験 花子一", Reference: receipt.Reference, BookingID: receipt.BookingID,
			StartsAt: receipt.StartsAt, EndsAt: receipt.EndsAt, Zone: clinic.DefaultZone, ClinicName: "見本クリニック", BranchName: c.Branch.Name, BranchAddress: c.Branch.Address,
			BranchAccess: c.Branch.Access, BranchPhone: c.Branch.Phone, PhoneHours: "平日 10:00–18:00", DoctorName: receipt.Doctor, Token: receipt.Token,
			Asks: true, ChangesUntil: receipt.StartsAt, WrittenAt: storetest.Begin,
		}
		if got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	})
}

func TestClaimLetter_ComesBackFromADeadWorker(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		first := claim(t, s)
		clock.Advance(clinic.LetterLease - time.Second)
		wantNoneDue(t, s)
		clock.Advance(time.Second)
		second := claim(t, s)
		if second.ID != first.ID || second.Attempts != 2 {
			t.Fatalf("got letter %s at attempt %d", second.ID, second.Attempts)
		}
		// The frozen worker wakes and reports a failure: it no longer has the letter, so nothing changes.
		check(t, s.LetterFailed(t.Context(), first, "timeout", false))
		if l := onlyLetter(t, s, first.BookingID); l.Status != clinic.LetterSending {
			t.Errorf("the letter is %s", l.Status)
		}
		// That it had been sent after all counts, though.
		check(t, s.LetterSent(t.Context(), first))
		check(t, s.LetterFailed(t.Context(), second, "timeout", false))
		if l := onlyLetter(t, s, first.BookingID); l.Status != clinic.LetterSent || l.SentAt == nil {
			t.Errorf("the letter is %s", l.Status)
		}
		clock.Advance(240 * time.Hour)
		wantNoneDue(t, s)
	})
}

func TestLetterFailed_TriesUntilTheCounselingThenShowsStaff(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		tries, last := 0, time.Time{}
		for {
			l, ok, err := s.ClaimLetter(t.Context())
			check(t, err)
			if ok {
				tries++
				last = clock.Now()
				check(t, s.LetterFailed(t.Context(), l, "smtp 451", false))
			}
			now := onlyLetter(t, s, receipt.BookingID)
			if now.Status == clinic.LetterFailed {
				break
			}
			if !now.DueAt.After(clock.Now()) {
				t.Fatal("the next try is not later")
			}
			clock.Advance(now.DueAt.Sub(clock.Now()))
		}
		// The counseling is tomorrow, so that staff must see it before the three days are over.
		if tries != 8 || !clock.Now().Before(c.Slots[0].StartsAt) || clock.Now().Before(c.Slots[0].StartsAt.Add(-4*time.Hour)) {
			t.Errorf("gave up after %d tries, the last at %v", tries, last)
		}
		failed, err := s.LettersInTrouble(t.Context(), storetest.Owner)
		check(t, err)
		if len(failed) != 1 || failed[0].Failure != "smtp 451" || failed[0].BookingID != receipt.BookingID {
			t.Errorf("staff see %+v", failed)
		}
		appointments, err := s.Appointments(t.Context(), storetest.Owner, failed[0].BookingID, "no-such-booking")
		check(t, err)
		if a := appointments[receipt.BookingID]; len(appointments) != 1 || a.Booking.Reference != receipt.Reference || a.Patient.GivenName != "花子一" {
			t.Errorf("of the letters' bookings staff see %+v", appointments)
		}
	})
}

func TestLetterFailed_StopsAtAPermanentRefusalAndCanBeResent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		l := claim(t, s)
		wantCode(t, s.Resend(t.Context(), storetest.Owner, receipt.BookingID, storetest.LetterOf(t, s, receipt.BookingID, clinic.Confirmation).ID), clinic.Conflict)
		check(t, s.LetterFailed(t.Context(), l, "smtp 550 5.1.1", true))
		wantNoneDue(t, s)
		clock.Advance(time.Hour)
		check(t, s.Resend(t.Context(), storetest.Owner, receipt.BookingID, storetest.LetterOf(t, s, receipt.BookingID, clinic.Confirmation).ID))
		again := claim(t, s)
		if again.ID != l.ID || again.Attempts != 1 || again.Content != l.Content || again.MessageID() == l.MessageID() || !again.Date().Equal(clock.Now()) {
			t.Errorf("resent as %+v", again)
		}
		check(t, s.LetterSent(t.Context(), again))
		check(t, s.Resend(t.Context(), storetest.Owner, receipt.BookingID, storetest.LetterOf(t, s, receipt.BookingID, clinic.Confirmation).ID)) // the patient asks for it once more
		claim(t, s)
		wantCode(t, s.Resend(t.Context(), storetest.Owner, receipt.BookingID, "no-such-letter"), clinic.NotFound)
		wantCode(t, s.Resend(t.Context(), storetest.Owner, "no-such-booking", l.ID), clinic.NotFound)
	})
}

// Whatever a worker is doing with the confirmation when its booking is cancelled, it never goes out afterwards.
func TestCancel_WithdrawsAConfirmationThatIsOnItsWay(t *testing.T) {
	for outcome, want := range map[string]struct {
		report func(*store.Store, context.Context, clinic.Letter) error
		status clinic.LetterStatus
	}{
		"failed": {func(s *store.Store, ctx context.Context, l clinic.Letter) error {
			return s.LetterFailed(ctx, l, "timeout", false)
		}, clinic.LetterWithdrawn},
		"died":    {func(*store.Store, context.Context, clinic.Letter) error { return nil }, clinic.LetterWithdrawn},
		"arrived": {(*store.Store).LetterSent, clinic.LetterSent},
	} {
		t.Run(outcome, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
				c := storetest.NewClinic(t, s)
				receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
				sending := claim(t, s)
				clock.Advance(time.Minute)
				check(t, s.Cancel(t.Context(), storetest.Owner, receipt.BookingID))
				check(t, want.report(s, t.Context(), sending))
				clock.Advance(240 * time.Hour)
				if l := claim(t, s); l.Kind != clinic.Cancellation {
					t.Errorf("the %s is sent", l.Kind)
				}
				wantNoneDue(t, s)
				letters, err := s.Letters(t.Context(), storetest.Owner, receipt.BookingID)
				check(t, err)
				if letters[0].Kind != clinic.Confirmation || letters[0].Status != want.status {
					t.Errorf("the %s is %s, want %s", letters[0].Kind, letters[0].Status, want.status)
				}
				wantCode(t, s.Resend(t.Context(), storetest.Owner, receipt.BookingID, storetest.LetterOf(t, s, receipt.BookingID, clinic.Confirmation).ID), clinic.Conflict)
			})
		})
	}
}

func TestLettersWritten_WakesTheWorker(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		for i := range 3 {
			storetest.Book(t, s, storetest.Request(c.Slots[i].ID, i))
		}
		select {
		case <-s.LettersWritten():
		default:
			t.Error("nobody was told of the letters")
		}
		select {
		case <-s.LettersWritten():
			t.Error("one wake-up is enough")
		default:
		}
	})
}

// What came back is seen, once, and only where it is the message that was sent last.
func TestLetterBounced_MarksWhatWasSentLast(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		bounced := func(id string, resends int, want bool, status clinic.LetterStatus) {
			t.Helper()
			marked, err := s.LetterBounced(t.Context(), id, resends, "bounce 5.1.1")
			check(t, err)
			l := onlyLetter(t, s, receipt.BookingID)
			if marked != want || l.Status != status || (l.Failure == "bounce 5.1.1") != (status == clinic.LetterBounced) {
				t.Errorf("marked %t; the letter is %s, %q; want %t, %s", marked, l.Status, l.Failure, want, status)
			}
		}
		l := claim(t, s)
		bounced(l.ID, 0, false, clinic.LetterSending)
		check(t, s.LetterSent(t.Context(), l))
		bounced("no-such-letter", 0, false, clinic.LetterSent)
		bounced(l.ID, 1, false, clinic.LetterSent)
		bounced(l.ID, 0, true, clinic.LetterBounced)
		bounced(l.ID, 0, false, clinic.LetterBounced)
		if n, err := s.CountLettersInTrouble(t.Context(), storetest.Owner); n != 1 || err != nil {
			t.Errorf("%d letters are in trouble (%v)", n, err)
		}
		check(t, s.Resend(t.Context(), storetest.Owner, receipt.BookingID, l.ID))
		check(t, s.LetterSent(t.Context(), claim(t, s)))
		bounced(l.ID, 0, false, clinic.LetterSent) // the report of the first message, read again or late
		bounced(l.ID, 1, true, clinic.LetterBounced)
		check(t, s.Cancel(t.Context(), storetest.Owner, receipt.BookingID))
		if n, err := s.CountLettersInTrouble(t.Context(), storetest.Owner); n != 0 || err != nil {
			t.Errorf("%d letters are in trouble (%v)", n, err)
		}
	})
}

func TestWorkerSeen_IsTheLatestOfAll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		want := func(at time.Time) {
			t.Helper()
			if seen, err := s.WorkerSeen(t.Context()); err != nil || !seen.Equal(at) {
				t.Errorf("seen %v (%v), want %v", seen, err, at)
			}
		}
		want(time.Time{})
		check(t, s.Beat(t.Context(), "one"))
		check(t, s.Beat(t.Context(), "one"))
		clock.Advance(time.Minute)
		check(t, s.Beat(t.Context(), "two"))
		last := clock.Now()
		want(last)
		clock.Advance(23 * time.Hour)
		check(t, s.Purge(t.Context()))
		want(last)
		clock.Advance(time.Hour)
		check(t, s.Beat(t.Context(), "one"))
		check(t, s.Purge(t.Context()))
		want(clock.Now())
	})
}
