package store

import (
	"strings"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// patientRow is a sealed patient.
type patientRow struct {
	ID        string
	Sealed    []byte
	CreatedAt time.Time
}

// TableName is the table of patientRow.
func (patientRow) TableName() string { return "patients" }

// termRow finds a patient by a keyed term.
type termRow struct {
	Term      []byte
	PatientID string
}

// TableName is the table of termRow.
func (termRow) TableName() string { return "patient_terms" }

func patientAD(id string) seal.AssociatedData { return seal.AssociatedData{Table: "patients", ID: id} }

// sealPatient makes the row and the terms of a patient who has an ID.
func (s *Store) sealPatient(p clinic.Patient) (patientRow, []termRow, error) {
	sealed, err := s.keyring.Seal(seal.Contact, patientAD(p.ID), p)
	if err != nil {
		return patientRow{}, nil, err
	}
	var terms []termRow
	for _, t := range patientTerms(p) {
		term, err := s.keyring.BlindIndex(t.kind, t.value)
		if err != nil {
			return patientRow{}, nil, err
		}
		terms = append(terms, termRow{term, p.ID})
	}
	return patientRow{p.ID, sealed, p.CreatedAt}, terms, nil
}

func (s *Store) openPatient(row patientRow) (clinic.Patient, error) {
	var p clinic.Patient
	err := s.keyring.Open(seal.Contact, patientAD(row.ID), row.Sealed, &p)
	return p, err
}

type term struct{ kind, value string }

// kanaPrefix is the length of the kana prefix that has a term. Each term is a row that every booking writes, so there is
// one: a search compares the rest after opening.
const kanaPrefix = 2

// patientTerms are the words a patient is found by: the beginning of the kana without the space, the phone number, and
// the mail address in lower case.
func patientTerms(p clinic.Patient) []term {
	out := []term{{"phone", p.Phone}, {"email", strings.ToLower(p.Email)}}
	if kana := []rune(kanaTerm(p.FamilyKana + p.GivenKana)); len(kana) >= kanaPrefix {
		out = append(out, term{"kana", string(kana[:kanaPrefix])})
	}
	return out
}

// kanaTerm writes kana the one way it is searched for.
func kanaTerm(s string) string {
	return strings.NewReplacer(" ", "", "・", "").Replace(clinic.Katakana(s))
}
