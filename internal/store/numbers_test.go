package store_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// madeUp is what is known of a made-up clinic: all that was ever told to its database.
type madeUp struct {
	slots    []clinic.CountedSlot
	bookings []clinic.CountedBooking
	doctors  []string // those of the bookings
}

// makeUp fills a clinic with eight weeks of slots and bookings in every status, and leaves the clock in the middle of them.
func makeUp(t *testing.T, s *store.Store, clock *storetest.Clock, address string) (storetest.Clinic, madeUp) {
	t.Helper()
	c := storetest.NewClinic(t, s)
	var made madeUp
	sql := func(statement string, args ...any) { check(t, tryExec(t, address, statement, args...)) }
	for _, slot := range c.Slots {
		made.slots = append(made.slots, clinic.CountedSlot{DoctorID: slot.DoctorID, StartsAt: slot.StartsAt})
	}
	statuses := []clinic.Status{clinic.Fulfilled, clinic.Fulfilled, clinic.Fulfilled, clinic.NoShow, clinic.Cancelled, clinic.Booked, clinic.Arrived, clinic.InProgress, clinic.Pending}
	sources := []clinic.Source{{}, {Article: "back-fat"}, {Article: "back-fat", Campaign: "autumn"}, {Campaign: "autumn"}}
	areas := [][]string{nil, {"back"}, {"back", "belly"}, {"arm", "thigh_b", "belly"}}
	n := 0
	for week := range 8 {
		for i, doctor := range c.Doctors {
			first := storetest.Begin.AddDate(0, 0, 3+7*week+i).Add(time.Duration(14+week) * time.Hour) // later and later, over midnight in Tokyo
			for k, slot := range storetest.AddSlots(t, s, c.Branch, doctor, first, 6) {
				counted := clinic.CountedSlot{DoctorID: doctor.ID, StartsAt: slot.StartsAt}
				if k == 5 { // stays free
					made.slots = append(made.slots, counted)
					continue
				}
				b := clinic.CountedBooking{
					Status: statuses[n%len(statuses)], StartsAt: slot.StartsAt, CreatedAt: slot.StartsAt.Add(-time.Duration(n*7) * time.Hour), Areas: areas[n/3%len(areas)],
					Source: sources[n/2%len(sources)],
				}
				r := storetest.Request(slot.ID, n+1)
				r.Details.Answers["areas"] = b.Areas
				r.Details.Attribution = clinic.Attribution{Article: b.Source.Article, Campaign: b.Source.Campaign, Area: "back"}
				booked := storetest.Book(t, s, r)
				if b.Status == clinic.Cancelled {
					check(t, s.Cancel(t.Context(), storetest.Owner, booked.BookingID))
				} else {
					sql("UPDATE bookings SET status = $1 WHERE id = $2", string(b.Status), booked.BookingID)
					counted.Taken = true
				}
				sql("UPDATE bookings SET created_at = $1 WHERE id = $2", b.CreatedAt, booked.BookingID)
				if n%3 > 0 {
					b.Complete = slot.StartsAt.Add(time.Duration(n%3*2-3) * time.Hour) // before or after
					sql("INSERT INTO intakes (booking_id, revision, sealed, completed_at, updated_at) VALUES ($1, 1, $2, $3, $3)", booked.BookingID, []byte("not to be opened"), b.Complete)
				}
				made.slots, made.bookings, made.doctors = append(made.slots, counted), append(made.bookings, b), append(made.doctors, doctor.ID)
				n++
			}
		}
	}
	elsewhere := storetest.Request(storetest.AddSlots(t, s, c.Other, doctorElsewhere(t, s, c), storetest.Begin.AddDate(0, 0, 5), 2)[0].ID, 900)
	storetest.Book(t, s, elsewhere)
	clock.Advance(30 * 24 * time.Hour)
	return c, made
}

// doctorElsewhere is one who works at the other branch.
func doctorElsewhere(t *testing.T, s *store.Store, c storetest.Clinic) clinic.Doctor {
	t.Helper()
	d, err := s.SaveDoctor(t.Context(), storetest.Owner, clinic.Doctor{
		FamilyName: "架空", GivenName: "翠", FamilyKana: "カクウ", GivenKana: "ミドリ", NameEn: "Midori Kaku", Sex: clinic.Female,
	}, []string{c.Other.ID})
	check(t, err)
	return d
}

