package store

import (
	"context"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// insertNotice writes a letter to staff into the outbox, unless there is one of its occasion. No limit counts it, because nobody but the clinic
// can say where it goes.
func (c *change) insertNotice(l clinic.Letter) error {
	sealed, err := c.store.keyring.Seal(seal.Contact, letterAD(l.ID), storeLetter(l.Content))
	if err != nil {
		return err
	}
	domain, err := c.store.domainOf(l)
	if err != nil {
		return err
	}
	rows, err := c.insert(`INSERT INTO letters (id, kind, once_key, channel, status, due_at, created_at, domain, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (once_key) DO NOTHING`, l.ID, l.Kind, l.OnceKey, l.Channel, l.Status, l.DueAt, l.CreatedAt, domain, sealed)
	c.letter = c.letter || rows > 0
	return err
}

// TellFailed writes, for each branch that wants to hear of it and once a day, how many letters have not reached their patients. It may run at
// any time, anywhere, any number of times.
func (s *Store) TellFailed(ctx context.Context) error {
	read, err := s.readSettings(ctx)
	if err != nil {
		return wrap("TellFailed", err)
	}
	for _, b := range read.branches {
		day, ok := b.FailedToday(s.now())
		if !ok {
			continue
		}
		if err := s.tellFailed(ctx, read.clinic, b, day); err != nil {
			return wrap("TellFailed", err)
		}
	}
	return nil
}

func (s *Store) tellFailed(ctx context.Context, settings clinic.Settings, b clinic.Branch, day clinic.Date) error {
	l := clinic.FailedTodayFor(settings, b, day, s.now())
	var told, failed int64
	if err := s.reader(ctx).Table("letters").Where("once_key = ?", l.OnceKey).Count(&told).Error; err != nil || told > 0 {
		return err
	}
	err := s.reader(ctx).Table("letters AS l").Joins("JOIN bookings b ON b.id = l.booking_id JOIN slots s ON s.id = b.slot_id").
		Where("s.branch_id = ?", b.ID).Where(inTrouble, s.now(), clinic.TroubleAfter).Count(&failed).Error
	if err != nil || failed == 0 {
		return err
	}
	l.Content.Count = int(failed)
	return s.change(ctx, "TellFailed", clinic.Job("worker"), func(tx *change) error { return tx.insertNotice(l) })
}
