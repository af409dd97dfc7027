package clinic

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestFirstWeek_HasTheHoursThatWereChosen(t *testing.T) {
	today := Date{2026, time.November, 24}
	good := ProposedFirstWeek(today)
	for what, c := range map[string]struct {
		change func(w *TypedFirstWeek)
		slots  int
		fields []string
	}{
		"as proposed":          {func(*TypedFirstWeek) {}, 44, nil},
		"weekdays":             {func(w *TypedFirstWeek) { w.Shape = Weekdays }, 40, nil},
		"every day":            {func(w *TypedFirstWeek) { w.Shape = EveryDay }, 56, nil},
		"without lunch":        {func(w *TypedFirstWeek) { w.LunchFrom, w.LunchUntil = "", " " }, 48, nil},
		"no morning":           {func(w *TypedFirstWeek) { w.From, w.LunchFrom, w.LunchUntil = "14:00", "15:00", "16:00" }, 22, nil},
		"own":                  {func(w *TypedFirstWeek) { w.Shape = OwnShape }, 0, []string{"shape"}},
		"nothing":              {func(w *TypedFirstWeek) { *w = TypedFirstWeek{} }, 0, []string{"shape", "from", "until", "minutes", "valid_from"}},
		"half a break":         {func(w *TypedFirstWeek) { w.LunchUntil = "" }, 0, []string{"lunch_until"}},
		"a break turned round": {func(w *TypedFirstWeek) { w.LunchUntil = "12:00" }, 0, []string{"lunch_until"}},
		"a break before it":    {func(w *TypedFirstWeek) { w.LunchFrom = "9:00" }, 0, []string{"lunch_from"}},
		"slots of four hours": {func(w *TypedFirstWeek) {
			w.Minutes, w.Until = "240", "14:30"
			w.LunchFrom, w.LunchUntil = "12:00", "13:00"
		}, 0, []string{"minutes"}},
		"a day long ago counts": {func(w *TypedFirstWeek) { w.ValidFrom = "2020-01-01" }, 44, nil},
	} {
		typed := good
		c.change(&typed)
		w, errs := typed.Read("branch", today)
		var fields []string
		for _, e := range errs {
			fields = append(fields, e.Field)
		}
		if !slices.Equal(fields, c.fields) || len(errs) == 0 && w.Slots() != c.slots {
			t.Errorf("%s: %d slots, wrong are %v", what, w.Slots(), fields)
		}
		if w.From.Before(today) && len(errs) == 0 {
			t.Errorf("%s: it begins on %s", what, w.From)
		}
	}
}

// Whatever is chosen, no two spans of a week meet and none reaches into the break.
func TestFirstWeek_NeverOverlaps(t *testing.T) {
	today := Date{2026, time.November, 24}
	rapid.Check(t, func(t *rapid.T) {
		clock := rapid.Custom(func(t *rapid.T) string { return Clock(15 * rapid.IntRange(0, 96).Draw(t, "quarter")).String() })
		typed := TypedFirstWeek{
			Shape: rapid.SampledFrom(WeekShapes).Draw(t, "shape"), From: clock.Draw(t, "from"), Until: clock.Draw(t, "until"), LunchFrom: clock.Draw(t, "lunch from"),
			LunchUntil: clock.Draw(t, "lunch until"), Minutes: rapid.SampledFrom([]string{"15", "30", "60", "90"}).Draw(t, "minutes"), Pause: "5", ValidFrom: today.String(),
		}
		w, errs := typed.Read("branch", today)
		if len(errs) > 0 {
			return
		}
		lunchFrom, _ := ParseClock(typed.LunchFrom)
		lunchUntil, _ := ParseClock(typed.LunchUntil)
		for i, h := range w.Spans {
			if h.Weekday != time.Saturday || typed.Shape == EveryDay {
				if h.Pattern.overlaps(Pattern{From: lunchFrom, Until: lunchUntil}) {
					t.Fatalf("%v reaches into the break", h)
				}
			}
			for _, o := range w.Spans[:i] {
				if h.overlaps(o) {
					t.Fatalf("%v meets %v", h, o)
				}
			}
		}
		if got := w.For("doctor", "室1", 1); !got.SameAs(w.For("doctor", "室1", 2)) || got.SameAs(w.For("doctor", "室2", 1)) {
			t.Fatal("a week is not the same as itself, or as another")
		}
	})
}

func TestSetup_SaysWhatIsLeft(t *testing.T) {
	var s Setup
	if s.Next() != SetupBranch || len(s.Left()) != 5 || s.Has(SetupDone) {
		t.Errorf("of nothing %v is left", s.Left())
	}
	s = Setup{Branch: true, Doctors: true, Mail: true, Slots: true}
	if s.Next() != SetupHolidays || !slices.Equal(s.Left(), []SetupStep{SetupHolidays}) {
		t.Errorf("left are %v", s.Left())
	}
	s.Holidays = true
	if s.Next() != SetupDone || !s.Has(SetupDone) || SetupHours.After() != SetupDone || SetupBranch.After() != SetupDoctors {
		t.Error("it is not done")
	}
	today := Date{2026, time.November, 24}
	newYear := YearEnd("", today).Last.AddDays(-2)
	for what, c := range map[string]struct {
		exceptions []Exception
		rule       HolidayRule
		want       bool
	}{
		"nothing":                {nil, HolidayRule{}, false},
		"closed":                 {[]Exception{YearEnd("b", today)}, HolidayRule{}, true},
		"open on holidays":       {nil, HolidayRule{Open: true}, true},
		"open on that one":       {nil, HolidayRule{Differ: DatesOf(newYear)}, true},
		"closed on that one":     {nil, HolidayRule{Open: true, Differ: DatesOf(newYear)}, false},
		"a doctor away, no more": {[]Exception{{Kind: DoctorAway, First: newYear, Last: newYear, Pattern: Pattern{Until: dayEnd}}}, HolidayRule{}, false},
	} {
		if got := YearEndSettled(c.exceptions, c.rule, today); got != c.want {
			t.Errorf("%s: settled is %t", what, got)
		}
	}
}

func TestMoved(t *testing.T) {
	ids := []string{"a", "b", "c"}
	for _, c := range []struct {
		id   string
		up   bool
		want string
	}{{"b", true, "bac"}, {"b", false, "acb"}, {"a", true, "abc"}, {"c", false, "abc"}} {
		got, ok := Moved(ids, c.id, c.up)
		if !ok || got[0]+got[1]+got[2] != c.want {
			t.Errorf("%s, up %t: %v", c.id, c.up, got)
		}
	}
	if _, ok := Moved(ids, "d", true); ok || ids[0] != "a" {
		t.Error("what is not there has moved, or the list itself was changed")
	}
}
