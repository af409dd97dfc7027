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
	For         clinic.Actor // who asks: slots that are not offered to them are left out, and their own hold counts as free
	Limit       int          // at most so many; 0 for all
	After       time.Time    // with FreeOnly, only what begins after it, such as clinic.Branch.Opens; zero for the present instant
}

// opens is the instant after which a free slot begins.
func (q SlotQuery) opens(now time.Time) time.Time {
	if q.After.After(now) {
		return q.After
	}
	return now
}

// free says in SQL that a slot s, with its claim c, is free at an instant for a visitor.
const free = "(c.slot_id IS NULL OR (c.booking_id IS NULL AND (c.expires_at <= ? OR c.holder = ?)))"

// query is what Slots and Availability read. An index covers it (slots_of_branch), and is in the order that is asked for.
func (s *Store) query(ctx context.Context, q SlotQuery) (db *gorm.DB, now time.Time, holder []byte) {
	now, holder = s.now(), q.For.Holder()
	db = s.reader(ctx).Table("slots AS s").Joins("LEFT JOIN claims c ON c.slot_id = s.id").
		Where("s.branch_id = "+aText+" AND s.starts_at >= ? AND s.starts_at < ? AND s.closed_at IS NULL", q.BranchID, q.From.UTC(), q.Until.UTC())
	if !(clinic.Slot{Audience: clinic.StaffOnly}).OfferedTo(q.For) {
		db = db.Where("s.audience <> ?", clinic.StaffOnly)
	}
	if q.DoctorID != "" {
		db = db.Where("s.doctor_id = "+aText, q.DoctorID)
	}
	if q.Sex != "" {
		db = db.Where("s.doctor_id IN (SELECT id FROM doctors WHERE sex = ?)", q.Sex)
	}
	if q.FreeOnly {
		db = db.Where("s.starts_at > ? AND "+free, q.opens(now).UTC(), now, holder)
	}
	if q.Limit > 0 {
		db = db.Limit(q.Limit)
	}
	return db, now, holder
}

