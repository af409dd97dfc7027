package clinic

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Clock is a time of day as the clocks of a branch show it, in minutes since midnight: 0 to 1440, which is the day's end.
type Clock int

// dayEnd is the end of a day.
const dayEnd Clock = 24 * 60

// at is the first instant at which clocks in a zone show the time on a day.
func (c Clock) at(day Date, loc *time.Location) time.Time {
	if c >= dayEnd {
		return day.AddDays(1).In(loc)
	}
	return day.at(time.Duration(c)*time.Minute, loc)
}

// String is the time as it is typed: 09:30, or 24:00 for the day's end.
func (c Clock) String() string {
	return time.Unix(int64(c%dayEnd)*60, 0).UTC().Format("15:04")
}

// ParseClock reads a time of day as somebody typed it: 9:30, 0930, 9, ９：３０, or 24:00 for the day's end.
func ParseClock(typed string) (Clock, bool) {
	hour, minute, parted := strings.Cut(strings.TrimSpace(Narrow(typed)), ":")
	if !parted && len(hour) > 2 {
		hour, minute = hour[:len(hour)-2], hour[len(hour)-2:]
	} else if !parted {
		minute = "00"
	}
	h, err := strconv.ParseUint(hour, 10, 8)
	m, wrong := strconv.ParseUint(minute, 10, 8)
	if err != nil || wrong != nil || len(hour) > 2 || len(minute) != 2 || m > 59 || h*60+m > uint64(dayEnd) {
		return 0, false
	}
	return Clock(h*60 + m), true
}

// Pattern is how a span of time is divided into slots, and who may take them.
type Pattern struct {
	From, Until Clock
	Minutes     int // length of a slot
	Pause       int // minutes between two slots
	Room        string
	Audience    Audience
}

// Slots is how many slots the span is divided into on a day without a change of clocks.
func (p Pattern) Slots() int {
	if p.Minutes <= 0 || p.Pause < 0 || int(p.Until-p.From) < p.Minutes {
		return 0
	}
	return (int(p.Until-p.From)-p.Minutes)/(p.Minutes+p.Pause) + 1
}

// overlaps reports whether two spans of a day have a minute in common.
func (p Pattern) overlaps(o Pattern) bool { return p.From < o.Until && o.From < p.Until }

// OpeningHours (診療時間) is one span of a doctor's week at a branch, from which slots are laid. FHIR Schedule.
type OpeningHours struct {
	ID         string
	BranchID   string
	DoctorID   string
	Weekday    time.Weekday
	Pattern    Pattern
	ValidFrom  Date // the first day
	ValidUntil Date // the last day; zero where there is no end
}

// on reports whether the hours hold on a day.
func (h OpeningHours) on(day Date) bool {
	return h.Weekday == day.Weekday() && !day.Before(h.ValidFrom) && (h.ValidUntil.IsZero() || !h.ValidUntil.Before(day))
}

// overlaps reports whether two spans of a week meet on some day.
func (h OpeningHours) overlaps(o OpeningHours) bool {
	return h.Weekday == o.Weekday && h.Pattern.overlaps(o.Pattern) && startsBy(h.ValidFrom, o.ValidUntil) && startsBy(o.ValidFrom, h.ValidUntil)
}

// startsBy reports whether what begins on a day does so before something ends; a zero end never comes.
func startsBy(day, end Date) bool { return end.IsZero() || !end.Before(day) }

// DoctorWeek is what a doctor's week at a branch is from one day to another.
type DoctorWeek struct {
	BranchID, DoctorID string
	From               Date
	Until              Date           // the last day; zero where there is no end
	Spans              []OpeningHours // none where the doctor has no hours in that time
	Revision           int            // how often the doctor's hours at the branch were saved
}

// lastDay is the last day that can be written (ISO 8601, with a year of four digits). Some type it where there is no end.
var lastDay = Date{9999, time.December, 31}

