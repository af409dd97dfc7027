package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// recordRow is a patient as the pages about them read it.
type recordRow struct {
	ID             string
	Identity       []byte
	Sealed         []byte
	MergedInto     *string
	OnlineClosedAt *time.Time
	CreatedAt      time.Time
	Revision       int
}

func (r recordRow) patientRow() patientRow {
	return patientRow{ID: r.ID, Identity: r.Identity, Sealed: r.Sealed, CreatedAt: r.CreatedAt}
}

const recordColumns = "p.id, p.identity, p.sealed, p.merged_into, p.online_closed_at, p.created_at, p.revision"

// FoundPatients is what a search for patients found.
type FoundPatients struct {
	Patients []clinic.PatientRecord
	More     bool // there are others as well, so more has to be typed
}

// latestDays is how far back patients are shown who were not looked for.
const latestDays = 60

// SearchPatients finds the patients whom Search would find the bookings of, and whoever has a booking with a typed reference: those who
// came to the clinic latest first. Without a text it finds who booked for the first time within latestDays. At most limit are returned.
func (s *Store) SearchPatients(ctx context.Context, actor clinic.Actor, text string, limit int) (FoundPatients, error) {
	if strings.TrimSpace(text) == "" {
		return s.latestPatients(ctx, actor, limit)
	}
	if reference, ok := clinic.ParseReference(text); ok {
		a, err := s.AppointmentByReference(ctx, actor, reference)
		if err == nil {
			records, err := s.records(ctx, actor, []string{a.Booking.PatientID})
			return FoundPatients{Patients: records}, wrap("SearchPatients", err)
		}
		if clinic.CodeOf(err) != clinic.NotFound {
			return FoundPatients{}, err
		}
	}
	w := readSearch(text)
	ids, more, err := s.patientsOf(ctx, w)
	if err != nil || len(ids) == 0 {
		return FoundPatients{}, wrap("SearchPatients", err)
	}
	meant, err := s.meant(ctx, w, ids)
	if err != nil {
		return FoundPatients{}, wrap("SearchPatients", err)
	}
	rows, err := s.knownRows(ctx, actor, meant)
	if err != nil {
		return FoundPatients{}, wrap("SearchPatients", err)
	}
	known := map[string]bool{}
	for _, r := range rows {
		known[r.ID] = true
	}
	meant = slices.DeleteFunc(meant, func(id string) bool { return !known[id] })
	found := FoundPatients{More: more || len(meant) > limit}
	found.Patients, err = s.records(ctx, actor, meant[:min(limit, len(meant))])
	return found, wrap("SearchPatients", err)
}

// meant are the ids of those patients among some candidates who fit what was looked for, each as the one into whom they were merged.
func (s *Store) meant(ctx context.Context, w wanted, ids []string) ([]string, error) {
	var rows []recordRow
	if err := s.reader(ctx).Raw("SELECT "+recordColumns+" FROM patients p WHERE p.id IN ?", ids).Scan(&rows).Error; err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b recordRow) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	var people []clinic.Patient
	for _, r := range rows {
		p, err := s.openPatient(r.patientRow())
		if err != nil {
			return nil, err
		}
		if !w.fits(p) {
			continue
		}
		if r.MergedInto != nil {
			if p.ID, err = s.keptFor(ctx, *r.MergedInto); err != nil {
				return nil, err
			}
		}
		people = append(people, p)
	}
	slices.SortStableFunc(people, func(a, b clinic.Patient) int { return w.order(a) - w.order(b) })
	var out []string
	for _, p := range people {
		if !slices.Contains(out, p.ID) {
			out = append(out, p.ID)
		}
	}
	return out, nil
}

