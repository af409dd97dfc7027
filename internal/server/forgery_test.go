package server_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/passkey"
	"madoguchi/internal/passkey/passkeytest"
	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
	"madoguchi/web"
)

// sent is what a form of ours would send for a route.
func sent(b *servertest.Booked, r server.Route) url.Values {
	switch r.Path {
	case "/hold", "/book":
		return servertest.BookingForm(b.Slots[5].ID)
	case "/language":
		return url.Values{"lang": {"en"}, "back": {"/"}}
	case "/waiting":
		return joinForm(b, clinic.NewToken())
	case "/booking/:token/waiting":
		return url.Values{"key": {clinic.NewToken()}, "wait-parts": {"morning"}}
	case "/intake/:token/:section":
		section, _ := b.Questions.Section("medical")
		form := servertest.SectionForm(section, servertest.Answers())
		form.Set("surgery", "soon")
		return form
	case "/booking/:token/email":
		return url.Values{"email": {"corrected@example.jp"}, "next": {clinic.NewToken()}}
	case "/booking/:token/language":
		return url.Values{"letter-lang": {"en"}}
	case "/booking/:token/proof":
		return url.Values{"open-page": {"contact"}, "birth_year": {"1991"}, "birth_month": {"4"}, "birth_day": {"1"}}
	case "/booking/:token/change":
		return url.Values{"slot": {b.Slots[6].ID}}
	case "/booking/:token/confirm":
		return url.Values{"slot": {b.Slots[6].ID}, "seen-sequence": {"0"}}
	case "/office/bookings/:id/contact":
		return url.Values{
			"seen-revision": {"1"}, "family_name": {"試験"}, "given_name": {"花子"}, "family_kana": {"シケン"}, "given_kana": {"ハナコ"}, "phone": {"090-0000-0002"},
			"email": {"hanako@example.jp"},
		}
	case "/office/patients/:id":
		return url.Values{
			"seen-revision": {"1"}, "family_name": {"試験"}, "given_name": {"花子"}, "family_kana": {"シケン"}, "given_kana": {"ハナコ"}, "phone": {"090-0000-0003"},
			"email": {"hanako@example.jp"},
		}
	case "/office/patients/:id/memo":
		return url.Values{"seen-revision": {"0"}, "memo": {"駐車場は北側"}}
	case "/office/patients/:id/online":
		return url.Values{"closed": {"1"}}
	case "/office/phone":
		return url.Values{"call": {"a call"}, "do": {"book"}, "branch": {b.Branch.ID}, "slot": {b.Slots[8].ID}, "kana": {"シケン タロウ"}, "phone": {"090-0000-0009"}}
	case "/office/branches/:id":
		return url.Values{"name": {"改名院"}, "address": {"見本県"}, "phone": {"03-0000-0000"}, "phone_hours": {"10:00〜19:00"}, "zone": {"Asia/Tokyo"}}
	case "/office/doctors/:id":
		return url.Values{"family_name": {"改名"}, "given_name": {"花"}, "family_kana": {"カイメイ"}, "given_kana": {"ハナ"}, "sex": {"f"}, "branches": {b.Branch.ID}}
	case "/office/setup/branch":
		return url.Values{"name": {"新しい院"}, "address": {"見本県"}, "phone": {"03-0000-0000"}, "phone_hours": {"10:00〜19:00"}}
	case "/office/setup/doctors":
		return url.Values{
			"branch": {b.Branch.ID}, "family_name-0": {"新人"}, "given_name-0": {"花"}, "family_kana-0": {"シンジン"}, "given_kana-0": {"ハナ"}, "sex-0": {"f"},
		}
	case "/office/setup/holidays":
		return url.Values{"branch": {b.Branch.ID}, "branch-revision": {"1"}, "holidays": {"open"}, "year_end": {"yes"}}
	case "/office/setup/mail":
		return url.Values{"branch": {b.Branch.ID}}
	case "/office/setup/hours":
		return url.Values{
			"branch": {b.Branch.ID}, "doctor": {b.Doctors[0].ID}, "revision-" + b.Doctors[0].ID: {"1"}, "shape": {"weekdays"}, "from": {"10:00"}, "until": {"19:00"},
			"lunch_from": {"13:00"}, "lunch_until": {"14:00"}, "minutes": {"60"}, "pause": {"0"}, "valid_from": {"2026-12-01"},
		}
	case "/office/branches/:id/place", "/office/doctors/:id/place":
		return url.Values{"do": {"down"}}
	case "/office/slots":
		return url.Values{"branch": {b.Branch.ID}, "doctor": {b.Doctors[0].ID}, "date": {"2026-12-01"}, "from": {"10:00"}, "until": {"11:00"}, "minutes": {"60"}}
	}
	if strings.HasPrefix(r.Path, "/office/hours") {
		return hoursForm(b, r)
	}
	if form := sentOfRecords(b, r.Path); form != nil {
		return form
	}
	return url.Values{"q": {"シケン"}}
}

