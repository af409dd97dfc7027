package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// answerAs stores answers as a patient who has sent them as complete, or not.
func answerAs(t *testing.T, s *store.Store, token string, complete bool, answers intake.Answers) {
	t.Helper()
	_, err := s.AnswerIntake(t.Context(), clinic.PatientByLink(token), func(c store.Chart) (intake.Record, error) {
		r, now := c.Intake, storetest.Begin
		r.Answers, r.UpdatedAt, r.CompletedAt = answers, now, nil
		if complete {
			r.CompletedAt = &now
		}
		return r, nil
	})
	check(t, err)
}

func TestMarkRead_HoldsUntilTheAnswersChange(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		slot := c.Slots[0]
		receipt := storetest.Book(t, s, storetest.Request(slot.ID, 1))
		doctor := storetest.DoctorActor(slot.DoctorID)
		unread := func() bool {
			chart, err := s.ChartFor(t.Context(), doctor, receipt.BookingID)
			check(t, err)
			charts, err := s.Charts(t.Context(), doctor, storetest.Begin, storetest.Begin.AddDate(0, 0, 7))
			check(t, err)
			history, err := s.ChartHistory(t.Context(), doctor, receipt.BookingID)
			check(t, err)
			if charts[0].Read != chart.Read || history.Read != chart.Read {
				t.Errorf("read up to %d by itself, %d in the list and %d with its history", chart.Read, charts[0].Read, history.Read)
			}
			return chart.Intake.Unread(chart.Read)
		}
		mark := func(shown int) { t.Helper(); check(t, s.MarkRead(t.Context(), doctor, receipt.BookingID, shown)) }
		mark(1) // nothing was answered yet
		answerAs(t, s, receipt.Token, true, intake.Answers{"meds": {"warf"}})
		if !unread() {
			t.Error("what was answered counts as read before it was seen")
		}
		mark(1)
		if unread() {
			t.Error("what was read is unread")
		}
		answerAs(t, s, receipt.Token, true, intake.Answers{"meds": {"warf", "ins"}})
		if !unread() {
			t.Error("what changed after it was read is not unread")
		}
		mark(1) // a page that was drawn before the change
		if !unread() {
			t.Error("a page from before the change counts for what came after it")
		}
		mark(999) // nobody has read what is not there
		answerAs(t, s, receipt.Token, true, intake.Answers{"meds": {"warf", "ins", "glp"}})
		if !unread() {
			t.Error("a revision that was not there yet counts as read")
		}
		mark(3)
		mark(2)
		if unread() {
			t.Error("a page from before makes unread what was read since")
		}
		// Taken back, it is unread, until it is read once more; and whatever was read stays a version that everything later is told from.
		check(t, s.MarkUnread(t.Context(), doctor, receipt.BookingID))
		if !unread() {
			t.Error("a reading that was taken back counts")
		}
		mark(3)
		if unread() {
			t.Error("what was read once more is unread")
		}
		answerAs(t, s, receipt.Token, true, intake.Answers{"meds": {"glp"}})
		answerAs(t, s, receipt.Token, true, intake.Answers{"meds": {"ins"}})
		history, err := s.ChartHistory(t.Context(), doctor, receipt.BookingID)
		check(t, err)
		var read []int
		for _, v := range history.Versions {
			if v.Read {
				read = append(read, v.Revision)
			}
		}
		if !slices.Equal(read, []int{1, 2, 3}) {
			t.Errorf("revisions %v were read, want 1, 2 and 3", read)
		}
		// A colleague, and who is no doctor, reads nothing and marks nothing.
		for name, actor := range map[string]clinic.Actor{"a colleague": storetest.DoctorActor(colleagueOf(c, slot.DoctorID)), "an administrator": storetest.Owner} {
			if err := s.MarkRead(t.Context(), actor, receipt.BookingID, 3); clinic.CodeOf(err) != clinic.NotFound {
				t.Errorf("%s: %v", name, err)
			}
			if err := s.MarkUnread(t.Context(), actor, receipt.BookingID); clinic.CodeOf(err) != clinic.NotFound {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := s.ChartHistory(t.Context(), actor, receipt.BookingID); clinic.CodeOf(err) != clinic.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// colleagueOf is the other doctor of a clinic.
func colleagueOf(c storetest.Clinic, doctorID string) string {
	return c.Doctors[slices.IndexFunc(c.Doctors[:], func(d clinic.Doctor) bool { return d.ID != doctorID })].ID
}

// visited books a slot of the same patient and lets them come.
func visited(t *testing.T, s *store.Store, clock *storetest.Clock, slot clinic.SlotWithState, answers intake.Answers) clinic.Receipt {
	t.Helper()
	receipt := storetest.Book(t, s, storetest.Request(slot.ID, 1))
	answerAs(t, s, receipt.Token, true, answers)
	clock.Advance(slot.StartsAt.Sub(clock.Now()))
	check(t, s.Step(t.Context(), storetest.Owner, receipt.BookingID, clinic.Booked, clinic.Fulfilled))
	return receipt
}

// TestChartHistory_OfEarlierVisits: a doctor reads what they were told before, and of a visit to a colleague only that it was.
func TestChartHistory_OfEarlierVisits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		s.LiftLimits()
		own := storetest.AddSlots(t, s, c.Branch, c.Doctors[0], storetest.Begin.AddDate(0, 0, 5), 1)
		colleague := storetest.AddSlots(t, s, c.Branch, c.Doctors[1], storetest.Begin.AddDate(0, 0, 10), 1)
		later := storetest.AddSlots(t, s, c.Branch, c.Doctors[0], storetest.Begin.AddDate(0, 0, 20), 1)
		last := storetest.AddSlots(t, s, c.Branch, c.Doctors[0], storetest.Begin.AddDate(0, 0, 25), 1)
		first := visited(t, s, clock, own[0], intake.Answers{"weight": {"61.6"}})
		second := visited(t, s, clock, colleague[0], intake.Answers{"worry": {"同僚にだけ話したこと"}})
		missed := storetest.Book(t, s, storetest.Request(later[0].ID, 1))
		clock.Advance(later[0].StartsAt.Sub(clock.Now()) + time.Hour)
		check(t, s.Step(t.Context(), storetest.Owner, missed.BookingID, clinic.Booked, clinic.NoShow))
		now := storetest.Book(t, s, storetest.Request(last[0].ID, 1))
		for i, weight := range []string{"60", "60", "60.4"} {
			answerAs(t, s, now.Token, i > 0, intake.Answers{"weight": {weight}})
		}
		h, err := s.ChartHistory(t.Context(), storetest.DoctorActor(c.Doctors[0].ID), now.BookingID)
		check(t, err)
		var got []string
		for _, e := range h.Earlier {
			got = append(got, fmt.Sprintf("%s %v %v", e.Appointment.Booking.Reference, e.Intake.Answers, len(e.Appointment.Booking.Details.Answers) > 0))
		}
		want := []string{second.Reference + " map[] false", first.Reference + " map[weight:[61.6]] true"}
		if !slices.Equal(got, want) {
			t.Errorf("earlier visits %q, want %q", got, want)
		}
		if h.Appointment.Booking.ID != now.BookingID || h.Intake.Answers["weight"][0] != "60.4" {
			t.Errorf("the chart is of %s", h.Appointment.Booking.ID)
		}
		if len(h.Versions) != 2 || h.Versions[0].Answers["weight"][0] != "60" || h.Versions[1].Answers["weight"][0] != "60.4" {
			t.Errorf("versions %+v", h.Versions)
		}
		// What is read of a visit knows nothing of what came after it.
		h, err = s.ChartHistory(t.Context(), storetest.DoctorActor(c.Doctors[0].ID), first.BookingID)
		check(t, err)
		if len(h.Earlier) != 0 {
			t.Errorf("before the first visit there were %d", len(h.Earlier))
		}
	})
}

