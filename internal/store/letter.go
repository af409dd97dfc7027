package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// letterRow is a letter as it is stored.
type letterRow struct {
	ID         string
	BookingID  string
	Kind       clinic.LetterKind
	Status     clinic.LetterStatus
	Attempts   int
	DueAt      time.Time
	LeaseUntil *time.Time
	Failure    string
	SentAt     *time.Time
	CreatedAt  time.Time
	Sealed     []byte
}

// TableName is the table of letterRow.
func (letterRow) TableName() string { return "letters" }

func letterAD(id string) seal.AssociatedData { return seal.AssociatedData{Table: "letters", ID: id} }

func (s *Store) insertLetter(tx *gorm.DB, l clinic.Letter) error {
	sealed, err := s.keyring.Seal(seal.Contact, letterAD(l.ID), l.Content)
	if err != nil {
		return err
	}
	row := letterRow{
		l.ID, l.BookingID, l.Kind, l.Status, l.Attempts, l.DueAt, l.LeaseUntil, l.Failure, l.SentAt, l.CreatedAt, sealed,
	}
	return tx.Create(&row).Error
}

// letter is the row without its content, which only the one who sends it needs.
func (r letterRow) letter() clinic.Letter {
	return clinic.Letter{
		ID: r.ID, BookingID: r.BookingID, Kind: r.Kind, Status: r.Status, Attempts: r.Attempts, DueAt: r.DueAt.UTC(),
		LeaseUntil: r.LeaseUntil, Failure: r.Failure, SentAt: r.SentAt, CreatedAt: r.CreatedAt.UTC(),
	}
}

// LettersWritten tells this process's worker that a letter may be due. It carries no count: look until there is none.
// Letters of other instances and retries are found by looking from time to time.
func (s *Store) LettersWritten() <-chan struct{} { return s.letters }

func (s *Store) letterWritten() {
	select {
	case s.letters <- struct{}{}:
	default: // a wake-up is already waiting
	}
}

// ClaimLetter gives one due letter to the caller for clinic.LetterLease, with its content; ok is false when none is due.
// A letter whose lease ran out, because its worker died or froze, is due again. Of several workers, in this process or
// another, exactly one gets the letter.
func (s *Store) ClaimLetter(ctx context.Context) (l clinic.Letter, ok bool, err error) {
	now := s.now()
	until := now.Add(clinic.LetterLease)
	pick := `SELECT id FROM letters WHERE (status = 'waiting' AND due_at <= ?) OR (status = 'sending' AND lease_until <= ?)
		ORDER BY due_at LIMIT 1`
	if s.engine == postgresEngine {
		pick += " FOR UPDATE SKIP LOCKED"
	}
	var rows []letterRow
	err = s.change(ctx, func(tx *gorm.DB) error {
		return tx.Raw(`UPDATE letters SET status = 'sending', lease_until = ?, attempts = attempts + 1 WHERE id = (`+pick+`)
			RETURNING *`, until, now, now).Scan(&rows).Error
	})
	if err != nil || len(rows) == 0 {
		return clinic.Letter{}, false, err
	}
	l = rows[0].letter()
	err = s.keyring.Open(seal.Contact, letterAD(l.ID), rows[0].Sealed, &l.Content)
	return l, err == nil, err
}

// releaseLetters makes due now what somebody was sending who is known to be dead.
func (s *Store) releaseLetters(ctx context.Context) error {
	q := s.write.WithContext(ctx).Model(&letterRow{}).Where("status = 'sending'").
		Updates(map[string]any{"status": clinic.LetterWaiting, "lease_until": nil, "due_at": s.now()})
	return asUnavailable(q.Error)
}

// LetterSent records that the mail server took a letter. It holds even when the lease has run out or the letter was
// withdrawn meanwhile: sent is sent. A letter that was given up stays as it is.
func (s *Store) LetterSent(ctx context.Context, l clinic.Letter) error {
	q := s.write.WithContext(ctx).Model(&letterRow{}).Where("id = ? AND status IN ('sending', 'waiting', 'withdrawn')", l.ID).
		Updates(map[string]any{"status": clinic.LetterSent, "sent_at": s.now(), "lease_until": nil, "failure": ""})
	return asUnavailable(q.Error)
}

