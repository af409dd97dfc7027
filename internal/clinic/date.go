package clinic

import (
	"slices"
	"sort"
	"strings"
	"time"
)

// Date is a calendar day without a zone: a birth date, or a day of a branch.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day that an instant falls on in a zone.
func DateOf(t time.Time, loc *time.Location) Date {
	y, m, d := t.In(loc).Date()
	return Date{y, m, d}
}

// ParseDate reads an ISO 8601 day, YYYY-MM-DD. It reports false for anything else, impossible days included.
func ParseDate(s string) (Date, bool) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, false
	}
	return DateOf(t, time.UTC), true
}

// utc is the day's midnight in UTC, where every day has one and lasts 24 hours.
func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// String is the ISO 8601 day.
func (d Date) String() string { return d.utc().Format(time.DateOnly) }

// In is the first instant of the day in a zone: midnight, or the instant at which clocks show the day where summer time
// skips midnight.
func (d Date) In(loc *time.Location) time.Time { return d.at(0, loc) }

// maxOffset is farther than any zone has ever been from UTC (Manila: almost 16 hours).
const maxOffset = 16 * time.Hour

// at is the first instant at which clocks in a zone show a time of the day, given as the time since midnight, or a later
// one. time.Date does not do: of a time that clocks skip it may return one of the day before, and of a time that they show
// twice it may return the second.
func (d Date) at(clock time.Duration, loc *time.Location) time.Time {
	shown := d.utc().Add(clock)
	offset := func(t time.Time) time.Duration {
		_, seconds := t.In(loc).Zone()
		return time.Duration(seconds) * time.Second
	}
	before, after := offset(shown.Add(-maxOffset)), offset(shown.Add(maxOffset))
	first, second := shown.Add(-max(before, after)), shown.Add(-min(before, after))
	for _, t := range []time.Time{first, second} {
		if t.Add(offset(t)).Equal(shown) {
			return t.In(loc)
		}
	}
	// Clocks skip it, at the instant between the two at which their offset changes.
	skip := sort.Search(int(second.Sub(first)/time.Second), func(n int) bool {
		return offset(first.Add(time.Duration(n)*time.Second)) != before
	})
	return first.Add(time.Duration(skip) * time.Second).In(loc)
}

// AddDays moves the day by n days.
func (d Date) AddDays(n int) Date { return DateOf(d.utc().AddDate(0, 0, n), time.UTC) }

// addYears moves the day by n years. 29 February becomes 1 March of a common year.
func (d Date) addYears(n int) Date { return DateOf(d.utc().AddDate(n, 0, 0), time.UTC) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// Before orders days.
func (d Date) Before(o Date) bool { return d.utc().Before(o.utc()) }

// IsZero reports the zero Date, which is no day.
func (d Date) IsZero() bool { return d == Date{} }

// Dates is a set of days that can be compared with another: its ISO 8601 days in their order, with spaces between them.
type Dates string

// DatesOf is the set of some days.
func DatesOf(days ...Date) Dates {
	texts := make([]string, len(days))
	for i, d := range days {
		texts[i] = d.String()
	}
	slices.Sort(texts)
	return Dates(strings.Join(slices.Compact(texts), " "))
}

// Has reports whether a day is in the set.
func (ds Dates) Has(d Date) bool { return ds != "" && slices.Contains(ds.Texts(), d.String()) }

// Texts are the ISO 8601 days in their order.
func (ds Dates) Texts() []string { return strings.Fields(string(ds)) }
