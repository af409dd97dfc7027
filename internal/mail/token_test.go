package mail

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"madoguchi/internal/mail/mailtest"
)

// authority is an authorization server: it gives tokens one after the other, of which the last is good.
type authority struct {
	*httptest.Server

	mu      sync.Mutex
	given   int
	refresh string            // the refresh token that is good now
	asked   []string          // what it was asked, as forms
	answer  func() (int, any) // in its own answer's place, once
	lasts   int               // expires_in
	rotates bool              // it gives a new refresh token each time
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{refresh: "refresh-0", lasts: 3600}
	a.Server = httptest.NewTLSServer(a)
	t.Cleanup(a.Close)
	return a
}

func (a *authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	a.asked = append(a.asked, r.PostForm.Encode())
	code := http.StatusOK
	var body any
	switch {
	case a.answer != nil:
		code, body = a.answer()
		a.answer = nil
	case r.PostForm.Get("refresh_token") != a.refresh || r.PostForm.Get("client_id") != "client" || r.PostForm.Get("client_secret") != "secret":
		code, body = http.StatusBadRequest, map[string]any{"error": "invalid_grant", "error_description": "hanako@example.jp may not"}
	default:
		a.given++
		answer := map[string]any{"access_token": a.token(), "token_type": "Bearer", "expires_in": a.lasts}
		if a.rotates {
			a.refresh = fmt.Sprint("refresh-", a.given)
			answer["refresh_token"] = a.refresh
		}
		body = answer
	}
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body)
}

// token is the one that is good now; a.mu is held.
func (a *authority) token() string { return fmt.Sprint("token-", a.given) }

func (a *authority) good() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.token()
}

func (a *authority) asks() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.asked)
}

func (a *authority) tokens(t *testing.T, now func() time.Time) *Tokens {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(a.Certificate())
	tokens, err := TokenEndpoint{URL: a.URL + "/token", ClientID: "client", Secret: "secret", Refresh: "refresh-0", RootCAs: pool}.Tokens(now)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

// signingIn is a mail server that takes the authority's last token, and our settings for it.
func signingIn(t *testing.T, auth string, good func() string, tokens *Tokens) (*mailtest.Server, *Connections) {
	t.Helper()
	server := mailtest.Start(t, mailtest.Script{Auth: []string{strings.ToUpper(auth)}, User: user, Secret: good})
	c := &Connections{SMTP: client(server, StartTLS, auth)}
	c.Password, c.Tokens = "", tokens
	return server, c
}

// TestTokens_OfAnEndpoint: the token is asked for once for all connections, kept until it ends, and asked for once more when the mail server refuses
// it; a new refresh token takes the place of the old one.
func TestTokens_OfAnEndpoint(t *testing.T) {
	for _, auth := range []string{"xoauth2", "oauthbearer"} {
		t.Run(auth, func(t *testing.T) {
			a := newAuthority(t)
			a.rotates = true
			var now atomic.Int64
			server, c := signingIn(t, auth, a.good, a.tokens(t, func() time.Time { return time.Unix(now.Load(), 0) }))
			send := func(n, asks int) {
				t.Helper()
				if err := c.Send(t.Context(), render1(t, numbered(n))); err != nil {
					t.Fatalf("%v: %v", err, errors.Unwrap(err))
				}
				c.Close() // so that the next one signs in
				if a.asks() != asks {
					t.Errorf("asked %d times, want %d", a.asks(), asks)
				}
			}
			var all sync.WaitGroup
			for n := range 4 {
				all.Go(func() {
					if err := c.Send(t.Context(), render1(t, numbered(n))); err != nil {
						t.Errorf("%v: %v", err, errors.Unwrap(err))
					}
				})
			}
			all.Wait()
			c.Close()
			send(4, 1)
			now.Store(3600 - 61)
			send(5, 1)
			now.Store(3600 - 60)
			send(6, 2)
			a.mu.Lock()
			a.given++ // it is no longer good, though it has not ended
			a.mu.Unlock()
			send(7, 3)
			if len(server.Messages()) != 8 || a.asked[0] != "client_id=client&client_secret=secret&grant_type=refresh_token&refresh_token=refresh-0" {
				t.Errorf("%d messages; the first question was %q", len(server.Messages()), a.asked[0])
			}
		})
	}
}

// TestTokens_Failures: what keeps a token from being had is told in a code without anybody's words, and is tried again; a token that is refused twice
// is the mail server's refusal.
func TestTokens_Failures(t *testing.T) {
	for name, test := range map[string]struct {
		answer func() (int, any)
		code   string
	}{
		"the refresh token has ended": {func() (int, any) {
			return 400, map[string]any{"error": "invalid_grant", "error_description": "hanako@example.jp"}
		}, "token invalid_grant"},
		"words of their own":   {func() (int, any) { return 400, map[string]any{"error": "hanako@example.jp"} }, "token 400"},
		"out of order":         {func() (int, any) { return 503, "hanako@example.jp" }, "token 503"},
		"led elsewhere":        {func() (int, any) { return 307, nil }, "token 307"},
		"no token":             {func() (int, any) { return 200, map[string]any{"token_type": "Bearer"} }, "token"},
		"another kind":         {func() (int, any) { return 200, map[string]any{"access_token": "x", "token_type": "mac"} }, "token"},
		"a token of two lines": {func() (int, any) { return 200, map[string]any{"access_token": "x\r\nRSET", "token_type": "Bearer"} }, "token"},
		"no JSON":              {func() (int, any) { return 200, "hanako@example.jp" }, "token"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAuthority(t)
			a.answer = test.answer
			server, c := signingIn(t, "xoauth2", a.good, a.tokens(t, time.Now))
			err := c.Send(t.Context(), render1(t, numbered(1)))
			if code, permanent := Failure(err); err == nil || code != test.code || permanent || strings.Contains(err.Error(), "hanako") {
				t.Errorf("%q, permanent %v: %v", code, permanent, err)
			}
			if err := c.Send(t.Context(), render1(t, numbered(1))); err != nil || len(server.Messages()) != 1 {
				t.Errorf("the next try: %v", err)
			}
		})
	}
	a := newAuthority(t)
	server, c := signingIn(t, "xoauth2", func() string { return "none" }, a.tokens(t, time.Now))
	if code, permanent := Failure(c.Send(t.Context(), render1(t, numbered(1)))); code != "auth 535" || permanent || a.asks() != 2 || len(server.Logins()) != 2 {
		t.Errorf("%q, permanent %v, after %d questions and %d logins", code, permanent, a.asks(), len(server.Logins()))
	}
}

