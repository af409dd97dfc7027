package store

import (
	"context"
	"time"

	"madoguchi/internal/clinic"
)

// purgeStep is how many letters are erased in one transaction, so that bookings hardly wait for it.
const purgeStep = 200

// PurgeLetters erases the content of the letters that are over, as clinic.Letter.Over has it, in small steps. Of each remains that there was
// one, when, and what became of it.
func (s *Store) PurgeLetters(ctx context.Context) error {
	for {
		over, err := s.lettersOver(ctx)
		if err != nil || len(over) == 0 {
			return wrap("PurgeLetters", err)
		}
		erased := int64(0)
		err = s.change(ctx, "PurgeLetters", clinic.Job("purge"), func(tx *change) error {
			// One that somebody has sent again meanwhile stays, be it on its way or gone: it is due anew.
			q := tx.Exec(`UPDATE letters SET sealed = NULL, purged_at = ? WHERE id IN ? AND status NOT IN ('waiting', 'sending') AND due_at <= ?`,
				tx.now, over, clinic.LettersOver(tx.now))
			erased = q.RowsAffected
			return q.Error
		})
		if err != nil || len(over) < purgeStep || erased == 0 {
			return err
		}
	}
}

// lettersOver are the ids of some letters that are over.
func (s *Store) lettersOver(ctx context.Context) (ids []string, err error) {
	now := s.now()
	var rows []struct {
		ID     string
		Status clinic.LetterStatus
		DueAt  time.Time
		EndsAt *time.Time
	}
	err = s.reader(ctx).Raw(`SELECT l.id, l.status, l.due_at, s.ends_at FROM letters l
		LEFT JOIN bookings b ON b.id = l.booking_id LEFT JOIN slots s ON s.id = b.slot_id
		WHERE l.purged_at IS NULL AND l.due_at <= ? AND l.status NOT IN ('waiting', 'sending') AND (s.ends_at IS NULL OR s.ends_at <= ?)
		ORDER BY l.due_at LIMIT ?`, clinic.LettersOver(now), clinic.LettersOver(now), purgeStep).Scan(&rows).Error
	for _, r := range rows {
		ends := time.Time{}
		if r.EndsAt != nil {
			ends = *r.EndsAt
		}
		if (clinic.Letter{Status: r.Status, DueAt: r.DueAt}).Over(ends, now) {
			ids = append(ids, r.ID)
		}
	}
	return ids, err
}
