package clinic

import (
	"testing"
	"time"
)

func date(t *testing.T, s string) Date {
	t.Helper()
	d, ok := ParseDate(s)
	if !ok {
		t.Fatalf("%s is no day", s)
	}
	return d
}

func TestHorizon(t *testing.T) {
	today := date(t, "2026-11-24")
	for _, c := range []struct {
		name        string
		horizon     Horizon
		first, last string
	}{
		{"visitors", PublicHorizon(today), "2026-11-24", "2027-02-15"},
		{"staff", StaffHorizon(today), "2016-11-24", "2028-11-24"},
		{"staff on 29 February", StaffHorizon(date(t, "2028-02-29")), "2018-03-01", "2030-03-01"},
	} {
		if c.horizon.First.String() != c.first || c.horizon.Last.String() != c.last {
			t.Errorf("%s look from %s to %s, want %s to %s", c.name, c.horizon.First, c.horizon.Last, c.first, c.last)
		}
		for day, want := range map[Date]string{
			c.horizon.First: "", c.horizon.Last: "", c.horizon.First.AddDays(-1): "error.date.range", c.horizon.Last.AddDays(1): "error.date.range",
			{Year: 9999, Month: time.December, Day: 31}: "error.date.range", {Year: 0, Month: time.January, Day: 1}: "error.date.range",
		} {
			err := c.horizon.Check("from", day)
			switch {
			case want == "" && err != nil:
				t.Errorf("%s may not look at %s: %v", c.name, day, err)
			case want != "" && (err == nil || err.Code != Invalid || err.Field != "from" || err.Message != want || err.Args["First"] != c.first || err.Args["Last"] != c.last):
				t.Errorf("%s may look at %s: %v", c.name, day, err)
			}
		}
	}
}

// A slot can be booked exactly on the days that visitors are shown, wherever the branch is and whatever its clocks do.
func TestSlot_IsBookableWithinThePublicHorizon(t *testing.T) {
	for _, name := range oddZones {
		branch := Branch{Zone: name}
		loc := branch.Location()
		for _, now := range []time.Time{
			date(t, "2026-11-24").In(loc), date(t, "2026-11-25").In(loc).Add(-time.Second), time.Date(2026, time.January, 17, 12, 0, 0, 0, time.UTC), date(t, "2026-07-01").In(loc),
		} {
			last := PublicHorizon(DateOf(now, loc)).Last
			for _, c := range []struct {
				actor  Actor
				starts time.Time
				want   Code
			}{
				{Visitor("", ""), now.Add(-time.Nanosecond), SlotPast},
				{Visitor("", ""), now, SlotPast},
				{Visitor("", ""), now.Add(time.Nanosecond), ""},
				{API(APIKey{}), last.In(loc), ""},
				{Visitor("", ""), last.AddDays(1).In(loc).Add(-time.Nanosecond), ""},
				{Visitor("", ""), last.AddDays(1).In(loc), SlotEarly},
				{API(APIKey{}), last.AddDays(1).In(loc), SlotEarly},
				{Visitor("", ""), now.AddDate(5000, 0, 0), SlotEarly},
				{StaffActor(Staff{}), now, SlotPast},
				{StaffActor(Staff{}), last.AddDays(1).In(loc), ""}, // by telephone
				{StaffActor(Staff{}), now.AddDate(3, 0, 0), SlotEarly},
			} {
				slot := Slot{StartsAt: c.starts.UTC(), EndsAt: c.starts.UTC().Add(time.Hour)}
				if got := CodeOf(slot.CheckBookable(branch, c.actor, now)); got != c.want {
					t.Errorf("in %s at %s, a slot at %s: %q, want %q", name, now, c.starts, got, c.want)
				}
			}
		}
	}
}
