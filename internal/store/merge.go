package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
)

// Two patients who are one: the bookings of the one who is merged go to the one who is kept, and the terms as well. The row of the
// merged one stays, with its own terms, so that it can be undone; whoever books under its identity books for the one who is kept.

// maxMerges is how long a chain of merges is followed. Each link of it is a decision of a person.
const maxMerges = 50

var errEndlessMerges = errors.New("patients were merged in a circle")

// keptFor is the patient into whom one was merged in the end: themselves, if they were not.
func (s *Store) keptFor(ctx context.Context, id string) (string, error) {
	return keptFor(s.reader(ctx), id)
}

func (c *change) keptFor(id string) (string, error) { return keptFor(c.DB, id) }

func keptFor(db *gorm.DB, id string) (string, error) {
	for range maxMerges {
		var row struct{ MergedInto *string }
		if err := one(db.Table("patients").Where("id = "+aText, id).Select("merged_into"), &row); err != nil {
			return "", err
		}
		if row.MergedInto == nil {
			return id, nil
		}
		id = *row.MergedInto
	}
	return "", errEndlessMerges
}

// merges are all patients who were merged, each with whom they were merged into. They are few: each is a decision of a person.
type merges map[string]string

func (s *Store) merges(ctx context.Context) (merges, error) {
	var rows []struct{ ID, MergedInto string }
	if err := s.reader(ctx).Raw("SELECT id, merged_into FROM patients WHERE merged_into IS NOT NULL").Scan(&rows).Error; err != nil {
		return nil, err
	}
	into := make(merges, len(rows))
	for _, row := range rows {
		into[row.ID] = row.MergedInto
	}
	return into, nil
}

// keptFor is as that of the store, for many: whoever is not among the merged is themselves, also where nothing is stored of them.
func (into merges) keptFor(id string) (string, error) {
	for range maxMerges {
		next, merged := into[id]
		if !merged {
			return id, nil
		}
		id = next
	}
	return "", errEndlessMerges
}

// MergePatients makes two patients one: what is stored of the one who is kept stays, and the bookings of the other, at all branches,
// are theirs from then on. Where online booking is closed to one of them, or both together have missed too many appointments, it is closed. Both must be known to the actor; otherwise, and
// where one of them was merged already, it answers NotFound.
func (s *Store) MergePatients(ctx context.Context, actor clinic.Actor, keptID, mergedID string) (mergeID string, err error) {
	if keptID == mergedID {
		return "", NotFound()
	}
	err = s.change(ctx, "MergePatients", actor, func(tx *change) error {
		tx.aboutPatient(keptID, mergedID)
		rows := map[string]recordRow{}
		ids := []string{keptID, mergedID}
		slices.Sort(ids) // so that two merges do not wait for each other
		for _, id := range ids {
			row, err := tx.lockPatient(id)
			if err != nil {
				return err
			}
			rows[id] = row
		}
		kept, merged := rows[keptID], rows[mergedID]
		mergeID = clinic.NewIDAt(tx.now)
		if err := tx.dayOf(mergedID); err != nil {
			return err
		}
		steps := []struct {
			statement string
			args      []any
		}{
			{"INSERT INTO patient_merges (id, kept_id, merged_id, merged_at, merged_by) VALUES (?, ?, ?, ?, ?)", []any{mergeID, keptID, mergedID, tx.now, orNull(actor.Staff.ID)}},
			{"INSERT INTO patient_merge_bookings (merge_id, booking_id) SELECT ?, id FROM bookings WHERE patient_id = ?", []any{mergeID, mergedID}},
			{"UPDATE bookings SET patient_id = ? WHERE patient_id = ?", []any{keptID, mergedID}},
			{
				"INSERT INTO imported_patients (patient_id, branch_id, merge_id) SELECT " + aText + ", branch_id, " + aText + " FROM imported_patients WHERE patient_id = " + aText + " ON CONFLICT DO NOTHING",
				[]any{keptID, mergeID, mergedID},
			},
			{"UPDATE patients SET merged_into = ? WHERE id = ?", []any{keptID, mergedID}},
		}
		for _, step := range steps {
			if err := tx.Exec(step.statement, step.args...).Error; err != nil {
				return err
			}
		}
		if kept.OnlineClosedAt == nil && merged.OnlineClosedAt != nil {
			if err := tx.Exec("UPDATE patients SET online_closed_at = ? WHERE id = ?", merged.OnlineClosedAt, keptID).Error; err != nil {
				return err
			}
		}
		if err := tx.countTogether(mergeID, keptID); err != nil {
			return err
		}
		return tx.mergeTerms(mergeID, keptID, mergedID)
	})
	return mergeID, err
}

