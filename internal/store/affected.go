package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"madoguchi/internal/clinic"
)

// AffectedQuery says of which entries of the audit log the people are asked for.
type AffectedQuery struct {
	From, Until time.Time // entries from one instant to before another
	StaffID     string    // "" for everybody, programs and visitors included
	PatientID   string    // "" for all

	Skip, Limit int // which of them are told, in their order; Limit 0 for all after Skip
}

// affectedPage is how many entries are read at once.
const affectedPage = 2000

// Affected are the people whose data somebody saw or changed, and how many there are in all, those of whom most was seen first: by name, or in a calendar or a
// list of a day on which they had a booking by then. It is for whoever may see the audit log everywhere; anybody else answers NotFound.
func (s *Store) Affected(ctx context.Context, actor clinic.Actor, q AffectedQuery) (people []clinic.Affected, all int, err error) {
	found := map[string]*clinic.Affected{}
	add := func(id string, at time.Time, named bool) {
		a := found[id]
		if a == nil {
			a = &clinic.Affected{PatientID: id, First: at, Last: at}
			found[id] = a
		}
		if named {
			a.Named++
		} else {
			a.Among++
		}
		if at.Before(a.First) {
			a.First = at
		}
		if at.After(a.Last) {
			a.Last = at
		}
	}
	lists := map[clinic.Subject][]time.Time{}
	asked := AuditQuery{From: q.From, Until: q.Until, StaffID: q.StaffID, Limit: affectedPage, PatientID: q.PatientID}
	for {
		entries, err := s.AuditEntries(ctx, actor, asked)
		if err != nil {
			return nil, 0, err
		}
		for _, e := range entries {
			switch {
			case e.Result != clinic.AuditDone:
			case e.Patient != "":
				add(e.Patient, e.At, true)
			case e.Branch != "" && !e.First.IsZero() && (e.Action.OfDays() || e.Action == clinic.Exported):
				of := clinic.Subject{Branch: e.Branch, First: e.First, Last: e.Last}
				lists[of] = append(lists[of], e.At)
			}
		}
		if len(entries) < affectedPage {
			break
		}
		asked.Before = entries[len(entries)-1].ID
	}
	for of, times := range lists {
		if err := s.affectedIn(ctx, of, times, add); err != nil {
			return nil, 0, wrap("Affected", err)
		}
	}
	merged, err := s.affectedMerged(ctx, found, q.PatientID)
	if err != nil {
		return nil, 0, wrap("Affected", err)
	}
	all = len(merged)
	people = merged[min(q.Skip, all):]
	if q.Limit > 0 && q.Limit < len(people) {
		people = people[:q.Limit]
	}
	return people, all, wrap("Affected", s.openAffected(ctx, people))
}

// affectedIn adds those who had a booking at a branch on some days when somebody looked at them.
func (s *Store) affectedIn(ctx context.Context, of clinic.Subject, times []time.Time, add func(id string, at time.Time, named bool)) error {
	branch, err := s.Branch(ctx, of.Branch)
	if clinic.CodeOf(err) == clinic.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	var rows []struct {
		PatientID string
		CreatedAt time.Time
	}
	loc := branch.Location()
	err = s.reader(ctx).Raw(`SELECT b.patient_id, b.created_at FROM slots s JOIN bookings b ON b.slot_id = s.id
		WHERE s.branch_id = `+aText+` AND s.starts_at >= ? AND s.starts_at < ?`, of.Branch, of.First.In(loc).UTC(), of.Last.AddDays(1).In(loc).UTC()).Scan(&rows).Error
	if err != nil {
		return err
	}
	for _, at := range times {
		seen := map[string]bool{}
		for _, row := range rows {
			if !row.CreatedAt.After(at) && !seen[row.PatientID] {
				seen[row.PatientID] = true
				add(row.PatientID, at, false)
			}
		}
	}
	return nil
}

// affectedMerged are those who were found, each as the one into whom they were merged, in their order.
func (s *Store) affectedMerged(ctx context.Context, found map[string]*clinic.Affected, only string) ([]clinic.Affected, error) {
	into, err := s.merges(ctx)
	if err != nil {
		return nil, err
	}
	all := map[string]*clinic.Affected{}
	for id, a := range found {
		kept, err := into.keptFor(id)
		if err != nil {
			return nil, err
		}
		if only != "" && kept != only {
			continue
		}
		a.PatientID = kept
		have := all[kept]
		if have == nil {
			all[kept] = a
			continue
		}
		have.Named, have.Among = have.Named+a.Named, have.Among+a.Among
		if a.First.Before(have.First) {
			have.First = a.First
		}
		if a.Last.After(have.Last) {
			have.Last = a.Last
		}
	}
	out := make([]clinic.Affected, 0, len(all))
	for _, a := range all {
		out = append(out, *a)
	}
	slices.SortFunc(out, func(a, b clinic.Affected) int {
		return cmp.Or(cmp.Compare(b.Named, a.Named), cmp.Compare(b.Among, a.Among), cmp.Compare(a.PatientID, b.PatientID))
	})
	return out, nil
}

// openAffected adds what is stored of each. Many are asked for in parts, because a statement has only so many parameters.
func (s *Store) openAffected(ctx context.Context, people []clinic.Affected) error {
	for part := range slices.Chunk(people, affectedPage) {
		ids := make([]string, len(part))
		for i, a := range part {
			ids[i] = a.PatientID
		}
		var rows []patientRow
		if err := s.reader(ctx).Raw("SELECT id, sealed, created_at FROM patients WHERE id IN ? AND erased_at IS NULL", ids).Scan(&rows).Error; err != nil {
			return err
		}
		stored := make(map[string]patientRow, len(rows))
		for _, row := range rows {
			stored[row.ID] = row
		}
		for i := range part {
			row, ok := stored[part[i].PatientID]
			if part[i].Erased = !ok; !ok {
				continue
			}
			var err error
			if part[i].Patient, err = s.openPatient(row); err != nil {
				return err
			}
		}
	}
	return nil
}
