// Package mailtest is a real mail server for tests: it speaks SMTP with STARTTLS or TLS, asks for a sign-in by any
// mechanism Madoguchi knows, keeps what it is given, and fails where its script says so.
package mailtest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// TLS says how the server encrypts.
type TLS int

// The ways to encrypt.
const (
	StartTLS TLS = iota // offered after EHLO; sign-in only after it
	Implicit            // from the first byte
	NoTLS               // never; sign-in in the clear
)

// Script says how the server behaves. The zero value offers STARTTLS, asks for no sign-in and takes everything.
//
// The hooks are called with the number of the time they are reached, from 1, and answer nil to go on, a *smtp.SMTPError
// to send that reply, or ErrHangup to drop the connection. They may block; the server's goroutine waits for them.
type Script struct {
	TLS            TLS
	Auth           []string      // mechanisms offered, such as "PLAIN"; with none, nobody needs to sign in
	User, Password string        // Password is the token of OAUTHBEARER and XOAUTH2
	Secret         func() string // the token that is good now, in Password's place

	Greet func(n int) error // before the greeting; not with Implicit
	Mail  func(n int) error // at MAIL FROM
	Rcpt  func(n int) error // at RCPT TO
	Data  func(n int) error // when the whole message has been read; it is kept unless this answers with a reply
	Taken func(n int) error // after the 250 of a message that was kept; only ErrHangup has an effect
	Bye   func(n int) error // when a connection has ended on which letters were taken; what it answers has no effect
}

// ErrHangup makes the server drop the connection without a word.
var ErrHangup = errors.New("hang up")

// Message is one that the server has taken.
type Message struct {
	From, To  string
	Mechanism string // how the sender signed in; empty when nobody asked
	TLS       bool
	UTF8      bool   // the sender asked for SMTPUTF8, which the server offers
	Ehlo      string // the name by which the sender greeted
	Data      []byte // headers and body as they came
}

// Server is a mail server on a port of its own.
type Server struct {
	Host string // 127.0.0.1
	Port int
	CA   CA // vouches for the server's certificate

	script Script
	smtp   *smtp.Server

	mu       sync.Mutex
	messages []Message
	logins   []string      // every attempt: mechanism, user and secret as they arrived
	changed  chan struct{} // closed and replaced when a message arrives
	counts   map[string]int
}

// Start runs a server until the test ends.
func Start(tb testing.TB, script Script) *Server {
	tb.Helper()
	if script.TLS == Implicit && script.Greet != nil {
		tb.Fatal("mailtest: Greet cannot be scripted with Implicit")
	}
	ca := newCA(tb)
	s := &Server{Host: "127.0.0.1", CA: ca, script: script, changed: make(chan struct{}), counts: map[string]int{}}
	s.smtp = smtp.NewServer(smtp.BackendFunc(s.newSession))
	s.smtp.Domain = "mail.test"
	s.smtp.EnableSMTPUTF8 = true
	s.smtp.AllowInsecureAuth = script.TLS == NoTLS
	s.smtp.ErrorLog = log.New(io.Discard, "", 0) // dropped connections are part of the scripts
	config := &tls.Config{Certificates: []tls.Certificate{ca.leaf}, MinVersion: tls.VersionTLS12}
	if script.TLS == StartTLS {
		s.smtp.TLSConfig = config
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", net.JoinHostPort(s.Host, "0"))
	if err != nil {
		tb.Fatalf("mailtest: listen: %v", err)
	}
	if _, err := fmt.Sscanf(listener.Addr().String(), s.Host+":%d", &s.Port); err != nil {
		tb.Fatalf("mailtest: listen: %v", err)
	}
	if script.TLS == Implicit {
		listener = tls.NewListener(listener, config)
	}
	done := make(chan error, 1)
	go func() { done <- s.smtp.Serve(&greeter{Listener: listener, server: s}) }()
	tb.Cleanup(func() {
		if err := s.smtp.Close(); err != nil {
			tb.Errorf("mailtest: close: %v", err)
		}
		if err := <-done; err != nil {
			tb.Errorf("mailtest: serve: %v", err)
		}
	})
	return s
}

// Addr is host:port.
func (s *Server) Addr() string { return net.JoinHostPort(s.Host, fmt.Sprint(s.Port)) }

// Messages are those taken so far, in order.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Logins are all attempts to sign in so far, successful or not: mechanism, user and secret.
func (s *Server) Logins() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.logins)
}

