package server_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
	"madoguchi/web"
)

// everyPage is every page that the site can show, by what it is: each route as each person, forms that come back with
// errors, and pages for what goes wrong.
func everyPage(t *testing.T, b *servertest.Booked) map[string]*servertest.Answer {
	t.Helper()
	pages := map[string]*servertest.Answer{}
	for _, r := range server.Routes() {
		if r.Method != http.MethodGet {
			continue
		}
		for who, v := range b.Everybody() {
			pages[who+" "+r.Path] = v.Get(b.Fill(r.Path))
		}
	}
	date := "2026-11-25"
	for _, section := range b.Questions.Intake {
		pages["section "+section.ID] = b.Patient.Get("/intake/" + b.Token + "/" + section.ID)
		pages["wrong section "+section.ID] = b.Patient.PostForm("/intake/"+b.Token+"/"+section.ID, url.Values{"height": {"x"}, "worry": {"\x00"}, "bad_tx": {""}})
	}
	pages["times of a branch"] = b.Patient.Get("/slots?branch=" + b.Branch.ID + "&week=" + date + "&area=back")
	b.Patient.Post("/hold", "slot", b.Slots[5].ID)
	pages["form"] = b.Patient.Get("/book?slot=" + b.Slots[5].ID)
	pages["wrong form"] = b.Patient.Post("/book", "slot", b.Slots[5].ID)
	pages["form, slot taken"] = b.Patient.PostForm("/book", servertest.BookingForm(b.Slots[0].ID))
	pages["hold, slot taken"] = b.Patient.Post("/hold", "slot", b.Slots[0].ID)
	pages["link that is none"] = b.Patient.Get("/booking/" + clinic.NewToken())
	other := b.Visitor(t).Speak(b.Patient.Cookie("lang"))
	second := servertest.BookingForm(b.Slots[4].ID)
	second.Set("another", "yes")
	replaced := other.PostForm("/book", second).Token()
	other.Post("/booking/"+replaced+"/email", "email", "hana@example.com").Want(http.StatusSeeOther)
	pages["link that was replaced"] = other.Get("/booking/" + replaced)
	pages["day"] = b.FrontDesk.Get("/office/day?branch=" + b.Branch.ID + "&date=" + date)
	pages["doctor's day"] = b.Doctor.Get("/office/doctor?date=" + date)
	pages["search"] = b.FrontDesk.Post("/office/search", "q", "シケン")
	pages["slots"] = b.Admin.Get("/office/slots?branch=" + b.Branch.ID + "&doctor=" + b.Doctors[0].ID + "&date=" + date)
	pages["hours"] = b.Admin.Get("/office/hours?branch=" + b.Branch.ID + "&doctor=" + b.Doctors[0].ID)
	pages["wrong hours"] = b.Admin.PostForm("/office/hours", url.Values{"branch": {b.Branch.ID}, "doctor": {b.Doctors[0].ID}, "valid_from": {"tomorrow"}})
	pages["wrong exception"] = b.Admin.PostForm("/office/hours/exceptions", url.Values{"branch": {b.Branch.ID}, "doctor": {b.Doctors[0].ID}})
	pages["wrong slots"] = b.Admin.PostForm("/office/slots", url.Values{"branch": {b.Branch.ID}, "doctor": {b.Doctors[0].ID}, "date": {"tomorrow"}})
	pages["wrong branch"] = b.Admin.PostForm("/office/branches/new", url.Values{})
	pages["wrong clinic"] = b.Admin.Upload("/office/clinic", "logo", "logo.svg", []byte("<svg/>"), "name", "")
	pages["wrong doctor"] = b.Admin.PostForm("/office/doctors/new", url.Values{})
	pages["slot in use"] = b.Admin.Post("/office/slots/" + b.Slots[0].ID + "/remove")
	pages["wrong sign-in"] = b.Visitor(t).Post("/office/sign-in", "email", "nobody@example.jp")
	pages["unknown path"] = b.Patient.Get("/nothing/here")
	pages["unknown office path"] = b.Patient.Get("/office/nothing")
	pages["wrong method"] = b.Patient.Send(http.MethodDelete, "/book", nil, nil)
	pages["huge"] = b.Patient.Post("/book", "request", strings.Repeat("a", server.MaxBody))
	pages["unreadable"] = b.Patient.Send(http.MethodPost, "/book", strings.NewReader("%zz"), servertest.FormHeader())
	pages["API"] = b.Patient.Get("/api/v1/branches")
	pages["API description"] = b.Patient.Get("/api/openapi.json")
	pages["unknown API"] = b.Patient.Get("/api/v2")
	return pages
}

