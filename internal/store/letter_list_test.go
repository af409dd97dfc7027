package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestLetterList: the letters of a period, the latest first, narrowed and page by page; of branches where whoever asks is at home.
func TestLetterList(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		t.Helper()
		ctx := t.Context()
		s.LiftLimits()
		c := storetest.NewClinic(t, s)
		begin := clock.Now()
		for n := range 6 {
			storetest.Book(t, s, storetest.Request(c.Slots[n].ID, n))
			if n%2 == 1 {
				clock.Advance(time.Minute) // two are due at once
			}
		}
		for n, failure := range []string{"smtp 550 5.1.1", "smtp 550", "", "smtp 550 5.1.1", "connect"} {
			l := claim(t, s)
			if failure == "" {
				check(t, s.LetterSent(ctx, l))
			} else {
				check(t, s.LetterFailed(ctx, l, failure, n < 4))
			}
		}
		all := store.LetterQuery{From: begin, Until: begin.Add(time.Hour), Limit: 100}
		list := func(actor clinic.Actor, change func(*store.LetterQuery)) (found []clinic.Letter) {
			t.Helper()
			q := all
			change(&q)
			found, err := s.LetterList(ctx, actor, q)
			check(t, err)
			return found
		}
		whole := list(storetest.Owner, func(*store.LetterQuery) {})
		if len(whole) != 6 || !slices.IsSortedFunc(whole, func(a, b clinic.Letter) int { return b.DueAt.Compare(a.DueAt) }) {
			t.Fatalf("%d letters, out of order perhaps", len(whole))
		}
		var paged []clinic.Letter
		for after := (store.LetterRow{}); ; after = store.RowOfLetter(paged[len(paged)-1]) {
			piece := list(storetest.Owner, func(q *store.LetterQuery) { q.After, q.Limit = after, 1 })
			if len(piece) == 0 {
				break
			}
			paged = append(paged, piece...)
		}
		if fmt.Sprint(paged) != fmt.Sprint(whole) {
			t.Error("page by page it is another list")
		}
		away := clinic.StaffActor(clinic.Staff{ID: "away", Role: clinic.FrontDesk, Active: true, Branches: []string{c.Other.ID}})
		for name, test := range map[string]struct {
			want   int
			actor  clinic.Actor
			change func(*store.LetterQuery)
		}{
			"sent":            {1, storetest.Owner, func(q *store.LetterQuery) { q.Statuses = []clinic.LetterStatus{clinic.LetterSent} }},
			"given up":        {3, storetest.Owner, func(q *store.LetterQuery) { q.Statuses = []clinic.LetterStatus{clinic.LetterFailed} }},
			"of one reason":   {2, storetest.Owner, func(q *store.LetterQuery) { q.Failures = []string{"smtp 550 5.1.1"} }},
			"the branch":      {6, storetest.Owner, func(q *store.LetterQuery) { q.BranchID = c.Branch.ID }},
			"another branch":  {0, storetest.Owner, func(q *store.LetterQuery) { q.BranchID = c.Other.ID }},
			"of another's":    {0, away, func(*store.LetterQuery) {}},
			"of another time": {0, storetest.Owner, func(q *store.LetterQuery) { q.From, q.Until = begin.Add(-time.Hour), begin }},
			"of a part of it": {2, storetest.Owner, func(q *store.LetterQuery) { q.Until = begin.Add(time.Minute) }},
		} {
			if found := list(test.actor, test.change); len(found) != test.want {
				t.Errorf("%s: %d letters, want %d", name, len(found), test.want)
			}
		}
		failures, err := s.LetterFailures(ctx, storetest.Owner, all)
		if want := map[string]int{"smtp 550 5.1.1": 2, "smtp 550": 1, "connect": 1}; err != nil || fmt.Sprint(failures) != fmt.Sprint(want) {
			t.Errorf("the failures are %v (%v)", failures, err)
		}
		if failures, err := s.LetterFailures(ctx, away, all); err != nil || len(failures) > 0 {
			t.Errorf("of another branch's letters is known %v (%v)", failures, err)
		}
	})
}

// TestResendTogether: all letters of a reason are sent again, once however often it is asked; not those of another reason or branch, that were
// sent again since, or that say what no longer stands.
func TestResendTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		t.Helper()
		ctx := t.Context()
		s.LiftLimits()
		c := storetest.NewClinic(t, s)
		bookings := map[string]string{}
		var order []string
		for n := range 6 {
			clock.Advance(time.Second)
			id := storetest.Book(t, s, storetest.Request(c.Slots[n].ID, n)).BookingID
			order = append(order, id)
			bookings[id] = []string{"smtp 554", "smtp 554 5.7.1", "smtp 550 5.1.1", "smtp 554", "smtp 554", "smtp 554"}[n]
		}
		for range order {
			l := claim(t, s)
			check(t, s.LetterFailed(ctx, l, bookings[l.BookingID], true))
		}
		check(t, s.Cancel(ctx, storetest.Owner, order[3])) // which withdraws its letter
		check(t, s.LetterSent(ctx, claim(t, s)))           // that of the cancellation
		seen := clock.Now()
		clock.Advance(time.Second)
		again := onlyLetter(t, s, order[4])
		check(t, s.Resend(ctx, storetest.Owner, order[4], again.ID))
		check(t, s.LetterFailed(ctx, claim(t, s), "smtp 554", true)) // it failed again since
		reasons := []string{"smtp 554", "smtp 554 5.7.1"}
		send := func(actor clinic.Actor, most, want int) {
			t.Helper()
			if n, err := s.ResendTogether(ctx, actor, reasons, seen, most); err != nil || n != want {
				t.Errorf("%d letters were sent again (%v), want %d", n, err, want)
			}
		}
		send(clinic.StaffActor(clinic.Staff{ID: "away", Role: clinic.FrontDesk, Active: true, Branches: []string{c.Other.ID}}), 10, 0)
		send(storetest.Owner, 0, 0)
		send(storetest.Owner, 1, 1)
		send(storetest.Owner, 10, 2)
		send(storetest.Owner, 10, 0)
		var due []string
		for range 3 {
			l := claim(t, s)
			due = append(due, l.BookingID)
			check(t, s.LetterFailed(ctx, l, "smtp 554", true))
		}
		wantNoneDue(t, s)
		if want := []string{order[0], order[1], order[5]}; !slices.Equal(slices.Sorted(slices.Values(due)), slices.Sorted(slices.Values(want))) {
			t.Errorf("sent again are %v, want %v", due, want)
		}
		send(storetest.Owner, 10, 0) // the form sent once more, though they have failed again
		seen = clock.Now()
		send(storetest.Owner, 10, 4)
	})
}

func TestWorkers_OfTheLastDay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		begin := clock.Now()
		check(t, s.Beat(t.Context(), "first"))
		clock.Advance(23 * time.Hour)
		check(t, s.Beat(t.Context(), "second"))
		clock.Advance(4 * time.Minute)
		workers, err := s.Workers(t.Context())
		check(t, err)
		if len(workers) != 2 || workers[0].ID != "second" || !workers[0].Alive(clock.Now()) || workers[1].Alive(clock.Now()) || !workers[1].StartedAt.Equal(begin) {
			t.Errorf("%+v", workers)
		}
		clock.Advance(56 * time.Minute)
		if workers, err = s.Workers(t.Context()); err != nil || len(workers) != 1 {
			t.Errorf("%+v (%v)", workers, err)
		}
	})
}
