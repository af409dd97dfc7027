package mailtest

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/xdg-go/scram"
)

// Mechanisms are all that the server can do.
func Mechanisms() []string {
	return []string{
		"PLAIN", "LOGIN", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "OAUTHBEARER", "XOAUTH2",
	}
}

func (s *session) mechanism(name string) (sasl.Server, error) {
	check := func(user, secret string) error { return s.signIn(name, user, secret) }
	switch name {
	case "PLAIN":
		return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
	case "LOGIN":
		return &loginServer{check: check}, nil
	case "OAUTHBEARER":
		return sasl.NewOAuthBearerServer(func(o sasl.OAuthBearerOptions) *sasl.OAuthBearerError {
			if check(o.Username, o.Token) != nil {
				return &sasl.OAuthBearerError{Status: "invalid_token", Schemes: "bearer"}
			}
			return nil
		}), nil
	case "XOAUTH2":
		return &xoauth2Server{check: check}, nil
	}
	return s.scram(name)
}

// signIn notes the attempt and compares it with the script.
func (s *session) signIn(mechanism, user, secret string) error {
	s.server.mu.Lock()
	s.server.logins = append(s.server.logins, fmt.Sprintf("%s %s %s", mechanism, user, secret))
	s.server.mu.Unlock()
	good := s.server.script.Password
	if s.server.script.Secret != nil {
		good = s.server.script.Secret()
	}
	if user != s.server.script.User || secret != good {
		return smtp.ErrAuthFailed
	}
	s.message.Mechanism = mechanism
	return nil
}

type loginServer struct {
	check func(user, password string) error
	user  *string
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case response == nil:
		return []byte("Username:"), false, nil
	case l.user == nil:
		user := string(response)
		l.user = &user
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(*l.user, string(response))
}

// xoauth2Server answers as Google does: a refusal is described in a challenge, and comes after the client's empty answer.
type xoauth2Server struct {
	check   func(user, token string) error
	refused error
}

func (x *xoauth2Server) Next(response []byte) (challenge []byte, done bool, err error) {
	if x.refused != nil {
		return nil, true, x.refused
	}
	var user, token string
	for part := range bytes.SplitSeq(response, []byte{1}) {
		if v, ok := bytes.CutPrefix(part, []byte("user=")); ok {
			user = string(v)
		}
		if v, ok := bytes.CutPrefix(part, []byte("auth=Bearer ")); ok {
			token = string(v)
		}
	}
	if x.refused = x.check(user, token); x.refused != nil {
		return []byte(`{"status":"401","schemes":"bearer","scope":"https://mail.google.com/"}`), false, nil
	}
	return nil, true, nil
}

// scram is the server's side by a library of other authors than the client's.
func (s *session) scram(name string) (sasl.Server, error) {
	hash := scram.SHA256
	if strings.HasPrefix(name, "SCRAM-SHA-1") {
		hash = scram.SHA1
	}
	script := s.server.script
	client, err := hash.NewClient(script.User, script.Password, "")
	if err != nil {
		return nil, err
	}
	stored, err := client.GetStoredCredentialsWithError(scram.KeyFactors{Salt: "a salt for tests", Iters: 4096})
	if err != nil {
		return nil, err
	}
	server, err := hash.NewServer(func(user string) (scram.StoredCredentials, error) {
		if user != script.User {
			return scram.StoredCredentials{}, errors.New("no such user")
		}
		return stored, nil
	})
	if err != nil {
		return nil, err
	}
	conversation := server.NewConversation()
	if strings.HasSuffix(name, "-PLUS") {
		state, encrypted := s.conn.TLSConnectionState()
		if !encrypted {
			return nil, smtp.ErrAuthUnknownMechanism
		}
		if conversation, err = bound(server, &state); err != nil {
			return nil, err
		}
	}
	return &scramServer{session: s, name: name, conversation: conversation}, nil
}

func bound(server *scram.Server, state *tls.ConnectionState) (*scram.ServerConversation, error) {
	binding, err := scram.NewTLSExporterBinding(state)
	if err != nil {
		return nil, err
	}
	return server.NewConversationWithChannelBindingRequired(binding), nil
}

type scramServer struct {
	session      *session
	name         string
	conversation *scram.ServerConversation
}

func (s *scramServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if response == nil {
		return nil, false, nil
	}
	if s.conversation.Done() { // the client has answered our proof with nothing
		s.session.message.Mechanism = s.name
		return nil, true, nil
	}
	answer, err := s.conversation.Step(string(response))
	s.session.server.mu.Lock()
	s.session.server.logins = append(s.session.server.logins, fmt.Sprintf("%s %s", s.name, response))
	s.session.server.mu.Unlock()
	if err != nil {
		return nil, true, smtp.ErrAuthFailed
	}
	return []byte(answer), false, nil
}
