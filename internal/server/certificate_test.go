package server_test

import (
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// place puts a file where another was at once, as those who renew certificates do.
func place(t *testing.T, name string, content []byte) {
	t.Helper()
	servertest.Must(t, os.WriteFile(name+".new", content, 0o600))
	servertest.Must(t, os.Rename(name+".new", name))
}

// TestCertificate_IsReadAnew: a renewed pair is used from the next connection on; while one is half written, wrong, somebody else's, over or
// gone, the one before is, and it is said once.
func TestCertificate_IsReadAnew(t *testing.T) {
	const host = "yoyaku.example.jp"
	clock, log := storetest.NewClock(), servertest.NewJournal()
	until := clock.Now().AddDate(0, 3, 0)
	cert, key := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	first, firstKey := servertest.Certificate(t, 1, host, until)
	place(t, cert, first)
	place(t, key, firstKey)
	files, err := server.LoadCertificate(cert, key, host, clock.Now, slog.New(slog.NewTextHandler(log, nil)))
	servertest.Must(t, err)

	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }) //nolint:gosec // to this test alone
	listening := httptest.NewUnstartedServer(nil)
	listening.Config = server.NewHTTP(handler, slog.New(slog.NewTextHandler(log, nil)))
	server.ServeTLS(listening.Config, files.Get)
	go func() { _ = listening.Config.ServeTLS(listening.Listener, "", "") }()
	t.Cleanup(func() { servertest.Must(t, listening.Config.Close()) })

	// serial is whose certificate a new connection gets.
	serial := func() int64 {
		t.Helper()
		conn, err := (&tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, ServerName: host}}).DialContext(t.Context(), "tcp", listening.Listener.Addr().String()) //nolint:gosec // whose it is is what is asked
		servertest.Must(t, err)
		defer func() { servertest.Must(t, conn.Close()) }()
		secure, ok := conn.(*tls.Conn)
		if !ok {
			t.Fatal("no TLS")
		}
		return secure.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	want := func(what string, number int64, failures int) {
		t.Helper()
		for range 2 { // it is said once
			if got := serial(); got != number {
				t.Errorf("%s: certificate %d is used, want %d", what, got, number)
			}
		}
		if got := strings.Count(log.String(), "was not read anew"); got != failures {
			t.Errorf("%s: %d failures are in the log, want %d:\n%s", what, got, failures, log)
		}
	}
	want("the first", 1, 0)
	second, secondKey := servertest.Certificate(t, 2, host, until)
	place(t, cert, second)
	want("only the certificate is new", 1, 1)
	place(t, key, secondKey)
	want("both are new", 2, 1)
	place(t, cert, second[:len(second)/2])
	want("half a certificate", 2, 2)
	other, otherKey := servertest.Certificate(t, 3, "other.example.jp", until)
	place(t, key, otherKey)
	want("no pair", 2, 3)
	place(t, cert, other)
	want("somebody else's", 2, 4)
	over, overKey := servertest.Certificate(t, 4, host, clock.Now().Add(-time.Hour))
	place(t, key, overKey)
	place(t, cert, over)
	want("over", 2, 5)
	servertest.Must(t, os.Remove(cert))
	want("gone", 2, 6)
	third, thirdKey := servertest.Certificate(t, 5, host, until)
	place(t, key, thirdKey)
	place(t, cert, third)
	want("healed", 5, 6)

	for version, taken := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		conn, err := (&tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: version}}).DialContext(t.Context(), "tcp", listening.Listener.Addr().String()) //nolint:gosec // nothing is sent
		if err == nil {
			servertest.Must(t, conn.Close())
		}
		if (err == nil) != taken {
			t.Errorf("TLS %x: %v", version, err)
		}
	}
	client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // nobody vouches for this one
	defer client.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+listening.Listener.Addr().String(), http.NoBody)
	servertest.Must(t, err)
	answer, err := client.Do(r)
	servertest.Must(t, err)
	said, err := io.ReadAll(answer.Body)
	servertest.Must(t, err)
	servertest.Must(t, answer.Body.Close())
	if string(said) != "HTTP/2.0" {
		t.Errorf("it speaks %s", said)
	}
}

// TestCertificate_AtTheStart: what cannot be used is refused before anything is served.
func TestCertificate_AtTheStart(t *testing.T) {
	const host = "yoyaku.example.jp"
	clock := storetest.NewClock()
	good, goodKey := servertest.Certificate(t, 1, host, clock.Now().AddDate(0, 3, 0))
	_, anotherKey := servertest.Certificate(t, 2, host, clock.Now().AddDate(0, 3, 0))
	over, overKey := servertest.Certificate(t, 3, host, clock.Now().Add(-time.Hour))
	other, otherKey := servertest.Certificate(t, 4, "other.example.jp", clock.Now().AddDate(0, 3, 0))
	for what, c := range map[string]struct{ cert, key []byte }{
		"no pair": {good, anotherKey}, "over": {over, overKey}, "somebody else's": {other, otherKey}, "nothing": {}, "the wrong way round": {goodKey, good},
	} {
		cert, key := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
		place(t, cert, c.cert)
		place(t, key, c.key)
		if _, err := server.LoadCertificate(cert, key, host, clock.Now, slog.New(slog.DiscardHandler)); err == nil || strings.Contains(err.Error(), "PRIVATE KEY-----\n") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := server.LoadCertificate("/nowhere/cert.pem", "/nowhere/key.pem", host, clock.Now, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "/nowhere/cert.pem") {
		t.Errorf("missing: %v", err)
	}
}

// TestToHTTPS: plain http leads to the same page of the site by https, whatever host was named; what is sent is refused.
func TestToHTTPS(t *testing.T) {
	h := server.ToHTTPS(&url.URL{Scheme: "https", Host: "yoyaku.example.jp"})
	for _, c := range []struct {
		method, target string
		status         int
		to             string
	}{
		{"GET", "/", 308, "https://yoyaku.example.jp/"},
		{"HEAD", "/slots?area=back&branch=x", 308, "https://yoyaku.example.jp/slots?area=back&branch=x"},
		{"GET", "http://evil.example/privacy", 308, "https://yoyaku.example.jp/privacy"},
		{"GET", "//evil.example/", 308, "https://yoyaku.example.jp//evil.example/"},
		{"GET", "/@evil.example", 308, "https://yoyaku.example.jp/@evil.example"},
		{"POST", "/book", 403, ""},
		{"OPTIONS", "*", 403, ""},
		{"GET", "/api/v1/branches", 403, ""},
	} {
		r := httptest.NewRequestWithContext(t.Context(), c.method, c.target, strings.NewReader("family_name=x"))
		r.Host = "evil.example"
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status || w.Header().Get("Location") != c.to || strings.Contains(w.Body.String(), "evil") {
			t.Errorf("%s %s: %d to %q: %s", c.method, c.target, w.Code, w.Header().Get("Location"), w.Body)
		}
	}
}
