package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
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
	settings, err := c.settingsAt(wanted.settings)
	if err != nil {
		return err
	}
	l := clinic.OfferLetterFor(settings, w, o, a, token, c.now)
	if err := c.insertWaitingLetter(l); err != nil {
		return err
	}
	_, err = c.insert("INSERT INTO offers (id, waiting_id, slot_id, letter_id, staff_id, minutes, offered_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		o.ID, o.WaitingID, o.SlotID, l.ID, orNull(o.StaffID), o.Minutes, o.OfferedAt, o.ExpiresAt)
	c.changed(a.Branch, a.Slot.StartsAt)
	return err
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
