package clinic

import (
	"strconv"
	"time"
)

// findSlot finds the slot that a booking is for, or says that one can be made, or why neither is so. A slot that begins at another time, or
// is shorter, is a clash that a person solves: nothing is moved.
func (e *importExam) findSlot() *Error {
	if exact := e.latestSlot(func(s KnownSlot) bool { return s.DoctorID == e.Slot.DoctorID && s.StartsAt.Equal(e.Slot.StartsAt) }); exact != nil {
		if wrong := e.checkSlot(*exact); wrong != nil {
			return wrong
		}
		e.Slot.ID, e.Slot.EndsAt = exact.ID, exact.EndsAt
		return nil
	}
	if e.Slot.EndsAt.Equal(e.Slot.StartsAt) {
		e.Slot.EndsAt = e.Slot.StartsAt.Add(time.Duration(e.file.Import.Minutes) * time.Minute)
	}
	if other := e.latestSlot(func(s KnownSlot) bool { return s.DoctorID == e.Slot.DoctorID && overlap(s.Slot, e.Slot) }); other != nil {
		return e.clash(ColumnStart, "error.import.overlap", other)
	}
	if other := e.latestSlot(func(s KnownSlot) bool { return sameRoom(s.Slot, e.Slot) && overlap(s.Slot, e.Slot) }); other != nil {
		return e.clash(ColumnRoom, "error.import.room", other)
	}
	for _, m := range e.before.made {
		switch {
		case !overlap(m.slot, e.Slot):
		case m.slot.DoctorID == e.Slot.DoctorID:
			return twice(ColumnStart, m.line)
		case sameRoom(m.slot, e.Slot):
			return twice(ColumnRoom, m.line)
		}
	}
	return nil
}

// checkSlot says why a booking cannot have the slot that begins when it does.
func (e *importExam) checkSlot(s KnownSlot) *Error {
	switch {
	case s.BranchID != e.of.Branch.ID:
		return e.clash(ColumnStart, "error.import.elsewhere", &s)
	case s.Booked:
		return e.clash(ColumnStart, "error.import.taken", nil)
	case s.Held:
		return e.clash(ColumnStart, "error.import.held", nil)
	case e.Slot.EndsAt.After(s.EndsAt):
		return e.clash(ColumnEnd, "error.import.longer", &s)
	case e.before.slots[s.ID] != 0:
		return twice(ColumnStart, e.before.slots[s.ID])
	}
	return nil
}

// latestSlot is the slot that begins last of those that fit; nil for none.
func (e *importExam) latestSlot(fits func(KnownSlot) bool) (latest *KnownSlot) {
	for i, s := range e.known.Slots {
		if fits(s) && (latest == nil || s.StartsAt.After(latest.StartsAt)) {
			latest = &e.known.Slots[i]
		}
	}
	return latest
}

func overlap(a, b Slot) bool { return a.StartsAt.Before(b.EndsAt) && b.StartsAt.Before(a.EndsAt) }

func sameRoom(a, b Slot) bool { return a.Room != "" && a.Room == b.Room && a.BranchID == b.BranchID }

// clash says what a booking meets, and from when until when that is, unless it is nil.
func (e *importExam) clash(column ImportColumn, message string, with *KnownSlot) *Error {
	wrong := &Error{Code: Conflict, Field: string(column), Message: message, Args: map[string]string{}}
	if with != nil {
		loc := e.of.Branch.Location()
		wrong.Args["From"], wrong.Args["Until"] = with.StartsAt.In(loc).Format("15:04"), with.EndsAt.In(loc).Format("15:04")
	}
	return wrong
}

// twice says that a line before has that time.
func twice(column ImportColumn, line int) *Error {
	return &Error{Code: Conflict, Field: string(column), Message: "error.import.twice", Args: map[string]string{"Line": strconv.Itoa(line)}}
}
