package store

import (
	"bytes"
	"slices"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// mergeTerms gives the one who is kept the terms of the merged one that they do not have, and writes down which these are. The terms are
// made from what is sealed, because the index is in the order of the terms and cannot be asked which a patient has.
func (c *change) mergeTerms(mergeID, keptID, mergedID string) error {
	of, err := c.termsOf(mergedID, mergeID)
	if err != nil {
		return err
	}
	have, err := c.haveTerms(keptID, of)
	if err != nil {
		return err
	}
	var added []termRow
	for _, t := range of {
		if !holds(have, t.Term) {
			added = append(added, t)
		}
	}
	if err := c.insertTerms(keptID, added); err != nil {
		return err
	}
	for _, t := range added {
		if err := c.Exec("INSERT INTO patient_merge_terms (merge_id, term) VALUES ("+aText+", ?)", mergeID, t.Term).Error; err != nil {
			return err
		}
	}
	return nil
}

// haveTerms are those of some terms that a patient has.
func (c *change) haveTerms(patientID string, terms []termRow) (have [][]byte, err error) {
	if len(terms) == 0 {
		return nil, nil
	}
	asked := make([][]byte, len(terms))
	for i, t := range terms {
		asked[i] = t.Term
	}
	err = c.Raw("SELECT term FROM patient_terms WHERE term IN ? AND patient_id = "+aText, asked, patientID).Scan(&have).Error
	return have, err
}

func holds(all [][]byte, wanted []byte) bool {
	return slices.ContainsFunc(all, func(one []byte) bool { return bytes.Equal(one, wanted) })
}

// termsOf are all terms of a patient under the present key.
func (c *change) termsOf(patientID, mergeID string) (rows []termRow, err error) {
	words, err := c.wordsOf(patientID, mergeID)
	if err != nil {
		return nil, err
	}
	return c.store.termRows(words)
}

// wordsOf are all words by which a patient is found: those of what is stored of them and of what was typed with their bookings, those
// that a merge took from them included.
func (c *change) wordsOf(patientID, mergeID string) (words []term, err error) {
	s := c.store
	var row patientRow
	if err := one(c.Table("patients").Where("id = "+aText, patientID).Select("id, sealed, created_at"), &row); err != nil {
		return nil, err
	}
	p, err := s.openPatient(row)
	if err != nil {
		return nil, err
	}
	people := []clinic.Patient{p}
	var typed []struct {
		ID     string
		Sealed []byte
	}
	err = c.Raw("SELECT b.id, b.sealed FROM bookings b WHERE b.patient_id = "+aText, patientID).Scan(&typed).Error
	if err != nil {
		return nil, err
	}
	if mergeID != "" {
		var moved []struct {
			ID     string
			Sealed []byte
		}
		err = c.Raw("SELECT b.id, b.sealed FROM patient_merge_bookings m JOIN bookings b ON b.id = m.booking_id WHERE m.merge_id = "+aText, mergeID).Scan(&moved).Error
		if err != nil {
			return nil, err
		}
		typed = append(typed, moved...)
	}
	for _, b := range typed {
		var stored storedBooking
		if err := s.keyring.Open(seal.Contact, bookingAD(b.ID), b.Sealed, &stored); err != nil {
			return nil, err
		}
		p, _ := stored.open()
		people = append(people, p)
	}
	return wordsOf(people), nil
}

// wordsOf are the patientTerms of some people, each once.
func wordsOf(people []clinic.Patient) (words []term) {
	made := map[term]bool{}
	for _, p := range people {
		for _, t := range patientTerms(p) {
			if !made[t] {
				made[t] = true
				words = append(words, t)
			}
		}
	}
	return words
}

// unmergeTerms takes from the one who was kept the terms that came with a merge, but for those that they have of their own by now.
func (c *change) unmergeTerms(m mergeRow) error {
	var came [][]byte
	if err := c.Raw("SELECT term FROM patient_merge_terms WHERE merge_id = "+aText, m.ID).Scan(&came).Error; err != nil {
		return err
	}
	words, err := c.wordsOf(m.KeptID, "")
	if err != nil {
		return err
	}
	// Others who were merged into the same one have brought theirs.
	var others []struct{ ID string }
	if err := c.Raw("SELECT merged_id AS id FROM patient_merges WHERE kept_id = "+aText+" AND undone_at IS NULL", m.KeptID).Scan(&others).Error; err != nil {
		return err
	}
	for _, o := range others {
		theirs, err := c.wordsOf(o.ID, "")
		if err != nil {
			return err
		}
		words = append(words, theirs...)
	}
	var own [][]byte // under every key: it may be another than when they came
	for _, w := range words {
		all, err := c.store.keyring.BlindIndexes(w.kind, w.value)
		if err != nil {
			return err
		}
		for _, index := range all {
			own = append(own, index.Term)
		}
	}
	for _, term := range came {
		if holds(own, term) {
			continue
		}
		if err := c.Exec("DELETE FROM patient_terms WHERE patient_id = "+aText+" AND term = ?", m.KeptID, term).Error; err != nil {
			return err
		}
	}
	return nil
}
