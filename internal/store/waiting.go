package store

import (
	"context"
	"encoding/hex"
	"strings"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// GetInLine gives somebody a place in line, which the request's token opens; the same token once more has no further effect. Whoever has a
// booking and is known by its link waits with that, and has one place for it: what they wish for takes the place of what they wished before,
// and they keep their turn. Staff put callers in line at the branches where they may change bookings.
func (s *Store) GetInLine(ctx context.Context, actor clinic.Actor, r clinic.WaitingRequest) error {
	var client []byte
	var err error
	if actor.Client != "" {
		if client, err = s.keyring.BlindIndex("client", actor.Client); err != nil {
			return err
		}
	}
	return s.change(ctx, "GetInLine", actor, func(tx *change) error {
		// Of a form that is sent twice at one moment the second waits for the first.
		if err := tx.advisoryLock("place " + hex.EncodeToString(clinic.TokenHash(r.Token))); err != nil {
			return err
		}
		var known int64
		if err := tx.Table("waiting_links").Where("token_hash = ?", clinic.TokenHash(r.Token)).Count(&known).Error; err != nil || known > 0 {
			return err
		}
		w := clinic.NewWaiting(r, tx.now)
		if actor.Kind == clinic.ActorPatient {
			a, err := tx.own(actor)
			if err != nil {
				return err
			}
			if err := a.CheckOwn(tx.now); err != nil {
				return err
			}
			w.BranchID, w.Patient, w.Lang, w.BookingID, w.ByMail = a.Branch.ID, a.Patient, a.Booking.Lang, a.Booking.ID, a.Patient.Email != ""
		}
		branch, err := tx.branch(w.BranchID)
		if err != nil {
			return err
		}
		tx.aboutWaiting(w)
		if actor.Kind == clinic.ActorStaff && !actor.May(clinic.ChangeBooking, branch.ID) {
			return NotFound()
		}
		if w.BookingID != "" {
			if err := tx.advisoryLock("waits with " + w.BookingID); err != nil {
				return err
			}
			if err := clinic.CheckWaits(branch, actor, 0, 0, 0); err != nil {
				return err
			}
			again, err := tx.waitOtherwise(w, r.Token)
			if again || err != nil {
				return err
			}
		}
		return tx.insertWaiting(w, branch, client, r.Token)
	})
}

// waitOtherwise changes what somebody with a booking waits for; done is false where they do not wait yet.
func (c *change) waitOtherwise(w clinic.Waiting, token string) (done bool, err error) {
	var row waitingRow
	err = one(c.forUpdate(c.Where("booking_id = ? AND in_line", w.BookingID)), &row)
	if clinic.CodeOf(err) == clinic.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := c.Model(&waitingRow{}).Where("id = ?", row.ID).Updates(wishColumns(w)).Error; err != nil {
		return false, err
	}
	return true, c.insertPlace(row.ID, token)
}

// insertWaiting writes a place in line, unless the actor has as many as they may.
func (c *change) insertWaiting(w clinic.Waiting, branch clinic.Branch, client []byte, token string) error {
	sealed, err := c.store.keyring.Seal(seal.Contact, waitingAD(w.ID), storeWaiting(w.Patient, ""))
	if err != nil {
		return err
	}
	terms, err := c.waitingTerms(w.Patient)
	if err != nil {
		return err
	}
	if w.BookingID == "" {
		if err := c.checkWaits(branch, terms, client); err != nil {
			return err
		}
	}
	wish := wishColumns(w)
	_, err = c.insert(`INSERT INTO waitings (id, branch_id, doctor_id, sex, booking_id, weekdays, parts, from_minute, until_minute, first_day, last_day,
			by_mail, status, in_line, lang, client, sealed, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		w.ID, w.BranchID, wish["doctor_id"], wish["sex"], orNull(w.BookingID), wish["weekdays"], wish["parts"], int(w.Wish.From), int(w.Wish.Until),
		wish["first_day"], wish["last_day"], w.ByMail, w.Status, w.Status.InLine(), w.Lang, client, sealed, w.CreatedAt)
	if err != nil {
		return err
	}
	if err := c.insertWaitingTerms(w.ID, terms); err != nil {
		return err
	}
	c.letter = true // a slot that suits them may be free already
	if err := c.insertPlace(w.ID, token); err != nil || !w.ByMail {
		return err
	}
	settings, err := c.settings()
	if err != nil {
		return err
	}
	return c.insertWaitingLetter(clinic.InLineFor(settings, w, branch, token, c.now))
}

func (c *change) insertWaitingTerms(waitingID string, terms []counted) error {
	for _, t := range terms {
		if _, err := c.insert("INSERT INTO waiting_terms (waiting_id, term) VALUES (?, ?)", waitingID, t.terms[0]); err != nil {
			return err
		}
	}
	return nil
}

func (c *change) insertPlace(waitingID, token string) error {
	_, err := c.insert("INSERT INTO waiting_links (waiting_id, token_hash, created_at) VALUES (?, ?, ?)", waitingID, clinic.TokenHash(token), c.now)
	return err
}

// waitingTerms are by what somebody who waits is counted: the telephone number, and the mail address.
func (c *change) waitingTerms(p clinic.Patient) (all []counted, err error) {
	p.Birth = clinic.Date{}
	for _, t := range personTerms(p) {
		one, err := c.store.countedBy(t)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// checkWaits counts the places that the person has, and those that came from the same client, and asks the rules; those of the person to whom
// booking online is closed as well.
func (c *change) checkWaits(branch clinic.Branch, terms []counted, client []byte) error {
	if err := c.lockCounted(terms); err != nil {
		return err
	}
	if c.actor.Limited() {
		n, err := c.count(terms)
		if err != nil {
			return err
		}
		if err := n.CheckOpen(branch, c.actor); err != nil {
			return err
		}
	}
	if !c.store.limits {
		return clinic.CheckWaits(branch, c.actor, 0, 0, 0)
	}
	person := counted{}
	for _, t := range terms {
		person.terms = append(person.terms, t.terms...)
	}
	in, args := c.termsIn(person)
	var places, inHour, inDay int
	err := c.Raw(`SELECT
			(SELECT COUNT(DISTINCT w.id) FROM waiting_terms t JOIN waitings w ON w.id = t.waiting_id WHERE t.term IN `+in+` AND w.in_line),
			(SELECT COUNT(*) FROM waitings WHERE client = `+c.store.aBytes()+` AND created_at > ?),
			(SELECT COUNT(*) FROM waitings WHERE client = `+c.store.aBytes()+` AND created_at > ?)`,
		append(args, client, c.now.Add(-time.Hour), client, c.now.Add(-24*time.Hour))...).Row().Scan(&places, &inHour, &inDay)
	if err != nil {
		return err
	}
	return clinic.CheckWaits(branch, c.actor, places, inHour, inDay)
}

// WaitsWith is the place in line of the booking behind a patient's link, or NotFound where they do not wait with it.
func (s *Store) WaitsWith(ctx context.Context, patient clinic.Actor) (clinic.Waiting, error) {
	all, err := s.waitings(s.reader(ctx), s.now(), false, "w.in_line AND w."+strings.Replace(byLink, "b.id", "booking_id", 1), clinic.TokenHash(patient.Token), s.now())
	if err == nil && len(all) == 0 {
		err = NotFound()
	}
	if err != nil {
		return clinic.Waiting{}, wrap("WaitsWith", err)
	}
	return all[0], nil
}

// Leave ends the place in line that a token opens, and what was offered there is free again. Done once more it changes nothing.
func (s *Store) Leave(ctx context.Context, token string) error {
	return s.change(ctx, "Leave", clinic.PatientByLink(token), func(tx *change) error {
		w, err := s.place(tx.DB, tx.now, token)
		if err != nil {
			return err
		}
		tx.aboutWaiting(w)
		return tx.leave(w, clinic.WaitLeft)
	})
}

// LeaveWith is Leave for whoever waits with the booking behind a patient's link.
func (s *Store) LeaveWith(ctx context.Context, patient clinic.Actor) error {
	return s.change(ctx, "LeaveWith", patient, func(tx *change) error {
		a, err := tx.own(patient)
		if err != nil {
			return err
		}
		all, err := s.waitings(tx.DB, tx.now, false, "w.booking_id = "+aText+" AND w.in_line", a.Booking.ID)
		if err != nil || len(all) == 0 {
			return err
		}
		tx.aboutWaiting(all[0])
		return tx.leave(all[0], clinic.WaitLeft)
	})
}

// TakeOutOfLine is Leave by staff, for somebody who waits at a branch where they may change bookings; any other answers NotFound.
func (s *Store) TakeOutOfLine(ctx context.Context, actor clinic.Actor, waitingID string) error {
	return s.change(ctx, "TakeOutOfLine", actor, func(tx *change) error {
		w, err := tx.ownWaiting(waitingID)
		if err != nil {
			return err
		}
		tx.aboutWaiting(w)
		return tx.leave(w, clinic.WaitLeft)
	})
}

// ownWaiting is somebody's place in line at a branch where the actor may change bookings, with the person, or NotFound.
func (c *change) ownWaiting(waitingID string) (clinic.Waiting, error) {
	all, err := c.store.waitings(c.DB, c.now, true, "w.id = "+aText, waitingID)
	if isInvalidText(err) || err == nil && (len(all) == 0 || !c.actor.May(clinic.ChangeBooking, all[0].BranchID)) {
		err = NotFound()
	}
	if err != nil {
		return clinic.Waiting{}, err
	}
	return all[0], nil
}

// leave takes somebody out of line, who stands as left or as over from then on. What was offered to them is free again.
func (c *change) leave(w clinic.Waiting, status clinic.WaitingStatus) error {
	if !w.Status.InLine() {
		return nil
	}
	if w.Offer != nil && w.Offer.Outcome == "" {
		if err := c.lockSlots(w.Offer.SlotID); err != nil {
			return err
		}
		return c.endOffer(w, *w.Offer, clinic.OfferLeft, status)
	}
	return c.standAs(w.ID, status)
}

// standAs gives somebody who is in line another status. Whoever has left it stays out.
func (c *change) standAs(waitingID string, status clinic.WaitingStatus) error {
	var ended *time.Time
	if !status.InLine() {
		ended = &c.now
	}
	q := c.Exec("UPDATE waitings SET status = ?, in_line = ?, ended_at = ? WHERE id = ? AND in_line", status, status.InLine(), ended, waitingID)
	if q.Error != nil || status.InLine() {
		return q.Error
	}
	// What was to be said to them is said no more.
	return c.Exec("UPDATE letters SET status = 'withdrawn', lease_until = NULL WHERE waiting_id = ? AND status IN ('waiting', 'sending', 'failed', 'bounced', 'held')", waitingID).Error
}

// eraseWaiting erases who waited, and what was written to them, some time after their wait has ended.
func (c *change) eraseWaiting() error {
	const old = "SELECT id FROM waitings WHERE ended_at <= ? AND sealed IS NOT NULL"
	before := c.now.AddDate(0, 0, -clinic.WaitingKept)
	for _, statement := range []string{
		"DELETE FROM waiting_terms WHERE waiting_id IN (" + old + ")",
		"DELETE FROM waiting_links WHERE waiting_id IN (" + old + ")",
		"UPDATE letters SET sealed = NULL WHERE waiting_id IN (" + old + ") AND status NOT IN ('waiting', 'sending')",
		"UPDATE waitings SET sealed = NULL, client = NULL WHERE ended_at <= ? AND sealed IS NOT NULL",
	} {
		if err := c.Exec(statement, before).Error; err != nil {
			return err
		}
	}
	return nil
}
