package server

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store/storetest"
	"madoguchi/web"
)

// TestForgery_IsAnsweredLikeEverythingElse: what another site sent is refused with the headers, a request id and a line in
// the log, by a page in the reader's language, or a problem in the caller's.
func TestForgery_IsAnsweredLikeEverythingElse(t *testing.T) {
	for _, lang := range web.Languages() {
		t.Run(lang, func(t *testing.T) {
			b := openBusy(t, "sqlite", lang, "文")
			sentence := web.Find(lang).T("error.origin")
			for _, c := range []struct {
				path  string
				who   *visitor
				route string
			}{
				{"/book", b.patient, "/book"},
				{"/intake/" + b.token + "/goal", b.patient, "/intake/:token/:section"},
				{"/office/search", b.reception, "/office/search"},
				{"/office/bookings/" + b.booking + "/cancel", b.reception, "/office/bookings/:id/cancel"},
				{"/nothing", b.patient, "none"},
				{"/api/v1/bookings", b.patient, "/api/v1/bookings"},
			} {
				a := c.who.send(t, http.MethodPost, c.path, strings.NewReader("q=x"), http.Header{
					"Content-Type": formHeader["Content-Type"], "Sec-Fetch-Site": {"cross-site"}, "Accept-Language": {lang},
				}).expect(t, http.StatusForbidden)
				for name, want := range headers {
					if got := a.Header.Get(name); got != want {
						t.Errorf("%s: %s is %q", a.What, name, got)
					}
				}
				id := a.Header.Get("X-Request-Id")
				if len(id) != 26 || a.Header.Get("Cache-Control") != "no-store" {
					t.Errorf("%s: request id %q, cache %q", a.What, id, a.Header.Get("Cache-Control"))
				}
				if line := regexp.MustCompile(`level=INFO msg=request id=` + id + ` method=POST route=` + c.route + ` status=403 `); !line.MatchString(b.Journal.String()) {
					t.Errorf("%s is not in the log:\n%s", a.What, b.Journal)
				}
				if strings.HasPrefix(c.path, "/api/") {
					if p := a.problem(t); p.Code != "forbidden" || p.Detail != sentence {
						t.Errorf("%s: %+v", a.What, p)
					}
					continue
				}
				doc := a.page(t)
				if !strings.Contains(doc.Find("main").Text(), sentence) || doc.Find("html").AttrOr("lang", "") != lang || doc.Find("h1").Length() != 1 || doc.Find("main a").Length() == 0 {
					t.Errorf("%s shows\n%s", a.What, a.Body)
				}
			}
		})
	}
}

// lines is a log of which each line can be waited for.
type lines chan string

func (l lines) Write(line []byte) (int, error) {
	l <- string(line)
	return len(line), nil
}

// wait returns the first line that matches. Any error before it fails the test.
func (l lines) wait(t *testing.T, pattern string) string {
	t.Helper()
	for {
		select {
		case line := <-l:
			if strings.Contains(line, "level=ERROR") {
				t.Errorf("the log has an error: %s", line)
			}
			if regexp.MustCompile(pattern).MatchString(line) {
				return line
			}
		case <-t.Context().Done():
			t.Fatal("no such line in the log")
		}
	}
}

func withLines(l lines) func(*house) {
	return func(h *house) { h.Log = slog.New(slog.NewTextHandler(l, nil)) }
}

// TestGone_BeforeTheAnswer asks for every page as a client that is no longer there: the log says 499, and nothing failed.
func TestGone_BeforeTheAnswer(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := openBusy(t, engine, "ja", "文")
			gone, leave := context.WithCancel(t.Context())
			leave()
			count := 0
			for _, r := range b.list() {
				if r.path == "/office/sign-out" || r.path == "/language" {
					continue
				}
				for who, v := range b.everybody() {
					count++
					request := httptest.NewRequestWithContext(gone, r.method, b.fill(r.path), strings.NewReader(b.sent(r).Encode()))
					request.Header = http.Header{"Content-Type": formHeader["Content-Type"]}
					base, err := url.Parse(b.URL)
					must(t, err)
					for _, cookie := range v.http.Jar.Cookies(base) {
						request.AddCookie(cookie)
					}
					w := httptest.NewRecorder()
					b.handler.ServeHTTP(w, request)
					if w.Code >= http.StatusInternalServerError {
						t.Errorf("%s %s to %s answered %d", r.method, r.path, who, w.Code)
					}
					if line := "id=" + w.Header().Get("X-Request-Id") + " method=" + r.method + " route=" + r.path + " status=499 "; !strings.Contains(b.Journal.String(), line) {
						t.Errorf("the log has no %s", line)
					}
				}
			}
			for _, path := range []string{"/api/v1/branches", "/api/v1/slots?branch=" + b.Branch.ID, "/nothing", "/assets/nothing"} {
				w := httptest.NewRecorder()
				b.handler.ServeHTTP(w, httptest.NewRequestWithContext(gone, http.MethodGet, path, nil))
				if line := "id=" + w.Header().Get("X-Request-Id"); !regexp.MustCompile(line + ` .* status=499 `).MatchString(b.Journal.String()) {
					t.Errorf("the log has no 499 for %s", path)
				}
			}
			if log := b.Journal.String(); strings.Contains(log, "level=ERROR") || strings.Contains(log, "msg=failure") || count < 100 {
				t.Errorf("%d requests; errors in the log:\n%s", count, regexp.MustCompile(`(?m)^.*level=ERROR.*$`).FindAllString(log, 3))
			}
		})
	}
}

