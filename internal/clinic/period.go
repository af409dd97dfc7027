package clinic

import "time"

// Period is the days over which is counted, from the first to the last.
type Period struct{ First, Last Date }

// MaxPeriodDays is the longest period that is counted: a year, and the week around it.
const MaxPeriodDays = 53 * 7

// LastWeeks is the period of some weeks, each from Monday. The last of them is that of a day, and ends with it.
func LastWeeks(today Date, weeks int) Period {
	return Period{mondayOf(today).AddDays(-7 * (weeks - 1)), today}
}

func mondayOf(d Date) Date { return d.AddDays(-(int(d.Weekday()) + 6) % 7) }

// daysFrom is how many days lie between an earlier day and this one; negative for a later one.
func (d Date) daysFrom(earlier Date) int { return int(d.utc().Sub(earlier.utc()) / (24 * time.Hour)) }

// Days is how many days the period has.
func (p Period) Days() int { return p.Last.daysFrom(p.First) + 1 }

// weeks is how many weeks, each from Monday, have a day in the period.
func (p Period) weeks() int { return mondayOf(p.Last).daysFrom(mondayOf(p.First))/7 + 1 }

// Before is the period that this one is compared with. It has as many days and begins on the same day of the week, so that a week that
// is not over is compared with as much of an earlier one.
func (p Period) Before() Period {
	back := (p.Days() + 6) / 7 * 7
	return Period{p.First.AddDays(-back), p.Last.AddDays(-back)}
}

// Check refuses a period that ends before it begins, that is too long, or that lies where staff do not look.
func (p Period) Check(today Date) *Error {
	horizon := StaffHorizon(today)
	if err := horizon.Check("first", p.First); err != nil {
		return err
	}
	if err := horizon.Check("last", p.Last); err != nil {
		return err
	}
	switch {
	case p.Last.Before(p.First):
		return invalid("last", "error.days.order")
	case p.Days() > MaxPeriodDays:
		return invalid("last", "error.days.year")
	}
	return nil
}
