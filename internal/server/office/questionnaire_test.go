package office_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
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
	a.Find("main form[id] select[name]").Each(func(_ int, list *goquery.Selection) {
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

	keepsTold(t, b)

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

// TestResponse_WantsAProof: whoever has signed in a while ago follows the link of the chart, shows who they are, gets the file, and is back at the chart.
func TestResponse_WantsAProof(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
	s.AnswerIntake(t, receipt.Token, answers)
	chart := "/office/charts/" + receipt.BookingID
	v := browsertest.Visit(t, s.URL, browsertest.Tablet)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Doctor))
	s.Clock.Advance(clinic.ProofLife)
	v.Open(chart)
	v.Click("#chart-more summary")
	v.Look("chart-file")
	v.Follow("回答のファイル")
	if !strings.HasPrefix(v.Path(), "/office/prove") {
		t.Fatalf("it leads to %s", v.Path())
	}
	v.Look("prove-file")
	v.Type("proof-password", servertest.Password)
	v.Follow("確認して、つづける")
	v.Look("prove-file-saved")
	if name, file := v.Download("ファイルを保存する"); name != "response.json" || !strings.Contains(string(file), `"QuestionnaireResponse"`) {
		t.Errorf("%s holds %.80s", name, file)
	}
	v.Follow("元のページに戻る")
	if v.Path() != chart {
		t.Errorf("back at %s", v.Path())
	}
	v.Click("#chart-more summary")
	if name, _ := v.Download("回答のファイル"); name != "response.json" { // it counts for a while
		t.Errorf("it is called %s", name)
	}
}

// keepsTold: the forms of the strip and of the causes that change nothing store them as they were.
func keepsTold(t *testing.T, b *servertest.Booked) {
	t.Helper()
	before := draftOf(t, b).Questions
	var paths []string
	for _, c := range before.Cells {
		paths = append(paths, questions+"/strip/"+c.ID)
	}
	for _, c := range before.Causes {
		paths = append(paths, questions+"/causes/"+c.ID)
	}
	for _, path := range paths {
		b.Admin.PostForm(path, formOf(b.Admin.Get(path).Want(http.StatusOK))).Want(http.StatusSeeOther)
	}
	if changes := intake.Difference(before, draftOf(t, b).Questions); len(changes) > 0 {
		t.Fatalf("forms that changed nothing changed %+v", changes)
	}
}

// TestQuestionnaire_OptionUnderACondition: a condition of an option is chosen from lists, row by row, is stored with it, and another
// question in its row does not get the values of the one before.
func TestQuestionnaire_OptionUnderACondition(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	beginDraft(t, b)
	path := questions + "/questions/sleep"
	code := question(t, b, "sleep").Options[0].Code
	form := formOf(b.Admin.Get(path))
	press := func(do string) {
		form.Set("do", do)
		form = formOf(b.Admin.PostForm(path, form).Want(http.StatusOK))
	}
	prefix := "opt-if-" + code
	press("more:" + prefix)
	form.Set(prefix, "sex")
	press("draw")
	form.Set(prefix+"-value-0", "f")
	form.Set(prefix, "areas")
	press("draw")
	if form.Has(prefix + "-value-0") {
		t.Errorf("the values of another question stay: %v", form[prefix+"-value-0"])
	}
	form.Set("do", "save")
	wrong := b.Admin.PostForm(path, form).Want(http.StatusUnprocessableEntity)
	if text := wrong.Find("#option").Text(); !strings.Contains(text, "条件に、選択肢か数") {
		t.Errorf("nothing is said of a condition without a value: %q", text)
	}
	form.Set(prefix+"-value-0", "belly")
	b.Admin.PostForm(path, form).Want(http.StatusSeeOther)
	if o, _ := question(t, b, "sleep").Option(code); o.ShowIf.String() != "areas=belly" {
		t.Errorf("stored: %s", o.ShowIf)
	}
	publish := b.Admin.Get(questions + "/publish").Want(http.StatusOK)
	if text := publish.Find(".q-changes").Text(); !strings.Contains(text, "出す条件を変更") || !strings.Contains(text, "「お腹") {
		t.Errorf("the change is not told: %s", text)
	}
	form = formOf(b.Admin.Get(path))
	press("less:" + prefix + ":0")
	form.Set("do", "save")
	b.Admin.PostForm(path, form).Want(http.StatusSeeOther)
	if o, _ := question(t, b, "sleep").Option(code); len(o.ShowIf.Any) > 0 {
		t.Errorf("the condition stays: %s", o.ShowIf)
	}
}