// eachAddress is storetest.Each with the address of the database.
func eachAddress(t *testing.T, test func(t *testing.T, s *store.Store, clock *storetest.Clock, address string)) {
	t.Helper()
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			clock, at := storetest.NewClock(), address(t)
			test(t, storetest.Open(t, at, t.TempDir()+"/keys", clock.Now), clock, at)
		})
	}
}

// TestNumbers_AgreeWithWhatWasMade: whatever is asked of a made-up clinic, and in pieces of whatever size it is read, the numbers are
// those of what was put into it, counted one by one; another branch's are not among them.
func TestNumbers_AgreeWithWhatWasMade(t *testing.T) {
	eachAddress(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		c, made := makeUp(t, s, clock, address)
		loc := c.Branch.Location()
		desk := clinic.StaffActor(clinic.Staff{ID: "desk", Role: clinic.FrontDesk, Active: true, Branches: []string{c.Branch.ID}})
		first := clinic.DateOf(storetest.Begin, loc)
		for name, p := range map[string]clinic.Period{
			"all": {First: first, Last: first.AddDays(90)}, "some weeks": {First: first.AddDays(9), Last: first.AddDays(33)}, "a day": {First: first.AddDays(4), Last: first.AddDays(4)},
			"nothing": {First: first.AddDays(-90), Last: first.AddDays(-60)},
		} {
			for _, doctor := range []string{"", c.Doctors[1].ID} {
				for _, plain := range []bool{false, true} {
					want := clinic.NewNumbers(p, loc, clock.Now())
					for _, slot := range made.slots {
						if doctor == "" || doctor == slot.DoctorID {
							want.AddSlot(slot)
						}
					}
					for i, b := range made.bookings {
						if plain {
							b.Areas, b.Source = nil, clinic.Source{}
						}
						if doctor == "" || doctor == made.doctors[i] {
							want.AddBooking(b)
						}
					}
					q := store.NumbersQuery{Period: p, Plain: plain}
					if doctor != "" {
						q.DoctorIDs = []string{doctor}
					}
					for _, size := range []int{1, 7, 500} {
						got, err := s.Numbers(t.Context(), desk, c.Branch, q.InPieces(size))
						check(t, err)
						if !reflect.DeepEqual(got, want) {
							t.Errorf("%s of doctor %q in pieces of %d:\n%+v, by hand\n%+v", name, doctor, size, got, want)
						}
					}
				}
			}
		}
		all, err := s.Numbers(t.Context(), desk, c.Branch, store.NumbersQuery{Period: clinic.Period{First: first, Last: first.AddDays(90)}})
		check(t, err)
		if all.Bookings != len(made.bookings) || all.Bookings < 70 || all.Visits == 0 || all.NoShows == 0 || all.Prepared == 0 || len(all.ByArea) != 4 {
			t.Errorf("the clinic is not what this test needs: %+v", all)
		}
		begin, ok, err := s.NumbersBegin(t.Context(), desk, c.Branch)
		check(t, err)
		if want := first.AddDays(1); !ok || begin != want {
			t.Errorf("the first counseling is on %s, not %s", begin, want)
		}
	})
}

// TestNumbers_AreOfOnesOwnBranch: nobody counts at a branch whose calendar they may not see.
func TestNumbers_AreOfOnesOwnBranch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		q := store.NumbersQuery{Period: clinic.LastWeeks(clinic.DateOf(storetest.Begin, c.Branch.Location()), 4)}
		for _, actor := range []clinic.Actor{
			clinic.StaffActor(clinic.Staff{ID: "elsewhere", Role: clinic.FrontDesk, Active: true, Branches: []string{c.Other.ID}}),
			storetest.DoctorActor(c.Doctors[0].ID), clinic.Visitor("", ""),
		} {
			if _, err := s.Numbers(t.Context(), actor, c.Branch, q); clinic.CodeOf(err) != clinic.NotFound {
				t.Errorf("%s: %v", actor, err)
			}
			if _, ok, err := s.NumbersBegin(t.Context(), actor, c.Branch); err != nil || ok {
				t.Errorf("%s is told when a branch began, %v", actor, err)
			}
		}
	})
}

