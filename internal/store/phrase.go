package store

import (
	"context"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

func phrasesAD(doctorID string) seal.AssociatedData {
	return seal.AssociatedData{Table: "phrases", ID: doctorID}
}

// Phrases are a doctor's own phrases; of anybody else there are none.
func (s *Store) Phrases(ctx context.Context, doctor clinic.Actor) (clinic.Phrases, error) {
	var row struct {
		Revision int
		Sealed   []byte
	}
	id := chartsOf(doctor)
	err := one(s.reader(ctx).Table("phrases").Where("doctor_id = "+aText, id), &row)
	if clinic.CodeOf(err) == clinic.NotFound {
		return clinic.Phrases{}, nil
	}
	if err != nil {
		return clinic.Phrases{}, wrap("Phrases", err)
	}
	var stored storedPhrases
	if err := s.keyring.Open(seal.Answers, phrasesAD(id), row.Sealed, &stored); err != nil {
		return clinic.Phrases{}, wrap("Phrases", err)
	}
	p := stored.phrases()
	p.Revision = row.Revision
	return p, nil
}

// SavePhrases writes a doctor's phrases over those of a revision; when they have been saved since, the answer is clinic.StaleError.
func (s *Store) SavePhrases(ctx context.Context, doctor clinic.Actor, p clinic.Phrases) error {
	id := chartsOf(doctor)
	if id == "" {
		return NotFound()
	}
	sealed, err := s.keyring.Seal(seal.Answers, phrasesAD(id), storePhrases(p))
	if err != nil {
		return err
	}
	return s.change(ctx, "SavePhrases", doctor, func(tx *change) error {
		saved := tx.Exec(`INSERT INTO phrases AS p (doctor_id, revision, sealed, updated_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (doctor_id) DO UPDATE SET revision = excluded.revision, sealed = excluded.sealed, updated_at = excluded.updated_at WHERE p.revision = ?`,
			id, p.Revision+1, sealed, tx.now, p.Revision)
		if saved.Error == nil && saved.RowsAffected == 0 {
			return clinic.StaleError()
		}
		return saved.Error
	})
}
