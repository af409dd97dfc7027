package office_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/servertest"
)

const questions = "/office/questionnaire"

// draftOf is the draft as it is stored.
func draftOf(t *testing.T, b *servertest.Booked) intake.Draft {
	t.Helper()
	d, _, err := b.Store.Draft(t.Context(), clinic.StaffActor(b.Staff[servertest.Admin]))
	servertest.Must(t, err)
	return d
}

// formOf is what a browser would send of the form of a question, its lists included.
func formOf(a *servertest.Answer) url.Values {
	form := a.Form()
	a.Find("#question select[name]").Each(func(_ int, list *goquery.Selection) {
		chosen := list.Find("option[selected]")
		if chosen.Length() == 0 {
			chosen = list.Find("option").First()
		}
		form.Add(list.AttrOr("name", ""), chosen.AttrOr("value", ""))
	})
	return form
}

func beginDraft(t *testing.T, b *servertest.Booked) {
	t.Helper()
	b.Admin.Post(questions+"/draft", "do", "begin", "from", b.Questions.Version).Want(http.StatusSeeOther)
}

// TestQuestionnaire_TwoEditors: who saves a question over what they have not seen is shown both, and chooses; who edits another question
// hears nothing of it. A form that changes nothing stores the question as it was.
func TestQuestionnaire_TwoEditors(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	beginDraft(t, b)
	for _, s := range draftOf(t, b).Questions.All() {
		for _, q := range s.Questions {
			path := questions + "/questions/" + q.ID
			form := formOf(b.Admin.Get(path).Want(http.StatusOK))
			b.Admin.PostForm(path, form).Want(http.StatusSeeOther)
		}
	}
	before, err := intake.ReadDraft(b.Shipped.Questions)
	servertest.Must(t, err)
	if changes := intake.Difference(before, draftOf(t, b).Questions); len(changes) > 0 {
		t.Fatalf("forms that changed nothing changed %+v", changes)
	}

	path := questions + "/questions/sleep"
	mine, theirs := formOf(b.Admin.Get(path)), formOf(b.Admin.Get(path))
	other := formOf(b.Admin.Get(questions + "/questions/fam"))
	theirs.Set("label-ja", "よく眠れますか")
	b.Admin.PostForm(path, theirs).Want(http.StatusSeeOther)
	other.Set("label-ja", "ご家族のご病気")
	b.Admin.PostForm(questions+"/questions/fam", other).Want(http.StatusSeeOther)
	mine.Set("label-ja", "睡眠について")
	conflict := b.Admin.PostForm(path, mine).Want(http.StatusConflict)
	if text := conflict.Page().Find("main").Text(); !strings.Contains(text, "よく眠れますか") || !strings.Contains(text, "睡眠について") {
		t.Errorf("the conflict does not show both: %s", text)
	}
	chosen := conflict.Form()
	chosen.Set("choice-label-ja", "typed")
	b.Admin.PostForm(path, chosen).Want(http.StatusSeeOther)
	if q, _ := draftOf(t, b).Questions.Question("sleep"); q.Label.JA != "睡眠について" {
		t.Errorf("stored: %s", q.Label.JA)
	}
}

// TestQuestionnaire_FormKeepsWhatWasTyped: what is wrong is said at its field, and buttons that change the form store nothing.
func TestQuestionnaire_FormKeepsWhatWasTyped(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	beginDraft(t, b)
	path := questions + "/questions/height"
	revision := draftOf(t, b).Revision
	form := formOf(b.Admin.Get(path))
	form.Set("label-ja", "身長を教えてください")
	form.Set("max", "たくさん")
	wrong := b.Admin.PostForm(path, form).Want(http.StatusUnprocessableEntity)
	if wrong.Find("#max-error").Length() == 0 || wrong.Find("#label-ja").Text() != "身長を教えてください" {
		t.Error("what was typed is lost, or its mistake is not said")
	}
	form.Set("do", "more:test")
	drawn := b.Admin.PostForm(path, form).Want(http.StatusOK)
	if drawn.Find("#test-0").Length() != 1 || drawn.Find("#label-ja").Text() != "身長を教えてください" {
		t.Error("the form was not drawn anew with what was typed")
	}
	if now := draftOf(t, b); now.Revision != revision {
		t.Error("drawing the form has stored something")
	}
}

// TestQuestionnaire_PreviewStoresNothing: a made-up patient walks through the draft to its end, and every table is as before.
func TestQuestionnaire_PreviewStoresNothing(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	beginDraft(t, b)
	facts := b.Facts(t)
	page := b.Admin.Get(questions + "/preview/walk?age=36&sex=m&areas=belly").Want(http.StatusOK)
	if policy := page.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'self'") || strings.Contains(policy, "unsafe") {
		t.Errorf("the policy of the frame is %s", policy)
	}
	var personas []struct {
		Name   string
		Intake intake.Answers
	}
	data, err := os.ReadFile("../../../config/personas.json")
	servertest.Must(t, err)
	servertest.Must(t, json.Unmarshal(data, &personas))
	answers := personas[1].Intake
	for range 20 {
		if page.Find("form[data-questions]").Length() == 0 {
			break
		}
		form := url.Values{"walk-answers": {page.Find("[name=walk-answers]").AttrOr("value", "")}, "walk-section": {page.Find("[name=walk-section]").AttrOr("value", "")}}
		for _, id := range page.Form()["asked"] {
			form.Add("asked", id)
			if len(answers[id]) > 0 {
				form[id] = answers[id]
			}
		}
		page = b.Admin.PostForm(page.Find("form[data-questions]").AttrOr("action", ""), form)
	}
	if text := page.Find("h1").Text(); !strings.Contains(text, "見本はここまでです") {
		t.Errorf("the walk ends at %s: %s", text, page.Find("main").Text())
	}
	b.WantUnchanged(t, facts)
}

// TestQuestionnaire_ImportRefuses: a file that is none is refused at its field; the file of config/ becomes a draft.
func TestQuestionnaire_ImportRefuses(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	for _, file := range []string{"", "x", `{"resourceType":"Patient"}`, `{"version":"1","nobody":1}`} {
		refused := b.Admin.Upload(questions+"/import", "file", "q.json", []byte(file)).Want(http.StatusUnprocessableEntity)
		if refused.Find("#file-error").Length() != 1 {
			t.Errorf("%q: nothing is said", file)
		}
	}
	b.Admin.Upload(questions+"/import", "file", "q.json", b.Shipped.Questions).Want(http.StatusSeeOther)
	if d := draftOf(t, b); len(d.Questions.Intake) != len(b.Questions.Intake) {
		t.Errorf("%d sections", len(d.Questions.Intake))
	}
}

// TestResponse_IsTheDoctorsAlone: the answers as FHIR has them are sent to the doctor of the appointment, and to nobody else.
func TestResponse_IsTheDoctorsAlone(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
	s.AnswerIntake(t, receipt.Token, answers)
	path := "/office/charts/" + receipt.BookingID + "/response.json"
	got := s.SignedIn(t, servertest.Doctor).Get(path).Want(http.StatusOK)
	if kind := got.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/fhir+json") || got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s, %s", kind, got.Header.Get("Cache-Control"))
	}
	s.SignedIn(t, servertest.Admin).Get(path).Want(http.StatusForbidden)
	s.SignedIn(t, servertest.FrontDesk).Get(path).Want(http.StatusForbidden)
}
