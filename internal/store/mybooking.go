package store

import (
	"context"

	"madoguchi/internal/clinic"
)

// CancelOwn ends the booking behind a patient's link, as clinic.Appointment.CheckOwn allows: the slot is free again, letters that have
// not gone out are withdrawn, and the patient has a letter with the calendar's cancellation, all in one transaction. A link that opens
// nothing answers NotFound, and a booking that was cancelled already Conflict.
func (s *Store) CancelOwn(ctx context.Context, patient clinic.Actor, reason clinic.CancelReason) error {
	how := clinic.Cancelling{Reason: reason, Tell: true}
	return s.change(ctx, "CancelOwn", patient, func(tx *change) error {
		a, err := tx.own(patient)
		if err != nil {
			return err
		}
		tx.aboutBooking(a.Booking.ID)
		if err := a.CheckOwn(tx.now); err != nil {
			return err
		}
		if err := how.CheckByPatient(); err != nil {
			return err
		}
		if err := tx.lockRecipients(a); err != nil {
			return err
		}
		if err := tx.lockSlots(a.Slot.ID); err != nil {
			return err
		}
		if err := tx.cancel(a, how); err != nil {
			return err
		}
		return tx.release(patient.Holder())
	})
}

// MoveOwn gives the booking behind a patient's link another slot, as Move does, if the booking is still in the sequence that the
// patient saw. Of a booking that has the slot already it says so with the message error.move.same.
func (s *Store) MoveOwn(ctx context.Context, patient clinic.Actor, slotID string, sequence int) error {
	_, err := s.move(ctx, moving{
		op: "MoveOwn", actor: patient, slotID: slotID, tell: true,
		find: func(tx *change) (clinic.Appointment, error) { return tx.own(patient) },
		check: func(tx *change, a clinic.Appointment) error {
			if a.Slot.ID != slotID && a.Booking.Sequence != sequence && a.CheckOwn(tx.now) == nil {
				return clinic.OutrunError()
			}
			return nil
		},
	})
	return err
}

// HoldForMove keeps a slot for the patient behind a link while they look at what a move would change. It answers as Hold does, and as
// clinic.Appointment.CheckMove where the booking cannot be moved to it.
func (s *Store) HoldForMove(ctx context.Context, patient clinic.Actor, slotID string) (clinic.Hold, error) {
	a, err := s.appointment(s.reader(ctx), byLink, clinic.TokenHash(patient.Token), s.now())
	if err != nil {
		return clinic.Hold{}, wrap("HoldForMove", err)
	}
	slot, err := s.Slot(ctx, slotID)
	if clinic.CodeOf(err) == clinic.NotFound {
		return clinic.Hold{}, clinic.UnknownSlotError()
	}
	if err != nil {
		return clinic.Hold{}, err
	}
	if err := a.CheckMove(slot, clinic.Branch{ID: slot.BranchID}, patient, s.now()); err != nil {
		return clinic.Hold{}, err
	}
	return s.hold(ctx, "HoldForMove", patient, slotID, true)
}

// SpeakTo has the letters about the booking behind a patient's link written in a language from now on.
func (s *Store) SpeakTo(ctx context.Context, patient clinic.Actor, lang string) error {
	return s.change(ctx, "SpeakTo", patient, func(tx *change) error {
		a, err := tx.lockedAppointment(byLink, clinic.TokenHash(patient.Token), tx.now)
		if err != nil || a.Booking.Lang == lang {
			return err
		}
		tx.aboutBooking(a.Booking.ID)
		tx.changed(a.Branch, a.Slot.StartsAt)
		return tx.Exec("UPDATE bookings SET lang = ? WHERE id = ?", lang, a.Booking.ID).Error
	})
}

// own is the appointment behind a patient's link.
func (c *change) own(patient clinic.Actor) (clinic.Appointment, error) {
	return c.store.appointment(c.DB, byLink, clinic.TokenHash(patient.Token), c.now)
}

// countOwnMove writes down that a booking is moved by its link, if it has not been moved too often. The booking's slot is locked, so that
// nobody else counts meanwhile.
func (c *change) countOwnMove(bookingID string) error {
	var inHour int64
	err := c.Table("link_acts").Where("booking_id = ? AND kind = ? AND at > ?", bookingID, moveAct, c.now.Add(-hour)).Count(&inHour).Error
	if err != nil {
		return err
	}
	if err := clinic.CheckOwnMoves(int(inHour)); err != nil {
		return err
	}
	_, err = c.insert("INSERT INTO link_acts (booking_id, kind, n, at) SELECT ?, ?, COUNT(*) + 1, ? FROM link_acts WHERE booking_id = ? AND kind = ?",
		bookingID, moveAct, c.now, bookingID, moveAct)
	return err
}
