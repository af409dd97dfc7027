package store

import (
	"context"
	"strings"

	"madoguchi/internal/clinic"
)

// SearchLimit is the most bookings that a search returns. Who has more than these is found by typing more, or by the date.
const SearchLimit = 50

// searchPatients is the most patients that a search looks at, the latest ones, so that it takes no longer the more there
// are.
const searchPatients = 200

// Found is what a search found.
type Found struct {
	Appointments []clinic.Appointment
	More         bool // there are others as well, so more has to be typed
}

// Search finds the bookings, cancelled ones included, of patients whose kana begins with the text (two letters or more), or
// whose phone number or mail address it is, the latest counseling first, at the branches whose calendar the actor may see.
// It is written as people write: kana in any script and width, with or without a space, numbers with or without hyphens.
// Names in kanji find nothing, because they are stored sealed only.
func (s *Store) Search(ctx context.Context, actor clinic.Actor, text string) (Found, error) {
	wanted, ok := searchTerm(text)
	if !ok {
		return Found{}, nil
	}
	patients, err := s.patientsOf(ctx, wanted)
	if err != nil || len(patients) == 0 {
		return Found{}, wrap("Search", err)
	}
	found := Found{More: len(patients) > searchPatients}
	owned, args := ownedBy(actor, clinic.SeeCalendar)
	all, err := s.appointments(s.reader(ctx), "b.patient_id IN ? AND "+owned+" ORDER BY s.starts_at DESC, b.created_at DESC",
		append([]any{patients[:min(len(patients), searchPatients)]}, args...)...)
	if err != nil {
		return Found{}, wrap("Search", err)
	}
	for _, a := range all {
		if wanted.kind == "kana" && !strings.HasPrefix(kanaTerm(a.Patient.FamilyKana+a.Patient.GivenKana), wanted.value) {
			continue
		}
		if len(found.Appointments) == SearchLimit {
			found.More = true
			break
		}
		found.Appointments = append(found.Appointments, a)
	}
	return found, nil
}

// searchTerm says which of the patientTerms a typed text asks for; that of kana is still whole.
func searchTerm(text string) (term, bool) {
	text = clinic.Tidy(clinic.Narrow(text))
	if strings.Contains(text, "@") {
		return term{"email", strings.ToLower(text)}, true
	}
	if digits, problem := clinic.ParsePhone(text); problem == "" {
		return term{"phone", digits}, true
	}
	kana := kanaTerm(text)
	return term{"kana", kana}, len([]rune(kana)) >= kanaPrefixes[0]
}

// patientsOf are the ids of the patients whom a term finds, the latest first, and one more than searchPatients at most. The
// index is in the order of the ids, which is that of time.
func (s *Store) patientsOf(ctx context.Context, wanted term) ([]string, error) {
	value := wanted.value
	if wanted.kind == "kana" {
		kana, longest := []rune(value), kanaPrefixes[0]
		for _, n := range kanaPrefixes {
			if n <= len(kana) {
				longest = n
			}
		}
		value = string(kana[:longest])
	}
	indexes, err := s.keyring.BlindIndexes(wanted.kind, value)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, index := range indexes {
		var found []string
		err := s.reader(ctx).Raw("SELECT patient_id FROM patient_terms WHERE term = ? ORDER BY patient_id DESC LIMIT ?", index.Term, searchPatients+1).Scan(&found).Error
		if err != nil {
			return nil, err
		}
		ids = append(ids, found...)
	}
	return ids, nil
}