// headers are on every answer, whatever it is.
var headers = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":  "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

// TestEveryPage_IsStrict: each answer has the headers, no page needs more than they allow, nothing comes from elsewhere,
// and what belongs to a person is kept by no cache.
func TestEveryPage_IsStrict(t *testing.T) {
	for _, lang := range web.Languages() {
		t.Run(lang, func(t *testing.T) {
			b := servertest.OpenBooked(t, "sqlite", servertest.Saying{Lang: lang})
			statuses := map[int]int{}
			for what, a := range everyPage(t, b) {
				t.Run(what, func(t *testing.T) {
					statuses[a.Status]++
					framed := checkFramed(t, a, what)
					for name, want := range headers {
						if got := a.Header.Get(name); got != want && !framed[name] {
							t.Errorf("%s is %q", name, got)
						}
					}
					if a.Status >= http.StatusInternalServerError || len(a.Header.Get("X-Request-Id")) != 26 || a.Header.Get("Cache-Control") == "" {
						t.Errorf("%d, request id %q, cache %q", a.Status, a.Header.Get("X-Request-Id"), a.Header.Get("Cache-Control"))
					}
					if personal := strings.Contains(a.Asked, b.Token) || strings.Contains(a.Asked, "/office") || strings.Contains(a.Asked, " /book") && a.Status != http.StatusSeeOther; personal && a.Header.Get("Cache-Control") != "no-store" {
						t.Errorf("a cache may keep it: %q", a.Header.Get("Cache-Control"))
					}
					if a.Header.Get("Strict-Transport-Security") != "" {
						t.Error("a site without https asks for https")
					}
					if strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") && a.Status != http.StatusSeeOther && !framed["letter"] {
						checkStrict(t, a.Page(), lang, what)
					}
				})
			}
			for _, status := range []int{200, 303, 403, 404, 405, 409, 410, 413, 422} {
				if statuses[status] == 0 {
					t.Errorf("no page with %d was looked at", status)
				}
			}
		})
	}
}

// checkFramed looks at the answers that have frames or stand in one, and says which headers are their own: the page on which a letter is
// worded has frames of ours, the state of a test may stand in one of ours, and so may a letter, which is the one thing that has inline
// styles. It runs nothing, sends nothing and has no origin.
func checkFramed(t *testing.T, a *servertest.Answer, what string) map[string]bool {
	t.Helper()
	path := what[strings.LastIndex(what, " ")+1:]
	const policy = "Content-Security-Policy"
	var want string
	own := map[string]bool{policy: true}
	switch {
	case a.Status != http.StatusOK:
		return nil
	case path == "/office/branches/:id/letters/:kind":
		want = headers[policy] + "; frame-src 'self'"
	case path == "/office/branches/:id/letters/:kind/trial":
		want, own["X-Frame-Options"] = strings.ReplaceAll(headers[policy], "frame-ancestors 'none'", "frame-ancestors 'self'"), true
	case path == "/office/branches/:id/letters/:kind/preview":
		want, own["X-Frame-Options"], own["letter"] = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox", true, true
		doc := a.Page()
		if n := doc.Find("script, form, link, img, base, [src], meta[http-equiv]").Length(); n != 0 || doc.Find("iframe[sandbox='']").Length() != 3 {
			t.Errorf("the letter loads or runs %d things, or its frames are open", n)
		}
	default:
		return nil
	}
	if got := a.Header.Get(policy); got != want || own["X-Frame-Options"] && a.Header.Get("X-Frame-Options") != "SAMEORIGIN" {
		t.Errorf("%s: the policy is %q, frames %q", what, got, a.Header.Get("X-Frame-Options"))
	}
	return own
}

