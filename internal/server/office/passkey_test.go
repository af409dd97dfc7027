package office_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/passkey/passkeytest"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

const (
	factorPath  = "/office/me/second"
	passkeyPath = factorPath + "/passkey"
	ourOrigin   = "http://yoyaku.example.jp"
)

// askedFor is what a browser's script is told when it asks for what to ask.
func askedFor(t *testing.T, v *servertest.Visitor, path string, pairs ...string) []byte {
	t.Helper()
	a := v.Post(path, pairs...).Want(http.StatusOK)
	if kind := a.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") || !strings.Contains(a.Header.Get("Cache-Control"), "no-store") {
		t.Errorf("%s is %s, %s", a.Asked, kind, a.Header.Get("Cache-Control"))
	}
	return []byte(a.Body)
}

// giveKey gives somebody a passkey. They have the session that they have had, or its successor.
func giveKey(t *testing.T, v *servertest.Visitor, name string) *passkeytest.Authenticator {
	t.Helper()
	key := &passkeytest.Authenticator{Origin: ourOrigin}
	a := v.Post(passkeyPath, "name", name, "passkey", key.Make(t, askedFor(t, v, passkeyPath+"/ask", "name", name)))
	if a.Status != http.StatusOK && a.Status != http.StatusSeeOther { // the recovery codes, or the list
		t.Fatalf("%s answered %d: %s", a.Asked, a.Status, a.Text("main"))
	}
	return key
}

// keysOf are somebody's passkeys, the latest first.
func keysOf(t *testing.T, s *servertest.Site, email string) []clinic.Passkey {
	t.Helper()
	f, err := s.Store.SecondFactor(t.Context(), s.Staff[email].ID)
	servertest.Must(t, err)
	return f.Passkeys
}

func namesOf(keys []clinic.Passkey) (names []string) {
	for _, k := range keys {
		names = append(names, k.Name)
	}
	return names
}

// entriesOf is how often an account has done something, and not only tried to, as the audit log says.
func entriesOf(t *testing.T, s *servertest.Site, email string, action clinic.AuditAction) int {
	t.Helper()
	entries, err := s.Store.AuditEntries(t.Context(), storetest.Owner, store.AuditQuery{Action: action, StaffID: s.Staff[email].ID, Limit: 100})
	servertest.Must(t, err)
	n := 0
	for _, e := range entries {
		if e.Result == clinic.AuditDone {
			n++
		}
	}
	return n
}

// keyFaults are what can be wrong with an answer by itself, whatever was asked. The key comes with the count that is its turn.
var keyFaults = []struct {
	what   string
	spoil  func(*passkeytest.Authenticator)
	says   string
	copied bool // so that it is written down
}{
	{"another origin", func(k *passkeytest.Authenticator) { k.Origin = "https://yoyaku.example.com" }, "アドレスでは、パスキーを使えません", false},
	{"another port", func(k *passkeytest.Authenticator) { k.Origin += ":8443" }, "アドレスでは、パスキーを使えません", false},
	{"another RP id", func(k *passkeytest.Authenticator) { k.Host = "example.jp" }, "確認できませんでした", false},
	{"no user verification", func(k *passkeytest.Authenticator) { k.Unproved = true }, "確認できませんでした", false},
	{"a count of before", func(k *passkeytest.Authenticator) { k.Count -= 2 }, "複製されたおそれ", true},
	{"the count of last time", func(k *passkeytest.Authenticator) { k.Count-- }, "複製されたおそれ", true},
}

// ceremony is one way to show a passkey.
type ceremony struct {
	begin func(t *testing.T, s *servertest.Site) *servertest.Visitor // somebody who is about to show it
	ask   string
	path  string
	field string
	in    func(v *servertest.Visitor) bool // whether it has led to what it is for
	touch bool                             // is enough, because the password was shown before
}

func (c ceremony) send(v *servertest.Visitor, answer string) *servertest.Answer {
	return v.Post(c.path, c.field, answer, "next", "/office/day")
}

