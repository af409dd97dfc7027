package server

import (
	"bytes"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store/storetest"
)

// sent is what a form of ours would send for a route.
func (b *busy) sent(r route) url.Values {
	switch r.path {
	case "/hold", "/book":
		return bookingForm(b.Slots[5].ID)
	case "/language":
		return url.Values{"lang": {"en"}, "back": {"/"}}
	case "/intake/:token/:section":
		section, _ := b.Questions.Section("medical")
		form := sectionForm(section)
		form.Set("surgery", "soon")
		return form
	case "/office/branches/:id":
		return url.Values{"name": {"改名院"}, "address": {"見本県"}, "phone": {"03-0000-0000"}, "zone": {"Asia/Tokyo"}}
	case "/office/doctors/:id":
		return url.Values{"family_name": {"改名"}, "given_name": {"花"}, "family_kana": {"カイメイ"}, "given_kana": {"ハナ"}, "sex": {"f"}, "branches": {b.Branch.ID}}
	case "/office/slots":
		return url.Values{"branch": {b.Branch.ID}, "doctor": {b.Doctors[0].ID}, "date": {"2026-12-01"}, "from": {"10:00"}, "until": {"11:00"}, "minutes": {"60"}}
	}
	return url.Values{"q": {"シケン"}}
}

// TestForgery_AnotherSite: what another site makes a browser send is refused with the person's own cookies and changes
// nothing, on every route that changes anything.
func TestForgery_AnotherSite(t *testing.T) {
	b := openBusy(t, "sqlite", "ja", "文")
	before := b.facts(t)
	posts := 0
	for _, r := range b.list() {
		if r.method != http.MethodPost {
			continue
		}
		posts++
		for who, v := range b.everybody() {
			for what, header := range map[string]http.Header{
				"cross-site":            {"Sec-Fetch-Site": {"cross-site"}},
				"same-site":             {"Sec-Fetch-Site": {"same-site"}},
				"another origin":        {"Origin": {"https://evil.example"}},
				"null origin":           {"Origin": {"null"}},
				"a name like ours":      {"Origin": {"http://yoyaku.example.jp.evil.example"}},
				"both":                  {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"null"}},
				"with a forged address": {"Origin": {"https://evil.example"}, "X-Forwarded-Host": {"evil.example"}, "Forwarded": {"host=evil.example"}},
			} {
				header["Content-Type"] = formHeader["Content-Type"]
				if a := v.send(t, r.method, b.fill(r.path), strings.NewReader(b.sent(r).Encode()), header); a.Status != http.StatusForbidden || a.Header.Get("Set-Cookie") != "" {
					t.Errorf("%s: %s by %s answered %d", what, a.What, who, a.Status)
				}
			}
		}
	}
	for _, kind := range []string{"application/json", "text/plain"} {
		a := b.patient.send(t, http.MethodPost, "/api/v1/bookings", strings.NewReader(callWith(b.Slots[5].ID, "slot_id", b.Slots[5].ID)),
			http.Header{"Content-Type": {kind}, "Sec-Fetch-Site": {"cross-site"}})
		if a.Status != http.StatusForbidden {
			t.Errorf("the API answered %d", a.Status)
		}
	}
	b.unchanged(t, before)
	if posts < 12 {
		t.Errorf("only %d routes were tried", posts)
	}

	// Our own pages pass, however the browser says where it is, and so does a program that says nothing.
	for _, header := range []http.Header{{"Sec-Fetch-Site": {"same-origin"}}, {"Origin": {"http://yoyaku.example.jp"}}, {"Origin": {b.URL}}, {}} {
		header["Content-Type"] = formHeader["Content-Type"]
		b.patient.send(t, http.MethodPost, "/language", strings.NewReader("lang=ja&back=/privacy"), header).expect(t, http.StatusSeeOther)
	}
}