// WeeksOf are the weeks of a doctor at a branch among all hours, in the order of their first days.
func WeeksOf(hours []OpeningHours, branchID, doctorID string) (weeks []DoctorWeek) {
	for _, h := range hours {
		if h.BranchID != branchID || h.DoctorID != doctorID {
			continue
		}
		i := slices.IndexFunc(weeks, func(w DoctorWeek) bool { return w.From == h.ValidFrom && w.Until == h.ValidUntil })
		if i < 0 {
			i = len(weeks)
			weeks = append(weeks, DoctorWeek{BranchID: branchID, DoctorID: doctorID, From: h.ValidFrom, Until: h.ValidUntil})
		}
		weeks[i].Spans = append(weeks[i].Spans, h)
	}
	slices.SortFunc(weeks, func(a, b DoctorWeek) int { return strings.Compare(a.From.String(), b.From.String()) })
	return weeks
}

// Slots is how many slots the week has.
func (w DoctorWeek) Slots() (n int) {
	for _, h := range w.Spans {
		n += h.Pattern.Slots()
	}
	return n
}

// Among are all hours once the week holds. What the doctor had at the branch before its first day stays as it was, and what they had
// after its last day holds again from then on. Hours that are cut in two get an id for the second part.
func (w DoctorWeek) Among(hours []OpeningHours) (out []OpeningHours) {
	for _, h := range hours {
		if h.BranchID != w.BranchID || h.DoctorID != w.DoctorID || !startsBy(h.ValidFrom, w.Until) || !startsBy(w.From, h.ValidUntil) {
			out = append(out, h)
			continue
		}
		before := h.ValidFrom.Before(w.From)
		if before {
			kept := h
			kept.ValidUntil = w.From.AddDays(-1)
			out = append(out, kept)
		}
		if !w.Until.IsZero() && w.Until.Before(lastDay) && (h.ValidUntil.IsZero() || w.Until.Before(h.ValidUntil)) {
			after := h
			after.ValidFrom = w.Until.AddDays(1)
			if before {
				after.ID = NewID()
			}
			out = append(out, after)
		}
	}
	return append(out, w.Spans...)
}

// met is the refusal of hours that meet others. Its arguments hold the ids of the doctor and the branch and the number of the
// weekday, of which the page makes words.
func met(field, message string, o OpeningHours) *Error {
	return &Error{Code: Invalid, Field: field, Message: message, Args: map[string]string{
		"Doctor": o.DoctorID, "Branch": o.BranchID, "Weekday": strconv.Itoa(int(o.Weekday)), "From": o.Pattern.From.String(), "Until": o.Pattern.end(), "Room": o.Pattern.Room,
	}}
}

// CheckHours names the spans of a week, by the keys of their fields, that meet other hours: those of the doctor at another branch, or
// those of another doctor in the same room of the branch.
func CheckHours(w DoctorWeek, keys []string, others []OpeningHours) (errs Errors) {
	for i, h := range w.Spans {
		key := ""
		if i < len(keys) {
			key = keys[i]
		}
		for _, o := range others {
			elsewhere := o.DoctorID == h.DoctorID && o.BranchID != h.BranchID
			sameRoom := o.DoctorID != h.DoctorID && o.BranchID == h.BranchID && o.Pattern.Room != "" && o.Pattern.Room == h.Pattern.Room
			if !elsewhere && !sameRoom || !h.overlaps(o) {
				continue
			}
			if elsewhere {
				errs = append(errs, met("from-"+key, "error.hours.elsewhere", o))
			} else {
				errs = append(errs, met("room-"+key, "error.hours.room", o))
			}
			break
		}
	}
	return errs
}

// HolidayRule is what a branch decides about public holidays.
type HolidayRule struct {
	Open   bool  // it is open on them; closed otherwise
	Differ Dates // the holidays on which it is the other way round
}

// Closed reports whether the branch is closed on a day because it is a holiday.
func (r HolidayRule) Closed(day Date, holiday bool) bool {
	return holiday && r.Open == r.Differ.Has(day)
}
