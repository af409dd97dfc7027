package main_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"madoguchi/internal/browsertest"
)

// TestWalk_AdminEditsQuestionnaireWithoutScript: all that the editor does, it does with plain forms: a question with options, a condition of
// its own and one of an option, another order, a question less, a look at it, and publishing. Who has booked before is asked the old version.
func TestWalk_AdminEditsQuestionnaireWithoutScript(t *testing.T) {
	d := openDemo(t, "sqlite")
	defer d.close(t)
	book := func(n int) (token string) {
		form := goodForm(d.freeLater(t, n))
		form.Set("email", fmt.Sprintf("plain%d@example.jp", n))
		form.Set("phone", fmt.Sprintf("090-0000-73%02d", n))
		form.Set("birth_day", fmt.Sprint(11+n))
		return strings.TrimPrefix(newVisitor(t, d.process).post("/book", form).expect(t, http.StatusOK, "/booking/").URL.Path, "/booking/")
	}
	former := book(0)
	v := browsertest.Visit(t, d.URL, browsertest.Phone)
	v.TurnScriptsOff()
	signIn(t, d, v, "admin")
	v.Open("/office/questionnaire")
	v.Follow("下書きを作って編集する")

	submit(v, "button[form=adding][value=wish]")
	v.Type("label-ja", "お酒は何を飲みますか")
	v.Type("label-en", "What do you drink?")
	for n, option := range []string{"ビール", "ワイン"} {
		submit(v, "#options button[value=option]")
		v.Type(fmt.Sprintf("opt-ja-new-%d", n+1), option)
		v.Type(fmt.Sprintf("opt-en-new-%d", n+1), []string{"Beer", "Wine"}[n])
	}
	submit(v, "button[name=do][value='more:test']")
	set(v, "#test-0", "alcohol")
	submit(v, "#test-0 ~ button[value=draw]")
	v.Click("[name=test-value-0][value=daily]")
	submit(v, ".q-save [data-main]")
	question := strings.TrimPrefix(strings.Split(v.Path(), "?")[0], "/office/questionnaire/questions/")
	code := v.Values("option")[1]

	// The second option is offered to some alone.
	row := "opt-if-" + code
	v.Click(".q-option:nth-child(2) details:last-of-type summary")
	submit(v, "button[name=do][value='more:"+row+"']")
	set(v, "#"+row+"-0", "sex")
	submit(v, "#"+row+"-0 ~ button[value=draw]")
	v.Click("[name=" + row + "-value-0][value=m]")
	lookFromTop(v, "question-plain")
	submit(v, ".q-save [data-main]")

	v.Open("/office/questionnaire")
	submit(v, "button[value='up:question:"+question+"']")
	v.Open("/office/questionnaire/questions/barrier")
	v.Click("details.confirm summary")
	submit(v, "button[value='retire:question:barrier']")
	v.Look("questionnaire-draft-plain")

	v.Open("/office/questionnaire/strip/history")
	submit(v, "button[value='more:part']")
	last := len(v.Values("part")) - 1
	set(v, fmt.Sprintf("#part-%d", last), question)
	submit(v, fmt.Sprintf("#part-%d ~ button[value=draw]", last))
	lookFromTop(v, "strip-plain")
	submit(v, ".q-save [data-main]")

	v.Open("/office/questionnaire/preview/walk?section=wish&age=36&sex=m&areas=back&in=ja")
	v.Choose("alcohol", "daily")
	v.FollowAtTo(http.StatusUnprocessableEntity, "form[data-questions] [data-main]")
	v.Look("questionnaire-walk-plain")
	if !v.Sees("[name="+question+"]") || !v.Sees("[name="+question+"][value="+code+"]") {
		t.Error("the preview does not ask the question with both options")
	}
	v.Open("/office/questionnaire/publish")
	text := v.Text("main")
	for _, said := range []string{"質問「お酒は何を飲みますか」を「睡眠・お酒・ご希望」に追加", "をやめる", "いつも見える帯「病歴」を変更"} {
		if !strings.Contains(text, said) {
			t.Errorf("it is not said that %s: %s", said, text)
		}
	}
	if v.Sees("[aria-labelledby=stops]") {
		t.Fatalf("something stops: %s", text)
	}
	v.Choose("sure", "yes")
	v.Follow("公開する")
	if text := v.Text("main"); !strings.Contains(text, "第4.1版を公開しました") {
		t.Errorf("the page says %s", text)
	}

	next := book(1)
	asks := func(token, section, name string) bool {
		return newVisitor(t, d.process).get("/intake/"+token+"/"+section).expect(t, http.StatusOK, "/intake/").page(t).Find("[name="+name+"]").Length() > 0
	}
	if asks(former, "wish", question) || !asks(former, "habits", "barrier") {
		t.Error("who booked before is not asked the old version")
	}
	if !asks(next, "wish", question) || asks(next, "habits", "barrier") {
		t.Error("who books now is not asked the new version")
	}
}

// submit presses a button that may stand under the bar at the bottom.
func submit(v *browsertest.Visitor, selector string) {
	browsertest.Read[bool](v, fmt.Sprintf(`(() => { document.querySelector(%q).scrollIntoView({block: "center"}); return true })()`, selector))
	v.FollowAt(selector)
}

// lookFromTop looks at a page whose bar at the bottom covers nothing that is meant to be seen.
func lookFromTop(v *browsertest.Visitor, name string) {
	browsertest.Read[bool](v, `(() => { scrollTo(0, 0); return true })()`)
	v.Look(name)
}
