package office_test

import (
	"testing"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
)

// TestHours_AsksBeforeTheyAreLost: leaving a week that is drawn and not saved asks; saving it and giving it up do not, nor does a week in
// which nothing was changed. From the page one comes to the branch's rules.
func TestHours_AsksBeforeTheyAreLost(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	drawHours(t, s)
	v := browsertest.Visit(t, s.URL, browsertest.Desktop)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Admin))
	asks := func() bool {
		return browsertest.Read[bool](v, `!window.dispatchEvent(new Event("beforeunload", { cancelable: true }))`)
	}
	v.Open("/office/hours?branch=" + s.Branch.ID + "&doctor=" + s.Doctors[0].ID)
	if asks() {
		t.Error("it asks before anything was changed")
	}
	if rules := browsertest.Read[string](v, `document.querySelector(".hours-rail a[href$='/rules']")?.getAttribute("href") ?? ""`); rules != "/office/branches/"+s.Branch.ID+"/rules" {
		t.Errorf("the rules are at %q", rules)
	}
	change := `(() => { const f = document.querySelector("#week [name^=until-]"); f.value = "11:00"; return f.dispatchEvent(new Event("change", { bubbles: true })) })()`
	browsertest.Read[bool](v, change)
	if !asks() {
		t.Error("it does not ask while the server draws")
	}
	v.WaitFor(".unsaved")
	if !asks() {
		t.Error("it does not ask")
	}
	v.Look("hours-unsaved")
	v.FollowAt("[data-discard]") // a question here would stop the browser
	if asks() {
		t.Error("it asks when it has been given up")
	}
	browsertest.Read[bool](v, change)
	v.WaitFor(".unsaved")
	v.FollowAt(".preview-go .button")
	if asks() {
		t.Error("it asks when it is saved")
	}
}
