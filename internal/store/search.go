package store

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"madoguchi/internal/clinic"
)

// SearchLimit is the most bookings, or patients, that a search returns. Who has more than these is found by typing more, or by the date.
const SearchLimit = 50

// searchPatients is the most patients that a search looks at for each group of terms, the latest ones, so that it takes no longer the
// more there are.
const searchPatients = 200

// MinPhoneDigits is how many digits of a phone number a search wants at least.
const MinPhoneDigits = phonePart

// Found is what a search found.
type Found struct {
	Appointments []clinic.Appointment
	More         bool // there are others as well, so more has to be typed
}

// Search finds the bookings, cancelled ones included, of patients whose reading begins with the text, whose given name or family name
// in kanji it is, whose phone number has it as a part, or whose mail address or birth date it is, the latest counseling first, at the
// branches whose calendar the actor may see. With one kana, whoever has just that for a family name comes before all others. It is
// written as people write: kana in any script, width and spelling, Latin letters in any case and with or without accents, with or
// without a space, numbers with or without hyphens, birth dates in either calendar. Of a name in Latin letters any words do. Names
// are stored sealed only, so that of a name in kanji the family name is looked for as a whole.
func (s *Store) Search(ctx context.Context, actor clinic.Actor, text string) (Found, error) {
	w := readSearch(text)
	patients, more, err := s.patientsOf(ctx, w)
	if err != nil || len(patients) == 0 {
		return Found{}, wrap("Search", err)
	}
	found := Found{More: more}
	owned, args := ownedBy(actor, clinic.SeeCalendar)
	all, err := s.appointments(s.reader(ctx), "b.patient_id IN ? AND "+owned+" ORDER BY s.starts_at DESC, b.created_at DESC", append([]any{patients}, args...)...)
	if err != nil {
		return Found{}, wrap("Search", err)
	}
	meant := map[string]bool{} // also by what was typed with another booking
	for _, a := range all {
		meant[a.Patient.ID] = meant[a.Patient.ID] || w.fits(a.Patient)
	}
	all = slices.DeleteFunc(all, func(a clinic.Appointment) bool { return !meant[a.Patient.ID] })
	slices.SortStableFunc(all, func(a, b clinic.Appointment) int { return w.order(a.Patient) - w.order(b.Patient) })
	if found.Appointments = all; len(all) > SearchLimit {
		found.Appointments, found.More = all[:SearchLimit], true
	}
	return found, nil
}

// wanted is what a typed text looks for: the terms that find candidates, in groups of which the first matter most, and what decides
// about those who were found.
type wanted struct {
	groups [][]term
	fits   func(clinic.Patient) bool
	first  string // a family name of one kana, whose bearers come before all others; "" for none
}

// order puts those first who have just the one kana that was typed for a family name.
func (w wanted) order(p clinic.Patient) int {
	if w.first == "" || familyTerm(p) == w.first {
		return 0
	}
	return 1
}

// readSearch says what a typed text looks for. One that looks for nothing has no groups.
func readSearch(text string) wanted {
	text = clinic.Tidy(clinic.Narrow(text))
	if strings.Contains(text, "@") {
		return wanted{groups: [][]term{{{"email", clinic.Mailbox(text)}}}, fits: func(clinic.Patient) bool { return true }}
	}
	birth, problem := clinic.ParseBirthText(text)
	born := problem == ""
	number, problem := clinic.ParsePhone(text)
	if problem != "" {
		number = clinic.Plain(text)
	}
	digits := strings.TrimPrefix(number, "+")
	if born || digits != "" && strings.Trim(digits, "0123456789") == "" {
		w := wanted{fits: func(p clinic.Patient) bool {
			return born && p.Birth == birth || len(digits) >= MinPhoneDigits && strings.Contains(p.Phone, digits)
		}}
		if born {
			w.groups = append(w.groups, []term{{"birth", birth.String()}})
		}
		if strings.Trim(digits, "0123456789") == "" && len(digits) >= MinPhoneDigits {
			w.groups = append(w.groups, []term{{"phone", number}})
			w.groups = append(w.groups, partsOfPhone(digits)...)
		}
		return w
	}
	w := wanted{groups: nameTerms(text), fits: func(p clinic.Patient) bool { return named(p, text) }}
	if reading := clinic.PlainName(text); utf8.RuneCountInString(reading) == 1 {
		w.first = reading
	}
	return w
}

// partsOfPhone are the terms of phoneParts that numbers may have in which the given digits stand somewhere: wherever that is, two
// digits of one of the two parts at least are among them, and the others are any. What stands farther in front is the same for
// half of all people. The last digits come first, and then those before them, because that is what people say.
func partsOfPhone(digits string) [][]term {
	var tail, middle, others []term
	for after := range 2*phonePart - 1 { // so many digits come after the given ones
		best, kind, known := "", "", 0
		for part, name := range []string{"tail", "middle"} {
			pattern, n := "", 0
			for i := range phonePart {
				at := after + len(digits) - 1 - (phonePart*(part+1) - 1 - i) // which of the given digits stands there
				if at < 0 || at >= len(digits) {
					pattern += "?"
					continue
				}
				pattern += digits[at : at+1]
				n++
			}
			if n > known {
				best, kind, known = pattern, name, n
			}
		}
		switch {
		case known == phonePart && kind == "tail":
			tail = append(tail, term{kind, best})
		case known == phonePart:
			middle = append(middle, term{kind, best})
		case known >= phonePart-2:
			for _, value := range filledIn(best) {
				others = append(others, term{kind, value})
			}
		}
	}
	return slices.DeleteFunc([][]term{tail, middle, others}, func(g []term) bool { return len(g) == 0 })
}