func hasSession(v *servertest.Visitor) bool { return v.Cookie(page.SessionCookie) != "" }

var ceremonies = map[string]ceremony{
	"alone": {
		begin: func(t *testing.T, s *servertest.Site) *servertest.Visitor { return s.Visitor(t) },
		ask:   "/office/sign-in/passkey/ask", path: "/office/sign-in/passkey", field: "passkey", in: hasSession,
	},
	"after the password": {
		begin: func(t *testing.T, s *servertest.Site) *servertest.Visitor {
			t.Helper()
			v := s.Visitor(t)
			if to := v.SignIn(servertest.FrontDesk, servertest.Password).Want(http.StatusSeeOther).Location(); to != "/office/sign-in/second" {
				t.Fatalf("the password leads to %s", to)
			}
			return v
		},
		ask: "/office/sign-in/second/ask", path: "/office/sign-in/second", field: "passkey", in: hasSession, touch: true,
	},
	"as a proof": {
		begin: func(t *testing.T, s *servertest.Site) *servertest.Visitor {
			t.Helper()
			v := s.SignedIn(t, servertest.FrontDesk)
			s.Clock.Advance(clinic.ProofLife)
			v.Get(factorPath).Want(http.StatusOK) // the session goes on, and nothing is proved
			return v
		},
		ask: "/office/prove/ask", path: "/office/prove", field: "proof-passkey",
		in: func(v *servertest.Visitor) bool { return v.Get(passkeyPath).Status == http.StatusOK },
	},
}

// TestPasskey_IsRefused: on each way to show a passkey, an answer that was made for another place or without looking who holds the key, of a copied key, of
// another person's or an unknown one, one that came too late and one that was given already leads nowhere, and a sentence says why. The right one leads in.
func TestPasskey_IsRefused(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	good := giveKey(t, s.SignedIn(t, servertest.FrontDesk), "窓口")
	others, unknown := giveKey(t, s.SignedIn(t, servertest.Doctor), "診察室"), &passkeytest.Authenticator{Origin: ourOrigin}
	unknown.Make(t, askedFor(t, s.SignedIn(t, servertest.Doctor), passkeyPath+"/ask", "name", "作られただけ")) // and never registered
	for name, c := range ceremonies {
		show := func(v *servertest.Visitor, key *passkeytest.Authenticator) string {
			t.Helper()
			return key.Show(t, askedFor(t, v, c.ask))
		}
		enter := func(v *servertest.Visitor, answer string) {
			t.Helper()
			if a := c.send(v, answer); a.Status != http.StatusSeeOther || !c.in(v) {
				t.Fatalf("%s: the right answer has %d: %s", name, a.Status, a.Text("main"))
			}
		}
		refused := func(what string, v *servertest.Visitor, answer, says string) {
			t.Helper()
			a := c.send(v, answer).Want(http.StatusUnprocessableEntity)
			if !strings.Contains(a.Text("main [role=alert]"), says) || a.Find("main [data-passkey]").Length() == 0 {
				t.Errorf("%s, %s: the page says %s", name, what, a.Text("main"))
			}
			if c.in(v) {
				t.Errorf("%s, %s: somebody is in", name, what)
			}
		}
		good.Count++
		v := c.begin(t, s)
		enter(v, show(v, good))
		for _, fault := range keyFaults {
			key := *good
			key.Count++
			if fault.spoil(&key); key.Unproved && c.touch {
				continue
			}
			before := entriesOf(t, s, servertest.FrontDesk, "RefusePasskey")
			v = c.begin(t, s)
			refused(fault.what, v, show(v, &key), fault.says)
			if copied := entriesOf(t, s, servertest.FrontDesk, "RefusePasskey") > before; copied != fault.copied {
				t.Errorf("%s, %s: written down as copied: %t", name, fault.what, copied)
			}
		}
		v = c.begin(t, s)
		refused("an unknown key", v, show(v, unknown), "登録されていません")
		if name != "alone" { // there it is theirs that signs them in
			refused("another person's key", v, show(v, others), "登録されていません")
		}
		good.Count++
		asked := askedFor(t, v, c.ask)
		refused("what is no answer", v, `{"id":"x"}`, "確認できませんでした")
		refused("a question that was answered wrongly", v, good.Show(t, asked), "時間が過ぎた")
		refused("nothing", v, "", "時間が過ぎた")
		late := show(v, good)
		s.Clock.Advance(clinic.PasskeyLife)
		refused("too late", v, late, "時間が過ぎた")

		elsewhere := c.begin(t, s)
		v = c.begin(t, s)
		answer := show(v, good)
		thief := s.Visitor(t) // has whatever the browser had
		for _, cookie := range []string{"passkey", "sign-in", page.SessionCookie} {
			thief.SetCookie(cookie, v.Cookie(cookie))
		}
		askedFor(t, elsewhere, c.ask)
		refused("the answer to another browser's question", elsewhere, answer, "確認できませんでした")
		enter(v, answer)
		if a := c.send(thief, answer); a.Status != http.StatusUnprocessableEntity && a.Location() != "/office/sign-in" {
			t.Errorf("%s: the same answer again has %d and leads to %s", name, a.Status, a.Location())
		}
	}
}

