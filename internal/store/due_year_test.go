package store_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// dueHours are when the letters of the year go, as the clocks of Berlin show it: two of them at a time that the clocks skip once and show
// twice once.
var dueHours = map[clinic.LetterKind]clinic.Clock{clinic.Unfinished: 18 * 60, clinic.Reminder: 2*60 + 30, clinic.Morning: 2*60 + 30}

// year is a clinic in Berlin, whose bookings are made, moved and cancelled, and the two servers that send its letters.
type year struct {
	*testing.T

	rand     *rand.Rand
	clock    *storetest.Clock
	servers  [2]*store.Store
	clinic   storetest.Clinic
	loc      *time.Location
	patients int
	journal  map[string][]entry // by booking, what was done with it, in order

	mu   sync.Mutex
	sent map[string][]sending // by OnceKey
}

// entry is what was done with a booking: it has a time from then on, or none.
type entry struct {
	at     time.Time
	begins time.Time // zero once it is cancelled
}

// sending is a letter of the future that went.
type sending struct {
	kind       clinic.LetterKind
	at, begins time.Time
}

// shown is the first instant of a day at which the clocks show a time, or a later one.
func shown(day clinic.Date, at clinic.Clock, loc *time.Location) time.Time {
	t := time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, loc)
	for {
		if l := t.In(loc); clinic.DateOf(l, loc) == day && clinic.Clock(l.Hour()*60+l.Minute()) >= at {
			return t.UTC()
		}
		t = t.Add(time.Minute)
	}
}

// dues are when the letters about a counseling go.
func (y *year) dues(begins time.Time) map[clinic.LetterKind]time.Time {
	day := clinic.DateOf(begins, y.loc)
	out := map[clinic.LetterKind]time.Time{
		clinic.Unfinished: shown(day.AddDays(-2), dueHours[clinic.Unfinished], y.loc),
		clinic.Reminder:   shown(day.AddDays(-1), dueHours[clinic.Reminder], y.loc),
	}
	if morning := shown(day, dueHours[clinic.Morning], y.loc); morning.Before(begins.Add(-time.Hour)) {
		out[clinic.Morning] = morning
	}
	return out
}

// tick has both servers look for due letters at once, and send what they find.
func (y *year) tick() {
	y.Helper()
	var both sync.WaitGroup
	for _, s := range y.servers {
		both.Go(func() {
			if err := s.WriteDue(y.Context()); err != nil {
				y.Error(err)
			}
			for {
				l, ok, err := s.ClaimLetter(y.Context())
				if err != nil {
					y.Error(err)
				}
				if !ok || err != nil {
					return
				}
				if l.Kind.OfTheFuture() {
					y.mu.Lock()
					y.sent[l.OnceKey] = append(y.sent[l.OnceKey], sending{l.Kind, y.clock.Now(), l.Content.StartsAt})
					y.mu.Unlock()
				}
				if err := s.LetterSent(y.Context(), l); err != nil {
					y.Error(err)
				}
			}
		})
	}
	both.Wait()
}

// now is how a booking stands; zero where it is cancelled.
func now(journal []entry) time.Time { return journal[len(journal)-1].begins }

// next is when the next letter about any booking falls due.
func (y *year) next() (next time.Time) {
	for _, entries := range y.journal {
		if now(entries).IsZero() {
			continue
		}
		for _, due := range y.dues(now(entries)) {
			if due.After(y.clock.Now()) && (next.IsZero() || due.Before(next)) {
				next = due
			}
		}
	}
	return next
}

// goOn lets the time pass. The servers look a minute before a letter is due, and when it is, as they would each minute.
func (y *year) goOn(until time.Time) {
	y.Helper()
	to := func(t time.Time) {
		if t.After(y.clock.Now()) {
			y.clock.Advance(t.Sub(y.clock.Now()))
			y.tick()
		}
	}
	for due := y.next(); !due.IsZero() && !due.After(until); due = y.next() {
		to(due.Add(-time.Minute))
		to(due)
	}
	to(until)
}

