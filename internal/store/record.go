package store

import (
	"cmp"
	"context"
	"slices"
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

// openMemo opens what was written down about a patient; "" where nothing was.
func (s *Store) openMemo(id string, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	var stored storedMemo
	err := s.keyring.Open(seal.Contact, patientMemos.ad(id), sealed, &stored)
	return stored.memo().Text, err
}
