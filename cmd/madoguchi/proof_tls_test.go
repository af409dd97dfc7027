package main_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/server/servertest"
)

const secureHost = "yoyaku.example.jp"

// secureSettings are those of a clinic that is reached by https without a proxy.
func secureSettings(t *testing.T) settings {
	t.Helper()
	s := newSettings(t, "sqlite")
	s["MADOGUCHI_BASE_URL"] = "https://" + secureHost
	return s
}

// secureClient is a browser for which the site's name leads to an address of this machine, and which knows some roots.
func secureClient(t *testing.T, address string, roots *x509.CertPool) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	c := &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: roots},
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, "tcp", address)
			},
		},
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// ask asks a client for an address, with a form where there is one.
func ask(t *testing.T, c *http.Client, method, address, form string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form))
	must(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := c.Do(r)
	must(t, err)
	must(t, answer.Body.Close())
	return answer
}

// expectSecure checks that a site is served as it must be by https, and returns whose certificate it has.
func expectSecure(t *testing.T, p *process, roots *x509.CertPool) *x509.Certificate {
	t.Helper()
	c := secureClient(t, strings.TrimPrefix(p.URL, "http://"), roots)
	first := ask(t, c, http.MethodGet, "https://"+secureHost+"/", "") //nolint:bodyclose // ask has closed it
	if first.StatusCode != http.StatusOK || first.Proto != "HTTP/2.0" || first.Header.Get("Strict-Transport-Security") != "max-age=63072000; includeSubDomains" {
		t.Errorf("%d by %s, %v", first.StatusCode, first.Proto, first.Header)
	}
	chosen := ask(t, c, http.MethodPost, "https://"+secureHost+"/language", "lang=en") //nolint:bodyclose // ask has closed it
	if cookie := chosen.Header.Get("Set-Cookie"); chosen.StatusCode != http.StatusSeeOther || !strings.HasPrefix(cookie, "__Host-lang=en; Path=/;") || !strings.Contains(cookie, "; Secure") {
		t.Errorf("%d, the cookie is %q", chosen.StatusCode, cookie)
	}
	return first.TLS.PeerCertificates[0]
}

// TestTLS_ByAuthority: the certificate comes from an authority, to which the program proves by TLS alone or by http that the name is
// its own; it is kept, so that a start asks for none; and http leads to https.
func TestTLS_ByAuthority(t *testing.T) {
	for what, plain := range map[string]bool{"proved by http": true, "proved by TLS": false} {
		t.Run(what, func(t *testing.T) {
			s, secure, nobody := secureSettings(t), freePort(t), freePort(t)
			s["MADOGUCHI_ADDR"] = fmt.Sprintf("127.0.0.1:%d", secure)
			var a *authority
			if plain {
				port := freePort(t)
				s["MADOGUCHI_PLAIN_ADDR"] = fmt.Sprintf("127.0.0.1:%d", port)
				a = newAuthority(t, port, nobody)
			} else {
				a = newAuthority(t, nobody, secure)
			}
			s["MADOGUCHI_ACME"], s["MADOGUCHI_ACME_MAIL"], s["SSL_CERT_FILE"] = a.Directory, "it@example.jp", a.File
			p := serve(t, s)
			p.waitLog(t, regexp.MustCompile(`msg="there is a certificate"`))
			roots := a.roots(t)
			first := expectSecure(t, p, roots)
			if plain {
				to := ask(t, secureClient(t, s["MADOGUCHI_PLAIN_ADDR"], nil), http.MethodGet, "http://"+secureHost+"/slots?area=back", "") //nolint:bodyclose // ask has closed it
				if to.StatusCode != http.StatusPermanentRedirect || to.Header.Get("Location") != "https://"+secureHost+"/slots?area=back" {
					t.Errorf("http leads with %d to %s", to.StatusCode, to.Header.Get("Location"))
				}
			}
			p.stop(t)
			again := serve(t, s)
			if second := expectSecure(t, again, roots); second.SerialNumber.Cmp(first.SerialNumber) != 0 {
				t.Error("a start asked for another certificate")
			}
			kept, err := os.ReadDir(filepath.Join(filepath.Dir(s["MADOGUCHI_KEYS"]), "acme"))
			must(t, err)
			for _, file := range kept {
				if info, err := file.Info(); err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("%s is open to others: %v", file.Name(), err)
				}
			}
			if _, err := (&tls.Dialer{Config: &tls.Config{ServerName: "evil.example", InsecureSkipVerify: true}}).DialContext(t.Context(), "tcp", s["MADOGUCHI_ADDR"]); err == nil { //nolint:gosec // nothing is sent
				t.Error("there is a certificate for a name that is not ours")
			}
		})
	}
}

