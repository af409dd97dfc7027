package store_test

import (
	"slices"
	"testing"
	"time"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// week is a doctor's week at the first branch, from 10:00 to 13:00 on every weekday, in slots of an hour.
func week(c storetest.Clinic, doctor int, from clinic.Date, weekdays ...time.Weekday) clinic.DoctorWeek {
	w := clinic.DoctorWeek{BranchID: c.Branch.ID, DoctorID: c.Doctors[doctor].ID, From: from, Revision: 1}
	for _, day := range weekdays {
		w.Spans = append(w.Spans, clinic.OpeningHours{
			ID: clinic.NewID(), BranchID: w.BranchID, DoctorID: w.DoctorID, Weekday: day, ValidFrom: from,
			Pattern: clinic.Pattern{From: 600, Until: 780, Minutes: 60, Audience: clinic.Public},
		})
	}
	return w
}

var everyDay = []time.Weekday{0, 1, 2, 3, 4, 5, 6}

// open counts the open slots that a doctor has on days.
func open(t *testing.T, s *store.Store, c storetest.Clinic, doctor int, days ...clinic.Date) (counts []int) {
	t.Helper()
	for _, day := range days {
		loc := c.Branch.Location()
		slots, err := s.Slots(t.Context(), store.SlotQuery{BranchID: c.Branch.ID, DoctorID: c.Doctors[doctor].ID, From: day.In(loc), Until: day.AddDays(1).In(loc), For: storetest.Owner})
		check(t, err)
		counts = append(counts, len(slots))
	}
	return counts
}

func mustSaveWeek(t *testing.T, s *store.Store, w clinic.DoctorWeek) clinic.Laying {
	t.Helper()
	l, err := s.SaveWeek(t.Context(), storetest.Owner, w, make([]string, len(w.Spans)), nil, config.IsHoliday)
	check(t, err)
	return l
}

// On holidays the branch is closed, also on those that the calendar moves or puts between two others, unless it decides otherwise, for
// all of them or for one.
func TestHours_Holidays(t *testing.T) {
	for _, text := range []string{"2026-05-06", "2026-09-22", "2027-03-22", "2029-09-24"} {
		holiday, _ := clinic.ParseDate(text)
		storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
			c := storetest.NewClinic(t, s)
			clock.Advance(holiday.AddDays(-30).In(c.Branch.Location()).Sub(clock.Now()))
			before := holiday.AddDays(-30)
			ordinary := holiday.AddDays(15)
			mustSaveWeek(t, s, week(c, 0, before, everyDay...))
			want := func(name string, counts ...int) {
				t.Helper()
				if got := open(t, s, c, 0, holiday, ordinary); !slices.Equal(got, counts) {
					t.Errorf("%s, %s and an ordinary day have %v slots, want %v", name, holiday, got, counts)
				}
			}
			want("closed on holidays", 0, 3)
			decide := func(rule clinic.HolidayRule) error {
				b, err := s.Branch(t.Context(), c.Branch.ID)
				check(t, err)
				b.Settings.Holidays = rule
				_, err = s.SaveHolidays(t.Context(), storetest.Owner, b, nil, config.IsHoliday)
				return err
			}
			check(t, decide(clinic.HolidayRule{Differ: clinic.DatesOf(holiday)}))
			want("open on this one", 3, 3)
			check(t, decide(clinic.HolidayRule{Open: true, Differ: clinic.DatesOf(holiday)}))
			want("closed on this one", 0, 3)
			check(t, decide(clinic.HolidayRule{Open: true}))
			want("open on holidays", 3, 3)
			stale := c.Branch
			if _, err := s.SaveHolidays(t.Context(), storetest.Owner, stale, nil, config.IsHoliday); !clinic.IsStale(err) {
				t.Errorf("an old rule is saved over a new one: %v", err)
			}
		})
	}
}

