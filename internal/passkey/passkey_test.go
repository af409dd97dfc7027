package passkey_test

import (
	"errors"
	"net/url"
	"testing"

	"madoguchi/internal/passkey"
	"madoguchi/internal/passkey/passkeytest"
)

func at(t *testing.T, address string) passkey.Site {
	t.Helper()
	base, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return passkey.SiteAt(base, "見本クリニック")
}

func TestSite_NeedsAName(t *testing.T) {
	for address, possible := range map[string]bool{
		"https://yoyaku.example.jp": true, "https://yoyaku.example.jp:8443": true, "http://localhost:8080": true, "http://127.0.0.1:8080": false, "https://[::1]": false,
	} {
		if got := at(t, address).Possible(); got != possible {
			t.Errorf("%s: %v", address, got)
		}
	}
}

// What a key signs for one site, one question and one person holds nowhere else.
func TestShown_HoldsForItsQuestionOnly(t *testing.T) {
	site := at(t, "https://yoyaku.example.jp")
	person := passkey.Person{Handle: "abcdefghijklmnopqrstuvwxyz", Name: "uketsuke@example.jp", Called: "受付 見本"}
	key := &passkeytest.Authenticator{Origin: "https://yoyaku.example.jp"}
	asked, err := site.AskToAdd(person)
	if err != nil {
		t.Fatal(err)
	}
	made, err := site.Added(asked.Kept, person, key.Make(t, asked.Options))
	if err != nil {
		t.Fatal(err)
	}
	person.Keys = []passkey.Key{made}
	first, err := site.AskAnybody()
	if err != nil {
		t.Fatal(err)
	}
	second, err := site.Ask(person, true)
	if err != nil {
		t.Fatal(err)
	}
	other := person
	other.Handle = "zyxwvutsrqponmlkjihgfedcba"
	key.Count = 41
	answer := key.Show(t, first.Options)
	for what, c := range map[string]struct {
		site   passkey.Site
		kept   []byte
		person passkey.Person
		answer string
		want   error
	}{
		"as asked":         {site, first.Kept, person, answer, nil},
		"of a person":      {site, second.Kept, person, key.Show(t, second.Options), nil},
		"another question": {site, second.Kept, person, answer, passkey.ErrWrong},
		"another person":   {site, first.Kept, other, answer, passkey.ErrWrong},
		"another port":     {at(t, "https://yoyaku.example.jp:8443"), first.Kept, person, answer, passkey.ErrOrigin},
		"another host":     {at(t, "https://example.jp"), first.Kept, person, answer, passkey.ErrOrigin},
		"cut off":          {site, first.Kept, person, answer[:len(answer)/2], passkey.ErrWrong},
		"nothing":          {site, first.Kept, person, "", passkey.ErrWrong},
	} {
		count, err := c.site.Shown(c.kept, c.person, c.answer)
		if !errors.Is(err, c.want) || err == nil && count != 41 {
			t.Errorf("%s: %d, %v", what, count, err)
		}
	}
	if _, err := at(t, "https://yoyaku.example.com").Added(asked.Kept, person, key.Make(t, asked.Options)); !errors.Is(err, passkey.ErrOrigin) {
		t.Errorf("a key made elsewhere: %v", err)
	}
}
