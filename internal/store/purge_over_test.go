package store_test

import (
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestPurgeOver_AnswersOfWhoNeverCame: they go when the branch's days are over and not before, with what was answered with the booking; of who came they
// stay. The page says how much goes, and afterwards what went. Once more changes nothing.
func TestPurgeOver_AnswersOfWhoNeverCame(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		ctx := t.Context()
		c := storetest.NewClinic(t, s)
		came, missed := storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1)), storetest.Book(t, s, storetest.Request(c.Slots[1].ID, 2))
		for _, r := range []clinic.Receipt{came, missed} {
			answerAs(t, s, r.Token, true, intake.Answers{"worry": {"後ろ姿のこと"}})
		}
		branch := c.Branch
		branch.Settings.Keep = clinic.KeepRule{Answers: 40, Drafts: 50}
		branch, err := s.SaveBranch(ctx, storetest.Owner, branch)
		check(t, err)
		end := c.Slots[1].EndsAt
		clock.Advance(end.Add(time.Minute).Sub(clock.Now()))
		storetest.Exec(t, address, "UPDATE bookings SET status = 'arrived' WHERE id = '"+came.BookingID+"'")
		clock.Advance(end.AddDate(0, 0, 39).Sub(clock.Now()))
		if coming, err := s.PurgeComing(ctx, storetest.Owner, branch); err != nil || coming[clinic.PurgedAnswers] != 1 || coming[clinic.PurgedDrafts] != 0 {
			t.Errorf("a day before, %v are coming (%v)", coming, err)
		}
		before := storetest.Read(t, address)
		check(t, s.PurgeOver(ctx))
		if changed := storetest.Read(t, address).Changed(before); len(changed) > 0 {
			t.Errorf("a day too early %v change", changed)
		}
		clock.Advance(24 * time.Hour)
		check(t, s.PurgeOver(ctx))
		facts := storetest.Read(t, address)
		if len(facts["intakes"]) != 1 || len(facts["intake_versions"]) != 1 || !strings.Contains(facts["intakes"][0], came.BookingID) {
			t.Errorf("left are %d intakes with %d versions", len(facts["intakes"]), len(facts["intake_versions"]))
		}
		a := appointmentOf(t, s, missed.BookingID)
		if len(a.Booking.Details.Answers) > 0 || len(a.Booking.Details.Consents) != 2 || a.Patient.Phone == "" {
			t.Errorf("the booking says %+v of %s", a.Booking.Details, a.Patient.Phone)
		}
		if a := appointmentOf(t, s, came.BookingID); len(a.Booking.Details.Answers) == 0 {
			t.Error("who came has no answers any more")
		}
		today := clinic.DateOf(clock.Now(), branch.Location())
		if went, err := s.Purged(ctx, storetest.Owner, branch.ID); err != nil || len(went) != 1 || went[0] != (clinic.Purged{Kind: clinic.PurgedAnswers, Day: today, N: 1}) {
			t.Errorf("went %+v (%v)", went, err)
		}
		check(t, s.PurgeOver(ctx))
		if changed := storetest.Read(t, address).Changed(facts); len(changed) > 0 {
			t.Errorf("once more %v change", changed)
		}
		elsewhere := clinic.StaffActor(clinic.Staff{ID: "x", Role: clinic.Admin, Active: true, Branches: []string{c.Other.ID}})
		_, err = s.PurgeComing(ctx, elsewhere, branch)
		wantCode(t, err, clinic.NotFound)
		_, err = s.Purged(ctx, elsewhere, branch.ID)
		wantCode(t, err, clinic.NotFound)
	})
}

// TestPurgeOver_Drafts: what a doctor has not signed goes when the branch's days are over since it was saved; what is signed stays.
func TestPurgeOver_Drafts(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, _ string) {
		ctx := t.Context()
		n := openNoted(t, s, clock)
		_, err := s.SignNote(ctx, n.first, n.bookingID, clinic.Screen{}, proposing("署名"), "", clinic.Signing{})
		check(t, err)
		check(t, s.CorrectNote(ctx, n.first, n.bookingID, 1, "直す"))
		clock.Advance((clinic.DefaultKeepDrafts*24 - 1) * time.Hour)
		check(t, s.PurgeOver(ctx))
		note, err := s.NoteFor(ctx, n.first, n.bookingID)
		check(t, err)
		if !note.Draft.Open {
			t.Error("it went too early")
		}
		clock.Advance(time.Hour)
		check(t, s.PurgeOver(ctx))
		note, err = s.NoteFor(ctx, n.first, n.bookingID)
		check(t, err)
		if note.Draft.Open || len(note.Versions) != 1 {
			t.Errorf("the draft is open: %t, and %d versions", note.Draft.Open, len(note.Versions))
		}
	})
}

