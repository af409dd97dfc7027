package store

import (
	"errors"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// correctWaiting writes anew who waits with a booking whose contact is corrected. With another mail address everything ends that could be
// accepted by whoever reads the former one: what opens the place, and what was offered there. They keep their turn.
func (c *change) correctWaiting(a clinic.Appointment, corrected clinic.Patient) error {
	all, err := c.store.waitings(c.DB, c.now, false, "w.booking_id = "+aText+" AND w.in_line", a.Booking.ID)
	if err != nil || len(all) == 0 {
		return err
	}
	w := all[0]
	sealed, err := c.store.keyring.Seal(seal.Contact, waitingAD(w.ID), storeWaiting(corrected, ""))
	if err != nil {
		return err
	}
	if err := c.Exec("UPDATE waitings SET sealed = ?, by_mail = ? WHERE id = ?", sealed, corrected.Email != "", w.ID).Error; err != nil {
		return err
	}
	if err := c.Exec("DELETE FROM waiting_terms WHERE waiting_id = ?", w.ID).Error; err != nil {
		return err
	}
	terms, err := c.waitingTerms(corrected)
	if err != nil {
		return err
	}
	if err := c.insertWaitingTerms(w.ID, terms); err != nil || corrected.Email == a.Patient.Email {
		return err
	}
	for _, statement := range []string{
		"DELETE FROM waiting_links WHERE waiting_id = ?",
		"UPDATE letters SET status = 'withdrawn', lease_until = NULL WHERE waiting_id = ? AND status IN ('waiting', 'sending', 'failed', 'bounced', 'held')",
		// That letters did not reach the former address, or come back from it later, says nothing of this one.
		"UPDATE offers SET outcome = 'unsent' WHERE waiting_id = ? AND outcome = 'failed'",
		"UPDATE offers SET letter_id = NULL WHERE waiting_id = ?",
	} {
		if err := c.Exec(statement, w.ID).Error; err != nil {
			return err
		}
	}
	if w.Offer == nil || w.Offer.Outcome != "" {
		return nil
	}
	// The booking is locked already: where somebody accepts at this very moment, PostgreSQL ends one of the two, which is tried again.
	if err := c.lockSlots(w.Offer.SlotID); err != nil {
		return err
	}
	err = c.endOffer(w, *w.Offer, clinic.OfferUnsent, clinic.Waits)
	var refused *clinic.Error
	if errors.As(err, &refused) && clinic.IsOfferOver(refused) { // it has ended by itself just now
		return nil
	}
	return err
}
