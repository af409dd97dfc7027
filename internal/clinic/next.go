package clinic

import (
	"slices"
	"time"
)

// EveningHour is the hour from which people who work can come on a working day.
const EveningHour = 17

// NextTime is a free time that a visitor is offered before they have looked at the calendar.
type NextTime struct {
	Availability
	Earliest bool // no other is earlier
	Evening  bool // begins at EveningHour or later
	Saturday bool
}

// NextTimes picks the times that most people ask for: the earliest, the next in the evening and the next on a Saturday, filled
// up to n with those that come next. available are times in the order of start, the result keeps it. It is complete when no
// later time would change the choice.
func NextTimes(available []Availability, n int, loc *time.Location, now time.Time) (picked []NextTime, complete bool) {
	var evening, saturday bool
	var others []NextTime
	for _, a := range available {
		if !a.Mark(now).Bookable() {
			continue
		}
		local := a.StartsAt.In(loc)
		t := NextTime{
			Availability: a, Earliest: len(picked) == 0,
			Evening: local.Hour() >= EveningHour, Saturday: local.Weekday() == time.Saturday,
		}
		if t.Earliest || t.Evening && !evening || t.Saturday && !saturday {
			picked = append(picked, t)
			evening, saturday = evening || t.Evening, saturday || t.Saturday
		} else if len(others) < n {
			others = append(others, t)
		}
		if evening && saturday && len(picked)+len(others) >= n {
			complete = true
			break
		}
	}
	picked = append(picked, others[:max(0, min(len(others), n-len(picked)))]...)
	slices.SortFunc(picked, func(a, b NextTime) int { return a.StartsAt.Compare(b.StartsAt) })
	return picked, complete
}
