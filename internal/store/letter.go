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
	BookingID  *string
	Kind       clinic.LetterKind
	OnceKey    string
	Channel    clinic.LetterChannel
	Sequence   int
	Status     clinic.LetterStatus
	Attempts   int
	DueAt      time.Time
	LeaseUntil *time.Time
	Failure    string
	SentAt     *time.Time
	CreatedAt  time.Time
	Resends    int
	DatedAt    *time.Time
	PurgedAt   *time.Time
	Domain     []byte
	Sealed     []byte
	WaitingID  *string
	LapsesAt   *time.Time
}

// TableName is the table of letterRow.
func (letterRow) TableName() string { return "letters" }

func letterAD(id string) seal.AssociatedData { return seal.AssociatedData{Table: "letters", ID: id} }

// insertLetter writes a letter into the outbox; the worker is woken after the commit. Where the letter's address got too many
// of them already, it is held until staff send it. Who wants that to be exact on PostgreSQL has called lockRecipients. To whoever
// left no address none is written: they were told on the telephone. Letters of the future do not count: each booking has a few, and only
// bookings can be made by strangers.
func (c *change) insertLetter(l clinic.Letter) error {
	if l.Content.To == "" {
		return nil
	}
	if err := c.inOwnWords(&l); err != nil {
		return err
	}
	sealed, err := c.store.keyring.Seal(seal.Contact, letterAD(l.ID), storeLetter(l.Content))
	if err != nil {
		return err
	}
	email, err := c.store.countedBy(term{"email", clinic.Mailbox(l.Content.To)})
	if err != nil {
		return err
	}
	domain, err := c.store.domainOf(l)
	if err != nil {
		return err
	}
	c.letter = true
	in, terms := c.termsIn(email)
	args := []any{
		l.ID, orNull(l.BookingID), l.Kind, l.OnceKey, l.Channel, l.Sequence, l.DueAt, l.CreatedAt, domain, sealed,
		c.store.limits, clinic.LettersPerDay, c.now.Add(-time.Hour), clinic.LettersPerHour,
	}
	// The letters of an address are those of the bookings of the patients who are found by it, so that nothing more is stored of one.
	_, err = c.insert(`INSERT INTO letters (id, booking_id, kind, once_key, channel, sequence, due_at, created_at, domain, sealed, status)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (
			SELECT CASE WHEN ? AND (COUNT(*) >= ? OR COUNT(*) FILTER (WHERE l.created_at > ?) >= ?) THEN 'held' ELSE 'waiting' END
			FROM patient_terms t JOIN bookings b ON b.patient_id = t.patient_id JOIN letters l ON l.booking_id = b.id
			WHERE t.term IN `+in+` AND l.created_at > ? AND l.kind NOT IN `+ofTheFuture+`))`,
		append(append(args, terms...), c.now.Add(-24*time.Hour))...)
	return err
}

// letter is the row without its content, which only the one who sends it needs.
func (r letterRow) letter() clinic.Letter {
	l := clinic.Letter{
		ID: r.ID, Kind: r.Kind, OnceKey: r.OnceKey, Channel: r.Channel, Sequence: r.Sequence, Status: r.Status, Attempts: r.Attempts, DueAt: r.DueAt.UTC(),
		LeaseUntil: r.LeaseUntil, Failure: r.Failure, SentAt: r.SentAt, CreatedAt: r.CreatedAt.UTC(), Resends: r.Resends, DatedAt: r.DatedAt, LapsesAt: r.LapsesAt, PurgedAt: r.PurgedAt,
	}
	if r.BookingID != nil {
		l.BookingID = *r.BookingID
	}
	if r.WaitingID != nil {
		l.WaitingID = *r.WaitingID
	}
	return l
}

