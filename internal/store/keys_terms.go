package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// termsAnew makes the terms of all patients under the present key: their own, and those that came to somebody with the merge of another. It
// does nothing where no patient has a term of another key.
func (s *Store) termsAnew(ctx context.Context, done func(what string, rows int)) error {
	var old []string
	if err := s.reader(ctx).Raw("SELECT patient_id FROM patient_terms WHERE key_id <> ? LIMIT 1", s.keyring.IndexKeyID()).Scan(&old).Error; err != nil || len(old) == 0 {
		return err
	}
	after := ""
	for {
		batch, broken, err := s.nextToFill(ctx, after)
		if err = errors.Join(err, broken); err != nil || len(batch) == 0 {
			return err
		}
		err = s.change(ctx, "Reseal", clinic.Job("keys"), func(tx *change) error {
			for _, f := range batch {
				if err := tx.insertTerms(f.id, f.terms); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		after = batch[len(batch)-1].id
		if err := s.mergedTermsAnew(ctx, batch[0].id, after); err != nil {
			return err
		}
		done("patient_terms", len(batch))
	}
}

// mergedTermsAnew writes, for the patients from one id to another who were merged, under the present key what those into whom they were
// merged have from them under another.
func (s *Store) mergedTermsAnew(ctx context.Context, from, to string) error {
	var merges []mergeRow
	err := s.reader(ctx).Raw(`SELECT id, kept_id, merged_id, merged_at, undone_at FROM patient_merges
		WHERE undone_at IS NULL AND merged_id >= ? AND merged_id <= ?`, from, to).Scan(&merges).Error
	if err != nil || len(merges) == 0 {
		return err
	}
	return s.change(ctx, "Reseal", clinic.Job("keys"), func(tx *change) error {
		for _, m := range merges {
			words, err := tx.wordsOf(m.MergedID, m.ID)
			if err != nil {
				return err
			}
			kept := []string{m.KeptID}
			top, err := tx.keptFor(m.KeptID)
			if err != nil {
				return err
			}
			if top != m.KeptID {
				kept = append(kept, top)
			}
			for _, w := range words {
				if err := tx.termFollows(w, kept, m.ID); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// termFollows writes a word's term of the present key wherever that of another stands with some patients, or with a merge.
func (c *change) termFollows(w term, patients []string, mergeID string) error {
	all, err := c.store.keyring.BlindIndexes(w.kind, w.value)
	if err != nil {
		return err
	}
	now := all[0]
	for _, before := range all[1:] {
		var have []string
		err := c.Raw("SELECT patient_id FROM patient_terms WHERE term = ? AND patient_id IN ?", before.Term, patients).Scan(&have).Error
		if err != nil {
			return err
		}
		for _, id := range have {
			if err := c.insertTerms(id, []termRow{{Term: now.Term, KeyID: now.KeyID}}); err != nil {
				return err
			}
		}
		var came int64
		if err := c.Table("patient_merge_terms").Where("merge_id = ? AND term = ?", mergeID, before.Term).Count(&came).Error; err != nil {
			return err
		}
		if came > 0 {
			if _, err := c.insert("INSERT INTO patient_merge_terms (merge_id, term) VALUES (?, ?) ON CONFLICT DO NOTHING", mergeID, now.Term); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgetPage is how many terms are looked at in one step, and forgetStep how many rows of other tables are changed.
const (
	forgetPage = 2000
	forgetStep = 500
)

// ForgetOldTerms removes the blind indexes of other keys than the present ones: those of patients, which have been made anew, and those that
// cannot be, because nothing tells from what they were made, as far as they are older than an instant at which all servers had the
// present keys. It may be ended at any time and called again.
func (s *Store) ForgetOldTerms(ctx context.Context, file seal.File, before time.Time, done func(what string, rows int)) error {
	if err := s.forgetPatientTerms(ctx, file.Primary(seal.Terms), done); err != nil {
		return wrap("ForgetOldTerms", err)
	}
	before, now := before.UTC(), s.now()
	present := file.Primary(seal.Terms)
	for _, step := range []struct {
		table, statement string // of the ids of some rows
		ids              string
		args             []any
	}{
		{"idempotency_keys", "DELETE FROM idempotency_keys WHERE id IN (%)", "SELECT id FROM idempotency_keys WHERE created_at < ?", []any{before}},
		{"lost_requests", "DELETE FROM lost_requests WHERE id IN (%)", "SELECT id FROM lost_requests WHERE done_at IS NOT NULL AND created_at < ?", []any{before}},
		{"bookings", "UPDATE bookings SET client = NULL WHERE id IN (%)", "SELECT id FROM bookings WHERE client IS NOT NULL AND created_at < ?", []any{before}},
		{"waitings", "UPDATE waitings SET client = NULL WHERE id IN (%)", "SELECT id FROM waitings WHERE client IS NOT NULL AND created_at < ?", []any{before}},
		{"letters", "UPDATE letters SET domain = NULL WHERE id IN (%)", "SELECT id FROM letters WHERE domain IS NOT NULL AND sealed IS NULL", nil},
		{"recovery_codes", "DELETE FROM recovery_codes WHERE term IN (%)", "SELECT term FROM recovery_codes WHERE key_id IS NULL OR key_id <> ?", []any{present}},
		// What counts attempts ends soon after it was written, and what notes a device that was spent long after.
		{
			"sign_in_failures", "DELETE FROM sign_in_failures WHERE subject IN (%)",
			"SELECT subject FROM sign_in_failures WHERE ends_at <= ? OR (ends_at > ? AND ends_at <= ?)",
			[]any{before.Add(clinic.SignInWindow), now.Add(clinic.SignInWindow), before.Add(clinic.DeviceLife)},
		},
		// What came with a merge and stands with nobody any more.
		{
			"patient_merge_terms", "DELETE FROM patient_merge_terms WHERE (merge_id, term) IN (%)", `SELECT t.merge_id, t.term FROM patient_merge_terms t JOIN patient_merges m ON m.id = t.merge_id
				WHERE NOT EXISTS (SELECT 1 FROM patient_terms p WHERE p.term = t.term AND p.patient_id = m.kept_id)`, nil,
		},
	} {
		if err := s.inSteps(ctx, step.table, step.statement, step.ids, step.args, done); err != nil {
			return wrap("ForgetOldTerms", err)
		}
	}
	return s.change(ctx, "ForgetOldTerms", clinic.Job("keys"), func(tx *change) error {
		return tx.Exec("DELETE FROM patient_term_progress WHERE key_id <> ?", present).Error
	})
}

// inSteps runs a statement on some rows after others until there are no more of them.
func (s *Store) inSteps(ctx context.Context, table, statement, ids string, args []any, done func(what string, rows int)) error {
	statement = strings.ReplaceAll(statement, "%", ids+fmt.Sprintf(" LIMIT %d", forgetStep))
	for {
		var rows int64
		err := s.change(ctx, "ForgetOldTerms", clinic.Job("keys"), func(tx *change) error {
			q := tx.Exec(statement, args...)
			rows = q.RowsAffected
			return q.Error
		})
		if err != nil || rows == 0 {
			return err
		}
		done(table, int(rows))
	}
}

// patientTerm is a row of the table of terms.
type patientTerm struct {
	Term      []byte
	PatientID string
	KeyID     uint32
}

// forgetPatientTerms goes through all terms in the order of their index, because nothing else finds those of a key.
func (s *Store) forgetPatientTerms(ctx context.Context, present uint32, done func(what string, rows int)) error {
	after, patient := []byte{}, ""
	for {
		var page []patientTerm
		err := s.reader(ctx).Raw("SELECT term, patient_id, key_id FROM patient_terms WHERE (term, patient_id) > ("+s.aBytes()+", "+aText+") ORDER BY term, patient_id LIMIT ?",
			after, patient, forgetPage).Scan(&page).Error
		if err != nil || len(page) == 0 {
			return err
		}
		first, last := page[0], page[len(page)-1]
		after, patient = last.Term, last.PatientID
		if !slices.ContainsFunc(page, func(t patientTerm) bool { return t.KeyID != present }) {
			continue
		}
		var rows int64
		err = s.change(ctx, "ForgetOldTerms", clinic.Job("keys"), func(tx *change) error {
			q := tx.Exec("DELETE FROM patient_terms WHERE key_id <> ? AND term >= ? AND term <= ?", present, first.Term, last.Term)
			rows = q.RowsAffected
			return q.Error
		})
		if err != nil {
			return err
		}
		done("patient_terms", int(rows))
	}
}
