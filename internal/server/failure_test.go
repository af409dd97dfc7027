package server

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/store/storetest"
	"madoguchi/web"
)

// TestFailure_Inside takes a table away, so that the server really fails in the middle of its work: a whole page says so
// with the request's id, the log has the cause under the same id, and nothing is half done.
func TestFailure_Inside(t *testing.T) {
	for engine := range storetest.Engines {
		for _, lang := range web.Languages() {
			t.Run(engine+"/"+lang, func(t *testing.T) {
				b := openBusy(t, engine, lang, "文")
				for _, c := range []struct {
					what, table string
					send        func() answer
				}{
					{"a booking whose letter cannot be written", "letters", func() answer { return b.patient.post(t, "/book", bookingForm(b.Slots[5].ID)) }},
					{"a booking over the API", "replays", func() answer {
						return b.patient.send(t, http.MethodPost, "/api/v1/bookings", strings.NewReader(callWith(b.Slots[5].ID, "slot_id", b.Slots[5].ID)),
							http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {"a"}})
					}},
					{"an answer", "intakes", func() answer { return b.patient.post(t, "/intake/"+b.token+"/wish", url.Values{"c_true": {"yes"}}) }},
					{"a patient's page", "doctors", func() answer { return b.patient.get(t, "/") }},
					{"a cancellation", "letters", func() answer { return b.reception.post(t, "/office/bookings/"+b.booking+"/cancel", nil) }},
					{"the doctor's day", "intakes", func() answer { return b.theirs.get(t, "/office/doctor?date=2026-11-25") }},
					{"a doctor's form", "doctor_branches", func() answer {
						return b.admin.post(t, "/office/doctors/"+b.Doctors[0].ID, url.Values{"family_name": {"改"}, "given_name": {"名"}, "family_kana": {"カイ"}, "given_kana": {"メイ"}, "sex": {"f"}, "branches": {b.Branch.ID}})
					}},
				} {
					t.Run(c.what, func(t *testing.T) {
						before := b.facts(t)
						storetest.Exec(t, b.Address, "ALTER TABLE "+c.table+" RENAME TO away")
						a := c.send()
						storetest.Exec(t, b.Address, "ALTER TABLE away RENAME TO "+c.table)
						b.unchanged(t, before)
						a.expect(t, http.StatusInternalServerError)
						id := a.Header.Get("X-Request-Id")
						cause := regexp.MustCompile(`level=ERROR msg=failure id=` + id + ` cause=.*` + c.table)
						if id == "" || !cause.MatchString(b.Journal.String()) {
							t.Errorf("the log does not tell the cause of %q:\n%s", id, b.Journal)
						}
						if bytes.Contains(a.Body, []byte(c.table)) || bytes.Contains(a.Body, []byte("SQL")) {
							t.Error("the answer tells the cause")
						}
						if strings.HasPrefix(c.what, "a booking over") {
							a.problem(t)
							return
						}
						doc := a.page(t)
						if !strings.Contains(doc.Find("main").Text(), id) || doc.Find("html").AttrOr("lang", "") != lang || doc.Find("h1").Length() != 1 ||
							!bytes.HasSuffix(bytes.TrimSpace(a.Body), []byte("</html>")) || bytes.Count(a.Body, []byte("<html")) != 1 {
							t.Errorf("half a page, or one without the id %s:\n%s", id, a.Body)
						}
					})
				}
				// It recovers without a restart.
				b.patient.post(t, "/book", bookingForm(b.Slots[5].ID)).expect(t, http.StatusSeeOther)
			})
		}
	}
}

