package store_test

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// due is a clinic in Tokyo whose booking is at 10:00 ten days after Begin, with the letters that every clinic has.
type due struct {
	*testing.T

	store   *store.Store
	clock   *storetest.Clock
	clinic  storetest.Clinic
	slots   []clinic.SlotWithState
	booking clinic.Receipt
}

func newDue(t *testing.T, s *store.Store, clock *storetest.Clock) *due {
	t.Helper()
	s.LiftLimits()
	c := storetest.NewClinic(t, s)
	d := &due{T: t, store: s, clock: clock, clinic: c}
	d.slots = storetest.AddSlots(t, s, c.Branch, c.Doctors[0], storetest.Begin.AddDate(0, 0, 10).Add(time.Hour), 6)
	d.booking = storetest.Book(t, s, storetest.Request(d.slots[0].ID, 1))
	check(t, s.LetterSent(t.Context(), claim(t, s)))
	check(t, s.WriteDue(t.Context()))
	return d
}

// on sets the clock to a time by the clocks of Tokyo, some days before the counseling, and has the worker look.
func (d *due) on(days int, clock clinic.Clock) {
	d.Helper()
	d.at(days, clock)
	check(d.T, d.store.WriteDue(d.Context()))
}

// at only sets the clock.
func (d *due) at(days int, clock clinic.Clock) {
	d.Helper()
	loc := d.clinic.Branch.Location()
	at := shown(clinic.DateOf(d.booking.StartsAt, loc).AddDays(-days), clock, loc)
	d.clock.Advance(at.Sub(d.clock.Now()))
}

// letter is the letter of a kind that the booking has; ok is false where there is none.
func (d *due) letter(kind clinic.LetterKind) (clinic.Letter, bool) {
	d.Helper()
	all, err := d.store.Letters(d.Context(), storetest.Owner, d.booking.BookingID)
	check(d.T, err)
	i := slices.IndexFunc(all, func(l clinic.Letter) bool { return l.Kind == kind })
	if i < 0 {
		return clinic.Letter{}, false
	}
	return all[i], true
}

func (d *due) want(kind clinic.LetterKind, status clinic.LetterStatus, failure clinic.Verdict) {
	d.Helper()
	l, ok := d.letter(kind)
	if !ok || l.Status != status || l.Failure != string(failure) {
		d.Errorf("the %s is %q because of %q, want %q, %q", kind, l.Status, l.Failure, status, failure)
	}
}

func (d *due) wantNone(kind clinic.LetterKind) {
	d.Helper()
	if l, ok := d.letter(kind); ok {
		d.Errorf("there is a %s, %s", kind, l.Status)
	}
}

func (d *due) branch(change func(s *clinic.BranchSettings)) {
	d.Helper()
	b, err := d.store.Branch(d.Context(), d.clinic.Branch.ID)
	check(d.T, err)
	change(&b.Settings)
	_, err = d.store.SaveBranch(d.Context(), storetest.Owner, b)
	check(d.T, err)
}

func (d *due) move(n int) {
	d.Helper()
	_, err := d.store.Move(d.Context(), storetest.Owner, d.booking.BookingID, d.slots[n].ID, true)
	check(d.T, err)
}

func TestWriteDue_EachInItsTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		d := newDue(t, s, clock)
		d.on(2, 17*60+54)
		d.wantNone(clinic.Unfinished)
		d.on(2, 17*60+55)
		d.want(clinic.Unfinished, clinic.LetterWaiting, "")
		wantNoneDue(t, s)
		for _, c := range []struct {
			days int
			at   clinic.Clock
			kind clinic.LetterKind
		}{{2, 18 * 60, clinic.Unfinished}, {1, 10 * 60, clinic.Reminder}, {0, 8 * 60, clinic.Morning}} {
			d.on(c.days, c.at)
			d.on(c.days, c.at)
			l := claim(t, s)
			if l.Kind != c.kind || !l.DueAt.Equal(clock.Now()) || !l.Content.Asks || !l.Content.StartsAt.Equal(d.booking.StartsAt) || !l.Content.WrittenAt.Equal(clock.Now()) {
				t.Errorf("at %s goes %+v", c.at, l)
			}
			if behind, err := s.BehindLink(t.Context(), clinic.PatientByLink(l.Content.Token)); err != nil || behind.ID != d.booking.BookingID {
				t.Errorf("its link leads to %q (%v)", behind.ID, err)
			}
			wantNoneDue(t, s)
			check(t, s.LetterSent(t.Context(), l))
		}
		d.on(0, 9*60)
		check(t, s.Step(t.Context(), storetest.Owner, d.booking.BookingID, clinic.Booked, clinic.Fulfilled))
		d.on(-1, 10*60)
		d.wantNone(clinic.Thanks)
		d.branch(func(b *clinic.BranchSettings) {
			times := b.LetterTimes()
			times.Thanks.On = true
			b.Letters = &times
		})
		d.on(-1, 10*60)
		if l := claim(t, s); l.Kind != clinic.Thanks || l.Content.Token != "" {
			t.Errorf("after the visit goes %+v", l)
		}
	})
}

