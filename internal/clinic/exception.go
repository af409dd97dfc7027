package clinic

import (
	"slices"
	"strconv"
	"time"
)

// ExceptionKind says how a day differs from the opening hours.
type ExceptionKind string

// The kinds of exceptions.
const (
	ClinicClosed ExceptionKind = "closed" // 休診: nobody works at the branch
	DoctorAway   ExceptionKind = "away"   // 不在: a doctor does not
	ExtraHours   ExceptionKind = "extra"  // 臨時: a doctor works besides
)

// Exception (例外) is a day, or a series of days, on which a branch or a doctor does not keep to the opening hours.
type Exception struct {
	ID        string
	BranchID  string
	DoctorID  string // "" for the whole branch, which is only ever closed
	Kind      ExceptionKind
	First     Date // of the days
	Last      Date
	Nth       int          // of a series: the Nth Weekday of each month, 1 to 5, or -1 for the last; 0 for every day
	Weekday   time.Weekday // of a series
	Pattern   Pattern      // From and Until are the span of each day; the rest counts for extra hours
	Reason    string
	CreatedAt time.Time
}

// Same reports whether two exceptions say the same of the same people, whoever made them and when.
func (e Exception) Same(other Exception) bool {
	e.ID, e.CreatedAt = other.ID, other.CreatedAt
	return e == other
}

// lastOfMonth is the Nth of a series that is the last weekday of each month.
const lastOfMonth = -1

// on reports whether a day is one of the exception's.
func (e Exception) on(day Date) bool {
	if day.Before(e.First) || e.Last.Before(day) {
		return false
	}
	switch {
	case e.Nth == 0:
		return true
	case day.Weekday() != e.Weekday:
		return false
	case e.Nth == lastOfMonth:
		return day.AddDays(7).Month != day.Month
	}
	return (day.Day-1)/7+1 == e.Nth
}

// Next is the first day of the exception from a day on.
func (e Exception) Next(from Date) (Date, bool) {
	if from.Before(e.First) {
		from = e.First
	}
	for day := from; !e.Last.Before(day); day = day.AddDays(1) {
		if e.on(day) {
			return day, true
		}
	}
	return Date{}, false
}

// WholeDay reports whether the exception lasts from midnight to midnight.
func (e Exception) WholeDay() bool { return e.Pattern.From == 0 && e.Pattern.Until == dayEnd }

// Takes reports whether an exception takes a slot of the hours away: it reaches into the time that is closed.
func (e Exception) Takes(s Slot, loc *time.Location) bool {
	return e.takes(s, DateOf(s.StartsAt, loc), loc)
}

func (e Exception) takes(s Slot, day Date, loc *time.Location) bool {
	if e.Kind == ExtraHours || !e.on(day) || e.BranchID != s.BranchID || e.DoctorID != "" && e.DoctorID != s.DoctorID {
		return false
	}
	return s.StartsAt.Before(e.Pattern.Until.at(day, loc)) && s.EndsAt.After(e.Pattern.From.at(day, loc))
}

// TypedException is an exception as somebody typed it.
type TypedException struct {
	TypedPattern // both times empty for the whole day

	Kind, Doctor string // Doctor empty for the whole branch
	First, Last  string // an empty Last for one day, or for a series without an end
	Nth, Weekday string // Nth empty for every day
	Reason       string
}

// seriesEnd is until when a series goes on for which no end was typed: as far as staff may look.
func seriesEnd(today Date) Date { return StaffHorizon(today).Last }

// Read reads the exception of a branch, and names every field that is wrong.
func (t TypedException) Read(branchID string, today Date) (Exception, Errors) {
	e := Exception{BranchID: branchID, DoctorID: t.Doctor, Kind: ExceptionKind(t.Kind), Reason: Tidy(t.Reason)}
	var errs Errors
	switch {
	case !slices.Contains([]ExceptionKind{ClinicClosed, DoctorAway, ExtraHours}, e.Kind):
		errs = append(errs, invalid("kind", "error.choose"))
	case e.Kind == ClinicClosed:
		e.DoctorID = ""
	case e.DoctorID == "":
		errs = append(errs, invalid("who", "error.choose"))
	}
	var wrong Errors
	e.First, e.Last, wrong = readDays(t.First, t.Last, "first", "last", today)
	errs = append(errs, wrong...)
	if t.Nth != "" {
		var err error
		if e.Nth, err = strconv.Atoi(t.Nth); err != nil || e.Nth != lastOfMonth && (e.Nth < 1 || e.Nth > 5) {
			errs = append(errs, invalid("nth", "error.choose"))
		}
		day, ok := TypedSpan{Weekday: t.Weekday}.day()
		if e.Weekday = day; !ok {
			errs = append(errs, invalid("weekday", "error.choose"))
		}
	}
	if e.Last.IsZero() {
		if e.Last = e.First; e.Nth != 0 {
			e.Last = seriesEnd(today)
		}
	}
	if e.Last.Before(today) && len(wrong) == 0 {
		errs = append(errs, invalid("first", "error.hours.past"))
	}
	typed := t.TypedPattern
	if e.Kind != ExtraHours {
		if typed.From == "" && typed.Until == "" {
			typed.From, typed.Until = "0:00", "24:00"
		}
		typed.Minutes, typed.Pause, typed.Room, typed.Audience = strconv.Itoa(MinSlotMinutes), "", "", ""
	}
	e.Pattern, wrong = typed.Read("")
	errs = append(errs, wrong...)
	if e.Kind != ExtraHours {
		e.Pattern.Minutes = 0
	}
	errs = checkLine(errs, "reason", e.Reason, false, MaxReason)
	if len(errs) == 0 {
		if _, ever := e.Next(today); !ever {
			errs = append(errs, invalid("first", "error.hours.never"))
		}
	}
	return e, errs
}

// YearEnd is the closure over the turn of the year that Japanese clinics have, from 29 December to 3 January, of the year that a day is
// in or, in its first days, of the one before.
func YearEnd(branchID string, today Date) Exception {
	year := today.Year
	if today.Before(Date{year, time.January, 4}) {
		year--
	}
	return Exception{
		BranchID: branchID, Kind: ClinicClosed, First: Date{year, time.December, 29}, Last: Date{year + 1, time.January, 3}, Pattern: Pattern{Until: dayEnd, Audience: Public},
	}
}

// HasYearEnd reports whether a branch is closed on New Year's Day already.
func HasYearEnd(exceptions []Exception, today Date) bool {
	newYear := YearEnd("", today).Last.AddDays(-2)
	return slices.ContainsFunc(exceptions, func(e Exception) bool { return e.Kind == ClinicClosed && e.WholeDay() && e.on(newYear) })
}
