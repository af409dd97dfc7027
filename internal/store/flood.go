package store

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"madoguchi/internal/clinic"
)

// inflowFor is how long what was counted is believed: a flood is met within seconds, and no page counts for itself.
const inflowFor = 10 * time.Second

// forms are what this instance has noticed about visitors' forms and not yet written down, as with steps, and what it has noticed in all.
type forms struct {
	mu     sync.Mutex
	counts map[formCount]int
	all    map[clinic.FormEvent]int
	inflow clinic.Inflow
}

type formCount struct {
	minute time.Time
	event  clinic.FormEvent
}

// CountForm counts what was noticed about a form. Nothing is written before KeepForms.
func (s *Store) CountForm(event clinic.FormEvent) {
	f := &s.forms
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.counts == nil {
		f.counts, f.all = map[formCount]int{}, map[clinic.FormEvent]int{}
	}
	f.counts[formCount{s.now().UTC().Truncate(time.Minute), event}]++
	f.all[event]++
}

// CountedForms is what this instance has noticed since it was started.
func (s *Store) CountedForms() map[clinic.FormEvent]int {
	s.forms.mu.Lock()
	defer s.forms.mu.Unlock()
	return maps.Clone(s.forms.all)
}

// KeepForms writes down, in one change, what was noticed since the last time. What of it fails is written with the next.
func (s *Store) KeepForms(ctx context.Context) error {
	f := &s.forms
	f.mu.Lock()
	counts := f.counts
	if counts != nil {
		f.counts = map[formCount]int{}
	}
	f.mu.Unlock()
	if len(counts) == 0 {
		return nil
	}
	// In one order, so that of two instances that write the same rows none waits for the other while it is waited for.
	ordered := slices.SortedFunc(maps.Keys(counts), func(a, b formCount) int {
		if c := a.minute.Compare(b.minute); c != 0 {
			return c
		}
		return slices.Index(clinic.FormEvents, a.event) - slices.Index(clinic.FormEvents, b.event)
	})
	err := s.change(ctx, "KeepForms", clinic.Job("forms"), func(tx *change) error {
		for _, c := range ordered {
			if _, err := tx.insert(`INSERT INTO form_counts (minute, event, times) VALUES (?, ?, ?)
				ON CONFLICT (minute, event) DO UPDATE SET times = form_counts.times + excluded.times`, c.minute, string(c.event), counts[c]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		f.mu.Lock()
		for c, n := range counts {
			f.counts[c] += n
		}
		f.mu.Unlock()
	}
	return err
}

// Inflow is what comes in online, as it was counted a moment ago.
func (s *Store) Inflow(ctx context.Context) (clinic.Inflow, error) {
	f := &s.forms
	now := s.now()
	f.mu.Lock()
	known := f.inflow
	due := known.At.IsZero() || now.Before(known.At) || now.Sub(known.At) >= inflowFor
	if due {
		f.inflow.At = now // whoever comes meanwhile has what was counted before, and does not count as well
	}
	f.mu.Unlock()
	if !due {
		return known, nil
	}
	counted, err := s.countInflow(ctx, now)
	if err != nil {
		return known, wrap("Inflow", err)
	}
	f.mu.Lock()
	f.inflow = counted
	f.mu.Unlock()
	return counted, nil
}

func (s *Store) countInflow(ctx context.Context, now time.Time) (clinic.Inflow, error) {
	in := clinic.Inflow{At: now, Noticed: map[clinic.FormEvent]int{}, Today: map[clinic.FormEvent]int{}}
	since := now.Add(-clinic.FloodWindow)
	err := s.reader(ctx).Raw(`SELECT
		(SELECT COUNT(*) FROM bookings WHERE client IS NOT NULL AND created_at > ?),
		(SELECT COUNT(*) FROM claims WHERE holder_kind = 'visitor' AND expires_at > ?),
		(SELECT COUNT(*) FROM (SELECT client FROM bookings WHERE client IS NOT NULL AND created_at > ?
			UNION SELECT client FROM claims WHERE client IS NOT NULL AND holder_kind = 'visitor' AND expires_at > ?) AS clients),
		(SELECT COUNT(*) FROM bookings WHERE client IS NOT NULL AND created_at > ? AND created_at <= ?)`,
		since, now, since, now, since.AddDate(0, 0, -clinic.FloodUsual), since).Row().Scan(&in.Bookings, &in.Holds, &in.Networks, &in.Earlier)
	if err != nil {
		return in, asUnavailable(err)
	}
	var rows []struct {
		Event  clinic.FormEvent
		Times  int
		Recent int
	}
	err = s.reader(ctx).Raw(`SELECT event, SUM(times) AS times, COALESCE(SUM(CASE WHEN minute > ? THEN times END), 0) AS recent
		FROM form_counts WHERE minute > ? GROUP BY event`, since, now.Add(-24*time.Hour)).Scan(&rows).Error
	for _, r := range rows {
		in.Today[r.Event], in.Noticed[r.Event] = r.Times, r.Recent
	}
	return in, asUnavailable(err)
}

// StopOnline has a branch take no bookings online from now on, or take them again. A branch that the actor does not manage answers NotFound.
func (s *Store) StopOnline(ctx context.Context, actor clinic.Actor, branchID string, stopped bool) error {
	if !actor.May(clinic.ManageClinic, branchID) {
		return NotFound()
	}
	return s.change(ctx, "StopOnline", actor, func(tx *change) error {
		tx.aboutBranch(branchID)
		if err := tx.settingsChanged(); err != nil {
			return err
		}
		var row branchRow
		if err := one(tx.forUpdate(tx.Where("id = ?", branchID)), &row); err != nil {
			return err
		}
		row.Settings.Stopped = stopped
		return mustChange(tx.Exec("UPDATE branches SET settings = ?, revision = revision + 1 WHERE id = ?", row.Settings, branchID))
	})
}
