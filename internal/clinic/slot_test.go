package clinic

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var tokyo = Branch{ID: "branch", Zone: DefaultZone}

func day() DaySlots {
	return DaySlots{Date: "2026-11-24", From: "10:00", Until: "18:00", Minutes: "60", BreakFrom: "13:00", BreakUntil: "14:00"}
}

// beforeDay is an instant before the day of day().
var beforeDay = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func starts(slots []Slot, loc *time.Location) string {
	out := ""
	for _, s := range slots {
		out += s.StartsAt.In(loc).Format("15:04 ")
	}
	return out
}

func TestDaySlots(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*DaySlots)
		want  string
	}{
		{"a day with a break", func(*DaySlots) {}, "10:00 11:00 12:00 14:00 15:00 16:00 17:00 "},
		{"full width", func(d *DaySlots) { d.Date, d.From, d.Minutes = "２０２６-11-24", "１０：００", " ６０ " }, "10:00 11:00 12:00 14:00 15:00 16:00 17:00 "},
		{"one digit", func(d *DaySlots) { d.From = "9:00" }, "09:00 10:00 11:00 12:00 14:00 15:00 16:00 17:00 "},
		{"no break", func(d *DaySlots) { d.BreakFrom, d.BreakUntil = "", "" }, "10:00 11:00 12:00 13:00 14:00 15:00 16:00 17:00 "},
		{"nothing reaches into the break or past the end", func(d *DaySlots) { d.Minutes = "90" }, "10:00 11:30 14:00 15:30 "},
		{"a break before the day", func(d *DaySlots) { d.BreakFrom, d.BreakUntil = "08:00", "09:00" }, "10:00 11:00 12:00 13:00 14:00 15:00 16:00 17:00 "},
		{"a break until the end", func(d *DaySlots) { d.BreakUntil = "19:00" }, "10:00 11:00 12:00 "},
		{"a single slot", func(d *DaySlots) { d.From, d.Until = "16:30", " " }, "16:30 "},
		{"a break of no length", func(d *DaySlots) { d.BreakUntil = "13:00" }, "10:00 11:00 12:00 13:00 14:00 15:00 16:00 17:00 "},
	} {
		d := day()
		c.spoil(&d)
		slots, errs := d.Slots(tokyo, "doctor", beforeDay)
		if got := starts(slots, tokyo.Location()); len(errs) > 0 || got != c.want {
			t.Errorf("%s: %s %v, want %s", c.name, got, errs, c.want)
		}
	}
}

func TestDaySlots_Wrong(t *testing.T) {
	for want, spoil := range map[string]func(*DaySlots){
		"date: error.date":              func(d *DaySlots) { d.Date = "2026-02-30" },
		"from: error.clock":             func(d *DaySlots) { d.From = "25:00" },
		"until: error.clock":            func(d *DaySlots) { d.Until = "noon" },
		"break_until: error.clock":      func(d *DaySlots) { d.BreakUntil = "" },
		"break_from: error.clock":       func(d *DaySlots) { d.BreakFrom = "noon" },
		"minutes: error.minutes":        func(d *DaySlots) { d.Minutes = "9" },
		"until: error.slot.order":       func(d *DaySlots) { d.Until = "10:00" },
		"break_until: error.slot.order": func(d *DaySlots) { d.BreakUntil = "12:00" },
		"until: error.slot.none":        func(d *DaySlots) { d.Until = "10:59" },
		"minutes: error.slot.many":      func(d *DaySlots) { d.From, d.Until, d.Minutes = "00:00", "23:00", "10" },
		"date: error.slot.past":         func(d *DaySlots) { d.Date = "2026-11-01" },
		"date: error.date.range":        func(d *DaySlots) { d.Date = "2028-11-02" },
	} {
		d := day()
		spoil(&d)
		if slots, errs := d.Slots(tokyo, "doctor", beforeDay.Add(2*time.Hour)); errs.Error() != "invalid: "+want || slots != nil {
			t.Errorf("%v, want %s", errs, want)
		}
	}
}

