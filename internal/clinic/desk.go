package clinic

import (
	"strings"
	"time"
)

// DayMark says how full a day is, by its slots that can still be taken and by how many of those are free: few is less than a third.
func DayMark(slots, free int) Mark {
	switch {
	case slots == 0:
		return MarkClosed
	case free == 0:
		return MarkFull
	case 3*free < slots:
		return MarkFew
	}
	return MarkFree
}

// DeskHoldFor is how long the front desk keeps a slot for a caller who wants to think it over.
const DeskHoldFor = 15 * time.Minute

// Closes reports whether something is closed on a day because of the exception.
func (e Exception) Closes(day Date) bool { return e.Kind != ExtraHours && e.on(day) }

// ClosesSlot reports whether the exception, which closes something on the slot's day, is why the slot is closed.
func (e Exception) ClosesSlot(s Slot, loc *time.Location) bool {
	day := DateOf(s.StartsAt, loc)
	return (e.DoctorID == "" || e.DoctorID == s.DoctorID) && s.StartsAt.Before(e.Pattern.Until.at(day, loc)) && s.EndsAt.After(e.Pattern.From.at(day, loc))
}

// DaySpan reads a span of a day as it was typed: 10:00 and 13:00. What was left empty is the beginning, or the end, of the day.
func DaySpan(day Date, from, until string, loc *time.Location) (start, end time.Time, problem *Error) {
	read := func(typed string, otherwise Clock) (Clock, bool) {
		typed = strings.TrimSpace(Narrow(typed))
		if typed == "" {
			return otherwise, true
		}
		t, err := time.Parse("15:04", typed)
		return Clock(t.Hour()*60 + t.Minute()), err == nil
	}
	first, ok := read(from, 0)
	last, also := read(until, dayEnd)
	switch {
	case !ok || !also:
		return start, end, invalid("span", "error.clock")
	case last <= first:
		return start, end, invalid("span", "error.slot.order")
	}
	return first.at(day, loc), last.at(day, loc), nil
}
