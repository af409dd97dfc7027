package main_test

import (
	"encoding/base32"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
)

const chosenPassword = "青い自転車で坂を下る朝の道"

// openEmpty serves an empty clinic that wants a second factor of everybody, and makes the link of its first administrator.
//
// It is reached under the name of a host, if one is given: passkeys belong to names.
func openEmpty(t *testing.T, host ...string) (d *demoClinic, link string) {
	t.Helper()
	d = &demoClinic{settings: newSettings(t, "sqlite"), logins: map[string]login{}}
	address := freeAddress(t)
	d.settings["MADOGUCHI_ADDR"], d.settings["MADOGUCHI_BASE_URL"] = address, "http://"+address
	if len(host) > 0 {
		_, port, err := net.SplitHostPort(address)
		must(t, err)
		d.settings["MADOGUCHI_BASE_URL"] = "http://" + net.JoinHostPort(host[0], port)
	}
	d.settings["MADOGUCHI_SECOND_FACTOR"] = "on"
	stdout, stderr, code := run(t, d.settings, "staff", "add", "--role", "admin", "--email", "kanri@example.jp", "--name", "管理 見本")
	match := printedLink.FindStringSubmatch(stdout)
	if code != 0 || match == nil {
		t.Fatalf("staff add ended with %d: %s%s", code, stdout, stderr)
	}
	d.process = serve(t, d.settings)
	if len(host) > 0 {
		d.URL = d.settings["MADOGUCHI_BASE_URL"]
	}
	return d, match[1]
}

// codeOf is the code that an app with a secret shows now. Of two at once the second waits for the next, because no code counts twice.
func codeOf(t *testing.T, secret string, after int64) (code string, step int64) {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(secret, " ", ""))
	must(t, err)
	step = max(clinic.TOTPStep(time.Now()), after+1)
	return clinic.TOTPCode(key, step), step
}

// setUpApp goes through the page that sets up an app, and returns its secret, the step whose code it has used, and the recovery codes.
func setUpApp(t *testing.T, v *browsertest.Visitor) (secret string, step int64, recovery []string) {
	t.Helper()
	v.Follow("認証アプリを登録する")
	v.Press("読み取れないとき")
	secret = v.Text("#secret")
	v.Look("second-app")
	v.Type("code", "000000")
	v.FollowAtTo(http.StatusUnprocessableEntity, "[data-main]")
	v.Look("second-app-wrong")
	code, step := codeOf(t, secret, 0)
	v.Type("code", code)
	v.FollowAt("[data-main]")
	v.Look("recovery-codes")
	return secret, step, strings.Fields(v.Text("#codes"))
}

// TestWalk_FirstAdmin goes from an empty clinic by the link that the command prints to the office: a password, a second factor, the first
// steps; and adds a colleague there.
func TestWalk_FirstAdmin(t *testing.T) {
	d, link := openEmpty(t)
	defer d.close(t)
	v := browsertest.Visit(t, d.URL, browsertest.Desktop)
	v.Open(link)
	v.Look("invitation")
	v.Type("new", "password1234")
	v.FollowAtTo(http.StatusUnprocessableEntity, "[data-main]")
	v.Look("invitation-wrong")
	v.Type("new", chosenPassword)
	v.FollowAt("[data-main]")
	if v.Path() != "/office/me/second" {
		t.Fatalf("whoever lacks a second factor is led to %s", v.Path())
	}
	v.Look("second-forced")
	v.Open("/office/setup")
	if v.Path() != "/office/me/second" {
		t.Errorf("without a second factor, the office opens at %s", v.Path())
	}
	setUpApp(t, v)
	v.Follow("保管しました")
	if v.Path() != "/office/setup" {
		t.Errorf("the office begins at %s", v.Path())
	}
	v.OpenTo(http.StatusNotFound, link)
	v.Look("invitation-gone")

	v.Open("/office/staff")
	v.Look("staff")
	v.Follow("職員を加える")
	v.Look("staff-new")
	v.Type("name", "受付 見本")
	v.Type("email", "uketsuke@example.jp")
	v.Choose("role", "reception")
	v.FollowAt("[data-main]")
	v.Look("staff-link")
	colleague := browsertest.Visit(t, d.URL, browsertest.Phone)
	colleague.Open(browsertest.Read[string](v, `document.querySelector("#link-address").value`))
	colleague.Type("new", chosenPassword+"も")
	colleague.FollowAt("[data-main]")
	if colleague.Path() != "/office/me/second" {
		t.Errorf("the colleague is led to %s", colleague.Path())
	}
}