// TestGone_OrAFailure: whatever a store says of work that was cut off with the connection is no failure; the same words for
// somebody who still waits are one, and so is a bug, even when nobody waits any more.
func TestGone_OrAFailure(t *testing.T) {
	h := open(t, "sqlite")
	s := &Server{Site: h.Site}
	gone, leave := context.WithCancel(t.Context())
	leave()
	outage := errors.Join(&clinic.Error{Code: clinic.Unavailable, Message: "error.unavailable"}, errors.New("the transaction has ended"))
	for _, c := range []struct {
		ctx    context.Context
		err    error
		status int
	}{
		{gone, fmt.Errorf("query: %w", context.Canceled), statusGone},
		{gone, outage, statusGone},
		{gone, errors.New("a bug"), http.StatusInternalServerError},
		{gone, &clinic.Error{Code: clinic.NotFound}, http.StatusNotFound},
		{t.Context(), fmt.Errorf("query: %w", context.Canceled), http.StatusInternalServerError},
		{t.Context(), outage, http.StatusServiceUnavailable},
	} {
		before := strings.Count(h.Journal.String(), "level=ERROR msg=failure")
		if got := s.status(c.ctx, c.err); got != c.status {
			t.Errorf("%v, gone %t: %d, want %d", c.err, c.ctx == gone, got, c.status)
		}
		if logged := strings.Count(h.Journal.String(), "level=ERROR msg=failure") > before; logged != (c.status >= http.StatusInternalServerError) {
			t.Errorf("%v, gone %t: logged %t", c.err, c.ctx == gone, logged)
		}
	}
}

// TestGone_WhileSending: a connection that breaks off in the middle of a form or a call is 499 as well.
func TestGone_WhileSending(t *testing.T) {
	log := make(lines, 1000)
	h := open(t, "sqlite", withLines(log))
	before := h.facts(t)
	for _, path := range []string{"/book", "/office/sign-in", "/api/v1/bookings"} {
		for what, sent := range map[string][2]string{
			"urlencoded": {"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000", "slot="},
			"chunked":    {"Content-Type: application/json\r\nTransfer-Encoding: chunked", "5\r\nslot=\r\n"},
			"multipart":  {"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000", "--x\r\nContent-Disposition: form-data; name=\"slot\"\r\n\r\na"},
		} {
			for _, reset := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s %s reset %t", path, what, reset), func(t *testing.T) {
					conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(h.URL, "http://"))
					must(t, err)
					// The server asks for the body once it reads it.
					_, err = io.WriteString(conn, "POST "+path+" HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"+sent[0]+"\r\n\r\n")
					must(t, err)
					if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
						t.Fatalf("%s, %v", line, err)
					}
					_, err = io.WriteString(conn, sent[1])
					must(t, err)
					if tcp, ok := conn.(*net.TCPConn); reset && ok {
						must(t, tcp.SetLinger(0)) // the connection is reset and not closed
					}
					must(t, conn.Close())
					log.wait(t, `msg=request .* method=POST route=`+path+` status=499 `)
				})
			}
		}
	}
	h.unchanged(t, before)
}

// brokenPipe is a connection over which nothing can be sent any more, as after the other side has closed it.
type brokenPipe struct{ net.Conn }

func (brokenPipe) Write([]byte) (int, error) { return 0, syscall.EPIPE }

type brokenListener struct{ net.Listener }

func (l brokenListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return brokenPipe{conn}, err
}

// TestGone_WhileReceiving: an answer that cannot be written is 499, too, a page as well as the API's. (Of what is
// shorter than a buffer of net/http nobody hears how it went.)
func TestGone_WhileReceiving(t *testing.T) {
	log := make(lines, 1000)
	h := open(t, "sqlite", withLines(log))
	server := httptest.NewUnstartedServer(nil)
	server.Config = NewHTTP(h.handler, h.Log)
	server.Listener = brokenListener{server.Listener}
	server.Start()
	t.Cleanup(server.Close)
	for _, path := range []string{"/slots?branch=" + h.Branch.ID, "/privacy", "/api/openapi.json"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		must(t, err)
		if answer, err := server.Client().Do(r); err == nil {
			must(t, answer.Body.Close())
			t.Errorf("%s was answered over a broken connection", path)
		}
		log.wait(t, `msg=request .* status=499 `)
	}
}

