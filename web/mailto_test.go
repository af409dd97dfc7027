package web_test

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

func TestMailto(t *testing.T) {
	for address, want := range map[string]string{
		"hanako@example.jp":            "mailto:hanako@example.jp",
		"hanako.shiken+yoyaku@a-b.jp":  "mailto:hanako.shiken+yoyaku@a-b.jp",
		"a?subject=x&bcc=b@example.jp": "mailto:a%3Fsubject%3Dx%26bcc%3Db@example.jp",
		"100%25@example.jp":            "mailto:100%2525@example.jp",
		"a/b#c@example.jp":             "mailto:a%2Fb%23c@example.jp",
		"gorby%kremvax@example.com":    "mailto:gorby%25kremvax@example.com", // RFC 6068, 6.1
		"`{|}^_`@example.jp":           "mailto:%60%7B%7C%7D%5E_%60@example.jp",
		"a..b.@docomo.ne.jp":           "mailto:%22a..b.%22@docomo.ne.jp", // RFC 6068, 2
	} {
		if got := web.Mailto(address); got != want {
			t.Errorf("%q: %s, want %s", address, got, want)
		}
	}
}

// Every address that a patient can have comes back whole from its link, and adds nothing to it.
func TestMailto_Properties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		local := rapid.StringOfN(rapid.SampledFrom([]rune("abYZ09!#$%&'*+/=?^_`{|}~-..")), 1, 20, -1).Draw(t, "local")
		address, problem := clinic.ParseEmail(local + "@docomo.ne.jp")
		if problem != "" {
			t.Fatalf("%s: %s", local, problem)
		}
		link := web.Mailto(address)
		parsed, err := url.Parse(link)
		if err != nil || parsed.Scheme != "mailto" || parsed.RawQuery != "" || parsed.Fragment != "" || strings.ContainsAny(link, "?#&;=") {
			t.Fatalf("%s: %+v, %v", link, parsed, err)
		}
		if back, err := url.PathUnescape(parsed.Opaque); err != nil || back != clinic.QuotedEmail(address) {
			t.Fatalf("%s leads to %s, want %s", link, back, address)
		}
	})
}