// hoursForm is what the forms of opening hours send.
func hoursForm(b *servertest.Booked, r server.Route) url.Values {
	form := url.Values{"branch": {b.Branch.ID}, "doctor": {b.Doctors[0].ID}}
	add := func(pairs ...string) url.Values {
		for pair := range slices.Chunk(pairs, 2) {
			form.Set(pair[0], pair[1])
		}
		return form
	}
	switch r.Path {
	case "/office/hours", "/office/hours/preview":
		return add("revision", "1", "valid_from", "2026-12-01", "span", "0", "weekday-0", "1", "from-0", "10:00", "until-0", "13:00", "minutes-0", "60", "pause-0", "0", "audience-0", "public")
	case "/office/hours/exceptions":
		return add("kind", "extra", "who", b.Doctors[0].ID, "first", "2026-12-01", "nth", "2", "weekday", "4", "from", "19:00", "until", "21:00", "minutes", "60", "pause", "0", "audience", "public")
	case "/office/hours/holidays":
		return add("holidays", "open", "branch-revision", "1")
	}
	return form
}

// TestForgery_AnotherSite: what another site makes a browser send is refused with the person's own cookies and changes
// nothing, on every route that changes anything.
func TestForgery_AnotherSite(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	before := b.Facts(t)
	posts := 0
	for _, r := range server.Routes() {
		if r.Method != http.MethodPost {
			continue
		}
		posts++
		for who, v := range b.Everybody() {
			for what, header := range map[string]http.Header{
				"cross-site":            {"Sec-Fetch-Site": {"cross-site"}},
				"same-site":             {"Sec-Fetch-Site": {"same-site"}},
				"another origin":        {"Origin": {"https://evil.example"}},
				"null origin":           {"Origin": {"null"}},
				"a name like ours":      {"Origin": {"http://yoyaku.example.jp.evil.example"}},
				"both":                  {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"null"}},
				"with a forged address": {"Origin": {"https://evil.example"}, "X-Forwarded-Host": {"evil.example"}, "Forwarded": {"host=evil.example"}},
			} {
				header["Content-Type"] = servertest.FormHeader()["Content-Type"]
				if a := v.Send(r.Method, b.Fill(r.Path), strings.NewReader(sent(b, r).Encode()), header); a.Status != http.StatusForbidden || a.Header.Get("Set-Cookie") != "" {
					t.Errorf("%s: %s by %s answered %d", what, a.Asked, who, a.Status)
				}
			}
		}
	}
	for _, kind := range []string{"application/json", "text/plain"} {
		a := b.Patient.Send(http.MethodPost, "/api/v1/bookings", strings.NewReader(servertest.CallBody(b.Slots[5].ID)),
			http.Header{"Content-Type": {kind}, "Sec-Fetch-Site": {"cross-site"}})
		if a.Status != http.StatusForbidden {
			t.Errorf("the API answered %d", a.Status)
		}
	}
	b.WantUnchanged(t, before)
	if posts < 12 {
		t.Errorf("only %d routes were tried", posts)
	}

	// Our own pages pass, however the browser says where it is, and so does a program that says nothing.
	for _, header := range []http.Header{{"Sec-Fetch-Site": {"same-origin"}}, {"Origin": {"http://yoyaku.example.jp"}}, {"Origin": {b.URL}}, {}} {
		header["Content-Type"] = servertest.FormHeader()["Content-Type"]
		b.Patient.Send(http.MethodPost, "/language", strings.NewReader("lang=ja&back=/privacy"), header).Want(http.StatusSeeOther)
	}
}