// TestSteps_AreKept: what is counted is written down once, added to what is there, in one row for one attribution of a day, and
// nothing is written meanwhile.
func TestSteps_AreKept(t *testing.T) {
	eachAddress(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, address string) {
		c := storetest.NewClinic(t, s)
		day := clinic.DateOf(storetest.Begin, c.Branch.Location())
		step := func(article string, kind clinic.Step, on clinic.Date) clinic.VisitorStep {
			return clinic.VisitorStep{BranchID: c.Branch.ID, Day: on, Attribution: clinic.Attribution{Article: article, Area: "back"}, Step: kind}
		}
		before := storetest.Read(t, address)
		for range 7 {
			s.CountStep(step("back-fat", clinic.StepSeen, day))
		}
		s.CountStep(step("back-fat", clinic.StepHeld, day))
		s.CountStep(step("belly", clinic.StepSeen, day.AddDays(-3)))
		if changed := storetest.Read(t, address).Changed(before); len(changed) > 0 {
			t.Errorf("counting alone wrote to %v", changed)
		}
		counted := func() (out string) {
			n, err := s.Numbers(t.Context(), storetest.Owner, c.Branch, store.NumbersQuery{Period: clinic.Period{First: day.AddDays(-3), Last: day}})
			check(t, err)
			top, others := n.Sources(9)
			for _, from := range append(top, others) {
				out += fmt.Sprintf("%s %d %d, ", from.Article, from.Seen, from.Held)
			}
			return out
		}
		check(t, s.KeepSteps(t.Context()))
		check(t, s.KeepSteps(t.Context()))
		const once = "back-fat 7 1, belly 1 0,  0 0, "
		if got := counted(); got != once {
			t.Errorf("kept %q", got)
		}
		s.CountStep(step("back-fat", clinic.StepSeen, day))
		check(t, s.KeepSteps(t.Context()))
		if got := counted(); got != "back-fat 8 1, belly 1 0,  0 0, " {
			t.Errorf("kept %q", got)
		}
		if rows := storetest.Read(t, address).Count("visitor_steps")["visitor_steps"]; rows != 3 {
			t.Errorf("%d rows", rows)
		}
	})
}

// TestSteps_OfInventedLinks: links with ever new codes take no more room than a few hundred, and are counted all the same.
func TestSteps_OfInventedLinks(t *testing.T) {
	eachAddress(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, address string) {
		c := storetest.NewClinic(t, s)
		day := clinic.DateOf(storetest.Begin, c.Branch.Location())
		const many = 2000
		for i := range many {
			s.CountStep(clinic.VisitorStep{BranchID: c.Branch.ID, Day: day, Attribution: clinic.Attribution{Article: fmt.Sprint(i)}, Step: clinic.StepSeen})
			if i == many/2 {
				check(t, s.KeepSteps(t.Context()))
			}
		}
		check(t, s.KeepSteps(t.Context()))
		if rows := storetest.Read(t, address).Count("visitor_steps")["visitor_steps"]; rows > 400 {
			t.Errorf("%d rows", rows)
		}
		n, err := s.Numbers(t.Context(), storetest.Owner, c.Branch, store.NumbersQuery{Period: clinic.Period{First: day, Last: day}})
		check(t, err)
		if n.All.Seen != many {
			t.Errorf("%d of %d were counted", n.All.Seen, many)
		}
	})
}

// TestSteps_OfAFailedChange are written with the next.
func TestSteps_OfAFailedChange(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		step := clinic.VisitorStep{BranchID: "nowhere", Day: clinic.DateOf(storetest.Begin, c.Branch.Location()), Step: clinic.StepSeen}
		s.CountStep(step)
		if err := s.KeepSteps(t.Context()); err == nil {
			t.Fatalf("steps at no branch: %v", err)
		}
		if err := s.KeepSteps(t.Context()); err == nil {
			t.Error("what could not be written was forgotten")
		}
	})
}