// TestFailure_Panic: a bug of ours is a failure like any other. What was panicked with may be a patient's, so the log gets
// its type and the place.
func TestFailure_Panic(t *testing.T) {
	h := open(t, "sqlite")
	s := &Server{Site: h.Site}
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(s.identify, s.recoverPanics, s.speak)
	engine.GET("/", s.serve(func(*gin.Context) error { panic("試験 花子") }))
	engine.GET("/half", s.serve(func(c *gin.Context) error {
		c.String(http.StatusOK, "half")
		panic(fmt.Errorf("試験 花子"))
	}))
	for path, status := range map[string]int{"/": http.StatusInternalServerError, "/half": http.StatusOK} {
		w := httptest.NewRecorder()
		engine.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if w.Code != status || path == "/" && !strings.Contains(w.Body.String(), w.Header().Get("X-Request-Id")) {
			t.Errorf("%s answered %d:\n%s", path, w.Code, w.Body)
		}
		if path == "/half" && w.Body.String() != "half" {
			t.Errorf("a second page was written after the first: %s", w.Body)
		}
	}
	if log := h.Journal.String(); strings.Contains(log, "花子") || strings.Count(log, "panic of type") != 2 || !strings.Contains(log, "failure_test.go") {
		t.Errorf("the log:\n%s", log)
	}
}

// TestFailure_WhatIsNotThere: paths and methods that there are not, and links that are none, each with a page or a problem.
func TestFailure_WhatIsNotThere(t *testing.T) {
	b := openBusy(t, "sqlite", "ja", "文")
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/nothing", http.StatusNotFound},
		{http.MethodGet, "/office/nothing", http.StatusNotFound},
		{http.MethodGet, "/assets/nothing.js", http.StatusNotFound},
		{http.MethodGet, "/assets/../../go.mod", http.StatusNotFound},
		{http.MethodGet, "/assets/", http.StatusNotFound},
		{http.MethodGet, "/.env", http.StatusNotFound},
		{http.MethodGet, "/api/v1/nothing", http.StatusNotFound},
		{http.MethodGet, "/dev/letters", http.StatusNotFound},
		{http.MethodGet, "/dev/letters/x.eml", http.StatusNotFound},
		{http.MethodGet, "/intake/" + b.token + "/nothing", http.StatusNotFound},
		{http.MethodGet, "/booking/" + strings.Repeat("a", 26), http.StatusGone},
		{http.MethodGet, "/booking/" + strings.ToUpper(b.token), http.StatusGone},
		{http.MethodGet, "/booking/%00", http.StatusGone},
		{http.MethodGet, "/booking/%FF", http.StatusGone},
		{http.MethodGet, "/intake/" + b.booking, http.StatusGone}, // the id is no token
		{http.MethodPost, "/", http.StatusMethodNotAllowed},
		{http.MethodGet, "/hold", http.StatusMethodNotAllowed},
		{http.MethodPut, "/book", http.StatusMethodNotAllowed},
		{http.MethodDelete, "/office/day", http.StatusMethodNotAllowed},
		{http.MethodPatch, "/api/v1/bookings", http.StatusMethodNotAllowed},
		{http.MethodOptions, "/book", http.StatusMethodNotAllowed},
		{http.MethodTrace, "/", http.StatusMethodNotAllowed},
		{"BREW", "/book", http.StatusMethodNotAllowed},
	} {
		a := b.patient.send(t, c.method, c.path, nil, nil)
		if a.Status != c.status {
			t.Errorf("%s answered %d, want %d", a.What, a.Status, c.status)
			continue
		}
		if c.status == http.StatusMethodNotAllowed && a.Header.Get("Allow") == "" {
			t.Errorf("%s does not say what is allowed", a.What)
		}
		switch {
		case strings.HasPrefix(c.path, "/api/"):
			a.problem(t)
		case !strings.HasPrefix(c.path, "/assets/"):
			if doc := a.page(t); doc.Find("h1").Length() != 1 || doc.Find("main a").Length() == 0 {
				t.Errorf("%s shows no way on:\n%s", a.What, a.Body)
			}
		}
	}
	for _, path := range []string{"/office/bookings/%00", "/office/bookings/%FF", "/office/bookings/" + b.token, "/office/bookings/' OR 1=1 --"} {
		b.reception.get(t, strings.ReplaceAll(path, " ", "%20")).expect(t, http.StatusNotFound)
	}
}