// A week that was drawn from an older one is refused, as is one that meets hours elsewhere; nothing is written then.
func TestSaveWeek_Refuses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		first := clinic.Date{Year: 2026, Month: time.December, Day: 1}
		mustSaveWeek(t, s, week(c, 0, first, time.Monday))
		if _, err := s.SaveWeek(t.Context(), storetest.Owner, week(c, 0, first), nil, nil, config.IsHoliday); !clinic.IsStale(err) {
			t.Errorf("an old week is saved: %v", err)
		}
		_, err := s.SaveDoctor(t.Context(), storetest.Owner, c.Doctors[0], []string{c.Branch.ID, c.Other.ID})
		check(t, err)
		elsewhere := week(c, 0, first, time.Monday)
		elsewhere.BranchID, elsewhere.Spans[0].BranchID = c.Other.ID, c.Other.ID
		_, err = s.SaveWeek(t.Context(), storetest.Owner, elsewhere, []string{"0"}, nil, config.IsHoliday)
		wantCode(t, err, clinic.Invalid)
		stranger := week(c, 1, first, time.Monday)
		stranger.BranchID, stranger.Spans[0].BranchID = c.Other.ID, c.Other.ID
		_, err = s.SaveWeek(t.Context(), storetest.Owner, stranger, []string{"0"}, nil, config.IsHoliday)
		wantCode(t, err, clinic.NotFound)
		reception := clinic.StaffActor(clinic.Staff{ID: "r", Role: clinic.FrontDesk, Active: true, EveryBranch: true})
		_, err = s.SaveWeek(t.Context(), reception, week(c, 1, first, time.Monday), []string{"0"}, nil, config.IsHoliday)
		wantCode(t, err, clinic.NotFound)
		hours, err := s.Hours(t.Context(), storetest.Owner, c.Branch.ID, config.IsHoliday)
		check(t, err)
		if len(hours.Hours) != 1 || hours.Revisions[c.Doctors[0].ID] != 2 || hours.Revisions[c.Doctors[1].ID] != 1 {
			t.Errorf("%+v", hours)
		}
	})
}

