package office_test

import (
	"maps"
	"net/http"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// TestNote_KeepsABoxThatNoLongerFollows: a box that stood on the doctor's page stays ticked, though the patient has taken back the answer from
// which it followed, or the chart was given to a colleague meanwhile.
func TestNote_KeepsABoxThatNoLongerFollows(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		noted := func(receipt clinic.Receipt) bool {
			n, err := s.Store.NoteFor(t.Context(), storetest.DoctorActor(s.Doctors[0].ID), receipt.BookingID)
			servertest.Must(t, err)
			return n.Draft.HasExplained("anticoagulant") || n.Newest().HasExplained("anticoagulant")
		}
		later := s.Book(t, s.SlotOf(t, 0, 3), 1)
		s.AnswerIntake(t, later.Token, answers)
		s.Clock.Advance(25 * time.Hour) // the day of the counseling, before it
		b := s.SignedIn(t, servertest.Doctor)
		path := "/office/charts/" + later.BookingID + "/note"
		a := b.Get(path).Want(http.StatusOK)
		fewer := maps.Clone(answers)
		fewer["med_any"] = []string{"no"}
		delete(fewer, "meds")
		delete(fewer, "med_names")
		s.AnswerIntake(t, later.Token, fewer)
		b.PostForm(path, typed(a, "do", "auto", "explained", "anticoagulant", "proposal", "x")).Want(http.StatusOK)
		if !noted(later) {
			t.Error("what the doctor ticked is gone, because the patient has changed an answer")
		}

		given := s.Book(t, s.SlotOf(t, 0, 4), 2)
		s.AnswerIntake(t, given.Token, answers)
		path = "/office/charts/" + given.BookingID + "/note"
		b.PostForm(path, typed(b.Get(path).Want(http.StatusOK), "do", "save", "proposal", "x")).Want(http.StatusSeeOther)
		a = b.Get(path)
		b.Post("/office/charts/"+given.BookingID+"/handover", "to", s.Doctors[1].ID, "reason", "r").Want(http.StatusSeeOther)
		b.PostForm(path, typed(a, "do", "sure", "explained", "anticoagulant", "explained", "cost", "proposal", "x")).Want(http.StatusSeeOther)
		if !noted(given) {
			t.Error("what the doctor ticked is gone from the signed note, because the chart was given to a colleague")
		}
	})
}

// TestDoctorDay_HoldsWithoutAnswers: what the booking says holds a treatment in the list as well as on the chart.
func TestDoctorDay_HoldsWithoutAnswers(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	request := storetest.Request(s.SlotOf(t, 0, 0).ID, 1)
	request.Patient.Birth = clinic.Date{Year: 2010, Month: 4, Day: 1}
	receipt := storetest.Book(t, s.Store, request)
	d := s.SignedIn(t, servertest.Doctor)
	d.Get("/office/charts/"+receipt.BookingID).WantText("#cautions", "保留")
	d.Get("/office/doctor?date=2026-11-25").WantText(".visit", "保留 1")
}
