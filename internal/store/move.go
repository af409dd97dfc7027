package store

import (
	"context"

	"madoguchi/internal/clinic"
)

// Move gives a booking another slot, in one transaction: the old slot is free and the new one taken, the number, the answers and the
// patient's links stay, and the calendar entry has its next number. The patient is told by a letter, if tell says so; one that waits for an
// approval is told when it is approved. Where somebody else has the slot the answer is SlotTaken, and the booking keeps its own; what
// else forbids it is decided by clinic. A booking, or a slot, at a branch where the actor may not change bookings answers NotFound.
//
// It returns the appointment as it was before.
func (s *Store) Move(ctx context.Context, actor clinic.Actor, bookingID, slotID string, tell bool) (clinic.Appointment, error) {
	return s.move(ctx, moving{op: "Move", actor: actor, slotID: slotID, tell: tell, find: ownedBooking(actor, bookingID)})
}

// MoveBack undoes a move: the booking moves to the slot that it had, if nothing has been done with it since. sequence is that of the
// booking after the move. A letter about the move that has not gone out is withdrawn, and then no other one goes out.
func (s *Store) MoveBack(ctx context.Context, actor clinic.Actor, bookingID, slotID string, sequence int, tell bool) error {
	_, err := s.move(ctx, moving{
		op: "MoveBack", actor: actor, slotID: slotID, tell: tell, back: true, find: ownedBooking(actor, bookingID),
		check: func(_ *change, a clinic.Appointment) error {
			if a.Booking.Sequence != sequence {
				return &clinic.Error{Code: clinic.Conflict, Message: "error.undo.changed"}
			}
			return nil
		},
	})
	return err
}

// moving is what a move of a booking needs to know.
type moving struct {
	op     string
	actor  clinic.Actor
	slotID string
	tell   bool
	back   bool                                             // it undoes another one
	find   func(tx *change) (clinic.Appointment, error)     // the booking, as far as it is the actor's
	check  func(tx *change, a clinic.Appointment) error     // what else forbids it; may be nil
	after  func(tx *change, moved clinic.Appointment) error // what else is done then; may be nil
}

func ownedBooking(actor clinic.Actor, bookingID string) func(*change) (clinic.Appointment, error) {
	return func(tx *change) (clinic.Appointment, error) { return tx.owned(actor, bookingID) }
}

func (s *Store) move(ctx context.Context, m moving) (old clinic.Appointment, err error) {
	token := clinic.NewToken()
	err = s.change(ctx, m.op, m.actor, func(tx *change) error {
		a, err := m.find(tx)
		if err != nil {
			return err
		}
		tx.aboutBooking(a.Booking.ID)
		if m.check != nil {
			if err := m.check(tx, a); err != nil {
				return err
			}
		}
		if err := tx.lockRecipients(a); err != nil {
			return err
		}
		w, err := tx.wantedToMove(a, m)
		if err != nil {
			return err
		}
		old = a
		moved := a
		moved.Slot, moved.Branch, moved.Doctor, moved.Booking = w.Slot, w.Branch, w.Doctor, a.Moved(w.Slot, w.Branch, m.actor, tx.now)
		if err := tx.writeMove(a, moved, w.claim.HolderFor(m.actor)); err != nil {
			return err
		}
		if err := tx.handoverMoved(a, moved, m.back); err != nil {
			return err
		}
		if m.actor.Kind == clinic.ActorPatient {
			if err := tx.countOwnMove(a.Booking.ID); err != nil {
				return err
			}
		}
		if m.after != nil {
			if err := m.after(tx, moved); err != nil {
				return err
			}
		}
		return tx.tellMove(moved, token, m.tell, m.back)
	})
	switch {
	case isConstraint(err, "claims_slot_id_slot_open_fkey"): // PostgreSQL: closed at this very moment
		err = clinic.UnknownSlotError()
	case isConstraint(err, "claims_pkey", "claims.slot_id"):
		err = clinic.TakenError()
	}
	return old, err
}

// wantedToMove is the slot to which a booking is to move, locked together with its own, if the actor may move it there.
func (c *change) wantedToMove(a clinic.Appointment, m moving) (wantedSlot, error) {
	if err := c.lockSlots(a.Slot.ID, m.slotID); err != nil {
		if isInvalidText(err) {
			err = clinic.UnknownSlotError()
		}
		return wantedSlot{}, err
	}
	w, err := c.wanted(m.slotID, m.actor.Holder())
	if err != nil {
		return w, err
	}
	if m.actor.Kind != clinic.ActorPatient && !m.actor.May(clinic.ChangeBooking, w.Branch.ID) {
		return w, NotFound()
	}
	if err := a.CheckMove(w.Slot, w.Branch, m.actor, c.now); err != nil {
		return w, err
	}
	return w, w.Slot.CheckTake(w.Branch, w.claim, m.actor, c.now)
}

