package main_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"madoguchi/internal/browsertest"
)

// TestWalk_AdminEditsQuestionnaire: an administrator adds a question that depends on another, sees it as a patient does, is stopped where
// something is missing, and publishes it. The next patient is asked it; the one before is not. What was published is written as FHIR has it,
// and read again.
func TestWalk_AdminEditsQuestionnaire(t *testing.T) {
	d := openDemo(t, "sqlite")
	defer d.close(t)
	book := func(n int) (token string) {
		form := goodForm(d.freeLater(t, n))
		form.Set("email", fmt.Sprintf("asked%d@example.jp", n))
		form.Set("phone", fmt.Sprintf("090-0000-72%02d", n))
		form.Set("birth_day", fmt.Sprint(11+n))
		return strings.TrimPrefix(newVisitor(t, d.process).post("/book", form).expect(t, http.StatusOK, "/booking/").URL.Path, "/booking/")
	}
	const label = "お酒を飲むのは、だれとですか"
	former := book(0)

	v := browsertest.Visit(t, d.URL, browsertest.Desktop)
	signIn(t, d, v, "admin")
	v.FollowAt("nav a[href='/office/questionnaire']")
	v.LookAt("questionnaire", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	v.Follow("下書きを作って編集する")
	v.LookAt("questionnaire-draft", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	first := v.Text("[data-list=goal] li:first-child .q-open")
	v.Click("[data-list=goal] li:first-child .places button[value^='down:']")
	v.WaitFor("[data-list=goal] li:first-child .places button[value='down:question:" + browsertest.Read[string](v, `document.querySelector("[data-list=goal] li:nth-child(2)").dataset.question`) + "']")
	v.Reload()
	if second := v.Text("[data-list=goal] li:nth-child(2) .q-open"); second != first {
		t.Errorf("moved down, the second question is %q and not %q", second, first)
	}

	v.FollowAt("button[form=adding][value=wish]")
	v.Type("label-ja", label)
	for n, option := range []string{"ひとりで", "家族や友だちと"} {
		v.Press("選択肢を加える")
		v.WaitFor(fmt.Sprintf("[name=opt-ja-new-%d]", n+1))
		v.Type(fmt.Sprintf("opt-ja-new-%d", n+1), option)
		v.Type(fmt.Sprintf("opt-en-new-%d", n+1), []string{"Alone", "With others"}[n])
	}
	v.Click("button[name=do][value='more:test']")
	v.WaitFor("#test-0")
	pick(v, "#test-0", "alcohol")
	v.WaitFor("[name=test-value-0][value=daily]")
	v.Click("[name=test-value-0][value=daily]")
	v.Click("[name=test-value-0][value=w5]")
	v.LookAt("question-typed", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	v.FollowAt("button[name=do][value=save]")
	v.LookAt("question", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	question := strings.TrimPrefix(strings.Split(v.Path(), "?")[0], "/office/questionnaire/questions/")

	v.Open("/office/questionnaire/publish")
	v.LookAt("questionnaire-stopped", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	if text := v.Text("main"); !strings.Contains(text, "「"+label+"」の質問の文（英語）がありません") || v.Sees("[name=sure]") {
		t.Errorf("what is missing is not said: %s", text)
	}
	v.Follow("直す")
	v.Type("label-en", "Whom do you drink with?")
	v.FollowAt("button[name=do][value=save]")

	v.Open("/office/questionnaire/preview?age=36&sex=f&areas=back&in=ja")
	v.LookAt("questionnaire-preview", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	frame := browsertest.Visit(t, d.URL, browsertest.Phone)
	signIn(t, d, frame, "admin")
	frame.Open("/office/questionnaire/preview/walk?section=wish")
	if frame.Sees("[name=" + question + "]") {
		t.Error("the question is asked before its condition holds")
	}
	frame.Choose("alcohol", "daily")
	frame.WaitFor("label:has([name=" + question + "])")
	frame.Look("questionnaire-walk")

	v.Open("/office/questionnaire/publish")
	v.LookAt("questionnaire-publish", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	for _, said := range []string{"質問「" + label + "」を「睡眠・お酒・ご希望」に追加", "の順番を変更", "直さなければならないところは、ありません", "問・約"} {
		if !strings.Contains(v.Text("main"), said) {
			t.Errorf("the page does not say %q: %s", said, v.Text("main"))
		}
	}
	v.Choose("sure", "yes")
	v.Follow("公開する")
	v.LookAt("questionnaire-published", browsertest.Phone, browsertest.Desktop)
	if text := v.Text("main"); !strings.Contains(text, "第4.1版を公開しました") {
		t.Errorf("the page says %s", text)
	}
	v.Open("/office/questionnaire/versions")
	v.LookAt("questionnaire-versions", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)

	next := book(1)
	asked := func(token string) bool {
		body := newVisitor(t, d.process).get("/intake/"+token+"/wish").expect(t, http.StatusOK, "/intake/").Body
		return strings.Contains(string(body), label)
	}
	if asked(former) || !asked(next) {
		t.Errorf("the former patient is asked the new question: %v; the next one: %v", asked(former), asked(next))
	}

	v.Open("/office/questionnaire/versions/4.1")
	v.LookAt("questionnaire-version", browsertest.Phone, browsertest.Desktop)
	_, file := v.Download("HL7 FHIR R4")
	v.Open("/office/questionnaire/import")
	v.LookAt("questionnaire-import", browsertest.Phone, browsertest.Desktop)
	path := filepath.Join(t.TempDir(), "fhir.json")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	v.Attach("file", path)
	v.Follow("下書きにする")
	v.Open("/office/questionnaire/publish")
	if text := v.Text("main"); !strings.Contains(text, "いま患者さんにお聞きしている問診票と同じ内容です") {
		t.Errorf("what was written and read again differs: %s", text)
	}
	v.Open("/office/questionnaire/roles")
	v.LookAt("questionnaire-roles", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	v.Open("/office/questionnaire/sections/wish")
	v.LookAt("questionnaire-section", browsertest.Phone, browsertest.Desktop)

	v.Open("/office/questionnaire/questions/meds") // its pill is offered to some alone
	v.LookAt("question-options", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	v.Open("/office/questionnaire/strip/history")
	v.Click("button[value='more:part']")
	v.WaitFor("#part-12")
	set(v, "#part-12", question)
	v.WaitFor("#part-12 ~ details summary")
	v.LookAt("questionnaire-strip", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	v.FollowAt(".q-save [data-main]")
	v.Open("/office/questionnaire/causes/posture")
	v.Click("button[value='more:sign']")
	v.WaitFor("#sign-3")
	set(v, "#sign-3", question)
	v.WaitFor("[name^='sign-points-" + question + "-']")
	v.LookAt("questionnaire-cause", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	v.FollowAtTo(http.StatusUnprocessableEntity, ".q-save [data-main]")
	v.LookAt("questionnaire-cause-wrong", browsertest.Phone, browsertest.Desktop)
	v.Open("/office/questionnaire/publish")
	v.LookAt("questionnaire-strip-publish", browsertest.Phone, browsertest.Desktop)
	importsForeign(t, v)
}

// importsForeign throws the draft away and takes over a file of another system, of which not everything can be.
func importsForeign(t *testing.T, v *browsertest.Visitor) {
	t.Helper()
	v.Open("/office/questionnaire")
	v.Click("details.confirm summary")
	v.FollowAt("button[value=drop]")
	path := filepath.Join(t.TempDir(), "foreign.json")
	const foreign = `{"resourceType":"Questionnaire","item":[{"linkId":"g","type":"group","text":"頭痛について","item":[
		{"linkId":"1.1","type":"date","text":"いつから痛みますか"},{"linkId":"1.2","type":"attachment","text":"お薬手帳の写真"},
		{"linkId":"1.3","type":"open-choice","text":"どこが痛みますか","answerOption":[{"valueString":"右"},{"valueString":"左"}]}]}]}`
	if err := os.WriteFile(path, []byte(foreign), 0o600); err != nil {
		t.Fatal(err)
	}
	v.Open("/office/questionnaire/import")
	v.Attach("file", path)
	v.Follow("下書きにする")
	v.LookAt("questionnaire-lost", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	if text := v.Text("#lost-list"); !strings.Contains(text, "「お薬手帳の写真」（1.2）") {
		t.Errorf("what was lost is not named: %s", text)
	}
	v.Open("/office/questionnaire/publish")
	v.LookAt("questionnaire-lost-publish", browsertest.Phone, browsertest.Desktop)
}

// pick chooses from a list, as a person does.
func pick(v *browsertest.Visitor, selector, value string) {
	browsertest.Read[bool](v, fmt.Sprintf(`(() => { const s = document.querySelector(%q); s.value = %q; s.dispatchEvent(new Event("change", {bubbles: true})); return true })()`, selector, value))
}
