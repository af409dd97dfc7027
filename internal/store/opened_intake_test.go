package store_test

import (
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestChart_IsReadOfWhatIsStored: what a doctor read a moment ago is never shown for what is stored now: not when it was answered anew, and not
// when the row was altered or holds what was sealed for somebody else, be that open in memory already.
func TestChart_IsReadOfWhatIsStored(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, _ *storetest.Clock, address string) {
		c := storetest.NewClinic(t, s)
		one, other := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1)), storetest.Book(t, s, storetest.Request(c.Slots[1].ID, 2))
		answerAs(t, s, one.Token, true, intake.Answers{"meds": {"warf"}})
		answerAs(t, s, other.Token, true, intake.Answers{"meds": {"ins"}})
		reads := func() (said string, err error) {
			for i, receipt := range []clinic.Receipt{one, other} {
				chart, err := s.ChartFor(t.Context(), storetest.DoctorActor(c.Slots[i].DoctorID), receipt.BookingID)
				if err != nil {
					return said, err
				}
				said += chart.Intake.Answers["meds"][0] + " "
			}
			return said, nil
		}
		for range 2 {
			if got, err := reads(); err != nil || got != "warf ins " {
				t.Fatalf("it reads %q, %v", got, err)
			}
		}
		answerAs(t, s, one.Token, true, intake.Answers{"meds": {"none"}})
		if got, err := reads(); err != nil || got != "none ins " {
			t.Fatalf("what was answered anew reads %q, %v", got, err)
		}
		storetest.Exec(t, address, "UPDATE intakes SET sealed = (SELECT sealed FROM intakes WHERE booking_id = $1) WHERE booking_id = $2", other.BookingID, one.BookingID)
		if got, err := reads(); err == nil {
			t.Errorf("what was sealed for somebody else reads %q", got)
		}
	})
}

// TestOpenedIntakes_DoNotStayOpen: answers are kept open in memory for ten minutes, and of a thousand intakes, at most.
func TestOpenedIntakes_DoNotStayOpen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		receipt := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1))
		answerAs(t, s, receipt.Token, true, intake.Answers{"meds": {"warf"}})
		read := func() {
			_, err := s.ChartFor(t.Context(), storetest.DoctorActor(c.Slots[0].DoctorID), receipt.BookingID)
			check(t, err)
		}
		read()
		clock.Advance(10*time.Minute - time.Second)
		read()
		if n := store.OpenedIntakes(s); n != 1 {
			t.Errorf("%d intakes are open after what was read twice, want 1", n)
		}
		answerAs(t, s, receipt.Token, true, intake.Answers{"meds": {"none"}})
		clock.Advance(time.Second)
		read()
		if n := store.OpenedIntakes(s); n != 1 {
			t.Errorf("%d intakes are open after ten minutes, want only the one that was read since", n)
		}
		store.OpenIntakes(s, 1024)
		if n := store.OpenedIntakes(s); n > 1024 {
			t.Errorf("%d intakes are open, want 1024 at most", n)
		}
	})
}