// slot is a new one on a day some days from today, at any time of it; ok is false where the doctor has another one then.
func (y *year) slot(days int) (clinic.SlotWithState, bool) {
	y.Helper()
	day := clinic.DateOf(y.clock.Now(), y.loc).AddDays(days)
	at := shown(day, clinic.Clock(y.rand.IntN(96)*15), y.loc)
	doctor := y.clinic.Doctors[y.rand.IntN(2)]
	s := y.servers[y.rand.IntN(2)]
	if !at.After(y.clock.Now()) || s.AddSlots(y.Context(), storetest.Owner, []clinic.Slot{{BranchID: y.clinic.Branch.ID, DoctorID: doctor.ID, StartsAt: at, EndsAt: at.Add(10 * time.Minute)}}) != nil {
		return clinic.SlotWithState{}, false
	}
	slots, err := s.Slots(y.Context(), store.SlotQuery{BranchID: y.clinic.Branch.ID, DoctorID: doctor.ID, From: at, Until: at.Add(time.Minute), For: storetest.Owner})
	check(y.T, err)
	return slots[0], true
}

func (y *year) wrote(bookingID string, begins time.Time) {
	y.journal[bookingID] = append(y.journal[bookingID], entry{y.clock.Now(), begins.UTC()})
}

// act does one thing that a patient or the front desk does.
func (y *year) act() {
	y.Helper()
	s := y.servers[y.rand.IntN(2)]
	var coming []string
	for _, id := range slices.Sorted(maps.Keys(y.journal)) {
		if now(y.journal[id]).After(y.clock.Now()) {
			coming = append(coming, id)
		}
	}
	what := y.rand.IntN(10)
	if len(coming) == 0 || what < 4 {
		if slot, ok := y.slot(y.rand.IntN(8)); ok {
			y.patients++
			receipt, err := s.Book(y.Context(), storetest.Owner, storetest.Request(slot.ID, y.patients))
			check(y.T, err)
			y.wrote(receipt.BookingID, slot.StartsAt)
		}
		return
	}
	id := coming[y.rand.IntN(len(coming))]
	switch {
	case what < 6:
		if slot, ok := y.slot(y.rand.IntN(6)); ok {
			_, err := s.Move(y.Context(), storetest.Owner, id, slot.ID, true)
			check(y.T, err)
			y.wrote(id, slot.StartsAt)
		}
	case what < 7:
		check(y.T, s.Cancel(y.Context(), storetest.Owner, id))
		y.wrote(id, time.Time{})
	default: // cancelled and restored, or moved away and back, while a letter is among those that wait
		begins := now(y.journal[id])
		due := slices.SortedFunc(maps.Values(y.dues(begins)), time.Time.Compare)
		i := slices.IndexFunc(due, func(t time.Time) bool { return t.After(y.clock.Now().Add(5 * time.Minute)) })
		if i < 0 {
			return
		}
		y.goOn(due[i].Add(-4*time.Minute - 13*time.Second))
		if what < 9 {
			check(y.T, s.Cancel(y.Context(), storetest.Owner, id))
			at := y.clock.Now()
			y.wrote(id, time.Time{})
			y.goOn(at.Add(time.Minute + time.Duration(y.rand.IntN(6))*time.Minute))
			check(y.T, s.Restore(y.Context(), storetest.Owner, id, clinic.Booked, at))
			y.wrote(id, begins)
			return
		}
		before, err := s.Appointment(y.Context(), storetest.Owner, id)
		check(y.T, err)
		slot, ok := y.slot(7)
		if !ok {
			return
		}
		_, err = s.Move(y.Context(), storetest.Owner, id, slot.ID, true)
		check(y.T, err)
		y.wrote(id, slot.StartsAt)
		y.goOn(y.clock.Now().Add(time.Minute + time.Duration(y.rand.IntN(6))*time.Minute))
		moved, err := s.Appointment(y.Context(), storetest.Owner, id)
		check(y.T, err)
		check(y.T, s.MoveBack(y.Context(), storetest.Owner, id, before.Slot.ID, moved.Booking.Sequence, true))
		y.wrote(id, begins)
	}
}

// wanted are the letters that the journal asks for: those that fell due while a booking had a time that it had got before.
func (y *year) wanted() map[string][]sending {
	out := map[string][]sending{}
	for id, entries := range y.journal {
		for i, e := range entries {
			if e.begins.IsZero() {
				continue
			}
			for kind, due := range y.dues(e.begins) {
				over := i+1 < len(entries) && !entries[i+1].at.After(due) || due.After(y.clock.Now())
				if over || !due.After(e.at) {
					continue
				}
				key := fmt.Sprintf("%s/%s/%s", id, kind, clinic.DateOf(e.begins, y.loc))
				out[key] = append(out[key], sending{kind, due, e.begins})
			}
		}
	}
	return out
}

