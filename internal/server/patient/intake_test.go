package patient_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/web"
)

// intakeMistakes are mistakes in servertest.Answers, by section.
var intakeMistakes = map[string][]servertest.Mistake{
	"goal": {
		servertest.Wrong("tried", "error.choose"),
		servertest.Wrong("tried", "error.choose", "wing"),
		servertest.Wrong("height", "error.empty", ""),
		servertest.Wrong("height", "error.number", "tall"),
		servertest.Wrong("height", "error.number", "1e999"),
		servertest.Wrong("height", "error.number", "NaN"),
		servertest.Wrong("height", "error.range", "99.9").WithArgs(map[string]string{"Min": "100", "Max": "230", "Unit": "cm"}),
		servertest.Wrong("height", "error.number", "-160"),
		servertest.Wrong("weight", "error.range", "300.1").WithArgs(map[string]string{"Min": "25", "Max": "300", "Unit": "kg"}),
		servertest.Wrong("weight", "error.number", "55\x00"),
		servertest.Wrong("goal_w", "error.range", "0").WithArgs(map[string]string{"Min": "25", "Max": "300", "Unit": "kg"}),
		servertest.Wrong("by_when", "error.choose", "m1", "m3"),
		servertest.Wrong("look", "error.choose", "fat", "' OR 1=1"),
		servertest.Wrong("look", "error.exclusive", "fat", "unknown"),
		servertest.Wrong("tx_react", "error.choose"),
		servertest.Wrong("bad_tx", "error.empty", ""),
		servertest.Wrong("bad_tx", "error.long", strings.Repeat("長", clinic.MaxText+1)).WithArgs(map[string]string{"Max": "2000"}),
		servertest.Wrong("bad_tx", "error.control", "一\x00二"),
		servertest.Wrong("bad_tx", "error.sign", "一\u202e二").WithArgs(map[string]string{"Sign": "U+202E", "N": "2"}),
		servertest.Wrong("bad_tx", "error.control", "一\xff二"),
		servertest.Wrong("tried", "error.exclusive", "none", "drug"),
	},
	"posture": {
		servertest.Wrong("posture", "error.exclusive", "hunch", "none"),
		servertest.Wrong("pain", "error.exclusive", "none", "knee"),
		servertest.Wrong("pain_lv", "error.empty"),
		servertest.Wrong("pain_lv", "error.range", "11").WithArgs(map[string]string{"Min": "0", "Max": "10", "Unit": ""}),
		servertest.Wrong("pain_lv", "error.number", "-1"),
		servertest.Wrong("pain_lv", "error.range", "4.5").WithArgs(map[string]string{"Min": "0", "Max": "10", "Unit": ""}),
	},
	"medical": {
		servertest.Wrong("preg", "error.exclusive", "no", "maybe"),
		servertest.Wrong("hx_group", "error.exclusive", "none", "sugar"),
		servertest.Wrong("hx_group", "error.choose"),
		servertest.Wrong("med_names", "error.empty", " \n 　"),
		servertest.Wrong("neck", "error.exclusive", "swallow", "none"),
	},
	"history": {
		servertest.Wrong("hx_sugar", "error.choose"),
		servertest.Wrong("hx_blood", "error.choose", "kid", "poison"),
		servertest.Wrong("hx_txt", "error.control", "一\x00二"),
		servertest.Wrong("surg_site", "error.choose"),
	},
	"medicine": {
		servertest.Wrong("meds", "error.choose", "warf", "poison"),
		servertest.Wrong("meds", "error.exclusive", "none", "warf"),
		servertest.Wrong("glp_last", "error.choose", "never"),
		servertest.Wrong("allergy_txt", "error.sign", "\x1b[2J").WithArgs(map[string]string{"Sign": "U+001B", "N": "1"}),
	},
	"wish": {
		servertest.Wrong("alc_amt", "error.choose", "g9"),
		servertest.Wrong("interest", "error.exclusive", "undecided", "cool"),
		servertest.Wrong("worry", "error.long", strings.Repeat("w", 20_000)).WithArgs(map[string]string{"Max": "2000"}),
	},
}