// TestWalk_TOTPAndRecovery signs in with a code of the app, and once with a recovery code; an administrator takes both away from somebody
// who has lost them.
func TestWalk_TOTPAndRecovery(t *testing.T) {
	d, link := openEmpty(t)
	defer d.close(t)
	v := browsertest.Visit(t, d.URL, browsertest.Desktop)
	v.Open(link)
	v.Type("new", chosenPassword)
	v.FollowAt("[data-main]")
	secret, step, recovery := setUpApp(t, v)
	v.Follow("保管しました")

	withPassword := func() *browsertest.Visitor {
		b := browsertest.Visit(t, d.URL, browsertest.Desktop)
		b.Open("/office/staff")
		b.Type("email", "kanri@example.jp")
		b.Type("password", chosenPassword)
		b.FollowAt("[data-main]")
		if !strings.HasPrefix(b.Path(), "/office/sign-in/second?") {
			t.Fatalf("after the password comes %s", b.Path())
		}
		return b
	}
	b := withPassword()
	b.Look("second")
	b.Open("/office/staff")
	if !strings.HasPrefix(b.Path(), "/office/sign-in?") {
		t.Errorf("with the password alone, the office opens at %s", b.Path())
	}
	b = withPassword()
	code, _ := codeOf(t, secret, step)
	b.Type("code", code)
	b.FollowAt("[data-main]")
	if b.Path() != "/office/staff" {
		t.Errorf("whoever wanted the staff is led to %s", b.Path())
	}
	c := withPassword()
	c.Type("code", code)
	c.FollowAtTo(http.StatusUnprocessableEntity, "[data-main]")
	c.Look("second-wrong")
	c.Press("アプリが使えないとき")
	c.Type("code", "")
	c.Type("recovery", strings.ToUpper(recovery[0]))
	c.Follow("復旧コードでサインイン")
	c.Open("/office/me")
	c.Look("me")
	if !strings.Contains(c.Text("main"), "9個") {
		t.Errorf("the page says %s", c.Text("main"))
	}
	c.Follow("2段階認証の設定")
	c.Look("second-set-up")
}

// TestWalk_SignOutEverywhere ends what is signed in elsewhere, from the page of one's own account.
func TestWalk_SignOutEverywhere(t *testing.T) {
	d := &demoClinic{settings: newSettings(t, "sqlite"), logins: map[string]login{}}
	openClinic(t, d.settings, 1)
	d.logins["reception"] = login{"uketsuke@example.jp", addStaff(t, d.settings, "reception", "uketsuke@example.jp", "受付 見本", "")}
	d.process = serve(t, d.settings)
	defer d.close(t)
	here, there := browsertest.Visit(t, d.URL, browsertest.Desktop), browsertest.Visit(t, d.URL, browsertest.Phone)
	for _, v := range []*browsertest.Visitor{here, there} {
		v.Open("/office")
		v.Type("email", d.logins["reception"].email)
		v.Type("password", d.logins["reception"].password)
		v.FollowAt("[data-main]")
	}
	here.Open("/office/me")
	here.Look("me-two-browsers")
	here.Follow("このブラウザ以外を、すべてサインアウト")
	there.Open("/office/list")
	if !strings.HasPrefix(there.Path(), "/office/sign-in?") {
		t.Errorf("signed out elsewhere, the list opens at %s", there.Path())
	}
	here.Open("/office/list")
	if !strings.HasPrefix(here.Path(), "/office/list") {
		t.Errorf("signed out elsewhere, this browser is at %s", here.Path())
	}
}
