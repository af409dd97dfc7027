package store

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"madoguchi/internal/clinic"
)

// term is a word by which a patient is found, before it becomes a blind index.
type term struct{ kind, value string }

// ofPerson reports whether it is one of the personTerms.
func (t term) ofPerson() bool { return t.kind == "phone" || t.kind == "email" || t.kind == "person" }

// kanaPrefixes are the lengths of the beginnings of a reading that have a term, shortest first. There are few: a search takes the longest
// that it can and compares the rest after opening.
var kanaPrefixes = []int{1, 2, 4}

// personTerms are the words each of which says that two patients may be the same person: the phone number, the mailbox, and the
// letters of the reading with the birth date. The letters are in an order of their own, because not everybody is sure which of
// their names is the family's, or where it ends. Whoever left no mail address or no birth date, as callers may, is not found by it:
// otherwise all of them would be one person.
func personTerms(p clinic.Patient) []term {
	family, given := p.Readings()
	out := []term{{"phone", p.Phone}}
	if p.Email != "" {
		out = append(out, term{"email", clinic.Mailbox(p.Email)})
	}
	if p.Birth.IsZero() {
		return out
	}
	letters := []rune(clinic.PlainName(family + given))
	slices.Sort(letters)
	return append(out, term{"person", string(letters) + "\x00" + p.Birth.String()})
}

// patientTerms are all the words a patient is found by: the personTerms, which a booking writes itself because its rules count by them, and what
// they are looked for by, which FillTerms writes a second later, so that no booking waits for it: the beginnings of the readings and those of
// the later words of a name without kana, for which one letter would find too many; the beginning of the given name, the family name in
// kanji as a whole, two parts of the phone number, and the birth date. A family name of one kana, such as リ, is a word of its own: among
// all who begin with it nobody would find it.
func patientTerms(p clinic.Patient) []term {
	out := personTerms(p)
	add := func(word string, lengths []int) {
		letters := []rune(word)
		for _, n := range lengths {
			if t := (term{"kana", string(letters[:min(n, len(letters))])}); len(letters) >= n && !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	for _, reading := range p.PlainReadings() {
		add(reading, kanaPrefixes)
	}
	family, given := p.Readings()
	for _, name := range []string{family, given} {
		if clinic.HasKana(name) {
			continue
		}
		for i, word := range clinic.PlainWords(name) {
			if i > 0 { // a reading begins with the first
				add(word, kanaPrefixes[1:])
			}
		}
	}
	if family := familyTerm(p); utf8.RuneCountInString(family) == 1 {
		out = append(out, term{"family", family})
	}
	if given := clinic.PlainName(given); given != "" && clinic.HasKana(given) {
		out = append(out, term{"given", givenTerm(given)})
	}
	if surname := clinic.PlainName(p.FamilyName); hasKanji(surname) {
		out = append(out, term{"surname", surname})
	}
	out = append(out, phoneParts(p.Phone)...)
	if !p.Birth.IsZero() {
		out = append(out, term{"birth", p.Birth.String()})
	}
	return out
}

// givenTerm is the beginning of a given name by which it has a term: its first two kana. Most given names have two to four.
func givenTerm(reading string) string {
	letters := []rune(reading)
	return string(letters[:min(2, len(letters))])
}

func hasKanji(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// phonePart is how many digits of a phone number have a term, twice: the last ones, and those before them.
const phonePart = 4

// phoneParts are the terms of two parts of a phone number. By these two any part of it is found, see partsOfPhone.
func phoneParts(number string) (out []term) {
	digits := strings.TrimPrefix(number, "+")
	for _, kind := range []string{"tail", "middle"} {
		n := len(digits) - phonePart
		if n < 0 {
			break
		}
		out = append(out, term{kind, digits[n:]})
		digits = digits[:n]
	}
	return out
}

func familyTerm(p clinic.Patient) string {
	family, _ := p.Readings()
	return clinic.PlainName(family)
}