// TestGone_WhileTheDatabaseWorks: what waits in the database is cut off with the connection, at whatever statement of it, and
// that is no failure.
func TestGone_WhileTheDatabaseWorks(t *testing.T) {
	log := make(lines, 1000)
	h := open(t, "postgres", withLines(log))
	db, err := sql.Open("pgx", h.Address)
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	for _, c := range []struct{ method, path, table, body, kind string }{
		{http.MethodGet, "/slots?branch=" + h.Branch.ID, "slots", "", ""},
		{http.MethodPost, "/hold", "claims", "slot=" + h.Slots[0].ID, formHeader.Get("Content-Type")},
		{http.MethodPost, "/book", "letters", bookingForm(h.Slots[0].ID).Encode(), formHeader.Get("Content-Type")},
		{http.MethodGet, "/api/v1/branches", "branches", "", ""},
		{http.MethodPost, "/api/v1/bookings", "patients", callWith(h.Slots[1].ID, "slot_id", h.Slots[1].ID), "application/json"},
	} {
		t.Run(c.method+" "+c.path+" at "+c.table, func(t *testing.T) {
			before := h.facts(t)
			held, err := db.BeginTx(t.Context(), nil)
			must(t, err)
			_, err = held.ExecContext(t.Context(), "LOCK TABLE "+c.table+" IN ACCESS EXCLUSIVE MODE")
			must(t, err)
			asking, leave := context.WithCancel(t.Context())
			answered := make(chan error)
			go func() {
				r, err := http.NewRequestWithContext(asking, c.method, h.URL+c.path, strings.NewReader(c.body))
				if err == nil {
					r.Header.Set("Content-Type", c.kind)
					var a *http.Response
					if a, err = http.DefaultClient.Do(r); err == nil {
						err = errors.Join(a.Body.Close(), errors.New("it was answered: "+a.Status))
					}
				}
				answered <- err
			}()
			for waiting := 0; waiting == 0; {
				must(t, db.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())").Scan(&waiting))
			}
			leave()
			if err := <-answered; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			log.wait(t, `msg=request .* status=499 `)
			must(t, held.Rollback())
			h.unchanged(t, before)
		})
	}
}

// TestErrorLog: what net/http itself has to say is in our log, without any network address, and of a panic without its
// value, which could be a patient's name.
func TestErrorLog(t *testing.T) {
	for said, want := range map[string]string{
		"http: TLS handshake error from 192.0.2.7:50001: EOF":                                                      "http: TLS handshake error from [address]: EOF",
		"http: TLS handshake error from [2001:db8::7]:50001: EOF":                                                  "http: TLS handshake error from [address]: EOF",
		"http: TLS handshake error from [fe80::1%eth0]:443: EOF":                                                   "http: TLS handshake error from [address]: EOF",
		"http: Accept error: accept tcp 0.0.0.0:80: accept4: too many open files; retrying in 5ms":                 "http: Accept error: accept tcp [address]: accept4: too many open files; retrying in 5ms",
		"http: response.Write on hijacked connection from main.f (guard.go:12)":                                    "http: response.Write on hijacked connection from main.f (guard.go:12)",
		"read tcp 127.0.0.1:80->198.51.100.3:4711: read: connection reset by peer":                                 "read tcp [address]->[address]: read: connection reset by peer",
		"reached 2001:db8::dead:beef at 12:30":                                                                     "reached [address] at 12:30",
		"http: panic serving 192.0.2.7:50001: 試験 花子\ngoroutine 7 [running]:\nmain.f()\n\t/src/guard.go:12 +0x1d\n": "http: panic serving [address]\ngoroutine 7 [running]:\nmain.f()\n\t/src/guard.go:12 +0x1d",
		"http: panic serving @: a\nb":                                                                              "http: panic serving @",
	} {
		var got string
		log := make(lines, 1)
		NewHTTP(http.NotFoundHandler(), slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == "said" {
				got = a.Value.String()
			}
			return a
		}}))).ErrorLog.Print(said)
		if line := <-log; got != want || !strings.Contains(line, "level=ERROR msg=http") {
			t.Errorf("%q is logged as %q, want %q", said, got, want)
		}
	}

	log := make(lines, 10)
	server := httptest.NewUnstartedServer(nil)
	server.Config = NewHTTP(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("試験 花子") }), slog.New(slog.NewTextHandler(log, nil)))
	server.Start()
	t.Cleanup(server.Close)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	must(t, err)
	if answer, err := server.Client().Do(r); err == nil {
		must(t, answer.Body.Close())
		t.Error("a panic was answered")
	}
	if line := <-log; !strings.Contains(line, "panic serving [address]") || !strings.Contains(line, "guard_test.go") || strings.Contains(line, "127.0.0.1") || strings.Contains(line, "花子") {
		t.Errorf("the log says %s", line)
	}
}