// dayOf says that the days of a patient's bookings to come look different.
func (c *change) dayOf(patientID string) error {
	var days []struct {
		BranchID, Zone string
		StartsAt       time.Time
	}
	err := c.Raw(`SELECT s.branch_id, br.zone, s.starts_at FROM bookings b JOIN slots s ON s.id = b.slot_id JOIN branches br ON br.id = s.branch_id
		WHERE b.patient_id = `+aText+` AND b.live AND s.starts_at > ?`, patientID, c.now.Add(-24*time.Hour)).Scan(&days).Error
	for _, d := range days {
		c.changed(clinic.Branch{ID: d.BranchID, Zone: d.Zone}, d.StartsAt)
	}
	return err
}

// mergeRow is a merge as it is stored.
type mergeRow struct {
	ID       string
	KeptID   string
	MergedID string
	MergedAt time.Time
	UndoneAt *time.Time
}

// missedAt is the instant in SQL of the latest appointment that a patient has missed, by which countNoShow knows why online booking is closed.
const missedAt = "(SELECT MAX(status_at) FROM bookings WHERE patient_id = ? AND status = 'noshow')"

// missedTooMany reports what clinic.MissedTooMany does of a patient.
func (c *change) missedTooMany(patientID string) (bool, error) {
	var rows []struct{ Settings storedBranch }
	err := c.Raw(`SELECT br.settings FROM bookings b JOIN slots s ON s.id = b.slot_id JOIN branches br ON br.id = s.branch_id
		WHERE b.patient_id = `+aText+` AND b.status = 'noshow'`, patientID).Scan(&rows).Error
	at := make([]clinic.BranchSettings, len(rows))
	for i, r := range rows {
		at[i] = r.Settings.open()
	}
	return clinic.MissedTooMany(at), err
}

// countTogether closes online booking to the one who is kept, where the appointments that both have missed are too many. Where a merge brings
// none nothing new is known.
func (c *change) countTogether(mergeID, keptID string) error {
	var missed int64
	err := c.Raw("SELECT COUNT(*) FROM patient_merge_bookings m JOIN bookings b ON b.id = m.booking_id WHERE m.merge_id = "+aText+" AND b.status = 'noshow'", mergeID).Row().Scan(&missed)
	if err != nil || missed == 0 {
		return err
	}
	many, err := c.missedTooMany(keptID)
	if err != nil || !many {
		return err
	}
	return c.Exec("UPDATE patients SET online_closed_at = "+missedAt+" WHERE id = ? AND online_closed_at IS NULL", keptID, keptID).Error
}

// MergesInto are the merges into a patient that have not been undone, the latest first, with what was written down about the ones who
// were merged. A patient whom the actor does not know has none.
func (s *Store) MergesInto(ctx context.Context, actor clinic.Actor, keptID string) (out []clinic.Merge, err error) {
	condition, args := knownPatient(actor, clinic.SeeCalendar, keptID)
	var rows []struct {
		ID       string
		MergedAt time.Time
		MergedID string
		Sealed   []byte
		Memo     []byte
	}
	err = s.reader(ctx).Raw(`SELECT m.id, m.merged_at, m.merged_id, q.sealed, n.sealed AS memo FROM patients p JOIN patient_merges m ON m.kept_id = p.id
			JOIN patients q ON q.id = m.merged_id LEFT JOIN patient_memos n ON n.patient_id = m.merged_id
		WHERE m.undone_at IS NULL AND `+condition+` ORDER BY m.merged_at DESC, m.id DESC`, args...).Scan(&rows).Error
	if err != nil {
		return nil, wrap("MergesInto", err)
	}
	for _, r := range rows {
		p, err := s.openPatient(patientRow{ID: r.MergedID, Sealed: r.Sealed})
		if err != nil {
			return nil, wrap("MergesInto", err)
		}
		memo, err := s.openMemo(r.MergedID, r.Memo)
		if err != nil {
			return nil, wrap("MergesInto", err)
		}
		out = append(out, clinic.Merge{ID: r.ID, KeptID: keptID, Merged: p, MergedAt: r.MergedAt.UTC(), Memo: memo})
	}
	return out, nil
}