// TestForgery_Host: whatever host a request claims, no page, redirect or cookie repeats it. That letters do not either is
// shown with real letters in package main.
func TestForgery_Host(t *testing.T) {
	b := openBusy(t, "sqlite", "ja", "文")
	const evil = "evil.example"
	forged := http.Header{
		"Host": {evil}, "X-Forwarded-Host": {evil}, "X-Forwarded-Proto": {"https"}, "Forwarded": {"host=" + evil + ";proto=https"}, "X-Original-Url": {"/office"},
		"X-Rewrite-Url": {"/office"}, "X-Forwarded-Server": {evil}, "X-Forwarded-For": {evil}, "Referer": {"http://" + evil}, "User-Agent": {evil},
	}
	for _, r := range b.list() {
		for who, v := range b.everybody() {
			if r.path == "/office/sign-out" {
				continue
			}
			header := forged.Clone()
			header["Content-Type"] = formHeader["Content-Type"]
			a := v.send(t, r.method, b.fill(r.path), strings.NewReader(b.sent(r).Encode()), header)
			if a.Status >= http.StatusInternalServerError && r.path != "/readyz" {
				t.Errorf("%s answered %d", a.What, a.Status)
			}
			var all bytes.Buffer
			must(t, a.Header.Write(&all))
			all.Write(a.Body)
			if strings.Contains(all.String(), evil) {
				t.Errorf("%s repeats the forged host to %s", a.What, who)
			}
			if to := a.to(); to != "" && !strings.HasPrefix(to, "/") {
				t.Errorf("%s leads to %s", a.What, to)
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
	b := openBusy(t, "sqlite", "ja", "文")
	base, err := url.Parse(b.URL)
	must(t, err)
	stays := func(what string, a answer) {
		t.Helper()
		a.expect(t, http.StatusSeeOther)
		to, err := base.Parse(a.to())
		if err != nil || to.Host != base.Host || to.Scheme != base.Scheme || strings.ContainsAny(a.to(), "\\\t\r\n") || strings.HasPrefix(to.Path, "//") {
			t.Errorf("%s %q leads to %q", what, a.What, a.to())
		}
	}
	for _, value := range elsewhere {
		stays("back", b.patient.post(t, "/language", url.Values{"lang": {"ja"}, "back": {value}}))
		stays("next", b.reception.get(t, "/office/sign-in?"+url.Values{"next": {value}}.Encode()))
		// The form of somebody who is not signed in carries the value on, or drops it.
		form := b.visitor(t, "ja").get(t, "/office/sign-in?"+url.Values{"next": {value}}.Encode()).expect(t, http.StatusOK).page(t)
		next := form.Find("[name=next]").AttrOr("value", "?")
		to, err := base.Parse(next)
		if err != nil || to.Host != base.Host || next != "" && !strings.HasPrefix(next, "/office") {
			t.Errorf("the form would lead from %q to %q", value, next)
		}
	}
	for _, path := range []string{"/privacy", "/slots?branch=x&area=back", "/intake/" + b.token + "/medical"} {
		if to := b.patient.post(t, "/language", url.Values{"lang": {"ja"}, "back": {path}}).to(); to != path {
			t.Errorf("the language switch leads from %s to %s", path, to)
		}
	}
	for _, path := range []string{"//evil.example", "/\\evil.example", "//evil.example/office"} {
		a := b.visitor(t, "ja").send(t, http.MethodGet, path, nil, nil)
		if to, err := base.Parse(a.to()); err != nil || to.Host != base.Host {
			t.Errorf("%s leads to %s", path, a.to())
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
			h := open(t, "sqlite", func(h *house) { h.trust(t, c.trusted) })
			for n := range clinic.MaxHoldsPerClient + 1 {
				header := http.Header{"Content-Type": formHeader["Content-Type"]}
				for name, values := range c.header(n + 1) {
					header[name] = values
				}
				want := http.StatusSeeOther
				if c.limited && n == clinic.MaxHoldsPerClient {
					want = http.StatusTooManyRequests
				}
				h.visitor(t, "ja").send(t, http.MethodPost, "/hold", strings.NewReader("slot="+h.Slots[n].ID), header).expect(t, want)
			}
		})
	}
}

func forwarded(format string) func(n int) http.Header {
	return func(n int) http.Header { return http.Header{"X-Forwarded-For": {fmt.Sprintf(format, n)}} }
}

// TestGETChangesNothing asks for every address there is with GET and HEAD, as a mail scanner, a prefetching browser and
// everybody of the house: not a row is different afterwards.
func TestGETChangesNothing(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := openBusy(t, engine, "ja", "文")
			scanner := b.visitor(t, "ja")
			before := b.facts(t)
			for _, r := range b.list() {
				path := b.fill(r.path)
				for _, query := range []string{"", "?" + b.sent(r).Encode(), "?slot=" + b.Slots[5].ID + "&change_slot=" + b.Slots[6].ID + "&lang=en&_method=POST"} {
					for who, v := range b.everybody() {
						get := v.send(t, http.MethodGet, path+query, nil, nil)
						head := v.send(t, http.MethodHead, path+query, nil, http.Header{"X-Http-Method-Override": {"POST"}})
						if get.Status != head.Status && get.to() == "" {
							t.Errorf("%s answers GET with %d and HEAD with %d to %s", path, get.Status, head.Status, who)
						}
						if len(head.Body) > 0 {
							t.Errorf("%s answers HEAD with a body", path)
						}
					}
					scanner.send(t, http.MethodGet, path+query, nil, http.Header{"User-Agent": {"mail scanner"}})
				}
			}
			b.unchanged(t, before)
			if n := len(before["bookings"]) + len(before["intakes"]) + len(before["sessions"]) + len(before["letters"]); n < 6 {
				t.Errorf("only %d rows could have changed", n)
			}
		})
	}
}