// A worker that was stopped for three days sends what still makes sense and keeps the rest as dropped, so that staff see it.
func TestWriteDue_AfterThreeDaysOfStandstill(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		d := newDue(t, s, clock)
		later := storetest.AddSlots(t, s, d.clinic.Branch, d.clinic.Doctors[0], d.slots[0].StartsAt.AddDate(0, 0, 1), 1)
		tomorrow := storetest.Book(t, s, storetest.Request(later[0].ID, 2))
		gone := storetest.Book(t, s, storetest.Request(d.slots[1].ID, 3))
		for range 2 {
			check(t, s.LetterSent(t.Context(), claim(t, s)))
		}
		d.on(3, 9*60) // and now nobody looks
		check(t, s.Cancel(t.Context(), storetest.Owner, gone.BookingID))
		check(t, s.LetterSent(t.Context(), claim(t, s)))
		late := storetest.AddSlots(t, s, d.clinic.Branch, d.clinic.Doctors[1], d.slots[0].StartsAt.Add(3*time.Hour), 1)
		d.at(0, 11*60)
		made := storetest.Book(t, s, storetest.Request(late[0].ID, 4)) // when all its letters were due already
		check(t, s.LetterSent(t.Context(), claim(t, s)))
		check(t, s.WriteDue(t.Context()))

		if l := claim(t, s); l.Kind != clinic.Reminder || l.BookingID != tomorrow.BookingID {
			t.Errorf("there goes %+v, want the reminder of tomorrow's", l)
		}
		wantNoneDue(t, s)
		for _, kind := range []clinic.LetterKind{clinic.Unfinished, clinic.Reminder, clinic.Morning} {
			d.want(kind, clinic.LetterDropped, clinic.LetterLate)
		}
		if l := storetest.LetterOf(t, s, tomorrow.BookingID, clinic.Unfinished); l.Status != clinic.LetterDropped || l.Failure != string(clinic.LetterLate) {
			t.Errorf("yesterday's letter about tomorrow is %s", l.Status)
		}
		for _, b := range []clinic.Receipt{gone, made} {
			all, err := s.Letters(t.Context(), storetest.Owner, b.BookingID)
			check(t, err)
			if slices.ContainsFunc(all, func(l clinic.Letter) bool { return l.Kind.OfTheFuture() }) {
				t.Errorf("nobody awaited these: %+v", all)
			}
		}
		// They are no trouble that somebody could end, and they cannot be sent.
		if n, err := s.CountLettersInTrouble(t.Context(), storetest.Owner); err != nil || n != 0 {
			t.Errorf("%d in trouble (%v)", n, err)
		}
		l, _ := d.letter(clinic.Reminder)
		wantCode(t, s.Resend(t.Context(), storetest.Owner, d.booking.BookingID, l.ID), clinic.Conflict)
		// Another one that looks finds nothing more.
		before := storetest.Read(t, address)
		check(t, s.WriteDue(t.Context()))
		if changed := storetest.Read(t, address).Changed(before); len(changed) > 0 {
			t.Errorf("looking again has changed %v", changed)
		}
	})
}

