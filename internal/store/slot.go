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

// Slots answers a SlotQuery in the order of start and doctor. It is the query behind every calendar, so it reads an index
// that covers it, and scans by hand instead of by reflection.
func (s *Store) Slots(ctx context.Context, q SlotQuery) ([]clinic.OpenSlot, error) {
	now := s.now()
	var visitor []byte
	if q.Visitor != "" {
		visitor = clinic.TokenHash(q.Visitor)
	}
	const state = `CASE WHEN c.slot_id IS NULL THEN 'free' WHEN c.booking_id IS NOT NULL THEN 'busy'
		WHEN c.expires_at <= ? OR c.visitor = ? THEN 'free' ELSE 'busy-tentative' END`
	db := s.reader(ctx).Table("slots AS s").
		Select("s.id, s.doctor_id, s.starts_at, s.ends_at, "+state, now, visitor).
		Joins("JOIN doctors d ON d.id = s.doctor_id").
		Joins("LEFT JOIN claims c ON c.slot_id = s.id").
		Where("s.branch_id = ? AND s.starts_at >= ? AND s.starts_at < ?", q.BranchID, q.From.UTC(), q.Until.UTC()).
		Order("s.starts_at, d.position, s.id")
	if q.DoctorID != "" {
		db = db.Where("s.doctor_id = ?", q.DoctorID)
	}
	if q.Sex != "" {
		db = db.Where("d.sex = ?", q.Sex)
	}
	if q.FreeOnly {
		db = db.Where("s.starts_at > ? AND (c.slot_id IS NULL OR (c.booking_id IS NULL AND (c.expires_at <= ? OR c.visitor = ?)))", now, now, visitor)
	}
	if q.Limit > 0 {
		db = db.Limit(q.Limit)
	}
	rows, err := db.Rows()
	if err != nil {
		return nil, outage(err)
	}
	defer func() { _ = rows.Close() }() // a failed Close says no more than rows.Err
	var out []clinic.OpenSlot
	for rows.Next() {
		slot := clinic.OpenSlot{Slot: clinic.Slot{BranchID: q.BranchID}}
		if err := rows.Scan(&slot.ID, &slot.DoctorID, &slot.StartsAt, &slot.EndsAt, &slot.State); err != nil {
			return nil, outage(err)
		}
		slot.StartsAt, slot.EndsAt = slot.StartsAt.UTC(), slot.EndsAt.UTC()
		out = append(out, slot)
	}
	return out, outage(rows.Err())
}

// Slot is one slot.
func (s *Store) Slot(ctx context.Context, id string) (clinic.Slot, error) {
	var out clinic.Slot
	return out, one(s.reader(ctx).Where("id = ?", id), &out)
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
		if s.engine == postgresEngine {
			// Without this, concurrent inserts into the exclusion constraint can deadlock.
			if err := tx.Exec("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", slots[0].DoctorID).Error; err != nil {
				return err
			}
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
	if broke(err, "slots_never_overlap") {
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
	if broke(err, "FOREIGN KEY", "slot_id_fkey") {
		return &clinic.Error{Code: clinic.Conflict, Message: "error.slot.used"}
	}
	return err
}
