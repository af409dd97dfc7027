package main_test

import (
	"net/http"
	"strings"
	"testing"

	"madoguchi/internal/browsertest"
)

// TestWalk_Passkey adds a passkey after the first sign-in, signs in with it after the password and alone, gives it another name, and removes it; a
// recovery code stands in for it, and somebody without a script sees nothing of it.
func TestWalk_Passkey(t *testing.T) {
	d, link := openEmpty(t, "localhost")
	defer d.close(t)
	v := browsertest.Visit(t, d.URL, browsertest.Desktop)
	device := v.HavePasskeys()
	v.Open(link)
	v.Type("new", chosenPassword)
	v.FollowAt("[data-main]")
	v.Look("passkey-forced")
	v.Follow("パスキーを追加する")
	v.Look("passkey-new")
	v.FollowTo(http.StatusUnprocessableEntity, "パスキーを作成する") // without a name
	v.Look("passkey-new-wrong")
	v.Type("name", "受付のパソコン")
	device.Know(false)
	v.Press("パスキーを作成する")
	v.WaitFor("[data-problem]:not(:empty)")
	v.Look("passkey-cancelled")
	if v.Sees("#name-error, .wrong") {
		t.Error("a name is there, and the form still says that it is missing")
	}
	device.Know(true)
	v.Follow("パスキーを作成する")
	v.Look("passkey-codes")
	recovery := strings.Fields(v.Text("#codes"))
	v.Follow("保管しました")
	v.Open("/office/me/second")
	v.Look("passkey-list")
	if !strings.Contains(v.Text("#passkeys"), "受付のパソコン") {
		t.Errorf("the list says %s", v.Text("#passkeys"))
	}
	v.Follow("パスキーを追加する")
	v.Type("name", "もう一度")
	v.Press("パスキーを作成する")
	v.WaitFor("[data-problem]:not(:empty)")
	if said := v.Text("[data-problem]"); !strings.Contains(said, "すでに登録されています") {
		t.Errorf("the same device again: %s", said)
	}

	out := func() {
		v.Open("/office/me")
		v.Press("管理 見本")
		v.Follow("サインアウト")
	}
	password := func(b *browsertest.Visitor) {
		b.Open("/office/staff")
		b.Type("email", "kanri@example.jp")
		b.Type("password", chosenPassword)
		b.FollowAt("[data-main]")
	}
	out()
	password(v)
	v.Look("passkey-second")
	v.Follow("パスキーで確認する")
	if v.Path() != "/office/staff" {
		t.Errorf("with password and passkey one is led to %s", v.Path())
	}
	out()
	v.Open("/office/staff")
	v.Look("passkey-sign-in")
	v.Follow("パスキーでサインイン")
	if v.Path() != "/office/staff" {
		t.Errorf("with a passkey alone one is led to %s", v.Path())
	}
	v.Look("passkey-staff")

	plain := browsertest.Visit(t, d.URL, browsertest.Phone)
	plain.TurnScriptsOff()
	plain.Open("/office/sign-in")
	if plain.Sees(`[data-passkey] button`) {
		t.Error("without a script there is a button that does nothing")
	}
	b := browsertest.Visit(t, d.URL, browsertest.Desktop)
	stranger := b.HavePasskeys()
	password(b)
	stranger.Know(true)
	b.Press("パスキーで確認する")
	b.WaitFor("[data-problem]:not(:empty)") // the device has none of hers
	b.Type("recovery", recovery[0])
	b.Follow("復旧コードでサインイン")
	if b.Path() != "/office/staff" {
		t.Errorf("a recovery code leads to %s", b.Path())
	}

	v.Open("/office/me/second")
	v.Follow("名前を変更する")
	v.Look("passkey-rename")
	v.Type("name", "")
	v.FollowTo(http.StatusUnprocessableEntity, "保存する")
	v.Look("passkey-rename-wrong")
	v.Type("name", "診察室のパソコン")
	v.Follow("保存する")
	v.Look("passkey-renamed")
	if !strings.Contains(v.Text("#passkeys"), "診察室のパソコン") {
		t.Errorf("the list says %s", v.Text("#passkeys"))
	}
	v.Follow("削除する")
	v.Look("passkey-removed")
	if v.Sees("#passkeys") || v.Sees("#codes-title") {
		t.Error("a removed passkey leaves something behind")
	}
}
