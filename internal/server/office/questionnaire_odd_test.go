package office_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/servertest"
)

// publish publishes the draft as its page shows it.
func publish(t *testing.T, b *servertest.Booked) *servertest.Answer {
	t.Helper()
	return b.Admin.Post(questions+"/publish", "sure", "yes", "seen-revision", strconv.Itoa(draftOf(t, b).Revision))
}

// TestQuestionnaire_PublishedWhileSomebodyAnswers: who has a page of the version before open goes on in it, a question included that is not
// asked any more, and what they send is kept.
func TestQuestionnaire_PublishedWhileSomebodyAnswers(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	receipt := b.Book(t, b.SlotOf(t, 0, 1), 2)
	v := b.Visitor(t)
	habits, _ := b.Questions.Section("habits")
	path, form := "/intake/"+receipt.Token+"/habits", servertest.SectionForm(habits, answers)
	form.Set("seen-revision", v.Get(path).Want(http.StatusOK).Revision())
	beginDraft(t, b)
	b.Admin.Post(questions+"/order", "do", "retire:question:protein").Want(http.StatusSeeOther)
	publish(t, b).Want(http.StatusSeeOther)
	now, err := b.Store.CurrentQuestionnaire(t.Context())
	servertest.Must(t, err)
	if _, asked := now.Question("protein"); asked || now.Version == b.Questions.Version {
		t.Fatalf("version %s is asked", now.Version)
	}
	v.PostForm(path, form).Want(http.StatusSeeOther)
	chart, err := b.Store.Intake(t.Context(), clinic.PatientByLink(receipt.Token))
	servertest.Must(t, err)
	if got := chart.Intake.Answers["protein"]; len(got) != 1 || got[0] != "daily" || chart.Intake.Version != b.Questions.Version {
		t.Errorf("kept: %v, by version %s", got, chart.Intake.Version)
	}
	if v.Get(path).Want(http.StatusOK).Find("[name=protein]").Length() == 0 {
		t.Error("the question is not asked any more of whoever was asked it")
	}
}

// TestQuestionnaire_TwoPublish: of two who publish the same draft one does, and the other is shown what is asked now. A page of a draft that
// was thrown away changes nothing in the next one.
func TestQuestionnaire_TwoPublish(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	beginDraft(t, b)
	form := formOf(b.Admin.Get(questions + "/questions/sleep"))
	form.Set("label-ja", "よく眠れますか")
	b.Admin.PostForm(questions+"/questions/sleep", form).Want(http.StatusSeeOther)
	seen := strconv.Itoa(draftOf(t, b).Revision)
	b.Admin.Post(questions+"/publish", "sure", "yes", "seen-revision", seen).Want(http.StatusSeeOther)
	again := b.Admin.Post(questions+"/publish", "sure", "yes", "seen-revision", seen).Want(http.StatusSeeOther)
	if to := again.Header.Get("Location"); to != questions {
		t.Errorf("the second is sent to %s", to)
	}
	versions, err := b.Store.Questionnaires(t.Context())
	servertest.Must(t, err)
	if len(versions) != 2 {
		t.Errorf("%d versions", len(versions))
	}
	b.Admin.PostForm(questions+"/questions/sleep", form).Want(http.StatusConflict)
	b.Admin.Post(questions+"/draft", "from", versions[1].Version).Want(http.StatusSeeOther) // the version before
	stale := formOf(b.Admin.Get(questions + "/publish"))
	stale.Set("sure", "yes")
	stale.Set("seen-revision", seen)
	b.Admin.PostForm(questions+"/publish", stale).Want(http.StatusConflict)
}

