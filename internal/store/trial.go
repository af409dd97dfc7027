package store

import (
	"context"

	"madoguchi/internal/clinic"
)

// SendTrial writes the trial letter of the person who acts, or has it sent again. One that is on its way already stays as it is.
func (s *Store) SendTrial(ctx context.Context, actor clinic.Actor, lang string) error {
	if actor.Kind != clinic.ActorStaff || !actor.Staff.Can(clinic.ManageClinic) {
		return NotFound()
	}
	return s.change(ctx, "SendTrial", actor, func(tx *change) error {
		settings, err := tx.settings()
		if err != nil {
			return err
		}
		l := clinic.TrialFor(settings, actor.Staff, lang, tx.now)
		var row letterRow
		err = one(tx.Where("once_key = ?", l.OnceKey), &row)
		if err == nil && row.letter().OnItsWay() || err != nil && clinic.CodeOf(err) != clinic.NotFound {
			return err
		}
		return tx.rewriteLetter(l)
	})
}

// TrialLetters are the trial letters of everybody, the newest first, without their content.
func (s *Store) TrialLetters(ctx context.Context) ([]clinic.Letter, error) {
	var rows []letterRow
	err := s.reader(ctx).Raw(`SELECT l.id, l.kind, l.once_key, l.channel, l.status, l.attempts, l.due_at, l.failure, l.sent_at, l.created_at, l.resends, l.dated_at
		FROM staff JOIN letters l ON l.once_key = '` + clinic.TrialKeys + `' || staff.id ORDER BY COALESCE(l.dated_at, l.created_at) DESC, l.id`).Scan(&rows).Error
	out := make([]clinic.Letter, len(rows))
	for i, r := range rows {
		out[i] = r.letter()
	}
	return out, wrap("TrialLetters", asUnavailable(err))
}
