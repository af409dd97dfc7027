package store_test

import (
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestHandover_GivesTheChartAway: the colleague reads the chart and finds it on their day, the former doctor no more; who wrote keeps the note.
func TestHandover_GivesTheChartAway(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		n, ctx := openNoted(t, s, clock), t.Context()
		day := func(actor clinic.Actor) int {
			t.Helper()
			charts, err := s.Charts(ctx, actor, clock.Now().Add(-24*time.Hour), clock.Now().Add(24*time.Hour))
			check(t, err)
			return len(charts)
		}
		reads := func(actor clinic.Actor, want bool) {
			t.Helper()
			_, err := s.ChartFor(ctx, actor, n.bookingID)
			if (err == nil) != want || err != nil && clinic.CodeOf(err) != clinic.NotFound {
				t.Errorf("reads the chart: %v, want %t", err, want)
			}
			if got := day(actor) == 1; got != want {
				t.Errorf("has it on the day: %t, want %t", got, want)
			}
		}
		reads(n.first, true)
		reads(n.second, false)
		others, err := s.Colleagues(ctx, n.first, n.bookingID)
		check(t, err)
		if len(others) != 1 || others[0].ID != n.second2 {
			t.Errorf("it can be handed to %v", others)
		}
		for _, to := range []string{"", n.firstID, "nobody"} {
			wantCode(t, s.HandOver(ctx, n.first, n.bookingID, to, ""), clinic.Invalid)
		}
		check(t, s.HandOver(ctx, n.first, n.bookingID, n.second2, " 診察が長引いたため "))
		reads(n.first, false)
		reads(n.second, true)
		if _, err := s.NoteFor(ctx, n.first, n.bookingID); clinic.CodeOf(err) != clinic.NotFound {
			t.Errorf("who has written nothing has no note: %v", err)
		}
		told, err := s.Handovers(ctx, n.second, n.bookingID)
		check(t, err)
		if len(told) != 1 || told[0].Reason != "診察が長引いたため" || told[0].From.ID != n.firstID || told[0].To.ID != n.second2 || told[0].By != n.first.Staff.ID || !told[0].At.Equal(clock.Now()) {
			t.Errorf("recorded is %+v", told)
		}
		handed, err := s.HandedOver(ctx, storetest.Owner, n.bookingID)
		check(t, err)
		if h := handed[n.bookingID]; h.To.ID != n.second2 || h.Reason != "" {
			t.Errorf("the front desk sees %+v", h)
		}
		elsewhere := clinic.StaffActor(clinic.Staff{ID: "x", Role: clinic.FrontDesk, Active: true, Branches: []string{n.Other.ID}})
		if handed, err = s.HandedOver(ctx, elsewhere, n.bookingID); err != nil || len(handed) > 0 {
			t.Errorf("another branch sees %v, %v", handed, err)
		}
		// Who has begun to write before may end it, without the answers.
		clock.Advance(time.Minute)
		_, err = n.save(t, s, n.second, clinic.Screen{}, "書きかけ")
		check(t, err)
		check(t, s.HandOver(ctx, n.second, n.bookingID, n.firstID, ""))
		reads(n.first, true)
		reads(n.second, false)
		note, err := s.NoteFor(ctx, n.second, n.bookingID)
		if err != nil || note.Reads || note.Draft.Proposal != "書きかけ" {
			t.Errorf("the former doctor has %+v, %v", note.Draft, err)
		}
		_, err = s.SignNote(ctx, n.second, n.bookingID, clinic.Screen{Revision: 1}, proposing("診たところ"), "", clinic.Signing{})
		check(t, err)
		note, err = s.NoteFor(ctx, n.first, n.bookingID)
		if err != nil || !note.Reads || note.Newest().DoctorID != n.second2 {
			t.Errorf("the doctor who reads now has %+v, %v", note.Newest(), err)
		}
	})
}

// TestHandover_IsForItsSlot: a booking that gets another time is that slot's doctor's.
func TestHandover_IsForItsSlot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		n, ctx := openNoted(t, s, clock), t.Context()
		check(t, s.HandOver(ctx, n.first, n.bookingID, n.second2, ""))
		var later string
		for _, slot := range n.Slots {
			if slot.DoctorID == n.firstID && slot.StartsAt.After(clock.Now().Add(time.Hour)) {
				later = slot.ID
			}
		}
		_, err := s.Move(ctx, storetest.Owner, n.bookingID, later, true)
		check(t, err)
		_, err = s.ChartFor(ctx, n.first, n.bookingID)
		check(t, err)
		_, err = s.ChartFor(ctx, n.second, n.bookingID)
		wantCode(t, err, clinic.NotFound)
		handed, err := s.HandedOver(ctx, storetest.Owner, n.bookingID)
		if err != nil || len(handed) > 0 {
			t.Errorf("the front desk sees %v, %v", handed, err)
		}
		check(t, s.Cancel(ctx, storetest.Owner, n.bookingID))
		wantCode(t, s.HandOver(ctx, n.first, n.bookingID, n.second2, ""), clinic.Conflict)
	})
}
