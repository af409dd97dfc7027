package store

import (
	"context"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// DeclineOffer says for the place in line that a token opens that an offer does not suit. They stay in line. An offer that has ended answers
// clinic.OfferOverError; one that was declined before does not.
func (s *Store) DeclineOffer(ctx context.Context, token, offerID string) error {
	return s.change(ctx, "DeclineOffer", clinic.PatientByLink(token), func(tx *change) error {
		w, err := s.place(tx.DB, tx.now, token)
		if err != nil {
			return err
		}
		tx.aboutWaiting(w)
		if w.Offer != nil && w.Offer.ID == offerID && w.Offer.Outcome == clinic.OfferDeclined {
			return nil
		}
		if w.Offer == nil || w.Offer.ID != offerID || w.Offer.Outcome != "" {
			return clinic.OfferOverError()
		}
		if err := tx.lockSlots(w.Offer.SlotID); err != nil {
			return err
		}
		return tx.endOffer(w, *w.Offer, clinic.OfferDeclined, clinic.Waits)
	})
}

// accepting is the place in line that a token opens, whose live offer is of a slot. Any other answers clinic.OfferOverError.
func (c *change) accepting(token, slotID string) (clinic.Waiting, error) {
	w, err := c.store.place(c.DB, c.now, token)
	if err == nil && (!w.Offer.Live(c.now) || w.Offer.SlotID != slotID) {
		err = clinic.OfferOverError()
	}
	return w, err
}

// accepted ends an offer whose slot has been booked, or a booking been moved to, and keeps what opens the booking.
func (c *change) accepted(w clinic.Waiting, booked string) error {
	if err := c.endOffer(w, *w.Offer, clinic.OfferAccepted, clinic.WaitAccepted); err != nil {
		return err
	}
	sealed, err := c.store.keyring.Seal(seal.Contact, waitingAD(w.ID), storeWaiting(w.Patient, booked))
	if err != nil {
		return err
	}
	return c.Exec("UPDATE waitings SET sealed = ? WHERE id = ?", sealed, w.ID).Error
}

// AcceptMove moves the booking with which somebody waits to the slot that was offered to them. It returns what opens the booking. Done once
// more it answers the same; an offer that has ended answers clinic.OfferOverError.
func (s *Store) AcceptMove(ctx context.Context, token, client, offerID string) (booked string, err error) {
	w, err := s.place(s.reader(ctx), s.now(), token)
	switch {
	case err != nil:
		return "", wrap("AcceptMove", err)
	case w.Status == clinic.WaitAccepted && w.Offer != nil && w.Offer.ID == offerID:
		return w.Booked, nil
	case w.BookingID == "" || w.Offer == nil || w.Offer.ID != offerID:
		return "", clinic.OfferOverError()
	}
	offered := w.Offer.SlotID
	booked = clinic.NewToken()
	actor := clinic.PatientAt("", client)
	actor.Waiting = w.ID
	_, err = s.move(ctx, moving{
		op: "AcceptMove", actor: actor, slotID: offered, tell: true,
		find: func(tx *change) (clinic.Appointment, error) {
			var err error
			if w, err = tx.accepting(token, offered); err != nil {
				return clinic.Appointment{}, err
			}
			return s.appointment(tx.DB, "b.id = "+aText, w.BookingID)
		},
		after: func(tx *change, moved clinic.Appointment) error {
			if err := tx.insertLink(moved.Booking.ID, booked, moved.Slot.LinksExpire()); err != nil {
				return err
			}
			return tx.accepted(w, booked)
		},
	})
	if clinic.CodeOf(err) != clinic.Conflict && clinic.CodeOf(err) != clinic.SlotTaken {
		return booked, err
	}
	// By the same person at this very moment, in another tab.
	if w, again := s.place(s.reader(ctx), s.now(), token); again == nil && w.Status == clinic.WaitAccepted && w.Offer.ID == offerID {
		return w.Booked, nil
	}
	return "", err
}
