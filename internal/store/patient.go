package store

import (
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// patientRow is a sealed patient, with the blind index of who they are.
type patientRow struct {
	ID        string
	Identity  []byte   // under the present key
	Otherwise [][]byte `gorm:"-"` // under every other
	Sealed    []byte
	CreatedAt time.Time
	Patient   clinic.Patient `gorm:"-"` // of a new one
}

// termRow is one blind index by which a patient is found.
type termRow struct {
	Term  []byte
	KeyID uint32
	Same  [][]byte `gorm:"-"` // of one of the personTerms: the index under every key; nil for any other
}

func patientAD(id string) seal.AssociatedData { return seal.AssociatedData{Table: "patients", ID: id} }

// newPatient makes the row of a patient who has an ID, and their personTerms.
func (s *Store) newPatient(p clinic.Patient) (patientRow, []termRow, error) {
	row := patientRow{ID: p.ID, CreatedAt: p.CreatedAt, Patient: p}
	var err error
	if row.Sealed, err = s.keyring.Seal(seal.Contact, patientAD(p.ID), storePatient(p)); err != nil {
		return row, nil, err
	}
	identities, err := s.identities(p)
	if err != nil {
		return row, nil, err
	}
	row.Identity, row.Otherwise = identities[0], identities[1:]
	terms, err := s.termRows(personTerms(p))
	return row, terms, err
}

// identities are the blind indexes of who somebody is, under every key, that under the present one first.
func (s *Store) identities(p clinic.Patient) (out [][]byte, err error) {
	all, err := s.keyring.BlindIndexes("identity", p.Identity())
	for _, index := range all {
		out = append(out, index.Term)
	}
	return out, err
}

// termRows are the blind indexes of terms under the present key.
func (s *Store) termRows(terms []term) (rows []termRow, err error) {
	for _, t := range terms {
		if !t.ofPerson() {
			index, err := s.keyring.Index(t.kind, t.value)
			if err != nil {
				return nil, err
			}
			rows = append(rows, termRow{Term: index.Term, KeyID: index.KeyID})
			continue
		}
		all, err := s.keyring.BlindIndexes(t.kind, t.value)
		if err != nil {
			return nil, err
		}
		row := termRow{Term: all[0].Term, KeyID: all[0].KeyID}
		for _, index := range all {
			row.Same = append(row.Same, index.Term)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// insertPatient writes a patient with their personTerms, or finds the one who is the same person, and returns the id. What is stored of
// them stays as it is, because anybody can type another's name: the booking has what was typed, and by all of its terms the patient is
// found under it as well.
func (c *change) insertPatient(p patientRow, terms []termRow) (id string, err error) {
	known, err := c.knownOtherwise(p)
	if err != nil {
		return "", err
	}
	if known != "" {
		if err := c.notAlone(known); err != nil {
			return "", err
		}
		return known, c.insertAllTerms(known, p.Patient)
	}
	var merged *string
	var alone bool
	in, same := c.sameIn(terms)
	err = c.Raw(`INSERT INTO patients (id, identity, sealed, created_at, alone) VALUES (?, ?, ?, ?, NOT EXISTS (SELECT 1 FROM patient_terms t WHERE t.term IN `+in+`))
		ON CONFLICT (identity) DO UPDATE SET identity = excluded.identity, alone = false RETURNING id, merged_into, alone`,
		append([]any{p.ID, p.Identity, p.Sealed, p.CreatedAt}, same...)...).Row().Scan(&id, &merged, &alone)
	if err == nil && merged != nil {
		id, err = c.keptFor(*merged)
	}
	if err != nil {
		return "", err
	}
	if alone { // nobody has one of their personTerms
		return id, c.writeTerms(id, terms)
	}
	if id == p.ID { // somebody new: FillTerms comes to them
		return id, c.insertTerms(id, terms)
	}
	return id, c.insertAllTerms(id, p.Patient)
}

// insertAllTerms writes those of the patientTerms of somebody, as whom a patient is known as well, that are not there.
func (c *change) insertAllTerms(patientID string, p clinic.Patient) error {
	terms, err := c.store.termRows(patientTerms(p))
	if err != nil {
		return err
	}
	return c.insertTerms(patientID, terms)
}

// sameIn are the indexes under every key of those of some terms that say that somebody may be the same person: a list in SQL, with its
// arguments. A new patient always has one, because everybody left a phone number.
func (c *change) sameIn(terms []termRow) (list string, args []any) {
	var all counted
	for _, t := range terms {
		all.terms = append(all.terms, t.Same...)
	}
	if len(all.terms) == 0 {
		return "(NULL)", nil
	}
	return c.termsIn(all)
}

// notAlone says of some patients that the clinic may know more of them than one booking.
func (c *change) notAlone(ids ...string) error {
	return c.Exec("UPDATE patients SET alone = false WHERE id IN ? AND alone", ids).Error
}

// knownOtherwise is the patient who is stored under the identity of a new one by another key than the present; "" for none. While two keys
// are in use, two who write the same person down at once wait for each other, whichever key is the present one of each.
func (c *change) knownOtherwise(p patientRow) (id string, err error) {
	if len(p.Otherwise) == 0 {
		return "", nil
	}
	names := make([]string, 0, 1+len(p.Otherwise))
	for _, identity := range append([][]byte{p.Identity}, p.Otherwise...) {
		names = append(names, "identity "+hex.EncodeToString(identity))
	}
	if err := c.advisoryLocks(names); err != nil {
		return "", err
	}
	var ids []string
	if err := c.Raw("SELECT id FROM patients WHERE identity IN ?", p.Otherwise).Scan(&ids).Error; err != nil || len(ids) == 0 {
		return "", err
	}
	return c.keptFor(ids[0])
}

// insertTerms writes those terms of a patient that are not there. Where somebody else has one of the personTerms among them, neither is
// alone from then on. On PostgreSQL two changes at one instant may not see each other's; FillTerms, which comes to every new patient a
// little later, sees both.
func (c *change) insertTerms(patientID string, terms []termRow) error {
	if err := c.writeTerms(patientID, terms); err != nil {
		return err
	}
	in, same := c.sameIn(terms)
	if len(same) == 0 {
		return nil
	}
	var who []string
	err := c.Raw("SELECT DISTINCT t.patient_id FROM patient_terms t WHERE t.term IN "+in, same...).Scan(&who).Error
	if err != nil || len(who) < 2 {
		return err
	}
	return c.notAlone(who...)
}

func (c *change) writeTerms(patientID string, terms []termRow) error {
	if len(terms) == 0 {
		return nil
	}
	// gorm takes bytes that stand first in a parenthesis for a list, so the term does not.
	values := make([]any, 0, 3*len(terms))
	for _, t := range terms {
		values = append(values, patientID, t.Term, t.KeyID)
	}
	_, err := c.insert("INSERT INTO patient_terms (patient_id, term, key_id) VALUES (?, ?, ?)"+strings.Repeat(", (?, ?, ?)", len(terms)-1)+
		" ON CONFLICT DO NOTHING", values...)
	return err
}

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
