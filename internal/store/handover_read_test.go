package store_test

import (
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// newCharts are the bookings whose charts are new to a doctor.
func newCharts(t *testing.T, s *store.Store, doctor clinic.Actor) (out []store.HandedChart) {
	t.Helper()
	out, err := s.NewCharts(t.Context(), doctor)
	check(t, err)
	n, err := s.CountNewCharts(t.Context(), doctor)
	check(t, err)
	if n != len(out) {
		t.Errorf("%d are counted, and %d listed", n, len(out))
	}
	return out
}

// TestHandover_IsNewUntilRead: who receives a chart is told who gave it and why until they have read it, by whatever they do with it; nobody else is.
func TestHandover_IsNewUntilRead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		n, ctx := openNoted(t, s, clock), t.Context()
		reads := map[string]func(id string){
			"marked": func(id string) { check(t, s.ReadHandover(ctx, n.second, n.bookingID, id)) },
			"written": func(string) {
				_, err := n.save(t, s, n.second, clinic.Screen{}, "運動")
				check(t, err)
			},
			"signed": func(string) {
				_, err := s.SignNote(ctx, n.second, n.bookingID, clinic.Screen{Revision: 1}, proposing("運動"), "", clinic.Signing{Sure: true})
				check(t, err)
			},
		}
		for _, how := range []string{"marked", "written", "signed"} {
			check(t, s.HandOver(ctx, n.first, n.bookingID, n.second2, "長引いたため"))
			list := newCharts(t, s, n.second)
			if len(list) != 1 || list[0].Handover.Reason != "長引いたため" || list[0].Handover.From.ID != n.firstID || list[0].Appointment.Booking.ID != n.bookingID {
				t.Fatalf("%s: new is %+v", how, list)
			}
			if list[0].Appointment.Booking.Details.Answers != nil || list[0].Appointment.Answered {
				t.Errorf("%s: the list holds answers", how)
			}
			if own := newCharts(t, s, n.first); len(own) != 0 {
				t.Errorf("%s: it is new to who gave it: %+v", how, own)
			}
			// What was given before, or is somebody else's, is not read by this.
			check(t, s.ReadHandover(ctx, n.second, n.bookingID, "another"))
			if err := s.ReadHandover(ctx, n.first, n.bookingID, list[0].Handover.ID); clinic.CodeOf(err) != clinic.NotFound {
				t.Errorf("%s: whoever gave it has read it: %v", how, err)
			}
			if len(newCharts(t, s, n.second)) != 1 {
				t.Errorf("%s: it is read already", how)
			}
			clock.Advance(time.Minute)
			reads[how](list[0].Handover.ID)
			if left := newCharts(t, s, n.second); len(left) != 0 {
				t.Errorf("%s: new is still %+v", how, left)
			}
			taken, err := s.TakenOver(ctx, n.second, n.bookingID)
			check(t, err)
			if h := taken[n.bookingID]; h.ReadAt == nil || !h.ReadAt.Equal(clock.Now()) || h.Reason != "長引いたため" {
				t.Errorf("%s: kept is %+v", how, h)
			}
			if other, err := s.TakenOver(ctx, n.first, n.bookingID); err != nil || len(other) != 0 {
				t.Errorf("%s: whoever gave it has got %+v, %v", how, other, err)
			}
			clock.Advance(time.Minute)
			check(t, s.HandOver(ctx, n.second, n.bookingID, n.firstID, ""))
			back := newCharts(t, s, n.first)
			if len(back) != 1 {
				t.Fatalf("%s: given back, new is %+v", how, back)
			}
			check(t, s.ReadHandover(ctx, n.first, n.bookingID, back[0].Handover.ID))
			clock.Advance(time.Minute)
		}
	})
}

// TestHandover_TakenBack: while it is unread, and by nobody but who gave it; the chart is theirs as it was before.
func TestHandover_TakenBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		n, ctx := openNoted(t, s, clock), t.Context()
		given := func(doctor clinic.Actor) []store.HandedChart {
			t.Helper()
			list, err := s.GivenCharts(ctx, doctor, clock.Now().Add(-24*time.Hour), clock.Now().Add(24*time.Hour))
			check(t, err)
			return list
		}
		refused := func(what string, doctor clinic.Actor, want clinic.Code) {
			t.Helper()
			if err := s.TakeBackHandover(ctx, doctor, n.bookingID); clinic.CodeOf(err) != want {
				t.Errorf("%s: %v", what, err)
			}
		}
		refused("nothing was given", n.first, clinic.NotFound)
		check(t, s.HandOver(ctx, n.first, n.bookingID, n.second2, "長引いたため"))
		if list := given(n.first); len(list) != 1 || list[0].Wrote || list[0].Handover.To.ID != n.second2 || list[0].Handover.Reason != "" {
			t.Fatalf("given is %+v", list)
		}
		if list := given(n.second); len(list) != 0 {
			t.Errorf("who got it has given %+v", list)
		}
		refused("who got it", n.second, clinic.NotFound)
		refused("the front desk", storetest.Owner, clinic.NotFound)
		clock.Advance(time.Minute)
		check(t, s.TakeBackHandover(ctx, n.first, n.bookingID))
		if a := appointmentOf(t, s, n.bookingID); a.Reader() != n.firstID {
			t.Error("the chart is not theirs again")
		}
		if len(newCharts(t, s, n.second))+len(given(n.first)) != 0 {
			t.Error("it is still handed over")
		}
		told, err := s.Handovers(ctx, n.first, n.bookingID)
		check(t, err)
		if told[0].Ended != clinic.HandedBack || !told[0].EndedAt.Equal(clock.Now()) {
			t.Errorf("recorded is %+v", told[0])
		}
		// Who had it handed to them has it again, and may have written meanwhile.
		check(t, s.HandOver(ctx, n.first, n.bookingID, n.second2, ""))
		clock.Advance(time.Minute)
		check(t, s.HandOver(ctx, n.second, n.bookingID, n.firstID, "やはり"))
		clock.Advance(time.Minute)
		check(t, s.TakeBackHandover(ctx, n.second, n.bookingID))
		if a := appointmentOf(t, s, n.bookingID); a.Reader() != n.second2 {
			t.Error("the chart is not the second doctor's again")
		}
		refused("twice", n.second, clinic.NotFound)
		_, err = n.save(t, s, n.second, clinic.Screen{}, "読んで書きました")
		check(t, err)
		refused("read", n.first, clinic.Conflict)
		if a := appointmentOf(t, s, n.bookingID); a.Reader() != n.second2 {
			t.Error("what was read was taken back")
		}
	})
}
