package clinic

import (
	"cmp"
	"slices"
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

// Pattern is how a span of time is divided into slots, and who may take them.
type Pattern struct {
	From, Until Clock
	Minutes     int // length of a slot
	Pause       int // minutes between two slots
	Room        string
	Audience    Audience
}

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
	ID       string
	BranchID string
	DoctorID string // "" for the whole branch, which is only ever closed
	Kind     ExceptionKind
	First    Date // of the days
	Last     Date
	Nth      int          // of a series: the Nth Weekday of each month, 1 to 5, or -1 for the last; 0 for every day
	Weekday  time.Weekday // of a series
	Pattern  Pattern      // From and Until are the span of each day; the rest counts for extra hours
	Reason   string
}

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
	case e.Nth < 0:
		return day.AddDays(7).Month != day.Month
	}
	return (day.Day-1)/7+1 == e.Nth
}

// KnownSlot is a slot that is there when slots are laid.
type KnownSlot struct {
	Slot
	Taken        bool // booked, or kept for somebody
	ClosedByHand bool // by staff; a closed slot that is not was closed because the hours changed
}

// Laying is what the opening hours ask for, compared with what there is.
type Laying struct {
	Add    []Slot      // appear; they have no id yet
	Close  []KnownSlot // disappear, because nothing wants them any more
	Keep   []KnownSlot // stay as they are
	Person []KnownSlot // are taken and no longer wanted: a person decides, nothing moves by itself
}

// Lay decides which slots of a branch appear and disappear on the days of a horizon. It is the one rule for that, of the preview as
// well as of the job. Slots that were made by hand, and such as have begun, are left alone. What staff closed by hand stays closed,
// also when the hours divide that time in another way. A slot that is taken is neither moved nor closed, and nothing is laid over a
// slot that stays. Laying twice changes nothing.
func Lay(days Horizon, hours []OpeningHours, exceptions []Exception, closed func(Date) bool, known []KnownSlot, loc *time.Location, now time.Time) Laying {
	wanted := map[slotKey]Slot{}
	var order []slotKey
	for day := days.First; days.Holds(day); day = day.AddDays(1) {
		for _, s := range slotsOf(day, hours, exceptions, closed(day), loc) {
			if key := keyOf(s); s.StartsAt.After(now) {
				if _, twice := wanted[key]; !twice {
					wanted[key] = s
					order = append(order, key)
				}
			}
		}
	}
	var out Laying
	var stay, shut []Slot
	first, end := days.First.In(loc), days.Last.AddDays(1).In(loc)
	for _, k := range known {
		key := keyOf(k.Slot)
		want, isWanted := wanted[key]
		ours := k.Origin == FromHours && k.StartsAt.After(now) && !k.StartsAt.Before(first) && k.StartsAt.Before(end)
		switch {
		case k.ClosedAt != nil:
			if k.ClosedByHand {
				shut = append(shut, k.Slot)
			}
			continue
		case !ours:
		case isWanted && want.Room == k.Room && want.Audience == k.Audience:
			out.Keep = append(out.Keep, k)
			delete(wanted, key)
		case k.Taken:
			out.Person = append(out.Person, k)
		default:
			out.Close = append(out.Close, k)
			continue
		}
		stay = append(stay, k.Slot)
	}
	for _, key := range order {
		s, ok := wanted[key]
		if ok && !slices.ContainsFunc(stay, s.collides) && !slices.ContainsFunc(shut, func(o Slot) bool { return o.DoctorID == s.DoctorID && o.overlaps(s) }) {
			out.Add = append(out.Add, s)
			stay = append(stay, s)
		}
	}
	return out
}

// slotKey tells slots of the hours apart: a doctor has one at a time.
type slotKey struct {
	doctor       string
	starts, ends int64
}

func keyOf(s Slot) slotKey { return slotKey{s.DoctorID, s.StartsAt.Unix(), s.EndsAt.Unix()} }

// overlaps reports whether two slots have an instant in common.
func (s Slot) overlaps(o Slot) bool {
	return s.StartsAt.Before(o.EndsAt) && o.StartsAt.Before(s.EndsAt)
}

// collides reports whether two slots cannot both be open: they overlap, and are of one doctor or in one room of one branch.
func (s Slot) collides(o Slot) bool {
	return s.overlaps(o) && (s.DoctorID == o.DoctorID || s.BranchID == o.BranchID && s.Room != "" && s.Room == o.Room)
}

// slotsOf are the slots that hours and exceptions make on a day, in order of start. Extra hours are worked on holidays and closed days
// as well, because somebody asked for them by name.
func slotsOf(day Date, hours []OpeningHours, exceptions []Exception, closed bool, loc *time.Location) []Slot {
	var slots []Slot
	if !closed {
		for _, h := range hours {
			if h.on(day) {
				slots = append(slots, h.Pattern.slots(h.BranchID, h.DoctorID, day, loc)...)
			}
		}
	}
	slots = slices.DeleteFunc(slots, func(s Slot) bool {
		return slices.ContainsFunc(exceptions, func(e Exception) bool { return e.takes(s, day, loc) })
	})
	for _, e := range exceptions {
		if e.Kind == ExtraHours && e.on(day) {
			slots = append(slots, e.Pattern.slots(e.BranchID, e.DoctorID, day, loc)...)
		}
	}
	slices.SortStableFunc(slots, func(a, b Slot) int {
		return cmp.Or(a.StartsAt.Compare(b.StartsAt), cmp.Compare(a.DoctorID, b.DoctorID))
	})
	return slots
}

// takes reports whether an exception takes a slot of the hours away: it reaches into the time that is closed.
func (e Exception) takes(s Slot, day Date, loc *time.Location) bool {
	if e.Kind == ExtraHours || !e.on(day) || e.BranchID != s.BranchID || e.DoctorID != "" && e.DoctorID != s.DoctorID {
		return false
	}
	return s.StartsAt.Before(e.Pattern.Until.at(day, loc)) && s.EndsAt.After(e.Pattern.From.at(day, loc))
}

// slots divides the span on a day. Where clocks change within it, a slot keeps its length and the span ends when clocks show its end.
func (p Pattern) slots(branchID, doctorID string, day Date, loc *time.Location) (slots []Slot) {
	if p.Minutes <= 0 || p.Pause < 0 {
		return nil
	}
	length, step := time.Duration(p.Minutes)*time.Minute, time.Duration(p.Minutes+p.Pause)*time.Minute
	until := p.Until.at(day, loc)
	for start := p.From.at(day, loc); !start.Add(length).After(until); start = start.Add(step) {
		slots = append(slots, Slot{
			BranchID: branchID, DoctorID: doctorID, StartsAt: start.UTC(), EndsAt: start.Add(length).UTC(),
			Origin: FromHours, Audience: p.Audience, Room: p.Room,
		})
	}
	return slots
}
