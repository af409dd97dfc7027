package store

import (
	"context"
	"encoding/json"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// Erase deletes all that the clinic has of a patient but for what it must keep, and settles what they have asked. The patient must be managed by the actor at
// every branch that knows them, and have no booking to come; otherwise it answers as clinic.ErasePlan.Check does, and NotFound for anybody else's.
func (s *Store) Erase(ctx context.Context, actor clinic.Actor, patientID string) (erasureID string, err error) {
	err = s.change(ctx, "Erase", actor, func(tx *change) error {
		tx.aboutPatient(patientID)
		if _, err := tx.lockPatient(patientID); err != nil {
			return err
		}
		if err := tx.lockBookingsOf(patientID); err != nil {
			return err
		}
		w, plan, err := s.erasePlan(tx.DB, actor, patientID)
		if err == nil {
			err = plan.Check()
		}
		if err != nil {
			return err
		}
		tx.noted = nil
		tx.aboutPatient(w.patients...)
		erasureID = clinic.NewIDAt(tx.now)
		went, err := json.Marshal(storeWent(plan.Went))
		if err != nil {
			return err
		}
		if _, err := tx.insert("INSERT INTO erasures (id, patient_id, erased_at, staff_id, went) VALUES (?, ?, ?, ?, ?)",
			erasureID, patientID, tx.now, orNull(actor.Staff.ID), string(went)); err != nil {
			return err
		}
		if err := tx.keepRecords(erasureID, w, plan.Kept); err != nil {
			return err
		}
		if err := tx.eraseRows(w); err != nil {
			return err
		}
		for _, a := range w.bookings {
			tx.changed(a.Branch, a.Slot.StartsAt)
			if err := tx.blankBooking(a.Booking.ID); err != nil {
				return err
			}
		}
		for _, id := range w.patients {
			if err := tx.blankPatient(id); err != nil {
				return err
			}
		}
		return tx.settleErased(w)
	})
	return erasureID, err
}

// lockBookingsOf locks the bookings of a patient, and their slots before, until the change ends.
func (c *change) lockBookingsOf(patientID string) error {
	ids, err := everyRecord(c.DB, patientID)
	if err != nil {
		return err
	}
	var slots, bookings []string
	if err := c.Raw("SELECT slot_id FROM bookings WHERE patient_id IN ?", ids).Scan(&slots).Error; err != nil || len(slots) == 0 {
		return err
	}
	if err := c.lockSlots(slots...); err != nil {
		return err
	}
	return c.forUpdate(c.Table("bookings").Where("patient_id IN ?", ids).Order("id")).Pluck("id", &bookings).Error
}

// keepRecords writes down of which bookings a doctor's record stays, and about whom it is.
func (c *change) keepRecords(erasureID string, w whole, kept []clinic.Kept) error {
	patients := map[string]clinic.Patient{}
	for _, a := range w.bookings {
		patients[a.Booking.ID] = a.Patient
	}
	for _, k := range kept {
		sealed, err := c.store.keyring.Seal(seal.Answers, keptAD(k.BookingID), storePatient(patients[k.BookingID].KeptPatient()))
		if err != nil {
			return err
		}
		until := k.Until.AddDays(1).In(k.Branch.Location()).UTC()
		if _, err := c.insert("INSERT INTO kept_records (booking_id, erasure_id, until, sealed) VALUES (?, ?, ?, ?)", k.BookingID, erasureID, until, sealed); err != nil {
			return err
		}
	}
	return nil
}

// eraseRows deletes what a person's bookings, places and records have beside them.
func (c *change) eraseRows(w whole) error {
	waits, err := c.store.waitings(c.DB, c.now, false, "w.id IN ?", w.places)
	if err != nil {
		return err
	}
	for _, place := range waits {
		if err := c.leave(place, clinic.WaitLeft); err != nil {
			return err
		}
	}
	ids := w.bookingIDs()
	for _, step := range []struct {
		statement string
		args      []any
	}{
		{"UPDATE letters SET status = 'withdrawn', lease_until = NULL WHERE (booking_id IN ? OR waiting_id IN ?) AND status IN ('waiting', 'sending', 'failed', 'bounced', 'held')", []any{ids, w.places}},
		{"UPDATE letters SET sealed = NULL, domain = NULL, purged_at = COALESCE(purged_at, ?) WHERE booking_id IN ? OR waiting_id IN ?", []any{c.now, ids, w.places}},
		{"DELETE FROM waiting_terms WHERE waiting_id IN ?", []any{w.places}},
		{"DELETE FROM waiting_links WHERE waiting_id IN ?", []any{w.places}},
		{"UPDATE waitings SET sealed = NULL, client = NULL WHERE id IN ?", []any{w.places}},
		{"DELETE FROM links WHERE booking_id IN ?", []any{ids}},
		{"DELETE FROM link_acts WHERE booking_id IN ?", []any{ids}},
		{"DELETE FROM intake_versions WHERE booking_id IN ?", []any{ids}},
		{"DELETE FROM intakes WHERE booking_id IN ?", []any{ids}},
		{"DELETE FROM chart_reads WHERE booking_id IN ?", []any{ids}},
		{"DELETE FROM note_drafts WHERE booking_id IN ?", []any{ids}},
		{"DELETE FROM note_screens WHERE booking_id IN ?", []any{ids}},
		{"UPDATE handovers SET sealed = NULL WHERE booking_id IN ?", []any{ids}},
		{"DELETE FROM booking_memos WHERE booking_id IN ?", []any{ids}},
		{"DELETE FROM imported_bookings WHERE booking_id IN ?", []any{ids}},
		{"DELETE FROM patient_memos WHERE patient_id IN ?", []any{w.patients}},
		{"DELETE FROM patient_terms WHERE patient_id IN ?", []any{w.patients}},
		{"DELETE FROM patient_merge_terms WHERE merge_id IN (SELECT id FROM patient_merges WHERE kept_id IN ? OR merged_id IN ?)", []any{w.patients, w.patients}},
		{"UPDATE imported_patients SET origin = NULL WHERE patient_id IN ?", []any{w.patients}},
	} {
		if err := c.Exec(step.statement, step.args...).Error; err != nil {
			return err
		}
	}
	return nil
}

// blankBooking leaves of a booking its time, its status and its walk, which the calendar and the numbers count.
func (c *change) blankBooking(id string) error {
	sealed, err := c.store.keyring.Seal(seal.Contact, bookingAD(id), storeBooking(clinic.Patient{}, clinic.Details{}))
	if err != nil {
		return err
	}
	return c.Exec("UPDATE bookings SET sealed = ?, client = NULL, revision = revision + 1, erased_at = ? WHERE id = ?", sealed, c.now, id).Error
}

// blankPatient leaves of a patient that there was one. Nobody is found under the identity that they have from then on.
func (c *change) blankPatient(id string) error {
	sealed, err := c.store.keyring.Seal(seal.Contact, patientAD(id), storePatient(clinic.Patient{}))
	if err != nil {
		return err
	}
	nobody, err := c.store.keyring.BlindIndex("identity of a double", id)
	if err != nil {
		return err
	}
	return c.Exec("UPDATE patients SET sealed = ?, identity = ?, online_closed_at = NULL, revision = revision + 1, erased_at = ? WHERE id = ?", sealed, nobody, c.now, id).Error
}

// settleErased settles what a person has asked, and forgets what was answered to them before.
func (c *change) settleErased(w whole) error {
	var ids []string
	if err := c.Raw("SELECT id FROM erasure_requests WHERE booking_id IN ?", w.bookingIDs()).Scan(&ids).Error; err != nil {
		return err
	}
	for _, id := range ids {
		sealed, err := c.store.keyring.Seal(seal.Contact, erasureAD(id), storeErasure(clinic.Erasure{}))
		if err != nil {
			return err
		}
		err = c.Exec("UPDATE erasure_requests SET settled_by = CASE WHEN outcome IS NULL THEN ? ELSE settled_by END, settled_at = COALESCE(settled_at, ?), outcome = COALESCE(outcome, ?), sealed = ? WHERE id = ?",
			orNull(c.actor.Staff.ID), c.now, clinic.ErasureDone, sealed, id).Error
		if err != nil {
			return err
		}
	}
	return nil
}
