package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"madoguchi/internal/clinic"
)

// deskSlots are those of some slots that lie at a branch, in order of start, locked. A branch at which the actor may not change bookings
// has none for them.
func (c *change) deskSlots(branchID string, ids []string) ([]clinic.Slot, error) {
	if !c.actor.May(clinic.ChangeBooking, branchID) || len(ids) == 0 {
		return nil, NotFound()
	}
	if err := c.lockSlots(ids...); err != nil {
		if isInvalidText(err) {
			err = NotFound()
		}
		return nil, err
	}
	var slots []clinic.Slot
	if err := c.Where("id IN ? AND branch_id = "+aText, ids, branchID).Order("starts_at, doctor_id").Find(&slots).Error; err != nil {
		return nil, err
	}
	if len(slots) == 0 {
		return nil, NotFound()
	}
	return slots, nil
}

// CloseSlots withdraws those of some slots of a branch that nobody has, all at one instant by which they are known together. It returns
// them, and those that stay open because somebody has them.
func (s *Store) CloseSlots(ctx context.Context, actor clinic.Actor, branchID string, ids []string) (closed, stay []clinic.Slot, at time.Time, err error) {
	err = s.change(ctx, "CloseSlots", actor, func(tx *change) error {
		tx.aboutBranch(branchID)
		closed, stay, at = nil, nil, tx.now
		branch, slots, err := tx.deskDay(branchID, ids)
		if err != nil {
			return err
		}
		if err := tx.Exec("DELETE FROM claims WHERE slot_id IN ? AND expires_at <= ?", ids, tx.now).Error; err != nil {
			return err
		}
		var claimed []string
		if err := tx.Table("claims").Where("slot_id IN ?", ids).Pluck("slot_id", &claimed).Error; err != nil {
			return err
		}
		var free []string
		for _, slot := range slots {
			switch {
			case slot.ClosedAt != nil:
			case slices.Contains(claimed, slot.ID):
				stay = append(stay, slot)
			default:
				closed, free = append(closed, slot), append(free, slot.ID)
				tx.changed(branch, slot.StartsAt)
			}
		}
		if len(free) == 0 {
			return nil
		}
		return tx.Exec("UPDATE slots SET closed_at = ?, is_open = false, closed_by = 'staff' WHERE id IN ?", tx.now, free).Error
	})
	return closed, stay, at, err
}

// OpenSlots opens closed slots of a branch again: those that were closed at an instant, or all of them where it is zero. One over which
// another of the doctor or of the room lies by now, and one that has begun, stays closed; they are returned beside the ones that were opened. What the
// hours had closed does not belong to them any more.
func (s *Store) OpenSlots(ctx context.Context, actor clinic.Actor, branchID string, ids []string, closedAt time.Time) (opened, stay []clinic.Slot, err error) {
	err = s.change(ctx, "OpenSlots", actor, func(tx *change) error {
		tx.aboutBranch(branchID)
		opened, stay = nil, nil
		if !actor.May(clinic.ChangeBooking, branchID) || len(ids) == 0 {
			return NotFound()
		}
		var doctors []string
		if err := tx.Table("slots").Where("id IN ?", ids).Distinct().Order("doctor_id").Pluck("doctor_id", &doctors).Error; err != nil {
			return err
		}
		names := make([]string, len(doctors))
		for i, id := range doctors {
			names[i] = "slots of " + id
		}
		if err := tx.advisoryLocks(names); err != nil {
			return err
		}
		branch, slots, err := tx.deskDay(branchID, ids)
		if err != nil {
			return err
		}
		for _, slot := range slots {
			if slot.ClosedAt == nil || !closedAt.IsZero() && !slot.ClosedAt.Equal(closedAt) {
				continue
			}
			over, err := tx.overlaid(slot)
			if err != nil {
				return err
			}
			if over || !slot.StartsAt.After(tx.now) {
				stay = append(stay, slot)
				continue
			}
			err = tx.Exec("UPDATE slots SET closed_at = NULL, is_open = true, origin = CASE WHEN closed_by = 'hours' THEN 'manual' ELSE origin END, closed_by = NULL WHERE id = ?", slot.ID).Error
			if err != nil {
				return err
			}
			opened = append(opened, slot)
			tx.changed(branch, slot.StartsAt)
		}
		return nil
	})
	if isConstraint(err, "rooms_never_overlap", "slots_never_overlap", "slots_have_a_doctor") {
		err = &clinic.Error{Code: clinic.Conflict, Message: "error.slot.reopen"}
	}
	return opened, stay, err
}

// overlaid reports whether an open slot of the doctor, or of the room, lies over a closed one.
func (c *change) overlaid(slot clinic.Slot) (bool, error) {
	last := func(where string, args ...any) (bool, error) {
		var ends sql.NullTime
		err := c.Raw("SELECT s.ends_at FROM slots s WHERE "+where+" AND s.closed_at IS NULL AND s.starts_at < ? ORDER BY s.starts_at DESC LIMIT 1",
			append(args, slot.EndsAt)...).Row().Scan(&ends)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return ends.Valid && ends.Time.After(slot.StartsAt), err
	}
	over, err := last("s.doctor_id = "+aText, slot.DoctorID)
	if over || err != nil || slot.Room == "" {
		return over, err
	}
	return last("s.branch_id = "+aText+" AND s.room = ? AND s.room <> ''", slot.BranchID, slot.Room)
}

// OfferSlots says who may take some open slots of a branch. It returns those of which that was not said before.
func (s *Store) OfferSlots(ctx context.Context, actor clinic.Actor, branchID string, ids []string, to clinic.Audience) (changed []clinic.Slot, err error) {
	err = s.change(ctx, "OfferSlots", actor, func(tx *change) error {
		tx.aboutBranch(branchID)
		changed = nil
		branch, slots, err := tx.deskDay(branchID, ids)
		if err != nil {
			return err
		}
		for _, slot := range slots {
			if slot.ClosedAt != nil || slot.Audience == to {
				continue
			}
			if err := tx.Exec("UPDATE slots SET audience = ? WHERE id = ?", to, slot.ID).Error; err != nil {
				return err
			}
			changed = append(changed, slot)
			tx.changed(branch, slot.StartsAt)
		}
		return nil
	})
	return changed, err
}

func (c *change) deskDay(branchID string, ids []string) (clinic.Branch, []clinic.Slot, error) {
	slots, err := c.deskSlots(branchID, ids)
	if err != nil {
		return clinic.Branch{}, nil, err
	}
	branch, err := c.branch(branchID)
	return branch, slots, err
}