// TestForgery_PlainHTTP: for a site by https a page by plain http is another site, even under the same name.
func TestForgery_PlainHTTP(t *testing.T) {
	s := servertest.Open(t, "sqlite", func(s *servertest.Site) { s.BaseURL = &url.URL{Scheme: "https", Host: "yoyaku.example.jp"} })
	v := s.Visitor(t)
	post := func(origins ...string) *servertest.Answer {
		return v.Send(http.MethodPost, "/language", strings.NewReader("lang=ja&back=/privacy"), http.Header{
			"Content-Type": servertest.FormHeader()["Content-Type"], "Host": {"yoyaku.example.jp"}, "Origin": origins,
		})
	}
	for _, origin := range []string{"http://yoyaku.example.jp", "HTTP://yoyaku.example.jp", "http://yoyaku.example.jp:80", "ftp://yoyaku.example.jp", "ws://yoyaku.example.jp", "null"} {
		post(origin).Want(http.StatusForbidden)
	}
	post("https://yoyaku.example.jp", "http://yoyaku.example.jp").Want(http.StatusForbidden)
	post("https://yoyaku.example.jp").Want(http.StatusSeeOther)
	post().Want(http.StatusSeeOther) // no browser
}

// TestForgery_IsAnsweredLikeEverythingElse: what another site sent is refused with the headers, a request id and a line in
// the log, by a page in the reader's language, or a problem in the caller's.
func TestForgery_IsAnsweredLikeEverythingElse(t *testing.T) {
	for _, lang := range web.Languages() {
		t.Run(lang, func(t *testing.T) {
			b := servertest.OpenBooked(t, "sqlite", servertest.Saying{Lang: lang})
			sentence := web.Find(lang).T("error.origin")
			for _, c := range []struct {
				path  string
				who   *servertest.Visitor
				route string
			}{
				{"/book", b.Patient, "/book"},
				{"/intake/" + b.Token + "/goal", b.Patient, "/intake/:token/:section"},
				{"/office/search", b.FrontDesk, "/office/search"},
				{"/office/bookings/" + b.BookingID + "/cancel", b.FrontDesk, "/office/bookings/:id/cancel"},
				{"/nothing", b.Patient, "none"},
				{"/api/v1/bookings", b.Patient, "/api/v1/bookings"},
			} {
				a := c.who.Send(http.MethodPost, c.path, strings.NewReader("q=x"), http.Header{
					"Content-Type": servertest.FormHeader()["Content-Type"], "Sec-Fetch-Site": {"cross-site"}, "Accept-Language": {lang},
				}).Want(http.StatusForbidden)
				for name, want := range headers {
					if got := a.Header.Get(name); got != want {
						t.Errorf("%s: %s is %q", a.Asked, name, got)
					}
				}
				id := a.Header.Get("X-Request-Id")
				if len(id) != 26 || a.Header.Get("Cache-Control") != "no-store" {
					t.Errorf("%s: request id %q, cache %q", a.Asked, id, a.Header.Get("Cache-Control"))
				}
				if line := regexp.MustCompile(`level=INFO msg=request id=` + id + ` method=POST route=` + c.route + ` status=403 `); !line.MatchString(b.Journal.String()) {
					t.Errorf("%s is not in the log:\n%s", a.Asked, b.Journal)
				}
				if strings.HasPrefix(c.path, "/api/") {
					if p := a.Problem(); p.Code != "forbidden" || p.Detail != sentence {
						t.Errorf("%s: %+v", a.Asked, p)
					}
					continue
				}
				doc := a.Page()
				if !strings.Contains(doc.Find("main").Text(), sentence) || doc.Find("html").AttrOr("lang", "") != lang || doc.Find("h1").Length() != 1 || doc.Find("main a").Length() == 0 {
					t.Errorf("%s shows\n%s", a.Asked, a.Body)
				}
			}
		})
	}
}

