package server_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
	"madoguchi/web"
)

// TestLimit_Requests: whoever sends too much, in whatever name, is told to wait, by a page in their language or a problem;
// what watches the service is never limited.
func TestLimit_Requests(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{Lang: "en"}, func(s *servertest.Site) { s.Limits = true })
	limited := func(send func(n int) *servertest.Answer) (a *servertest.Answer) {
		t.Helper()
		for n := range 3 * server.RequestsPerMinute { // the minute may turn once meanwhile
			if a = send(n); a.Status == http.StatusTooManyRequests {
				return a
			}
		}
		t.Fatalf("%s was never limited", a.Asked)
		return a
	}
	change := func(n int) *servertest.Answer {
		return b.Patient.Send(http.MethodPost, "/language", strings.NewReader("lang=en"), http.Header{
			"Content-Type": servertest.FormHeader()["Content-Type"], "X-Forwarded-For": {fmt.Sprintf("198.51.100.%d", n%250)},
		})
	}
	a := limited(change)
	if doc := a.Page(); doc.Find("h1").Text() != web.Find("en").T("patient.problem.many") || a.Header.Get("Retry-After") == "" || a.Header.Get("Set-Cookie") != "" {
		t.Errorf("Retry-After %q, the page:\n%s", a.Header.Get("Retry-After"), a.Body)
	}
	if p := limited(func(int) *servertest.Answer { return b.Patient.Call(servertest.CallBody(b.Slots[5].ID)) }).Problem(); p.Code != "too_many" {
		t.Errorf("the API says %q", p.Code)
	}
	b.Patient.Get("/privacy").Want(http.StatusOK) // reading goes on
	limited(func(int) *servertest.Answer { return b.Patient.Get("/robots.txt") })
	// A flood is not one of lines in the log.
	lines := strings.Count(b.Journal.String(), " status=429 ")
	for range 50 {
		b.Patient.Get("/robots.txt")
	}
	if more := strings.Count(b.Journal.String(), " status=429 "); more != lines || lines == 0 || lines > 2 {
		t.Errorf("%d lines, and then %d, tell of refusals", lines, more)
	}
	b.Clock.Advance(time.Minute)
	b.Patient.Get("/healthz")
	if !regexp.MustCompile(`msg="requests were refused because there were too many" count=\d\d+`).MatchString(b.Journal.String()) {
		t.Error("the log does not sum the refusals up")
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		b.Patient.Get(path).Want(http.StatusOK)
	}
}

// TestLimit_Off: for measuring, nobody is limited.
func TestLimit_Off(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	v := s.Visitor(t)
	for range server.ChangesPerMinute + 10 {
		v.Post("/language", "lang", "ja").Want(http.StatusSeeOther)
	}
}

// behindProxy is a site as it is shipped: with limits, behind a proxy on the same machine.
func behindProxy(s *servertest.Site) {
	s.Limits, s.Trusted = true, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
}

// personForm is the form of the n-th of many people.
func personForm(slotID string, n int) url.Values {
	form := servertest.BookingForm(slotID)
	form.Set("phone", fmt.Sprintf("090%08d", 100+n))
	form.Set("email", fmt.Sprintf("person%d@example.jp", n))
	form.Set("birth_year", fmt.Sprint(1940+n%60))
	form.Set("given_kana", "ハナコ"+"アカサタナハマヤラワ"[n/60*3:n/60*3+3])
	return form
}

// TestLimit_ManyBehindOneProxy: three hundred visitors come from one proxy that is trusted, each for themselves, and all of them
// hold and book.
func TestLimit_ManyBehindOneProxy(t *testing.T) {
	s := servertest.Open(t, "sqlite", behindProxy)
	const visitors = 300
	var slots []clinic.SlotWithState
	for day := 3; len(slots) < visitors; day++ {
		slots = append(slots, storetest.AddSlots(t, s.Store, s.Branch, s.Doctors[day%2], storetest.Begin.AddDate(0, 0, day), 12)...)
	}
	for n := range visitors {
		v := s.Visitor(t)
		forwarded := fmt.Sprintf("198.51.%d.%d", 100+n/200, n%200)
		switch n % 3 { // as proxies write it
		case 1:
			forwarded += ":51234"
		case 2:
			forwarded = fmt.Sprintf("203.0.113.7, [2001:db8:%x::1]:443", n)
		}
		v.Header.Set("X-Forwarded-For", forwarded)
		v.Post("/hold", "slot", slots[n].ID).Want(http.StatusSeeOther)
		v.PostForm("/book", personForm(slots[n].ID, n)).Token()
	}
	if strings.Contains(s.Journal.String(), "not trusted") || strings.Contains(s.Visitor(t).Get("/readyz").Body, "note: ") {
		t.Error("a trusted proxy is complained of")
	}
}

