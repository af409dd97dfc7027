package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"maps"
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

// OthersAndNoShows are, by the ids of some appointments' bookings, the ids of the other live bookings to come of what may be the same person,
// in order of start, at whatever branch. What they are is for whoever may see their branch's calendar. Appointments at a branch
// whose calendar the actor may not see, cancelled ones, and those without any other are left out. Beside
// them it is said how often the patients of the appointments did not come, by the ids of the patients.
func (s *Store) OthersAndNoShows(ctx context.Context, actor clinic.Actor, appointments ...*clinic.Appointment) (others map[string][]string, noShows map[string]int, err error) {
	some, err := s.notAlone(ctx, appointments)
	if err != nil {
		return nil, nil, wrap("OthersAndNoShows", err)
	}
	if others, err = s.othersOf(ctx, actor, some); err != nil {
		return nil, nil, err
	}
	noShows, err = s.noShowsOf(ctx, appointments, some)
	return others, noShows, err
}

// othersOf are the others of OthersAndNoShows for appointments that notAlone has left. Most people have no other booking, so bookings are read for few.
func (s *Store) othersOf(ctx context.Context, actor clinic.Actor, some []*clinic.Appointment) (map[string][]string, error) {
	var asked []*clinic.Appointment
	for _, a := range some {
		if a.Booking.Status.Live() && actor.May(clinic.SeeCalendar, a.Branch.ID) {
			asked = append(asked, a)
		}
	}
	if len(asked) == 0 {
		return map[string][]string{}, nil
	}
	alike, err := s.alike(ctx, asked)
	if err != nil {
		return nil, wrap("OthersAndNoShows", err)
	}
	again, err := s.bookedAgain(ctx, asked)
	if err != nil {
		return nil, wrap("OthersAndNoShows", err)
	}
	coming, err := s.liveToCome(ctx, slices.Concat(again, slices.Concat(slices.Collect(maps.Values(alike))...)))
	if err != nil {
		return nil, wrap("OthersAndNoShows", err)
	}
	out := map[string][]string{}
	for _, a := range asked {
		id := a.Booking.ID
		for _, other := range coming {
			if other.ID != id && (other.PatientID == a.Booking.PatientID || slices.Contains(alike[id], other.PatientID)) {
				out[id] = append(out[id], other.ID)
			}
		}
	}
	return out, nil
}

// notAlone are those of some appointments of whose patients the clinic may know more than this booking.
func (s *Store) notAlone(ctx context.Context, appointments []*clinic.Appointment) (out []*clinic.Appointment, err error) {
	if len(appointments) == 0 {
		return nil, nil
	}
	patients := make([]string, len(appointments))
	for i, a := range appointments {
		patients[i] = a.Booking.PatientID
	}
	from := "patients"
	if s.engine == sqliteEngine { // which would go by the primary key, and read each patient
		from += " INDEXED BY patients_not_alone"
	}
	var ids []string
	if err := s.reader(ctx).Raw("SELECT id FROM "+from+" WHERE id IN ? AND NOT alone", patients).Scan(&ids).Error; err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, id := range ids {
		known[id] = true
	}
	for _, a := range appointments {
		if known[a.Booking.PatientID] {
			out = append(out, a)
		}
	}
	return out, nil
}

// alike are, by the ids of the bookings of some appointments, the other patients who may be the same person as theirs.
func (s *Store) alike(ctx context.Context, appointments []*clinic.Appointment) (map[string][]string, error) {
	type known struct {
		Booking string `json:"booking"`
		Patient string `json:"patient"`
		Term    string `json:"term"` // in hexadecimal
	}
	all := []known{} // an empty list, and not null, where nobody left anything
	for _, a := range appointments {
		same, err := s.sameAs(*a)
		if err != nil {
			return nil, err
		}
		for _, term := range same {
			all = append(all, known{a.Booking.ID, a.Booking.PatientID, hex.EncodeToString(term)})
		}
	}
	list, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	// One parameter, because a query takes longer to be given a thousand of them than to find what they stand for.
	from, term := "json_each("+aText+")", "unhex(known.value ->> 'term')"
	if s.engine == postgresEngine {
		from, term = "jsonb_array_elements(CAST(? AS jsonb))", "decode(known.value ->> 'term', 'hex')"
	}
	rows, err := s.reader(ctx).Raw("SELECT known.value ->> 'booking', t.patient_id FROM "+from+" known CROSS JOIN patient_terms t WHERE t.term = "+term+
		" AND t.patient_id <> known.value ->> 'patient'", string(list)).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // a failed Close says no more than rows.Err
	out := map[string][]string{}
	for rows.Next() {
		var booking, patient string
		if err := rows.Scan(&booking, &patient); err != nil {
			return nil, err
		}
		out[booking] = append(out[booking], patient)
	}
	return out, rows.Err()
}

// bookedAgain are the patients of some appointments who have more than one booking, of whatever status.
func (s *Store) bookedAgain(ctx context.Context, appointments []*clinic.Appointment) (again []string, err error) {
	var patients []string
	for _, a := range appointments {
		patients = append(patients, a.Booking.PatientID)
	}
	err = s.reader(ctx).Raw("SELECT patient_id FROM bookings WHERE patient_id IN ? GROUP BY patient_id HAVING COUNT(*) > 1", patients).Scan(&again).Error
	return again, err
}

// liveToCome are the live bookings to come of some patients, in order of start.
func (s *Store) liveToCome(ctx context.Context, patients []string) (coming []struct{ ID, PatientID string }, err error) {
	if len(patients) == 0 {
		return nil, nil
	}
	err = s.reader(ctx).Raw(`SELECT b.id, b.patient_id FROM bookings b JOIN slots s ON s.id = b.slot_id
		WHERE b.patient_id IN ? AND b.live AND s.starts_at > ? ORDER BY s.starts_at, b.id`, patients, s.now()).Scan(&coming).Error
	return coming, err
}
