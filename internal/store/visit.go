package store

import (
	"context"
	"time"

	"madoguchi/internal/clinic"
)

// Step has a booking come from one status to another, which clinic.Appointment.CheckStep decides. The status from which it comes is
// part of the condition, so that of two who do so at once one is told Conflict; what the booking is then, and who said so, its
// appointment tells. Approved, its patient is told. A booking at a branch where the actor may not change bookings
// answers NotFound.
func (s *Store) Step(ctx context.Context, actor clinic.Actor, bookingID string, from, to clinic.Status) error {
	token := clinic.NewToken()
	return s.change(ctx, "Step", actor, func(tx *change) error {
		tx.aboutBooking(bookingID)
		a, err := tx.owned(actor, bookingID)
		if err != nil {
			return err
		}
		if a.Booking.Status != from {
			return clinic.OutrunError()
		}
		if err := a.CheckStep(to, actor, tx.now); err != nil {
			return err
		}
		approved := from == clinic.Pending && a.Patient.Email != "" && !a.Over(tx.now) // then nobody waits for a letter any more
		if approved {
			if err := tx.lockRecipients(a); err != nil {
				return err
			}
		}
		if from == clinic.Pending { // what says that the booking waits is no longer true
			if _, _, err := tx.withdrawUnsent(bookingID, clinic.Requested); err != nil {
				return err
			}
		}
		before := a.Booking
		a.Booking = a.Booking.Stepped(to, actor, tx.now)
		if err := tx.writeStatus(a, from); err != nil {
			return err
		}
		if err := tx.countNoShow(a, before); err != nil || !approved {
			return err
		}
		if err := tx.insertLink(bookingID, token, a.Slot.LinksExpire()); err != nil {
			return err
		}
		settings, err := tx.settings()
		if err != nil {
			return err
		}
		return tx.rewriteLetter(clinic.ApprovalFor(settings, a, token, tx.now))
	})
}

// StepBack takes the step back that a booking has taken at an instant from a status, as clinic.Appointment.CheckStepBack allows.
func (s *Store) StepBack(ctx context.Context, actor clinic.Actor, bookingID string, was clinic.Status, at time.Time) error {
	return s.change(ctx, "StepBack", actor, func(tx *change) error {
		tx.aboutBooking(bookingID)
		a, err := tx.owned(actor, bookingID)
		if err != nil {
			return err
		}
		if err := a.CheckStepBack(was, at, actor, tx.now); err != nil {
			return err
		}
		before := a.Booking
		a.Booking = a.Booking.SteppedBack(was, actor, tx.now)
		if err := tx.writeStatus(a, before.Status); err != nil {
			return err
		}
		return tx.countNoShow(a, before)
	})
}

// owned is the appointment of a booking at a branch where an actor may change bookings.
func (c *change) owned(actor clinic.Actor, bookingID string) (clinic.Appointment, error) {
	owned, args := ownedBy(actor, clinic.ChangeBooking)
	return c.store.appointment(c.DB, "b.id = "+aText+" AND "+owned, append([]any{bookingID}, args...)...)
}

// countNoShow closes online booking to a patient who has missed as many appointments as their branch allows, and opens it again when some
// of them turn out to be none, so that there are fewer. What the front desk closed stays closed: it was closed at another instant than
// that of a missed appointment.
func (c *change) countNoShow(a clinic.Appointment, before clinic.Booking) error {
	if a.Booking.Status != clinic.NoShow && before.Status != clinic.NoShow {
		return nil
	}
	patient, most := before.PatientID, a.Branch.Settings.NoShows
	var missed int64
	if err := c.Table("bookings").Where("patient_id = ? AND status = ?", patient, clinic.NoShow).Count(&missed).Error; err != nil {
		return err
	}
	enough := most > 0 && missed >= int64(most)
	switch {
	case a.Booking.Status == clinic.NoShow && enough:
		return c.Exec("UPDATE patients SET online_closed_at = ? WHERE id = ? AND online_closed_at IS NULL", c.now, patient).Error
	case a.Booking.Status == clinic.NoShow:
		return nil
	case enough: // it is closed because of the others
		return c.Exec("UPDATE patients SET online_closed_at = "+missedAt+" WHERE id = ? AND online_closed_at = ?", patient, patient, before.StatusAt).Error
	}
	return c.Exec(`UPDATE patients SET online_closed_at = NULL WHERE id = ? AND (online_closed_at = ? OR
		online_closed_at IN (SELECT status_at FROM bookings WHERE patient_id = ? AND status = 'noshow'))`, patient, before.StatusAt, patient).Error
}