func question(t *testing.T, b *servertest.Booked, id string) intake.Question {
	t.Helper()
	q, ok := draftOf(t, b).Questions.Question(id)
	if !ok {
		t.Fatal(id)
	}
	return q
}

// TestQuestionnaire_Strip: what a cell tells is chosen from lists. Who has the form of a question or of the cell open meanwhile is asked.
func TestQuestionnaire_Strip(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	beginDraft(t, b)
	path := questions + "/strip/pregnancy"
	form, other := formOf(b.Admin.Get(path)), formOf(b.Admin.Get(path))
	ofQuestion := formOf(b.Admin.Get(questions + "/questions/implant"))
	form.Set("do", "more:part")
	form = formOf(b.Admin.PostForm(path, form).Want(http.StatusOK))
	form["part"][1] = "implant"
	form.Set("do", "draw")
	form = formOf(b.Admin.PostForm(path, form).Want(http.StatusOK))
	code := question(t, b, "implant").Options[0].Code
	form.Set("part-value-1", code)
	form.Set("do", "up:part:1")
	form = formOf(b.Admin.PostForm(path, form).Want(http.StatusOK))
	form.Set("do", "save")
	b.Admin.PostForm(path, form).Want(http.StatusSeeOther)
	cell, _ := draftOf(t, b).Questions.Cell("pregnancy")
	if len(cell.Questions) != 2 || cell.Questions[0].Question != "implant" || cell.Questions[0].Codes[0] != code || len(cell.Questions[1].Codes) > 0 {
		t.Errorf("stored: %+v", cell.Questions)
	}
	if text := b.Admin.Get(questions + "/publish").Find(".q-changes").Text(); !strings.Contains(text, "いつも見える帯「妊娠・授乳」を変更") || !strings.Contains(text, "体内の機器など（") {
		t.Errorf("the change is not told: %s", text)
	}
	ofQuestion.Set("strip", "history")
	b.Admin.PostForm(questions+"/questions/implant", ofQuestion).Want(http.StatusConflict)
	other.Set("label-ja", "妊娠")
	other["part"] = nil
	conflict := b.Admin.PostForm(path, other).Want(http.StatusConflict)
	if conflict.Find("[name=choice-part]").Length() != 2 {
		t.Errorf("the conflict does not ask which answers: %s", conflict.Find("main").Text())
	}
	form = formOf(b.Admin.Get(path))
	form["none"], form["part"] = nil, nil
	b.Admin.PostForm(path, form).Want(http.StatusSeeOther)
	publish := b.Admin.Get(questions + "/publish")
	for _, said := range []string{"「妊娠・授乳」に出す質問がありません", "「妊娠・授乳」に「なし」と出す条件がありません"} {
		if !strings.Contains(publish.Find("main").Text(), said) {
			t.Errorf("it is not said that %s: %s", said, publish.Find("main").Text())
		}
	}
	if to := publish.Find(".q-findings a").First().AttrOr("href", ""); to != path {
		t.Errorf("it is mended at %s", to)
	}
}

// TestQuestionnaire_Cause: which options count for a cause is chosen from lists, and a question without points is refused.
func TestQuestionnaire_Cause(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	beginDraft(t, b)
	path := questions + "/causes/muscle"
	form := formOf(b.Admin.Get(path))
	form.Set("do", "more:sign")
	form = formOf(b.Admin.PostForm(path, form).Want(http.StatusOK))
	form["sign"][len(form["sign"])-1] = "sleep"
	form.Set("do", "save")
	wrong := b.Admin.PostForm(path, form).Want(http.StatusUnprocessableEntity)
	if wrong.Find("#sign").Length() != 1 {
		t.Error("a question without points is not refused")
	}
	form = formOf(wrong)
	code := question(t, b, "sleep").Options[0].Code
	form.Set("sign-points-sleep-"+code, "2")
	b.Admin.PostForm(path, form).Want(http.StatusSeeOther)
	cause, _ := draftOf(t, b).Questions.Cause("muscle")
	if s := cause.Signs[len(cause.Signs)-1]; s.Question != "sleep" || s.Points[code] != 2 || s.Most != 2 {
		t.Errorf("stored: %+v", cause.Signs)
	}
	if text := b.Admin.Get(questions + "/publish").Find(".q-changes").Text(); !strings.Contains(text, "要因「筋肉」を変更") || !strings.Contains(text, "上限2") {
		t.Errorf("the change is not told: %s", text)
	}
}