// TestDue_AYearInBerlin: bookings are made, moved, moved back, cancelled and restored at random over a year with both changeovers, and two
// servers send at once. Every letter that is due goes exactly once, at its time by the clocks of Berlin, and says the time that the booking has;
// none goes for what is cancelled, has moved, or was made too late.
func TestDue_AYearInBerlin(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			at, keys, clock := address(t), filepath.Join(t.TempDir(), "keys"), storetest.NewClock()
			y := &year{
				T: t, rand: rand.New(rand.NewPCG(8, uint64(len(engine)))), clock: clock, journal: map[string][]entry{}, sent: map[string][]sending{}, //nolint:gosec // a game, not a secret
			}
			for i := range y.servers {
				y.servers[i] = storetest.Open(t, at, keys, clock.Now)
				y.servers[i].LiftLimits()
			}
			y.clinic = storetest.NewClinic(t, y.servers[0])
			b := &y.clinic.Branch
			b.Zone, y.loc = "Europe/Berlin", clinic.Branch{Zone: "Europe/Berlin"}.Location()
			b.Settings.Letters = &clinic.LetterTimes{
				Unfinished: clinic.LetterTime{On: true, At: dueHours[clinic.Unfinished]}, Reminder: clinic.LetterTime{On: true, At: dueHours[clinic.Reminder]},
				Morning: clinic.LetterTime{On: true, At: dueHours[clinic.Morning]},
			}
			_, err := y.servers[0].SaveBranch(t.Context(), storetest.Owner, *b)
			check(t, err)
			changeovers := []time.Time{time.Date(2027, 3, 28, 1, 0, 0, 0, time.UTC), time.Date(2027, 10, 31, 1, 0, 0, 0, time.UTC)}
			end := clock.Now().AddDate(1, 0, 0)
			for clock.Now().Before(end) {
				pause := time.Duration(1+y.rand.IntN(96)) * time.Hour
				for _, change := range changeovers {
					if change.Sub(clock.Now()).Abs() < 5*24*time.Hour {
						pause = time.Duration(1+y.rand.IntN(10)) * time.Hour
					}
				}
				y.goOn(clock.Now().Truncate(time.Hour).Add(pause + 7*time.Minute + 11*time.Second))
				y.act()
			}
			y.goOn(clock.Now().AddDate(0, 0, 10))
			y.judge(at)
		})
	}
}

// judge compares what went with what the journal asks for.
func (y *year) judge(address string) {
	y.Helper()
	want, kinds, atChange := y.wanted(), map[clinic.LetterKind]int{}, 0
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if !slices.Equal(y.sent[key], want[key]) {
			y.Errorf("%s went %v, want %v", key, y.sent[key], want[key])
		}
		at := want[key][0].at
		kinds[want[key][0].kind]++
		if l := at.In(y.loc); l.Hour() == 3 || l.Hour() == 2 && l.Month() == time.October && l.Day() == 31 {
			atChange++
		}
	}
	for _, key := range slices.Sorted(maps.Keys(y.sent)) {
		if want[key] == nil {
			y.Errorf("%s went %v, and nobody awaits it", key, y.sent[key])
		}
	}
	db := openSQL(y.T, address)
	defer func() { check(y.T, db.Close()) }()
	left := map[string]int{}
	rows, err := db.QueryContext(context.WithoutCancel(y.Context()), "SELECT status, failure, COUNT(*) FROM letters WHERE kind IN ('unfinished', 'reminder', 'morning', 'thanks') GROUP BY status, failure")
	check(y.T, err)
	defer func() { check(y.T, rows.Close()) }()
	for rows.Next() {
		var status, failure string
		var n int
		check(y.T, rows.Scan(&status, &failure, &n))
		left[cmp.Or(failure, status)] = n
	}
	check(y.T, rows.Err())
	if left["waiting"] > 0 || left["sending"] > 0 || left["late"] > 0 {
		y.Errorf("letters are left over: %v", left)
	}
	for _, kind := range []clinic.LetterKind{clinic.Unfinished, clinic.Reminder, clinic.Morning} {
		if kinds[kind] < 30 {
			y.Errorf("only %d letters of the kind %s were due: the year proves little", kinds[kind], kind)
		}
	}
	if atChange < 2 {
		y.Errorf("only %d letters were due at a changeover", atChange)
	}
	y.Logf("%d bookings, %d letters %v, %d at a changeover; in the end %v", len(y.journal), len(want), kinds, atChange, left)
}
