package store

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// everyRecord are the ids of a patient and of all who were merged into them.
func everyRecord(db *gorm.DB, patientID string) ([]string, error) {
	ids := []string{patientID}
	for next := ids; len(next) > 0; {
		var merged []string
		if err := db.Table("patients").Where("merged_into IN ?", next).Pluck("id", &merged).Error; err != nil {
			return nil, err
		}
		next = slices.DeleteFunc(merged, func(id string) bool { return slices.Contains(ids, id) })
		ids = append(ids, next...)
	}
	return ids, nil
}

// whole is a person with everything that the clinic has of them, by the ids of its rows.
type whole struct {
	patients []string // the one who is kept first
	people   []clinic.Patient
	bookings []clinic.Appointment
	places   []string // in line
}

func (w whole) bookingIDs() []string {
	ids := make([]string, len(w.bookings))
	for i, a := range w.bookings {
		ids[i] = a.Booking.ID
	}
	return ids
}

// wholePerson is a patient whom an actor manages with all that belongs to them, and how many of their bookings are at branches that the actor does not
// manage. Anybody else answers NotFound.
func (s *Store) wholePerson(db *gorm.DB, actor clinic.Actor, patientID string) (w whole, elsewhere int, err error) {
	condition, args := knownPatient(actor, clinic.ManageClinic, patientID)
	var rows []patientRow
	if err := db.Raw("SELECT p.id, p.sealed, p.created_at FROM patients p WHERE p.merged_into IS NULL AND "+condition, args...).Scan(&rows).Error; err != nil {
		if isInvalidText(err) {
			err = NotFound()
		}
		return w, 0, err
	}
	if len(rows) == 0 {
		return w, 0, NotFound()
	}
	if w.patients, err = everyRecord(db, patientID); err != nil {
		return w, 0, err
	}
	rows = nil
	if err := db.Raw("SELECT id, sealed, created_at FROM patients WHERE id IN ?", w.patients).Scan(&rows).Error; err != nil {
		return w, 0, err
	}
	for _, row := range rows {
		p, err := s.openPatient(row)
		if err != nil {
			return w, 0, err
		}
		w.people = append(w.people, p)
	}
	if w.bookings, err = s.appointments(db, "b.patient_id IN ? ORDER BY s.starts_at, b.id", w.patients); err != nil {
		return w, 0, err
	}
	for _, a := range w.bookings {
		w.people = append(w.people, a.Patient)
		if !actor.May(clinic.ManageClinic, a.Branch.ID) {
			elsewhere++
		}
	}
	var imported []string
	if err := db.Raw("SELECT branch_id FROM imported_patients WHERE patient_id IN ?", w.patients).Scan(&imported).Error; err != nil {
		return w, 0, err
	}
	for _, branch := range imported {
		if !actor.May(clinic.ManageClinic, branch) {
			elsewhere++
		}
	}
	w.places, err = s.placesOf(db, w)
	return w, elsewhere, err
}

// placesOf are the places in line of a person: those with a booking of theirs, and those of whoever has left the same name with the same number or address.
func (s *Store) placesOf(db *gorm.DB, w whole) (ids []string, err error) {
	var terms [][]byte
	for _, p := range w.people {
		for _, t := range []term{{"phone", p.Phone}, {"email", clinic.Mailbox(p.Email)}} {
			if t.value == "" {
				continue
			}
			of, err := s.countedBy(t)
			if err != nil {
				return nil, err
			}
			terms = append(terms, of.terms...)
		}
	}
	condition, args := "SELECT x.id FROM waitings x WHERE x.booking_id IN ?", []any{w.bookingIDs()}
	if len(terms) > 0 {
		condition, args = condition+" UNION SELECT t.waiting_id FROM waiting_terms t WHERE t.term IN ?", append(args, terms)
	}
	all, err := s.waitings(db, s.now(), true, "w.sealed IS NOT NULL AND w.id IN ("+condition+")", args...)
	for _, waits := range all {
		same := func(p clinic.Patient) bool {
			return p.SameName(waits.Patient) && (p.Phone == waits.Patient.Phone || clinic.Mailbox(p.Email) == clinic.Mailbox(waits.Patient.Email))
		}
		if slices.Contains(w.bookingIDs(), waits.BookingID) || slices.ContainsFunc(w.people, same) {
			ids = append(ids, waits.ID)
		}
	}
	return ids, err
}

