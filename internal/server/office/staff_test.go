package office_test

import (
	"encoding/base32"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
)

const newPassword = "青い自転車で坂を下る朝の道"

// invite lets an administrator add a receptionist, and returns the path of their link.
func invite(t *testing.T, admin *servertest.Visitor, email string) (link, id string) {
	t.Helper()
	a := admin.Post("/office/staff/new", "name", "受付 新人", "email", email, "role", "reception", "every", "all").Want(http.StatusOK)
	address, err := url.Parse(a.Find("#link-address").AttrOr("value", ""))
	servertest.Must(t, err)
	if address.Host != "yoyaku.example.jp" || !strings.HasPrefix(address.Path, "/office/invitation/") {
		t.Fatalf("the link is %s", address)
	}
	action, _ := a.Find("form[action$='/active']").Attr("action")
	return address.Path, strings.Split(action, "/")[3]
}

// Whoever is invited chooses a password by their link, once, and is at work; nobody else has seen the password.
func TestInvitation_LeadsIn(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		admin := s.SignedIn(t, servertest.Admin)
		link, id := invite(t, admin, "new@example.jp")
		admin.Get("/office/staff").Want(http.StatusOK).WantText("tr[data-state=invited]", "招待中")
		if strings.Contains(admin.Get("/office/staff/"+id).Body, link) {
			t.Error("the link is shown twice")
		}
		v := s.Visitor(t)
		v.SignIn("new@example.jp", "").Want(http.StatusUnprocessableEntity)
		v.SignIn("new@example.jp", servertest.Password).Want(http.StatusUnprocessableEntity).WantText(".notice", "違います")
		before := s.Facts(t)
		for range 3 { // a mail scanner
			v.Get(link).Want(http.StatusOK).WantText("main", "受付 新人")
		}
		s.WantUnchanged(t, before)
		for password, says := range map[string]string{"": "12文字", "short": "12文字", "password1234": "よく使われている", "受付新人受付新人1234": "よく使われている", "new@example.jp": "よく使われている"} {
			a := v.Post(link, "new", password).Want(http.StatusUnprocessableEntity)
			a.WantText("#new-error", says)
			if a.Find("#new").AttrOr("value", "") != "" {
				t.Error("the page holds the password")
			}
		}
		a := v.Post(link, "new", newPassword).Want(http.StatusSeeOther)
		if a.Location() != "/office" || v.Cookie(page.SessionCookie) == "" {
			t.Errorf("led to %s", a.Location())
		}
		v.Get("/office/day").Want(http.StatusOK)
		other := s.Visitor(t)
		used := other.Get(link).Want(http.StatusNotFound)
		never := other.Get("/office/invitation/" + clinic.NewStaffToken()).Want(http.StatusNotFound)
		if used.Body != strings.ReplaceAll(never.Body, never.Asked[len("GET "):], link) {
			t.Error("a link that was used is told apart from one that never was")
		}
		other.Post(link, "new", newPassword+"2").Want(http.StatusNotFound)
		other.SignIn("new@example.jp", newPassword).Want(http.StatusSeeOther)
		if strings.Contains(s.Journal.String(), link[len("/office/invitation/"):]) {
			t.Error("the log has the link")
		}
	})
}

// A disabled account's cookie is dead and stays dead.
func TestDisabledAccount_OldCookieStaysDead(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		admin, front := s.SignedIn(t, servertest.Admin), s.SignedIn(t, servertest.FrontDesk)
		path := "/office/staff/" + s.Staff[servertest.FrontDesk].ID
		front.Get("/office/day").Want(http.StatusOK)
		admin.Post(path+"/active", "active", "no").Want(http.StatusSeeOther)
		front.Get("/office/day").Want(http.StatusSeeOther)
		front.Post("/office/search", "q", "シケン").Want(http.StatusUnauthorized)
		s.Visitor(t).SignIn(servertest.FrontDesk, servertest.Password).Want(http.StatusUnprocessableEntity).WantText(".notice", "違います")
		admin.Get("/office/staff").WantText("tr[data-state=disabled]", "停止中")
		admin.Post(path + "/link").Want(http.StatusConflict)
		admin.Post(path+"/active", "active", "yes").Want(http.StatusSeeOther)
		front.Get("/office/day").Want(http.StatusSeeOther)
		s.Visitor(t).SignIn(servertest.FrontDesk, servertest.Password).Want(http.StatusSeeOther)
	})
}