// TestPasskey_TriesAreCounted: of one network so many wrong answers are looked at, so that nobody fills the audit log.
func TestPasskey_TriesAreCounted(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	key := giveKey(t, s.SignedIn(t, servertest.FrontDesk), "窓口")
	c := ceremonies["alone"]
	v := c.begin(t, s)
	for range clinic.PasskeyTries {
		askedFor(t, v, c.ask)
		c.send(v, "{}").Want(http.StatusUnprocessableEntity)
	}
	c.send(v, key.Show(t, askedFor(t, v, c.ask))).Want(http.StatusTooManyRequests).WantText("main [role=alert]", "受付を止めています")
	s.Clock.Advance(clinic.SignInWindow)
	c.send(v, key.Show(t, askedFor(t, v, c.ask))).Want(http.StatusSeeOther)
}

// badNames are names that a passkey cannot have where another is called 窓口 PC.
var badNames = []struct {
	typed, says string
	status      int
}{
	{"", "入力", http.StatusUnprocessableEntity},
	{" \u3000 ", "入力", http.StatusUnprocessableEntity},
	{strings.Repeat("長", clinic.MaxPasskeyName+1), "40", http.StatusUnprocessableEntity},
	{"窓口\u202e", "", http.StatusUnprocessableEntity},
	{"窓口 PC", "すでにあります", http.StatusConflict},
	{"窓口 ｐｃ", "すでにあります", http.StatusConflict},
}