// latestPatients are those who booked latest for the first time, or were taken over, at the branches whose calendar an actor may see. Ids are in the order
// of time.
func (s *Store) latestPatients(ctx context.Context, actor clinic.Actor, limit int) (FoundPatients, error) {
	known, args := knownAt(actor, clinic.SeeCalendar)
	var ids []string
	since := clinic.NewIDAt(s.now().AddDate(0, 0, -latestDays))
	err := s.reader(ctx).Raw(`SELECT p.id FROM patients p WHERE p.id > `+aText+` AND p.merged_into IS NULL AND `+known+`
		ORDER BY p.id DESC LIMIT ?`, append(append([]any{since}, args...), limit+1)...).Scan(&ids).Error
	if err != nil {
		return FoundPatients{}, wrap("SearchPatients", err)
	}
	records, err := s.records(ctx, actor, ids[:min(limit, len(ids))])
	return FoundPatients{Patients: records, More: len(ids) > limit}, wrap("SearchPatients", err)
}

// knownRows are the rows of some patients, by their ids, whom an actor may see and who were not merged into others.
func (s *Store) knownRows(ctx context.Context, actor clinic.Actor, ids []string) (rows []recordRow, err error) {
	known, args := knownAt(actor, clinic.SeeCalendar)
	err = s.reader(ctx).Raw("SELECT "+recordColumns+" FROM patients p WHERE p.id IN ? AND p.merged_into IS NULL AND "+known,
		append([]any{ids}, args...)...).Scan(&rows).Error
	return rows, err
}

// records are some patients with their history, in the order of the given ids.
func (s *Store) records(ctx context.Context, actor clinic.Actor, ids []string) ([]clinic.PatientRecord, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := s.knownRows(ctx, actor, ids)
	if err != nil {
		return nil, err
	}
	histories, err := s.histories(ctx, actor, ids)
	if err != nil {
		return nil, err
	}
	out := make([]clinic.PatientRecord, 0, len(rows))
	for _, r := range rows {
		p, err := s.openPatient(r.patientRow())
		if err != nil {
			return nil, err
		}
		out = append(out, clinic.PatientRecord{Patient: p, Revision: r.Revision, OnlineClosed: r.OnlineClosedAt, History: histories[r.ID]})
	}
	slices.SortFunc(out, func(a, b clinic.PatientRecord) int {
		return slices.Index(ids, a.Patient.ID) - slices.Index(ids, b.Patient.ID)
	})
	return out, nil
}

// histories count the bookings of some patients at the branches whose calendar an actor may see.
func (s *Store) histories(ctx context.Context, actor clinic.Actor, ids []string) (map[string]clinic.History, error) {
	now := s.now()
	owned, args := ownedBy(actor, clinic.SeeCalendar)
	var rows []struct {
		PatientID string
		Status    clinic.Status
		StartsAt  time.Time
	}
	err := s.reader(ctx).Raw("SELECT b.patient_id, b.status, s.starts_at FROM bookings b JOIN slots s ON s.id = b.slot_id WHERE b.patient_id IN ? AND "+owned+" ORDER BY s.starts_at",
		append([]any{ids}, args...)...).Scan(&rows).Error
	out := map[string]clinic.History{}
	for _, r := range rows {
		h := out[r.PatientID]
		coming := r.StartsAt.After(now)
		switch r.Status {
		case clinic.Cancelled:
			h.Cancelled++
		case clinic.NoShow:
			h.NoShows++
		case clinic.Pending, clinic.Booked:
			if coming {
				h.Coming++
			}
		default: // who arrived, wherever their visit stands
			h.Visits++
		}
		switch {
		case r.Status == clinic.Cancelled:
		case !coming:
			h.Last = r.StartsAt.UTC()
		case h.Next.IsZero():
			h.Next = r.StartsAt.UTC()
		}
		out[r.PatientID] = h
	}
	return out, err
}

// Patient is one patient who is known at a branch whose calendar the actor may see. One who was merged into another answers with
// the one who was kept; any other answers NotFound.
func (s *Store) Patient(ctx context.Context, actor clinic.Actor, id string) (clinic.PatientRecord, error) {
	kept, err := s.keptFor(ctx, id)
	if err != nil {
		return clinic.PatientRecord{}, wrap("Patient", err)
	}
	records, err := s.records(ctx, actor, []string{kept})
	if err != nil || len(records) > 0 {
		return append(records, clinic.PatientRecord{})[0], wrap("Patient", err)
	}
	return clinic.PatientRecord{}, NotFound()
}

