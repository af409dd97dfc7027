package main_test

import (
	"net/http"
	"strings"
	"testing"

	"madoguchi/internal/browsertest"
)

// TestWalk_StaffEditsLetter: an administrator words the confirmation of a branch, is stopped at advertising and at what is no placeholder, looks
// at the letter, has it sent to themselves, and saves it, while a colleague does the same. Whoever books then gets those words. The same goes
// without scripts.
func TestWalk_StaffEditsLetter(t *testing.T) {
	d := openDemo(t, "sqlite")
	defer d.close(t)
	v, colleague := browsertest.Visit(t, d.URL, browsertest.Desktop), browsertest.Visit(t, d.URL, browsertest.Desktop)
	signIn(t, d, v, "admin")
	signIn(t, d, colleague, "admin")
	v.FollowAt("nav a[href='/office/branches']")
	v.FollowAt("main tbody tr:first-child a[href$='/letters']")
	v.LookAt("wordings", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	v.Follow("予約確認")
	v.LookAt("wording", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	path, _, _ := strings.Cut(v.Path(), "?")
	colleague.Open(path)

	v.Type("note", "今だけ半額。駐車場は{{場所}}です。")
	v.FollowTo(http.StatusUnprocessableEntity, "保存する")
	v.LookAt("wording-wrong", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	for _, word := range []string{"「今だけ」", "「半額」", "費用を強調した広告", "「{{場所}}」という差し込みはありません"} {
		if !strings.Contains(v.Text("main form"), word) {
			t.Errorf("the form does not say %q: %s", word, v.Text("main form"))
		}
	}
	if got := v.Values("note"); len(got) != 1 || got[0] != "今だけ半額。駐車場は{{場所}}です。" {
		t.Errorf("what was typed is %q", got)
	}

	v.Type("subject", "【{{院名}}】{{日時}} 見本のご案内")
	v.Type("lead", "{{氏名}} 様のご来院を、スタッフ一同お待ちしております。")
	v.Type("note", "駐車場は建物の裏手にあります。\n予約番号 {{予約番号}} を窓口でお伝えください。")
	v.Press("プレビューを更新")
	v.Press("自分に試し送り")
	trial := d.letterTo(t, d.logins["admin"].email, 1)
	if !strings.HasPrefix(trial.Subject, "【試し送り】【") || !strings.Contains(trial.Text, "見本 花子 様のご来院を") || !strings.Contains(trial.Text, "駐車場は建物の裏手") {
		t.Errorf("the test says %s\n%s", trial.Subject, trial.Text)
	}
	v.LookAt("wording-typed", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	v.Follow("保存する")
	v.Look("wording-saved")

	colleague.Type("note", "傘立ては入口にあります。")
	colleague.FollowTo(http.StatusConflict, "保存する")
	colleague.LookAt("wording-conflict", browsertest.Phone, browsertest.Desktop)
	if text := colleague.Text("main"); !strings.Contains(text, "駐車場は建物の裏手") || !strings.Contains(text, "傘立ては入口") {
		t.Errorf("the conflict does not show both: %s", text)
	}

	form := goodForm(d.freeLater(t, 0))
	form.Set("email", "worded@example.jp")
	form.Set("phone", "090-0000-7101")
	newVisitor(t, d.process).post("/book", form).expect(t, http.StatusOK, "/booking/")
	l := d.letterTo(t, "worded@example.jp", 1)
	if !strings.HasSuffix(l.Subject, "見本のご案内") || !strings.Contains(l.Text, "のご来院を、スタッフ一同お待ちしております。") || !strings.Contains(l.Text, "/booking/") ||
		!strings.Contains(l.HTML, "駐車場は建物の裏手にあります。") || strings.Contains(l.Subject+l.Text, "{{") {
		t.Errorf("the letter says %s\n%s", l.Subject, l.Text)
	}

	plain := browsertest.Visit(t, d.URL, browsertest.Phone)
	signIn(t, d, plain, "admin")
	plain.TurnScriptsOff()
	plain.Open(path + "?lang=en")
	plain.Type("lead", "Welcome, {{name}}.")
	plain.Follow("保存する")
	plain.Look("wording-plain")
	if got := plain.Values("lead"); len(got) != 1 || got[0] != "Welcome, {{name}}." {
		t.Errorf("without scripts this is saved: %q", got)
	}
	plain.Follow("はじめの文面に戻す")
	if got := plain.Values("lead"); len(got) != 1 || strings.Contains(got[0], "Welcome") {
		t.Errorf("what is delivered is %q", got)
	}
}
