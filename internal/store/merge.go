package store

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"madoguchi/internal/clinic"
	"madoguchi/internal/seal"
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

// mergeTerms gives the one who is kept the terms of the merged one that they do not have, and writes down which these are. The terms are
// made from what is sealed, because the index is in the order of the terms and cannot be asked which a patient has.
func (c *change) mergeTerms(mergeID, keptID, mergedID string) error {
	of, err := c.termsOf(mergedID, mergeID)
	if err != nil {
		return err
	}
	have, err := c.haveTerms(keptID, of)
	if err != nil {
		return err
	}
	var added []termRow
	for _, t := range of {
		if !holds(have, t.Term) {
			added = append(added, t)
		}
	}
	if err := c.insertTerms(keptID, added); err != nil {
		return err
	}
	for _, t := range added {
		if err := c.Exec("INSERT INTO patient_merge_terms (merge_id, term) VALUES ("+aText+", ?)", mergeID, t.Term).Error; err != nil {
			return err
		}
	}
	return nil
}

// haveTerms are those of some terms that a patient has.
func (c *change) haveTerms(patientID string, terms []termRow) (have [][]byte, err error) {
	if len(terms) == 0 {
		return nil, nil
	}
	asked := make([][]byte, len(terms))
	for i, t := range terms {
		asked[i] = t.Term
	}
	err = c.Raw("SELECT term FROM patient_terms WHERE term IN ? AND patient_id = "+aText, asked, patientID).Scan(&have).Error
	return have, err
}

func holds(all [][]byte, wanted []byte) bool {
	return slices.ContainsFunc(all, func(one []byte) bool { return bytes.Equal(one, wanted) })
}

// termsOf are all terms of a patient under the present key.
func (c *change) termsOf(patientID, mergeID string) (rows []termRow, err error) {
	words, err := c.wordsOf(patientID, mergeID)
	if err != nil {
		return nil, err
	}
	return c.store.termRows(words)
}

// wordsOf are all words by which a patient is found: those of what is stored of them and of what was typed with their bookings, those
// that a merge took from them included.
func (c *change) wordsOf(patientID, mergeID string) (words []term, err error) {
	s := c.store
	var row patientRow
	if err := one(c.Table("patients").Where("id = "+aText, patientID).Select("id, sealed, created_at"), &row); err != nil {
		return nil, err
	}
	p, err := s.openPatient(row)
	if err != nil {
		return nil, err
	}
	people := []clinic.Patient{p}
	var typed []struct {
		ID     string
		Sealed []byte
	}
	err = c.Raw("SELECT b.id, b.sealed FROM bookings b WHERE b.patient_id = "+aText, patientID).Scan(&typed).Error
	if err != nil {
		return nil, err
	}
	if mergeID != "" {
		var moved []struct {
			ID     string
			Sealed []byte
		}
		err = c.Raw("SELECT b.id, b.sealed FROM patient_merge_bookings m JOIN bookings b ON b.id = m.booking_id WHERE m.merge_id = "+aText, mergeID).Scan(&moved).Error
		if err != nil {
			return nil, err
		}
		typed = append(typed, moved...)
	}
	for _, b := range typed {
		var stored storedBooking
		if err := s.keyring.Open(seal.Contact, bookingAD(b.ID), b.Sealed, &stored); err != nil {
			return nil, err
		}
		p, _ := stored.open()
		people = append(people, p)
	}
	return wordsOf(people), nil
}

// wordsOf are the patientTerms of some people, each once.
func wordsOf(people []clinic.Patient) (words []term) {
	made := map[term]bool{}
	for _, p := range people {
		for _, t := range patientTerms(p) {
			if !made[t] {
				made[t] = true
				words = append(words, t)
			}
		}
	}
	return words
}

// mergeRow is a merge as it is stored.
type mergeRow struct {
	ID       string
	KeptID   string
	MergedID string
	MergedAt time.Time
	UndoneAt *time.Time
}

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

// unmergeTerms takes from the one who was kept the terms that came with a merge, but for those that they have of their own by now.
func (c *change) unmergeTerms(m mergeRow) error {
	var came [][]byte
	if err := c.Raw("SELECT term FROM patient_merge_terms WHERE merge_id = "+aText, m.ID).Scan(&came).Error; err != nil {
		return err
	}
	words, err := c.wordsOf(m.KeptID, "")
	if err != nil {
		return err
	}
	// Others who were merged into the same one have brought theirs.
	var others []struct{ ID string }
	if err := c.Raw("SELECT merged_id AS id FROM patient_merges WHERE kept_id = "+aText+" AND undone_at IS NULL", m.KeptID).Scan(&others).Error; err != nil {
		return err
	}
	for _, o := range others {
		theirs, err := c.wordsOf(o.ID, "")
		if err != nil {
			return err
		}
		words = append(words, theirs...)
	}
	var own [][]byte // under every key: it may be another than when they came
	for _, w := range words {
		all, err := c.store.keyring.BlindIndexes(w.kind, w.value)
		if err != nil {
			return err
		}
		for _, index := range all {
			own = append(own, index.Term)
		}
	}
	for _, term := range came {
		if holds(own, term) {
			continue
		}
		if err := c.Exec("DELETE FROM patient_terms WHERE patient_id = "+aText+" AND term = ?", m.KeptID, term).Error; err != nil {
			return err
		}
	}
	return nil
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