// TestQuestionnaire_OddTexts: what people type is stored as it is, and what nobody can read or is too long is refused at its field. Ids that
// no page has sent make nothing that cannot be read again.
func TestQuestionnaire_OddTexts(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	beginDraft(t, b)
	path := questions + "/questions/sleep"
	form := formOf(b.Admin.Get(path))
	for _, text := range []string{"ﾖｸﾈﾑﾚﾏｽｶ", "😴👨‍👩‍👧‍👦 眠れますか", "<script>alert(1)</script>", "か\u3099は", strings.Repeat("眠", intake.MaxLabel)} {
		form.Set("label-ja", text)
		b.Admin.PostForm(path, form).Want(http.StatusSeeOther)
		if got := question(t, b, "sleep").Label.JA; got != clinic.TidyText(text) {
			t.Errorf("%q is stored as %q", text, got)
		}
		form = formOf(b.Admin.Get(path))
		if got := form.Get("label-ja"); got != clinic.TidyText(text) {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
	form.Set("label-ja", strings.Repeat("眠", intake.MaxLabel+1))
	if b.Admin.PostForm(path, form).Want(http.StatusUnprocessableEntity).Find("#label-ja-error").Length() != 1 {
		t.Error("a text that is too long is not said at its field")
	}
	hostile := "a,b=c or x"
	form = formOf(b.Admin.Get(path))
	form["option"] = append(form["option"], hostile, "../../x")
	form.Set("opt-ja-"+hostile, "あ")
	form.Set("opt-ja-../../x", "い")
	form.Set("options_of", hostile)
	form.Set("opt-zone-"+form["option"][0], hostile)
	b.Admin.PostForm(path, form)
	cell := formOf(b.Admin.Get(questions + "/strip/history"))
	cell["part"] = append(cell["part"], hostile, "meds")
	cell["part-value-13"] = []string{hostile, "warf"}
	b.Admin.PostForm(questions+"/strip/history", cell).Want(http.StatusSeeOther)
	cause := formOf(b.Admin.Get(questions + "/causes/meals"))
	cause["sign"] = append(cause["sign"], hostile, "height", cause["sign"][0])
	b.Admin.PostForm(questions+"/causes/meals", cause)
	for _, id := range append(question(t, b, "sleep").Options, intake.Option{Code: "x"}) {
		if !intake.IsID(id.Code) {
			t.Errorf("an option has the code %q", id.Code)
		}
	}
	for _, page := range []string{"", "/publish", "/roles", "/strip/history", "/causes/meals", "/questions/sleep", "/versions/draft/questionnaire.json", "/versions/draft/fhir.json"} {
		b.Admin.Get(questions + page).Want(http.StatusOK)
	}
}

// TestQuestionnaire_ThreeHundredQuestions: a draft as long as that can be looked at, edited and published.
func TestQuestionnaire_ThreeHundredQuestions(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	beginDraft(t, b)
	_, err := b.Store.EditDraft(t.Context(), clinic.StaffActor(b.Staff[servertest.Admin]), func(d *intake.Draft, taken intake.Taken) error {
		for n := range 240 {
			q := intake.Question{ID: d.NewQuestion(taken), Kind: intake.LongText, Label: intake.Text{JA: fmt.Sprintf("質問%d", n), EN: fmt.Sprintf("Question %d", n)}}
			if err := d.Questions.AddQuestion("wish", q); err != nil {
				return err
			}
		}
		return nil
	}, intake.OrderPart)
	servertest.Must(t, err)
	for _, page := range []string{"", "/roles", "/strip/history", "/causes/posture", "/questions/q200", "/preview", "/preview/walk?section=wish", "/publish"} {
		b.Admin.Get(questions + page).Want(http.StatusOK)
	}
	publish(t, b).Want(http.StatusSeeOther)
}

// TestQuestionnaire_RetiredWhatOthersReferTo: what refers to a question that is retired goes with it or is said, with the way to mend it.
func TestQuestionnaire_RetiredWhatOthersReferTo(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	beginDraft(t, b)
	path := questions + "/questions/interest"
	form := formOf(b.Admin.Get(path))
	code := form["option"][0]
	form["opt-if-"+code], form["option-if"] = []string{"allergy"}, append(form["option-if"], code)
	form["opt-if-"+code+"-op-0"], form["opt-if-"+code+"-value-0"] = []string{"="}, []string{"soy"}
	b.Admin.PostForm(path, form).Want(http.StatusSeeOther)
	b.Admin.Post(questions+"/order", "do", "retire:question:allergy").Want(http.StatusSeeOther)
	page := b.Admin.Get(questions + "/publish").Want(http.StatusOK)
	text := page.Find(".q-findings").Text()
	for _, said := range []string{"の条件にある「アレルギー", "注意のきまりが見ている", "・保留（"} {
		if !strings.Contains(text, said) {
			t.Errorf("it is not said that %s: %s", said, text)
		}
	}
	if strings.Contains(text, "このままではお聞きできません") || strings.Contains(text, "soy") {
		t.Errorf("the program speaks in its own words: %s", text)
	}
	for _, link := range page.Find(".q-findings a").EachIter() {
		to, err := url.Parse(link.AttrOr("href", ""))
		servertest.Must(t, err)
		b.Admin.Get(to.Path).Want(http.StatusOK)
	}
	publish(t, b).Want(http.StatusUnprocessableEntity)
}
