package office_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"madoguchi/internal/intake"
	"madoguchi/internal/server/servertest"
)

// drop throws the draft away, as a colleague does.
func drop(t *testing.T, b *servertest.Booked) {
	t.Helper()
	b.Admin.Post(questions+"/draft", "do", "drop", "seen-revision", strconv.Itoa(draftOf(t, b).Revision)).Want(http.StatusSeeOther)
}

// imported is the draft of a file that is the shipped one with something else in it.
func imported(t *testing.T, b *servertest.Booked, edit func(q *intake.Questionnaire)) {
	t.Helper()
	q, err := intake.ReadDraft(b.Shipped.Questions)
	servertest.Must(t, err)
	edit(q)
	body, err := q.Body()
	servertest.Must(t, err)
	b.Admin.Upload(questions+"/import", "file", "q.json", body).Want(http.StatusSeeOther)
}

// in is a question of a questionnaire, to be changed.
func in(t *testing.T, q *intake.Questionnaire, id string) *intake.Question {
	t.Helper()
	for _, s := range q.All() {
		for i := range s.Questions {
			if s.Questions[i].ID == id {
				return &s.Questions[i]
			}
		}
	}
	t.Fatal(id)
	return nil
}

// TestQuestionnaire_AnotherDraft: a form of a draft that was thrown away writes nothing of it into the next one unasked: whoever sends it is shown
// what differs, with what they typed. A button of its list does nothing.
func TestQuestionnaire_AnotherDraft(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	beginDraft(t, b)
	paths := map[string]string{"/questions/look": "label-ja", "/sections/goal": "title-ja", "/strip/history": "label-ja", "/causes/meals": "label-ja"}
	sent := map[string]url.Values{}
	for path, field := range paths {
		form := formOf(b.Admin.Get(questions + path))
		form.Set(field, "捨てた文")
		b.Admin.PostForm(questions+path, form).Want(http.StatusSeeOther)
		sent[path] = formOf(b.Admin.Get(questions + path))
	}
	roles, seen := formOf(b.Admin.Get(questions+"/roles")), strconv.Itoa(draftOf(t, b).Revision)
	b.Admin.Post(questions+"/add", "section", "goal").Want(http.StatusSeeOther)
	made := draftOf(t, b).Made
	drop(t, b)
	beginDraft(t, b)
	for path, field := range paths {
		other := map[string]string{"label-ja": "label-en", "title-ja": "title-en"}[field]
		sent[path].Set(other, "typed now")
		conflict := b.Admin.PostForm(questions+path, sent[path]).Want(http.StatusConflict)
		if text := conflict.Page().Find("main").Text(); !strings.Contains(text, "捨てた文") || !strings.Contains(text, "typed now") {
			t.Errorf("%s: what differs is not shown: %s", path, text)
		}
	}
	b.Admin.PostForm(questions+"/roles", roles).Want(http.StatusConflict)
	for _, button := range [][]string{{"/order", "do", "retire:question:look"}, {"/order", "do", "down:section:goal"}, {"/add", "section", "goal"}} {
		answer := b.Admin.Post(questions+button[0], append(button[1:], "seen-revision", seen)...).Want(http.StatusSeeOther)
		if to := answer.Header.Get("Location"); to != questions+"?done=gone" {
			t.Errorf("%v: sent to %s", button, to)
		}
	}
	if b.Admin.Get(questions+"?done=gone").Find("[role=status]").Length() == 0 {
		t.Error("nothing is said")
	}
	shipped, err := intake.ReadDraft(b.Shipped.Questions)
	servertest.Must(t, err)
	if changes := intake.Difference(shipped, draftOf(t, b).Questions); len(changes) > 0 {
		t.Errorf("the draft has what was thrown away: %+v", changes)
	}
	if now := draftOf(t, b).Made; now != made {
		t.Errorf("%d ids were made, and the draft counts from %d", made, now)
	}
	form := formOf(b.Admin.Get(questions + "/questions/look")) // of this draft
	form.Set("label-ja", "気になるところ")
	b.Admin.PostForm(questions+"/questions/look", form).Want(http.StatusSeeOther)
}