// TestPasskey_AddingIsRefused: a passkey with a name that says nothing or is taken, one of another place, one that is registered already, one too many, and one
// whose question is used up is not kept; the name stays as it was typed.
func TestPasskey_AddingIsRefused(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	front, doctor := s.SignedIn(t, servertest.FrontDesk), s.SignedIn(t, servertest.Doctor)
	key := giveKey(t, front, "窓口 PC")
	have := []string{"窓口 PC"}
	refused := func(what string, v *servertest.Visitor, name, answer, says string, status int) {
		t.Helper()
		a := v.Post(passkeyPath, "name", name, "passkey", answer).Want(status)
		if !strings.Contains(a.Text("main .error, main [role=alert]"), says) || a.Find("#name").AttrOr("value", "?") != clinic.Showable(name) {
			t.Errorf("%s: the page says %s and keeps %q", what, a.Text("main"), a.Find("#name").AttrOr("value", "?"))
		}
		if names := namesOf(keysOf(t, s, servertest.FrontDesk)); !slices.Equal(names, have) {
			t.Errorf("%s: there are %q", what, names)
		}
	}
	for _, bad := range badNames {
		front.Post(passkeyPath+"/ask", "name", bad.typed).Want(bad.status)
		other := &passkeytest.Authenticator{Origin: ourOrigin}
		refused("the name "+bad.typed, front, bad.typed, other.Make(t, askedFor(t, front, passkeyPath+"/ask", "name", "よい名前")), bad.says, bad.status)
	}
	for what, other := range map[string]*passkeytest.Authenticator{"another origin": {Origin: "https://yoyaku.example.com"}, "another RP id": {Origin: ourOrigin, Host: "example.jp"}} {
		says := "アドレスでは"
		if other.Host != "" {
			says = "確認できませんでした"
		}
		refused(what, front, "よい名前", other.Make(t, askedFor(t, front, passkeyPath+"/ask", "name", "よい名前")), says, http.StatusUnprocessableEntity)
	}
	refused("the same key", front, "よい名前", key.Make(t, askedFor(t, front, passkeyPath+"/ask", "name", "よい名前")), "すでに登録されています", http.StatusConflict)
	stolen := *key
	a := doctor.Post(passkeyPath, "name", "他人の鍵", "passkey", stolen.Make(t, askedFor(t, doctor, passkeyPath+"/ask", "name", "他人の鍵"))).Want(http.StatusConflict)
	if len(keysOf(t, s, servertest.Doctor)) != 0 {
		t.Errorf("the id of another's key is taken: %s", a.Text("main"))
	}

	other := &passkeytest.Authenticator{Origin: ourOrigin}
	answer := other.Make(t, askedFor(t, front, passkeyPath+"/ask", "name", "よい名前"))
	s.Clock.Advance(clinic.PasskeyLife)
	refused("too late", front, "よい名前", answer, "時間が過ぎた", http.StatusUnprocessableEntity)
	refused("nothing", front, "よい名前", "", "時間が過ぎた", http.StatusUnprocessableEntity)
	answer = other.Make(t, askedFor(t, doctor, passkeyPath+"/ask", "name", "よい名前"))
	askedFor(t, front, passkeyPath+"/ask", "name", "よい名前")
	refused("another session's question", front, "よい名前", answer, "確認できませんでした", http.StatusUnprocessableEntity)
	answer = other.Make(t, askedFor(t, front, passkeyPath+"/ask", "name", "二つ目"))
	front.Post(passkeyPath, "name", "二つ目", "passkey", answer).Want(http.StatusSeeOther)
	have = []string{"二つ目", "窓口 PC"}
	refused("the same answer again", front, "三つ目", answer, "時間が過ぎた", http.StatusUnprocessableEntity)

	// Two tabs have asked while there was room for one more.
	for n := len(have); n < clinic.MaxPasskeys-1; n++ {
		s.Clock.Advance(time.Second) // so that they have an order
		giveKey(t, front, fmt.Sprintf("鍵 %d", n))
	}
	other = &passkeytest.Authenticator{Origin: ourOrigin}
	answer = other.Make(t, askedFor(t, front, passkeyPath+"/ask", "name", "一つ多い"))
	tab := s.SignedIn(t, servertest.FrontDesk)
	last := &passkeytest.Authenticator{Origin: ourOrigin}
	made := last.Make(t, askedFor(t, tab, passkeyPath+"/ask", "name", "最後の鍵"))
	tab.Post(passkeyPath, "name", "最後の鍵", "passkey", made).Want(http.StatusSeeOther)
	have = namesOf(keysOf(t, s, servertest.FrontDesk))
	tab.Post(passkeyPath+"/ask", "name", "一つ多い").Want(http.StatusConflict)
	refused("one too many", tab, "一つ多い", answer, "上限", http.StatusConflict)
	if len(have) != clinic.MaxPasskeys {
		t.Errorf("there are %d", len(have))
	}
}