// ErasePlan is what deleting a patient would do, whom an actor manages; any other answers NotFound.
func (s *Store) ErasePlan(ctx context.Context, actor clinic.Actor, patientID string) (clinic.ErasePlan, error) {
	_, plan, err := s.erasePlan(s.reader(ctx), actor, patientID)
	return plan, wrap("ErasePlan", err)
}

func (s *Store) erasePlan(db *gorm.DB, actor clinic.Actor, patientID string) (w whole, plan clinic.ErasePlan, err error) {
	if w, plan.Elsewhere, err = s.wholePerson(db, actor, patientID); err != nil {
		return w, plan, err
	}
	now, ids := s.now(), w.bookingIDs()
	for _, a := range w.bookings {
		if a.Booking.Status.Live() && a.Slot.EndsAt.After(now) {
			plan.Coming = append(plan.Coming, a)
		}
	}
	plan.Records, plan.Bookings, plan.Places = len(w.patients), len(w.bookings), len(w.places)
	for _, count := range []struct {
		to    *int
		query string
		args  []any
	}{
		{&plan.Answers, "SELECT COUNT(*) FROM intakes WHERE booking_id IN ?", []any{ids}},
		{&plan.Drafts, "SELECT COUNT(*) FROM note_drafts WHERE booking_id IN ? AND sealed IS NOT NULL", []any{ids}},
		{&plan.Memos, "SELECT (SELECT COUNT(*) FROM booking_memos WHERE booking_id IN ?) + (SELECT COUNT(*) FROM patient_memos WHERE patient_id IN ?)", []any{ids, w.patients}},
		{&plan.Letters, "SELECT COUNT(*) FROM letters WHERE (booking_id IN ? OR waiting_id IN ?) AND sealed IS NOT NULL", []any{ids, w.places}},
	} {
		if err := db.Raw(count.query, count.args...).Row().Scan(count.to); err != nil {
			return w, plan, err
		}
	}
	if plan.Unsigned, err = unsignedOf(db, w, now); err != nil {
		return w, plan, err
	}
	plan.Kept, err = mustKeep(db, w)
	return w, plan, err
}

// unsignedOf are the counselings of a person that have begun, of which a doctor has a draft and nobody has signed anything. Whether a draft says
// something that must be kept, only the doctor can say.
func unsignedOf(db *gorm.DB, w whole, now time.Time) (out []clinic.Appointment, err error) {
	var drafted []string
	err = db.Raw(`SELECT nd.booking_id FROM note_drafts nd WHERE nd.booking_id IN ? AND nd.sealed IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM note_versions nv WHERE nv.booking_id = nd.booking_id)`, w.bookingIDs()).Scan(&drafted).Error
	for _, a := range w.bookings {
		if a.MayBeRecord(now) && slices.Contains(drafted, a.Booking.ID) {
			out = append(out, a)
		}
	}
	return out, err
}

// mustKeep is what must be kept of a person: whatever was signed about a booking, five years from the last of it, whichever booking that was about.
func mustKeep(db *gorm.DB, w whole) (kept []clinic.Kept, err error) {
	var rows []struct {
		BookingID string
		At        time.Time
		Note      bool
	}
	err = db.Raw(`SELECT booking_id, signed_at AS at, 1 = 1 AS note FROM note_versions WHERE booking_id IN ?
		UNION ALL SELECT booking_id, COALESCE(withdrawn_at, released_at) AS at, 1 = 0 AS note FROM hold_releases WHERE booking_id IN ?`, w.bookingIDs(), w.bookingIDs()).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	last := rows[0].At
	for _, row := range rows {
		if row.At.After(last) {
			last = row.At
		}
	}
	for _, a := range w.bookings {
		k := clinic.Kept{
			BookingID: a.Booking.ID, Branch: a.Branch, StartsAt: a.Slot.StartsAt, Doctor: a.Doctor, Until: clinic.NoteKeptUntil(last, a.Branch.Location()),
		}
		for _, row := range rows {
			switch {
			case row.BookingID != k.BookingID:
			case row.Note:
				k.Notes++
			default:
				k.Releases++
			}
		}
		if k.Notes+k.Releases > 0 {
			kept = append(kept, k)
		}
	}
	return kept, nil
}

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
