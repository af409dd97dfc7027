package store

import (
	"context"
	"strings"

	"madoguchi/internal/clinic"
)

// searchLimit is the most that a search returns. Who has more than these is found by the date.
const searchLimit = 50

// Search finds the bookings, cancelled ones included, of patients whose kana begins with the text, or whose phone number
// or mail address it is, the latest counseling first. It is written as people write: kana in any script and width, with
// or without a space, numbers with or without hyphens. Names in kanji find nothing, because they are stored sealed only.
func (s *Store) Search(ctx context.Context, text string) ([]clinic.Appointment, error) {
	wanted, ok := searchTerm(text)
	if !ok {
		return nil, nil
	}
	term, err := s.safe.Term(wanted.kind, wanted.value)
	if err != nil {
		return nil, err
	}
	db := s.reader(ctx)
	var rows []bookingRow
	err = db.Table("bookings").Joins("JOIN patient_terms ON patient_terms.patient_id = bookings.patient_id").
		Joins("JOIN slots ON slots.id = bookings.slot_id").Where("patient_terms.term = ?", term).
		Order("slots.starts_at DESC, bookings.created_at DESC").Limit(searchLimit).Select("bookings.*").Find(&rows).Error
	if err != nil {
		return nil, outage(err)
	}
	return s.assemble(db, rows)
}

// searchTerm says which of the patientTerms a typed text asks for.
func searchTerm(text string) (term, bool) {
	text = clinic.Tidy(clinic.Narrow(text))
	if strings.Contains(text, "@") {
		return term{"email", strings.ToLower(text)}, true
	}
	if digits, problem := clinic.ParsePhone(text); problem == "" {
		return term{"phone", digits}, true
	}
	kana := []rune(kanaTerm(text))
	return term{"kana", string(kana[:min(len(kana), maxKanaPrefix)])}, len(kana) > 0
}
