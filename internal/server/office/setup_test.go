package office_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// eachNew opens a site that holds nothing but an administrator, on both engines.
func eachNew(t *testing.T, test func(t *testing.T, s *servertest.Site)) {
	t.Helper()
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) { test(t, servertest.OpenNew(t, engine)) })
	}
}

var firstBranch = []string{"name", "見本クリニック 中央院", "address", "見本県架空市1-2-3", "phone", "03-0000-0001", "phone_hours", "10:00〜19:00"}

// setUp adds a branch with two doctors, and returns the branch.
func setUp(t *testing.T, admin *servertest.Visitor) (branch string) {
	t.Helper()
	page := admin.Get("/office/setup").Want(http.StatusOK)
	a := admin.Post("/office/setup/branch", append(slices.Clone(firstBranch), "drawn", page.Find("[name=drawn]").AttrOr("value", ""))...).Want(http.StatusSeeOther)
	at, err := url.Parse(a.Location())
	servertest.Must(t, err)
	form := admin.Get(a.Location()).Want(http.StatusOK).Form("family_name-0", "見本", "given_name-0", "花", "family_kana-0", "みほん", "given_kana-0", "はな", "sex-0", "f",
		"family_name-2", "試験", "given_name-2", "守", "family_kana-2", "しけん", "given_kana-2", "まもる", "sex-2", "m")
	admin.PostForm("/office/setup/doctors", form).Want(http.StatusSeeOther)
	admin.PostForm("/office/setup/doctors", form).Want(http.StatusSeeOther) // sent twice they are two all the same
	return at.Query().Get("branch")
}

// bookable counts what patients can book at a branch in the next four weeks.
func bookable(t *testing.T, s *servertest.Site, branch string) int {
	t.Helper()
	slots, err := s.Store.Slots(t.Context(), store.SlotQuery{BranchID: branch, From: storetest.Begin, Until: storetest.Begin.AddDate(0, 0, 28), For: clinic.Visitor("", "")})
	servertest.Must(t, err)
	return len(slots)
}

// Without a script, from an administrator and nothing else to a branch that can be booked; what is left is said in words on the way, and the
// page stays in the menu until nothing is.
func TestSetup_WithoutAScript(t *testing.T) {
	eachNew(t, func(t *testing.T, s *servertest.Site) {
		admin := s.SignedIn(t, servertest.Admin)
		if to := admin.Get("/office").Want(http.StatusSeeOther).Location(); to != "/office/setup" {
			t.Errorf("an empty clinic begins at %s", to)
		}
		before := s.Facts(t)
		a := admin.Post("/office/setup/branch", "name", "院", "address", "", "phone", "03").Want(http.StatusUnprocessableEntity)
		a.WantField("phone", "03")
		if a.Find("#address-error").Length() != 1 || a.Find("#phone-error").Length() != 1 || a.Find("#phone_hours-error").Length() != 1 {
			t.Error("what is wrong with the branch is not said at its fields")
		}
		s.WantUnchanged(t, before)
		branch := setUp(t, admin)
		doctors, err := s.Store.DoctorsAt(t.Context(), branch)
		servertest.Must(t, err)
		if len(doctors) != 2 || doctors[0].FamilyKana != "ミホン" {
			t.Fatalf("the doctors are %v", doctors)
		}
		at := "/office/setup?branch=" + branch
		admin.Get(at).WantText("#left-list .must", "12月29日 – 1月3日はまだ開いています")
		if a := admin.Get(at); a.Find(".left-over button[disabled]").Length() != 1 || a.Find(".setup-proof a").Length() != 0 {
			t.Error("the branch is said to be open")
		}

		form := admin.Get(at+"&step=holidays").Form("holidays", "closed", "year_end", "yes")
		admin.PostForm("/office/setup/holidays", form).Want(http.StatusSeeOther)
		admin.PostForm("/office/setup/holidays", form).Want(http.StatusSeeOther)
		exceptions, err := s.Store.Hours(t.Context(), storetest.Owner, branch, func(clinic.Date) bool { return false })
		servertest.Must(t, err)
		if len(exceptions.Exceptions) != 1 {
			t.Errorf("sent twice, the form makes %d closures", len(exceptions.Exceptions))
		}

		mail := at + "&step=mail"
		admin.Post("/office/setup/mail", "branch", branch).Want(http.StatusSeeOther)
		if admin.Get(mail).Find("#mail-state[hx-trigger] [data-trial=way]").Length() != 1 {
			t.Error("the letter is not said to be on its way")
		}
		servertest.Must(t, s.Store.LetterFailed(t.Context(), s.ClaimLetter(t), "smtp 550 5.1.1", true))
		a = admin.Get(mail)
		a.WantText("#mail-state", "宛先のメールアドレスに届きませんでした")
		a.WantText("#left-list li:nth-child(4)", "宛先のメールアドレスに届きませんでした")
		admin.Post("/office/setup/mail", "branch", branch).Want(http.StatusSeeOther)
		servertest.Must(t, s.Store.LetterSent(t.Context(), s.ClaimLetter(t)))
		admin.Get(mail).WantText("[data-trial=sent]", "メールサーバーが受け取りました")

		hours := admin.Get(at + "&step=hours").Want(http.StatusOK)
		hours.WantText("#proof", "最初の7日に 88枠")
		before = s.Facts(t)
		form = hours.Form("shape", "weekdays", "do", "look", "minutes", "60", "pause", "0")
		look := admin.PostForm("/office/setup/hours", form).Want(http.StatusOK)
		look.WantText("#proof", "最初の7日に")
		if look.Find("[name=shape][checked]").AttrOr("value", "") != "weekdays" {
			t.Error("what was chosen is gone")
		}
		form.Del("do")
		form.Set("lunch_from", "昼")
		a = admin.PostForm("/office/setup/hours", form).Want(http.StatusUnprocessableEntity)
		a.WantField("lunch_from", "昼")
		form.Set("lunch_from", "13:00")
		form.Set("room-"+doctors[1].ID, "室1")
		a = admin.PostForm("/office/setup/hours", form).Want(http.StatusUnprocessableEntity)
		a.WantText("#room-"+doctors[1].ID+"-error", "見本 花")
		s.WantUnchanged(t, before)
		form.Set("room-"+doctors[1].ID, "室2")
		admin.PostForm("/office/setup/hours", form).Want(http.StatusSeeOther)
		admin.PostForm("/office/setup/hours", form).Want(http.StatusSeeOther) // sent twice it is stored once
		if n := bookable(t, s, branch); n == 0 {
			t.Error("nothing can be booked")
		}
		stale := url.Values{}
		for field, values := range form {
			stale[field] = values
		}
		stale.Set("until", "18:00")
		a = admin.PostForm("/office/setup/hours", stale).Want(http.StatusConflict)
		if a.Find("#until").AttrOr("value", "") != "18:00" || a.Find(".setup-now [role=alert]").Length() != 1 {
			t.Error("of two who store hours, the second is not told, or loses what they typed")
		}
		form = a.Form("minutes", "60", "pause", "0")
		form["doctor"] = stale["doctor"]
		admin.PostForm("/office/setup/hours", form).Want(http.StatusSeeOther)

		done := admin.Get(at).Want(http.StatusOK)
		done.WantText(".setup-head", "準備はすべて終わりました")
		if done.Find(`.left-over a[href="/slots?branch=`+branch+`"]`).Length() != 1 {
			t.Error("the patients' page is not linked")
		}
		if admin.Get("/office/day").Find(`.topnav a[href="/office/setup"]`).Length() != 0 {
			t.Error("nothing is left, and the menu still has the page")
		}
		if to := admin.Get("/office").Location(); to != "/office/day" {
			t.Errorf("a clinic that can be booked begins at %s", to)
		}
		// Another branch begins with what it lacks; mail is proved already.
		admin.Get("/office/setup?branch=new").WantText(".setup-now h2", "院のこと")
	})
}

