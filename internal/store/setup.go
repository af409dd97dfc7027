package store

import (
	"context"
	"slices"

	"madoguchi/internal/clinic"
)

// Setups say of every branch that an actor manages how far it is on its way to its first bookable week, by the branch's id. Under "" is
// what there is before any branch.
func (s *Store) Setups(ctx context.Context, actor clinic.Actor) (map[string]clinic.Setup, error) {
	branches, err := s.BranchesFor(ctx, actor, clinic.ManageClinic)
	if err != nil {
		return nil, err
	}
	trials, err := s.TrialLetters(ctx)
	if err != nil {
		return nil, err
	}
	mail := slices.ContainsFunc(trials, func(l clinic.Letter) bool { return l.Status == clinic.LetterSent })
	out := map[string]clinic.Setup{"": {Mail: mail}}
	if len(branches) == 0 {
		return out, nil
	}
	ids := make([]string, len(branches))
	first := clinic.DateOf(s.now(), branches[0].Location())
	for i, b := range branches {
		ids[i] = b.ID
		if today := clinic.DateOf(s.now(), b.Location()); today.Before(first) {
			first = today
		}
	}
	var facts []struct {
		ID             string
		Doctors, Slots bool
	}
	if err := s.reader(ctx).Raw(`SELECT b.id, EXISTS (SELECT 1 FROM doctor_branches works WHERE works.branch_id = b.id AND works.left_at IS NULL) AS doctors,
			EXISTS (SELECT 1 FROM slots s WHERE s.branch_id = b.id AND s.starts_at > ? AND s.closed_at IS NULL AND s.audience <> ?) AS slots
		FROM branches b WHERE b.id IN ?`, s.now(), clinic.StaffOnly, ids).Scan(&facts).Error; err != nil {
		return nil, wrap("Setups", asUnavailable(err))
	}
	var closures []closureRow
	if err := s.reader(ctx).Where("branch_id IN ? AND last_day >= ? AND kind = ?", ids, first.String(), clinic.ClinicClosed).Find(&closures).Error; err != nil {
		return nil, wrap("Setups", asUnavailable(err))
	}
	closed := map[string][]clinic.Exception{}
	for _, r := range closures {
		closed[r.BranchID] = append(closed[r.BranchID], r.exception())
	}
	for _, f := range facts {
		b := branches[slices.Index(ids, f.ID)]
		settled := clinic.YearEndSettled(closed[b.ID], b.Settings.Holidays, clinic.DateOf(s.now(), b.Location()))
		out[b.ID] = clinic.Setup{Branch: true, Doctors: f.Doctors, Holidays: settled, Mail: mail, Slots: f.Slots}
	}
	return out, nil
}
