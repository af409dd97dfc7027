package patient_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// kept is what the script of a page is told.
type kept struct {
	Revision, Answered, Asked int
	Progress, Left, Saved     string
}

func readKept(t *testing.T, a *servertest.Answer) (k kept) {
	t.Helper()
	servertest.Must(t, json.Unmarshal([]byte(a.Body), &k))
	return k
}

// What is given is stored while the page is filled in, and nothing of it counts as sent. The letter's link leads back to the same place.
func TestIntake_KeepsWhatIsGiven(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v := s.Visitor(t)
		token := v.Book(s.Slots[0].ID)
		section := bodySection(t, s)
		path := "/intake/" + token + "/" + section.ID
		page := v.Get(path).Want(http.StatusOK)
		if page.Find("form[data-keep]").Length() != 1 {
			t.Error("the page does not say that it keeps")
		}
		first := readKept(t, v.PostForm(path, page.Form("height", "158", "weight", "六十", "next", "keep")).Want(http.StatusOK))
		chart, err := s.Store.Intake(t.Context(), clinic.PatientByLink(token))
		servertest.Must(t, err)
		if r := chart.Intake; !slices.Equal(r.Answers["height"], []string{"158"}) || !slices.Equal(r.Typed["weight"], []string{"六十"}) || len(r.Done) > 0 {
			t.Errorf("stored is %+v", r)
		}
		if first.Revision != 1 || first.Answered != 1 || first.Asked < 20 || first.Progress == "" || first.Left == "" || first.Saved == "" {
			t.Errorf("the page is told %+v", first)
		}
		if to := v.Get("/intake/" + token).Want(http.StatusSeeOther).Location(); to != path+"#q-weight" {
			t.Errorf("the link leads to %s", to)
		}

		// The same page goes on with the revision that it was told; another one that does not know of it changes nothing.
		second := page.Form("height", "159", "weight", "60", "next", "keep", "seen-revision", "1")
		if k := readKept(t, v.PostForm(path, second).Want(http.StatusOK)); k.Revision != 2 || k.Answered != 2 {
			t.Errorf("the page is told %+v", k)
		}
		v.PostForm(path, page.Form("height", "171", "weight", "60", "next", "keep")).Want(http.StatusConflict)
		if got := answersOf(t, s, token)["height"]; !slices.Equal(got, []string{"159"}) {
			t.Errorf("in force is %v", got)
		}
	})
}

// What was sent as a whole is a version; a change of it is sent as a whole as well, and is the next one, until the counseling begins.
func TestIntake_EachChangeIsAVersion(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v := s.Visitor(t)
		token := v.Book(s.Slots[0].ID)
		s.AnswerIntake(t, token, servertest.Answers())
		section := bodySection(t, s)
		path := "/intake/" + token + "/" + section.ID
		versions := func() int { return len(s.Facts(t)["intake_versions"]) }
		before := versions()
		page := v.Get(path).Want(http.StatusOK)
		if before == 0 || page.Find("form[data-keep]").Length() != 0 {
			t.Errorf("there are %d versions, and the page of what was sent says that it keeps: %v", before, page.Find("form[data-keep]").Length())
		}
		v.PostForm(path, page.Form("height", "171", "next", "keep")).Want(http.StatusConflict)
		if got := answersOf(t, s, token)["height"]; !slices.Equal(got, []string{"160"}) || versions() != before {
			t.Errorf("by the way, it has become %v", got)
		}
		v.PostForm(path, page.Form("height", "171")).Want(http.StatusSeeOther)
		if got := answersOf(t, s, token)["height"]; !slices.Equal(got, []string{"171"}) || versions() != before+1 {
			t.Errorf("sent, it has become %v, and there are %d versions", got, versions())
		}
		// Called in early, the patient can change nothing more. Whoever waits in the waiting room can.
		bookingID := s.BookingAt(t, s.Slots[0].ID)
		s.Clock.Advance(s.Slots[0].StartsAt.Sub(s.Clock.Now()))
		servertest.Must(t, s.Store.Step(t.Context(), storetest.Owner, bookingID, clinic.Booked, clinic.Arrived))
		v.PostForm(path, v.Get(path).Want(http.StatusOK).Form("height", "172")).Want(http.StatusSeeOther)
		servertest.Must(t, s.Store.Step(t.Context(), storetest.Owner, bookingID, clinic.Arrived, clinic.InProgress))
		v.PostForm(path, page.Form("height", "173")).Want(http.StatusConflict).WantText("main", "そのまま医師にお話しください")
		if versions() != before+2 {
			t.Errorf("there are %d versions", versions())
		}
	})
}