// BookingsOf are the bookings of a patient at the branches whose calendar the actor may see, cancelled ones included, the latest
// counseling first; elsewhere is how many more there are.
func (s *Store) BookingsOf(ctx context.Context, actor clinic.Actor, patientID string) (all []clinic.Appointment, elsewhere int, err error) {
	owned, args := ownedBy(actor, clinic.SeeCalendar)
	all, err = s.appointments(s.reader(ctx), "b.patient_id = "+aText+" AND "+owned+" ORDER BY s.starts_at DESC, b.created_at DESC", append([]any{patientID}, args...)...)
	if err != nil {
		return nil, 0, wrap("BookingsOf", err)
	}
	var every int
	err = s.reader(ctx).Raw("SELECT COUNT(*) FROM bookings WHERE patient_id = "+aText, patientID).Row().Scan(&every)
	return all, every - len(all), wrap("BookingsOf", err)
}

// ComingOf are the live bookings to come of a patient, and of who may be the same person as the one typed, in order of start: those that
// the actor may see, and how many more there are. patientID is "" for somebody new.
func (s *Store) ComingOf(ctx context.Context, actor clinic.Actor, patientID string, typed clinic.Patient) (seen []clinic.Appointment, elsewhere int, err error) {
	var terms [][]byte
	if typed.Phone != "" {
		if terms, err = s.samePerson(typed); err != nil {
			return nil, 0, err
		}
	}
	now := s.now()
	ids := map[string]bool{}
	collect := func(query string, args ...any) error {
		var found []string
		err := s.reader(ctx).Raw(query, args...).Scan(&found).Error
		for _, id := range found {
			ids[id] = true
		}
		return err
	}
	if len(terms) > 0 {
		err = collect("SELECT b.id FROM "+liveByTerm+" WHERE t.term IN ? AND s.starts_at > ?", terms, now)
	}
	if err == nil && patientID != "" {
		err = collect("SELECT b.id FROM bookings b JOIN slots s ON s.id = b.slot_id WHERE b.patient_id = "+aText+" AND b.live AND s.starts_at > ?", patientID, now)
	}
	if err != nil || len(ids) == 0 {
		return nil, 0, wrap("ComingOf", err)
	}
	all := make([]string, 0, len(ids))
	for id := range ids {
		all = append(all, id)
	}
	appointments, err := s.Appointments(ctx, actor, all...)
	if err != nil {
		return nil, 0, wrap("ComingOf", err)
	}
	for _, a := range appointments {
		seen = append(seen, a)
	}
	slices.SortFunc(seen, func(a, b clinic.Appointment) int {
		return cmp.Or(a.Slot.StartsAt.Compare(b.Slot.StartsAt), cmp.Compare(a.Booking.ID, b.Booking.ID))
	})
	return seen, len(all) - len(seen), nil
}

// Duplicates are the patients who may be the same person as one: by phone, mail address, or kana and birth date. Those at no branch
// whose calendar the actor may see are left out.
func (s *Store) Duplicates(ctx context.Context, actor clinic.Actor, p clinic.Patient) ([]clinic.PatientRecord, error) {
	terms, err := s.samePerson(p)
	if err != nil || len(terms) == 0 {
		return nil, wrap("Duplicates", err)
	}
	var ids []string
	err = s.reader(ctx).Raw("SELECT DISTINCT patient_id FROM patient_terms WHERE term IN ? ORDER BY patient_id DESC LIMIT ?", terms, SearchLimit).Scan(&ids).Error
	if err != nil {
		return nil, wrap("Duplicates", err)
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return id == p.ID })
	records, err := s.records(ctx, actor, ids)
	return records, wrap("Duplicates", err)
}

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

// openMemo opens what was written down about a patient; "" where nothing was.
func (s *Store) openMemo(id string, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	var stored storedMemo
	err := s.keyring.Open(seal.Contact, patientMemos.ad(id), sealed, &stored)
	return stored.memo().Text, err
}