// TestForgery_ForwardedHost: whatever host a request says that it was sent to, no page, redirect or cookie repeats it. That letters do
// not either is shown with real letters in package main; a forged Host itself is refused, see host_test.go.
func TestForgery_ForwardedHost(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	const evil = "evil.example"
	forged := http.Header{
		"X-Forwarded-Host": {evil}, "X-Forwarded-Proto": {"https"}, "Forwarded": {"host=" + evil + ";proto=https"}, "X-Original-Url": {"/office"},
		"X-Rewrite-Url": {"/office"}, "X-Forwarded-Server": {evil}, "X-Forwarded-For": {evil}, "Referer": {"http://" + evil}, "User-Agent": {evil},
	}
	for _, r := range server.Routes() {
		for who, v := range b.Everybody() {
			if r.Path == "/office/sign-out" {
				continue
			}
			header := forged.Clone()
			header["Content-Type"] = servertest.FormHeader()["Content-Type"]
			a := v.Send(r.Method, b.Fill(r.Path), strings.NewReader(sent(b, r).Encode()), header)
			if a.Status >= http.StatusInternalServerError && r.Path != "/readyz" {
				t.Errorf("%s answered %d", a.Asked, a.Status)
			}
			var all bytes.Buffer
			servertest.Must(t, a.Header.Write(&all))
			all.WriteString(a.Body)
			if strings.Contains(all.String(), evil) {
				t.Errorf("%s repeats the forged host to %s", a.Asked, who)
			}
			if to := a.Location(); to != "" && !strings.HasPrefix(to, "/") {
				t.Errorf("%s leads to %s", a.Asked, to)
			}
		}
	}
	if strings.Contains(b.Journal.String(), evil) {
		t.Error("the log repeats the forged host")
	}
}

// elsewhere are values by which a redirect could leave the site.
var elsewhere = []string{
	"https://evil.example", "http:evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example",
	"\t//evil.example", " //evil.example", "/%09/evil.example", "javascript:alert(1)", "data:text/html,x", "evil.example", "@evil.example", "/..//evil.example", "/.//evil.example", "/\x01evil", "/office/\x7f", "",
	"/office/..//evil.example", "/office/\\evil.example", "/office//evil.example/..//", "/office/sign-in?next=//evil.example",
}

// TestForgery_Redirect: the language switch and the sign-in lead nowhere else. A browser resolves what they answer as a
// URL, so the test does too.
func TestForgery_Redirect(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	base, err := url.Parse(b.URL)
	servertest.Must(t, err)
	stays := func(what string, a *servertest.Answer) {
		t.Helper()
		a.Want(http.StatusSeeOther)
		to, err := base.Parse(a.Location())
		if err != nil || to.Host != base.Host || to.Scheme != base.Scheme || strings.ContainsAny(a.Location(), "\\\t\r\n") || strings.HasPrefix(to.Path, "//") {
			t.Errorf("%s %q leads to %q", what, a.Asked, a.Location())
		}
	}
	for _, value := range elsewhere {
		stays("back", b.Patient.PostForm("/language", url.Values{"lang": {"ja"}, "back": {value}}))
		stays("next", b.FrontDesk.Get("/office/sign-in?"+url.Values{"next": {value}}.Encode()))
		// The form of somebody who is not signed in carries the value on, or drops it.
		form := b.Visitor(t).Get("/office/sign-in?" + url.Values{"next": {value}}.Encode()).Want(http.StatusOK).Page()
		next := form.Find("[name=next]").AttrOr("value", "?")
		to, err := base.Parse(next)
		if err != nil || to.Host != base.Host || next != "" && !strings.HasPrefix(next, "/office") {
			t.Errorf("the form would lead from %q to %q", value, next)
		}
	}
	for _, path := range []string{"/privacy", "/slots?branch=x&area=back", "/intake/" + b.Token + "/medical"} {
		if to := b.Patient.PostForm("/language", url.Values{"lang": {"ja"}, "back": {path}}).Location(); to != path {
			t.Errorf("the language switch leads from %s to %s", path, to)
		}
	}
	for _, path := range []string{"//evil.example", "/\\evil.example", "//evil.example/office"} {
		a := b.Visitor(t).Send(http.MethodGet, path, nil, nil)
		if to, err := base.Parse(a.Location()); err != nil || to.Host != base.Host {
			t.Errorf("%s leads to %s", path, a.Location())
		}
	}
}