// Resend makes a letter of a booking due now, as a new message: with another Message-ID, the present date and a fresh count of
// attempts. One that is waiting for its next try is hurried; one that is being sent right now, or that clinic.Letter.CanResend
// refuses, answers Conflict, and one of a booking at another branch NotFound.
func (s *Store) Resend(ctx context.Context, actor clinic.Actor, bookingID, letterID string) error {
	return s.change(ctx, "Resend", actor, func(tx *change) error {
		tx.aboutBooking(bookingID)
		a, row, err := tx.ownLetter(bookingID, letterID)
		if err != nil {
			return err
		}
		if row.PurgedAt != nil {
			return &clinic.Error{Code: clinic.Conflict, Message: "error.letter.purged"}
		}
		if row.Status != clinic.LetterSending && !row.letter().CanResend(a.Booking) {
			return &clinic.Error{Code: clinic.Conflict, Message: "error.letter.over"}
		}
		again := row.letter().SentAgain(tx.now)
		q := tx.Model(&letterRow{}).Where("id = ? AND resends = ? AND status NOT IN ('sending', 'withdrawn')", letterID, row.Resends).
			Updates(sentAgain(again))
		if q.Error == nil && q.RowsAffected == 0 {
			return &clinic.Error{Code: clinic.Conflict, Message: "error.letter.busy"}
		}
		tx.letter = true
		return q.Error
	})
}

// SettleLetter says of a letter in trouble that its patient has been told otherwise, so that it is not sent and nobody needs to see to it. One
// of a booking at another branch answers NotFound, and one that is not in trouble Conflict.
func (s *Store) SettleLetter(ctx context.Context, actor clinic.Actor, bookingID, letterID string) error {
	return s.change(ctx, "SettleLetter", actor, func(tx *change) error {
		tx.aboutBooking(bookingID)
		a, _, err := tx.ownLetter(bookingID, letterID)
		if err != nil {
			return err
		}
		q := tx.Model(&letterRow{}).Where("id = ? AND (status IN ('failed', 'bounced', 'held') OR status = 'waiting' AND failure <> '')", letterID).
			Updates(map[string]any{"status": clinic.LetterWithdrawn, "lease_until": nil})
		if q.Error == nil && q.RowsAffected == 0 {
			return clinic.OutrunError()
		}
		tx.changed(a.Branch, a.Slot.StartsAt)
		return q.Error
	})
}

// ownLetter is a letter with its booking, which is locked; one at a branch where the actor may not change bookings answers NotFound.
func (c *change) ownLetter(bookingID, letterID string) (a clinic.Appointment, row letterRow, err error) {
	condition, args := ownBooking(c.actor, bookingID)
	if a, err = c.lockedAppointment(condition, args...); err != nil {
		return a, row, err
	}
	err = one(c.Where("id = ? AND booking_id = ?", letterID, bookingID), &row)
	return a, row, err
}

// sentAgain are the columns that clinic.Letter.SentAgain changes.
func sentAgain(l clinic.Letter) map[string]any {
	return map[string]any{
		"status": l.Status, "attempts": l.Attempts, "due_at": l.DueAt, "lease_until": l.LeaseUntil, "sent_at": l.SentAt, "failure": l.Failure,
		"resends": l.Resends, "dated_at": l.DatedAt,
	}
}

// rewriteLetter puts a letter in the place of the one of the same occasion, as a new message, or writes it where there is none. A
// worker that is sending the one before finishes that, and the new one goes out all the same.
func (c *change) rewriteLetter(l clinic.Letter) error {
	if l.Content.To == "" {
		return withdrawLetters(c.DB, l.BookingID)
	}
	var row letterRow
	err := one(c.forUpdate(c.Where("once_key = ?", l.OnceKey)), &row)
	if clinic.CodeOf(err) == clinic.NotFound {
		return c.insertLetter(l)
	}
	if err != nil {
		return err
	}
	if err := c.inOwnWords(&l); err != nil {
		return err
	}
	columns := sentAgain(row.letter().SentAgain(c.now))
	if columns["sealed"], err = c.store.keyring.Seal(seal.Contact, letterAD(row.ID), storeLetter(l.Content)); err != nil {
		return err
	}
	if columns["domain"], err = c.store.domainOf(l); err != nil {
		return err
	}
	columns["kind"], columns["sequence"], columns["purged_at"] = l.Kind, l.Sequence, nil
	c.letter = true
	return c.Model(&letterRow{}).Where("id = ?", row.ID).Updates(columns).Error
}

// LetterHeld reports whether the first letter about the booking behind a patient's link waits for staff to send it.
func (s *Store) LetterHeld(ctx context.Context, patient clinic.Actor) (bool, error) {
	var held int64
	err := s.reader(ctx).Table("letters m").Joins("JOIN bookings b ON b.id = m.booking_id").
		Where(byLink, clinic.TokenHash(patient.Token), s.now()).
		Where("m.kind IN ? AND m.status = ?", append(clinic.Confirmation.Kinds(), clinic.Requested), clinic.LetterHeld).Count(&held).Error
	return held > 0, wrap("LetterHeld", err)
}

// withdrawLetters keeps a confirmation that has not gone out from going out after the cancellation. One that is on its way
// just now may still arrive, but a failed attempt is not repeated.
func withdrawLetters(tx *gorm.DB, bookingID string) error {
	return tx.Model(&letterRow{}).Where("booking_id = ? AND status IN ('waiting', 'sending', 'failed', 'bounced', 'held')", bookingID).
		Updates(map[string]any{"status": clinic.LetterWithdrawn, "lease_until": nil}).Error
}

// lettersOwned are the letters l of the bookings at the branches whose calendar an actor may see.
func (s *Store) lettersOwned(ctx context.Context, actor clinic.Actor) *gorm.DB {
	owned, args := ownedBy(actor, clinic.SeeCalendar)
	return s.reader(ctx).Table("letters AS l").Joins("JOIN bookings b ON b.id = l.booking_id AND b.erased_at IS NULL JOIN slots s ON s.id = b.slot_id").Where(owned, args...)
}

// Letters are a booking's letters, oldest first, without their content.
func (s *Store) Letters(ctx context.Context, actor clinic.Actor, bookingID string) ([]clinic.Letter, error) {
	all, err := letterList(s.lettersOwned(ctx, actor).Where("l.booking_id = ?", bookingID).Order("l.created_at, l.id"))
	return all, wrap("Letters", err)
}

// TroubleLimit is the most letters that LettersInTrouble returns. When a mail server refuses everybody, a longer list helps nobody.
const TroubleLimit = 100

// inTrouble is a condition on letters l about bookings in slots s that nobody has received and that staff should know of: given
// up, come back, held, or failed clinic.TroubleAfter times and still being tried. Once the counseling is over nobody waits for one. The
// first line is the condition of an index.
const inTrouble = `l.status NOT IN ('sent', 'withdrawn', 'dropped') AND (l.status IN ('failed', 'bounced', 'held') OR l.failure <> '') AND
	s.ends_at > ? AND
	(l.status IN ('failed', 'bounced', 'held') OR l.failure <> '' AND l.attempts >= ?)`

// LettersInTrouble are the letters that have not reached their patients, oldest first, without their content.
func (s *Store) LettersInTrouble(ctx context.Context, actor clinic.Actor) ([]clinic.Letter, error) {
	all, err := letterList(s.lettersOwned(ctx, actor).Where(inTrouble, s.now(), clinic.TroubleAfter).Order("l.created_at, l.id").Limit(TroubleLimit))
	return all, wrap("LettersInTrouble", err)
}

// CountLettersInTrouble is how many LettersInTrouble there are, without a limit.
func (s *Store) CountLettersInTrouble(ctx context.Context, actor clinic.Actor) (int, error) {
	var n int64
	err := s.lettersOwned(ctx, actor).Where(inTrouble, s.now(), clinic.TroubleAfter).Count(&n).Error
	return int(n), wrap("CountLettersInTrouble", err)
}

func letterList(q *gorm.DB) ([]clinic.Letter, error) {
	var rows []letterRow
	err := q.Select(`l.id, l.booking_id, l.kind, l.once_key, l.channel, l.sequence, l.status, l.attempts, l.due_at, l.lease_until, l.failure, l.sent_at,
		l.created_at, l.resends, l.dated_at, l.purged_at`).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	out := make([]clinic.Letter, len(rows))
	for i, r := range rows {
		out[i] = r.letter()
	}
	return out, nil
}