// writeMove takes the claim of a booking along to its new slot, whose hold, if there is one, has expired or is the holder's. Both slots are
// locked.
func (c *change) writeMove(old, moved clinic.Appointment, holder []byte) error {
	if err := c.Exec("DELETE FROM claims WHERE slot_id = ? AND booking_id IS NULL AND (expires_at <= ? OR holder = ?)", moved.Slot.ID, c.now, holder).Error; err != nil {
		return err
	}
	if c.actor.Kind == clinic.ActorPatient { // and whatever else they hold
		if err := c.release(c.actor.Holder()); err != nil {
			return err
		}
	}
	claim := c.Exec("UPDATE claims SET slot_id = ? WHERE slot_id = ? AND booking_id = ?", moved.Slot.ID, old.Slot.ID, old.Booking.ID)
	if claim.Error != nil {
		return claim.Error
	}
	b := moved.Booking
	q := c.Exec(`UPDATE bookings SET slot_id = ?, sequence = ?, moved_at = ?, status = ?, status_at = ?, status_by = ?, arrived_at = ?
		WHERE id = ? AND slot_id = ? AND status = ? AND sequence = ?`,
		moved.Slot.ID, b.Sequence, b.MovedAt, b.Status, b.StatusAt, orNull(b.StatusBy), b.ArrivedAt, b.ID, old.Slot.ID, old.Booking.Status, old.Booking.Sequence)
	if q.Error != nil {
		return q.Error
	}
	if claim.RowsAffected == 0 || q.RowsAffected == 0 { // somebody else has moved or ended it meanwhile
		return clinic.OutrunError()
	}
	c.changed(old.Branch, old.Slot.StartsAt)
	c.changed(moved.Branch, moved.Slot.StartsAt)
	return c.Exec("UPDATE links SET expires_at = ? WHERE booking_id = ? AND revoked_at IS NULL", moved.Slot.LinksExpire(), moved.Booking.ID).Error
}

// tellMove sees to the letters of a booking that has moved. One that has not gone out names the old time, so it never does: where it was
// the confirmation, and no letter about the move is wanted, a confirmation of the new time takes its place.
func (c *change) tellMove(moved clinic.Appointment, token string, tell, back bool) error {
	if moved.Patient.Email == "" {
		return nil
	}
	first := clinic.FirstLetter(moved.Booking.Status)
	unconfirmed, confirming, err := c.withdrawUnsent(moved.Booking.ID, first)
	if err != nil {
		return err
	}
	untold, telling, err := c.withdrawUnsent(moved.Booking.ID, clinic.Change)
	if err != nil {
		return err
	}
	// Whoever has asked for another link gets it with the new time.
	lost, losing, err := c.withdrawUnsent(moved.Booking.ID, clinic.LostLink)
	if err != nil {
		return err
	}
	confirming = confirming || lost || losing
	if first == clinic.Requested && c.actor.Kind == clinic.ActorPatient {
		unconfirmed = true // their request is another one now
	} else if first == clinic.Requested {
		tell = false // they are told of the time when it is approved
	}
	if back && untold && !telling {
		tell = false // they know of the time that the booking has again
	}
	if !tell && !unconfirmed && !confirming {
		return nil
	}
	if err := c.insertLink(moved.Booking.ID, token, moved.Slot.LinksExpire()); err != nil {
		return err
	}
	settings, err := c.settings()
	if err != nil {
		return err
	}
	if tell && !unconfirmed {
		return c.insertLetter(clinic.ChangeFor(settings, moved, token, c.now))
	}
	return c.rewriteLetter(clinic.LetterFor(settings, moved, token, c.now))
}

// withdrawUnsent withdraws the letters of a kind, see clinic.LetterKind.Kinds, about a booking that have not gone out, and reports whether there was one, and whether one is
// on its way just now. That one may still arrive, but a failed attempt is not repeated: it says what is no longer true.
func (c *change) withdrawUnsent(bookingID string, kind clinic.LetterKind) (unsent, onItsWay bool, err error) {
	withdraw := func(statuses ...clinic.LetterStatus) (bool, error) {
		q := c.Exec("UPDATE letters SET status = 'withdrawn', lease_until = NULL WHERE booking_id = ? AND kind IN ? AND status IN ?", bookingID, kind.Kinds(), statuses)
		return q.RowsAffected > 0, q.Error
	}
	if unsent, err = withdraw(clinic.LetterWaiting, clinic.LetterFailed, clinic.LetterBounced, clinic.LetterHeld); err != nil {
		return false, false, err
	}
	onItsWay, err = withdraw(clinic.LetterSending)
	return unsent, onItsWay, err
}
