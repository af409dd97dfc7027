package clinic

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// wallClock is an instant as the clocks of a place show it, to compare with another.
func wallClock(t time.Time, loc *time.Location) time.Time {
	l := t.In(loc)
	return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), l.Nanosecond(), time.UTC)
}

// TestCheckOwn_UntilTheDeadline: a patient may change until the instant that the page names and never after it; a rule in hours is a length of
// time, and one in days is what the clocks on the wall show, in every zone and over the changeovers. Without a rule it is the beginning.
func TestCheckOwn_UntilTheDeadline(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"}).Draw(t, "zone")
		b := Branch{ID: "b", Zone: zone}
		loc := b.Location()
		start := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 300*24*4).Draw(t, "start")) * 15 * time.Minute)
		b.Settings.Changes = Deadline{Hours: rapid.IntRange(0, 72).Draw(t, "hours"), Days: rapid.IntRange(0, 3).Draw(t, "days"), At: Clock(rapid.IntRange(0, 1440).Draw(t, "at"))}
		a := Appointment{
			Branch: b, Slot: Slot{StartsAt: start, EndsAt: start.Add(time.Hour)}, Booking: Booking{Status: rapid.SampledFrom([]Status{Pending, Booked}).Draw(t, "status")},
		}
		until, d := a.ChangesUntil(), b.Settings.Changes
		if until.After(start) {
			t.Fatalf("until %s, after the beginning at %s", until.In(loc), start.In(loc))
		}
		for _, apart := range []time.Duration{-time.Nanosecond, -time.Hour, -30 * 24 * time.Hour} {
			if err := a.CheckOwn(until.Add(apart)); err != nil {
				t.Errorf("%s before the deadline: %v", -apart, err)
			}
		}
		for _, apart := range []time.Duration{0, time.Nanosecond, time.Hour, 30 * 24 * time.Hour} {
			if a.CheckOwn(until.Add(apart)) == nil {
				t.Errorf("%s after the deadline it may be changed", apart)
			}
		}
		if d.Days == 0 {
			if got := start.Sub(until); got != time.Duration(d.Hours)*time.Hour {
				t.Errorf("a rule of %d hours leaves %s", d.Hours, got)
			}
			return
		}
		day := DateOf(start, loc).AddDays(-d.Days)
		shown := time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, time.UTC).Add(time.Duration(d.At) * time.Minute)
		// A time that the clocks skip is no time of that day: then the deadline is at most as far off as they jump.
		if off := wallClock(until, loc).Sub(shown).Abs(); off > time.Hour || off > 0 && wallClock(until.Add(-2*time.Hour), loc).Add(2*time.Hour).Equal(wallClock(until, loc)) &&
			wallClock(until.Add(2*time.Hour), loc).Add(-2*time.Hour).Equal(wallClock(until, loc)) {
			t.Errorf("%+v of %s is %s, %s from what the clocks show", d, start.In(loc), until.In(loc), off)
		}
	})
}

// TestCheckOwn_ByStatus: only what waits or is confirmed, and has not begun.
func TestCheckOwn_ByStatus(t *testing.T) {
	now := time.Date(2026, time.November, 24, 1, 0, 0, 0, time.UTC)
	for _, status := range []Status{Pending, Booked, Arrived, InProgress, Fulfilled, NoShow, Cancelled} {
		for _, apart := range []time.Duration{-time.Hour, 0, time.Hour} {
			a := Appointment{Booking: Booking{Status: status}, Slot: Slot{StartsAt: now.Add(apart), EndsAt: now.Add(apart + time.Hour)}, Branch: Branch{Zone: DefaultZone}}
			if may, want := a.CheckOwn(now) == nil, (status == Pending || status == Booked) && apart > 0; may != want {
				t.Errorf("%s, beginning in %s: %v", status, apart, may)
			}
		}
	}
}