// TestQuestionnaire_Gone: who saves what a colleague has just taken out, or in a draft that is none any more, is told so and shown what they typed.
func TestQuestionnaire_Gone(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	beginDraft(t, b)
	paths := []string{"/questions/sleep", "/sections/goal", "/strip/history", "/causes/meals"}
	sent := map[string]url.Values{}
	for _, path := range paths {
		form := formOf(b.Admin.Get(questions + path))
		form.Set(map[bool]string{true: "title-ja", false: "label-ja"}[strings.HasPrefix(path, "/sections")], "私が入力した文")
		sent[path] = form
	}
	gone := func(path string) {
		t.Helper()
		for _, lang := range []string{"ja", "en"} {
			answer := b.Admin.PostForm(questions+path+"?lang="+lang, sent[path]).Want(http.StatusConflict)
			if text := answer.Find("#gone").Text(); !strings.Contains(text, "私が入力した文") {
				t.Errorf("%s: what was typed is lost: %s", path, answer.Find("main").Text())
			}
		}
	}
	b.Admin.Post(questions+"/order", "do", "retire:question:sleep").Want(http.StatusSeeOther)
	gone("/questions/sleep")
	b.Admin.Post(questions+"/order", "do", "retire:section:goal").Want(http.StatusSeeOther)
	gone("/sections/goal")
	drop(t, b)
	for _, path := range paths {
		gone(path)
	}
	b.Admin.Post(questions+"/questions/..%2Fx", "label-ja", "x").Want(http.StatusNotFound)
}

// TestQuestionnaire_NoNumber: what is no number is said at its field, with what was typed, and the preview goes on.
func TestQuestionnaire_NoNumber(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	beginDraft(t, b)
	path := questions + "/questions/height"
	for _, field := range []string{"min", "max"} {
		for _, typed := range []string{"NaN", "nan", "Inf", "-inf", "1e999", "-1", "0x1p99"} {
			form := formOf(b.Admin.Get(path))
			form.Set(field, typed)
			form.Set("help-ja", "入力した説明")
			answer := b.Admin.PostForm(path, form).Want(http.StatusUnprocessableEntity)
			if answer.Find("#"+field+"-error").Length() != 1 || answer.Find("#help-ja").Text() != "入力した説明" {
				t.Errorf("%s of %s: what was typed is lost", typed, field)
			}
			b.Admin.PostForm(questions+"/preview/question", form).Want(http.StatusOK)
		}
	}
}

// TestQuestionnaire_Scale: a scale has whole bounds and no more steps than can be tapped. One of a file that has more is found, and no preview
// shows it as another.
func TestQuestionnaire_Scale(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	beginDraft(t, b)
	path := questions + "/questions/pain_lv"
	for _, bounds := range [][2]string{{"0.5", "30000"}, {"0", "21"}, {"0.5", "10"}, {"1", "10.5"}} {
		form := formOf(b.Admin.Get(path))
		form.Set("min", bounds[0])
		form.Set("max", bounds[1])
		if b.Admin.PostForm(path, form).Want(http.StatusUnprocessableEntity).Find("#max-error").Length() != 1 {
			t.Errorf("%v: it is not said at its field", bounds)
		}
	}
	form := formOf(b.Admin.Get(path))
	form.Set("max", strconv.Itoa(intake.MaxSteps))
	b.Admin.PostForm(path, form).Want(http.StatusSeeOther)
	drop(t, b)
	imported(t, b, func(q *intake.Questionnaire) {
		q.Intake[0].Questions = append(q.Intake[0].Questions, intake.Question{ID: "wide", Kind: intake.Scale, Max: 30000, Label: intake.Text{JA: "広い段階", EN: "Wide"}})
	})
	page := b.Admin.Get(questions + "/publish").Want(http.StatusOK)
	if text := page.Find(".q-findings").Text(); !strings.Contains(text, "「広い段階」の段階は") {
		t.Errorf("it is not found: %s", text)
	}
	publish(t, b).Want(http.StatusUnprocessableEntity)
	if b.Admin.Get(questions+"/preview/walk?section=goal").Want(http.StatusOK).Find("[name=wide]").Length() > 0 {
		t.Error("the preview shows it as another")
	}
}

