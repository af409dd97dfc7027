package web

import (
	"strconv"
	"time"

	"madoguchi/internal/clinic"
)

// Dates are built by hand: a grid has hundreds of them, and neither the standard library nor x/text knows the Japanese
// names of days. holiday is the name of the holiday that the day is, empty for none.

var (
	weekdaysJA = [...]string{"日", "月", "火", "水", "木", "金", "土"}
	weekdaysEN = [...]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}
)

// When is the time of a counseling: 2026年11月24日（火）14:00〜15:00, or Tue 24 November 2026, 14:00–15:00.
func (l Locale) When(start, end time.Time, loc *time.Location, holiday string) string {
	return l.DayThen(clinic.DateOf(start, loc), holiday) + l.Hours(start, end, loc)
}

// DayThen is the first part of When: a whole date that something follows, with a comma in English.
func (l Locale) DayThen(d clinic.Date, holiday string) string {
	if l.Lang() == "en" {
		return l.Day(d, holiday) + ", "
	}
	return l.Day(d, holiday)
}

// Hours is the second part of When: 14:00〜15:00, or 14:00–15:00.
func (l Locale) Hours(start, end time.Time, loc *time.Location) string {
	if l.Lang() == "en" {
		return l.Clock(start, loc) + "–" + l.Clock(end, loc)
	}
	return l.Clock(start, loc) + "〜" + l.Clock(end, loc)
}

// DayAndTime is when a counseling begins, without the year: 11月24日（火）14:00.
func (l Locale) DayAndTime(start time.Time, loc *time.Location, holiday string) string {
	day := l.ShortDay(clinic.DateOf(start, loc), holiday)
	if l.Lang() == "en" {
		return day + ", " + l.Clock(start, loc)
	}
	return day + l.Clock(start, loc)
}

// Day is a whole date: 2026年11月23日（月・祝）, or Mon 23 November 2026 (holiday).
func (l Locale) Day(d clinic.Date, holiday string) string {
	if l.Lang() == "en" {
		text := l.Weekday(d.Weekday()) + " " + strconv.Itoa(d.Day) + " " + d.Month.String() + " " + strconv.Itoa(d.Year)
		return text + englishHoliday(holiday)
	}
	return strconv.Itoa(d.Year) + "年" + l.ShortDay(d, holiday)
}

// ShortDay is a date without its year: 11月23日（月・祝）, or Mon 23 Nov (holiday).
func (l Locale) ShortDay(d clinic.Date, holiday string) string {
	weekday := l.Weekday(d.Weekday())
	if l.Lang() == "en" {
		return weekday + " " + strconv.Itoa(d.Day) + " " + d.Month.String()[:3] + englishHoliday(holiday)
	}
	if holiday != "" {
		weekday += "・祝"
	}
	return strconv.Itoa(int(d.Month)) + "月" + strconv.Itoa(d.Day) + "日（" + weekday + "）"
}

func englishHoliday(holiday string) string {
	if holiday == "" {
		return ""
	}
	return " (holiday)"
}

// DaysOfYear is Days with the year: 2026年11月23日 – 29日, or 23 – 29 Nov 2026.
func (l Locale) DaysOfYear(first, last clinic.Date) string {
	if l.Lang() == "en" {
		return l.Days(first, last) + " " + strconv.Itoa(last.Year)
	}
	return strconv.Itoa(first.Year) + "年" + l.Days(first, last)
}

// Month is a month: 2026年11月, or November 2026.
func (l Locale) Month(d clinic.Date) string {
	if l.Lang() == "en" {
		return d.Month.String() + " " + strconv.Itoa(d.Year)
	}
	return strconv.Itoa(d.Year) + "年" + strconv.Itoa(int(d.Month)) + "月"
}

// MonthName is a month without its year: 11月, or Nov.
func (l Locale) MonthName(d clinic.Date) string {
	if l.Lang() == "en" {
		return d.Month.String()[:3]
	}
	return strconv.Itoa(int(d.Month)) + "月"
}

// Birth is a birth date as the front desk reads it back to a caller: 2009年4月3日（平成21年）生まれ, or born 3 April 2009.
func (l Locale) Birth(d clinic.Date) string {
	if l.Lang() == "en" {
		return "born " + strconv.Itoa(d.Day) + " " + d.Month.String() + " " + strconv.Itoa(d.Year)
	}
	date := strconv.Itoa(d.Year) + "年" + strconv.Itoa(int(d.Month)) + "月" + strconv.Itoa(d.Day) + "日"
	if era := d.Era(); era != "" {
		date += "（" + era + "）"
	}
	return date + "生まれ"
}

// Weekday is the short name of a day of the week: 火, or Tue.
func (l Locale) Weekday(day time.Weekday) string {
	if l.Lang() == "en" {
		return weekdaysEN[day]
	}
	return weekdaysJA[day]
}

// Clock is a time of day: 14:00, the same in both languages.
func (l Locale) Clock(t time.Time, loc *time.Location) string { return t.In(loc).Format("15:04") }

// ClockMinute is a time of day given as minutes since midnight.
func (l Locale) ClockMinute(minute int) string {
	return strconv.Itoa(minute/60) + ":" + strconv.Itoa(minute%60/10) + strconv.Itoa(minute%10)
}

// Stamp is an instant for tables: 2026/11/21 23:02.
func (l Locale) Stamp(t time.Time, loc *time.Location) string {
	return t.In(loc).Format("2006/01/02 15:04")
}

// Days is a run of days within a year: 11月23日 – 29日, or 23 – 29 Nov.
func (l Locale) Days(first, last clinic.Date) string {
	if l.Lang() == "en" {
		from := strconv.Itoa(first.Day)
		if first.Month != last.Month {
			from += " " + first.Month.String()[:3]
		}
		return from + " – " + strconv.Itoa(last.Day) + " " + last.Month.String()[:3]
	}
	until := strconv.Itoa(last.Day) + "日"
	if first.Month != last.Month {
		until = strconv.Itoa(int(last.Month)) + "月" + until
	}
	return strconv.Itoa(int(first.Month)) + "月" + strconv.Itoa(first.Day) + "日 – " + until
}