func TestAccountPage_SaysWhatIsWrong(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		admin := s.SignedIn(t, servertest.Admin)
		a := admin.Post("/office/staff/new", "name", "", "email", "x", "role", "", "every", "some").Want(http.StatusUnprocessableEntity)
		for _, field := range []string{"name", "email", "role", "branches"} {
			if a.Find("#"+field+"-error").Length() != 1 {
				t.Errorf("nothing is said at %s", field)
			}
		}
		admin.Post("/office/staff/new", "name", "医師", "email", "x@example.jp", "role", "doctor", "every", "all").Want(http.StatusUnprocessableEntity).WantText("#doctor_id-error", "どの医師か")
		a = admin.Post("/office/staff/new", "name", "もうひとり", "email", servertest.FrontDesk, "role", "reception", "every", "all").Want(http.StatusUnprocessableEntity)
		a.WantText("#email-error", "すでに登録")
		if a.Find("#name").AttrOr("value", "") != "もうひとり" {
			t.Error("what was typed is lost")
		}
		own := s.Staff[servertest.Admin]
		admin.Post("/office/staff/"+own.ID, "seen-revision", "1", "name", own.Name, "email", own.Email, "role", "reception", "every", "all").
			Want(http.StatusUnprocessableEntity).WantText("#role-error", "自分の役割")
		admin.Post("/office/staff/"+own.ID+"/active", "active", "no").Want(http.StatusConflict).WantText("[role=alert]", "自分の")
		front := s.Staff[servertest.FrontDesk]
		path := "/office/staff/" + front.ID
		admin.Post(path, "seen-revision", "1", "name", "受付 改名", "email", front.Email, "role", "reception", "every", "some", "branches", s.Branch.ID).Want(http.StatusSeeOther)
		// Somebody whose page is older is shown both.
		admin.Post(path, "seen-revision", "1", "name", "受付 別名", "email", front.Email, "role", "reception", "every", "some", "branches", s.Branch.ID).
			Want(http.StatusConflict).WantText("main", "受付 改名")
	})
}

// Whoever has signed in a while ago shows who they are before something important, and nothing of what they typed is lost.
func TestProof_IsAskedForAgain(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		admin := s.SignedIn(t, servertest.Admin)
		s.Clock.Advance(clinic.ProofLife)
		form := url.Values{"name": {"受付 新人"}, "email": {"new@example.jp"}, "role": {"reception"}, "every": {"some"}, "branches": {s.Branch.ID, s.Other.ID}}
		admin.Get("/office/staff").Want(http.StatusOK)
		before := s.Facts(t)
		a := admin.PostForm("/office/staff/new", form).Want(http.StatusForbidden)
		s.WantUnchanged(t, before)
		for name, values := range form {
			for _, value := range values {
				if a.Find("form[action='/office/staff/new'] [type=hidden][name='"+name+"'][value='"+value+"']").Length() != 1 {
					t.Errorf("%s=%s does not travel along", name, value)
				}
			}
		}
		form.Set("proof-password", "wrong")
		admin.PostForm("/office/staff/new", form).Want(http.StatusUnprocessableEntity).WantText("#proof-password-error", "違います")
		form.Set("proof-password", servertest.Password)
		admin.PostForm("/office/staff/new", form).Want(http.StatusOK)
		admin.Post("/office/staff/" + s.Staff[servertest.FrontDesk].ID + "/unlock").Want(http.StatusSeeOther) // it counts for a while

		s.Clock.Advance(clinic.ProofLife)
		front := s.SignedIn(t, servertest.FrontDesk)
		front.Get("/office/list.csv").Want(http.StatusOK)
		s.Clock.Advance(clinic.ProofLife)
		led := front.Get("/office/list.csv?branch=" + s.Branch.ID).Want(http.StatusSeeOther)
		if !strings.HasPrefix(led.Location(), "/office/prove?next=") {
			t.Fatalf("led to %s", led.Location())
		}
		front.Get(led.Location()).Want(http.StatusOK).WantText("h1", "確認")
		next, err := url.Parse(led.Location())
		servertest.Must(t, err)
		front.Post("/office/prove", "next", next.Query().Get("next"), "proof-password", "wrong").Want(http.StatusUnprocessableEntity)
		back := front.Post("/office/prove", "next", next.Query().Get("next"), "proof-password", servertest.Password).Want(http.StatusSeeOther)
		proved := front.Get(back.Location()).Want(http.StatusOK)
		if href := proved.Find("main a.button").AttrOr("href", ""); href != "/office/list.csv?branch="+s.Branch.ID {
			t.Errorf("the file is at %q", href)
		}
		if href := proved.Find("main a.tap").AttrOr("href", ""); href != "/office/list?branch="+s.Branch.ID {
			t.Errorf("the page is at %q", href)
		}
		front.Get("/office/list.csv").Want(http.StatusOK)
		for _, elsewhere := range []string{"https://example.com/", "//example.com", "/booking/x"} {
			if to := front.Post("/office/prove", "next", elsewhere, "proof-password", servertest.Password).Want(http.StatusSeeOther).Location(); to != "/office/prove" {
				t.Errorf("led to %s", to)
			}
		}
	})
}

