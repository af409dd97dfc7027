package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"madoguchi/internal/clinic"
)

// steps are those of visitors that this instance has counted and not yet written down. A step is taken by looking at a page, and
// looking writes nothing, so they are kept in memory for a minute; what is lost with a process that is killed is a minute of counts.
type steps struct {
	mu     sync.Mutex
	counts map[clinic.VisitorStep]int
	known  map[clinic.VisitorStep]bool // of these days, Step left out: those that have a row of their own
	day    clinic.Date                 // the latest of them
}

// maxAttributions is how many attributions of a day are told apart; whoever comes with a further one counts as having none. A link can
// say anything, and neither the memory nor the table may grow with what strangers write into links.
const maxAttributions = 300

// CountStep counts a step of a visitor. Nothing is written before KeepSteps.
func (s *Store) CountStep(step clinic.VisitorStep) {
	c := &s.steps
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[clinic.VisitorStep]int{}
	}
	if c.day.Before(step.Day) || c.known == nil {
		c.known, c.day = map[clinic.VisitorStep]bool{}, step.Day
	}
	key := step
	key.Step, key.Day = "", clinic.Date{}
	if !c.known[key] && key.Attribution != (clinic.Attribution{}) {
		if len(c.known) >= maxAttributions {
			step.Attribution = clinic.Attribution{}
		} else {
			c.known[key] = true
		}
	}
	c.counts[step]++
}

// KeepSteps writes down, in one change, the steps that were counted since the last time. Those of a change that fails are written
// with the next.
func (s *Store) KeepSteps(ctx context.Context) error {
	counts := s.steps.take()
	if len(counts) == 0 {
		return nil
	}
	// In one order, so that of two instances that write the same rows none waits for the other while it is waited for.
	ordered := slices.SortedFunc(maps.Keys(counts), func(a, b clinic.VisitorStep) int {
		return cmp.Or(cmp.Compare(a.BranchID, b.BranchID), cmp.Compare(a.Day.String(), b.Day.String()), cmp.Compare(a.Step, b.Step),
			cmp.Compare(a.Article, b.Article), cmp.Compare(a.Campaign, b.Campaign), cmp.Compare(a.Area, b.Area))
	})
	err := s.change(ctx, "KeepSteps", clinic.Job("steps"), func(tx *change) error {
		for _, step := range ordered {
			if _, err := tx.insert(`INSERT INTO visitor_steps (branch_id, day, step, article, campaign, area, times) VALUES (?, ?, ?, ?, ?, ?, ?)
				ON CONFLICT (branch_id, day, step, article, campaign, area) DO UPDATE SET times = visitor_steps.times + excluded.times`,
				step.BranchID, step.Day.String(), string(step.Step), step.Article, step.Campaign, step.Area, counts[step]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.steps.giveBack(counts)
	}
	return err
}

func (c *steps) take() map[clinic.VisitorStep]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := c.counts
	c.counts = nil
	return counts
}

func (c *steps) giveBack(counts map[clinic.VisitorStep]int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[clinic.VisitorStep]int{}
	}
	for step, n := range counts {
		c.counts[step] += n
	}
}

// countSteps tells the steps of a branch's visitors in a period, by where they came from.
func (s *Store) countSteps(ctx context.Context, branchID string, n *clinic.Numbers) (err error) {
	rows, err := s.reader(ctx).Raw(`SELECT v.article, v.campaign, v.step, SUM(v.times) FROM visitor_steps v
		WHERE v.branch_id = `+aText+` AND v.day >= `+aText+` AND v.day <= `+aText+` GROUP BY v.article, v.campaign, v.step ORDER BY v.article, v.campaign, v.step`,
		branchID, n.Period.First.String(), n.Period.Last.String()).Rows()
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // a failed Close says no more than rows.Err
	for rows.Next() {
		var from clinic.Source
		var step string
		var times int
		if err := rows.Scan(&from.Article, &from.Campaign, &step, &times); err != nil {
			return err
		}
		n.AddSteps(from, clinic.Step(step), times)
	}
	return rows.Err()
}
