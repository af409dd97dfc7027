package server_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"syscall"
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

// slowConnections opens connections from an address of this machine, which begin a request in one of several ways and never end it.
func slowConnections(t *testing.T, site, from string, many int) {
	t.Helper()
	local, err := net.ResolveTCPAddr("tcp", from+":0")
	servertest.Must(t, err)
	begun := []string{
		"GET / HTTP/1.1\r\nHost: yoyaku.example.jp\r\nX-Slow: ",
		"POST /book HTTP/1.1\r\nHost: yoyaku.example.jp\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nslot=",
		"POST /book HTTP/1.1\r\nHost: yoyaku.example.jp\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nslot=",
		"",
	}
	for n := range many {
		conn, err := (&net.Dialer{LocalAddr: local}).DialContext(t.Context(), "tcp", strings.TrimPrefix(site, "http://"))
		if errors.Is(err, syscall.ECONNRESET) {
			continue // it is one too many, and was closed before it was known to be open
		}
		servertest.Must(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		_, _ = io.WriteString(conn, begun[n%len(begun)]) // it may have been closed already
	}
}

// TestSlowClients: two thousand who never finish sending do not hold up anybody, whether they may have so many connections or not, and none may
// stay for ever.
func TestSlowClients(t *testing.T) {
	for what, most := range map[string]int{"as many as they like": 0, "100 of one address": 100} {
		t.Run(what, func(t *testing.T) {
			s := servertest.Open(t, "sqlite", func(s *servertest.Site) { s.Connections = most })
			slowConnections(t, s.URL, "127.0.0.2", 2000)
			s.Visitor(t).Book(s.Slots[0].ID)
			s.Visitor(t).Get("/readyz").Want(http.StatusOK)
			if said := strings.Contains(s.Journal.String(), "one network address had too many"); said != (most > 0) {
				t.Errorf("that connections were closed is in the log: %t", said)
			}
			if strings.Contains(s.Journal.String(), "127.0.0.2") {
				t.Error("the log says whose they were")
			}
		})
	}
	s := servertest.Open(t, "sqlite")
	listening := server.NewHTTP(http.NotFoundHandler(), s.Log)
	for what, limit := range map[string]time.Duration{"header": listening.ReadHeaderTimeout, "body": listening.ReadTimeout, "answer": listening.WriteTimeout, "idle": listening.IdleTimeout} {
		if limit <= 0 || limit > 2*time.Minute {
			t.Errorf("%s: %s", what, limit)
		}
	}
	if listening.HTTP2 == nil || listening.HTTP2.MaxConcurrentStreams <= 0 || listening.HTTP2.MaxConcurrentStreams > 250 {
		t.Errorf("one connection asks without end: %+v", listening.HTTP2)
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