// TestQuestionnaire_BorrowedOptions: whoever takes the options of another question keeps none of its own to be chosen alone.
func TestQuestionnaire_BorrowedOptions(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	beginDraft(t, b)
	if len(question(t, b, "look").Excludes) == 0 {
		t.Fatal("the question has no option that is chosen alone")
	}
	form := formOf(b.Admin.Get(questions + "/questions/look"))
	form.Set("options_of", "areas")
	b.Admin.PostForm(questions+"/questions/look", form).Want(http.StatusSeeOther)
	if left := question(t, b, "look").Excludes; len(left) > 0 {
		t.Errorf("it still excludes %v", left)
	}
	text := b.Admin.Get(questions + "/publish").Find(".q-findings").Text()
	if strings.Contains(text, "一緒に選べない") || strings.Contains(text, "excludes") {
		t.Errorf("publishing is refused: %s", text)
	}
}

// english are words of the program that a Japanese page must not show.
var english = regexp.MustCompile(`occurs|stands twice|is wrong|excludes names|must be|UTF-8\b.*it is|it is no|are needed|condition "`)

// TestQuestionnaire_ImportedTextsAreChecked: a text that a form would have refused is found at its place, and what is wrong is said in the reader's
// language, whatever it is.
func TestQuestionnaire_ImportedTextsAreChecked(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	for want, edit := range map[string]func(q *intake.Questionnaire){
		"目に見えない文字（U+202E）": func(q *intake.Questionnaire) { in(t, q, "sleep").Label.JA = "身\u202e長" },
		"使えない文字があります":      func(q *intake.Questionnaire) { in(t, q, "sleep").Label.JA = "身\x00長" },
		"がありません。":          func(q *intake.Questionnaire) { in(t, q, "sleep").Label.JA = "\u200b\u2060" },
		"小数点以下のけたは":        func(q *intake.Questionnaire) { in(t, q, "height").Decimals = 9 },
		"ほかと同じid「sleep」": func(q *intake.Questionnaire) {
			q.Intake[0].Questions = append(q.Intake[0].Questions, *in(t, q, "sleep"))
		},
		"ファイルのid：": func(q *intake.Questionnaire) {
			in(t, q, "height").Options = []intake.Option{{Code: "a", Text: intake.Text{JA: "あ", EN: "a"}}}
		},
	} {
		imported(t, b, edit)
		page := b.Admin.Get(questions + "/publish").Want(http.StatusOK)
		if text := page.Find(".q-findings").Text(); !strings.Contains(text, want) || english.MatchString(text) {
			t.Errorf("it does not say %s: %s", want, text)
		}
		b.Admin.Get(questions + "/publish?lang=en").Want(http.StatusOK)
		publish(t, b).Want(http.StatusUnprocessableEntity)
		drop(t, b)
	}
	imported(t, b, func(q *intake.Questionnaire) { in(t, q, "sleep").Label.JA = "眠\u200bれ\u2060ますか" })
	if got := question(t, b, "sleep").Label.JA; got != "眠れますか" {
		t.Errorf("a text is not tidied as that of a form: %q", got)
	}
	drop(t, b)
	whole := string(b.Shipped.Questions)
	var all map[string]json.RawMessage
	servertest.Must(t, json.Unmarshal([]byte(whole), &all))
	var strip []map[string]any
	servertest.Must(t, json.Unmarshal(all["strip"], &strip))
	strip[0]["none"] = "a&b"
	changed, err := json.Marshal(strip)
	servertest.Must(t, err)
	all["strip"] = changed
	unread, err := json.Marshal(all)
	servertest.Must(t, err)
	for want, file := range map[string]string{
		"UTF-8ではありません":        strings.Replace(whole, "背中", "\xff", 1),
		"「version」が2回書かれています": strings.Replace(whole, `"version":`, `"version": "2", "version":`, 1),
		"「a&b」が読めません":         string(unread),
	} {
		text := b.Admin.Upload(questions+"/import", "file", "q.json", []byte(file)).Want(http.StatusUnprocessableEntity).Find("#file-error").Text()
		if !strings.Contains(text, want) || english.MatchString(text) {
			t.Errorf("it does not say %s: %s", want, text)
		}
	}
}
