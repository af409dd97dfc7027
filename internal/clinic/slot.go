package clinic

import (
	"strconv"
	"strings"
	"time"
)

// Origin says what made a slot.
type Origin string

// The origins of slots.
const (
	FromHours Origin = "hours"  // laid from the doctor's opening hours
	ByHand    Origin = "manual" // opened by an administrator
	ByPhone   Origin = "phone"  // made for a telephone booking outside the hours
)

// Audience says who may take a slot.
type Audience string

// The audiences of slots.
const (
	Public    Audience = "public" // patients, and staff for them
	StaffOnly Audience = "staff"  // 院内のみ: staff only
)

// TidyRoom is the name of a room as it is kept: of 第１ and 第1 one is the other, so that nobody is in the same room twice.
func TidyRoom(s string) string { return Tidy(Narrow(s)) }

// Slot (枠) is one doctor's time at one branch. FHIR Slot. A doctor's open slots never overlap, nor do those of a room; the
// database refuses it. A slot is never deleted but closed, and one that is booked or held cannot be closed.
type Slot struct {
	ID        string
	BranchID  string
	DoctorID  string
	StartsAt  time.Time // UTC
	EndsAt    time.Time // UTC, after StartsAt
	Origin    Origin
	Audience  Audience
	Room      string     // the counseling room at the branch; "" where rooms do not matter
	ClosedAt  *time.Time // nil while it is open
	CreatedAt time.Time
}

// OfferedTo reports whether an actor may take the slot while it is free.
func (s Slot) OfferedTo(a Actor) bool {
	return s.ClosedAt == nil && (s.Audience != StaffOnly || a.Kind == ActorStaff || a.Kind == ActorJob)
}

// SlotState says what a slot looks like to a visitor.
type SlotState string

// The states of a slot. FHIR SlotStatus words.
const (
	SlotFree SlotState = "free"
	SlotHeld SlotState = "busy-tentative" // kept for somebody for a few minutes
	SlotBusy SlotState = "busy"
)

// SlotWithState is a slot with its state and the doctor it belongs to, as a calendar needs it.
type SlotWithState struct {
	Slot
	State SlotState
}

// DeskState says what a slot looks like to the front desk.
type DeskState string

// What a slot looks like to the front desk: where the booking that has it stands, or who may take it.
const (
	DeskPending    DeskState = "pending"
	DeskBooked     DeskState = "booked"
	DeskArrived    DeskState = "arrived"
	DeskInProgress DeskState = "in-progress"
	DeskFulfilled  DeskState = "fulfilled"
	DeskNoShow     DeskState = "noshow"
	DeskFree       DeskState = "free"
	DeskStaffOnly  DeskState = "staff"
	DeskHeld       DeskState = "held"
	DeskUnused     DeskState = "unused" // it has begun and nobody took it
	DeskClosed     DeskState = "closed"
)

// DeskStates are those that need an explanation, in the order in which they are explained.
var DeskStates = []DeskState{DeskBooked, DeskPending, DeskArrived, DeskInProgress, DeskFulfilled, DeskNoShow, DeskFree, DeskStaffOnly, DeskHeld, DeskClosed}

// DeskState is what the slot looks like to the front desk. status is that of the live booking that has it, "" where none has.
func (s SlotWithState) DeskState(status Status, now time.Time) DeskState {
	switch {
	case status != "":
		return DeskState(status)
	case s.ClosedAt != nil:
		return DeskClosed
	case s.State == SlotHeld:
		return DeskHeld
	case !s.StartsAt.After(now):
		return DeskUnused
	case s.Audience == StaffOnly:
		return DeskStaffOnly
	}
	return DeskFree
}

// CheckBookable refuses a slot that was closed, one that has begun, because nobody can be received in the past, one at a branch that takes no bookings
// online for the time being, one whose deadline for booking online has passed, and one that lies beyond what the actor may look at at its branch.
func (s Slot) CheckBookable(at Branch, actor Actor, now time.Time) error {
	loc := at.Location()
	switch {
	case s.ClosedAt != nil:
		return UnknownSlotError()
	case !s.StartsAt.After(now):
		return &Error{Code: SlotPast, Field: "slot_id", Message: "error.slot.past"}
	case at.Settings.Stopped && actor.Limited():
		return StoppedError()
	case !s.StartsAt.After(at.Opens(actor, now)):
		return &Error{Code: SlotPast, Field: "slot_id", Message: "error.slot.deadline"}
	case !at.Horizon(actor, now).Holds(DateOf(s.StartsAt, loc)):
		return &Error{Code: SlotEarly, Field: "slot_id", Message: "error.slot.early"}
	}
	return nil
}

