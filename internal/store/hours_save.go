package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"madoguchi/internal/clinic"
)

// SaveWeek stores a checked week of a doctor at a branch, says of the bookings in some slots that they stay, and lays the doctor's
// slots there. keys are those of the spans in the form, for what CheckHours finds. The week bears the revision it was made from; when
// another has been saved since, the answer is clinic.StaleError. A doctor who does not work at the branch answers NotFound.
func (s *Store) SaveWeek(ctx context.Context, actor clinic.Actor, w clinic.DoctorWeek, keys, keep []string, holiday HolidayOf) (clinic.Laying, error) {
	return s.changeHours(ctx, "SaveWeek", actor, w.BranchID, w.DoctorID, holiday, func(tx *change, stored Hours) error {
		if err := tx.saveWeeks(stored, []clinic.DoctorWeek{w}, func(clinic.DoctorWeek) []string { return keys }); err != nil {
			return err
		}
		return tx.keep(w.BranchID, keep)
	})
}

// SaveWeeks is SaveWeek for several doctors of a branch at once: all of their weeks are stored, or none. What CheckHours finds stands at
// fields that end in the doctor's id.
func (s *Store) SaveWeeks(ctx context.Context, actor clinic.Actor, branchID string, weeks []clinic.DoctorWeek, holiday HolidayOf) (clinic.Laying, error) {
	return s.changeHours(ctx, "SaveWeeks", actor, branchID, "", holiday, func(tx *change, stored Hours) error {
		return tx.saveWeeks(stored, weeks, func(w clinic.DoctorWeek) []string { return slices.Repeat([]string{w.DoctorID}, len(w.Spans)) })
	})
}

func (c *change) saveWeeks(stored Hours, weeks []clinic.DoctorWeek, keys func(clinic.DoctorWeek) []string) error {
	for _, w := range weeks {
		revision, works := stored.Revisions[w.DoctorID]
		switch {
		case !works:
			return NotFound()
		case revision != w.Revision:
			return clinic.StaleError()
		}
		if err := c.Exec("UPDATE doctor_branches SET hours_revision = hours_revision + 1 WHERE doctor_id = ? AND branch_id = ?", w.DoctorID, w.BranchID).Error; err != nil {
			return err
		}
		var rows []hoursRow
		for _, h := range w.Among(stored.Hours) {
			if h.DoctorID == w.DoctorID {
				rows = append(rows, newHoursRow(h))
			}
		}
		if err := c.Where("branch_id = ? AND doctor_id = ?", w.BranchID, w.DoctorID).Delete(&hoursRow{}).Error; err != nil {
			return err
		}
		if len(rows) == 0 {
			continue
		}
		if err := c.CreateInBatches(rows, 50).Error; err != nil {
			return err
		}
	}
	// They are compared with the others once all of them are stored, so that two of them may change their rooms with each other.
	var errs clinic.Errors
	for _, w := range weeks {
		others, err := hoursBeside(c.DB, w.BranchID, w.DoctorID)
		if err != nil {
			return err
		}
		errs = append(errs, clinic.CheckHours(w, keys(w), others)...)
	}
	return errs.Err()
}

// AddException stores a checked exception and lays the slots of whom it is about. One that is there already, by its id or by what it
// says, is not stored again; one of a doctor who does not work at the branch answers Invalid.
func (s *Store) AddException(ctx context.Context, actor clinic.Actor, e clinic.Exception, keep []string, holiday HolidayOf) (clinic.Laying, error) {
	return s.changeHours(ctx, "AddException", actor, e.BranchID, e.DoctorID, holiday, func(tx *change, stored Hours) error {
		if _, works := stored.Revisions[e.DoctorID]; e.DoctorID != "" && !works {
			return &clinic.Error{Code: clinic.Invalid, Field: "who", Message: "error.slot.doctor"}
		}
		if slices.ContainsFunc(stored.Exceptions, e.Same) {
			return tx.keep(e.BranchID, keep)
		}
		row := newClosureRow(e)
		row.CreatedAt = tx.now
		if row.ID == "" {
			row.ID = clinic.NewIDAt(tx.now)
		}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
			return err
		}
		return tx.keep(e.BranchID, keep)
	})
}

// RemoveException takes an exception back and lays the slots of whom it was about. One at a branch that the actor does not manage answers
// NotFound.
func (s *Store) RemoveException(ctx context.Context, actor clinic.Actor, id string, holiday HolidayOf) (clinic.Exception, error) {
	var row closureRow
	if err := one(s.reader(ctx).Where("id = ?", id), &row); err != nil {
		return clinic.Exception{}, err
	}
	_, err := s.changeHours(ctx, "RemoveException", actor, row.BranchID, row.DoctorID.String, holiday, func(tx *change, _ Hours) error {
		return mustChange(tx.Where("id = ? AND branch_id = ?", id, row.BranchID).Delete(&closureRow{}))
	})
	return row.exception(), err
}

// SaveHolidays stores what a branch decides about public holidays, and lays its slots. The branch bears the revision the rule was made
// from; when another has been saved since, the answer is clinic.StaleError.
func (s *Store) SaveHolidays(ctx context.Context, actor clinic.Actor, b clinic.Branch, keep []string, holiday HolidayOf) (clinic.Laying, error) {
	return s.changeHours(ctx, "SaveHolidays", actor, b.ID, "", holiday, func(tx *change, stored Hours) error {
		if err := tx.settingsChanged(); err != nil {
			return err
		}
		saved := stored.Branch
		saved.Settings.Holidays = b.Settings.Holidays
		err := mustFollow(tx.Model(&branchRow{}).Where("id = ?", b.ID), b.Revision, func(row *gorm.DB) *gorm.DB {
			return row.Updates(map[string]any{"settings": storeBranch(saved.Settings), "revision": b.Revision + 1})
		})
		if err != nil {
			return err
		}
		return tx.keep(b.ID, keep)
	})
}

// KeepBookings says that the bookings in some slots of a branch stay where they are, though the hours do not want the slots any more.
func (s *Store) KeepBookings(ctx context.Context, actor clinic.Actor, branchID string, slotIDs []string) error {
	if !actor.May(clinic.ChangeBooking, branchID) {
		return NotFound()
	}
	return s.change(ctx, "KeepBookings", actor, func(tx *change) error {
		tx.aboutBranch(branchID)
		return tx.keep(branchID, slotIDs)
	})
}

func (c *change) keep(branchID string, slotIDs []string) error {
	if len(slotIDs) == 0 {
		return nil
	}
	branch, err := c.branch(branchID)
	if err != nil {
		return err
	}
	if err := c.lockSlots(slotIDs...); err != nil {
		return err
	}
	var kept []time.Time
	err = c.Raw(`UPDATE slots SET kept_at = ? WHERE id IN ? AND branch_id = ? AND closed_at IS NULL AND kept_at IS NULL
		AND EXISTS (SELECT 1 FROM claims c WHERE c.slot_id = slots.id AND c.booking_id IS NOT NULL) RETURNING starts_at`, c.now, slotIDs, branchID).Scan(&kept).Error
	for _, at := range kept {
		c.changed(branch, at)
	}
	return err
}