// TestLimit_OneScript: whoever books everything gets as many bookings as one person may have, and as many letters, whatever the
// network address; with invented people as many as one address may, whatever the cookie. Beside it an honest visitor books.
func TestLimit_OneScript(t *testing.T) {
	s := servertest.Open(t, "sqlite", behindProxy)
	slots := storetest.AddSlots(t, s.Store, s.Branch, s.Doctors[0], storetest.Begin.AddDate(0, 0, 3), 50)
	script := func(address func(n int) string, form func(slotID string, n int) url.Values) (got int) {
		for n, slot := range slots[got:] {
			v := s.Visitor(t)
			v.Header.Set("X-Forwarded-For", address(n))
			a := v.PostForm("/book", form(slot.ID, n))
			switch a.Status {
			case http.StatusSeeOther:
				got++
			case http.StatusConflict, http.StatusTooManyRequests:
				if text := a.Text("main"); !strings.Contains(text, "電話") || a.Find("#family_name").AttrOr("value", "") != "試験" {
					t.Fatalf("the refusal says %s", text)
				}
			default:
				t.Fatalf("it answered %d", a.Status)
			}
		}
		slots = slots[got:]
		return got
	}
	if got := script(func(n int) string { return fmt.Sprintf("198.51.100.%d", n) }, func(id string, _ int) url.Values {
		form := servertest.BookingForm(id)
		form.Set("another", "yes")
		return form
	}); got != clinic.DefaultLiveBookings {
		t.Errorf("one person got %d bookings", got)
	}
	if got := script(func(int) string { return "203.0.113.1" }, personForm); got != clinic.ClientBookingsPerHour {
		t.Errorf("one address got %d bookings", got)
	}
	honest := s.Visitor(t)
	honest.Header.Set("X-Forwarded-For", "192.0.2.77")
	honest.Post("/hold", "slot", slots[0].ID).Want(http.StatusSeeOther)
	honest.PostForm("/book", personForm(slots[0].ID, 299)).Token()
}

// TestLimit_UntrustedProxy: it is said once in the log, and by /readyz for as long as the server runs, that somebody who is not
// trusted says for whom they ask; by whichever header. What they say is not believed.
func TestLimit_UntrustedProxy(t *testing.T) {
	for _, header := range []string{"X-Forwarded-For", "Forwarded", "X-Real-IP"} {
		s := servertest.Open(t, "sqlite", func(s *servertest.Site) { s.Trusted = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
		v := s.Visitor(t)
		if ready := v.Get("/readyz").Want(http.StatusOK).Body; strings.Contains(ready, "note: ") {
			t.Errorf("before, /readyz says %q", ready)
		}
		v.Header.Set(header, "198.51.100.7")
		for range 3 {
			v.Get("/").Want(http.StatusOK)
		}
		log := s.Journal.String()
		if n := strings.Count(log, "MADOGUCHI_TRUSTED_PROXIES"); n != 1 || strings.Contains(log, "198.51.100.7") || strings.Contains(log, "127.0.0.1") {
			t.Errorf("%s: said %d times in\n%s", header, n, log)
		}
		if ready := s.Visitor(t).Get("/readyz").Want(http.StatusOK).Body; !strings.HasPrefix(ready, "ready\n") || !strings.Contains(ready, "MADOGUCHI_TRUSTED_PROXIES") {
			t.Errorf("/readyz says %q", ready)
		}
	}
}

// TestLimit_SilentProxy: a trusted proxy behind which all visitors would count as one, because it does not say for whom it asks in the
// header that is read, is told of in the same way. What it asks for itself is no sign of that.
func TestLimit_SilentProxy(t *testing.T) {
	for _, header := range [][2]string{{"X-Real-IP", "198.51.100.7"}, {"Forwarded", "for=198.51.100.7"}, {"X-Forwarded-For", "unknown"}, {"Accept", "*/*"}} {
		s := servertest.Open(t, "sqlite", behindProxy)
		v := s.Visitor(t)
		v.Header.Set(header[0], header[1])
		v.Get("/healthz").Want(http.StatusOK)
		v.Get("/readyz").Want(http.StatusOK)
		if ready := v.Get("/readyz").Want(http.StatusOK).Body; strings.Contains(ready, "note: ") || strings.Contains(s.Journal.String(), "X-Forwarded-For") {
			t.Errorf("before, /readyz says %q", ready)
		}
		for range 3 {
			v.Get("/").Want(http.StatusOK)
		}
		log := s.Journal.String()
		if n := strings.Count(log, "do not say in X-Forwarded-For"); n != 1 || strings.Contains(log, "198.51.100.7") || strings.Contains(log, "127.0.0.1") {
			t.Errorf("%s: said %d times in\n%s", header[0], n, log)
		}
		if ready := v.Get("/readyz").Want(http.StatusOK).Body; !strings.HasPrefix(ready, "ready\n") || !strings.Contains(ready, "do not say in X-Forwarded-For") {
			t.Errorf("/readyz says %q", ready)
		}
	}
}
