package main_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/server/servertest"
)

// TestWalk_AdminOpensTimes adds a branch with a doctor and opens a day there, as an administrator does, making a mistake in
// each form; then a visitor finds exactly those times.
func TestWalk_AdminOpensTimes(t *testing.T) {
	d := openDemo(t, "postgres")
	defer d.close(t)
	v := browsertest.Visit(t, d.URL, browsertest.Desktop)
	signIn(t, d, v, "admin")
	v.Look("admin-day")

	v.FollowAt("nav a[href='/office/branches']")
	v.Look("branches")
	v.Follow("院を加える")
	v.Type("name", "見本クリニック 丘院")
	v.Type("address", "見本県架空市丘7-8")
	v.FollowTo(http.StatusUnprocessableEntity, "保存する")
	v.Look("branch-wrong")
	if got := v.Values("name"); !slices.Equal(got, []string{"見本クリニック 丘院"}) || !v.Sees("#phone-error") {
		t.Errorf("without a phone number, the name is %v", got)
	}
	v.Type("phone", "03-0000-0003")
	v.Type("phone_hours", "水〜日 11:00〜20:00")
	v.Follow("保存する")
	branch := browsertest.Read[string](v, `[...document.querySelectorAll("main table a")].find(a => a.textContent === "見本クリニック 丘院").pathname.split("/").pop()`)

	v.FollowAt("nav a[href='/office/doctors']")
	v.Look("doctors")
	v.Follow("医師を加える")
	for name, text := range map[string]string{"family_name": "仮名", "given_name": "丘", "family_kana": "かめい", "given_kana": "おか", "career": "2012年 架空医科大学 卒業"} {
		v.Type(name, text)
	}
	v.Choose("branches", branch)
	v.FollowTo(http.StatusUnprocessableEntity, "保存する")
	v.Look("doctor-wrong")
	v.Choose("sex", "f")
	v.Follow("保存する")
	v.Look("doctors-saved")

	photo := filepath.Join(t.TempDir(), "photo.jpg")
	must(t, os.WriteFile(photo, servertest.PhotoFile(t, 900, 1200), 0o600))
	v.Follow("仮名 丘")
	v.Attach("photo", photo)
	v.Follow("写真を保存する")
	v.Look("doctor-photo")
	v.Open("/office/branches/" + branch)
	v.Attach("photo", photo)
	v.Follow("写真を保存する")
	v.FollowAt("nav a[href='/office/branches']")
	v.Look("branches-photo")

	day := time.Now().AddDate(0, 0, 3).Format(time.DateOnly)
	v.Open("/office/slots?" + url.Values{"branch": {branch}, "date": {day}}.Encode())
	v.Look("times")
	v.Type("minutes", "5")
	v.FollowTo(http.StatusUnprocessableEntity, "枠を開ける")
	v.Look("times-wrong")
	v.Type("minutes", "45")
	v.Follow("枠を開ける")
	v.Look("times-opened")
	opened := browsertest.Read[int](v, `document.querySelectorAll(".slot-list li").length`)
	v.Follow("閉じる")
	v.Look("times-removed")
	left := browsertest.Read[[]string](v, `[...document.querySelectorAll(".slot-list b")].map(e => e.textContent.slice(0, 5))`)
	if opened < 2 || len(left) != opened-1 {
		t.Errorf("of %d times one was closed, left are %v", opened, left)
	}

	logo := filepath.Join(t.TempDir(), "logo.png")
	must(t, os.WriteFile(logo, servertest.LogoFile(t, 900, 180), 0o600))
	v.FollowAt("nav a[href='/office/clinic']")
	v.Look("clinic")
	v.Type("name", "")
	v.Attach("logo", logo)
	v.FollowTo(http.StatusUnprocessableEntity, "保存する")
	v.Look("clinic-wrong")
	v.Type("name", "見本クリニック 本部")
	v.Attach("logo", logo)
	v.Follow("保存する")
	v.Look("clinic-saved")

	visitor := browsertest.Visit(t, d.URL, browsertest.Phone)
	visitor.Open("/")
	visitor.Look("home-with-logo")
	if wide := browsertest.Read[[]int](visitor, `[...document.querySelectorAll("#doctors li:last-child img, #branches li:last-child img")].map(e => e.naturalWidth)`); !slices.Equal(wide, []int{512, 512}) {
		t.Errorf("a visitor sees the photos %v pixels wide", wide)
	}
	if alt := browsertest.Read[string](visitor, `document.querySelector("header .clinic img").alt + document.querySelector("header .clinic img").naturalWidth`); alt != "見本クリニック 本部600" {
		t.Errorf("a visitor sees the logo %s", alt)
	}
	if hours := visitor.Text("#branches li:last-child .hours"); hours != "受付 水〜日 11:00〜20:00" {
		t.Errorf("beside the new branch's number stands %q", hours)
	}
	visitor.Open("/slots?branch=" + branch)
	free := browsertest.Read[[]string](visitor, `[...document.querySelectorAll(".week tr:has(button) th")].map(e => e.textContent.trim().padStart(5, "0"))`)
	if !slices.Equal(free, left) {
		t.Errorf("a visitor is offered %v instead of %v", free, left)
	}
	if next := visitor.Text("button.time"); !strings.Contains(next, "仮名 丘 医師（女性）") {
		t.Errorf("the next free time is %s", next)
	}
	visitor.Look("times-of-new-branch")
}
