package store

import (
	"context"

	"madoguchi/internal/clinic"
)

// A slot outside the opening hours is made by the booking that takes it, so that none is left behind when a caller thinks again.

// openForCaller makes the slot that somebody on the telephone gets outside the opening hours.
func (c *change) openForCaller(slot clinic.Slot) (id string, err error) {
	if !c.actor.May(clinic.ChangeBooking, slot.BranchID) {
		return "", clinic.UnknownSlotError()
	}
	// Otherwise concurrent inserts into PostgreSQL's exclusion constraint can wait for one another in a circle.
	if err := c.advisoryLock("slots of " + slot.DoctorID); err != nil {
		return "", err
	}
	slot.ID, slot.Origin, slot.Audience, slot.CreatedAt = clinic.NewIDAt(c.now), clinic.ByPhone, clinic.StaffOnly, c.now
	slot.StartsAt, slot.EndsAt = slot.StartsAt.UTC(), slot.EndsAt.UTC()
	return slot.ID, c.Create(&slot).Error
}

// outsideError says why a slot outside the opening hours cannot be made.
func outsideError(err error) error {
	switch {
	case isConstraint(err, "slots_never_overlap"):
		return &clinic.Error{Code: clinic.Conflict, Field: "from", Message: "error.outside.doctor"}
	case isConstraint(err, "rooms_never_overlap"):
		return &clinic.Error{Code: clinic.Conflict, Field: "room", Message: "error.outside.room"}
	case isConstraint(err, "slots_have_a_doctor", "slots_doctor_id_branch_id_fkey", "slots_doctor_id_fkey", "FOREIGN KEY"):
		return &clinic.Error{Code: clinic.Invalid, Field: "doctor", Message: "error.slot.doctor"}
	}
	return err
}

// CheckOutside says, before anything is booked, whether a slot outside the opening hours could be made now: whether the doctor and the
// room are free. A branch at which the actor may not change bookings answers NotFound.
func (s *Store) CheckOutside(ctx context.Context, actor clinic.Actor, slot clinic.Slot) error {
	if !actor.May(clinic.ChangeBooking, slot.BranchID) {
		return NotFound()
	}
	overlaps := func(condition string, args ...any) (bool, error) {
		var busy int
		// Open slots of one doctor, or room, do not overlap, so that the latest that begins before the end is the only one that can.
		err := s.reader(ctx).Raw("SELECT CASE WHEN (SELECT ends_at FROM slots WHERE "+condition+" AND closed_at IS NULL AND starts_at < ? ORDER BY starts_at DESC LIMIT 1) > ? THEN 1 ELSE 0 END",
			append(args, slot.EndsAt.UTC(), slot.StartsAt.UTC())...).Row().Scan(&busy)
		return busy > 0, err
	}
	busy, err := overlaps("doctor_id = "+aText, slot.DoctorID)
	if err != nil {
		return wrap("CheckOutside", err)
	}
	if busy {
		return &clinic.Error{Code: clinic.Conflict, Field: "from", Message: "error.outside.doctor"}
	}
	if slot.Room == "" {
		return nil
	}
	if busy, err = overlaps("branch_id = "+aText+" AND room = ? AND room <> ''", slot.BranchID, slot.Room); err != nil {
		return wrap("CheckOutside", err)
	}
	if busy {
		return &clinic.Error{Code: clinic.Conflict, Field: "room", Message: "error.outside.room"}
	}
	return nil
}

// Rooms are the rooms of a branch that slots from now on have, in order.
func (s *Store) Rooms(ctx context.Context, branchID string) (rooms []string, err error) {
	err = s.reader(ctx).Raw("SELECT DISTINCT room FROM slots WHERE branch_id = "+aText+" AND room <> '' AND closed_at IS NULL AND starts_at > ? AND starts_at < ? ORDER BY room",
		branchID, s.now(), s.now().AddDate(0, 0, 35)).Scan(&rooms).Error
	return rooms, wrap("Rooms", err)
}
