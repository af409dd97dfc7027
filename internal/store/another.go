package store

import (
	"context"
	"database/sql"
	"slices"

	"madoguchi/internal/clinic"
)

// samePerson are the blind indexes, under every key, of what says that somebody may be the same person as a patient.
func (s *Store) samePerson(p clinic.Patient) ([][]byte, error) {
	var out [][]byte
	for _, t := range personTerms(p) {
		indexes, err := s.keyring.BlindIndexes(t.kind, t.value)
		if err != nil {
			return nil, err
		}
		for _, index := range indexes {
			out = append(out, index.Term)
		}
	}
	return out, nil
}

// liveByTerm are the live bookings b, with their slot s, whose patient has a term t.
const liveByTerm = "patient_terms t JOIN bookings b ON b.patient_id = t.patient_id AND b.live JOIN slots s ON s.id = b.slot_id"

// Others are, by the ids of some appointments' bookings, the ids of the other live bookings to come of what may be the same person,
// in order of start, at whatever branch. What they are is for whoever may see their branch's calendar. Appointments at a branch
// whose calendar the actor may not see, cancelled ones, and those without any other are left out.
func (s *Store) Others(ctx context.Context, actor clinic.Actor, appointments ...*clinic.Appointment) (map[string][]string, error) {
	now := s.now()
	terms := map[string][]string{} // the ids of the appointments by each term of their patients
	var all [][]byte
	for _, a := range appointments {
		if !a.Booking.Status.Live() || !actor.May(clinic.SeeCalendar, a.Branch.ID) {
			continue
		}
		same, err := s.sameAs(*a)
		if err != nil {
			return nil, err
		}
		for _, term := range same {
			if terms[string(term)] == nil {
				all = append(all, term)
			}
			terms[string(term)] = append(terms[string(term)], a.Booking.ID)
		}
	}
	out := map[string][]string{}
	if len(all) == 0 {
		return out, nil
	}
	rows, err := s.reader(ctx).Raw("SELECT t.term, b.id FROM "+liveByTerm+" WHERE t.term IN ? AND s.starts_at > ? ORDER BY s.starts_at, b.id", all, now).Rows()
	if err != nil {
		return nil, wrap("Others", err)
	}
	defer func() { _ = rows.Close() }() // a failed Close says no more than rows.Err
	for rows.Next() {
		var term sql.RawBytes
		var other string
		if err := rows.Scan(&term, &other); err != nil {
			return nil, wrap("Others", err)
		}
		for _, id := range terms[string(term)] {
			if id != other && !slices.Contains(out[id], other) {
				out[id] = append(out[id], other)
			}
		}
	}
	return out, wrap("Others", rows.Err())
}
