package clinic

import "time"

// Deadline is until when something can be done before a counseling: some hours before it begins, or at a time of day some days
// before. The zero Deadline is the beginning itself.
type Deadline struct {
	Hours int   // before the beginning; counts where Days is 0
	Days  int   // before the day of the counseling, at At
	At    Clock // as the clocks of the branch show it
}

// The longest deadlines.
const (
	MaxDeadlineHours = 14 * 24
	MaxDeadlineDays  = 14
)

// Of is the instant of the deadline for a counseling that begins at an instant.
func (d Deadline) Of(start time.Time, loc *time.Location) time.Time {
	if d.Days > 0 {
		return d.At.at(DateOf(start, loc).AddDays(-d.Days), loc)
	}
	return start.Add(-time.Duration(d.Hours) * time.Hour)
}

// After is the instant after which a counseling must begin for its deadline to be still ahead. It turns the question around, so that
// the database can answer it.
func (d Deadline) After(now time.Time, loc *time.Location) time.Time {
	if d.Days == 0 {
		return now.Add(time.Duration(d.Hours) * time.Hour)
	}
	day := DateOf(now, loc)
	if !now.Before(d.At.at(day, loc)) {
		day = day.AddDays(1)
	}
	return day.AddDays(d.Days).In(loc).Add(-time.Second) // a counseling may begin with its day
}

// checkDeadline names the field of a deadline that is wrong. A form has its fields under a name: closes_hours, closes_days.
func checkDeadline(errs Errors, name string, d Deadline) Errors {
	if d.Hours < 0 || d.Hours > MaxDeadlineHours {
		errs = append(errs, invalid(name+"_hours", "error.deadline.hours"))
	}
	if d.Days < 0 || d.Days > MaxDeadlineDays {
		errs = append(errs, invalid(name+"_days", "error.deadline.days"))
	}
	if d.At < 0 || d.At > dayEnd {
		errs = append(errs, invalid(name+"_at", "error.clock"))
	}
	return errs
}
