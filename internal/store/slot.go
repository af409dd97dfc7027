package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// SlotQuery asks for the slots of a branch that start in [From, Until).
type SlotQuery struct {
	BranchID    string
	DoctorID    string     // only this doctor's; empty for all
	Sex         clinic.Sex // only doctors of this sex; empty for all
	From, Until time.Time
	FreeOnly    bool
	Visitor     string // a slot held for this visitor counts as free; empty for nobody
	Limit       int    // at most so many; 0 for all
}

// free says in SQL that a slot s, with its claim c, is free at an instant for a visitor.
const free = "(c.slot_id IS NULL OR (c.booking_id IS NULL AND (c.expires_at <= ? OR c.visitor = ?)))"

// query is what Slots and Availability read. An index covers it (slots_of_branch), and is in the order that is asked for.
func (s *Store) query(ctx context.Context, q SlotQuery) (db *gorm.DB, now time.Time, visitor []byte) {
	now = s.now()
	if q.Visitor != "" {
		visitor = clinic.TokenHash(q.Visitor)
	}
	db = s.reader(ctx).Table("slots AS s").Joins("LEFT JOIN claims c ON c.slot_id = s.id").
		Where("s.branch_id = ? AND s.starts_at >= ? AND s.starts_at < ?", q.BranchID, q.From.UTC(), q.Until.UTC())
	if q.DoctorID != "" {
		db = db.Where("s.doctor_id = ?", q.DoctorID)
	}
	if q.Sex != "" {
		db = db.Where("s.doctor_id IN (SELECT id FROM doctors WHERE sex = ?)", q.Sex)
	}
	if q.FreeOnly {
		db = db.Where("s.starts_at > ? AND "+free, now, now, visitor)
	}
	if q.Limit > 0 {
		db = db.Limit(q.Limit)
	}
	return db, now, visitor
}

// Availability answers a SlotQuery by start time, which is a quarter of the rows where four doctors work side by side. With
// FreeOnly, Slots counts the free ones alone. It scans by hand, because every visitor waits for it.
func (s *Store) Availability(ctx context.Context, q SlotQuery) ([]clinic.Availability, error) {
	db, now, visitor := s.query(ctx, q)
	rows, err := db.Select("s.starts_at, COUNT(*), COUNT(CASE WHEN "+free+" THEN 1 END), COALESCE(MIN(CASE WHEN "+free+" THEN s.id END), '')",
		now, visitor, now, visitor).Group("s.starts_at").Order("s.starts_at").Rows()
	if err != nil {
		return nil, asUnavailable(err)
	}
	defer func() { _ = rows.Close() }() // a failed Close says no more than rows.Err
	var out []clinic.Availability
	for rows.Next() {
		var o clinic.Availability
		if err := rows.Scan(&o.StartsAt, &o.Slots, &o.Free, &o.SlotID); err != nil {
			return nil, asUnavailable(err)
		}
		o.StartsAt = o.StartsAt.UTC()
		out = append(out, o)
	}
	return out, asUnavailable(rows.Err())
}

// Slots answers a SlotQuery slot by slot, in the order of start and doctor.
func (s *Store) Slots(ctx context.Context, q SlotQuery) ([]clinic.OpenSlot, error) {
	const state = `CASE WHEN c.slot_id IS NULL THEN 'free' WHEN c.booking_id IS NOT NULL THEN 'busy'
		WHEN c.expires_at <= ? OR c.visitor = ? THEN 'free' ELSE 'busy-tentative' END`
	db, now, visitor := s.query(ctx, q)
	rows, err := db.Select("s.id, s.doctor_id, s.starts_at, s.ends_at, "+state, now, visitor).Order("s.starts_at, s.doctor_id").Rows()
	if err != nil {
		return nil, asUnavailable(err)
	}
	defer func() { _ = rows.Close() }() // a failed Close says no more than rows.Err
	var out []clinic.OpenSlot
	for rows.Next() {
		slot := clinic.OpenSlot{Slot: clinic.Slot{BranchID: q.BranchID}}
		if err := rows.Scan(&slot.ID, &slot.DoctorID, &slot.StartsAt, &slot.EndsAt, &slot.State); err != nil {
			return nil, asUnavailable(err)
		}
		slot.StartsAt, slot.EndsAt = slot.StartsAt.UTC(), slot.EndsAt.UTC()
		out = append(out, slot)
	}
	return out, asUnavailable(rows.Err())
}

// SlotsByID are some slots by their ids.
func (s *Store) SlotsByID(ctx context.Context, ids ...string) (map[string]clinic.Slot, error) {
	var out []clinic.Slot
	err := s.reader(ctx).Where("id IN ?", ids).Find(&out).Error
	return byID(out, func(v clinic.Slot) string { return v.ID }), asUnavailable(err)
}

// Slot is one slot.
func (s *Store) Slot(ctx context.Context, id string) (clinic.Slot, error) {
	var out clinic.Slot
	err := one(s.reader(ctx).Where("id = ?", id), &out)
	return out, err
}

// AddSlots opens slots of one doctor, all or none; they get their ids here. Slots that overlap another of the doctor are
// refused with Conflict, and a doctor who does not work at the branch with Invalid.
func (s *Store) AddSlots(ctx context.Context, slots []clinic.Slot) error {
	if len(slots) == 0 {
		return nil
	}
	now := s.now()
	rows := make([]clinic.Slot, len(slots))
	for i, slot := range slots {
		slot.ID, slot.StartsAt, slot.EndsAt, slot.CreatedAt = clinic.NewID(), slot.StartsAt.UTC(), slot.EndsAt.UTC(), now
		rows[i] = slot
	}
	err := s.change(ctx, func(tx *gorm.DB) error {
		// Otherwise concurrent inserts into PostgreSQL's exclusion constraint can wait for one another in a circle.
		if err := s.advisoryLock(tx, "slots of "+slots[0].DoctorID); err != nil {
			return err
		}
		var works int64
		err := tx.Model(&clinic.DoctorBranch{}).
			Where("doctor_id = ? AND branch_id = ?", slots[0].DoctorID, slots[0].BranchID).Count(&works).Error
		if err != nil {
			return err
		}
		if works == 0 {
			return &clinic.Error{Code: clinic.Invalid, Field: "doctor", Message: "error.slot.doctor"}
		}
		return tx.CreateInBatches(rows, 100).Error
	})
	if isConstraint(err, "slots_never_overlap") {
		return &clinic.Error{Code: clinic.Conflict, Field: "from", Message: "error.slot.overlap"}
	}
	return err
}

// RemoveSlot withdraws a slot that nobody has taken. One with a booking, a live hold or a past booking stays.
func (s *Store) RemoveSlot(ctx context.Context, id string) error {
	now := s.now()
	err := s.change(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec("DELETE FROM claims WHERE slot_id = ? AND expires_at <= ?", id, now).Error; err != nil {
			return err
		}
		return mustChange(tx.Where("id = ?", id).Delete(&clinic.Slot{}))
	})
	switch {
	case isConstraint(err, "FOREIGN KEY", "slot_id_fkey"):
		return &clinic.Error{Code: clinic.Conflict, Message: "error.slot.used"}
	case isInvalidText(err):
		return NotFound()
	}
	return err
}