// TestBadInput_Intake makes mistakes in every kind of question: 422, marked, kept, and what was stored before stays.
func TestBadInput_Intake(t *testing.T) {
	for _, lang := range web.Languages() {
		t.Run(lang, func(t *testing.T) {
			s := servertest.Open(t, "sqlite")
			v := s.Visitor(t).Speak(lang)
			form := servertest.BookingForm(s.Slots[0].ID)
			form.Set("areas", "chin")
			path := strings.Replace(v.PostForm("/book", form).Want(http.StatusSeeOther).Location(), "/booking/", "/intake/", 1)
			for _, section := range s.Questions.Intake {
				v.PostForm(path+"/"+section.ID, servertest.SectionForm(section, servertest.Answers())).Want(http.StatusSeeOther)
			}
			before := s.Facts(t)
			for id, mistakes := range intakeMistakes {
				section, ok := s.Questions.Section(id)
				if !ok {
					t.Fatalf("there is no section %s", id)
				}
				for _, m := range mistakes {
					t.Run(id+" "+m.Name(), func(t *testing.T) {
						v := v.For(t)
						form := m.With(servertest.SectionForm(section, servertest.Answers()))
						doc := v.PostForm(path+"/"+id, form).Want(http.StatusUnprocessableEntity).Page()
						checkMarked(t, doc, lang, m)
						form.Del("asked")
						checkKept(t, doc, form)

						// As a program sends it, without our page's list of what was on it.
						doc = v.PostForm(path+"/"+id, form).Want(http.StatusUnprocessableEntity).Page()
						checkMarked(t, doc, lang, m)
					})
				}
			}
			s.WantUnchanged(t, before)
		})
	}
}

// The last section leads to the review; a section that is opened from there returns to it, whatever is wrong or comes up on
// the way, and whatever else is still to be answered.
func TestIntake_EndsWithTheReviewAndReturnsToIt(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	v := s.Visitor(t)
	path := strings.Replace(v.PostForm("/book", servertest.BookingForm(s.Slots[0].ID)).Want(http.StatusSeeOther).Location(), "/booking/", "/intake/", 1)
	if a := v.Get(path + "/review").Want(http.StatusOK); a.Text("main a.button") != "問診に答える" || !strings.Contains(a.Text("main"), "まだお答えはありません") {
		t.Errorf("before anything is answered it reads %s", a.Text("main"))
	}
	answers := servertest.Answers()
	answers.Set("hx_group", "none")
	answers.Set("body", "none")
	sections := s.Questions.Intake
	for i, section := range sections {
		want := path + "/review"
		for _, later := range sections[i+1:] {
			if later.ID != "history" { // nobody is asked about illnesses who has none
				want = path + "/" + later.ID
				break
			}
		}
		if section.ID == "history" {
			continue
		}
		if got := v.PostForm(path+"/"+section.ID, servertest.SectionForm(section, answers)).Want(http.StatusSeeOther).Location(); got != want {
			t.Errorf("%s leads to %s, want %s", section.ID, got, want)
		}
	}

	review := v.Get(path + "/review").Want(http.StatusOK)
	review.WantText("main", "わかる範囲で正しく回答したことをご確認のうえ")
	// It says that everything is answered only where it is.
	empty := review.Find(".review dd").FilterFunction(func(_ int, e *goquery.Selection) bool { return strings.TrimSpace(e.Text()) == "未回答" }).Length()
	if empty == 0 {
		t.Error("nothing is left empty here")
	}
	review.WantText("main", fmt.Sprintf("任意の質問のうち%d件は未回答です", empty))
	if strings.Contains(review.Text("main"), "すべて") {
		t.Error("it says that all was answered")
	}
	edit := review.Find(`section a[href^="`+path+`/medical"]`).AttrOr("href", "")
	page := v.Get(edit).Want(http.StatusOK)
	action := page.Find("form[data-questions]").AttrOr("action", "")
	if page.Find(`main a[href="`+path+`/review"]`).Length() != 1 {
		t.Error("no way back without a change")
	}
	medical, _ := s.Questions.Section("medical")
	form := servertest.SectionForm(medical, answers)
	form.Del("allergy_any")
	wrong := v.PostForm(action, form).Want(http.StatusUnprocessableEntity)
	action = wrong.Find("form[data-questions]").AttrOr("action", "")
	// What was answered meanwhile on another device is chosen between, and then the review is there again.
	form.Set("allergy_any", "no")
	conflict := v.PostForm(action, form).Want(http.StatusConflict)
	if got := conflict.Find("main form").AttrOr("action", ""); got != action {
		t.Errorf("the choice is sent to %s", got)
	}
	form.Set("seen-revision", v.Get(action).Revision())
	form.Set("body", "op") // which asks more on another page
	if got := v.PostForm(action, form).Want(http.StatusSeeOther).Location(); got != path+"/review" {
		t.Errorf("a change leads to %s", got)
	}
	half := v.Get(path + "/review").Want(http.StatusOK)
	half.WantText("main a.button", "続きに答える")
	if next := half.Find("main a.button").AttrOr("href", ""); next != path+"/history" {
		t.Errorf("the review leads on to %q", next)
	}
}