// LetterFailed records that an attempt failed, and when the next is due, if any. An attempt whose lease ran out and that
// another worker has taken over changes nothing: attempts tells the two apart.
func (s *Store) LetterFailed(ctx context.Context, l clinic.Letter, failure string, permanent bool) error {
	l = l.AfterFailure(failure, permanent, s.now())
	q := s.write.WithContext(ctx).Model(&letterRow{}).Where("id = ? AND status = 'sending' AND attempts = ?", l.ID, l.Attempts).
		Updates(map[string]any{"status": l.Status, "due_at": l.DueAt, "lease_until": nil, "failure": l.Failure})
	return asUnavailable(q.Error)
}

// Resend makes a failed or sent letter due now, with a fresh count of attempts and the same Message-ID. A letter that is
// waiting for its next try is hurried; one that is being sent right now, or that clinic.Letter.CanResend refuses, answers
// Conflict.
func (s *Store) Resend(ctx context.Context, bookingID string, kind clinic.LetterKind) error {
	letterID := clinic.LetterID(bookingID, kind)
	err := s.change(ctx, func(tx *gorm.DB) error {
		var row letterRow
		if err := one(tx.Where("id = ?", letterID), &row); err != nil {
			return err
		}
		var booking bookingRow
		// Locked, so that a cancellation at the same time comes before or after as a whole.
		if err := one(s.forUpdate(tx.Where("id = ?", bookingID)), &booking); err != nil {
			return err
		}
		if row.Status != clinic.LetterSending && !row.letter().CanResend(clinic.Booking{Status: booking.Status}) {
			return &clinic.Error{Code: clinic.Conflict, Message: "error.letter.over"}
		}
		q := tx.Model(&letterRow{}).Where("id = ? AND status IN ('waiting', 'sent', 'failed')", letterID).
			Updates(map[string]any{"status": clinic.LetterWaiting, "attempts": 0, "due_at": s.now(), "sent_at": nil, "failure": ""})
		if q.Error == nil && q.RowsAffected == 0 {
			return &clinic.Error{Code: clinic.Conflict, Message: "error.letter.busy"}
		}
		return q.Error
	})
	if err == nil {
		s.letterWritten()
	}
	return err
}

// withdrawLetters keeps a confirmation that has not gone out from going out after the cancellation. One that is on its way
// just now may still arrive, but a failed attempt is not repeated.
func withdrawLetters(tx *gorm.DB, bookingID string) error {
	return tx.Model(&letterRow{}).Where("id IN ? AND status IN ('waiting', 'sending', 'failed')", letterIDs(bookingID)).
		Updates(map[string]any{"status": clinic.LetterWithdrawn, "lease_until": nil}).Error
}

// letterIDs are the ids that a booking's letters can have.
func letterIDs(bookingID string) []string {
	ids := make([]string, len(clinic.LetterKinds))
	for i, kind := range clinic.LetterKinds {
		ids[i] = clinic.LetterID(bookingID, kind)
	}
	return ids
}

// Letters are a booking's letters, oldest first, without their content.
func (s *Store) Letters(ctx context.Context, bookingID string) ([]clinic.Letter, error) {
	return letterList(s.reader(ctx).Where("id IN ?", letterIDs(bookingID)))
}

// FailedLimit is the most that FailedLetters returns. When a mail server refuses everybody, a longer list helps nobody.
const FailedLimit = 100

// FailedLetters are the letters that were given up and that nobody has sent again, oldest first, without their content.
func (s *Store) FailedLetters(ctx context.Context) ([]clinic.Letter, error) {
	return letterList(s.reader(ctx).Where("status = 'failed'").Limit(FailedLimit))
}

func letterList(q *gorm.DB) ([]clinic.Letter, error) {
	var rows []letterRow
	if err := q.Omit("sealed").Order("created_at, id").Find(&rows).Error; err != nil {
		return nil, asUnavailable(err)
	}
	out := make([]clinic.Letter, len(rows))
	for i, r := range rows {
		out[i] = r.letter()
	}
	return out, nil
}
