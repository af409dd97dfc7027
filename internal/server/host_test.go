package server_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
	"madoguchi/web"
)

// evilHosts are hosts that are not the site's.
var evilHosts = []string{
	"evil.example", "evil.example:80", "yoyaku.example.jp.evil.example", "evil-yoyaku.example.jp", "example.jp", "203.0.113.7", "[2001:db8::1]:8080", "0.0.0.0", "[::]",
	"localhost.evil.example", "127.0.0.1.evil.example", "yoyaku.example.jp@evil.example",
}

// TestHost_Forged: a request for another host is refused on every route, whoever asks, changes nothing, repeats nothing and sets no cookie.
func TestHost_Forged(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	before := b.Facts(t)
	for n, r := range server.Routes() {
		if r.Path == "/healthz" || r.Path == "/readyz" {
			continue
		}
		evil := evilHosts[n%len(evilHosts)]
		for who, v := range b.Everybody() {
			a := v.Send(r.Method, b.Fill(r.Path), strings.NewReader(sent(b, r).Encode()), http.Header{"Host": {evil}, "Content-Type": servertest.FormHeader()["Content-Type"]})
			var all bytes.Buffer
			servertest.Must(t, a.Header.Write(&all))
			all.WriteString(a.Body)
			if a.Status != http.StatusMisdirectedRequest || a.Header.Get("Set-Cookie") != "" || strings.Contains(all.String(), "evil") || a.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s for %s by %s: %d\n%s", a.Asked, evil, who, a.Status, all.String())
			}
		}
	}
	b.WantUnchanged(t, before)
	if strings.Contains(b.Journal.String(), "evil") {
		t.Error("the log repeats the forged host")
	}
	for _, evil := range evilHosts {
		host := http.Header{"Host": {evil}}
		doc := b.Patient.Send(http.MethodGet, "/", nil, host).Want(http.StatusMisdirectedRequest).Page()
		if doc.Find("h1").Text() != web.Find("ja").T("patient.problem.address") || doc.Find("main a").AttrOr("href", "") != "http://yoyaku.example.jp/" || doc.Find("form, a[href^='/'], img").Length() != 0 {
			t.Errorf("%s: the page does not lead to the right address alone", evil)
		}
		if p := b.Patient.Send(http.MethodGet, "/api/v1/branches", nil, host).Problem(); p.Status != http.StatusMisdirectedRequest {
			t.Errorf("%s: the API answers %d", evil, p.Status)
		}
		for _, path := range []string{"/healthz", "/readyz"} { // a probe asks by an address
			b.Patient.Send(http.MethodGet, path, nil, host).Want(http.StatusOK)
		}
	}
}

// TestHost_Own: the site is reached under its name, however it is written and whatever X-Forwarded-Host says, and by whoever is on its machine.
func TestHost_Own(t *testing.T) {
	for _, base := range []string{"http://yoyaku.example.jp", "https://yoyaku.example.jp:8443", "http://YOYAKU.example.jp."} {
		at, err := url.Parse(base)
		servertest.Must(t, err)
		s := servertest.Open(t, "sqlite", func(s *servertest.Site) { s.BaseURL = at })
		v := s.Visitor(t)
		for _, host := range []string{
			"yoyaku.example.jp", "YOYAKU.EXAMPLE.JP", "yoyaku.example.jp:8443", "yoyaku.example.jp:80", "yoyaku.example.jp.", "yoyaku.example.jp.:443",
			"localhost:8080", "127.0.0.1", "127.0.0.1:8080", "[::1]:8080", "[::1]", "[::ffff:127.0.0.1]:80",
		} {
			v.Send(http.MethodGet, "/", nil, http.Header{"Host": {host}, "X-Forwarded-Host": {"evil.example"}}).Want(http.StatusOK)
		}
	}
	bare := servertest.Open(t, "sqlite", func(s *servertest.Site) { s.BaseURL = &url.URL{Scheme: "http", Host: "[2001:db8::7]:8080"} })
	bare.Visitor(t).Send(http.MethodGet, "/", nil, http.Header{"Host": {"[2001:db8::7]"}}).Want(http.StatusOK)
}

// TestKept: of all answers there are, to whatever form or question by whomever, a cache may keep those of a few public pages and no other; never
// one that brings a cookie, or a token.
func TestKept(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	public := map[string]bool{"/": true, "/privacy": true, "/slots": true, "/clinic/:logo": true, "/photos/:photo": true}
	kept := 0
	for _, r := range server.Routes() {
		for who, v := range b.Everybody() {
			for _, query := range []string{"", "?" + sent(b, r).Encode(), "?hold=" + strings.Repeat("a", 26)} {
				a := v.Send(r.Method, b.Fill(r.Path)+query, strings.NewReader(sent(b, r).Encode()), servertest.FormHeader())
				if a.Header.Get("Cache-Control") == "no-store" {
					continue
				}
				kept++
				if !public[r.Path] || r.Method != http.MethodGet || a.Status != http.StatusOK || a.Header.Get("Set-Cookie") != "" || strings.Contains(a.Body, b.Token) || strings.Contains(a.Body, strings.Repeat("a", 26)) {
					t.Errorf("%s may be kept for %s: %q", a.Asked, who, a.Header.Get("Cache-Control"))
				}
			}
		}
	}
	if kept == 0 {
		t.Error("not even the first page may be kept")
	}
}