// TestPasskey_IsRenamed: its owner gives a passkey another name once they have shown who they are, which is written down; nobody else does, and no name is
// taken that a new one could not have.
func TestPasskey_IsRenamed(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	front := s.SignedIn(t, servertest.FrontDesk)
	key := giveKey(t, front, "窓口 PC")
	s.Clock.Advance(time.Second)
	giveKey(t, front, "スマートフォン")
	keys := keysOf(t, s, servertest.FrontDesk)
	path := factorPath + "/passkeys/" + keys[0].ID
	if typed := front.Get(path).Want(http.StatusOK).Find("#name").AttrOr("value", ""); typed != "スマートフォン" {
		t.Errorf("the form begins with %q", typed)
	}
	for _, bad := range badNames {
		a := front.Post(path, "name", bad.typed).Want(bad.status)
		a.WantText("#name-error", bad.says)
		if typed := a.Find("#name").AttrOr("value", "?"); typed != clinic.Showable(bad.typed) {
			t.Errorf("of %q it keeps %q", bad.typed, typed)
		}
	}
	for who, path := range map[string]string{servertest.Doctor: path, servertest.Admin: path, servertest.FrontDesk: factorPath + "/passkeys/x"} {
		v := s.SignedIn(t, who)
		v.Get(path).Want(http.StatusNotFound)
		v.Post(path, "name", "他人の名前").Want(http.StatusNotFound)
	}
	s.Visitor(t).Post(path, "name", "他人の名前").Want(http.StatusUnauthorized)
	if names := namesOf(keysOf(t, s, servertest.FrontDesk)); !slices.Equal(names, []string{"スマートフォン", "窓口 PC"}) || entriesOf(t, s, servertest.FrontDesk, "RenamePasskey") != 0 {
		t.Errorf("there are %q", names)
	}
	front.Post(path, "name", " スマートフォン ").Want(http.StatusSeeOther) // as it is
	s.Clock.Advance(clinic.ProofLife)
	front.Post(path, "name", "自分の電話").Want(http.StatusForbidden)
	if to := front.Post(path, "name", "自分の電話", "proof-password", servertest.Password).Want(http.StatusSeeOther).Location(); to != factorPath+"?done=passkey-renamed" {
		t.Errorf("led to %s", to)
	}
	if names := namesOf(keysOf(t, s, servertest.FrontDesk)); !slices.Equal(names, []string{"自分の電話", "窓口 PC"}) || entriesOf(t, s, servertest.FrontDesk, "RenamePasskey") != 1 {
		t.Errorf("there are %q, and %d entries", names, entriesOf(t, s, servertest.FrontDesk, "RenamePasskey"))
	}
	front.Get(factorPath+"?done=passkey-renamed").Want(http.StatusOK).WantText("#passkeys", "自分の電話")
	v := s.Visitor(t)
	ceremonies["alone"].send(v, key.Show(t, askedFor(t, v, "/office/sign-in/passkey/ask"))).Want(http.StatusSeeOther)
}

