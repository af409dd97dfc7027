package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
)

const (
	// tokenTimeout is how long a token may take to be had.
	tokenTimeout = 30 * time.Second

	// tokenSlack is how long before its end a token is no longer used, so that it does not end on the way.
	tokenSlack = time.Minute

	// maxToken is how much is read of an answer that holds a token.
	maxToken = 1 << 16
)

// Tokens has an access token for mail servers that ask for one (RFC 7628), and gets another when it ends or is refused. Of several
// connections that need one at once, one gets it for all.
type Tokens struct {
	fetch func(ctx context.Context) (token string, lasts time.Duration, err error) // lasts is zero where nobody knows
	now   func() time.Time
	one   chan struct{} // held by whoever looks at the rest

	token string
	until time.Time // zero where nobody knows
}

func newTokens(now func() time.Time, fetch func(ctx context.Context) (string, time.Duration, error)) *Tokens {
	return &Tokens{fetch: fetch, now: now, one: make(chan struct{}, 1)}
}

// get is an access token other than the one that was refused, if any was.
func (t *Tokens) get(ctx context.Context, refused string) (string, error) {
	select {
	case t.one <- struct{}{}:
		defer func() { <-t.one }()
	case <-ctx.Done():
		return "", failed(ctx, codeToken, ctx.Err())
	}
	if t.token != "" && t.token != refused && (t.until.IsZero() || t.now().Before(t.until)) {
		return t.token, nil
	}
	t.token = ""
	ctx, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	token, lasts, err := t.fetch(ctx)
	if err == nil && !plainToken(token) {
		err = errors.New("what came is no token")
	}
	if err != nil {
		var f *failure
		if errors.As(err, &f) {
			return "", f
		}
		return "", &failure{code: codeToken, cause: err}
	}
	t.token, t.until = token, time.Time{}
	if lasts > 0 {
		t.until = t.now().Add(lasts - min(tokenSlack, lasts/2))
	}
	return token, nil
}

// plainToken: a token is one word of visible characters (RFC 6749, A.12; RFC 6750, 2.1), so that it cannot say more to the mail server.
func plainToken(token string) bool {
	return token != "" && !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' })
}

// TokenCommand has a program print the token, which it is asked for again only when the mail server refuses it. No shell reads the
// arguments.
func TokenCommand(argv []string, now func() time.Time) *Tokens {
	return newTokens(now, func(ctx context.Context) (string, time.Duration, error) {
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...) //nolint:gosec // The operator names the program in the settings.
		cmd.WaitDelay = time.Second                           // a child of its that keeps the output open
		var out bytes.Buffer
		cmd.Stdout = &limited{left: maxToken, to: &out}
		if err := cmd.Run(); err != nil {
			return "", 0, &failure{code: codeToken + " command", cause: err}
		}
		return strings.TrimSpace(out.String()), 0, nil
	})
}

// limited takes so much and then refuses.
type limited struct {
	left int
	to   io.Writer
}

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, errors.New("it says too much")
	}
	return l.to.Write(p)
}

// TokenEndpoint is the token endpoint of an authorization server, which gives an access token for a refresh token (RFC 6749, 6).
type TokenEndpoint struct {
	URL      string // https
	ClientID string
	Secret   string // of the client; empty where it has none
	Refresh  string // the refresh token
	RootCAs  *x509.CertPool
}

// tokenErrors are those of RFC 6749, 5.2, which tell staff's technician what is wrong and nobody anything else.
var tokenErrors = []string{"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"}

// Tokens are those that the endpoint gives. A refresh token that comes with one takes the place of the one before, as long as the
// program runs.
func (e TokenEndpoint) Tokens(now func() time.Time) (*Tokens, error) {
	u, err := url.Parse(e.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("the token endpoint is no https:// address")
	}
	client := &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: e.RootCAs, MinVersion: tls.VersionTLS12}, Proxy: http.ProxyFromEnvironment},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // secrets go nowhere else
	}
	refresh := e.Refresh
	return newTokens(now, func(ctx context.Context) (string, time.Duration, error) {
		answer, err := e.ask(ctx, client, refresh)
		if err == nil && answer.Refresh != "" {
			refresh = answer.Refresh
		}
		return answer.Token, time.Duration(answer.Lasts) * time.Second, err
	}), nil
}

// tokenAnswer is RFC 6749, 5.1 and 5.2.
type tokenAnswer struct {
	Token   string `json:"access_token"`
	Type    string `json:"token_type"`
	Lasts   int64  `json:"expires_in"`
	Refresh string `json:"refresh_token"`
	Error   string `json:"error"`
}

func (e TokenEndpoint) ask(ctx context.Context, client *http.Client, refresh string) (answer tokenAnswer, err error) {
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}, "client_id": {e.ClientID}}
	if e.Secret != "" {
		form.Set("client_secret", e.Secret)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, strings.NewReader(form.Encode()))
	if err != nil {
		return answer, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return answer, err
	}
	defer func() { _ = response.Body.Close() }() // it was read
	err = json.NewDecoder(io.LimitReader(response.Body, maxToken)).Decode(&answer)
	switch {
	case slices.Contains(tokenErrors, answer.Error):
		return tokenAnswer{}, &failure{code: codeToken + " " + answer.Error, cause: errors.New(answer.Error)}
	case response.StatusCode != http.StatusOK:
		return tokenAnswer{}, &failure{code: fmt.Sprintf("%s %d", codeToken, response.StatusCode), cause: errors.New("no token")}
	case err != nil || !strings.EqualFold(answer.Type, "bearer"):
		return tokenAnswer{}, errors.New("the answer holds no bearer token")
	}
	answer.Lasts = min(max(answer.Lasts, 0), 365*24*3600)
	return answer, nil
}

// refusedToken reports that a mail server did not accept the token with which we signed in.
func refusedToken(err error) bool {
	var f *failure
	var bearer *sasl.OAuthBearerError
	var reply *textproto.Error
	return errors.As(err, &f) && strings.HasPrefix(f.code, codeAuth) && (errors.As(err, &bearer) || errors.As(err, &reply))
}
