package store

import (
	"context"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// CorrectContact corrects how the patient of a booking is called and reached, and sends them their letter again. corrected was made
// from a revision of the booking; when another has been saved since, the answer is clinic.StaleError. A booking at a branch where
// the actor may not change bookings answers NotFound.
func (s *Store) CorrectContact(ctx context.Context, actor clinic.Actor, bookingID string, revision int, corrected clinic.Patient) error {
	token := clinic.NewToken()
	return s.change(ctx, "CorrectContact", actor, func(tx *change) error {
		tx.aboutBooking(bookingID)
		condition, args := ownBooking(actor, bookingID)
		a, err := tx.lockedAppointment(condition, args...)
		if err != nil {
			return err
		}
		if err := a.CheckCorrect(actor, tx.now); err != nil {
			return err
		}
		if a.Booking.Revision != revision {
			return clinic.StaleError()
		}
		return tx.correct(a, corrected, token)
	})
}

// CorrectEmail corrects the mail address behind a patient's link: the letter goes to the new one, with a link whose token was drawn
// before, and all earlier links end. The keys of the one who booked lead to the new link from then on, see liveToken. The address before
// is told nothing. A link that opens nothing answers NotFound, an address
// that cannot be written to clinic.Errors, one correction too many TooMany, and a token that was a link's before clinic.StaleError.
func (s *Store) CorrectEmail(ctx context.Context, patient clinic.Actor, typed, token string) error {
	successor, err := s.keyring.BlindIndexText("idempotency-key", successorKey(patient.Token))
	if err != nil {
		return err
	}
	err = s.change(ctx, "CorrectEmail", patient, func(tx *change) error {
		a, err := tx.lockedAppointment(byLink, clinic.TokenHash(patient.Token), tx.now)
		if err != nil {
			return err
		}
		tx.aboutBooking(a.Booking.ID)
		if err := a.CheckCorrect(patient, tx.now); err != nil {
			return err
		}
		contact := a.Patient.Contact()
		contact.Email = typed
		corrected, errs := a.Patient.Corrected(contact, a.Booking.Lang, clinic.DateOf(tx.now, a.Branch.Location()))
		if len(errs) > 0 {
			return errs
		}
		var row letterRow
		err = one(tx.Where("once_key = ?", a.Booking.ID+"/"+string(clinic.FirstLetter(a.Booking.Status))), &row)
		if err == nil {
			err = row.letter().CheckCorrection(tx.now)
		}
		if err != nil && clinic.CodeOf(err) != clinic.NotFound {
			return err
		}
		if err := tx.correct(a, corrected, token); err != nil {
			return err
		}
		return tx.keepOwn(successor, receiptFor(a, token))
	})
	if isConstraint(err, "links_pkey", "links.token_hash") {
		err = clinic.StaleError()
	}
	return err
}

// lockedAppointment is the appointment of the one booking b for which a condition holds, locked by lockBooking.
func (c *change) lockedAppointment(condition string, args ...any) (clinic.Appointment, error) {
	id, err := c.lockBooking(condition, args...)
	if err != nil {
		return clinic.Appointment{}, err
	}
	return c.store.appointment(c.DB, "b.id = "+aText, id)
}

// correct writes a booking's patient anew and sends the letter that says how the booking stands. The patient may be another person
// by the corrected number or reading, whom the clinic perhaps knows already. With another mail address all links end: who reads
// the former one may be a stranger.
func (c *change) correct(a clinic.Appointment, corrected clinic.Patient, token string) error {
	corrected.ID, corrected.CreatedAt = clinic.NewIDAt(c.now), c.now
	person, terms, err := c.store.newPatient(corrected)
	if err != nil {
		return err
	}
	patientID := a.Booking.PatientID
	if corrected.Identity() == a.Patient.Identity() { // also where the front desk knows that they are somebody else than it says
		err = c.insertAllTerms(patientID, corrected)
	} else {
		patientID, err = c.insertPatient(person, terms)
	}
	if err != nil {
		return err
	}
	return c.correctBooking(a, patientID, corrected, token)
}

// correctBooking is correct for a booking whose patient is known.
func (c *change) correctBooking(a clinic.Appointment, patientID string, corrected clinic.Patient, token string) error {
	sealed, err := c.store.keyring.Seal(seal.Contact, bookingAD(a.Booking.ID), storeBooking(corrected, a.Booking.Details))
	if err != nil {
		return err
	}
	err = c.Exec("UPDATE bookings SET patient_id = ?, sealed = ?, revision = revision + 1 WHERE id = ?", patientID, sealed, a.Booking.ID).Error
	if err != nil {
		return err
	}
	c.changed(a.Branch, a.Slot.StartsAt)
	if corrected.Email != a.Patient.Email {
		if err := c.revokeLinks(a.Booking.ID); err != nil {
			return err
		}
		if err := c.forgetLetters(a.Booking.ID); err != nil {
			return err
		}
	}
	if err := c.correctWaiting(a, corrected); err != nil {
		return err
	}
	// The one letter that is written says how the booking stands. Another, about a move, would go to the former address.
	if err := withdrawLetters(c.DB, a.Booking.ID); err != nil {
		return err
	}
	if a.Over(c.now) {
		return nil // nobody waits for a letter any more
	}
	a.Patient = corrected
	if a.Booking.Status.Live() {
		if err := c.insertLink(a.Booking.ID, token, a.Slot.LinksExpire()); err != nil {
			return err
		}
	}
	settings, err := c.settings()
	if err != nil {
		return err
	}
	letter := clinic.CorrectedFor(settings, a, token, c.now)
	if letter.Kind.Ends() {
		var told int64
		err := c.Table("letters").Where("once_key = ? AND sequence = ?", letter.OnceKey, letter.Sequence).Count(&told).Error
		if err != nil || told == 0 {
			return err // the front desk wanted no letter about the end
		}
	}
	return c.rewriteLetter(letter)
}

// forgetLetters erases what the letters about a booking said that went to its former address, so that none of them is sent there once more.
// Those of the future stay: they are written anew when they go.
func (c *change) forgetLetters(bookingID string) error {
	return c.Exec("UPDATE letters SET sealed = NULL, purged_at = ? WHERE booking_id = ? AND purged_at IS NULL AND kind NOT IN "+ofTheFuture, c.now, bookingID).Error
}

// revokeLinks ends the links of a booking.
func (c *change) revokeLinks(bookingID string) error {
	return c.Table("links").Where("booking_id = ? AND revoked_at IS NULL", bookingID).Updates(map[string]any{"revoked_at": c.now}).Error
}