// WaitMessages waits until the server has taken n messages, and returns all it has.
func (s *Server) WaitMessages(ctx context.Context, n int) ([]Message, error) {
	for {
		s.mu.Lock()
		messages, changed := slices.Clone(s.messages), s.changed
		s.mu.Unlock()
		if len(messages) >= n {
			return messages, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return messages, fmt.Errorf("mailtest: %d of %d messages: %w", len(messages), n, ctx.Err())
		}
	}
}

func (s *Server) keep(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
	close(s.changed)
	s.changed = make(chan struct{})
}

// ask calls a hook of the script with its number.
func (s *Server) ask(name string, hook func(n int) error) error {
	if hook == nil {
		return nil
	}
	s.mu.Lock()
	s.counts[name]++
	n := s.counts[name]
	s.mu.Unlock()
	return hook(n)
}

// greeter answers in the greeting's place where the script says so.
type greeter struct {
	net.Listener
	server *Server
}

func (g *greeter) Accept() (net.Conn, error) {
	conn, err := g.Listener.Accept()
	if err != nil || g.server.script.Greet == nil {
		return conn, err
	}
	return &greeted{Conn: conn, greet: sync.OnceValue(func() error { return g.server.ask("greet", g.server.script.Greet) })}, nil
}

// greeted asks the script before the first write, which is the greeting, in the connection's own goroutine.
type greeted struct {
	net.Conn
	greet func() error
}

func (c *greeted) Write(b []byte) (int, error) {
	err := c.greet()
	if err == nil {
		return c.Conn.Write(b)
	}
	var reply *smtp.SMTPError
	if errors.As(err, &reply) {
		if _, err := fmt.Fprintf(c.Conn, "%d %s\r\n", reply.Code, reply.Message); err != nil {
			return 0, err
		}
	}
	return 0, errors.Join(err, c.Close())
}

func (s *Server) newSession(c *smtp.Conn) (smtp.Session, error) {
	_, encrypted := c.TLSConnectionState()
	return &session{server: s, conn: c, message: Message{TLS: encrypted}}, nil
}

// session is one connection as go-smtp sees it.
type session struct {
	server  *Server
	conn    *smtp.Conn
	message Message
	taken   bool
}

var _ smtp.AuthSession = (*session)(nil)

func (s *session) AuthMechanisms() []string { return s.server.script.Auth }

func (s *session) Auth(mechanism string) (sasl.Server, error) {
	if !slices.Contains(s.server.script.Auth, mechanism) {
		return nil, smtp.ErrAuthUnknownMechanism
	}
	return s.mechanism(strings.ToUpper(mechanism))
}

func (s *session) Mail(from string, options *smtp.MailOptions) error {
	if len(s.server.script.Auth) > 0 && s.message.Mechanism == "" {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "sign in first"}
	}
	s.message.From, s.message.UTF8, s.message.Ehlo = from, options.UTF8, s.conn.Hostname()
	return s.answer("mail", s.server.script.Mail)
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.answer("rcpt", s.server.script.Rcpt); err != nil {
		return err
	}
	s.message.To = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	err = s.answer("data", s.server.script.Data)
	if err == nil || errors.Is(err, ErrHangup) {
		s.message.Data = data
		s.server.keep(s.message)
	}
	s.taken = err == nil
	return err
}

// Reset is called by go-smtp when the reply to DATA is out.
func (s *session) Reset() {
	if !s.taken {
		return
	}
	s.taken = false
	if err := s.answer("taken", s.server.script.Taken); err != nil {
		return // dropped, as the script wanted
	}
}

// Logout ends a connection, or what was said on it before it was encrypted.
func (s *session) Logout() error {
	if s.server.script.TLS == StartTLS && !s.message.TLS {
		return nil
	}
	return s.server.ask("bye", s.server.script.Bye)
}

// answer asks the script and drops the connection where it says ErrHangup.
func (s *session) answer(name string, hook func(n int) error) error {
	err := s.server.ask(name, hook)
	if errors.Is(err, ErrHangup) {
		return errors.Join(err, s.conn.Conn().Close())
	}
	return err
}
