package store

import (
	"context"
	"slices"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// UndoMerge makes two patients of one again, within clinic.MergeUndo: the bookings that came with the merge go back, as far as nobody
// has given them to somebody else since, and so do those that were booked since under the identity of the merged one. A merge of a
// patient whom the actor does not know, and one that was undone already, answers NotFound; one that cannot be undone any more Conflict.
func (s *Store) UndoMerge(ctx context.Context, actor clinic.Actor, keptID, mergeID string) error {
	return s.change(ctx, "UndoMerge", actor, func(tx *change) error {
		var m mergeRow
		err := one(tx.Table("patient_merges").Where("id = "+aText+" AND kept_id = "+aText+" AND undone_at IS NULL", mergeID, keptID), &m)
		if err != nil {
			return err
		}
		// The one who was kept may be merged by now, and then has no booking of their own by which the actor knows them.
		top, err := tx.keptFor(keptID)
		if err != nil {
			return err
		}
		if _, err := tx.lockPatient(top); err != nil {
			return err
		}
		if err := (clinic.Merge{MergedAt: m.MergedAt.UTC()}).CheckUndo(top != keptID, tx.now); err != nil {
			return err
		}
		var merged recordRow
		tx.aboutPatient(keptID, m.MergedID)
		err = one(tx.forUpdate(tx.Table("patients AS p").Where("p.id = "+aText+" AND p.merged_into = "+aText, m.MergedID, keptID)).Select(recordColumns), &merged)
		if err != nil {
			return err
		}
		if err := tx.dayOf(keptID); err != nil {
			return err
		}
		since, err := tx.bookedAs(merged, m)
		if err != nil {
			return err
		}
		for _, id := range since {
			if err := tx.Exec("UPDATE bookings SET patient_id = ? WHERE id = ?", m.MergedID, id).Error; err != nil {
				return err
			}
		}
		for _, step := range []struct {
			statement string
			args      []any
		}{
			{"UPDATE bookings SET patient_id = ? WHERE patient_id = ? AND id IN (SELECT booking_id FROM patient_merge_bookings WHERE merge_id = ?)", []any{m.MergedID, keptID, mergeID}},
			{"DELETE FROM imported_patients WHERE patient_id = ? AND merge_id = ?", []any{keptID, mergeID}},
			{"UPDATE patients SET merged_into = NULL WHERE id = ?", []any{m.MergedID}},
			{"UPDATE patient_merges SET undone_at = ? WHERE id = ?", []any{tx.now, mergeID}},
		} {
			if err := tx.Exec(step.statement, step.args...).Error; err != nil {
				return err
			}
		}
		if merged.OnlineClosedAt != nil {
			err := tx.Exec("UPDATE patients SET online_closed_at = NULL WHERE id = ? AND online_closed_at = ?", keptID, merged.OnlineClosedAt).Error
			if err != nil {
				return err
			}
		}
		if err := tx.countApart(keptID, m.MergedID); err != nil {
			return err
		}
		return tx.unmergeTerms(m)
	})
}

// countApart looks anew at two patients who were one, where online booking was closed because of an appointment that was missed: it stays
// closed to whoever has missed too many by themselves. What the front desk closed stays as it is.
func (c *change) countApart(keptID, mergedID string) error {
	var of []string // the one whose appointment it was
	err := c.Raw(`SELECT b.patient_id FROM patients p JOIN bookings b ON b.patient_id IN (?, ?) AND b.status = 'noshow' AND b.status_at = p.online_closed_at
		WHERE p.id = `+aText+` ORDER BY b.patient_id`, keptID, mergedID, keptID).Scan(&of).Error
	if err != nil || len(of) == 0 {
		return err
	}
	for _, id := range []string{keptID, mergedID} {
		many, err := c.missedTooMany(id)
		if err != nil {
			return err
		}
		switch {
		case many && id == mergedID:
			err = c.Exec("UPDATE patients SET online_closed_at = "+missedAt+" WHERE id = ? AND online_closed_at IS NULL", id, id).Error
		case many && !slices.Contains(of, keptID):
			err = c.Exec("UPDATE patients SET online_closed_at = "+missedAt+" WHERE id = ?", id, id).Error
		case !many && id == keptID:
			err = c.Exec("UPDATE patients SET online_closed_at = NULL WHERE id = ?", id).Error
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// identitiesOf are the identities under which somebody books for a patient: their own, and those of all who were merged into them.
func (c *change) identitiesOf(row recordRow) (identities [][]byte, err error) {
	identities = append(identities, row.Identity)
	ids := []string{row.ID}
	for range maxMerges {
		var into []recordRow
		if err := c.Raw("SELECT "+recordColumns+" FROM patients p WHERE p.merged_into IN ? AND p.merged_into IS NOT NULL", ids).Scan(&into).Error; err != nil || len(into) == 0 {
			return identities, err
		}
		ids = nil
		for _, r := range into {
			ids = append(ids, r.ID)
			identities = append(identities, r.Identity)
		}
	}
	return nil, errEndlessMerges
}

// bookedAs are the bookings of the one who was kept that were made since the merge by whoever is the merged one by what they typed.
func (c *change) bookedAs(merged recordRow, m mergeRow) (ids []string, err error) {
	identities, err := c.identitiesOf(merged)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		ID     string
		Sealed []byte
	}
	err = c.Raw(`SELECT id, sealed FROM bookings WHERE patient_id = `+aText+` AND created_at >= ?
		AND id NOT IN (SELECT booking_id FROM patient_merge_bookings WHERE merge_id = `+aText+`)`, m.KeptID, m.MergedAt, m.ID).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		var stored storedBooking
		if err := c.store.keyring.Open(seal.Contact, bookingAD(r.ID), r.Sealed, &stored); err != nil {
			return nil, err
		}
		p, _ := stored.open()
		typed, err := c.store.identities(p)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(identities, func(i []byte) bool { return holds(typed, i) }) {
			ids = append(ids, r.ID)
		}
	}
	return ids, nil
}
