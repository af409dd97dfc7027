package store

import (
	"context"
	"reflect"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// draftRow is a draft as it is stored.
type draftRow struct {
	BookingID string
	DoctorID  string
	Revision  int
	Base      int
	Screen    string
	Save      int64
	Sealed    []byte
	SavedAt   time.Time
}

func draftAD(bookingID, doctorID string) seal.AssociatedData {
	return seal.AssociatedData{Table: "note_drafts", ID: bookingID + "/" + doctorID}
}

// noteDraft is what a doctor is notePen about a booking, and its row.
func (s *Store) noteDraft(db *gorm.DB, bookingID, doctorID string) (clinic.Draft, draftRow, error) {
	d := clinic.Draft{BookingID: bookingID, DoctorID: doctorID}
	var row draftRow
	err := one(db.Table("note_drafts").Where("booking_id = ? AND doctor_id = ?", bookingID, doctorID), &row)
	if clinic.CodeOf(err) == clinic.NotFound {
		return d, row, nil
	}
	if err != nil {
		return d, row, err
	}
	if row.Sealed != nil {
		var stored storedNote
		if err := s.keyring.Open(seal.Answers, draftAD(bookingID, doctorID), row.Sealed, &stored); err != nil {
			return d, row, err
		}
		d.Note, d.Reason, d.Open = stored.note(), stored.Reason, true
	}
	d.Revision, d.Base, d.SavedAt = row.Revision, row.Base, row.SavedAt.UTC()
	return d, row, nil
}

// SaveDraft keeps what a doctor has typed so far, over the draft that there is, and returns it. When another screen of theirs has saved since,
// or the note was signed on one, the answer is clinic.StaleError. What is there already is not written again.
func (s *Store) SaveDraft(ctx context.Context, doctor clinic.Actor, bookingID string, screen clinic.Screen, typed clinic.Note, reason string) (clinic.Draft, error) {
	typed = typed.Tidied()
	if errs := append(typed.CheckDraft(), clinic.CheckDraftReason(reason)...); len(errs) > 0 {
		return clinic.Draft{}, errs
	}
	var d clinic.Draft
	err := s.change(ctx, "SaveDraft", doctor, func(tx *change) error {
		tx.aboutBooking(bookingID)
		w, err := tx.lockedNote(doctor, bookingID)
		if err != nil {
			return err
		}
		d = w.Draft
		if d.Open && d.Base == screen.Base && d.Reason == reason && reflect.DeepEqual(d.Note, typed) {
			return nil
		}
		if err := w.Draft.CheckSave(w.Newest().Version, screen, w.row.Screen, w.row.Save); err != nil {
			return err
		}
		d.Note, d.Reason, d.Base, d.Open = typed, reason, screen.Base, true
		if err := tx.handoverRead(doctor, w.Appointment, ""); err != nil {
			return err
		}
		return tx.saveDraft(&d, screen)
	})
	return d, err
}

// saveDraft writes a draft as its next revision; one that is not open loses its content.
func (c *change) saveDraft(d *clinic.Draft, screen clinic.Screen) error {
	d.Revision, d.SavedAt = d.Revision+1, c.now
	var sealed []byte
	if d.Open {
		var err error
		if sealed, err = c.store.keyring.Seal(seal.Answers, draftAD(d.BookingID, d.DoctorID), storeNote(d.Note, d.Reason, "")); err != nil {
			return err
		}
	}
	saved := c.Exec(`INSERT INTO note_drafts AS d (booking_id, doctor_id, revision, base, screen, save, sealed, saved_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (booking_id, doctor_id) DO UPDATE SET revision = excluded.revision, base = excluded.base, screen = excluded.screen, save = excluded.save,
			sealed = excluded.sealed, saved_at = excluded.saved_at WHERE d.revision = ?`,
		d.BookingID, d.DoctorID, d.Revision, d.Base, screen.ID, screen.Save, sealed, c.now, d.Revision-1)
	if saved.Error == nil && saved.RowsAffected == 0 {
		return clinic.StaleError()
	}
	return saved.Error
}

// DropNoteDraft gives up what a doctor has not signed, as clinic.Appointment.CheckDrop allows, unless another screen has saved since. What is
// signed stays as it is.
func (s *Store) DropNoteDraft(ctx context.Context, doctor clinic.Actor, bookingID string, screen clinic.Screen) error {
	return s.change(ctx, "DropNoteDraft", doctor, func(tx *change) error {
		tx.aboutBooking(bookingID)
		w, err := tx.lockedNote(doctor, bookingID)
		if err != nil {
			return err
		}
		d := w.Draft
		if err := w.Appointment.CheckDrop(d, w.Newest().Version); err != nil {
			return err
		}
		if err := d.CheckSave(w.Newest().Version, screen, w.row.Screen, w.row.Save); err != nil {
			return err
		}
		d.Open = false
		return tx.saveDraft(&d, clinic.Screen{})
	})
}