// Nothing that is said about one branch shows another, and nobody but its administrators is let in.
func TestSetup_OfAnotherBranch(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		s.Employ(t, clinic.Staff{Role: clinic.Admin, Name: "別院 見本", Email: "other@example.jp", Branches: []string{s.Other.ID}})
		other := s.SignedIn(t, "other@example.jp")
		other.Get("/office/setup?branch=" + s.Branch.ID).Want(http.StatusNotFound)
		other.Get("/office/setup?branch=" + s.Other.ID).Want(http.StatusOK)
		before := s.Facts(t)
		for path, form := range map[string][]string{
			"doctors": {"branch", s.Branch.ID, "also", s.Doctors[0].ID}, "holidays": {"branch", s.Branch.ID, "year_end", "yes", "holidays", "open"},
			"hours": {"branch", s.Branch.ID, "doctor", s.Doctors[0].ID, "shape", "daily", "from", "1:00", "until", "5:00", "minutes", "60", "valid_from", "2026-12-01"},
		} {
			other.Post("/office/setup/"+path, form...).Want(http.StatusNotFound)
			other.Post("/office/setup/"+path, "branch", "").Want(http.StatusNotFound)
			other.Post("/office/setup/"+path, "branch", "missing").Want(http.StatusNotFound)
		}
		s.WantUnchanged(t, before)
		s.SignedIn(t, servertest.FrontDesk).Get("/office/setup").Want(http.StatusForbidden)

		// A doctor of the other branch is let work here as well, and keeps their own.
		admin := s.SignedIn(t, servertest.Admin)
		admin.Post("/office/setup/doctors", "branch", s.Other.ID, "also", s.Doctors[0].ID).Want(http.StatusSeeOther)
		if _, at, err := s.Store.Doctor(t.Context(), s.Doctors[0].ID); err != nil || len(at) != 2 {
			t.Errorf("the doctor works at %v, %v", at, err)
		}
		a := admin.Post("/office/setup/doctors", "branch", s.Branch.ID, "family_name-1", "名だけ").Want(http.StatusUnprocessableEntity)
		if said := a.Text(".wrongs"); !strings.Contains(said, "2人目の") {
			t.Errorf("the summary says %q", said)
		}
	})
}
