package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
)

// overStep is how many bookings lose their answers, or drafts their content, in one transaction, so that other bookings hardly wait for it.
const overStep = 50

// PurgeOver deletes at every branch what it keeps no longer (clinic.KeepRule), in small steps, and counts it by days.
func (s *Store) PurgeOver(ctx context.Context) error {
	branches, err := s.Branches(ctx)
	if err != nil {
		return err
	}
	for _, b := range branches {
		for _, kind := range clinic.PurgeKinds {
			for more := true; more; {
				if more, err = s.purgeStep(ctx, b, kind); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// purgeStep deletes some of a kind, and reports whether there may be more.
func (s *Store) purgeStep(ctx context.Context, branch clinic.Branch, kind clinic.PurgeKind) (more bool, err error) {
	due, err := overAt(s.reader(ctx), branch, kind, s.now())
	if err != nil || len(due) == 0 {
		return false, wrap("PurgeOver", err)
	}
	err = s.change(ctx, "PurgeOver", clinic.Job("purge"), func(tx *change) error {
		more = false
		ids, err := overAt(tx.DB, branch, kind, tx.now)
		if err != nil {
			return err
		}
		if tx.nothing = len(ids) == 0; tx.nothing {
			return nil
		}
		more = len(ids) == overStep
		tx.aboutBooking(ids...)
		switch kind {
		case clinic.PurgedAnswers:
			err = tx.purgeAnswers(ids)
		case clinic.PurgedDrafts:
			err = tx.Exec("UPDATE note_drafts SET sealed = NULL, revision = revision + 1 WHERE booking_id IN ? AND sealed IS NOT NULL AND saved_at <= ?",
				ids, tx.now.AddDate(0, 0, -branch.Settings.Keep.Or().Drafts)).Error
		}
		if err != nil {
			return err
		}
		return tx.Exec("INSERT INTO purged AS p (branch_id, kind, day, n) VALUES (?, ?, ?, ?) ON CONFLICT (branch_id, kind, day) DO UPDATE SET n = p.n + excluded.n",
			branch.ID, kind, clinic.DateOf(tx.now, branch.Location()).String(), len(ids)).Error
	})
	return more, err
}

// overQuery is the condition in SQL, with its arguments, on bookings b with their slots s of which something of a kind is over at an instant.
func overQuery(branch clinic.Branch, kind clinic.PurgeKind, at time.Time) (query string, args []any) {
	rule := branch.Settings.Keep.Or()
	if kind == clinic.PurgedDrafts {
		return `FROM note_drafts n JOIN bookings b ON b.id = n.booking_id JOIN slots s ON s.id = b.slot_id
			WHERE n.sealed IS NOT NULL AND n.saved_at <= ? AND s.branch_id = ` + aText, []any{at.AddDate(0, 0, -rule.Drafts).UTC(), branch.ID}
	}
	over := at.AddDate(0, 0, -rule.Answers).UTC()
	return `FROM slots s JOIN bookings b ON b.slot_id = s.id WHERE s.branch_id = ` + aText + ` AND s.starts_at <= ? AND s.ends_at <= ?
		AND b.erased_at IS NULL AND b.answers_purged_at IS NULL AND b.status IN ?
		AND NOT EXISTS (SELECT 1 FROM note_versions v WHERE v.booking_id = b.id) AND NOT EXISTS (SELECT 1 FROM hold_releases r WHERE r.booking_id = b.id)`,
		[]any{branch.ID, over, over, clinic.NeverCame}
}

// overAt are the ids of some bookings of which something of a kind is over at an instant.
func overAt(db *gorm.DB, branch clinic.Branch, kind clinic.PurgeKind, at time.Time) (ids []string, err error) {
	query, args := overQuery(branch, kind, at)
	err = db.Raw("SELECT DISTINCT b.id "+query+" ORDER BY b.id LIMIT ?", append(args, overStep)...).Scan(&ids).Error
	return ids, err
}

// purgeAnswers deletes what was answered for some bookings, with them and in the intake. Who they are of, and what they agreed to, stays.
func (c *change) purgeAnswers(ids []string) error {
	var rows []struct {
		ID     string
		Sealed []byte
	}
	if err := c.forUpdate(c.Table("bookings").Where("id IN ?", ids).Order("id")).Select("id, sealed").Scan(&rows).Error; err != nil {
		return err
	}
	for _, row := range rows {
		var stored storedBooking
		if err := c.store.keyring.Open(seal.Contact, bookingAD(row.ID), row.Sealed, &stored); err != nil {
			return err
		}
		stored.Format, stored.Patient.Format, stored.Answers = newestFormat, newestFormat, nil
		sealed, err := c.store.keyring.Seal(seal.Contact, bookingAD(row.ID), stored)
		if err != nil {
			return err
		}
		if err := c.Exec("UPDATE bookings SET sealed = ?, answers_purged_at = ? WHERE id = ?", sealed, c.now, row.ID).Error; err != nil {
			return err
		}
	}
	for _, statement := range []string{
		"DELETE FROM intake_versions WHERE booking_id IN ?", "DELETE FROM intakes WHERE booking_id IN ?", "DELETE FROM chart_reads WHERE booking_id IN ?",
		"UPDATE note_drafts SET sealed = NULL, revision = revision + 1 WHERE booking_id IN ? AND sealed IS NOT NULL",
	} {
		if err := c.Exec(statement, ids).Error; err != nil {
			return err
		}
	}
	return nil
}

// purgedShown is how many days and kinds of what went are shown.
const purgedShown = 10

// PurgeComing is how much of each kind goes at a branch within a day, and Purged what went lately, the latest day first. They are for whoever manages the
// branch; for anybody else they answer NotFound.
func (s *Store) PurgeComing(ctx context.Context, actor clinic.Actor, branch clinic.Branch) (map[clinic.PurgeKind]int, error) {
	if !actor.May(clinic.ManageClinic, branch.ID) {
		return nil, NotFound()
	}
	out := map[clinic.PurgeKind]int{}
	for _, kind := range clinic.PurgeKinds {
		query, args := overQuery(branch, kind, s.now().AddDate(0, 0, 1))
		var n int
		if err := s.reader(ctx).Raw("SELECT COUNT(DISTINCT b.id) "+query, args...).Row().Scan(&n); err != nil {
			return nil, wrap("PurgeComing", err)
		}
		out[kind] = n
	}
	return out, nil
}

// Purged is what went lately at a branch, see PurgeComing.
func (s *Store) Purged(ctx context.Context, actor clinic.Actor, branchID string) (out []clinic.Purged, err error) {
	if !actor.May(clinic.ManageClinic, branchID) {
		return nil, NotFound()
	}
	var rows []struct {
		Kind clinic.PurgeKind
		Day  string
		N    int
	}
	err = s.reader(ctx).Raw("SELECT kind, day, n FROM purged WHERE branch_id = "+aText+" ORDER BY day DESC, kind LIMIT ?", branchID, purgedShown).Scan(&rows).Error
	for _, row := range rows {
		day, _ := clinic.ParseDate(row.Day)
		out = append(out, clinic.Purged{Kind: row.Kind, Day: day, N: row.N})
	}
	return out, wrap("Purged", err)
}