// TestForgery_ClientAddress: limits count the network's own address. X-Forwarded-For counts only from a proxy that is
// named in the settings, and of it only what that proxy added.
func TestForgery_ClientAddress(t *testing.T) {
	proxy := netip.MustParsePrefix("127.0.0.1/32")
	for _, c := range []struct {
		what    string
		trusted []netip.Prefix
		header  func(n int) http.Header
		limited bool
	}{
		{"nobody says anything", nil, func(int) http.Header { return nil }, true},
		{"each request says another address", nil, forwarded("198.51.100.%d"), true},
		{"behind a proxy that is not ours", []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, forwarded("198.51.100.%d"), true},
		{"behind our proxy, several people", []netip.Prefix{proxy}, forwarded("198.51.100.%d"), false},
		{"behind our proxy, one who forges", []netip.Prefix{proxy}, forwarded("198.51.100.%d, 203.0.113.7"), true},
		{"behind our proxy, words", []netip.Prefix{proxy}, forwarded("<script>%d"), true},
		{"behind our proxy, one person's IPv6 network", []netip.Prefix{proxy}, forwarded("2001:db8::%d"), true},
		{"behind our proxy, several IPv6 networks", []netip.Prefix{proxy}, forwarded("2001:db8:0:%d::1"), false},
		{"other headers", []netip.Prefix{proxy}, func(n int) http.Header {
			address := fmt.Sprintf("198.51.100.%d", n)
			return http.Header{"X-Real-Ip": {address}, "Forwarded": {"for=" + address}, "Cf-Connecting-Ip": {address}, "X-Client-Ip": {address}}
		}, true},
	} {
		t.Run(c.what, func(t *testing.T) {
			s := servertest.Open(t, "sqlite", func(s *servertest.Site) { s.Trusted = c.trusted })
			slots := storetest.AddSlots(t, s.Store, s.Branch, s.Doctors[0], storetest.Begin.AddDate(0, 0, 3), 16) // so many that the day is not full
			for n := range clinic.MaxHoldsPerClient + 1 {
				header := http.Header{"Content-Type": servertest.FormHeader()["Content-Type"]}
				for name, values := range c.header(n + 1) {
					header[name] = values
				}
				v, sent := s.Visitor(t), "slot="+slots[n].ID
				v.Send(http.MethodPost, "/hold", strings.NewReader(sent), header).Want(http.StatusSeeOther)
				v.Send(http.MethodPost, "/typed", nil, header).Want(http.StatusNoContent)
				kept := v.Get("/book?"+sent).Want(http.StatusOK).Find("[data-left]").Length() == 1
				if want := !c.limited || n < clinic.MaxHoldsPerClient; kept != want {
					t.Errorf("the slot of visitor %d is kept: %v, want %v", n+1, kept, want)
				}
			}
		})
	}
}

func forwarded(format string) func(n int) http.Header {
	return func(n int) http.Header { return http.Header{"X-Forwarded-For": {fmt.Sprintf(format, n)}} }
}

// TestGETChangesNothing asks for every address there is with GET and HEAD, as a mail scanner, a prefetching browser and
// everybody of the site: not a row is different afterwards.
func TestGETChangesNothing(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{})
			scanner := b.Visitor(t)
			before := b.Facts(t)
			for _, r := range server.Routes() {
				path := b.Fill(r.Path)
				for _, query := range []string{"", "?" + sent(b, r).Encode(), "?slot=" + b.Slots[5].ID + "&change_slot=" + b.Slots[6].ID + "&lang=en&_method=POST"} {
					for who, v := range b.Everybody() {
						get := v.Send(http.MethodGet, path+query, nil, nil)
						head := v.Send(http.MethodHead, path+query, nil, http.Header{"X-Http-Method-Override": {"POST"}})
						if get.Status != head.Status && get.Location() == "" {
							t.Errorf("%s answers GET with %d and HEAD with %d to %s", path, get.Status, head.Status, who)
						}
						if len(head.Body) > 0 {
							t.Errorf("%s answers HEAD with a body", path)
						}
					}
					scanner.Send(http.MethodGet, path+query, nil, http.Header{"User-Agent": {"mail scanner"}})
				}
			}
			b.WantUnchanged(t, before)
			if n := len(before["bookings"]) + len(before["intakes"]) + len(before["sessions"]) + len(before["letters"]); n < 6 {
				t.Errorf("only %d rows could have changed", n)
			}
		})
	}
}