// On the day summer time begins or ends, every slot still lasts as long as it says and none overlap.
func TestDaySlots_SummerTime(t *testing.T) {
	newYork := Branch{ID: "branch", Zone: "America/New_York"}
	for date, want := range map[string]string{
		"2026-03-08": "00:00 01:00 03:00 04:00 ",             // 02:00 does not exist
		"2026-11-01": "00:00 01:00 01:00 02:00 03:00 04:00 ", // 01:00 exists twice
	} {
		d := DaySlots{Date: date, From: "00:00", Until: "05:00", Minutes: "60"}
		slots, errs := d.Slots(newYork, "doctor", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		if got := starts(slots, newYork.Location()); len(errs) > 0 || got != want {
			t.Errorf("%s: %s %v, want %s", date, got, errs, want)
		}
	}
}

// A time that clocks skip on the day is refused where it was typed; of one that they show twice, the first is meant.
func TestDaySlots_TimesThatAreSkippedOrComeTwice(t *testing.T) {
	for _, c := range []struct {
		zone, date, from, until, minutes, breakFrom, breakUntil, want string
	}{
		{"America/New_York", "2026-03-08", "02:30", "05:00", "30", "", "", "invalid: from: error.clock.skipped"},
		{"America/New_York", "2026-03-08", "00:00", "02:00", "30", "", "", "invalid: until: error.clock.skipped"},
		{"America/New_York", "2026-03-08", "00:00", "05:00", "30", "02:00", "02:59", "invalid: break_from: error.clock.skipped; invalid: break_until: error.clock.skipped"},
		{"America/New_York", "2026-03-08", "01:30", "03:30", "30", "", "", "01:30-05:00 03:00-04:00 "},
		{"America/Santiago", "2026-09-06", "00:30", "", "30", "", "", "invalid: from: error.clock.skipped"},
		{"Pacific/Apia", "2011-12-30", "10:00", "", "30", "", "", "invalid: from: error.clock.skipped"},
		{"America/New_York", "2026-11-01", "01:30", "", "30", "", "", "01:30-04:00 "},
		{"America/New_York", "2026-11-01", "00:30", "01:30", "30", "", "", "00:30-04:00 01:00-04:00 "},
		{"America/New_York", "2026-11-01", "00:30", "02:00", "30", "01:00", "01:30", "00:30-04:00 01:30-04:00 01:00-05:00 01:30-05:00 "},
	} {
		branch := Branch{ID: "branch", Zone: c.zone}
		day := date(t, c.date)
		slots, errs := DaySlots{Date: c.date, From: c.from, Until: c.until, Minutes: c.minutes, BreakFrom: c.breakFrom, BreakUntil: c.breakUntil}.
			Slots(branch, "doctor", day.AddDays(-1).In(branch.Location()))
		got := errs.Error()
		for _, s := range slots {
			got += s.StartsAt.In(branch.Location()).Format("15:04-07:00 ")
		}
		// The offset is written as -05:00; what matters is which of two equal times it is.
		if got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestDaySlots_Properties(t *testing.T) {
	clock := rapid.Custom(func(t *rapid.T) string {
		return fmt.Sprintf("%02d:%02d", rapid.IntRange(0, 23).Draw(t, "hour"), rapid.SampledFrom([]int{0, 15, 20, 30, 59}).Draw(t, "minute"))
	})
	rapid.Check(t, func(t *rapid.T) {
		branch := Branch{ID: "b", Zone: rapid.SampledFrom([]string{"Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago"}).Draw(t, "zone")}
		loc := branch.Location()
		d := DaySlots{
			Date: drawDate(t, "date").String(), From: clock.Draw(t, "from"), Until: clock.Draw(t, "until"),
			Minutes: fmt.Sprint(rapid.IntRange(10, 240).Draw(t, "minutes")),
		}
		if rapid.Bool().Draw(t, "break") {
			d.BreakFrom, d.BreakUntil = clock.Draw(t, "break from"), clock.Draw(t, "break until")
		}
		day, _ := ParseDate(d.Date)
		slots, errs := d.Slots(branch, "doctor", day.AddDays(-1).In(loc))
		if len(errs) > 0 {
			if len(slots) > 0 {
				t.Fatal("slots beside errors")
			}
			return
		}
		// The first instant of the day at which clocks show a time, found by trying them all.
		at := func(s string) time.Time {
			for when := day.In(loc); ; when = when.Add(time.Minute) {
				if when.Format("15:04") == s {
					return when
				}
			}
		}
		for i, s := range slots {
			if s.EndsAt.Sub(s.StartsAt).String() != (time.Duration(atoi(t, d.Minutes))*time.Minute).String() || s.StartsAt.Location() != time.UTC {
				t.Fatalf("%v lasts %s", s, s.EndsAt.Sub(s.StartsAt))
			}
			if i > 0 && s.StartsAt.Before(slots[i-1].EndsAt) {
				t.Fatalf("%v and %v overlap", slots[i-1], s)
			}
			if s.StartsAt.Before(at(d.From)) || s.EndsAt.After(at(d.Until)) {
				t.Fatalf("%v leaves the day %+v", s, d)
			}
			if d.BreakFrom != "" && s.StartsAt.Before(at(d.BreakUntil)) && s.EndsAt.After(at(d.BreakFrom)) && at(d.BreakFrom) != at(d.BreakUntil) {
				t.Fatalf("%v reaches into the break of %+v", s, d)
			}
		}
		if len(slots) == 0 || len(slots) > MaxDaySlots {
			t.Fatalf("%d slots", len(slots))
		}
	})
}

func atoi(t *rapid.T, s string) int {
	var n int
	if _, err := fmt.Sscan(s, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func FuzzDaySlots(f *testing.F) {
	f.Add("2026-11-24", "10:00", "18:00", "60", "13:00", "14:00")
	f.Add("２０２６-11-24", "9:00", "23:59", "10", "", "")
	f.Add("0000-01-01", "00:00", "24:00", "240", " ", "00:00")
	f.Fuzz(func(t *testing.T, date, from, until, minutes, breakFrom, breakUntil string) {
		d := DaySlots{Date: date, From: from, Until: until, Minutes: minutes, BreakFrom: breakFrom, BreakUntil: breakUntil}
		slots, errs := d.Slots(tokyo, "doctor", beforeDay)
		if (len(slots) == 0) != (len(errs) > 0) || len(slots) > MaxDaySlots {
			t.Fatalf("%d slots, %v", len(slots), errs)
		}
		for _, s := range slots {
			if !s.StartsAt.After(beforeDay) || !s.EndsAt.After(s.StartsAt) {
				t.Fatalf("%+v", s)
			}
		}
	})
}

// A slot that was closed is not there for anybody, and least of all for a visitor who still has its form open.
func TestSlot_ClosedIsNotBookable(t *testing.T) {
	now := time.Date(2026, time.November, 24, 3, 0, 0, 0, time.UTC)
	slot := Slot{StartsAt: now.Add(time.Hour), EndsAt: now.Add(2 * time.Hour), ClosedAt: &now}
	for _, actor := range []Actor{Visitor("", ""), API(APIKey{}), StaffActor(Staff{})} {
		if got := CodeOf(slot.CheckBookable(tokyo, actor, now)); got != Invalid {
			t.Errorf("%+v: %q", actor, got)
		}
	}
}