// TestChart_ReadsWithSixQueries: a chart with its list, however many visits, versions and counselings there are; and a day of 20 as one of one.
func TestChart_ReadsWithSixQueries(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		c := storetest.NewClinic(t, s)
		s.LiftLimits()
		doctor := storetest.DoctorActor(c.Doctors[0].ID)
		slots := storetest.AddSlots(t, s, c.Branch, c.Doctors[0], storetest.Begin.AddDate(0, 0, 20), 26)
		for _, slot := range slots[:5] {
			visited(t, s, clock, slot, intake.Answers{"weight": {"61"}})
		}
		now := storetest.Book(t, s, storetest.Request(slots[6].ID, 1))
		for i := range 3 {
			answerAs(t, s, now.Token, true, intake.Answers{"weight": {fmt.Sprint(60 + i)}})
		}
		for n := range 19 {
			storetest.Book(t, s, storetest.Request(slots[7+n].ID, 2+n))
		}
		var asked []string
		s.OnStatement(func(statement string, _ []any) { asked = append(asked, statement) })
		days := func(clinic.Appointment) (from, until time.Time) { return slots[6].StartsAt, slots[25].EndsAt }
		h, list, err := s.ChartBeside(t.Context(), doctor, now.BookingID, days)
		check(t, err)
		ids := make([]string, len(list))
		for i, each := range list {
			ids[i] = each.Appointment.Booking.ID
		}
		_, err = s.NoteStates(t.Context(), doctor, ids...)
		check(t, err)
		if len(h.Earlier) != 5 || len(h.Versions) != 3 || len(list) != 20 || len(asked) > 6 {
			t.Errorf("%d visits, %d versions and a list of %d are read with %d queries:\n%s", len(h.Earlier), len(h.Versions), len(list), len(asked), strings.Join(asked, "\n"))
		}
		if list[0].Intake.Answers["weight"][0] != "62" || list[0].Intake.Revision != h.Intake.Revision {
			t.Errorf("the list has other answers than the chart: %+v", list[0].Intake)
		}
		asked = nil
		for _, until := range []time.Time{slots[6].EndsAt, slots[25].EndsAt} {
			before := len(asked)
			charts, err := s.Charts(t.Context(), doctor, slots[6].StartsAt, until)
			check(t, err)
			if n := len(asked) - before; n != 3 {
				t.Errorf("a list of %d is read with %d queries", len(charts), n)
			}
		}
	})
}