// TestForgery_Passkeys: what another site makes a browser send to the routes that ask for a passkey, which answer a script with JSON, and to those that take one
// is refused, as whatever it is sent, for somebody who has passkeys and has just shown who they are; without a word of it the same is answered.
func TestForgery_Passkeys(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	base := b.BaseURL
	site := passkey.SiteAt(base, "見本クリニック")
	key := &passkeytest.Authenticator{Origin: base.Scheme + "://" + base.Host}
	actor := clinic.StaffActor(b.Staff[servertest.FrontDesk])
	options, err := b.Store.AskToAddPasskey(t.Context(), actor, site, "holder", "窓口")
	servertest.Must(t, err)
	_, _, err = b.Store.AddPasskey(t.Context(), actor, site, "holder", "窓口", key.Make(t, options), clinic.Browser{})
	servertest.Must(t, err)
	keys, err := b.Store.SecondFactor(t.Context(), actor.Staff.ID)
	servertest.Must(t, err)
	half, err := b.Store.BeginSignIn(t.Context(), actor.Staff)
	servertest.Must(t, err)
	v := b.SignedIn(t, servertest.FrontDesk)
	v.SetCookie("sign-in", half)
	id := keys.Passkeys[0].ID
	type post struct {
		path string
		form url.Values
		own  int // what our own page is answered
	}
	posts := []post{
		{"/office/sign-in/passkey/ask", nil, http.StatusOK},
		{"/office/sign-in/second/ask", nil, http.StatusOK},
		{"/office/prove/ask", nil, http.StatusOK},
		{"/office/me/second/passkey/ask", url.Values{"name": {"別の鍵"}}, http.StatusOK},
		{"/office/sign-in/passkey", url.Values{"passkey": {"{}"}}, http.StatusUnprocessableEntity},
		{"/office/sign-in/second", url.Values{"passkey": {"{}"}}, http.StatusUnprocessableEntity},
		{"/office/prove", url.Values{"proof-passkey": {"{}"}}, http.StatusUnprocessableEntity},
		{"/office/me/second/passkey", url.Values{"name": {"別の鍵"}, "passkey": {"{}"}}, http.StatusUnprocessableEntity},
		{"/office/me/second/passkeys/" + id, url.Values{"name": {"別の名前"}}, http.StatusSeeOther},
		{"/office/me/second/passkey/remove", url.Values{"id": {id}}, http.StatusSeeOther},
	}
	known := map[string]bool{}
	for _, p := range posts {
		known[strings.Replace(p.path, id, ":id", 1)] = true
	}
	for _, r := range server.Routes() {
		if r.Method == http.MethodPost && (strings.Contains(r.Path, "passkey") || strings.HasSuffix(r.Path, "/ask")) && !known[r.Path] {
			t.Errorf("%s is not tried", r.Path)
		}
	}
	before := b.Facts(t)
	for _, p := range posts {
		for what, header := range map[string]http.Header{
			"cross-site": {"Sec-Fetch-Site": {"cross-site"}}, "same-site": {"Sec-Fetch-Site": {"same-site"}}, "another origin": {"Origin": {"https://evil.example"}}, "null origin": {"Origin": {"null"}},
		} {
			for _, kind := range []string{servertest.FormHeader().Get("Content-Type"), "application/json", "text/plain"} {
				header := header.Clone()
				header.Set("Content-Type", kind)
				header.Set("Accept", "application/json")
				a := v.Send(http.MethodPost, p.path, strings.NewReader(p.form.Encode()), header)
				if a.Status != http.StatusForbidden || a.Header.Get("Set-Cookie") != "" || strings.Contains(a.Body, "challenge") || a.Header.Get("Access-Control-Allow-Origin") != "" {
					t.Errorf("%s as %s: %s answered %d", what, kind, a.Asked, a.Status)
				}
			}
		}
	}
	b.WantUnchanged(t, before)
	for _, p := range posts {
		v.PostForm(p.path, p.form).Want(p.own)
	}
}