// TestQuestionnaire_ImportNamesWhatIsLost: what of a file could not be taken over is said with its place, in the reader's language, until the
// draft is published or thrown away.
func TestQuestionnaire_ImportNamesWhatIsLost(t *testing.T) {
	const file = `{"resourceType":"Questionnaire","item":[{"linkId":"g","type":"group","text":"頭","item":[
		{"linkId":"1.1","type":"date","text":"いつから<b>"},{"linkId":"1.2","type":"attachment","text":"写真"}]}]}`
	for lang, said := range map[string][]string{
		"ja": {"取り込めなかったもの（2件）", "「いつから<b>」（1.1）は日付", "「写真」（1.2）は、ここではお聞きできない"},
		"en": {"2 things could not be imported", "“いつから<b>” (1.1) was answered with a date", "“写真” (1.2) is a kind of question"},
	} {
		b := servertest.OpenBooked(t, "sqlite", servertest.Saying{Lang: lang})
		b.Admin.Upload(questions+"/import", "file", "q.json", []byte(file)).Want(http.StatusSeeOther)
		list := b.Admin.Get(questions).Find("#lost-list")
		for _, words := range said {
			if !strings.Contains(list.Text(), words) {
				t.Errorf("it is not said that %s: %s", words, list.Text())
			}
		}
		link, _ := list.Find("a").Attr("href")
		b.Admin.Get(link).Want(http.StatusOK)
		form := formOf(b.Admin.Get(link))
		form.Set("label-en", "Since when")
		b.Admin.PostForm(link, form).Want(http.StatusSeeOther)
		if len(draftOf(t, b).Lost) != 2 {
			t.Error("after an edit, nobody knows any more what was lost")
		}
		b.Admin.Post(questions+"/draft", "do", "drop", "seen-revision", strconv.Itoa(draftOf(t, b).Revision)).Want(http.StatusSeeOther)
		beginDraft(t, b)
		if len(draftOf(t, b).Lost) != 0 {
			t.Error("the next draft has lost what the one before did")
		}
	}
}

// TestQuestionnaire_ImportOfOddFiles: each is refused with a sentence at its field, or becomes the draft that it says.
func TestQuestionnaire_ImportOfOddFiles(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	whole := string(b.Shipped.Questions)
	for name, file := range map[string]string{
		"a field twice":       strings.Replace(whole, `"version":`, `"version": "2", "version":`, 1),
		"twice in other case": strings.Replace(whole, `"version":`, `"Version": "2", "version":`, 1),
		"another type":        strings.Replace(whole, `"booking":`, `"booking": 7, "known":`, 1),
		"no UTF-8":            strings.Replace(whole, "背中", "\xff", 1),
		"UTF-16":              "\xff\xfe{\x00}\x00",
		"deep":                strings.Repeat("[", 200000),
		"deep objects":        strings.Repeat(`{"a":`, 200000),
		"something behind it": whole + "{}",
		"too long":            whole + strings.Repeat(" ", intake.MaxDraft),
		"null":                "null",
		"a list":              "[]",
		"a text":              `"x"`,
		"nothing":             `{}`,
	} {
		refused := b.Admin.Upload(questions+"/import", "file", "q.json", []byte(file)).Want(http.StatusUnprocessableEntity)
		if refused.Find("#file-error").Length() != 1 {
			t.Errorf("%s: nothing is said", name)
		}
	}
	if a := b.Admin.Upload(questions+"/import", "file", "q.json", make([]byte, 50<<20)); a.Status < 400 || a.Status >= 500 {
		t.Errorf("50 MB: %d", a.Status)
	}
	before, err := intake.ReadDraft(b.Shipped.Questions)
	servertest.Must(t, err)
	for name, file := range map[string]string{
		"BOM":        "\xef\xbb\xbf" + whole,
		"CRLF":       strings.ReplaceAll(whole, "\n", "\r\n"),
		"one line":   strings.ReplaceAll(strings.ReplaceAll(whole, "\n", ""), "  ", ""),
		"as exports": b.Admin.Get(questions + "/versions/current/questionnaire.json").Want(http.StatusOK).Body,
	} {
		b.Admin.Upload(questions+"/import", "file", "q.json", []byte(file)).Want(http.StatusSeeOther)
		d := draftOf(t, b)
		if changes := intake.Difference(before, d.Questions); len(changes) > 0 {
			t.Errorf("%s: %+v", name, changes)
		}
		body := b.Admin.Get(questions + "/versions/draft/questionnaire.json").Want(http.StatusOK).Body
		if name == "as exports" && body != file {
			t.Error("what was exported and imported has other bytes")
		}
		b.Admin.Post(questions+"/draft", "do", "drop", "seen-revision", strconv.Itoa(d.Revision)).Want(http.StatusSeeOther)
	}
}
