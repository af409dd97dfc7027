package store

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// Note is the note of a booking as one doctor has it: their draft, and every version that was signed by whomever.
type Note struct {
	Chart                    // without an intake for a doctor who does not read the chart any more
	Reads    bool            // the doctor reads the chart
	Draft    clinic.Draft    // zero where they have begun nothing
	Versions []clinic.Signed // the oldest first

	KeptUntil clinic.Date // where the patient was erased, the last day on which it is kept; zero otherwise
}

// Newest is the version that was signed last; zero where there is none.
func (n Note) Newest() clinic.Signed {
	if len(n.Versions) == 0 {
		return clinic.Signed{}
	}
	return n.Versions[len(n.Versions)-1]
}

// ownNote is a condition in SQL, with its arguments, on the booking b and its slot s: the actor is the doctor who reads its chart, or one
// who has written in its note before it was handed over. Whoever has seen a patient writes down what they found, and may mend what they signed.
func ownNote(actor clinic.Actor) (condition string, args []any) {
	doctor := chartsOf(actor)
	return "(" + chartDoctor + " = " + aText + ` OR EXISTS (SELECT 1 FROM note_versions nv WHERE nv.booking_id = b.id AND nv.doctor_id = ` + aText + `)
		OR EXISTS (SELECT 1 FROM note_drafts nd WHERE nd.booking_id = b.id AND nd.doctor_id = ` + aText + ` AND nd.sealed IS NOT NULL))`, []any{doctor, doctor, doctor}
}

func versionAD(bookingID string, version int) seal.AssociatedData {
	return seal.AssociatedData{Table: "note_versions", ID: fmt.Sprintf("%s/%d", bookingID, version)}
}

// NoteFor is the note of a booking for a doctor who reads its chart or has written in it; anybody else answers NotFound.
func (s *Store) NoteFor(ctx context.Context, doctor clinic.Actor, bookingID string) (Note, error) {
	n, err := s.noteFor(s.reader(ctx), doctor, bookingID)
	return n, wrap("NoteFor", err)
}

func (s *Store) noteFor(db *gorm.DB, doctor clinic.Actor, bookingID string) (Note, error) {
	var n Note
	owned, args := ownNote(doctor)
	a, err := s.appointment(db, "b.id = "+aText+" AND "+owned, append([]any{bookingID}, args...)...)
	if clinic.CodeOf(err) == clinic.NotFound {
		return s.keptNote(db, doctor, bookingID)
	}
	if err != nil {
		return n, err
	}
	n.Appointment = a
	if n.Reads = a.Reader() == chartsOf(doctor); n.Reads {
		charts := []Chart{n.Chart}
		if err := s.readIntakes(db, charts); err != nil {
			return n, err
		}
		n.Chart = charts[0]
	}
	if n.Draft, _, err = s.noteDraft(db, bookingID, chartsOf(doctor)); err != nil {
		return n, err
	}
	n.Versions, err = s.signed(db, bookingID)
	return n, err
}

// signed are the versions of the note of a booking, the oldest first.
func (s *Store) signed(db *gorm.DB, bookingID string) ([]clinic.Signed, error) {
	var rows []struct {
		Version  int
		DoctorID string
		SignedAt time.Time
		Sealed   []byte
	}
	err := db.Raw("SELECT version, doctor_id, signed_at, sealed FROM note_versions WHERE booking_id = "+aText+" ORDER BY version", bookingID).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	out := make([]clinic.Signed, len(rows))
	for i, row := range rows {
		var stored storedNote
		if err := s.keyring.Open(seal.Answers, versionAD(bookingID, row.Version), row.Sealed, &stored); err != nil {
			return nil, err
		}
		out[i] = stored.signed()
		out[i].BookingID, out[i].Version, out[i].DoctorID, out[i].SignedAt = bookingID, row.Version, row.DoctorID, row.SignedAt.UTC()
	}
	return out, nil
}

// notePen is a note that is being written, and the row of its draft.
type notePen struct {
	Note
	row draftRow
}