// What was due before anybody looked for the first time was promised to nobody.
func TestWriteDue_TheFirstTimeMissesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		b := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		clock.Advance(36 * time.Hour)
		check(t, s.WriteDue(t.Context()))
		if all, err := s.Letters(t.Context(), storetest.Owner, b.BookingID); err != nil || len(all) != 1 {
			t.Errorf("%d letters (%v)", len(all), err)
		}
	})
}

func TestClaimLetter_AsksAgainBeforeALetterOfTheFutureGoes(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(d *due)
		status  clinic.LetterStatus
		failure clinic.Verdict
	}{
		"cancelled": {func(d *due) { check(d.T, d.store.Cancel(d.Context(), storetest.Owner, d.booking.BookingID)) }, clinic.LetterWithdrawn, ""},
		"moved": {func(d *due) {
			days := storetest.AddSlots(d.T, d.store, d.clinic.Branch, d.clinic.Doctors[0], d.slots[0].StartsAt.AddDate(0, 0, 7), 1)
			_, err := d.store.Move(d.Context(), storetest.Owner, d.booking.BookingID, days[0].ID, true)
			check(d.T, err)
		}, clinic.LetterDropped, clinic.LetterMoved},
		"turned off": {func(d *due) {
			d.branch(func(b *clinic.BranchSettings) { b.Letters = &clinic.LetterTimes{} })
		}, clinic.LetterDropped, clinic.LetterOff},
		"set later": {func(d *due) {
			d.branch(func(b *clinic.BranchSettings) {
				b.Letters = &clinic.LetterTimes{Reminder: clinic.LetterTime{On: true, At: 15 * 60}}
			})
		}, clinic.LetterWaiting, ""},
		"moved within the day": {func(d *due) { d.move(3) }, clinic.LetterSending, ""},
		"no address left": {func(d *due) {
			a, err := d.store.Appointment(d.Context(), storetest.Owner, d.booking.BookingID)
			check(d.T, err)
			contact := a.Patient
			contact.Email = ""
			check(d.T, d.store.CorrectContact(d.Context(), storetest.Owner, d.booking.BookingID, a.Booking.Revision, contact))
			check(d.T, d.store.WriteDue(d.Context()))
		}, clinic.LetterDropped, clinic.LetterNowhere},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
				d := newDue(t, s, clock)
				d.at(2, 17*60)
				d.on(1, 9*60+56)
				c.change(d)
				d.at(1, 10*60)
				for {
					l, ok, err := s.ClaimLetter(t.Context())
					check(t, err)
					if !ok {
						break
					}
					if !l.Kind.OfTheFuture() {
						check(t, s.LetterSent(t.Context(), l))
					} else if name != "moved within the day" || !l.Content.StartsAt.Equal(d.slots[3].StartsAt) {
						t.Errorf("there goes a %s about %v", l.Kind, l.Content.StartsAt)
					}
				}
				d.want(clinic.Reminder, c.status, c.failure)
				if l, _ := d.letter(clinic.Reminder); name == "set later" && (!l.DueAt.Equal(clock.Now().Add(5*time.Hour)) || l.Attempts != 0) {
					t.Errorf("it waits until %v after %d attempts", l.DueAt, l.Attempts)
				}
				check(t, s.WriteDue(t.Context()))
				d.want(clinic.Reminder, c.status, c.failure)
			})
		})
	}
}

// A letter that is being sent while its booking changes may arrive, as every other may. It is never tried again as it was.
func TestClaimLetter_WritesEachAttemptAnew(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		d := newDue(t, s, clock)
		d.on(1, 10*60)
		first := claim(t, s)
		d.move(2)
		check(t, s.LetterFailed(t.Context(), first, "smtp 451", false))
		change := claim(t, s)
		if change.Kind != clinic.Change {
			t.Errorf("there goes a %s", change.Kind)
		}
		check(t, s.LetterSent(t.Context(), change))
		clock.Advance(time.Minute)
		wantNoneDue(t, s) // the letter about the move has said it all
		d.want(clinic.Reminder, clinic.LetterDropped, clinic.LetterKnown)

		// Cancelled meanwhile: what fails is not repeated, and what has arrived has arrived.
		d.at(0, 7*60)
		two := map[string]bool{} // by booking, whether its letter arrives
		for n := range 2 {
			two[storetest.Book(t, s, storetest.Request(d.slots[4+n].ID, 20+n)).BookingID] = n == 1
			check(t, s.LetterSent(t.Context(), claim(t, s)))
		}
		d.on(0, 8*60)
		for range two {
			l := claimKind(t, s, clinic.Morning)
			for !slices.Contains(slices.Collect(maps.Keys(two)), l.BookingID) {
				check(t, s.LetterSent(t.Context(), l))
				l = claimKind(t, s, clinic.Morning)
			}
			clock.Advance(time.Second) // so that their order is certain
			check(t, s.Cancel(t.Context(), storetest.Owner, l.BookingID))
			want := clinic.LetterWithdrawn
			if two[l.BookingID] {
				want = clinic.LetterSent
				check(t, s.LetterSent(t.Context(), l))
			} else {
				check(t, s.LetterFailed(t.Context(), l, "smtp 451", false))
			}
			if got := storetest.LetterOf(t, s, l.BookingID, clinic.Morning); got.Status != want {
				t.Errorf("it is %s, want %s", got.Status, want)
			}
		}
		clock.Advance(time.Minute)
		for range 2 {
			claimKind(t, s, clinic.Cancellation) // after that of the morning of the booking that stands, if it is not among those before
		}
		wantNoneDue(t, s)
	})
}

// claimKind claims letters until one of a kind comes; the others are sent.
func claimKind(t *testing.T, s *store.Store, kind clinic.LetterKind) clinic.Letter {
	t.Helper()
	for {
		l := claim(t, s)
		if l.Kind == kind {
			return l
		}
		check(t, s.LetterSent(t.Context(), l))
	}
}

func TestClaimLetter_OfAnAnsweredQuestionnaire(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		d := newDue(t, s, clock)
		answer := func() {
			now := clock.Now()
			_, err := s.AnswerIntake(t.Context(), clinic.PatientByLink(d.booking.Token), func(c store.Chart) (intake.Record, error) {
				r := c.Intake
				r.Answers, r.Done, r.UpdatedAt, r.CompletedAt = intake.Answers{"height": {"158.5"}}, []string{"goal"}, now, &now
				return r, nil
			})
			check(t, err)
		}
		d.on(2, 17*60+57)
		answer()
		d.on(2, 18*60)
		wantNoneDue(t, s)
		d.want(clinic.Unfinished, clinic.LetterDropped, clinic.LetterAnswered)
		d.on(1, 10*60)
		if l := claim(t, s); l.Kind != clinic.Reminder || l.Content.Asks {
			t.Errorf("the reminder asks for what is answered: %+v", l)
		}
	})
}

// The letters that remind somebody of their bookings hold up no letter about another one.
func TestWriteDue_CountsForNoLimit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		slots := storetest.AddSlots(t, s, c.Branch, c.Doctors[0], storetest.Begin.AddDate(0, 0, 10).Add(time.Hour), clinic.LettersPerHour+1)
		book := func(n int) clinic.Letter {
			r := storetest.Request(slots[n].ID, n)
			r.Patient.Email = "family@example.jp"
			receipt, err := s.Book(t.Context(), storetest.Owner, r)
			check(t, err)
			return storetest.LetterOf(t, s, receipt.BookingID, clinic.Confirmation)
		}
		for n := range clinic.LettersPerHour {
			book(n)
			clock.Advance(24 * time.Hour)
		}
		loc := c.Branch.Location()
		clock.Advance(shown(clinic.DateOf(slots[0].StartsAt, loc).AddDays(-1), 10*60, loc).Sub(clock.Now()))
		check(t, s.WriteDue(t.Context()))
		if l := book(clinic.LettersPerHour); l.Status != clinic.LetterWaiting {
			t.Errorf("the confirmation is %s", l.Status)
		}
	})
}

