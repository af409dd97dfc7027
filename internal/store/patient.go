package store

import (
	"encoding/hex"
	"strings"
	"time"

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
		all, err := s.keyring.BlindIndexes(t.kind, t.value)
		if err != nil {
			return nil, err
		}
		row := termRow{Term: all[0].Term, KeyID: all[0].KeyID}
		if t.ofPerson() {
			for _, index := range all {
				row.Same = append(row.Same, index.Term)
			}
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
	// Each term is asked for by itself, because for a list of them SQLite makes a table first.
	nobody := ""
	var same []any
	for _, t := range terms {
		if len(t.Same) == 0 {
			continue
		}
		in, args := c.termsIn(counted{terms: t.Same})
		nobody += " AND NOT EXISTS (SELECT 1 FROM patient_terms t WHERE t.term IN " + in + ")"
		same = append(same, args...)
	}
	err = c.Raw(`INSERT INTO patients (id, identity, sealed, created_at, alone) VALUES (?, ?, ?, ?, true`+nobody+`)
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