func TestMe_PasswordAndSessions(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		here, there := s.Visitor(t), s.Visitor(t)
		here.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36")
		there.Header.Set("User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1")
		for _, v := range []*servertest.Visitor{here, there} {
			v.SignIn(servertest.FrontDesk, servertest.Password).Want(http.StatusSeeOther)
		}
		a := here.Get("/office/me").Want(http.StatusOK)
		a.WantText("#sessions", "Chrome / Windows")
		a.WantText("#sessions", "Safari / iPhone")
		if a.Find("#sessions li").Length() != 2 || a.Find("#sessions button").Length() != 1 {
			t.Errorf("the sessions are %s", a.Find("#sessions").Text())
		}
		here.Post("/office/me/password", "old", "wrong", "new", newPassword).Want(http.StatusUnprocessableEntity).WantText("#old-error", "違います")
		here.Post("/office/me/password", "old", "", "new", newPassword).Want(http.StatusUnprocessableEntity)
		here.Post("/office/me/password", "old", servertest.Password, "new", "frontdesk1234").Want(http.StatusUnprocessableEntity).WantText("#new-error", "思いつかれやすい")
		there.Get("/office/day").Want(http.StatusOK)
		here.Post("/office/me/password", "old", servertest.Password, "new", newPassword).Want(http.StatusSeeOther)
		here.Get("/office/day").Want(http.StatusOK)
		there.Get("/office/day").Want(http.StatusSeeOther)
		there.SignIn(servertest.FrontDesk, servertest.Password).Want(http.StatusUnprocessableEntity)
		there.SignIn(servertest.FrontDesk, newPassword).Want(http.StatusSeeOther)
		there.Post("/office/me/sessions").Want(http.StatusSeeOther)
		here.Get("/office/day").Want(http.StatusSeeOther)
		there.Get("/office/day").Want(http.StatusOK)
	})
}

// Where the clinic wants a second factor, whoever lacks it opens no page but the one that sets it up; who has it shows it with each sign-in.
func TestSecondFactor_ComesBeforeEverythingElse(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		front := s.Visitor(t)
		front.SignIn(servertest.FrontDesk, servertest.Password).Want(http.StatusSeeOther)
		front.Get("/office/day").Want(http.StatusOK)
		s.SignedIn(t, servertest.Admin).Post("/office/staff", "second_factor", "yes").Want(http.StatusSeeOther)
		for _, path := range []string{"/office", "/office/day", "/office/patients", "/office/list.csv", "/office/me"} {
			if to := front.Get(path).Want(http.StatusSeeOther).Location(); to != "/office/me/second" {
				t.Errorf("%s leads to %s", path, to)
			}
		}
		front.Post("/office/search", "q", "シケン").Want(http.StatusForbidden)
		front.Get("/office/me/second").Want(http.StatusOK).WantText("main", "必要です")
		a := front.Post("/office/me/second/app").Want(http.StatusOK)
		secret := readSecret(t, a)
		if a.Find("svg.qr path").AttrOr("d", "") == "" {
			t.Error("there is no picture to read")
		}
		front.Post("/office/me/second/app/confirm", "code", "000000").Want(http.StatusUnprocessableEntity).WantText("#code-error", "違う")
		code := clinic.TOTPCode(secret, clinic.TOTPStep(s.Clock.Now()))
		codes := front.Post("/office/me/second/app/confirm", "code", code).Want(http.StatusOK).Find("#codes li")
		if codes.Length() != clinic.RecoveryCodes {
			t.Errorf("%d recovery codes", codes.Length())
		}
		recovery := codes.First().Text()
		front.Get("/office/day").Want(http.StatusOK)

		v := s.Visitor(t)
		led := v.SignIn(servertest.FrontDesk, servertest.Password).Want(http.StatusSeeOther)
		if led.Location() != "/office/sign-in/second" || v.Cookie(page.SessionCookie) != "" {
			t.Fatalf("led to %s", led.Location())
		}
		v.Get("/office/day").Want(http.StatusSeeOther)
		v.Get("/office/me/second").Want(http.StatusSeeOther)
		v.Post("/office/sign-in/second", "code", code).Want(http.StatusUnprocessableEntity).WantText("#code-error", "使われて")
		v.Post("/office/sign-in/second", "recovery", "wrong").Want(http.StatusUnprocessableEntity).WantText("#recovery-error", "違う")
		v.Post("/office/sign-in/second", "recovery", recovery, "next", "/office/day").Want(http.StatusSeeOther)
		v.Get("/office/day").Want(http.StatusOK)
		for _, step := range []func() *servertest.Answer{
			func() *servertest.Answer { return s.Visitor(t).Get("/office/sign-in/second") },
			func() *servertest.Answer { return s.Visitor(t).Post("/office/sign-in/second", "code", "123456") },
		} {
			if to := step().Want(http.StatusSeeOther).Location(); to != "/office/sign-in" {
				t.Errorf("whoever has shown no password is led to %s", to)
			}
		}
	})
}

// readSecret is the secret of an app as it stands on the page to be typed.
func readSecret(t *testing.T, a *servertest.Answer) []byte {
	t.Helper()
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(a.Find("#secret").Text(), " ", ""))
	servertest.Must(t, err)
	return secret
}
