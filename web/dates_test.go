package web_test

import (
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

func TestDates(t *testing.T) {
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	ja, en := web.Find("ja"), web.Find("en")
	start := time.Date(2026, time.November, 24, 5, 0, 0, 0, time.UTC)
	end := start.Add(time.Hour)
	midnight := time.Date(2026, time.November, 22, 15, 5, 0, 0, time.UTC) // already the 23rd in Tokyo
	holiday := clinic.Date{Year: 2026, Month: time.November, Day: 23}
	for _, tt := range []struct{ got, want string }{
		{ja.When(start, end, tokyo, ""), "2026年11月24日（火）14:00〜15:00"},
		{en.When(start, end, tokyo, ""), "Tue 24 November 2026, 14:00–15:00"},
		{ja.DayAndTime(midnight, tokyo, "勤労感謝の日"), "11月23日（月・祝）00:05"},
		{en.DayAndTime(midnight, tokyo, "Labor Thanksgiving Day"), "Mon 23 Nov (holiday), 00:05"},
		{ja.Day(holiday, "勤労感謝の日"), "2026年11月23日（月・祝）"},
		{ja.Day(holiday.AddDays(6), ""), "2026年11月29日（日）"},
		{en.ShortDay(holiday, ""), "Mon 23 Nov"},
		{ja.Days(holiday, holiday.AddDays(6)), "11月23日 – 29日"},
		{ja.Days(holiday.AddDays(7), holiday.AddDays(13)), "11月30日 – 12月6日"},
		{en.Days(holiday, holiday.AddDays(6)), "23 – 29 Nov"},
		{en.Days(holiday.AddDays(7), holiday.AddDays(13)), "30 Nov – 6 Dec"},
		{ja.ClockMinute(605), "10:05"},
		{ja.ClockMinute(0), "0:00"},
		{ja.Stamp(start, tokyo), "2026/11/24 14:00"},
		{ja.Weekday(time.Saturday), "土"},
		{en.Weekday(time.Saturday), "Sat"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