func TestTokens_OnlyOverHTTPS(t *testing.T) {
	for _, at := range []string{"http://localhost/token", "", "https://", "file:///token", "%"} {
		if _, err := (TokenEndpoint{URL: at}).Tokens(time.Now); err == nil {
			t.Errorf("%q is taken", at)
		}
	}
	a := newAuthority(t) // whose certificate nobody vouches for
	tokens, err := TokenEndpoint{URL: a.URL, ClientID: "client", Secret: "secret", Refresh: "refresh-0"}.Tokens(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.get(t.Context(), ""); err == nil || a.asks() != 0 {
		t.Errorf("the secret was told to a stranger: %v", err)
	}
}

// TestTokens_OfACommand: it is run without a shell, once until the token is refused, and its failure is a temporary one.
func TestTokens_OfACommand(t *testing.T) {
	dir := t.TempDir()
	token, runs, script := filepath.Join(dir, "token"), filepath.Join(dir, "runs"), filepath.Join(dir, "print token")
	write := func(path, text string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write(script, "#!/bin/sh\n[ \"$1\" = '$HOME;*' ] || exit 3\necho run >> "+runs+"\ncat "+token+"\n", 0o700)
	read := func(path string) string { b, _ := os.ReadFile(path); return string(b) }
	server, c := signingIn(t, "oauthbearer", func() string { return strings.TrimSpace(read(token)) }, TokenCommand([]string{script, "$HOME;*"}, time.Now))
	for n, test := range []struct {
		token string
		runs  int
		code  string
	}{
		{"first\n", 1, ""}, {"first\n", 1, ""}, {"second\n", 2, ""}, {"two words", 3, "token"}, {"", 4, "token"}, {"third", 5, ""}, {strings.Repeat("x", maxToken+1), 6, "token command"},
	} {
		write(token, test.token, 0o600)
		err := c.Send(t.Context(), render1(t, numbered(n)))
		c.Close()
		if code, permanent := Failure(err); (err != nil) != (test.code != "") || err != nil && code != test.code || permanent {
			t.Errorf("%d: %q (%v)", n, code, err)
		}
		if got := strings.Count(read(runs), "run"); got != test.runs {
			t.Errorf("%d: it ran %d times, want %d", n, got, test.runs)
		}
	}
	if n := len(server.Messages()); n != 4 {
		t.Errorf("%d messages", n)
	}
	for _, argv := range [][]string{{script, "other"}, {filepath.Join(dir, "none")}} {
		_, err := TokenCommand(argv, time.Now).get(t.Context(), "")
		if code, _ := Failure(err); code != "token command" {
			t.Errorf("%q of %q", code, argv)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := TokenCommand([]string{"sleep", "60"}, time.Now).get(ctx, ""); err == nil {
		t.Error("it waits for a command that does not end")
	}
	if !slices.ContainsFunc(server.Logins(), func(l string) bool { return strings.HasPrefix(l, "OAUTHBEARER") }) {
		t.Error("nobody signed in")
	}
}
