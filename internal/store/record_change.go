package store

import (
	"context"
	"time"

	"madoguchi/internal/clinic"
)

// lockPatient is a patient whom an actor may change, locked until the transaction ends; NotFound for any other, and for one who was
// merged into another.
func (c *change) lockPatient(id string) (recordRow, error) {
	var row recordRow
	condition, args := knownPatient(c.actor, clinic.ChangeBooking, id)
	err := one(c.forUpdate(c.Table("patients AS p").Where(condition, args...).Where("p.merged_into IS NULL")).Select(recordColumns), &row)
	return row, err
}

// CorrectPatient corrects what is stored of a patient, and with it their live bookings to come at the branches where the actor may
// change bookings, whose letters are sent again where they change. corrected was made from a revision of the patient; when another has
// been saved since, the answer is clinic.StaleError. Where another patient is the same by name, birth date and phone number already,
// it is Conflict: the two are merged instead. A patient whom the actor does not know answers NotFound.
func (s *Store) CorrectPatient(ctx context.Context, actor clinic.Actor, id string, revision int, corrected clinic.Patient) error {
	return s.change(ctx, "CorrectPatient", actor, func(tx *change) error {
		tx.aboutPatient(id)
		row, err := tx.lockPatient(id)
		if err != nil {
			return err
		}
		if row.Revision != revision {
			return clinic.StaleError()
		}
		before, err := s.openPatient(row.patientRow())
		if err != nil {
			return err
		}
		saved, err := tx.savePatient(row, corrected)
		if err != nil {
			return err
		}
		if !saved {
			return &clinic.Error{Code: clinic.Conflict, Message: "error.patient.same"}
		}
		owned, args := ownedBy(actor, clinic.ChangeBooking)
		all, err := s.appointments(tx.DB, "b.patient_id = "+aText+" AND b.live AND s.starts_at > ? AND "+owned+" ORDER BY b.id", append([]any{id, tx.now}, args...)...)
		if err != nil {
			return err
		}
		for _, a := range all {
			typed := a.Patient.With(before, corrected)
			if typed == a.Patient {
				continue
			}
			if _, err := tx.lockBooking("b.id = "+aText, a.Booking.ID); err != nil {
				return err
			}
			if err := tx.insertAllTerms(id, typed); err != nil { // of what is corrected and of what is not, together
				return err
			}
			if err := tx.correctBooking(a, id, typed, clinic.NewToken()); err != nil {
				return err
			}
		}
		return nil
	})
}

// savePatient writes what is stored of a patient anew, and adds the terms by which they are found from then on. Where somebody else is
// that person already, it writes nothing and reports false.
func (c *change) savePatient(row recordRow, p clinic.Patient) (saved bool, err error) {
	p.ID = row.ID
	made, _, err := c.store.newPatient(p)
	if err != nil {
		return false, err
	}
	var others int
	identities := append([][]byte{made.Identity}, made.Otherwise...)
	err = c.Raw("SELECT COUNT(*) FROM patients WHERE identity IN ? AND id <> "+aText, identities, row.ID).Row().Scan(&others)
	if err != nil || others > 0 {
		return false, err
	}
	if err := c.insertAllTerms(row.ID, p); err != nil {
		return false, err
	}
	return true, c.Exec("UPDATE patients SET sealed = ?, identity = ?, revision = revision + 1 WHERE id = ?", made.Sealed, made.Identity, row.ID).Error
}

// callerKnown is the patient whom the front desk has recognised on the telephone; what they say of themselves now is stored, because
// somebody of the clinic has asked. Where it makes them somebody else, it is stored with their booking only. What was typed over an older
// revision than the one that is stored answers clinic.StaleError.
func (c *change) callerKnown(id string, shown *int, typed clinic.Patient) (string, error) {
	row, err := c.lockPatient(id)
	if clinic.CodeOf(err) == clinic.NotFound {
		return "", &clinic.Error{Code: clinic.Invalid, Field: "patient", Message: "error.caller.patient"}
	}
	if err != nil {
		return "", err
	}
	before, err := c.store.openPatient(row.patientRow())
	if err != nil {
		return "", err
	}
	typed.ID, typed.CreatedAt = before.ID, before.CreatedAt
	if typed == before {
		return row.ID, nil
	}
	if shown != nil && *shown != row.Revision {
		return "", clinic.StaleError()
	}
	saved, err := c.savePatient(row, typed)
	if err == nil && !saved {
		err = c.insertAllTerms(row.ID, typed)
	}
	return row.ID, err
}

// CloseOnline lets a patient book by telephone only from now on, or opens online booking to them again. A patient whom the actor does
// not know answers NotFound.
func (s *Store) CloseOnline(ctx context.Context, actor clinic.Actor, id string, closed bool) error {
	return s.change(ctx, "CloseOnline", actor, func(tx *change) error {
		tx.aboutPatient(id)
		row, err := tx.lockPatient(id)
		if err != nil || closed == (row.OnlineClosedAt != nil) {
			return err
		}
		var at *time.Time
		if closed {
			at = &tx.now
		}
		return tx.Exec("UPDATE patients SET online_closed_at = ? WHERE id = ?", at, id).Error
	})
}