// checkStrict: no inline script, style or handler, nothing from elsewhere, a language, a title and one main heading.
func checkStrict(t *testing.T, doc *goquery.Document, lang, what string) {
	t.Helper()
	ours := "iframe.letter-frame[sandbox=''], iframe.trial-frame" // what may stand in them is checked by checkFramed
	doc.Find("style, script:not([src]), [style], base, iframe, object, embed, meta[http-equiv]").Not(ours).Each(func(_ int, s *goquery.Selection) {
		t.Errorf("inline or embedded: %s", goquery.NodeName(s))
	})
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, a := range s.Get(0).Attr {
			value := strings.ToLower(strings.TrimSpace(a.Val))
			own := strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "//") || strings.HasPrefix(value, "#")
			if goquery.NodeName(s) == "a" { // a person may be led to the telephone, to their mail, and a doctor to a source, a patient to a map or a calendar
				source := strings.HasPrefix(value, "https://") && strings.Contains(s.AttrOr("rel", ""), "noreferrer") && (strings.Contains(what, "doctor") || strings.HasSuffix(what, "/booking/:token") && isMapOrCalendar(value))
				own = own || source || strings.HasPrefix(value, "tel:") || strings.HasPrefix(value, "mailto:")
			}
			if strings.HasPrefix(a.Key, "on") || slices.Contains([]string{"href", "src", "action", "formaction", "srcset", "poster"}, a.Key) && !own {
				t.Errorf("<%s %s=%q>", goquery.NodeName(s), a.Key, a.Val)
			}
		}
	})
	if what == "wrong sign-in" {
		lang = "ja" // by a visitor of its own
	}
	if got := doc.Find("html").AttrOr("lang", ""); got != lang || doc.Find("title").Text() == "" || doc.Find("h1").Length() != 1 || doc.Find("main").Length() != 1 {
		t.Errorf("language %q, title %q, %d main headings", got, doc.Find("title").Text(), doc.Find("h1").Length())
	}
	if robots := doc.Find("meta[name=robots]").AttrOr("content", ""); robots != "noindex" && !slices.Contains([]string{"/", "/privacy", "/slots"}, strings.TrimPrefix(what[strings.LastIndex(what, " ")+1:], " ")) && what != "times of a branch" {
		t.Errorf("search engines may list it: %q", robots)
	}
}

func isMapOrCalendar(address string) bool {
	return strings.HasPrefix(address, "https://www.google.com/maps/search/?") || strings.HasPrefix(address, "https://calendar.google.com/calendar/render?")
}

// TestHTTPS: a site that is reached by https says so for good, and binds its cookies to it.
func TestHTTPS(t *testing.T) {
	for _, scheme := range []string{"http", "https"} {
		t.Run(scheme, func(t *testing.T) {
			s := servertest.Open(t, "sqlite", func(s *servertest.Site) { s.BaseURL = &url.URL{Scheme: scheme, Host: "yoyaku.example.jp"} })
			v := s.Visitor(t)
			hold := v.Post("/hold", "slot", s.Slots[0].ID).Want(http.StatusSeeOther)
			language := v.Post("/language", "lang", "en").Want(http.StatusSeeOther)
			secure, prefix, sts := scheme == "https", "", ""
			if secure {
				prefix, sts = "__Host-", "max-age=63072000; includeSubDomains"
			}
			if got := hold.Header.Get("Strict-Transport-Security"); got != sts {
				t.Errorf("Strict-Transport-Security is %q, want %q", got, sts)
			}
			for name, a := range map[string]*servertest.Answer{"visitor": hold, "lang": language} {
				cookies := (&http.Response{Header: a.Header}).Cookies()
				if len(cookies) != 1 {
					t.Fatalf("%d cookies", len(cookies))
				}
				c := cookies[0]
				if c.Name != prefix+name || !c.HttpOnly || c.Secure != secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
					t.Errorf("the cookie is %s", c)
				}
				if name == "visitor" && (len(c.Value) != 26 || c.MaxAge != 0 || !c.Expires.IsZero()) {
					t.Errorf("the visitor's cookie is %s", c)
				}
			}
		})
	}
}

// TestRobots: search engines are kept from whatever belongs to a person.
func TestRobots(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	rules := b.Patient.Get("/robots.txt").Want(http.StatusOK).Body
	for _, r := range server.Routes() {
		public := slices.Contains([]string{"/", "/privacy", "/slots", "/hold", "/typed", "/language", "/healthz", "/readyz", "/robots.txt", "/clinic/:logo", "/photos/:photo"}, r.Path)
		closed := slices.ContainsFunc(strings.Split(rules, "\n"), func(line string) bool {
			path, ok := strings.CutPrefix(line, "Disallow: ")
			return ok && strings.HasPrefix(b.Fill(r.Path), path)
		})
		if closed == public {
			t.Errorf("%s: closed %t", r.Path, closed)
		}
	}
}