// TestAffected_AreThoseWhoWereSeen: by name, or in the calendar of a day on which they had a booking by then; by account, by days and by person.
func TestAffected_AreThoseWhoWereSeen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := t.Context()
		c := storetest.NewClinic(t, s)
		one, two := employed(t, s, clinic.FrontDesk, "one@example.jp"), employed(t, s, clinic.FrontDesk, "two@example.jp")
		named := appointmentOf(t, s, storetest.Book(t, s, storetest.Request(c.Slots[0].ID, 1)).BookingID)
		among := appointmentOf(t, s, storetest.Book(t, s, storetest.Request(c.Slots[1].ID, 2)).BookingID)
		day := clinic.DateOf(named.Slot.StartsAt, named.Branch.Location())
		clock.Advance(time.Minute)
		from := clock.Now()
		check(t, s.NoteSeen(ctx, one, store.Seen{Action: clinic.SawBooking, Of: clinic.AboutBooking(named)}))
		check(t, s.NoteSeen(ctx, one, store.Seen{Action: clinic.SawCalendar, Of: clinic.AboutDays(c.Branch.ID, day, day)}))
		clock.Advance(time.Minute)
		storetest.Book(t, s, storetest.Request(c.Slots[2].ID, 3)) // after it was looked at
		until := clock.Now().Add(time.Minute)
		ask := func(q store.AffectedQuery) []clinic.Affected {
			t.Helper()
			q.From, q.Until = from, until
			people, all, err := s.Affected(ctx, storetest.Owner, q)
			check(t, err)
			if q.Limit == 0 && all != len(people)+q.Skip {
				t.Errorf("of %d it tells %d", all, len(people))
			}
			return people
		}
		all := ask(store.AffectedQuery{StaffID: one.Staff.ID})
		if len(all) != 2 || all[0].PatientID != named.Booking.PatientID || all[0].Named != 1 || all[0].Among != 1 || all[1].PatientID != among.Booking.PatientID || all[1].Named != 0 || all[1].Among != 1 ||
			all[0].Patient.Phone != named.Patient.Phone || !all[0].First.Equal(from) {
			t.Errorf("affected are %+v", all)
		}
		if all := ask(store.AffectedQuery{StaffID: two.Staff.ID}); len(all) != 0 {
			t.Errorf("by another account %+v", all)
		}
		if all := ask(store.AffectedQuery{StaffID: one.Staff.ID, PatientID: among.Booking.PatientID}); len(all) != 1 || all[0].Among != 1 {
			t.Errorf("of one person %+v", all)
		}
		if some := ask(store.AffectedQuery{StaffID: one.Staff.ID, Limit: 1}); len(some) != 1 || some[0].PatientID != all[0].PatientID {
			t.Errorf("the first are %+v", some)
		}
		if rest := ask(store.AffectedQuery{StaffID: one.Staff.ID, Skip: 1}); len(rest) != 1 || rest[0].PatientID != all[1].PatientID {
			t.Errorf("the others are %+v", rest)
		}
		earlier, _, err := s.Affected(ctx, storetest.Owner, store.AffectedQuery{From: from.Add(-time.Hour), Until: from, StaffID: one.Staff.ID})
		if err != nil || len(earlier) != 0 {
			t.Errorf("before, %+v (%v)", earlier, err)
		}
		_, _, err = s.Affected(ctx, one, store.AffectedQuery{From: from, Until: until})
		wantCode(t, err, clinic.NotFound)
	})
}

// TestAffected_AsksOnceForAll: however many were seen, and into whomever they were merged, it asks the database as often, and counts who was merged with the
// one who is kept.
func TestAffected_AsksOnceForAll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx, c := t.Context(), storetest.NewClinic(t, s)
		one := employed(t, s, clinic.FrontDesk, "one@example.jp")
		clock.Advance(time.Minute)
		from := clock.Now()
		seen := func(n int) clinic.Appointment {
			a := appointmentOf(t, s, storetest.Book(t, s, storetest.Request(c.Slots[n].ID, n)).BookingID)
			check(t, s.NoteSeen(ctx, one, store.Seen{Action: clinic.SawBooking, Of: clinic.AboutBooking(a)}))
			return a
		}
		asked := 0
		s.OnStatement(func(string, []any) { asked++ })
		ask := func() (people []clinic.Affected, statements int) {
			t.Helper()
			asked = 0
			people, all, err := s.Affected(ctx, storetest.Owner, store.AffectedQuery{From: from, Until: clock.Now().Add(time.Minute), StaffID: one.Staff.ID})
			check(t, err)
			if all != len(people) {
				t.Errorf("of %d it tells %d", all, len(people))
			}
			return people, asked
		}
		first := seen(0)
		if people, _ := ask(); len(people) != 1 {
			t.Fatalf("affected are %+v", people)
		}
		_, few := ask()
		others := []clinic.Appointment{seen(1), seen(2), seen(3), seen(4)}
		for _, merge := range [][2]clinic.Appointment{{others[0], others[1]}, {first, others[0]}} { // one into another, who is merged in turn
			_, err := s.MergePatients(ctx, storetest.Owner, merge[0].Booking.PatientID, merge[1].Booking.PatientID)
			check(t, err)
		}
		people, many := ask()
		if len(people) != 3 || people[0].PatientID != first.Booking.PatientID || people[0].Named != 3 || people[0].Patient.Phone != first.Patient.Phone {
			t.Errorf("affected are %+v", people)
		}
		if many != few {
			t.Errorf("it asks %d times for one person and %d times for five", few, many)
		}
		check(t, s.Run("DELETE FROM patient_terms WHERE patient_id = ?", others[3].Booking.PatientID))
		check(t, s.Run("UPDATE patients SET erased_at = ? WHERE id = ?", clock.Now(), others[3].Booking.PatientID))
		for _, a := range func() []clinic.Affected { people, _ := ask(); return people }() {
			if a.Erased != (a.PatientID == others[3].Booking.PatientID) || a.Erased != (a.Patient.Phone == "") {
				t.Errorf("whether they were erased: %+v", a)
			}
		}
	})
}