// TestReady: alive is not ready. The database must answer and have this program's shape, and the worker must be alive.
func TestReady(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			h := open(t, engine)
			v := h.visitor(t, "ja")
			expect := func(status int, says string) {
				t.Helper()
				if a := v.get(t, "/readyz").expect(t, status); !strings.Contains(string(a.Body), says) {
					t.Errorf("it says %q, want %q", a.Body, says)
				}
				v.get(t, "/healthz").expect(t, http.StatusOK)
			}
			expect(http.StatusOK, "ready")
			h.Alive.Store(false)
			expect(http.StatusServiceUnavailable, "worker")
			h.Alive.Store(true)
			storetest.Exec(t, h.Address, "DELETE FROM goose_db_version WHERE version_id = (SELECT MAX(version_id) FROM goose_db_version)")
			expect(http.StatusServiceUnavailable, "not migrated")
			must(t, h.Store.Close())
			expect(http.StatusServiceUnavailable, "does not answer")
		})
	}
}

// TestLimit_Requests: whoever sends too much, in whatever name, is told to wait, by a page in their language or a problem;
// what watches the service is never limited.
func TestLimit_Requests(t *testing.T) {
	b := openBusy(t, "sqlite", "en", "文", func(h *house) { h.Limits = true })
	limited := func(send func(n int) answer) (a answer) {
		t.Helper()
		for n := range 3 * requestsPerMinute { // the minute may turn once meanwhile
			if a = send(n); a.Status == http.StatusTooManyRequests {
				return a
			}
		}
		t.Fatalf("%s was never limited", a.What)
		return a
	}
	change := func(n int) answer {
		return b.patient.send(t, http.MethodPost, "/language", strings.NewReader("lang=en"), http.Header{
			"Content-Type": formHeader["Content-Type"], "X-Forwarded-For": {fmt.Sprintf("198.51.100.%d", n%250)},
		})
	}
	a := limited(change)
	if doc := a.page(t); doc.Find("h1").Text() != web.Find("en").T("patient.problem.many") || a.Header.Get("Retry-After") == "" || a.Header.Get("Set-Cookie") != "" {
		t.Errorf("Retry-After %q, the page:\n%s", a.Header.Get("Retry-After"), a.Body)
	}
	if p := b.patient.call(t, callWith(b.Slots[5].ID, "slot_id", b.Slots[5].ID)).expect(t, http.StatusTooManyRequests).problem(t); p.Code != "too_many" {
		t.Errorf("the API says %q", p.Code)
	}
	b.patient.get(t, "/privacy").expect(t, http.StatusOK) // reading goes on
	limited(func(int) answer { return b.patient.get(t, "/robots.txt") })
	for _, path := range []string{"/healthz", "/readyz"} {
		b.patient.get(t, path).expect(t, http.StatusOK)
	}
}

// TestLimit_Off: for measuring, nobody is limited.
func TestLimit_Off(t *testing.T) {
	h := open(t, "sqlite")
	v := h.visitor(t, "ja")
	for range changesPerMinute + 10 {
		v.post(t, "/language", url.Values{"lang": {"ja"}}).expect(t, http.StatusSeeOther)
	}
}

// TestSlowClients: those who never finish sending do not hold up the others, and none may stay for ever.
func TestSlowClients(t *testing.T) {
	h := open(t, "sqlite")
	for n := range 400 {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(h.URL, "http://"))
		must(t, err)
		t.Cleanup(func() { must(t, conn.Close()) })
		begun := "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "
		if n%2 == 0 {
			begun = "POST /book HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nslot="
		}
		_, err = io.WriteString(conn, begun)
		must(t, err)
	}
	h.visitor(t, "ja").book(t, h.Slots[0].ID)

	s := NewHTTP(http.NotFoundHandler(), h.Log)
	for what, limit := range map[string]time.Duration{"header": s.ReadHeaderTimeout, "body": s.ReadTimeout, "answer": s.WriteTimeout, "idle": s.IdleTimeout} {
		if limit <= 0 || limit > 2*time.Minute {
			t.Errorf("%s: %s", what, limit)
		}
	}
	if s.MaxHeaderBytes <= 0 || s.MaxHeaderBytes > 64<<10 {
		t.Errorf("headers of %d bytes are read", s.MaxHeaderBytes)
	}
}
