package store

import (
	"database/sql"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// draft is a booking and its patient, sealed and ready to be written.
type draft struct {
	booking clinic.Booking
	patient clinic.Patient
	token   string
	sealed  []byte // what was typed with the booking
	client  []byte // whom it is counted by beside the person; nil where it is not
	counted []counted
	person  patientRow
	terms   []termRow
	known   string // the id of clinic.Request.PatientID; "" for none
	shown   *int   // clinic.Request.PatientRevision
	own     string // the id of clinic.Request.Own; "" for none
}

func (s *Store) draft(r clinic.Request, actor clinic.Actor, now time.Time) (draft, error) {
	d := draft{booking: clinic.NewBooking(r, actor, s.newReference(), now), patient: r.Patient, token: clinic.NewToken(), known: r.PatientID, shown: r.PatientRevision}
	d.patient.ID, d.patient.CreatedAt = d.booking.PatientID, now
	var err error
	if d.person, d.terms, err = s.newPatient(d.patient); err != nil {
		return d, err
	}
	if r.Own != "" {
		if d.own, err = s.keyring.BlindIndexText("idempotency-key", r.Own); err != nil {
			return d, err
		}
	}
	if d.client, d.counted, err = s.countedFor(actor, r); err != nil {
		return d, err
	}
	d.sealed, err = s.keyring.Seal(seal.Contact, bookingAD(d.booking.ID), storeBooking(d.patient, d.booking.Details))
	return d, err
}

// insertDraft writes the draft once it has its slot. Its statements are written out because every booking waits for them.
func (c *change) insertDraft(d draft, a clinic.Appointment) error {
	var patientID string
	var err error
	if d.known != "" {
		if patientID, err = c.callerKnown(d.known, d.shown, d.patient); err == nil {
			err = c.notAlone(patientID)
		}
	} else {
		patientID, err = c.insertPatient(d.person, d.terms)
	}
	if err != nil {
		return err
	}
	b, slot := d.booking, a.Slot
	of := clinic.AboutBooking(a)
	of.Patient = patientID
	c.about(of)
	_, err = c.insert(`INSERT INTO bookings (id, reference, slot_id, patient_id, status, live, sequence, channel, lang, questionnaire_version, sealed, created_at, client)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		b.ID, b.Reference, slot.ID, patientID, b.Status, b.Status.Live(), b.Sequence, b.Channel, b.Lang, orNull(b.QuestionnaireVersion), d.sealed, b.CreatedAt, d.client)
	if err != nil {
		return err
	}
	return c.insertLink(b.ID, d.token, slot.LinksExpire())
}

// orNull is a text for a column in which nothing is NULL.
func orNull(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }
