package store

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// dutyRow is until when a duty of the worker has been done.
type dutyRow struct {
	Duty      string `gorm:"primaryKey"`
	DoneUntil time.Time
}

// TableName is the table of dutyRow.
func (dutyRow) TableName() string { return "duties" }

// ofTheFuture are the kinds that are written here, as a list in SQL.
var ofTheFuture = func() string {
	var kinds []string
	for _, k := range clinic.FutureKinds {
		kinds = append(kinds, string(k))
	}
	return "('" + strings.Join(kinds, "', '") + "')"
}()

// lettersDuty is the row of WriteDue.
const lettersDuty = "letters"

// WriteDue puts the letters of the future that are due, or soon will be, among those that wait. They have no content yet: that is written
// when they go, see change.compose. What would have gone while nobody looked, and makes sense no more, is written as dropped, so that staff
// see it. It may run at any time, anywhere, any number of times.
func (s *Store) WriteDue(ctx context.Context) error {
	now := s.now()
	read, err := s.readSettings(ctx)
	if err != nil {
		return wrap("WriteDue", err)
	}
	var done []dutyRow
	if err := s.reader(ctx).Where("duty = ?", lettersDuty).Find(&done).Error; err != nil {
		return wrap("WriteDue", err)
	}
	last := time.Time{}
	if len(done) > 0 {
		last = done[0].DoneUntil
	}
	since := clinic.DueSince(last, now)
	for _, b := range read.branches {
		owed, err := s.owed(ctx, b, since, now)
		if err != nil {
			return wrap("WriteDue", err)
		}
		for some := range slices.Chunk(owed, dueAtOnce) {
			if err := s.insertOwed(ctx, some); err != nil {
				return err
			}
		}
	}
	return s.change(ctx, "WriteDue", clinic.Job("worker"), func(tx *change) error {
		return tx.Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "duty"}}, DoUpdates: clause.AssignmentColumns([]string{"done_until"}),
			Where: clause.Where{Exprs: []clause.Expression{clause.Expr{SQL: "duties.done_until < excluded.done_until"}}},
		}).Create(&dutyRow{lettersDuty, now}).Error
	})
}

// dueAtOnce is how many letters are looked up, and written, at once. Nobody waits for them, and whoever books must not wait for all.
const dueAtOnce = 100

// owedLetter is a letter of the future that is due and perhaps not written yet.
type owedLetter struct {
	booking clinic.Booking
	kind    clinic.LetterKind
	due     clinic.Due
	verdict clinic.Verdict // clinic.LetterLate, or none where it goes
}

// owed are the letters of the future of a branch that are due now or soon, or whose time has ended since an instant. Its bookings are
// read without what is sealed.
func (s *Store) owed(ctx context.Context, branch clinic.Branch, since, now time.Time) (out []owedLetter, err error) {
	from, until := clinic.DueSlots(since, now)
	rows, err := s.reader(ctx).Raw(`SELECT b.id, b.status, b.sequence, b.created_at, b.status_at, b.moved_at, COALESCE(b.questionnaire_version, ''), s.starts_at, s.ends_at,
			EXISTS (SELECT 1 FROM intakes i WHERE i.booking_id = b.id AND i.completed_at IS NOT NULL)
		FROM slots s JOIN bookings b ON b.slot_id = s.id WHERE s.branch_id = `+aText+` AND s.starts_at >= ? AND s.starts_at < ? AND b.live AND b.erased_at IS NULL`,
		branch.ID, from, until).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // a failed Close says no more than rows.Err
	for rows.Next() {
		a := clinic.Appointment{Branch: branch}
		b := &a.Booking
		err := rows.Scan(&b.ID, &b.Status, &b.Sequence, &b.CreatedAt, &b.StatusAt, &b.MovedAt, &b.QuestionnaireVersion, &a.Slot.StartsAt, &a.Slot.EndsAt, &a.Answered)
		if err != nil {
			return nil, err
		}
		for _, kind := range clinic.FutureKinds {
			if due, verdict, ok := a.OwesSoon(kind, since, now); ok {
				out = append(out, owedLetter{*b, kind, due, verdict})
			}
		}
	}
	return out, rows.Err()
}

// insertOwed writes those of some letters that are not written yet.
func (s *Store) insertOwed(ctx context.Context, owed []owedLetter) error {
	keys := make([]string, len(owed))
	for i, o := range owed {
		keys[i] = o.due.OnceKey
	}
	var there []string
	err := s.reader(ctx).Raw("SELECT once_key FROM letters WHERE once_key IN ? AND NOT ("+untried+")", keys).Scan(&there).Error
	if err != nil {
		return wrap("WriteDue", err)
	}
	owed = slices.DeleteFunc(owed, func(o owedLetter) bool { return slices.Contains(there, o.due.OnceKey) })
	if len(owed) == 0 {
		return nil
	}
	return s.change(ctx, "WriteDue", clinic.Job("worker"), func(tx *change) error {
		for _, o := range owed {
			status := clinic.LetterWaiting
			if o.verdict == clinic.LetterLate {
				status = clinic.LetterDropped
			}
			_, err := tx.insert(`INSERT INTO letters (id, booking_id, kind, once_key, channel, sequence, status, due_at, created_at, failure)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (once_key)
				DO UPDATE SET status = excluded.status, due_at = excluded.due_at, sequence = excluded.sequence, failure = excluded.failure WHERE `+untried,
				clinic.NewIDAt(tx.now), o.booking.ID, o.kind, o.due.OnceKey, clinic.ByMail, o.booking.Sequence, status, o.due.At.UTC(), tx.now, string(o.verdict))
			if err != nil {
				return err
			}
		}
		tx.letter = true
		return nil
	})
}

// untried are the letters that were withdrawn or dropped before anybody tried to send them. Where one is owed once more, because a booking
// moved away and back again, it waits again. Whether an address is there is seen only once a letter goes, so that one without stays dropped.
const untried = "letters.status IN ('withdrawn', 'dropped') AND letters.attempts = 0 AND letters.resends = 0 AND letters.failure NOT IN ('" +
	string(clinic.LetterNowhere) + "', '" + string(clinic.LetterLate) + "')"

// compose writes the content of a letter of the future that a worker has just claimed, from its booking as it is now. ok is false where
// it does not go: it waits on, or is dropped. It waits as well where its domain, which is not known before, is among those that have got
// as many as the rates allow.
func (c *change) compose(row *letterRow, full [][]byte) (ok bool, err error) {
	a, err := c.store.appointment(c.DB, "b.id = "+aText, *row.BookingID)
	if err != nil {
		return false, err
	}
	due, verdict := row.letter().Goes(a, c.now)
	switch verdict {
	case clinic.LetterGoes:
	case clinic.LetterEarly:
		return false, c.Model(&letterRow{}).Where("id = ?", row.ID).
			Updates(map[string]any{"status": clinic.LetterWaiting, "due_at": due.At.UTC(), "lease_until": nil, "attempts": row.Attempts - 1}).Error
	default:
		return false, c.Model(&letterRow{}).Where("id = ?", row.ID).
			Updates(map[string]any{"status": clinic.LetterDropped, "failure": string(verdict), "lease_until": nil, "attempts": row.Attempts - 1}).Error
	}
	settings, err := c.settings()
	if err != nil {
		return false, err
	}
	token := ""
	if row.Kind.Links() {
		token = clinic.NewToken()
		if err := c.insertLink(a.Booking.ID, token, a.Slot.LinksExpire()); err != nil {
			return false, err
		}
	}
	l := clinic.FutureFor(settings, a, row.Kind, token, c.now)
	if err := c.inOwnWords(&l); err != nil {
		return false, err
	}
	if row.Sealed, err = c.store.keyring.Seal(seal.Contact, letterAD(row.ID), storeLetter(l.Content)); err != nil {
		return false, err
	}
	if row.Domain, err = c.store.domainOf(l); err != nil {
		return false, err
	}
	row.Sequence = l.Sequence
	columns := map[string]any{"sealed": row.Sealed, "domain": row.Domain, "sequence": row.Sequence}
	ok = !slices.ContainsFunc(full, func(domain []byte) bool { return bytes.Equal(domain, row.Domain) })
	if !ok {
		columns["status"], columns["lease_until"], columns["attempts"] = clinic.LetterWaiting, nil, row.Attempts-1
	}
	return ok, c.Model(&letterRow{}).Where("id = ?", row.ID).Updates(columns).Error
}