// filledIn are the numbers that a pattern with a ? for each unknown digit stands for.
func filledIn(pattern string) []string {
	before, after, unknown := strings.Cut(pattern, "?")
	if !unknown {
		return []string{pattern}
	}
	var out []string
	for _, rest := range filledIn(after) {
		for digit := '0'; digit <= '9'; digit++ {
			out = append(out, before+string(digit)+rest)
		}
	}
	return out
}

// named reports whether a patient's name is meant by a text: it begins with the text, or each word of the text begins one of its
// words; or the text is the family name in kanji, with nothing after it or the beginning of the given name.
func named(p clinic.Patient, text string) bool {
	wanted := clinic.PlainName(text)
	if wanted == "" {
		return false
	}
	if slices.ContainsFunc(p.PlainReadings(), func(reading string) bool { return strings.HasPrefix(reading, wanted) }) {
		return true
	}
	if surname := clinic.PlainName(p.FamilyName); hasKanji(surname) && strings.HasPrefix(wanted, surname) && strings.HasPrefix(surname+clinic.PlainName(p.GivenName), wanted) {
		return true
	}
	words := clinic.PlainWords(p.FamilyName + " " + p.GivenName + " " + p.FamilyKana + " " + p.GivenKana)
	for _, part := range clinic.PlainWords(text) {
		if !slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(word, part) }) {
			return false
		}
	}
	return true
}

// patientsOf are the ids of the patients whom a search may mean, the latest of each group first; more says that there are others.
// The index is in the order of the ids, which is that of time. Whoever has just booked is in it by their personTerms alone; what it will
// have of them is looked at besides.
func (s *Store) patientsOf(ctx context.Context, w wanted) (ids []string, more bool, err error) {
	latest, err := s.unfilled(ctx)
	if err != nil {
		return nil, false, err
	}
	theirs := make([][]term, len(latest))
	for i, p := range latest {
		theirs[i] = patientTerms(p)
	}
	seen := map[string]bool{}
	for _, group := range w.groups {
		var terms [][]byte
		for _, t := range group {
			indexes, err := s.keyring.BlindIndexes(t.kind, t.value)
			if err != nil {
				return nil, false, err
			}
			for _, index := range indexes {
				terms = append(terms, index.Term)
			}
		}
		var found []string
		err := s.reader(ctx).Raw("SELECT DISTINCT patient_id FROM patient_terms WHERE term IN ? ORDER BY patient_id DESC LIMIT ?", terms, searchPatients+1).Scan(&found).Error
		if err != nil {
			return nil, false, err
		}
		if len(found) > searchPatients {
			found, more = found[:searchPatients], true
		}
		var just []string
		for i, p := range latest {
			if slices.ContainsFunc(theirs[i], func(t term) bool { return slices.Contains(group, t) }) {
				just = append(just, p.ID)
			}
		}
		for _, id := range slices.Concat(just, found) {
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	return ids, more, nil
}

// nameTerms are the terms that a typed name asks for: that of its beginning, and of several words that of the longest that has no
// kana, because a reading in kana is found by its beginning only. A name in kanji may be a family name with more after it, and kana may
// be those of a given name.
func nameTerms(text string) [][]term {
	var out [][]term
	add := func(terms ...term) {
		terms = slices.DeleteFunc(terms, func(t term) bool { return t.value == "" })
		if len(terms) > 0 {
			out = append(out, terms)
		}
	}
	reading := clinic.PlainName(text)
	if utf8.RuneCountInString(reading) == 1 {
		add(term{"family", reading})
	}
	add(term{"kana", beginning(reading)})
	longest := ""
	for _, word := range clinic.PlainWords(text) {
		if !clinic.IsJapanese(word) && utf8.RuneCountInString(word) > utf8.RuneCountInString(longest) {
			longest = word
		}
	}
	if longest := beginning(longest); longest != beginning(reading) {
		add(term{"kana", longest})
	}
	switch {
	case hasKanji(reading):
		add(surnamesIn(reading)...)
	case utf8.RuneCountInString(reading) >= 2 && isKana(reading) && len(clinic.PlainWords(text)) == 1:
		add(term{"given", givenTerm(reading)})
	}
	return out
}

// maxSurname is the longest family name in kanji that is looked for where it stands together with the given name.
const maxSurname = 6

// surnamesIn are the terms of the family names with which a name in kanji may begin.
func surnamesIn(name string) (terms []term) {
	letters := []rune(name)
	for n := min(len(letters), maxSurname); n > 0; n-- {
		terms = append(terms, term{"surname", string(letters[:n])})
	}
	if len(letters) > maxSurname {
		terms = append(terms, term{"surname", name})
	}
	return terms
}

func isKana(reading string) bool {
	return !strings.ContainsFunc(reading, func(r rune) bool { return !unicode.In(r, unicode.Katakana, unicode.Lm) })
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