// writeStatus writes where a live booking stands, unless it stands no longer where it stood, or has moved since.
func (c *change) writeStatus(a clinic.Appointment, before clinic.Status) error {
	b := a.Booking
	q := c.Exec("UPDATE bookings SET status = ?, status_at = ?, status_by = ?, arrived_at = ? WHERE id = ? AND status = ? AND slot_id = ?",
		b.Status, b.StatusAt, orNull(b.StatusBy), b.ArrivedAt, b.ID, before, a.Slot.ID)
	if q.Error == nil && q.RowsAffected == 0 {
		return clinic.OutrunError()
	}
	c.changed(a.Branch, a.Slot.StartsAt)
	return q.Error
}

// Restore undoes the cancellation of a booking at an instant: it has its slot again, if nobody else has taken that since, and its
// patient is told, if they were told of the cancellation or have not been told of the booking yet. was is where it stood before.
func (s *Store) Restore(ctx context.Context, actor clinic.Actor, bookingID string, was clinic.Status, at time.Time) error {
	token := clinic.NewToken()
	err := s.change(ctx, "Restore", actor, func(tx *change) error {
		tx.aboutBooking(bookingID)
		a, err := tx.owned(actor, bookingID)
		if err != nil {
			return err
		}
		if was != clinic.Pending {
			was = clinic.Booked
		}
		if err := a.CheckRestore(at, actor, tx.now); err != nil {
			return err
		}
		if err := tx.lockRecipients(a); err != nil {
			return err
		}
		w, err := tx.wanted(a.Slot.ID, nil)
		if err != nil {
			return err
		}
		if err := w.Slot.CheckTake(w.Branch, w.claim, actor, tx.now); err != nil {
			return err
		}
		if err := tx.claim(clinic.Claim{SlotID: a.Slot.ID, HolderKind: clinic.HeldByBooking, BookingID: &a.Booking.ID}, w.claim.HolderFor(actor)); err != nil {
			return err
		}
		a.Booking = a.Booking.Restored(was, actor, tx.now)
		q := tx.Exec(`UPDATE bookings SET status = ?, live = true, sequence = ?, cancelled_at = NULL, cancelled_by = NULL, cancel_reason = NULL,
			status_at = ?, status_by = ? WHERE id = ? AND cancelled_at = ?`, was, a.Booking.Sequence, a.Booking.StatusAt, orNull(a.Booking.StatusBy), bookingID, at)
		if q.Error == nil && q.RowsAffected == 0 {
			return clinic.OutrunError()
		}
		if q.Error != nil {
			return q.Error
		}
		tx.changed(a.Branch, a.Slot.StartsAt)
		// Whoever waited with it has their turn again.
		err = tx.Exec("UPDATE waitings SET status = 'waiting', in_line = true, ended_at = NULL WHERE ended_at >= ? AND sealed IS NOT NULL AND booking_id = ? AND status = 'over'", at, bookingID).Error
		if err != nil {
			return err
		}
		return tx.tellRestored(a, token)
	})
	if isConstraint(err, "claims_slot_id_slot_open_fkey") { // PostgreSQL: closed at this very moment
		err = clinic.UnknownSlotError()
	}
	return err
}

// tellRestored withdraws the letter about the cancellation of a booking that lives again. Where it may have arrived already, or the
// letter that says how the booking stands was withdrawn by the cancellation, that one goes out once more.
func (c *change) tellRestored(a clinic.Appointment, token string) error {
	id := a.Booking.ID
	untried := c.Exec("UPDATE letters SET status = 'withdrawn' WHERE booking_id = ? AND kind IN ? AND status IN ('waiting', 'held') AND attempts = 0", id, clinic.Cancellation.Kinds())
	if untried.Error != nil {
		return untried.Error
	}
	cancelled := a.Booking.Sequence - 1 // letters of earlier ones were answered then
	var told int64
	err := c.Table("letters").Where("booking_id = ? AND (kind IN ? AND sequence = ? AND status <> 'withdrawn' OR kind IN ? AND sequence = ? AND status = 'withdrawn')",
		id, clinic.Cancellation.Kinds(), cancelled, append(clinic.FirstLetter(a.Booking.Status).Kinds(), clinic.Change), cancelled-1).Count(&told).Error
	if err != nil {
		return err
	}
	// It may have arrived all the same, but a failed attempt is not repeated after the letter that says otherwise.
	err = c.Exec("UPDATE letters SET status = 'withdrawn', lease_until = NULL WHERE booking_id = ? AND kind IN ? AND status <> 'sent'", id, clinic.Cancellation.Kinds()).Error
	if err != nil || told == 0 || a.Patient.Email == "" {
		return err
	}
	if err := c.insertLink(id, token, a.Slot.LinksExpire()); err != nil {
		return err
	}
	settings, err := c.settings()
	if err != nil {
		return err
	}
	return c.rewriteLetter(clinic.LetterFor(settings, a, token, c.now))
}
