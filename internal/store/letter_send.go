package store

import (
	"context"
	"slices"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// LettersWritten tells this process's worker that a letter may be due. It carries no count: look until there is none.
// Letters of other instances and retries are found by looking from time to time.
func (s *Store) LettersWritten() <-chan struct{} { return s.letters }

func (s *Store) wakeWorker() {
	select {
	case s.letters <- struct{}{}:
	default: // a wake-up is already waiting
	}
}

// ClaimLetter gives one due letter to the worker for clinic.LetterLease, with its content; ok is false when none is due.
// A letter whose lease ran out, because its worker died or froze, is due again, and comes first. Of several workers, in this
// process or another, exactly one gets the letter. One of the future is written now, or passed over if it does not go. While as many were
// sent as the rates allow, the others wait as they are, each domain for itself.
func (s *Store) ClaimLetter(ctx context.Context) (l clinic.Letter, ok bool, err error) {
	row, unread, err := s.claimRow(ctx)
	if err != nil || row.ID == "" {
		return clinic.Letter{}, false, err
	}
	l = row.letter()
	if unread == nil {
		var stored storedLetter
		unread = s.keyring.Open(seal.Contact, letterAD(l.ID), row.Sealed, &stored)
		l.Content = stored.content()
	}
	return l, unread == nil, wrap("ClaimLetter", unread)
}

// claimRow claims the first due letter that goes. unread says why it could not be written, though it is claimed: it must not stay the first
// one for ever.
func (s *Store) claimRow(ctx context.Context) (row letterRow, unread, err error) {
	lock := ""
	if s.engine == postgresEngine {
		lock = " FOR UPDATE SKIP LOCKED"
	}
	for {
		var rows []letterRow
		goes := true
		err = s.change(ctx, "ClaimLetter", clinic.Job("worker"), func(tx *change) error {
			rows, unread, goes = nil, nil, true
			if err := tx.lapseLetters(); err != nil {
				return err
			}
			may, full, err := tx.mayBeSent()
			if err != nil || may == "" {
				return err
			}
			// Each of the two is the first entry of an index that may be sent, so the queue is never sorted.
			pick := `COALESCE(
				(SELECT id FROM letters WHERE status = 'sending' AND lease_until <= ? AND ` + may + ` ORDER BY lease_until LIMIT 1` + lock + `),
				(SELECT id FROM letters WHERE status = 'waiting' AND due_at <= ? AND ` + may + ` ORDER BY due_at, id LIMIT 1` + lock + `))`
			due := []any{tx.now}
			for _, domain := range full {
				due = append(due, domain)
			}
			err = tx.Raw(`UPDATE letters SET status = 'sending', lease_until = ?, attempts = attempts + 1 WHERE id = (SELECT `+pick+`)
				RETURNING *`, slices.Concat([]any{tx.now.Add(clinic.LetterLease)}, due, due)...).Scan(&rows).Error
			if err != nil || len(rows) == 0 {
				return err
			}
			if rows[0].Kind.OfTheFuture() && rows[0].BookingID != nil {
				goes, unread = tx.compose(&rows[0], full)
				if lostRace(unread) || clinic.CodeOf(asUnavailable(unread)) == clinic.Unavailable {
					return unread
				}
			}
			if !goes && unread == nil {
				return nil
			}
			return tx.countSending(rows[0])
		})
		if err != nil || len(rows) == 0 {
			return letterRow{}, nil, err
		}
		if goes || unread != nil {
			return rows[0], unread, nil
		}
	}
}

// releaseLetters makes due now what somebody was sending who is known to be dead.
func (s *Store) releaseLetters(ctx context.Context) error {
	return s.change(ctx, "RecoverLeases", clinic.Job("recover leases"), func(tx *change) error {
		return tx.Model(&letterRow{}).Where("status = 'sending'").
			Updates(map[string]any{"status": clinic.LetterWaiting, "lease_until": nil, "due_at": tx.now}).Error
	})
}

// LetterSent records that the mail server took a letter. It holds even when the lease has run out or the letter was
// withdrawn or dropped meanwhile: sent is sent. A letter that was given up stays as it is, and so does one that somebody has had sent again
// since, because what was sent is the one before.
func (s *Store) LetterSent(ctx context.Context, l clinic.Letter) error {
	return s.change(ctx, "LetterSent", clinic.Job("worker"), func(tx *change) error {
		if err := tx.offerSent(l); err != nil {
			return err
		}
		return tx.Model(&letterRow{}).Where("id = ? AND resends = ? AND status IN ('sending', 'waiting', 'withdrawn', 'dropped')", l.ID, l.Resends).
			Updates(map[string]any{"status": clinic.LetterSent, "sent_at": tx.now, "lease_until": nil, "failure": ""}).Error
	})
}

// LetterFailed records that an attempt failed, and when the next is due, if any. An attempt whose lease ran out and that
// another worker has claimed changes nothing: attempts and resends tell the two apart.
func (s *Store) LetterFailed(ctx context.Context, l clinic.Letter, failure string, permanent bool) error {
	return s.change(ctx, "LetterFailed", clinic.Job("worker"), func(tx *change) error {
		after := l.AfterFailure(failure, permanent, tx.now)
		q := tx.Model(&letterRow{}).Where("id = ? AND resends = ? AND status = 'sending' AND attempts = ?", l.ID, l.Resends, l.Attempts).
			Updates(map[string]any{"status": after.Status, "due_at": after.DueAt, "lease_until": nil, "failure": after.Failure})
		if q.Error != nil || q.RowsAffected == 0 || after.Status != clinic.LetterFailed {
			return q.Error
		}
		return tx.offerFailed(l.ID)
	})
}

// LetterBounced records that a letter came back after it had been sent, with the reason as Letter.Failure has it. marked is false,
// and nothing changes, for what is no letter of ours, was not sent, has come back already, or is an earlier message than the one
// that somebody has had sent again since.
func (s *Store) LetterBounced(ctx context.Context, letterID string, resends int, failure string) (marked bool, err error) {
	err = s.change(ctx, "LetterBounced", clinic.Job("worker"), func(tx *change) error {
		q := tx.Model(&letterRow{}).Where("id = ? AND resends = ? AND status = 'sent'", letterID, resends).
			Updates(map[string]any{"status": clinic.LetterBounced, "failure": failure})
		marked = q.RowsAffected > 0
		if q.Error != nil || !marked {
			return q.Error
		}
		return tx.offerFailed(letterID)
	})
	return marked, err
}
