package store

import (
	"strings"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// patientRow is a sealed patient, with the blind index of who they are.
type patientRow struct {
	ID        string
	Identity  []byte
	Sealed    []byte
	CreatedAt time.Time
}

// termRow is one blind index by which a patient is found.
type termRow struct {
	Term  []byte
	KeyID uint32
}

func patientAD(id string) seal.AssociatedData { return seal.AssociatedData{Table: "patients", ID: id} }

// newPatient makes the row and the terms of a patient who has an ID.
func (s *Store) newPatient(p clinic.Patient) (patientRow, []termRow, error) {
	row := patientRow{ID: p.ID, CreatedAt: p.CreatedAt}
	var err error
	if row.Sealed, err = s.keyring.Seal(seal.Contact, patientAD(p.ID), storePatient(p)); err != nil {
		return row, nil, err
	}
	if row.Identity, err = s.keyring.BlindIndex("identity", p.Identity()); err != nil {
		return row, nil, err
	}
	var terms []termRow
	for _, t := range patientTerms(p) {
		term, err := s.keyring.BlindIndex(t.kind, t.value)
		if err != nil {
			return row, nil, err
		}
		terms = append(terms, termRow{term, s.keyring.IndexKeyID()})
	}
	return row, terms, nil
}

// insertPatient writes a patient, or finds the one who is the same person, and returns the id. What is stored of them stays
// as it is, because anybody can type another's name: the booking has what was typed, and by its terms the patient is found
// under it as well.
func (c *change) insertPatient(p patientRow, terms []termRow) (id string, err error) {
	err = c.Raw(`INSERT INTO patients (id, identity, sealed, created_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (identity) DO UPDATE SET identity = excluded.identity RETURNING COALESCE(merged_into, id)`,
		p.ID, p.Identity, p.Sealed, p.CreatedAt).Row().Scan(&id)
	if err != nil {
		return "", err
	}
	// gorm takes bytes that stand first in a parenthesis for a list, so the term does not.
	values := make([]any, 0, 3*len(terms))
	for _, t := range terms {
		values = append(values, id, t.Term, t.KeyID)
	}
	return id, c.Exec("INSERT INTO patient_terms (patient_id, term, key_id) VALUES (?, ?, ?)"+strings.Repeat(", (?, ?, ?)", len(terms)-1)+
		" ON CONFLICT DO NOTHING", values...).Error
}

// term is a word by which a patient is found, before it becomes a blind index.
type term struct{ kind, value string }

// kanaPrefixes are the lengths of the beginnings of the kana that have a term, shortest first. Each term is a row that
// every booking writes, so there are few: a search takes the longest that it can and compares the rest after opening.
var kanaPrefixes = []int{2, 4}

// personTerms are the words each of which says that two patients may be the same person: the phone number, the mail address in
// lower case, and the kana, or the name where there is none, with the birth date.
func personTerms(p clinic.Patient) []term {
	name := kanaTerm(p.FamilyKana + p.GivenKana)
	if name == "" {
		name = kanaTerm(strings.ToLower(p.FamilyName + p.GivenName))
	}
	return []term{{"phone", p.Phone}, {"email", strings.ToLower(p.Email)}, {"person", name + "\x00" + p.Birth.String()}}
}

// patientTerms are the words a patient is found by: the personTerms, and the beginnings of the kana without the space.
func patientTerms(p clinic.Patient) []term {
	out := personTerms(p)
	kana := []rune(kanaTerm(p.FamilyKana + p.GivenKana))
	for _, n := range kanaPrefixes {
		if len(kana) >= n {
			out = append(out, term{"kana", string(kana[:n])})
		}
	}
	return out
}

// kanaTerm writes kana the one way it is searched for.
func kanaTerm(s string) string {
	return strings.NewReplacer(" ", "", "・", "").Replace(clinic.Katakana(s))
}
