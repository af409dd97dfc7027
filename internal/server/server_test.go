package server_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// TestReady: alive is not ready. The database must answer and have this program's shape, and the worker must be alive.
func TestReady(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v := s.Visitor(t)
		expect := func(status int, says string) {
			t.Helper()
			if a := v.Get("/readyz").Want(status); !strings.Contains(a.Body, says) {
				t.Errorf("it says %q, want %q", a.Body, says)
			}
			v.Get("/healthz").Want(http.StatusOK)
		}
		expect(http.StatusOK, "ready\nletters in trouble: 0\n")
		s.Book(t, s.SlotOf(t, 0, 0), 1)
		s.FailLetter(t)
		servertest.Must(t, s.Store.Beat(t.Context(), "worker"))
		expect(http.StatusOK, "ready\nletters in trouble: 1\n")
		s.Clock.Advance(6 * time.Minute)
		expect(http.StatusOK, "no worker has worked for 6m0s\n")
		s.Alive.Store(false)
		expect(http.StatusServiceUnavailable, "worker")
		s.Alive.Store(true)
		storetest.Exec(t, s.Address, "DELETE FROM schema_migrations WHERE version_id = (SELECT MAX(version_id) FROM schema_migrations)")
		expect(http.StatusServiceUnavailable, "not migrated")
		servertest.Must(t, s.Store.Close())
		expect(http.StatusServiceUnavailable, "does not answer")
	})
}

// TestReady_SaysHowTheBackupsAre, where the program makes them.
func TestReady_SaysHowTheBackupsAre(t *testing.T) {
	state := clinic.Backups{Every: 24 * time.Hour, Since: storetest.Begin}
	s := servertest.Open(t, "sqlite", func(s *servertest.Site) { s.Backups = func() clinic.Backups { return state } })
	v := s.Visitor(t)
	expect := func(says string) {
		t.Helper()
		if a := v.Get("/readyz").Want(http.StatusOK); !strings.Contains(a.Body, says) {
			t.Errorf("it says %q, want %q", a.Body, says)
		}
	}
	expect("newest backup: none\n")
	state.Last, state.Failed = storetest.Begin.Add(time.Hour), true
	expect("newest backup: 2026-11-24T01:00:00Z\nthe backups are in trouble: failed\n")
}

// TestSlowClients: those who never finish sending do not hold up the others, and none may stay for ever.
func TestSlowClients(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	for n := range 400 {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL, "http://"))
		servertest.Must(t, err)
		t.Cleanup(func() { servertest.Must(t, conn.Close()) })
		begun := "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "
		if n%2 == 0 {
			begun = "POST /book HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nslot="
		}
		_, err = io.WriteString(conn, begun)
		servertest.Must(t, err)
	}
	s.Visitor(t).Book(s.Slots[0].ID)

	listening := server.NewHTTP(http.NotFoundHandler(), s.Log)
	for what, limit := range map[string]time.Duration{"header": listening.ReadHeaderTimeout, "body": listening.ReadTimeout, "answer": listening.WriteTimeout, "idle": listening.IdleTimeout} {
		if limit <= 0 || limit > 2*time.Minute {
			t.Errorf("%s: %s", what, limit)
		}
	}
	if listening.MaxHeaderBytes <= 0 || listening.MaxHeaderBytes > 64<<10 {
		t.Errorf("headers of %d bytes are read", listening.MaxHeaderBytes)
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
		var log bytes.Buffer
		server.NewHTTP(http.NotFoundHandler(), slog.New(slog.NewJSONHandler(&log, nil))).ErrorLog.Print(said)
		var line struct{ Level, Msg, Said string }
		servertest.Must(t, json.Unmarshal(log.Bytes(), &line))
		if line.Said != want || line.Level != "ERROR" || line.Msg != "http" {
			t.Errorf("%q is logged as %+v, want %q", said, line, want)
		}
	}

	log := servertest.NewJournal()
	panics := httptest.NewUnstartedServer(nil)
	panics.Config = server.NewHTTP(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("試験 花子") }), slog.New(slog.NewTextHandler(log, nil)))
	panics.Start()
	t.Cleanup(panics.Close)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, panics.URL, nil)
	servertest.Must(t, err)
	if answer, err := panics.Client().Do(r); err == nil {
		servertest.Must(t, answer.Body.Close())
		t.Error("a panic was answered")
	}
	_, err = log.Wait(t.Context(), regexp.MustCompile(`panic serving \[address\].*server_test\.go`), nil)
	servertest.Must(t, err)
	if line := log.String(); strings.Contains(line, "127.0.0.1") || strings.Contains(line, "花子") {
		t.Errorf("the log says %s", line)
	}
}

// TestReady_WhileStopping: who watches is told that the server stops, and who asks for a page still gets it.
func TestReady_WhileStopping(t *testing.T) {
	stopping := make(chan struct{})
	s := servertest.Open(t, "sqlite", func(s *servertest.Site) { s.Stopping = stopping })
	v := s.Visitor(t)
	v.Get("/readyz").Want(http.StatusOK)
	close(stopping)
	if a := v.Get("/readyz").Want(http.StatusServiceUnavailable); a.Body != "stopping\n" || a.Header.Get("Retry-After") != "30" {
		t.Errorf("it says %q, Retry-After %q", a.Body, a.Header.Get("Retry-After"))
	}
	v.Get("/healthz").Want(http.StatusOK)
	v.Book(s.Slots[0].ID)
	if log := s.Journal.String(); strings.Contains(log, "level=ERROR") || !strings.Contains(log, "route=/readyz status=503") {
		t.Errorf("that it stops is an error in the log:\n%s", log)
	}
}