// A booking that the hours no longer want stays, leaves public sale, and is asked about until somebody decides. Wanted again, it is as it was.
func TestHours_ABookingStaysUntilSomebodyDecides(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		w := week(c, 0, clinic.Date{Year: 2026, Month: time.December, Day: 1}, time.Wednesday)
		if l := mustSaveWeek(t, s, w); len(l.Add) != 3*13 { // on the Wednesdays from 2 December to 24 February
			t.Errorf("%d slots appear", len(l.Add))
		}
		slots, err := s.Slots(t.Context(), store.SlotQuery{BranchID: c.Branch.ID, DoctorID: c.Doctors[0].ID, From: storetest.Begin.AddDate(0, 0, 6), Until: storetest.Begin.AddDate(0, 0, 9), For: storetest.Owner})
		check(t, err)
		slot := slots[1]
		receipt := storetest.Book(t, s, storetest.Request(slot.ID, 1))
		preview := func() clinic.Laying {
			t.Helper()
			hours, err := s.Hours(t.Context(), storetest.Owner, c.Branch.ID, config.IsHoliday)
			check(t, err)
			l, err := s.Preview(t.Context(), hours.Plan)
			check(t, err)
			return l
		}
		audience := func() clinic.Audience {
			t.Helper()
			got, err := s.Slot(t.Context(), slot.ID)
			check(t, err)
			if got.ClosedAt != nil || !got.StartsAt.Equal(slot.StartsAt) {
				t.Fatalf("the booked slot became %+v", got)
			}
			return got.Audience
		}
		w.Spans, w.Revision = nil, 2
		if l := mustSaveWeek(t, s, w); len(l.Person) != 1 || l.Person[0].ID != slot.ID || len(open(t, s, c, 0, clinic.DateOf(slot.StartsAt, c.Branch.Location()))) != 1 {
			t.Errorf("%+v", l)
		}
		if audience() != clinic.StaffOnly || len(preview().Person) != 1 {
			t.Errorf("the slot is for %s, and %d wait for a person", audience(), len(preview().Person))
		}
		reception := clinic.StaffActor(clinic.Staff{ID: "r", Role: clinic.FrontDesk, Active: true, Branches: []string{c.Other.ID}})
		wantCode(t, s.KeepBookings(t.Context(), reception, c.Branch.ID, []string{slot.ID}), clinic.NotFound)
		check(t, s.KeepBookings(t.Context(), reception, c.Other.ID, []string{slot.ID})) // which has no such slot
		if len(preview().Person) != 1 {
			t.Error("somebody of another branch has decided")
		}
		reception.Staff.Branches = []string{c.Branch.ID}
		check(t, s.KeepBookings(t.Context(), reception, c.Branch.ID, []string{slot.ID}))
		if l := preview(); len(l.Person) != 0 || !l.Nothing() || audience() != clinic.StaffOnly {
			t.Errorf("decided, %d wait still", len(l.Person))
		}
		// Wanted again, and then not: the earlier decision was about other hours.
		again := week(c, 0, w.From, time.Wednesday)
		again.Revision = 3
		mustSaveWeek(t, s, again)
		if audience() != clinic.Public {
			t.Errorf("wanted again, the slot is for %s", audience())
		}
		w.Revision = 4
		if l := mustSaveWeek(t, s, w); len(l.Person) != 1 {
			t.Error("nobody is asked again")
		}
		check(t, s.Cancel(t.Context(), storetest.Owner, receipt.BookingID))
		public, err := s.Slots(t.Context(), store.SlotQuery{BranchID: c.Branch.ID, DoctorID: c.Doctors[0].ID, From: slot.StartsAt, Until: slot.EndsAt, For: clinic.Visitor("v", "c")})
		check(t, err)
		check(t, s.LayHours(t.Context(), config.IsHoliday))
		if got, err := s.Slot(t.Context(), slot.ID); len(public) != 0 || err != nil || got.ClosedAt == nil {
			t.Errorf("after the cancellation visitors see %d slots; the slot is %+v, %v", len(public), got, err)
		}
	})
}

// What nobody wakes the program for: days come into the horizon, and a slot whose hold is over is closed.
func TestLayHours_RollsOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		today := clinic.DateOf(storetest.Begin, c.Branch.Location())
		w := week(c, 0, today.AddDays(1), everyDay...)
		mustSaveWeek(t, s, w)
		last := clinic.LayingHorizon(today).Last
		if got := open(t, s, c, 0, last, last.AddDays(1)); !slices.Equal(got, []int{3, 0}) {
			t.Errorf("on the last day and the one after are %v slots", got)
		}
		if !clinic.LayingHorizon(today).Holds(clinic.PublicHorizon(today).Last.AddDays(7)) {
			t.Error("slots are laid no week farther than visitors see")
		}
		at := today.AddDays(10).In(c.Branch.Location())
		held, err := s.Slots(t.Context(), store.SlotQuery{BranchID: c.Branch.ID, DoctorID: c.Doctors[0].ID, From: at, Until: at.AddDate(0, 0, 1), For: storetest.Owner})
		check(t, err)
		_, err = s.Hold(t.Context(), clinic.Visitor("me", "here"), held[0].ID)
		check(t, err)
		w.Spans, w.Revision, w.From = nil, 2, today.AddDays(2)
		if l := mustSaveWeek(t, s, w); len(l.Held) != 1 {
			t.Errorf("%d slots are held", len(l.Held))
		}
		if got := open(t, s, c, 0, today.AddDays(10)); got[0] != 1 {
			t.Errorf("%d slots are open beside the held one", got[0]-1)
		}
		clock.Advance(time.Hour)
		check(t, s.LayHours(t.Context(), config.IsHoliday))
		if got := open(t, s, c, 0, today.AddDays(10)); got[0] != 0 {
			t.Errorf("%d slots are open", got[0])
		}
	})
}
