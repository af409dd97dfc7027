package store

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

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

// Search finds the bookings, cancelled ones included, of patients whose reading begins with the text, or whose phone number or mail
// address it is, the latest counseling first, at the branches whose calendar the actor may see. With one kana, whoever has just
// that for a family name comes before all others. It is written as people write: kana in any script, width and spelling, Latin letters in
// any case and with or without accents, with or without a space, numbers with or without hyphens. Of a name in Latin letters any words
// do. A name in kanji finds somebody who gave no reading of it, and nobody else, because names are stored sealed only.
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
	if wanted.kind == "kana" {
		all = slices.DeleteFunc(all, func(a clinic.Appointment) bool { return !named(a.Patient, wanted.value) })
	}
	if oneSign(wanted) {
		after := func(a clinic.Appointment) int {
			if familyTerm(a.Patient) == kanaTerm(wanted.value) {
				return 0
			}
			return 1
		}
		slices.SortStableFunc(all, func(a, b clinic.Appointment) int { return after(a) - after(b) })
	}
	for _, a := range all {
		if len(found.Appointments) == SearchLimit {
			found.More = true
			break
		}
		found.Appointments = append(found.Appointments, a)
	}
	return found, nil
}

// searchTerm says which of the patientTerms a typed text asks for; that of a name is still as it was typed.
func searchTerm(text string) (term, bool) {
	text = clinic.Tidy(clinic.Narrow(text))
	if strings.Contains(text, "@") {
		return term{"email", text}, true
	}
	if number, problem := clinic.ParsePhone(text); problem == "" {
		return term{"phone", number}, true
	}
	reading := plainTerm(text)
	if strings.Trim(reading, "0123456789") == "" { // a number of no plan, taken before it was held to one
		return term{"phone", reading}, reading != ""
	}
	return term{"kana", text}, true
}

// named reports whether a patient's name is meant by a text: it begins with the text, or each word of the text begins one of its words.
func named(p clinic.Patient, text string) bool {
	wanted := kanaTerm(text)
	if slices.ContainsFunc(readings(p), func(reading string) bool { return strings.HasPrefix(reading, wanted) }) {
		return true
	}
	words := nameWords(p.FamilyName + " " + p.GivenName + " " + p.FamilyKana + " " + p.GivenKana)
	for _, part := range nameWords(text) {
		if !slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(word, part) }) {
			return false
		}
	}
	return true
}

func oneSign(t term) bool { return t.kind == "kana" && utf8.RuneCountInString(kanaTerm(t.value)) == 1 }

// patientsOf are the ids of the patients whom a term finds, the latest first, and one more than searchPatients at most. The
// index is in the order of the ids, which is that of time.
func (s *Store) patientsOf(ctx context.Context, wanted term) ([]string, error) {
	asked := []term{wanted}
	switch wanted.kind {
	case "email":
		asked = []term{{"email", clinic.Mailbox(wanted.value)}}
	case "kana":
		asked = nameTerms(wanted.value)
	}
	var ids []string
	for _, t := range asked {
		indexes, err := s.keyring.BlindIndexes(t.kind, t.value)
		if err != nil {
			return nil, err
		}
		for _, index := range indexes {
			var found []string
			err := s.reader(ctx).Raw("SELECT patient_id FROM patient_terms WHERE term = ? ORDER BY patient_id DESC LIMIT ?", index.Term, searchPatients+1).Scan(&found).Error
			if err != nil {
				return nil, err
			}
			for _, id := range found {
				if !slices.Contains(ids, id) {
					ids = append(ids, id)
				}
			}
		}
	}
	return ids, nil
}

// nameTerms are the terms that a typed name asks for: that of its beginning, and of several words that of the longest that has no
// kana, because a reading in kana is found by its beginning only.
func nameTerms(text string) []term {
	var out []term
	add := func(kind, value string) {
		if t := (term{kind, value}); value != "" && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	reading := kanaTerm(text)
	if utf8.RuneCountInString(reading) == 1 {
		add("family", reading)
	}
	add("kana", beginning(reading))
	longest := ""
	for _, word := range nameWords(text) {
		if !clinic.IsJapanese(word) && utf8.RuneCountInString(word) > utf8.RuneCountInString(longest) {
			longest = word
		}
	}
	add("kana", beginning(longest))
	return out
}

// beginning is the longest beginning of a reading that has a term.
func beginning(reading string) string {
	letters, longest := []rune(reading), 0
	for _, n := range kanaPrefixes {
		if n <= len(letters) {
			longest = n
		}
	}
	return string(letters[:longest])
}