// Availability answers a SlotQuery by start time, which is a quarter of the rows where four doctors work side by side. With
// FreeOnly, Slots counts the free ones alone. It scans by hand, because every visitor waits for it.
func (s *Store) Availability(ctx context.Context, q SlotQuery) ([]clinic.Availability, error) {
	db, now, holder := s.query(ctx, q)
	rows, err := db.Select("s.starts_at, COUNT(*), COUNT(CASE WHEN "+free+" THEN 1 END), COALESCE(MIN(CASE WHEN "+free+" THEN s.id END), '')",
		now, holder, now, holder).Group("s.starts_at").Order("s.starts_at").Rows()
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
func (s *Store) Slots(ctx context.Context, q SlotQuery) ([]clinic.SlotWithState, error) {
	const state = `CASE WHEN c.slot_id IS NULL THEN 'free' WHEN c.booking_id IS NOT NULL THEN 'busy'
		WHEN c.expires_at <= ? OR c.holder = ? THEN 'free' ELSE 'busy-tentative' END`
	db, now, holder := s.query(ctx, q)
	rows, err := db.Select("s.id, s.doctor_id, s.starts_at, s.ends_at, "+state, now, holder).Order("s.starts_at, s.doctor_id").Rows()
	if err != nil {
		return nil, asUnavailable(err)
	}
	defer func() { _ = rows.Close() }() // a failed Close says no more than rows.Err
	var out []clinic.SlotWithState
	for rows.Next() {
		slot := clinic.SlotWithState{Slot: clinic.Slot{BranchID: q.BranchID}}
		if err := rows.Scan(&slot.ID, &slot.DoctorID, &slot.StartsAt, &slot.EndsAt, &slot.State); err != nil {
			return nil, asUnavailable(err)
		}
		slot.StartsAt, slot.EndsAt = slot.StartsAt.UTC(), slot.EndsAt.UTC()
		out = append(out, slot)
	}
	return out, asUnavailable(rows.Err())
}

// SlotsByID are those of some slots, by their ids, that are open.
func (s *Store) SlotsByID(ctx context.Context, ids ...string) (map[string]clinic.Slot, error) {
	var out []clinic.Slot
	err := s.reader(ctx).Where("id IN ? AND closed_at IS NULL", ids).Find(&out).Error
	return byID(out, func(v clinic.Slot) string { return v.ID }), asUnavailable(err)
}

// Slot is one slot, also one that was closed: whoever has its form open is told which time it was, and what is near it.
func (s *Store) Slot(ctx context.Context, id string) (clinic.Slot, error) {
	var out clinic.Slot
	err := one(s.reader(ctx).Where("id = ?", id), &out)
	return out, err
}

// AddSlots opens slots of one doctor at one branch, all or none; they get their ids here. Slots that overlap another of the
// doctor or of the room are refused with Conflict, a doctor who does not work at the branch then with Invalid, and a branch
// that the actor does not manage with NotFound.
func (s *Store) AddSlots(ctx context.Context, actor clinic.Actor, slots []clinic.Slot) error {
	if len(slots) == 0 {
		return nil
	}
	doctorID, branchID := slots[0].DoctorID, slots[0].BranchID
	if !actor.May(clinic.ManageClinic, branchID) {
		return NotFound()
	}
	err := s.change(ctx, "AddSlots", actor, func(tx *change) error {
		tx.aboutBranch(branchID)
		// Otherwise concurrent inserts into PostgreSQL's exclusion constraint can wait for one another in a circle.
		if err := tx.advisoryLock("slots of " + doctorID); err != nil {
			return err
		}
		branch, err := tx.branch(branchID)
		if err != nil {
			return err
		}
		rows := make([]clinic.Slot, len(slots))
		for i, slot := range slots {
			slot.ID, slot.StartsAt, slot.EndsAt, slot.CreatedAt = clinic.NewIDAt(tx.now), slot.StartsAt.UTC(), slot.EndsAt.UTC(), tx.now
			if slot.Origin == "" {
				slot.Origin = clinic.ByHand
			}
			if slot.Audience == "" {
				slot.Audience = clinic.Public
			}
			rows[i] = slot
			tx.changed(branch, slot.StartsAt)
		}
		return tx.CreateInBatches(rows, 100).Error
	})
	switch {
	case isConstraint(err, "slots_never_overlap", "rooms_never_overlap"):
		return &clinic.Error{Code: clinic.Conflict, Field: "from", Message: "error.slot.overlap"}
	case isConstraint(err, "slots_have_a_doctor", "slots_doctor_id_branch_id_fkey", "slots_doctor_id_fkey", "FOREIGN KEY"):
		return &clinic.Error{Code: clinic.Invalid, Field: "doctor", Message: "error.slot.doctor"}
	}
	return err
}

// CloseSlot withdraws a slot that nobody has: one with a live booking or hold answers Conflict. It stays as a row, so that
// past bookings keep theirs, and others may lie over it from then on. One at a branch that the actor does not manage answers
// NotFound.
func (s *Store) CloseSlot(ctx context.Context, actor clinic.Actor, id string) error {
	err := s.change(ctx, "CloseSlot", actor, func(tx *change) error {
		var slot clinic.Slot
		if err := one(tx.forUpdate(tx.Where("id = ? AND closed_at IS NULL", id)), &slot); err != nil {
			return err
		}
		branch, err := tx.branch(slot.BranchID)
		if err != nil {
			return err
		}
		if !actor.May(clinic.ManageClinic, branch.ID) {
			return NotFound()
		}
		tx.aboutBranch(branch.ID)
		if err := tx.Exec("DELETE FROM claims WHERE slot_id = ? AND expires_at <= ?", id, tx.now).Error; err != nil {
			return err
		}
		tx.changed(branch, slot.StartsAt)
		return tx.Exec("UPDATE slots SET closed_at = ?, is_open = false, closed_by = 'staff' WHERE id = ?", tx.now, id).Error
	})
	if isConstraint(err, "FOREIGN KEY", "claims_slot_id_slot_open_fkey") {
		return &clinic.Error{Code: clinic.Conflict, Message: "error.slot.used"}
	}
	return err
}
