package office_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/web/letter"
)

// TestWording_KeepsWhatWasTyped: a text with advertising is refused with the rule and the word, and nothing of it is lost or stored; a preview
// shows what was typed and stores nothing; what is as delivered is stored as nothing.
func TestWording_KeepsWhatWasTyped(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	path := "/office/branches/" + b.Branch.ID + "/letters/reminder"
	form := url.Values{"subject": {"{{日時}} のご予約"}, "lead": {"{{氏名}} 様へ"}, "note": {"必ず痩せる方法をお話しします。"}}
	refused := b.Admin.PostForm(path+"?lang=ja", form).Want(http.StatusUnprocessableEntity).Page()
	if got := refused.Find("#note").Text(); got != form.Get("note") {
		t.Errorf("what was typed is %q", got)
	}
	if got := refused.Find("#note-error").Text(); !strings.Contains(got, "「必ず痩せ」") || !strings.Contains(got, "虚偽広告・誇大広告の禁止") {
		t.Errorf("the field says %q", got)
	}
	if got := b.Admin.PostForm(path+"/preview?lang=ja", form).Want(http.StatusUnprocessableEntity).Page().Find("[role=alert]").Text(); !strings.Contains(got, "「必ず痩せ」") {
		t.Errorf("the preview says %q", got)
	}
	form.Set("note", "駐車場は裏手です。")
	preview := b.Admin.PostForm(path+"/preview?lang=ja", form).Want(http.StatusOK).Page()
	var letters []string
	preview.Find("iframe").Each(func(_ int, frame *goquery.Selection) { letters = append(letters, frame.AttrOr("srcdoc", "")) })
	if len(letters) != 3 {
		t.Fatalf("the preview shows %d letters", len(letters))
	}
	for _, html := range letters {
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(html))
		servertest.Must(t, err)
		if text := doc.Find("body").Text(); !strings.Contains(text, "見本 花子 様へ") || !strings.Contains(text, "駐車場は裏手です。") || strings.Contains(text, "{{") {
			t.Errorf("the letter says %s", text)
		}
	}
	stored := func() clinic.LetterWording {
		w, err := b.Store.LetterWording(t.Context(), clinic.StaffActor(b.Staff[servertest.Admin]), b.Branch.ID, clinic.Reminder, "ja")
		servertest.Must(t, err)
		return w
	}
	if w := stored(); w.Revision != 0 {
		t.Errorf("looking has stored %+v", w)
	}
	form.Set("seen-revision", "0")
	b.Admin.PostForm(path+"?lang=ja", form).Want(http.StatusSeeOther)
	if w := stored(); w.Text.Note != "駐車場は裏手です。" || w.Revision != 1 {
		t.Errorf("stored: %+v", w)
	}
	delivered := letter.Delivered(clinic.Reminder, "ja")
	form = url.Values{"subject": {delivered.Subject}, "lead": {""}, "note": {""}, "seen-revision": {"1"}}
	b.Admin.PostForm(path+"?lang=ja", form).Want(http.StatusSeeOther)
	if w := stored(); w.Text != (clinic.LetterText{}) || w.Revision != 2 {
		t.Errorf("what is delivered is stored as %+v", w)
	}
	form = url.Values{"subject": {"別の件名"}, "seen-revision": {"1"}}
	if text := b.Admin.PostForm(path+"?lang=ja", form).Want(http.StatusConflict).Page().Find("main").Text(); !strings.Contains(text, "別の件名") {
		t.Errorf("the conflict says %s", text)
	}
	restored := b.Admin.PostForm(path+"?lang=ja", url.Values{"subject": {"別の件名"}, "seen-revision": {"2"}, "do": {"restore"}}).Want(http.StatusOK).Page()
	if got := restored.Find("#subject").AttrOr("value", ""); got != delivered.Subject || stored().Revision != 2 {
		t.Errorf("restored: %q", got)
	}
	for _, missing := range []string{"/trial", "/failed_today", "/nothing"} {
		b.Admin.Get("/office/branches/" + b.Branch.ID + "/letters" + missing).Want(http.StatusNotFound)
	}
	b.Admin.Get(path + "?lang=fr").Want(http.StatusNotFound)
	b.FrontDesk.Get(path).Want(http.StatusForbidden)
}

// TestWording_TestGoesToWhoeverAsks: a test is sent with what was typed, and not twice at once.
func TestWording_TestGoesToWhoeverAsks(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	path := "/office/branches/" + b.Branch.ID + "/letters/thanks/trial?lang=ja"
	b.Admin.PostForm(path, url.Values{"lead": {"今だけ"}}).Want(http.StatusUnprocessableEntity)
	b.Admin.Get(path).Want(http.StatusOK)
	b.Admin.PostForm(path, url.Values{"lead": {"ありがとうございました。"}}).Want(http.StatusSeeOther)
	if got := b.Admin.Get(path).Want(http.StatusOK).Page().Find("[data-trial=way]").Length(); got != 1 {
		t.Error("the test is not on its way")
	}
	b.Admin.PostForm(path, url.Values{"lead": {"ありがとうございました。"}}).Want(http.StatusTooManyRequests)
}
