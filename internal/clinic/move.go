package clinic

import (
	"cmp"
	"slices"
	"time"
)

// CheckMove decides whether an actor may give the booking of an appointment another slot, which is at a branch: staff who may change
// bookings at both branches, until the counseling begins, and the patient as CheckOwn allows, at the same branch.
func (a Appointment) CheckMove(to Slot, at Branch, actor Actor, now time.Time) error {
	if actor.Kind == ActorPatient {
		return a.checkOwnMove(to, at, now)
	}
	switch {
	case !actor.May(ChangeBooking, a.Branch.ID) || !actor.May(ChangeBooking, at.ID):
		return &Error{Code: Forbidden, Message: "error.forbidden"}
	case !a.Booking.Status.Moves():
		return &Error{Code: Conflict, Message: "error.move.status"}
	case a.Slot.ID == to.ID:
		return &Error{Code: Conflict, Field: "slot", Message: "error.move.same"}
	}
	return nil
}

func (a Appointment) checkOwnMove(to Slot, at Branch, now time.Time) error {
	switch err := a.CheckOwn(now); {
	case err != nil:
		return err
	case at.ID != a.Branch.ID:
		return UnknownSlotError()
	case a.Slot.ID == to.ID:
		return &Error{Code: Conflict, Field: "slot", Message: "error.move.same"}
	}
	return nil
}

// Moves reports whether a booking in this status may be given another slot: not once the counseling has begun.
func (s Status) Moves() bool { return s == Pending || s == Booked || s == Arrived }

// Moved is the booking of an appointment once an actor has given it another slot, which is at a branch. Number, answers and links stay.
// Whoever has come is expected again where the slot is on another day: nothing of that visit can be recorded before.
func (a Appointment) Moved(to Slot, at Branch, actor Actor, now time.Time) Booking {
	b := a.Booking
	if b.Status == Arrived && DateOf(to.StartsAt, at.Location()) != DateOf(a.Slot.StartsAt, a.Branch.Location()) {
		b = b.Stepped(Booked, actor, now)
	}
	b.SlotID, b.MovedAt = to.ID, &now
	b.Sequence++
	return b
}

// NearTime is a time to which a booking could move.
type NearTime struct {
	Slot       SlotWithState
	SameDoctor bool
	SameDay    bool // as the booking's
}

// anotherDoctor is how much farther a time seems at which another doctor receives the patient.
const anotherDoctor = 2 * time.Hour

// NearTimes are the n free slots nearest to the time of a booking, in order of time. One of the same doctor is nearer than another's.
func NearTimes(slots []SlotWithState, old Slot, n int, loc *time.Location) []NearTime {
	distance := func(s SlotWithState) time.Duration {
		d := s.StartsAt.Sub(old.StartsAt).Abs()
		if s.DoctorID != old.DoctorID {
			d += anotherDoctor
		}
		return d
	}
	near := slices.DeleteFunc(slices.Clone(slots), func(s SlotWithState) bool { return s.ID == old.ID || s.State != SlotFree })
	slices.SortStableFunc(near, func(a, b SlotWithState) int { return cmp.Compare(distance(a), distance(b)) })
	near = near[:min(n, len(near))]
	slices.SortStableFunc(near, func(a, b SlotWithState) int {
		return cmp.Or(a.StartsAt.Compare(b.StartsAt), cmp.Compare(a.DoctorID, b.DoctorID))
	})
	out := make([]NearTime, len(near))
	for i, s := range near {
		out[i] = NearTime{Slot: s, SameDoctor: s.DoctorID == old.DoctorID, SameDay: DateOf(s.StartsAt, loc) == DateOf(old.StartsAt, loc)}
	}
	return out
}