// TestUnavailable_SaysWhenToAskAgain: without its database every page and the API answer 503 and say when to try again, in
// the reader's language, and nothing is called a failure of theirs.
func TestUnavailable_SaysWhenToAskAgain(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := openBusy(t, engine, "ja", "文")
			must(t, b.Store.Close())
			without := map[string]bool{"/healthz": true, "/robots.txt": true, "/language": true, "/privacy": true, "/dev/letters": true, "/dev/letters/:name": true}
			for _, r := range b.list() {
				who, good := b.whoSends(t, r, "ja")
				a := who.send(t, r.method, b.fill(r.path), strings.NewReader(good.Encode()), formHeader)
				switch {
				case without[r.path]:
					if a.Status >= http.StatusInternalServerError {
						t.Errorf("%s answered %d", a.What, a.Status)
					}
				case a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") != "30":
					t.Errorf("%s answered %d, Retry-After %q", a.What, a.Status, a.Header.Get("Retry-After"))
				case r.path != "/readyz":
					if title := a.page(t).Find("h1").Text(); title != web.Find("ja").T("patient.problem.unavailable") && title != web.Find("ja").T("office.problem.unavailable") {
						t.Errorf("%s says %q", a.What, title)
					}
				}
			}
			for _, a := range []answer{
				b.patient.get(t, "/api/v1/branches"), b.patient.get(t, "/api/v1/slots?branch="+b.Branch.ID), b.patient.call(t, callWith(b.Slots[5].ID, "slot_id", b.Slots[5].ID)),
			} {
				if p := a.expect(t, http.StatusServiceUnavailable).problem(t); p.Code != string(clinic.Unavailable) || a.Header.Get("Retry-After") != "30" {
					t.Errorf("%s: %+v, Retry-After %q", a.What, p, a.Header.Get("Retry-After"))
				}
			}
		})
	}
}

// TestUnavailable_BrokenConnections: connections to PostgreSQL that somebody ends, again and again and at any moment, are an
// outage and never a failure inside.
func TestUnavailable_BrokenConnections(t *testing.T) {
	h := open(t, "postgres")
	db, err := sql.Open("pgx", h.Address)
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	v := h.visitor(t, "ja")
	done := make(chan struct{})
	ended := make(chan error)
	go func() {
		for {
			_, err := db.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()") //nolint:noctx // ends with the test
			select {
			case <-done:
				ended <- err
				return
			default:
			}
		}
	}()
	statuses := map[int]int{}
	for n := range 100 {
		slot := h.Slots[n%len(h.Slots)].ID
		for _, a := range []answer{
			v.get(t, "/slots?branch="+h.Branch.ID), v.post(t, "/hold", url.Values{"slot": {slot}}), v.post(t, "/book", bookingForm(slot)), v.call(t, callWith(slot, "slot_id", slot)),
			v.get(t, "/office/day"),
		} {
			statuses[a.Status]++
			if a.Status >= http.StatusInternalServerError && (a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "") {
				t.Errorf("%s answered %d", a.What, a.Status)
			}
		}
	}
	close(done)
	must(t, <-ended)
	if statuses[http.StatusServiceUnavailable] == 0 {
		t.Errorf("nothing was interrupted: %v", statuses)
	}
	if t.Failed() {
		for _, line := range regexp.MustCompile(`(?m)msg=failure id=\w+ (.*)$`).FindAllStringSubmatch(h.Journal.String(), -1) {
			if !strings.Contains(line[1], "unavailable: ") {
				t.Log(line[1])
			}
		}
	}
}

// TestReady_WhileStopping: who watches is told that the server stops, and who asks for a page still gets it.
func TestReady_WhileStopping(t *testing.T) {
	stopping := make(chan struct{})
	h := open(t, "sqlite", func(h *house) { h.Stopping = stopping })
	v := h.visitor(t, "ja")
	v.get(t, "/readyz").expect(t, http.StatusOK)
	close(stopping)
	if a := v.get(t, "/readyz").expect(t, http.StatusServiceUnavailable); string(a.Body) != "stopping\n" || a.Header.Get("Retry-After") != "30" {
		t.Errorf("it says %q, Retry-After %q", a.Body, a.Header.Get("Retry-After"))
	}
	v.get(t, "/healthz").expect(t, http.StatusOK)
	v.book(t, h.Slots[0].ID)
}
