package worker

import (
	"testing"
	"time"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	letters "madoguchi/internal/mail"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestWorker_LaysSlots: the days that come into the horizon get their slots without anybody asking.
func TestWorker_LaysSlots(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		today := clinic.DateOf(clock.Now(), c.Branch.Location())
		week := clinic.DoctorWeek{BranchID: c.Branch.ID, DoctorID: c.Doctors[0].ID, From: today, Revision: 1}
		for day := range 7 {
			week.Spans = append(week.Spans, clinic.OpeningHours{
				ID: clinic.NewID(), BranchID: week.BranchID, DoctorID: week.DoctorID, Weekday: time.Weekday(day), ValidFrom: today,
				Pattern: clinic.Pattern{From: 18 * 60, Until: 19 * 60, Minutes: 60, Audience: clinic.Public},
			})
		}
		if _, err := s.SaveWeek(t.Context(), storetest.Owner, week, make([]string, 7), nil, config.IsHoliday); err != nil {
			t.Fatal(err)
		}
		next := clinic.LayingHorizon(today).Last.AddDays(1).In(c.Branch.Location())
		laid := func() int {
			slots, err := s.Slots(t.Context(), store.SlotQuery{BranchID: c.Branch.ID, From: next, Until: next.AddDate(0, 0, 1), For: storetest.Owner})
			if err != nil {
				t.Fatal(err)
			}
			return len(slots)
		}
		w := start(t, s, clock, letters.Dir{Path: t.TempDir()})
		w.tick(t)
		before := laid()
		clock.Advance(24 * time.Hour)
		w.tick(t)
		if after := laid(); before != 0 || after != 1 {
			t.Errorf("the next day has %d slots before it comes into the horizon and %d after", before, after)
		}
	})
}
