package config_test

import (
	"testing"
	"time"

	"madoguchi/config"
	"madoguchi/internal/clinic"
)

func TestHoliday(t *testing.T) {
	for _, tt := range []struct {
		day, ja, en string
	}{
		{"2024-01-01", "元日", "New Year's Day"},
		{"2026-05-06", "振替休日", "Holiday in lieu"},
		{"2026-09-22", "国民の休日", "Citizen's Holiday"},
		{"2026-11-23", "勤労感謝の日", "Labor Thanksgiving Day"},
		{"2026-11-24", "", ""},
		{"2027-03-22", "振替休日", "Holiday in lieu"},
		{"2029-09-24", "振替休日", "Holiday in lieu"},
		{"2030-12-31", "", ""},
	} {
		day, ok := clinic.ParseDate(tt.day)
		if !ok {
			t.Fatalf("%s is no day", tt.day)
		}
		ja, isHoliday := config.Holiday(day, "ja")
		en, _ := config.Holiday(day, "en")
		if ja != tt.ja || en != tt.en || isHoliday != (tt.ja != "") {
			t.Errorf("%s: got %q, %q, %v; want %q, %q", tt.day, ja, en, isHoliday, tt.ja, tt.en)
		}
	}
}

// TestHolidaysFollowTheLaw checks the data against article 3 of the Act on National Holidays: when a holiday falls on a
// Sunday, the next day that is not a holiday becomes one; a day between two holidays is one.
func TestHolidaysFollowTheLaw(t *testing.T) {
	name := func(d clinic.Date) string { n, _ := config.Holiday(d, "ja"); return n }
	national := func(d clinic.Date) bool {
		n := name(d)
		return n != "" && n != "振替休日" && n != "国民の休日"
	}
	years := map[int]int{}
	last := clinic.Date{Year: 2030, Month: time.December, Day: 31}
	for d := (clinic.Date{Year: 2024, Month: time.January, Day: 1}); !last.Before(d); d = d.AddDays(1) {
		if name(d) != "" {
			years[d.Year]++
		}
		if national(d) && d.Weekday() == time.Sunday {
			next := d.AddDays(1)
			for national(next) {
				next = next.AddDays(1)
			}
			if name(next) != "振替休日" {
				t.Errorf("%v is a holiday on a Sunday, but %v is %q", d, next, name(next))
			}
		}
		if national(d.AddDays(-1)) && national(d.AddDays(1)) && name(d) == "" {
			t.Errorf("%v lies between two holidays and is none", d)
		}
	}
	for year := 2024; year <= 2030; year++ {
		if years[year] < 16 {
			t.Errorf("%d has %d holidays; the law names sixteen", year, years[year])
		}
	}
}