// A page that is still open on one device keeps what it has, after everything was sent from another: nothing differs, and the intake stays
// complete.
func TestIntake_KeepingTheSameLeavesItComplete(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v := s.Visitor(t)
		token := v.Book(s.Slots[0].ID)
		section := bodySection(t, s)
		s.AnswerIntake(t, token, servertest.Answers(), 1)
		page := v.Get("/intake/" + token + "/" + section.ID).Want(http.StatusOK)
		s.AnswerIntake(t, token, servertest.Answers())
		before, err := s.Store.Intake(t.Context(), clinic.PatientByLink(token))
		servertest.Must(t, err)
		form := page.Form("next", "keep")
		for name, values := range servertest.SectionForm(section, servertest.Answers()) {
			if name != "seen-revision" {
				form[name] = values
			}
		}
		v.PostForm("/intake/"+token+"/"+section.ID, form).Want(http.StatusOK)
		after, err := s.Store.Intake(t.Context(), clinic.PatientByLink(token))
		servertest.Must(t, err)
		if before.Intake.CompletedAt == nil || after.Intake.CompletedAt == nil || after.Intake.Revision != before.Intake.Revision {
			t.Errorf("revision %d is now %d, completed at %v", before.Intake.Revision, after.Intake.Revision, after.Intake.CompletedAt)
		}
	})
}

// A wrong tap on one page hides a question of another. Taken back, on whatever device, nothing was lost; sent, what is hidden is left out.
func TestIntake_AWrongTapIsTakenBack(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v := s.Visitor(t)
		token := v.Book(s.Slots[0].ID)
		of := func(question string) string {
			for _, section := range s.Questions.Intake {
				for _, q := range section.Questions {
					if q.ID == question {
						return "/intake/" + token + "/" + section.ID
					}
				}
			}
			t.Fatal("nothing asks " + question)
			return ""
		}
		groups, illness := of("hx_group"), of("hx_heart")
		if groups == illness {
			t.Fatal("they are on one page")
		}
		keep := func(path string, pairs ...string) {
			t.Helper()
			v.PostForm(path, v.Get(path).Want(http.StatusOK).Form(append(pairs, "next", "keep")...)).Want(http.StatusOK)
		}
		keep(groups, "hx_group", "heart")
		keep(illness, "hx_heart", "bp")
		keep(groups, "hx_group", "none")
		if got := answersOf(t, s, token)["hx_heart"]; got != nil {
			t.Errorf("what is hidden is an answer: %v", got)
		}
		keep(groups, "hx_group", "heart")
		if got := answersOf(t, s, token)["hx_heart"]; !slices.Equal(got, []string{"bp"}) {
			t.Errorf("taken back, the answer is %v", got)
		}
		answers := servertest.Answers()
		answers["hx_group"] = []string{"none"}
		for name := range answers {
			if strings.HasPrefix(name, "hx_") && name != "hx_group" && name != "hx_cold" {
				delete(answers, name)
			}
		}
		s.AnswerIntake(t, token, answers)
		chart, err := s.Store.Intake(t.Context(), clinic.PatientByLink(token))
		servertest.Must(t, err)
		if chart.Intake.CompletedAt == nil || chart.Intake.Given("hx_heart") != nil {
			t.Errorf("sent at %v, with %v", chart.Intake.CompletedAt, chart.Intake.Given("hx_heart"))
		}
	})
}
