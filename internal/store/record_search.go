package store

import (
	"context"
	"slices"
	"strings"

	"madoguchi/internal/clinic"
)

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
