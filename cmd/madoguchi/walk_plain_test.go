package main_test

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/browsertest"
)

const plainMail = "ken.kakuu@example.jp"

// plainTells is what the patient of this walk answers: somebody under age with an illness that matters.
var plainTells = answers{
	"height": {"171"}, "weight": {"88"}, "tried": {"none"},
	"sit_h": {"h6"}, "posture": {"unknown"}, "scapula": {"ok"}, "pain": {"knee", "care"}, "pain_lv": {"7"},
	"ex30": {"w0"}, "level": {"none"}, "barrier": {"time"},
	"meals": {"irr"}, "late": {"no"}, "carb_fat": {"carb", "out"}, "protein": {"low"},
	"hx_group": {"sugar"}, "body": {"none"}, "neck": {"none"}, "med_any": {"yes"}, "med_names": {"インスリン見本"}, "allergy_any": {"no"},
	"hx_sugar": {"t1"}, "meds": {"ins"}, "sleep": {"lt5"}, "alcohol": {"never"}, "fam": {"none"},
}

// codeLine is where a letter has the code.
var codeLine = regexp.MustCompile(`(?m)^コード：(\d{4} \d{4})\s*$`)

func TestWalk_WithoutJavaScript(t *testing.T) {
	d := openDemo(t, "postgres", withPuzzles)
	defer d.close(t)
	v := browsertest.Visit(t, d.URL, browsertest.Phone)
	v.TurnScriptsOff()

	v.Open("/?area=chin")
	v.Look("home")
	v.Follow("日時を選ぶ")
	v.Follow("この院で日時を選ぶ")
	v.FollowAt("button.time")
	typed := fillPlainForm(v)
	// Who is under age learns only now, without scripts, that the guardian is asked for.
	v.FollowTo(http.StatusUnprocessableEntity, "予約を確定する")
	plainStays(t, v, typed, "an error")
	if wrong := browsertest.Read[[]string](v, `[...document.querySelectorAll(".wrongs a")].map(a => a.hash)`); !slices.Equal(wrong, []string{"#guardian"}) {
		t.Errorf("wrong is %v", wrong)
	}
	v.Look("book-guardian")
	v.Choose("guardian", "form")

	loseTheTime(t, d, v)
	plainStays(t, v, typed, "the time was lost")
	if offers := browsertest.Read[int](v, `document.querySelectorAll("button.time[name=change_slot]").length`); offers == 0 {
		t.Error("no other time is offered")
	}
	v.Look("book-taken")
	// The Go key asks for the same time once more and takes no other one.
	wanted := v.Values("slot")
	v.EnterTo(http.StatusConflict, "phone")
	if got := v.Values("slot"); !slices.Equal(got, wanted) {
		t.Errorf("the Enter key has taken the slot %v instead of %v", got, wanted)
	}
	plainStays(t, v, typed, "the Enter key")
	v.FollowAt("button.time[name=change_slot]")
	if notice := v.Text("[data-changed]"); !strings.Contains(notice, "日時が変わりました") {
		t.Errorf("after another time was chosen, the page says %q", notice)
	}
	plainStays(t, v, typed, "another time was chosen")
	if guardian := v.Values("guardian"); !slices.Equal(guardian, []string{"form"}) {
		t.Errorf("after another time was chosen, the guardian is %v", guardian)
	}
	v.Look("book-again")
	v.FollowTo(http.StatusUnprocessableEntity, "予約を確定する")
	plainStays(t, v, typed, "a code was sent")
	v.Look("book-code")
	code := codeLine.FindStringSubmatch(d.letterTo(t, plainMail, 1).Text)
	if code == nil {
		t.Fatalf("the letter has no code:\n%s", d.letterTo(t, plainMail, 1).Text)
	}
	v.Type("guard-code", code[1])
	v.Follow("コードを送信して予約を確定する")
	v.Look("booked")
	token := strings.TrimPrefix(v.Path(), "/booking/")
	if !strings.Contains(v.Text("main"), "保護者の方の同意書") {
		t.Error("the confirmation does not ask for the guardian's consent")
	}
	if l := d.letterTo(t, plainMail, 2); !strings.Contains(l.Text, d.URL+"/intake/"+token) {
		t.Errorf("the letter has no link to the questionnaire:\n%s", l.Text)
	}
	answerPlainly(t, d, v, token)
}

