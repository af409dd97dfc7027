package store

import (
	"context"
	"database/sql"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// memoOf is whose memos a table holds.
type memoOf struct{ table, key string }

var (
	bookingMemos = memoOf{"booking_memos", "booking_id"}
	patientMemos = memoOf{"patient_memos", "patient_id"}
)

func (m memoOf) ad(id string) seal.AssociatedData { return seal.AssociatedData{Table: m.table, ID: id} }

// BookingMemo is what the front desk wrote down about a booking whose branch's calendar the actor may see; any other answers NotFound.
func (s *Store) BookingMemo(ctx context.Context, actor clinic.Actor, bookingID string) (clinic.Memo, error) {
	if _, err := s.Appointment(ctx, actor, bookingID); err != nil {
		return clinic.Memo{}, err
	}
	memo, err := s.memo(ctx, bookingMemos, bookingID)
	return memo, wrap("BookingMemo", err)
}

// SaveBookingMemo writes down what typed says about a booking at a branch where the actor may change bookings; any other answers
// NotFound, and one that has been saved since the given revision clinic.StaleError.
func (s *Store) SaveBookingMemo(ctx context.Context, actor clinic.Actor, bookingID string, revision int, typed string) error {
	text, errs := clinic.CheckMemo(typed)
	if len(errs) > 0 {
		return errs
	}
	return s.change(ctx, "SaveBookingMemo", actor, func(tx *change) error {
		tx.aboutBooking(bookingID)
		condition, args := ownBooking(actor, bookingID)
		a, err := tx.lockedAppointment(condition, args...)
		if err != nil {
			return err
		}
		tx.changed(a.Branch, a.Slot.StartsAt)
		return tx.saveMemo(bookingMemos, bookingID, revision, text)
	})
}

func (s *Store) memo(ctx context.Context, of memoOf, id string) (clinic.Memo, error) {
	var row struct {
		Revision  int
		Sealed    []byte
		UpdatedAt time.Time
		UpdatedBy sql.NullString
	}
	err := one(s.reader(ctx).Table(of.table).Where(of.key+" = "+aText, id), &row)
	if clinic.CodeOf(err) == clinic.NotFound {
		return clinic.Memo{}, nil
	}
	if err != nil {
		return clinic.Memo{}, err
	}
	var stored storedMemo
	if err := s.keyring.Open(seal.Contact, of.ad(id), row.Sealed, &stored); err != nil {
		return clinic.Memo{}, err
	}
	memo := stored.memo()
	memo.Revision, memo.UpdatedAt, memo.UpdatedBy = row.Revision, row.UpdatedAt.UTC(), row.UpdatedBy.String
	return memo, nil
}

// saveMemo writes a memo over the one of a revision; 0 is none yet.
func (c *change) saveMemo(of memoOf, id string, revision int, text string) error {
	sealed, err := c.store.keyring.Seal(seal.Contact, of.ad(id), storeMemo(clinic.Memo{Text: text}))
	if err != nil {
		return err
	}
	saved := c.Exec(`INSERT INTO `+of.table+` AS m (`+of.key+`, revision, sealed, updated_at, updated_by) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (`+of.key+`) DO UPDATE SET revision = excluded.revision, sealed = excluded.sealed, updated_at = excluded.updated_at, updated_by = excluded.updated_by
		WHERE m.revision = ?`, id, revision+1, sealed, c.now, orNull(c.actor.Staff.ID), revision)
	if saved.Error == nil && saved.RowsAffected == 0 {
		return clinic.StaleError()
	}
	return saved.Error
}

// knownAt is a condition in SQL, with its arguments, on the patient p: that they have a booking at a branch where an actor may do
// something, or were taken over there from another system.
func knownAt(actor clinic.Actor, ability clinic.Ability) (condition string, args []any) {
	branches, every := actor.BranchesFor(ability)
	switch {
	case every:
		return "p.erased_at IS NULL AND (EXISTS (SELECT 1 FROM bookings b WHERE b.patient_id = p.id) OR EXISTS (SELECT 1 FROM imported_patients ip WHERE ip.patient_id = p.id))", nil
	case len(branches) == 0:
		return "1 = 0", nil
	}
	return "p.erased_at IS NULL AND (EXISTS (SELECT 1 FROM bookings b JOIN slots s ON s.id = b.slot_id WHERE b.patient_id = p.id AND s.branch_id IN ?)" +
		" OR EXISTS (SELECT 1 FROM imported_patients ip WHERE ip.patient_id = p.id AND ip.branch_id IN ?))", []any{branches, branches}
}

// knownPatient is a condition in SQL, with its arguments, on the patient p of an id who is known at a branch where an actor may do
// something.
func knownPatient(actor clinic.Actor, ability clinic.Ability, patientID string) (condition string, args []any) {
	known, args := knownAt(actor, ability)
	return "p.id = " + aText + " AND " + known, append([]any{patientID}, args...)
}

// PatientMemo is what the front desk wrote down about a patient who is known at a branch whose calendar the actor may see; any
// other answers NotFound.
func (s *Store) PatientMemo(ctx context.Context, actor clinic.Actor, patientID string) (clinic.Memo, error) {
	var patient struct{ ID string }
	condition, args := knownPatient(actor, clinic.SeeCalendar, patientID)
	if err := one(s.reader(ctx).Table("patients AS p").Where(condition, args...).Select("p.id"), &patient); err != nil {
		return clinic.Memo{}, wrap("PatientMemo", err)
	}
	memo, err := s.memo(ctx, patientMemos, patientID)
	return memo, wrap("PatientMemo", err)
}

// SavePatientMemo is SaveBookingMemo for a patient who is known at a branch where the actor may change bookings.
func (s *Store) SavePatientMemo(ctx context.Context, actor clinic.Actor, patientID string, revision int, typed string) error {
	text, errs := clinic.CheckMemo(typed)
	if len(errs) > 0 {
		return errs
	}
	return s.change(ctx, "SavePatientMemo", actor, func(tx *change) error {
		tx.aboutPatient(patientID)
		var patient struct{ ID string }
		condition, args := knownPatient(actor, clinic.ChangeBooking, patientID)
		if err := one(tx.Table("patients AS p").Where(condition, args...).Select("p.id"), &patient); err != nil {
			return err
		}
		return tx.saveMemo(patientMemos, patientID, revision, text)
	})
}
