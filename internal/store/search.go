package store

import (
	"context"
	"strings"

	"madoguchi/internal/clinic"
)

// SearchLimit is the most that a search returns. Who has more than these is found by typing more, or by the date.
const SearchLimit = 50

// searchPatients is the most patients whose bookings are looked for, the latest ones.
const searchPatients = 1000

// Search finds the bookings, cancelled ones included, of patients whose kana begins with the text (kanaPrefix letters or
// more), or whose phone number or mail address it is, the latest counseling first. It is written as people write: kana in
// any script and width, with or without a space, numbers with or without hyphens. Names in kanji find nothing, because
// they are stored sealed only.
func (s *Store) Search(ctx context.Context, text string) ([]clinic.Appointment, error) {
	wanted, ok := searchTerm(text)
	if !ok {
		return nil, nil
	}
	patients, err := s.patientsOf(ctx, wanted)
	if err != nil || len(patients) == 0 {
		return nil, err
	}
	db := s.reader(ctx)
	var rows []bookingRow
	err = db.Table("bookings").Joins("JOIN slots ON slots.id = bookings.slot_id").Where("bookings.patient_id IN ?", patients).
		Order("slots.starts_at DESC, bookings.created_at DESC").Limit(SearchLimit).Select("bookings.*").Find(&rows).Error
	if err != nil {
		return nil, asUnavailable(err)
	}
	return s.assemble(db, rows)
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
	return term{"kana", kana}, len([]rune(kana)) >= kanaPrefix
}

// patientsOf are the ids of the patients whom a term finds, the latest first.
func (s *Store) patientsOf(ctx context.Context, wanted term) ([]string, error) {
	value := wanted.value
	if wanted.kind == "kana" {
		value = string([]rune(value)[:kanaPrefix])
	}
	keyed, err := s.keyring.BlindIndex(wanted.kind, value)
	if err != nil {
		return nil, err
	}
	var rows []patientRow
	err = s.reader(ctx).Joins("JOIN patient_terms ON patient_terms.patient_id = patients.id").Where("patient_terms.term = ?", keyed).
		Order("patients.created_at DESC, patients.id").Find(&rows).Error
	if err != nil {
		return nil, asUnavailable(err)
	}
	var ids []string
	for _, row := range rows {
		patient, err := s.openPatient(row)
		if err != nil {
			return nil, err
		}
		if wanted.kind == "kana" && !strings.HasPrefix(kanaTerm(patient.FamilyKana+patient.GivenKana), wanted.value) {
			continue
		}
		if ids = append(ids, patient.ID); len(ids) == searchPatients {
			break
		}
	}
	return ids, nil
}
