package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
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