// fillPlainForm fills the form in and returns what was typed.
func fillPlainForm(v *browsertest.Visitor) map[string]string {
	typed := map[string]string{
		"family_name": "架空", "given_name": "健", "family_kana": "ｶｸｳ", "given_kana": "けん", "birth_year": strconv.Itoa(time.Now().Year() - 16),
		"birth_month": "1", "birth_day": "1", "phone": "03-0000-0000", "email": plainMail,
	}
	for name, text := range typed {
		v.Type(name, text)
	}
	v.Choose("sex", "m")
	v.Choose("contact", "tel")
	v.Choose("visited", "again")
	v.Choose("c_privacy", "yes")
	v.Choose("c_cancel", "yes")
	return typed
}

func plainStays(t *testing.T, v *browsertest.Visitor, typed map[string]string, after string) {
	t.Helper()
	for name, text := range typed {
		if got := v.Values(name); !slices.Equal(got, []string{text}) {
			t.Errorf("after %s, %s holds %q instead of %q", after, name, got, text)
		}
	}
	got := slices.Concat(v.Values("sex"), v.Values("contact"), v.Values("visited"), v.Values("areas"), v.Values("c_privacy"), v.Values("c_cancel"))
	if !slices.Equal(got, []string{"m", "tel", "again", "chin", "yes", "yes"}) {
		t.Errorf("after %s, chosen is %v", after, got)
	}
}

// loseTheTime lets the visitor choose another time in a second tab, which gives the first one up; somebody books that at
// once. The form of the first tab is sent nevertheless.
func loseTheTime(t *testing.T, d *demoClinic, v *browsertest.Visitor) {
	t.Helper()
	slot := v.Values("slot")
	if len(slot) != 1 {
		t.Fatalf("the form is for the slots %v", slot)
	}
	tab := v.Tab()
	tab.Open("/slots")
	tab.Follow("この院で日時を選ぶ")
	tab.FollowAt(".week tr:last-child button")
	newVisitor(t, d.process).mustBook(slot[0], 1)
	v.FollowTo(http.StatusConflict, "予約を確定する")
}

// answerPlainly answers the questionnaire. Where an answer asks for more, the page comes once more.
func answerPlainly(t *testing.T, d *demoClinic, v *browsertest.Visitor, token string) {
	t.Helper()
	v.Follow("問診に答える")
	for _, section := range questionnaire(t).Intake {
		path := "/intake/" + token + "/" + section.ID
		if at := v.Path(); at != path {
			t.Fatalf("after the sections so far comes %s instead of %s", at, section.ID)
		}
		fill(v, section, plainTells)
		v.Look(section.ID)
		asksMore := slices.Contains([]string{"posture", "habits", "medical"}, section.ID)
		next := "保存して次へ"
		if section.ID == "wish" {
			next = "保存して確認へ"
		}
		v.Follow(next)
		if more := v.Path() == path; more != asksMore {
			t.Fatalf("section %s asked more: %v", section.ID, more)
		}
		if asksMore {
			if notice := v.Text("main [role=status]"); !strings.Contains(notice, "質問が増えました") {
				t.Errorf("the page that came once more says %q", notice)
			}
			v.Look(section.ID + "-more")
			fill(v, section, plainTells)
			v.Follow(next)
		}
	}
	if at := v.Path(); at != "/intake/"+token+"/review" {
		t.Errorf("the last section leads to %s", at)
	}
	v.Follow("回答を終える")
	v.Look("done")
	chart := d.chart(t, token)
	if at := v.Path(); at != "/intake/"+token+"/done" || chart.Intake.CompletedAt == nil {
		t.Errorf("the review leads to %s", at)
	}
	if len(chart.Intake.Answers) != len(plainTells) {
		t.Errorf("%d answers are stored instead of %d", len(chart.Intake.Answers), len(plainTells))
	}
	for id, want := range plainTells {
		if got := chart.Intake.Answers[id]; !slices.Equal(got, want) {
			t.Errorf("%s is stored as %q instead of %q", id, got, want)
		}
	}
}