// TestPasskey_RemovingIsRefused: nobody removes another's passkey, or their own without showing who they are. Whoever removes the last second factor where the clinic
// wants one opens nothing more before they have another, and their recovery codes are over.
func TestPasskey_RemovingIsRefused(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	front := s.SignedIn(t, servertest.FrontDesk)
	giveKey(t, front, "窓口")
	s.Clock.Advance(time.Second)
	giveKey(t, front, "スマートフォン")
	keys := keysOf(t, s, servertest.FrontDesk)
	for _, who := range []string{servertest.Doctor, servertest.Admin} {
		s.SignedIn(t, who).Post(passkeyPath+"/remove", "id", keys[0].ID).Want(http.StatusNotFound)
	}
	s.Visitor(t).Post(passkeyPath+"/remove", "id", keys[0].ID).Want(http.StatusUnauthorized)
	for _, id := range []string{"", "x", keys[0].ID + "x", "' OR 1=1 --"} {
		front.Post(passkeyPath+"/remove", "id", id).Want(http.StatusNotFound)
	}
	s.Clock.Advance(clinic.ProofLife)
	front.Post(passkeyPath+"/remove", "id", keys[0].ID).Want(http.StatusForbidden)
	if n := len(keysOf(t, s, servertest.FrontDesk)); n != 2 {
		t.Errorf("%d are left", n)
	}

	s.SignedIn(t, servertest.Admin).Post("/office/staff", "second_factor", "yes").Want(http.StatusSeeOther)
	front.Post(passkeyPath+"/remove", "id", keys[0].ID, "proof-password", servertest.Password).Want(http.StatusSeeOther)
	front.Get("/office/day").Want(http.StatusOK)
	front.Post(passkeyPath+"/remove", "id", keys[0].ID).Want(http.StatusNotFound)
	front.Post(passkeyPath+"/remove", "id", keys[1].ID).Want(http.StatusSeeOther)
	if to := front.Get("/office/day").Want(http.StatusSeeOther).Location(); to != factorPath {
		t.Errorf("without a second factor one is led to %s", to)
	}
	front.Post("/office/search", "q", "シケン").Want(http.StatusForbidden)
	front.Get(factorPath).Want(http.StatusOK).WantText("main", "必要です")
	f, err := s.Store.SecondFactor(t.Context(), s.Staff[servertest.FrontDesk].ID)
	servertest.Must(t, err)
	if f.Any() || f.Recovery != 0 {
		t.Errorf("there is still %+v", f)
	}
	v := s.Visitor(t)
	v.SignIn(servertest.FrontDesk, servertest.Password).Want(http.StatusSeeOther)
	if to := v.Get("/office/day").Want(http.StatusSeeOther).Location(); to != factorPath {
		t.Errorf("after the next sign-in one is led to %s", to)
	}
}

// TestSignIn_IsWrittenDown: each sign-in that led in and each that did not is an entry of the audit log, whichever way was tried, with the network and, where it is
// known, with who it was.
func TestSignIn_IsWrittenDown(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	key := giveKey(t, s.SignedIn(t, servertest.FrontDesk), "窓口")
	front, doctor := s.Staff[servertest.FrontDesk].ID, s.Staff[servertest.Doctor].ID
	begun := func() *servertest.Visitor {
		v := s.Visitor(t)
		v.SignIn(servertest.FrontDesk, servertest.Password).Want(http.StatusSeeOther)
		return v
	}
	alone, second := ceremonies["alone"], ceremonies["after the password"]
	for what, c := range map[string]struct {
		try    func()
		who    string
		result string
	}{
		"a password":                 {func() { s.Visitor(t).SignIn(servertest.Doctor, servertest.Password) }, doctor, clinic.AuditDone},
		"a wrong password":           {func() { s.Visitor(t).SignIn(servertest.Doctor, "wrong") }, "", string(clinic.Unauthorized)},
		"an unknown account":         {func() { s.Visitor(t).SignIn("nobody@example.jp", "wrong") }, "", string(clinic.Unauthorized)},
		"a wrong code":               {func() { begun().Post("/office/sign-in/second", "recovery", "wrong") }, front, string(clinic.Unauthorized)},
		"a passkey":                  {func() { v := s.Visitor(t); alone.send(v, key.Show(t, askedFor(t, v, alone.ask))) }, front, clinic.AuditDone},
		"a passkey after a password": {func() { v := begun(); second.send(v, key.Show(t, askedFor(t, v, second.ask))) }, front, clinic.AuditDone},
		"a wrong passkey":            {func() { v := s.Visitor(t); askedFor(t, v, alone.ask); alone.send(v, "{}") }, "", string(clinic.Unauthorized)},
	} {
		since := s.Clock.Now()
		s.Clock.Advance(time.Second)
		c.try()
		entries, err := s.Store.AuditEntries(t.Context(), storetest.Owner, store.AuditQuery{Action: clinic.SignIn, From: since.Add(time.Millisecond), Limit: 10})
		servertest.Must(t, err)
		if len(entries) != 1 || entries[0].Result != c.result || c.who != "" && entries[0].Who != c.who || entries[0].From == "" {
			t.Errorf("%s: the log says %+v", what, entries)
		}
	}
}
