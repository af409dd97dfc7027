package store

import (
	"context"
	"errors"
	"slices"

	"madoguchi/internal/clinic"
)

// Cancel is CancelFor without a reason; the patient is told.
func (s *Store) Cancel(ctx context.Context, actor clinic.Actor, bookingID string) error {
	return s.CancelFor(ctx, actor, bookingID, clinic.Cancelling{Tell: true})
}

// CancelFor ends a booking for the clinic: the slot is free again, a confirmation that has not gone out is withdrawn, and
// the patient is told by letter if that is wanted, all in one transaction. For a booking at a branch where the actor may not
// change bookings it returns NotFound; whatever else forbids it is decided by clinic.Appointment.CheckCancel.
func (s *Store) CancelFor(ctx context.Context, actor clinic.Actor, bookingID string, how clinic.Cancelling) error {
	return s.change(ctx, "Cancel", actor, func(tx *change) error {
		tx.aboutBooking(bookingID)
		owned, args := ownedBy(actor, clinic.ChangeBooking)
		a, err := s.appointment(tx.DB, "b.id = "+aText+" AND "+owned, append([]any{bookingID}, args...)...)
		if err != nil {
			return err
		}
		if err := errors.Join(a.CheckCancel(actor), how.Check(a.Booking)); err != nil {
			return err
		}
		if err := tx.lockRecipients(a); err != nil {
			return err
		}
		if err := tx.lockSlots(a.Slot.ID); err != nil {
			return err
		}
		return tx.cancel(a, how)
	})
}

// CancelTogether is Cancel for a run of bookings, in one transaction; the patients are told only if tell says so. Those that may
// not be cancelled any more, or are not the actor's, stay as they are. It returns how many were cancelled.
func (s *Store) CancelTogether(ctx context.Context, actor clinic.Actor, bookingIDs []string, tell bool) (n int, err error) {
	err = s.change(ctx, "CancelTogether", actor, func(tx *change) error {
		n = 0
		owned, args := ownedBy(actor, clinic.ChangeBooking)
		all, err := s.appointments(tx.DB, "b.id IN ? AND "+owned, append([]any{bookingIDs}, args...)...)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(a clinic.Appointment) bool { return a.CheckCancel(actor) != nil })
		if len(all) == 0 {
			return nil
		}
		if err := tx.lockRecipients(all...); err != nil {
			return err
		}
		slots := make([]string, len(all))
		for i, a := range all {
			slots[i] = a.Slot.ID
		}
		if err := tx.lockSlots(slots...); err != nil {
			return err
		}
		for _, a := range all {
			switch err := tx.cancel(a, clinic.Cancelling{Tell: tell}); {
			case err == nil:
				tx.aboutBooking(a.Booking.ID)
				n++
			case clinic.CodeOf(err) != clinic.Conflict: // somebody else was quicker
				return err
			}
		}
		return nil
	})
	return n, err
}

// cancel ends the booking of an appointment whose slot is locked.
func (c *change) cancel(a clinic.Appointment, how clinic.Cancelling) error {
	before := a.Booking.Status
	a.Booking = a.Booking.Cancelled(c.actor, c.now)
	a.Booking.CancelReason = how.Reason
	// The status in the condition makes the second of two simultaneous cancellations meet no row; the slot, one that comes after a move.
	q := c.Table("bookings").Where("id = ? AND status = ? AND slot_id = ?", a.Booking.ID, before, a.Slot.ID).Updates(map[string]any{
		"status": a.Booking.Status, "live": a.Booking.Status.Live(), "sequence": a.Booking.Sequence,
		"cancelled_at": a.Booking.CancelledAt, "cancelled_by": a.Booking.CancelledBy, "cancel_reason": orNull(string(how.Reason)),
		"status_at": a.Booking.StatusAt, "status_by": orNull(a.Booking.StatusBy),
	})
	if q.Error == nil && q.RowsAffected == 0 {
		return c.outrun(a)
	}
	if q.Error != nil {
		return q.Error
	}
	if err := c.Where("slot_id = ? AND booking_id = ?", a.Slot.ID, a.Booking.ID).Delete(&clinic.Claim{}).Error; err != nil {
		return err
	}
	if err := withdrawLetters(c.DB, a.Booking.ID); err != nil {
		return err
	}
	c.changed(a.Branch, a.Slot.StartsAt)
	if !how.Tell || a.Patient.Email == "" {
		return nil
	}
	settings, err := c.settings()
	if err != nil {
		return err
	}
	return c.rewriteLetter(clinic.LetterFor(settings, a, "", c.now)) // it may have been cancelled, and lived again, before
}

// outrun says why a booking could not be cancelled that could be a moment ago.
func (c *change) outrun(a clinic.Appointment) error {
	now, err := c.store.appointment(c.DB, "b.id = "+aText, a.Booking.ID)
	if err == nil && now.Booking.Status == a.Booking.Status {
		return clinic.OutrunError() // it has moved
	}
	if err == nil {
		err = &clinic.Error{Code: clinic.Conflict, Message: "error.cancel.status"}
	}
	return err
}
