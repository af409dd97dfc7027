package store

import (
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// insertWaitingLetter writes a letter to somebody who waits into the outbox. Where its address got too many of them already, it is held.
func (c *change) insertWaitingLetter(l clinic.Letter) error {
	sealed, err := c.store.keyring.Seal(seal.Contact, letterAD(l.ID), storeLetter(l.Content))
	if err != nil {
		return err
	}
	left, err := c.lettersLeft(l.Content.To)
	if err != nil {
		return err
	}
	if !left {
		l.Status = clinic.LetterHeld
	}
	domain, err := c.store.domainOf(l)
	if err != nil {
		return err
	}
	c.letter = true
	_, err = c.insert(`INSERT INTO letters (id, waiting_id, kind, once_key, channel, sequence, due_at, created_at, domain, sealed, status, lapses_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		l.ID, l.WaitingID, l.Kind, l.OnceKey, l.Channel, l.Sequence, l.DueAt, l.CreatedAt, domain, sealed, l.Status, l.LapsesAt)
	return err
}

// lettersLeft reports whether an address may get another letter without a person looking. Those about bookings count, but for those of the future,
// and those to somebody who waits.
func (c *change) lettersLeft(to string) (bool, error) {
	if !c.store.limits {
		return true, nil
	}
	email, err := c.store.countedBy(term{"email", clinic.Mailbox(to)})
	if err != nil {
		return false, err
	}
	in, terms := c.termsIn(email)
	ofBookings := "(SELECT COUNT(*) FROM patient_terms t JOIN bookings b ON b.patient_id = t.patient_id JOIN letters l ON l.booking_id = b.id AND l.kind NOT IN " + ofTheFuture + " WHERE t.term IN "
	const ofWaits = "(SELECT COUNT(*) FROM waiting_terms t JOIN letters l ON l.waiting_id = t.waiting_id WHERE t.term IN "
	var args []any
	for range 2 {
		for _, since := range []time.Duration{time.Hour, 24 * time.Hour} {
			args = append(append(args, terms...), c.now.Add(-since))
		}
	}
	since := in + " AND l.created_at > ?)"
	var bookingsHour, bookingsDay, waitsHour, waitsDay int
	err = c.Raw("SELECT "+ofBookings+since+", "+ofBookings+since+", "+ofWaits+since+", "+ofWaits+since, args...).Row().
		Scan(&bookingsHour, &bookingsDay, &waitsHour, &waitsDay)
	return clinic.LettersLeft(bookingsHour+waitsHour, bookingsDay+waitsDay), err
}

// lapseLetters withdraws the letters that have not gone and are not to go any more. Whoever is sending one just now goes on.
func (c *change) lapseLetters() error {
	return c.Exec(`UPDATE letters SET status = 'withdrawn', lease_until = NULL
		WHERE lapses_at <= ? AND status IN ('waiting', 'sending') AND (status = 'waiting' OR status = 'sending' AND lease_until <= ?)`, c.now, c.now).Error
}

// offerOf is the live offer that a letter is about, with its slot locked; ok is false where there is none.
func (c *change) offerOf(letterID string) (o clinic.Offer, ok bool, err error) {
	var row offerRow
	switch err := one(c.Where("letter_id = ? AND outcome IS NULL", letterID), &row); {
	case clinic.CodeOf(err) == clinic.NotFound:
		return o, false, nil
	case err != nil:
		return o, false, err
	}
	if err := c.lockSlots(row.SlotID); err != nil {
		return o, false, err
	}
	err = one(c.forUpdate(c.Where("id = ? AND outcome IS NULL", row.ID)), &row)
	if clinic.CodeOf(err) == clinic.NotFound { // it has ended at this very moment
		return o, false, nil
	}
	return row.offer(), err == nil, err
}

// offerSent begins the time of an offer, because its letter has gone. Where somebody else got the slot meanwhile it ends, and they are told.
func (c *change) offerSent(l clinic.Letter) error {
	if l.Kind != clinic.OfferLetter {
		return nil
	}
	o, ok, err := c.offerOf(l.ID)
	if err != nil || !ok || o.SentAt != nil {
		return err
	}
	o = o.Sent(c.now)
	if err := c.Exec("UPDATE offers SET sent_at = ?, expires_at = ? WHERE id = ?", o.SentAt, o.ExpiresAt, o.ID).Error; err != nil {
		return err
	}
	q := c.Exec("UPDATE claims SET expires_at = ? WHERE slot_id = ? AND holder_kind = 'offer' AND holder = ?", o.ExpiresAt, o.SlotID, clinic.OfferHolder(o.WaitingID))
	if q.Error == nil && q.RowsAffected == 0 {
		return c.endLate(o, clinic.OfferOver)
	}
	return q.Error
}

// offerFailed ends an offer whose letter reaches nobody. That is written down of one that has ended already as well: whom letters do not reach
// is called by telephone.
func (c *change) offerFailed(letterID string) error {
	o, ok, err := c.offerOf(letterID)
	if err != nil {
		return err
	}
	if ok {
		return c.endLate(o, clinic.OfferFailed)
	}
	return c.Exec("UPDATE offers SET outcome = 'failed' WHERE letter_id = ? AND outcome IN ('over', 'unsent', 'withdrawn')", letterID).Error
}
