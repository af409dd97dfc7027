package store

import (
	"context"
	"errors"

	"madoguchi/internal/clinic"
)

// endOffers ends the offers whose time is over.
func (s *Store) endOffers(ctx context.Context) (failed error) {
	var rows []offerRow
	if err := s.reader(ctx).Raw("SELECT * FROM offers WHERE outcome IS NULL AND expires_at <= ?", s.now()).Scan(&rows).Error; err != nil {
		return wrap("EndOffers", asUnavailable(err))
	}
	for _, r := range rows {
		err := s.change(ctx, "EndOffers", clinic.Job("offers"), func(tx *change) error {
			if err := tx.lockSlots(r.SlotID); err != nil {
				return err
			}
			var now offerRow // it may have been answered, or its letter have gone, since
			err := one(tx.forUpdate(tx.Where("id = ? AND outcome IS NULL AND expires_at <= ?", r.ID, tx.now)), &now)
			if clinic.CodeOf(err) == clinic.NotFound {
				return nil
			}
			if err != nil {
				return err
			}
			return tx.endLate(now.offer(), now.offer().Ending())
		})
		failed = errors.Join(failed, err)
	}
	return failed
}

// endLate ends an offer that nobody has answered. They stay in line.
func (c *change) endLate(o clinic.Offer, outcome clinic.OfferOutcome) error {
	all, err := c.store.waitings(c.DB, c.now, true, "w.id = "+aText, o.WaitingID)
	if err != nil || len(all) == 0 {
		return err
	}
	return c.endOffer(all[0], o, outcome, clinic.Waits)
}

// WithdrawOffer ends the live offer of somebody who waits, by staff. They are told if they knew of it, and stay in line.
func (s *Store) WithdrawOffer(ctx context.Context, actor clinic.Actor, waitingID string) error {
	return s.change(ctx, "WithdrawOffer", actor, func(tx *change) error {
		w, err := tx.ownWaiting(waitingID)
		if err != nil {
			return err
		}
		tx.aboutWaiting(w)
		if w.Offer == nil || w.Offer.Outcome != "" {
			return clinic.OutrunError()
		}
		if err := tx.lockSlots(w.Offer.SlotID); err != nil {
			return err
		}
		return tx.endOffer(w, *w.Offer, clinic.OfferWithdrawn, clinic.Waits)
	})
}

// endOffer ends a live offer, whose slot is locked, and says where whoever had it stands now. The slot is free again, unless it is what they
// have taken. An offer that has ended meanwhile answers clinic.OfferOverError.
func (c *change) endOffer(w clinic.Waiting, o clinic.Offer, outcome clinic.OfferOutcome, status clinic.WaitingStatus) error {
	err := c.Exec("DELETE FROM claims WHERE slot_id = ? AND holder_kind = 'offer' AND holder = ?", o.SlotID, clinic.OfferHolder(w.ID)).Error
	if err != nil {
		return err
	}
	q := c.Exec("UPDATE offers SET outcome = ?, ended_at = ? WHERE id = ? AND outcome IS NULL", outcome, c.now, o.ID)
	if q.Error != nil {
		return q.Error
	}
	if q.RowsAffected == 0 {
		return clinic.OfferOverError()
	}
	err = c.Exec("UPDATE letters SET status = 'withdrawn', lease_until = NULL WHERE id = ? AND status IN ('waiting', 'sending', 'held')", orNull(o.LetterID)).Error
	if err != nil {
		return err
	}
	if err := c.standAs(w.ID, status); err != nil {
		return err
	}
	a, err := c.store.offered(c.DB, o.SlotID)
	if err != nil {
		return err
	}
	c.changed(a.Branch, a.Slot.StartsAt)
	c.letter = true // somebody else may be offered it
	if !outcome.Tells() || o.SentAt == nil || w.Patient.Email == "" {
		return nil
	}
	token := clinic.NewToken()
	if err := c.insertPlace(w.ID, token); err != nil {
		return err
	}
	settings, err := c.settings()
	if err != nil {
		return err
	}
	return c.insertWaitingLetter(clinic.OfferOverFor(settings, w, o, a, token, c.now))
}