// lockedNote is the note of a booking, locked until the change ends, for a doctor who may write in it; anybody else answers NotFound.
func (c *change) lockedNote(doctor clinic.Actor, bookingID string) (w notePen, err error) {
	if _, err := c.lockBooking("b.id = "+aText, bookingID); err != nil {
		return w, err
	}
	if w.Note, err = c.store.noteFor(c.DB, doctor, bookingID); err != nil {
		return w, err
	}
	if !w.KeptUntil.IsZero() {
		return w, &clinic.Error{Code: clinic.Conflict, Message: "error.note.kept"}
	}
	if _, w.row, err = c.store.noteDraft(c.DB, bookingID, chartsOf(doctor)); err != nil {
		return w, err
	}
	return w, w.Appointment.CheckNote(w.Draft.Revision > 0 || len(w.Versions) > 0, c.now)
}

// SignNote signs what a doctor has typed as the next version of the note, and ends their draft. When another version was signed that the
// screen has not seen, the answer is clinic.NoteOutrunError, and clinic.StaleError as with SaveDraft.
func (s *Store) SignNote(ctx context.Context, doctor clinic.Actor, bookingID string, screen clinic.Screen, typed clinic.Note, reason string, signing clinic.Signing) (clinic.Signed, error) {
	var signed clinic.Signed
	err := s.change(ctx, "SignNote", doctor, func(tx *change) error {
		tx.aboutBooking(bookingID)
		w, err := tx.lockedNote(doctor, bookingID)
		if err != nil {
			return err
		}
		var author clinic.Doctor
		if err := one(tx.Where("id = ?", chartsOf(doctor)), &author); err != nil {
			return err
		}
		if n := w.Newest(); n.Version == screen.Base+1 && n.DoctorID == chartsOf(doctor) && reflect.DeepEqual(n.Note, typed.Tidied()) {
			signed = n // pressed twice
			return nil
		}
		d := w.Draft
		d.Note, d.Reason, d.Base, d.Open = typed, reason, screen.Base, false
		if signed, err = d.CheckSigning(w.Newest(), author, w.Appointment.Slot.StartsAt, signing, tx.now, w.Appointment.Branch.Location()); err != nil {
			return err
		}
		same := w.Draft.Open && reflect.DeepEqual(w.Draft.Note, signed.Note)
		if err := w.Draft.CheckSave(w.Newest().Version, screen, w.row.Screen, w.row.Save); err != nil && !same {
			return err
		}
		sealed, err := s.keyring.Seal(seal.Answers, versionAD(bookingID, signed.Version), storeNote(signed.Note, signed.Reason, signed.Author))
		if err != nil {
			return err
		}
		if _, err := tx.insert("INSERT INTO note_versions (booking_id, version, doctor_id, staff_id, signed_at, sealed) VALUES (?, ?, ?, ?, ?, ?)",
			bookingID, signed.Version, signed.DoctorID, orNull(doctor.Staff.ID), tx.now, sealed); err != nil {
			return err
		}
		tx.changed(w.Appointment.Branch, w.Appointment.Slot.StartsAt)
		if err := tx.handoverRead(doctor, w.Appointment, ""); err != nil {
			return err
		}
		return tx.saveDraft(&d, screen)
	})
	if isConstraint(err, "note_versions_pkey", "note_versions.booking_id") {
		err = clinic.NoteOutrunError()
	}
	return signed, err
}

// CorrectNote begins to change a signed note, from its newest version on, with a reason. seen is the newest version that the doctor has seen;
// when it is not, the answer is clinic.NoteOutrunError. A correction that is begun already goes on.
func (s *Store) CorrectNote(ctx context.Context, doctor clinic.Actor, bookingID string, seen int, reason string) error {
	reason, errs := clinic.CheckNoteReason(reason)
	if len(errs) > 0 {
		return errs
	}
	return s.change(ctx, "CorrectNote", doctor, func(tx *change) error {
		tx.aboutBooking(bookingID)
		w, err := tx.lockedNote(doctor, bookingID)
		if err != nil {
			return err
		}
		newest := w.Newest()
		switch {
		case newest.Version == 0 || newest.Version != seen:
			return clinic.NoteOutrunError()
		case w.Draft.Open:
			return nil
		}
		d := w.Draft
		d.Note, d.Reason, d.Base, d.Open = newest.Note, reason, newest.Version, true
		return tx.saveDraft(&d, clinic.Screen{})
	})
}
