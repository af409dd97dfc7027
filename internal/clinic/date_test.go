package clinic

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// oddZones are some in which clocks skip midnight, show it twice or fall back over it, or in which a whole day is missing,
// beside ordinary ones.
var oddZones = []string{
	"UTC", "Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu",
	"America/Santiago", "America/Asuncion", "America/Sao_Paulo", "America/Havana", "America/Scoresbysund", "America/St_Johns", "America/Goose_Bay",
	"Africa/Cairo", "Asia/Amman", "Asia/Beirut", "Asia/Damascus", "Asia/Gaza", "Asia/Tehran", "Atlantic/Azores", "Asia/Manila", "America/Juneau",
	"Pacific/Apia", "Pacific/Fakaofo", "Pacific/Kwajalein", "Pacific/Kiritimati", "Antarctica/Casey",
}

func zone(t interface{ Fatal(args ...any) }, name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestDate_InIsTheFirstInstantOfTheDay(t *testing.T) {
	for _, c := range []struct{ zone, day, want string }{
		{"Asia/Tokyo", "2026-11-24", "2026-11-24T00:00:00+09:00"},
		// Summer time begins at midnight: clocks go from 23:59 to 01:00.
		{"America/Santiago", "2026-09-06", "2026-09-06T01:00:00-03:00"},
		{"Asia/Beirut", "2026-03-29", "2026-03-29T01:00:00+03:00"},
		{"Africa/Cairo", "2026-04-24", "2026-04-24T01:00:00+03:00"},
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00"},
		// It ends at midnight: the last hour of the day before comes twice, and the day begins once.
		{"America/Santiago", "2026-04-05", "2026-04-05T00:00:00-04:00"},
		{"Asia/Beirut", "2026-10-25", "2026-10-25T00:00:00+02:00"},
		// Midnight comes twice: the first hour of the day does.
		{"America/Havana", "2026-11-01", "2026-11-01T00:00:00-04:00"},
		// A minute of the day comes, then an hour of the day before once more.
		{"America/St_Johns", "2006-10-29", "2006-10-29T00:00:00-02:30"},
		// There is no such day: the instant at which the one after it begins.
		{"Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00"},
	} {
		d, _ := ParseDate(c.day)
		if got := d.In(zone(t, c.zone)).Format(time.RFC3339); got != c.want {
			t.Errorf("%s begins in %s at %s, want %s", c.day, c.zone, got, c.want)
		}
	}
}

// Before the first instant of a day no clock of the zone has shown it or a later one, and then it shows the day. The year
// is cut into such days without a gap.
func TestDate_InProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc := zone(t, rapid.SampledFrom(oddZones).Draw(t, "zone"))
		d := Date{rapid.IntRange(1840, 2120).Draw(t, "year"), time.January, 1}.AddDays(rapid.IntRange(0, 365).Draw(t, "day"))
		begins := d.In(loc)
		if shown := DateOf(begins, loc); shown.Before(d) {
			t.Fatalf("%s begins at %s, which is the day before", d, begins)
		} else if shown != d && DateOf(begins.Add(-time.Nanosecond), loc) != d.AddDays(-1) {
			t.Fatalf("%s begins at %s, and there is such a day", d, begins)
		}
		for before := time.Nanosecond; before < 30*time.Hour; before += time.Minute {
			if shown := DateOf(begins.Add(-before), loc); !shown.Before(d) {
				t.Fatalf("%s begins at %s, and %s before it is already %s", d, begins, before, shown)
			}
		}
		if next := d.AddDays(1).In(loc); next.Before(begins) {
			t.Fatalf("%s begins at %s, the next day at %s", d, begins, next)
		}
	})
}

// All days of many years in all oddZones, by the days whose beginning is not at midnight: a zone in which none is found
// would show that the test looks at nothing.
func TestDate_InEveryDay(t *testing.T) {
	for _, name := range oddZones {
		loc := zone(t, name)
		odd := 0
		for d := (Date{1990, time.January, 1}); d.Year < 2040; d = d.AddDays(1) {
			begins := d.In(loc)
			if DateOf(begins, loc).Before(d) || !DateOf(begins.Add(-time.Nanosecond), loc).Before(d) {
				t.Fatalf("%s begins in %s at %s", d, name, begins)
			}
			if begins.Hour() != 0 {
				odd++
			}
		}
		if skips := map[string]bool{"America/Santiago": true, "Asia/Beirut": true, "Africa/Cairo": true, "America/Sao_Paulo": true}[name]; skips && odd < 10 {
			t.Errorf("%s begins %d days after midnight", name, odd)
		}
	}
}

func TestDate_AddDaysKnowsNoSummerTime(t *testing.T) {
	d := Date{2026, time.January, 1}
	for range 3000 {
		next := d.AddDays(1)
		if next.AddDays(-1) != d || !d.Before(next) || d.Weekday() != (next.Weekday()+6)%7 {
			t.Fatalf("the day after %s is %s", d, next)
		}
		d = next
	}
	if want := (Date{2034, time.March, 20}); d != want {
		t.Errorf("3000 days later it is %s, want %s", d, want)
	}
}
