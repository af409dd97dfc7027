package mail

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/wneessen/go-mail/smtp"
)

func knownAuth(name string) bool {
	_, known := mechanisms[name]
	return known
}

// mechanisms are what each setting of auth may use, the strongest first. auto leaves out the bearer mechanisms, since a
// password is no token, and CRAM-MD5, since over TLS even PLAIN is the better choice (RFC 6331 says why of its kin).
var mechanisms = map[string][]string{
	"plain":       {"PLAIN"},
	"login":       {"LOGIN"},
	"scram":       scrams,
	"oauthbearer": {sasl.OAuthBearer},
	"xoauth2":     {"XOAUTH2"},
	"auto":        append(slices.Clone(scrams), "PLAIN", "LOGIN"),
}

var scrams = []string{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"}

// mechanism chooses the strongest mechanism that both the setting and the server have.
func (s SMTP) mechanism(session *smtp.Client) (smtp.Auth, error) {
	_, offered := session.Extension("AUTH")
	state, tlsErr := session.GetTLSConnectionState()
	encrypted := tlsErr == nil
	if !encrypted && !s.local() {
		return nil, smtp.ErrUnencrypted // Check has refused this already; this is where it would happen
	}
	for _, name := range mechanisms[s.Auth] {
		bound := strings.HasSuffix(name, "-PLUS")
		if bound && !encrypted || !slices.Contains(strings.Fields(strings.ToUpper(offered)), name) {
			continue
		}
		switch name {
		case "PLAIN":
			return smtp.PlainAuth("", s.User, s.Password, s.Host, s.local()), nil
		case "LOGIN":
			return smtp.LoginAuth(s.User, s.Password, s.Host, s.local()), nil
		case "SCRAM-SHA-256-PLUS":
			return smtp.ScramSHA256PlusAuth(s.User, s.Password, state), nil
		case "SCRAM-SHA-256":
			return smtp.ScramSHA256Auth(s.User, s.Password), nil
		case "SCRAM-SHA-1-PLUS":
			return smtp.ScramSHA1PlusAuth(s.User, s.Password, state), nil
		case "SCRAM-SHA-1":
			return smtp.ScramSHA1Auth(s.User, s.Password), nil
		case sasl.OAuthBearer:
			return &saslAuth{start: func() sasl.Client {
				return sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: s.User, Token: s.Password, Host: s.Host, Port: s.Port})
			}, local: s.local()}, nil
		case "XOAUTH2":
			return &saslAuth{start: func() sasl.Client { return xoauth2{s.User, s.Password} }, local: s.local()}, nil
		}
	}
	return nil, fmt.Errorf("the server offers none of %s", strings.Join(mechanisms[s.Auth], ", "))
}

// saslAuth lets a client of go-sasl sign in through go-mail. Every Start begins a fresh one, since a client remembers how
// far it has come.
type saslAuth struct {
	start  func() sasl.Client
	client sasl.Client
	local  bool
}

func (a *saslAuth) Start(server *smtp.ServerInfo) (mechanism string, response []byte, err error) {
	if !server.TLS && !a.local {
		return "", nil, smtp.ErrUnencrypted
	}
	a.client = a.start()
	return a.client.Start()
}

func (a *saslAuth) Next(challenge []byte, more bool) ([]byte, error) {
	if !more {
		return nil, nil
	}
	if a.client == nil {
		return nil, errors.New("a challenge before the beginning")
	}
	return a.client.Next(challenge)
}

// xoauth2 is Google's and Microsoft's older bearer mechanism, which go-sasl does not have.
type xoauth2 struct{ user, token string }

func (x xoauth2) Start() (mechanism string, response []byte, err error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

// Next answers the server's description of a refusal with nothing, whereupon the server refuses with a reply code.
func (x xoauth2) Next([]byte) ([]byte, error) { return []byte{}, nil }
