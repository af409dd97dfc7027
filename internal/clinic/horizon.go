package clinic

// How far people may look and book, in days and years. Whatever takes a day asks these, so that a page, the API and the
// store refuse the same days, and a year 9999 reaches no query.
const (
	publicDays      = 84 // twelve weeks, today included
	staffYearsAhead = 2  // slots are laid for a season, a congress is known a year before
	staffYearsBack  = 10 // a clinic keeps its records for five years and may look at twice that
)

// Horizon is the days that somebody may look at, from the first to the last.
type Horizon struct{ First, Last Date }

// PublicHorizon is a visitor's: what can be booked begins on one of its days. today is the day at the branch.
func PublicHorizon(today Date) Horizon { return Horizon{today, today.AddDays(publicDays - 1)} }

// StaffHorizon is that of the people who work at the clinic, for looking and for opening slots.
func StaffHorizon(today Date) Horizon {
	return Horizon{today.addYears(-staffYearsBack), today.addYears(staffYearsAhead)}
}

// Horizon is what an actor may look at and take.
func (a Actor) Horizon(today Date) Horizon {
	switch a.Kind {
	case ActorStaff, ActorJob:
		return StaffHorizon(today)
	case ActorVisitor, ActorPatient, ActorAPI:
	}
	return PublicHorizon(today)
}

// Holds reports whether a day is one of the horizon's.
func (h Horizon) Holds(day Date) bool { return !day.Before(h.First) && !h.Last.Before(day) }

// Check refuses, at a field, a day that is not one of the horizon's.
func (h Horizon) Check(field string, day Date) *Error {
	if h.Holds(day) {
		return nil
	}
	return &Error{
		Code: Invalid, Field: field, Message: "error.date.range", Args: map[string]string{"First": h.First.String(), "Last": h.Last.String()},
	}
}