// A letter that cannot be written, because its booking cannot be opened, holds up nobody.
func TestClaimLetter_OfADamagedBooking(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		d := newDue(t, s, clock)
		second := storetest.Book(t, s, storetest.Request(d.slots[1].ID, 2))
		check(t, s.LetterSent(t.Context(), claim(t, s)))
		storetest.Exec(t, address, "UPDATE bookings SET sealed = 'damaged' WHERE id = '"+d.booking.BookingID+"'")
		d.on(1, 10*60)
		failed, sent := 0, 0
		for range 2 {
			l, ok, err := s.ClaimLetter(t.Context())
			switch {
			case err != nil && l.ID != "":
				failed++
				check(t, s.LetterFailed(t.Context(), l, "inside", false))
			case ok && l.BookingID == second.BookingID:
				sent++
			}
		}
		if failed != 1 || sent != 1 {
			t.Errorf("%d failed and %d went", failed, sent)
		}
		wantNoneDue(t, s)
	})
}

func TestNotices_GoToTheBranchAndNameNobody(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at, keys, clock := address(t), filepath.Join(t.TempDir(), "keys"), storetest.NewClock()
			s, other := storetest.Open(t, at, keys, clock.Now), storetest.Open(t, at, keys, clock.Now)
			d := newDue(t, s, clock)
			if _, ok := d.letter(clinic.BookingMade); ok {
				t.Error("nobody wanted to hear of it")
			}
			d.branch(func(b *clinic.BranchSettings) { b.Notices = "uketsuke@example.jp" })
			b := storetest.Book(t, s, storetest.Request(d.slots[1].ID, 2))
			byStaff, err := s.Book(t.Context(), storetest.Owner, storetest.Request(d.slots[2].ID, 3))
			check(t, err)
			var notices []clinic.Letter
			var failing clinic.Letter
			for {
				l, ok, err := s.ClaimLetter(t.Context())
				check(t, err)
				if !ok {
					break
				}
				if l.Kind == clinic.BookingMade {
					notices = append(notices, l)
				}
				if l.BookingID == byStaff.BookingID {
					failing = l
				} else {
					check(t, s.LetterSent(t.Context(), l))
				}
			}
			if len(notices) != 1 || notices[0].Content.To != "uketsuke@example.jp" || notices[0].Content.Reference != b.Reference || notices[0].OnceKey != b.BookingID+"/new_booking" {
				t.Fatalf("the branch hears %+v", notices)
			}
			if c := notices[0].Content; c.ToName != "" || c.Token != "" || strings.Contains(c.To, "patient") {
				t.Errorf("the notice names the patient: %+v", c)
			}

			check(t, s.LetterFailed(t.Context(), failing, "smtp 550 5.1.1", true))
			tell := func() {
				check(t, s.TellFailed(t.Context()))
				check(t, other.TellFailed(t.Context()))
			}
			clock.Advance(shown(clinic.DateOf(clock.Now(), d.clinic.Branch.Location()), 18*60, d.clinic.Branch.Location()).Add(-time.Second).Sub(clock.Now()))
			tell()
			wantNoneDue(t, s)
			clock.Advance(time.Second)
			tell()
			l := claim(t, other)
			if l.Kind != clinic.FailedToday || l.Content.Count != 1 || l.Content.To != "uketsuke@example.jp" || l.OnceKey != d.clinic.Branch.ID+"/failed/2026-11-24" {
				t.Errorf("the branch hears %+v", l)
			}
			check(t, other.LetterSent(t.Context(), l))
			clock.Advance(time.Hour)
			tell()
			wantNoneDue(t, s)
			check(t, s.SettleLetter(t.Context(), storetest.Owner, byStaff.BookingID, failing.ID))
			clock.Advance(24 * time.Hour)
			tell()
			wantNoneDue(t, s) // all is well
		})
	}
}

// What a mail server took was sent, also where another worker has found meanwhile that it makes sense no more.
func TestLetterSent_AfterItWasDropped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		d := newDue(t, s, clock)
		d.on(1, 10*60)
		d.at(1, 23*60+58)
		reminder := claim(t, s)
		clock.Advance(clinic.LetterLease)
		wantNoneDue(t, s)
		check(t, s.LetterSent(t.Context(), reminder))
		if l := storetest.LetterOf(t, s, reminder.BookingID, clinic.Reminder); l.Status != clinic.LetterSent || l.Failure != "" {
			t.Errorf("it is %s, %q", l.Status, l.Failure)
		}
	})
}