// DaySlots is an administrator's wish to open a day: slots of Minutes each from From until Until, as they typed it. An
// empty Until asks for one single slot.
type DaySlots struct {
	Date, From, Until, Minutes string // 2026-11-24, 10:00, 18:00, 60
	BreakFrom, BreakUntil      string // both empty for no break
}

// MaxDaySlots keeps one form from opening thousands of slots by a slip.
const MaxDaySlots = 48

// Slots lays out the slots of a day in the branch's zone; no slot reaches into the break or past Until. The slots have
// no ids yet. Times are wall-clock times: on a day when summer time begins or ends, a slot keeps its length in minutes, a
// time that clocks skip is refused, and of one that they show twice the first is meant.
func (d DaySlots) Slots(branch Branch, doctorID string, now time.Time) ([]Slot, Errors) {
	var errs Errors
	loc := branch.Location()
	date, ok := ParseDate(strings.TrimSpace(Narrow(d.Date)))
	if !ok {
		errs = append(errs, invalid("date", "error.date"))
	} else if err := StaffHorizon(DateOf(now, loc)).Check("date", date); err != nil {
		errs = append(errs, err)
	}
	clock := func(field, s string) time.Time {
		typed, err := time.Parse("15:04", strings.TrimSpace(Narrow(s)))
		if err != nil {
			errs = append(errs, invalid(field, "error.clock"))
			return time.Time{}
		}
		t := date.at(time.Duration(typed.Hour())*time.Hour+time.Duration(typed.Minute())*time.Minute, loc)
		if ok && (DateOf(t, loc) != date || t.Hour() != typed.Hour() || t.Minute() != typed.Minute()) {
			errs = append(errs, invalid(field, "error.clock.skipped"))
		}
		return t
	}
	from := clock("from", d.From)
	var until time.Time
	single := strings.TrimSpace(d.Until) == ""
	if !single {
		until = clock("until", d.Until)
	}
	var breakFrom, breakUntil time.Time
	if d.BreakFrom != "" || d.BreakUntil != "" {
		breakFrom, breakUntil = clock("break_from", d.BreakFrom), clock("break_until", d.BreakUntil)
	}
	minutes, err := strconv.Atoi(strings.TrimSpace(Narrow(d.Minutes)))
	if err != nil || minutes < 10 || minutes > 240 {
		errs = append(errs, invalid("minutes", "error.minutes"))
	}
	if len(errs) > 0 {
		return nil, errs
	}
	if single {
		until = from.Add(time.Duration(minutes) * time.Minute)
	}
	switch {
	case !until.After(from):
		errs = append(errs, invalid("until", "error.slot.order"))
	case breakUntil.Before(breakFrom):
		errs = append(errs, invalid("break_until", "error.slot.order"))
	case !from.After(now):
		errs = append(errs, invalid("date", "error.slot.past"))
	}
	if len(errs) > 0 {
		return nil, errs
	}
	var slots []Slot
	length := time.Duration(minutes) * time.Minute
	for start := from; !start.Add(length).After(until); start = start.Add(length) {
		if end := start.Add(length); start.Before(breakUntil) && end.After(breakFrom) {
			start = breakUntil.Add(-length) // the loop's step brings it to the end of the break
			continue
		}
		slots = append(slots, Slot{BranchID: branch.ID, DoctorID: doctorID, StartsAt: start.UTC(), EndsAt: start.Add(length).UTC()})
		if len(slots) > MaxDaySlots {
			return nil, Errors{invalid("minutes", "error.slot.many")}
		}
	}
	if len(slots) == 0 {
		return nil, Errors{invalid("until", "error.slot.none")}
	}
	return slots, nil
}
