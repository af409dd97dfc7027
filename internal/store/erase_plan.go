package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
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