// TestTLS_ByFiles: the certificate comes from files, and another one from the same files without a start; what is wrong with them ends the
// start in one sentence.
func TestTLS_ByFiles(t *testing.T) {
	s := secureSettings(t)
	s["MADOGUCHI_TLS_CERT"], s["MADOGUCHI_TLS_KEY"] = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	_, stderr, code := run(t, s, "serve")
	if code != 1 || strings.Count(stderr, "MADOGUCHI_TLS_CERT") != 1 || !strings.Contains(stderr, s["MADOGUCHI_TLS_CERT"]) {
		t.Errorf("without the files the start ends with %d: %s", code, stderr)
	}
	roots := x509.NewCertPool()
	renew := func(number int64) {
		t.Helper()
		cert, key := servertest.Certificate(t, number, secureHost, time.Now().AddDate(0, 3, 0))
		roots.AppendCertsFromPEM(cert)
		must(t, os.WriteFile(s["MADOGUCHI_TLS_CERT"], cert, 0o600))
		must(t, os.WriteFile(s["MADOGUCHI_TLS_KEY"], key, 0o600))
	}
	renew(1)
	opened := openClinic(t, s, 1)
	password := addStaff(t, s, "admin", "kanri@example.jp", "管理 見本", "")
	p := serve(t, s)
	for number := range int64(3) {
		renew(number + 1)
		if got := expectSecure(t, p, roots).SerialNumber.Int64(); got != number+1 {
			t.Errorf("certificate %d is used, want %d", got, number+1)
		}
	}
	// The front desk's calendar is alive over HTTP/2 as well, and as long as it is open.
	desk := secureClient(t, strings.TrimPrefix(p.URL, "http://"), roots)
	if in := ask(t, desk, http.MethodPost, "https://"+secureHost+"/office/sign-in", url.Values{"email": {"kanri@example.jp"}, "password": {password}}.Encode()); in.StatusCode != http.StatusSeeOther { //nolint:bodyclose // ask has closed it
		t.Fatalf("the sign-in is answered %d", in.StatusCode)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+secureHost+"/office/changes?first=2026-01-01&last=2026-01-02&branch="+opened.branch.ID, http.NoBody)
	must(t, err)
	r.Header.Set("Accept", "text/event-stream")
	stream, err := desk.Do(r)
	must(t, err)
	for heard := bufio.NewScanner(stream.Body); ; {
		if !heard.Scan() {
			t.Fatalf("%d by %s: the stream ends: %v", stream.StatusCode, stream.Proto, heard.Err())
		}
		if heard.Text() == "event: changed" && stream.ProtoMajor == 2 {
			break
		}
	}
	must(t, stream.Body.Close())
	if answer, err := http.Get(p.URL); err == nil { //nolint:noctx // it is answered at once
		must(t, answer.Body.Close())
		if answer.StatusCode != http.StatusBadRequest {
			t.Errorf("plain http is answered %d", answer.StatusCode)
		}
	}
	p.stop(t)
}

// TestServe_TellsTheServiceManager: the service manager is told when the program serves, and when it begins to stop.
func TestServe_TellsTheServiceManager(t *testing.T) {
	dir, err := os.MkdirTemp("", "notify") // its path must be short
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	socket, err := new(net.ListenConfig).ListenPacket(t.Context(), "unixgram", filepath.Join(dir, "s"))
	must(t, err)
	t.Cleanup(func() { must(t, socket.Close()) })
	must(t, socket.SetDeadline(time.Now().Add(patience)))
	told := func() string {
		t.Helper()
		text := make([]byte, 100)
		n, _, err := socket.ReadFrom(text)
		must(t, err)
		return string(text[:n])
	}
	s := newSettings(t, "sqlite")
	s["NOTIFY_SOCKET"] = filepath.Join(dir, "s")
	p := serve(t, s)
	if state := told(); state != "READY=1" {
		t.Errorf("it is told %q", state)
	}
	p.stop(t)
	if state := told(); state != "STOPPING=1" {
		t.Errorf("it is told %q", state)
	}
	s["NOTIFY_SOCKET"] = filepath.Join(dir, "nobody") // of which nothing depends
	serve(t, s).stop(t)
}
