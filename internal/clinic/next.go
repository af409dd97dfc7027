package clinic

import (
	"cmp"
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

// Nearest are n of the free times at most, in order of start, that come nearest to a time that is gone: two of its day, then on
// each day after it the one nearest to its hour, an hour apart at most, then whatever lies nearest. available are times in the order of start.
func Nearest(available []Availability, gone time.Time, n int, loc *time.Location, now time.Time) []NextTime {
	free := slices.DeleteFunc(slices.Clone(available), func(o Availability) bool { return o.Free == 0 || !o.StartsAt.After(now) })
	day, clock := DateOf(gone, loc), minuteOfDay(gone, loc)
	near := slices.Clone(free)
	slices.SortStableFunc(near, func(a, b Availability) int {
		return cmp.Compare(a.StartsAt.Sub(gone).Abs(), b.StartsAt.Sub(gone).Abs())
	})
	chosen := map[int64]bool{}
	for _, o := range near {
		if len(chosen) < min(2, n) && DateOf(o.StartsAt, loc) == day {
			chosen[o.StartsAt.Unix()] = true
		}
	}
	best := map[Date]Availability{}
	var days []Date
	apart := func(o Availability) int {
		return max(minuteOfDay(o.StartsAt, loc)-clock, clock-minuteOfDay(o.StartsAt, loc))
	}
	for _, o := range free {
		d := DateOf(o.StartsAt, loc)
		if !day.Before(d) || apart(o) > 60 {
			continue
		}
		had, ok := best[d]
		if !ok {
			days = append(days, d)
		}
		if !ok || apart(o) < apart(had) {
			best[d] = o
		}
	}
	for _, d := range days {
		if len(chosen) < n {
			chosen[best[d].StartsAt.Unix()] = true
		}
	}
	for _, o := range near {
		if len(chosen) < n {
			chosen[o.StartsAt.Unix()] = true
		}
	}
	var out []NextTime
	for _, o := range free {
		if chosen[o.StartsAt.Unix()] {
			out = append(out, NextTime{Availability: o})
		}
	}
	return out
}

// NearestSlots are n of the free slots at most that come nearest to one that is gone: one on its day, whoever the doctor is, then that of
// its doctor at the nearest hour on another day, then whatever lies nearest.
func NearestSlots(free []SlotWithState, gone Slot, n int, loc *time.Location) []SlotWithState {
	near := slices.DeleteFunc(slices.Clone(free), func(s SlotWithState) bool { return s.ID == gone.ID || s.State != SlotFree })
	slices.SortStableFunc(near, func(a, b SlotWithState) int {
		return cmp.Compare(a.StartsAt.Sub(gone.StartsAt).Abs(), b.StartsAt.Sub(gone.StartsAt).Abs())
	})
	var out []SlotWithState
	take := func(ok func(SlotWithState) bool) {
		for i, s := range near {
			if len(out) < n && ok(s) {
				out, near = append(out, s), slices.Delete(near, i, i+1)
				return
			}
		}
	}
	day := DateOf(gone.StartsAt, loc)
	take(func(s SlotWithState) bool { return DateOf(s.StartsAt, loc) == day })
	take(func(s SlotWithState) bool {
		return s.DoctorID == gone.DoctorID && minuteOfDay(s.StartsAt, loc) == minuteOfDay(gone.StartsAt, loc)
	})
	for len(out) < n && len(near) > 0 {
		take(func(SlotWithState) bool { return true })
	}
	return out
}
