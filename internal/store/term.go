package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// termsVersion is raised whenever patientTerms makes other terms than before: then they are made anew for all patients, from what is
// sealed.
const termsVersion = 1

const (
	// fillBatch is how many patients FillTerms looks at in one transaction, and fillBatches how many times at most when it is called, so that whoever
	// calls it can do something else between.
	fillBatch   = 200
	fillBatches = 5

	// fillLag is how old a patient's row is before FillTerms goes past it for good: an older id may still be committed after a newer one.
	fillLag = time.Minute
)

// filled is a patient whose terms are made anew.
type filled struct {
	id        string
	createdAt time.Time
	terms     []termRow
}

// FillTerms writes those of the patientTerms that are missing, for some patients after those for whom it has been done before: for
// everybody who was here before there were such terms, or before the key that makes them was replaced, and then for everybody who has
// just booked. It may be called again and again, by several at once, and be ended at any time. How far it has come is in the database.
func (s *Store) FillTerms(ctx context.Context) error {
	var failed error
	after, err := s.filledUpTo(ctx)
	if err != nil {
		return wrap("FillTerms", err)
	}
	for range fillBatches {
		batch, broken, err := s.nextToFill(ctx, after)
		if err != nil {
			return wrap("FillTerms", err)
		}
		failed = errors.Join(failed, broken)
		if len(batch) == 0 {
			break
		}
		if err := s.fill(ctx, after, batch); err != nil {
			return wrap("FillTerms", err)
		}
		after = batch[len(batch)-1].id
		if len(batch) < fillBatch {
			break
		}
	}
	return wrap("FillTerms", failed)
}

// filledUpTo is the id of the last patient of whom all terms are there; "" where none is.
func (s *Store) filledUpTo(ctx context.Context) (id string, err error) {
	var ids []string
	err = s.reader(ctx).Raw("SELECT after_id FROM patient_term_progress WHERE version = ? AND key_id = ?", termsVersion, s.keyring.IndexKeyID()).Scan(&ids).Error
	return strings.Join(ids, ""), err
}

// unfilled are the latest patients of whom FillTerms may not have written everything, the latest first. One who cannot be opened is left out:
// FillTerms names them.
func (s *Store) unfilled(ctx context.Context) (latest []clinic.Patient, err error) {
	after, err := s.filledUpTo(ctx)
	if err != nil {
		return nil, err
	}
	var rows []patientRow
	err = s.reader(ctx).Raw("SELECT id, sealed, created_at FROM patients WHERE id > "+aText+" AND erased_at IS NULL ORDER BY id DESC LIMIT ?", after, searchPatients).Scan(&rows).Error
	for _, row := range rows {
		if p, unread := s.openPatient(row); unread == nil {
			latest = append(latest, p)
		}
	}
	return latest, err
}

// nextToFill are the patients after an id, with all their terms: of what is stored of them, and of what was typed with their bookings.
// What cannot be opened is named by broken, and has no terms.
func (s *Store) nextToFill(ctx context.Context, after string) (batch []filled, broken, err error) {
	var rows []patientRow
	err = s.reader(ctx).Raw("SELECT id, sealed, created_at FROM patients WHERE id > "+aText+" AND erased_at IS NULL ORDER BY id LIMIT ?", after, fillBatch).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, nil, err
	}
	people, ids := map[string][]clinic.Patient{}, make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
		p, err := s.openPatient(r)
		if err != nil {
			broken = errors.Join(broken, fmt.Errorf("patient %s: %w", r.ID, err))
			continue
		}
		people[r.ID] = append(people[r.ID], p)
	}
	var typed []struct {
		ID, PatientID string
		Sealed        []byte
	}
	if err := s.reader(ctx).Raw("SELECT id, patient_id, sealed FROM bookings WHERE patient_id IN ?", ids).Scan(&typed).Error; err != nil {
		return nil, broken, err
	}
	for _, b := range typed {
		var stored storedBooking
		if err := s.keyring.Open(seal.Contact, bookingAD(b.ID), b.Sealed, &stored); err != nil {
			broken = errors.Join(broken, fmt.Errorf("booking %s: %w", b.ID, err))
			continue
		}
		p, _ := stored.open()
		people[b.PatientID] = append(people[b.PatientID], p)
	}
	for _, r := range rows {
		terms, err := s.termRows(wordsOf(people[r.ID]))
		if err != nil {
			return nil, broken, err
		}
		batch = append(batch, filled{r.ID, r.CreatedAt, terms})
	}
	return batch, broken, nil
}

// fill writes what is missing of a batch, if anything is, and how far it has come.
func (s *Store) fill(ctx context.Context, after string, batch []filled) error {
	var missing []filled
	upTo := after
	now := s.now()
	for _, f := range batch {
		if now.Sub(f.createdAt) >= fillLag {
			upTo = f.id
		}
		terms := make([][]byte, len(f.terms))
		for i, t := range f.terms {
			terms[i] = t.Term
		}
		var there int
		err := s.reader(ctx).Raw("SELECT COUNT(*) FROM patient_terms WHERE term IN ? AND patient_id = "+aText, terms, f.id).Row().Scan(&there)
		if err != nil {
			return err
		}
		if there < len(terms) {
			missing = append(missing, f)
		}
	}
	if len(missing) == 0 && upTo == after {
		return nil
	}
	return s.change(ctx, "FillTerms", clinic.Job("fill terms"), func(tx *change) error {
		for _, f := range missing {
			if err := tx.insertTerms(f.id, f.terms); err != nil {
				return err
			}
		}
		// Whoever was slower does not go back.
		return tx.Exec(`INSERT INTO patient_term_progress AS p (version, key_id, after_id) VALUES (?, ?, ?)
			ON CONFLICT (version, key_id) DO UPDATE SET after_id = excluded.after_id WHERE p.after_id < excluded.after_id`,
			termsVersion, s.keyring.IndexKeyID(), upTo).Error
	})
}

// openPatient opens what is stored of a patient.
func (s *Store) openPatient(r patientRow) (clinic.Patient, error) {
	var stored storedPatient
	err := s.keyring.Open(seal.Contact, patientAD(r.ID), r.Sealed, &stored)
	p := stored.patient()
	p.ID, p.CreatedAt = r.ID, r.CreatedAt.UTC()
	return p, err
}
