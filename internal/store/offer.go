package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// mostOffers is how many offers Offer makes at a branch at most when it is called, so that whoever calls it can do something else between.
const mostOffers = 100

// Offer ends the offers whose time is over, and offers what is free to those who wait, as clinic.NextOffer says. It may be called again and
// again, by several at once: a claim has one holder, and of those who offer at a branch one waits for the other, so that the line is kept.
func (s *Store) Offer(ctx context.Context) error {
	failed := s.endOffers(ctx)
	var branches []string
	if err := s.reader(ctx).Raw("SELECT DISTINCT branch_id FROM waitings WHERE in_line").Scan(&branches).Error; err != nil {
		return errors.Join(failed, wrap("Offer", asUnavailable(err)))
	}
	for _, id := range branches {
		branch, err := s.Branch(ctx, id)
		if err == nil {
			err = s.offerAt(ctx, branch)
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// offerAt makes the offers at a branch.
func (s *Store) offerAt(ctx context.Context, branch clinic.Branch) error {
	doctors, err := s.Doctors(ctx)
	if err != nil {
		return err
	}
	if err := s.endWaits(ctx, branch); err != nil {
		return err
	}
	for range mostOffers {
		var more bool
		// Looking costs nobody anything; the change looks once more.
		if _, _, more, err = s.nextOffer(s.reader(ctx), branch, doctors, s.now(), nil); err != nil || !more {
			return wrap("Offer", err)
		}
		err := s.change(ctx, "Offer", clinic.Job("offers"), func(tx *change) (err error) {
			more, err = tx.offerNext(branch, doctors)
			return err
		})
		switch code := clinic.CodeOf(err); {
		case code == clinic.SlotTaken, code == clinic.Invalid, code == clinic.Conflict: // somebody was quicker; then it is another slot
		case err != nil:
			return err
		case !more:
			return nil
		}
	}
	return nil
}

// endWaits takes those out of line who need not wait any more.
func (s *Store) endWaits(ctx context.Context, branch clinic.Branch) error {
	in, err := s.inLine(s.reader(ctx), s.now(), false, branch.ID)
	if err != nil {
		return wrap("EndWaits", err)
	}
	for _, w := range in {
		if !clinic.WaitingOver(w, branch, s.now()) {
			continue
		}
		err := s.change(ctx, "EndWaits", clinic.Job("offers"), func(tx *change) error {
			if err := tx.advisoryLock("waiting " + branch.ID); err != nil { // nothing is offered to them meanwhile
				return err
			}
			all, err := s.waitings(tx.DB, tx.now, false, "w.id = "+aText, w.ID)
			if err != nil || len(all) == 0 || !clinic.WaitingOver(all[0], branch, tx.now) {
				return err
			}
			return tx.leave(all[0], clinic.WaitOver)
		})
		if err != nil && clinic.CodeOf(err) != clinic.Conflict { // what they were offered has ended at this very moment
			return err
		}
	}
	return nil
}

// nextOffer is what clinic.NextOffer says, without those whose ids are in without.
func (s *Store) nextOffer(db *gorm.DB, branch clinic.Branch, doctors []clinic.Doctor, now time.Time, without []string) (w clinic.Waiting, slot clinic.Slot, ok bool, err error) {
	in, err := s.inLine(db, now, false, branch.ID)
	in = slices.DeleteFunc(in, func(w clinic.Waiting) bool { return slices.Contains(without, w.ID) })
	if err != nil || len(in) == 0 {
		return w, slot, false, err
	}
	last := in[0].Wish.Last
	for _, w := range in {
		if last.Before(w.Wish.Last) {
			last = w.Wish.Last
		}
	}
	var free []clinic.Slot
	err = db.Raw(`SELECT s.id, s.branch_id, s.doctor_id, s.starts_at, s.ends_at, s.audience FROM slots s LEFT JOIN claims c ON c.slot_id = s.id
		WHERE s.branch_id = `+aText+` AND s.starts_at >= ? AND s.starts_at < ? AND s.closed_at IS NULL AND s.audience = ?
			AND (c.slot_id IS NULL OR (c.booking_id IS NULL AND c.expires_at <= ?))`,
		branch.ID, now, last.AddDays(1).In(branch.Location()).UTC(), clinic.Public, now).Scan(&free).Error
	if err != nil {
		return w, slot, false, err
	}
	w, slot, ok = clinic.NextOffer(in, free, doctors, branch, now)
	return w, slot, ok, nil
}

// offerNext makes the next offer at a branch; made is false where there is none to make.
func (c *change) offerNext(branch clinic.Branch, doctors []clinic.Doctor) (made bool, err error) {
	if err := c.advisoryLock("waiting " + branch.ID); err != nil {
		return false, err
	}
	var without []string
	for {
		w, slot, ok, err := c.store.nextOffer(c.DB, branch, doctors, c.now, without)
		if err != nil || !ok {
			return false, err
		}
		until, ok := branch.Settings.Waiting.GoesUntil(c.now, branch.Location())
		if !ok {
			return false, nil
		}
		all, err := c.store.waitings(c.DB, c.now, true, "w.id = "+aText, w.ID)
		if err != nil {
			return false, err
		}
		left, err := c.lettersLeft(all[0].Patient.Email)
		if err != nil {
			return false, err
		}
		if left {
			return true, c.offer(all[0], slot.ID, until, c.actor)
		}
		without = append(without, w.ID)
	}
}

// OfferByHand offers a slot to somebody who waits, as clinic.CheckOfferByHand allows. A slot that somebody has answers SlotTaken, and somebody
// who waits at a branch where the actor may not change bookings NotFound.
func (s *Store) OfferByHand(ctx context.Context, actor clinic.Actor, waitingID, slotID string) error {
	err := s.change(ctx, "OfferByHand", actor, func(tx *change) error {
		w, err := tx.ownWaiting(waitingID)
		if err != nil {
			return err
		}
		tx.aboutWaiting(w)
		if err := tx.advisoryLock("waiting " + w.BranchID); err != nil {
			return err
		}
		if left, err := tx.lettersLeft(w.Patient.Email); err != nil || !left {
			if err == nil {
				err = &clinic.Error{Code: clinic.Conflict, Message: "error.waiting.letters"}
			}
			return err
		}
		return tx.offer(w, slotID, clinic.HandGoesUntil(tx.now), actor)
	})
	if isConstraint(err, "offers_live_of_waiting", "offers.waiting_id", "claims_of_holder", "claims.holder") { // by a colleague, at this very moment
		err = &clinic.Error{Code: clinic.Conflict, Message: "error.waiting.offered"}
	}
	return err
}

// offer keeps a slot for somebody who waits and writes the letter about it.
func (c *change) offer(w clinic.Waiting, slotID string, goesUntil time.Time, actor clinic.Actor) error {
	wanted, err := c.wanted(slotID, nil)
	if err != nil {
		return err
	}
	a := wanted.Appointment
	if err := a.Slot.CheckTake(a.Branch, wanted.claim, actor, c.now); err != nil {
		return err
	}
	if actor.Kind == clinic.ActorStaff {
		if err := clinic.CheckOfferByHand(w, a.Slot, a.Branch, actor, c.now); err != nil {
			return err
		}
	}
	o := clinic.NewOffer(w, a.Slot, a.Branch, actor, goesUntil, c.now)
	holder := clinic.OfferHolder(w.ID)
	if err := c.claim(clinic.Claim{SlotID: a.Slot.ID, HolderKind: clinic.HeldByOffer, Holder: holder, ExpiresAt: &o.ExpiresAt}, holder); err != nil {
		return err
	}
	q := c.Exec("UPDATE waitings SET status = 'offered' WHERE id = ? AND status = 'waiting'", w.ID)
	if q.Error != nil {
		return q.Error
	}
	if q.RowsAffected == 0 {
		return clinic.OutrunError()
	}
	token := clinic.NewToken()
	if err := c.insertPlace(w.ID, token); err != nil {
		return err
	}
	l := clinic.OfferLetterFor(wanted.settings, w, o, a, token, c.now)
	if err := c.insertWaitingLetter(l); err != nil {
		return err
	}
	_, err = c.insert("INSERT INTO offers (id, waiting_id, slot_id, letter_id, staff_id, minutes, offered_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		o.ID, o.WaitingID, o.SlotID, l.ID, orNull(o.StaffID), o.Minutes, o.OfferedAt, o.ExpiresAt)
	c.changed(a.Branch, a.Slot.StartsAt)
	return err
}
