package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/textproto"
	"sync/atomic"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"madoguchi/internal/clinic"
)

// Sender takes messages for delivery. SMTP and Dir are its two kinds.
type Sender interface {
	// Send delivers one message. Failure reads its error. A message is sent at least once: after an error it may have
	// arrived nevertheless.
	Send(ctx context.Context, m *gomail.Msg) error
}

// The ways to encrypt the connection to a mail server.
const (
	StartTLS    = "starttls" // the server must offer it; there is no falling back
	ImplicitTLS = "implicit" // TLS from the first byte, usually port 465
	NoTLS       = "none"
)

// SendTimeout is how long one message may take with a slow server. It is shorter than clinic.LetterLease, so that a
// worker has given up before another may take the same letter.
const SendTimeout = 2 * time.Minute

// SMTP is a mail server that takes messages for delivery (RFC 6409).
type SMTP struct {
	Host     string
	Port     int
	User     string  // empty: the server asks for no sign-in
	Password string  // with oauthbearer and xoauth2 the access token, unless Tokens has one
	Tokens   *Tokens // of oauthbearer and xoauth2; nil where Password is the token
	Auth     string  // plain, login, scram, oauthbearer, xoauth2 or auto
	TLS      string  // StartTLS, ImplicitTLS or NoTLS
	Ehlo     string  // the name by which we greet; empty: that of this machine
	RootCAs  *x509.CertPool
	Timeout  time.Duration // zero: SendTimeout
}

// Check says in one sentence what is wrong with the settings. Credentials never travel unencrypted, except to this very
// machine, where a local relay or a test listens.
func (s SMTP) Check() error {
	switch {
	case s.Host == "":
		return errors.New("the mail server has no host name")
	case s.Port < 1 || s.Port > 65535:
		return fmt.Errorf("the mail server's port %d is not between 1 and 65535", s.Port)
	case s.TLS != StartTLS && s.TLS != ImplicitTLS && s.TLS != NoTLS:
		return fmt.Errorf("the mail server's tls=%s is none of starttls, implicit, none", s.TLS)
	case s.User != "" && !knownAuth(s.Auth):
		return fmt.Errorf("the mail server's auth=%s is none of plain, login, scram, oauthbearer, xoauth2, auto", s.Auth)
	case s.User != "" && s.TLS == NoTLS && !s.local():
		return errors.New("a password would travel unencrypted: the mail server needs tls=starttls or tls=implicit, or no user")
	}
	return nil
}

func (s SMTP) local() bool {
	ip := net.ParseIP(s.Host)
	return s.Host == "localhost" || ip != nil && ip.IsLoopback()
}

// Send hands a message to the server over a connection of its own.
func (s SMTP) Send(ctx context.Context, m *gomail.Msg) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout())
	defer cancel()
	c, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer c.quit()
	return c.send(ctx, m)
}

// timeout is how long one message may take.
func (s SMTP) timeout() time.Duration { return cmp.Or(s.Timeout, SendTimeout) }

// dial opens the connection, encrypted already where TLS is implicit.
func (s SMTP) dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(s.Host, fmt.Sprint(s.Port)))
	if err != nil {
		return nil, failed(ctx, codeConnect, err)
	}
	conn = &bounded{Conn: conn}
	if s.TLS != ImplicitTLS {
		return conn, nil
	}
	encrypted := tls.Client(conn, s.tlsConfig())
	if err := encrypted.HandshakeContext(ctx); err != nil {
		closeConn(conn)
		return nil, failed(ctx, codeTLS, err)
	}
	return encrypted, nil
}

func (s SMTP) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.Host, RootCAs: s.RootCAs, MinVersion: tls.VersionTLS12}
}

// handOver gives the message to the server; step says where it failed. go-mail's own way asks for SMTPUTF8 (RFC 6531) wherever the
// server knows it, and such a message may go to no server that doesn't: the next one, at the patient's provider, refuses it. No
// letter needs it: addresses are ASCII (clinic.ParseEmail), headers and bodies are encoded.
func handOver(session *smtp.Client, m *gomail.Msg) (step string, err error) {
	from, err := m.GetSender(false)
	if err == nil {
		err = mailFrom(session, from)
	}
	if err != nil {
		return codeSender, err
	}
	to, err := m.GetRecipients()
	if err != nil {
		return codeInside, err
	}
	for _, address := range to {
		if err := session.Rcpt(address); err != nil {
			return codeLost, err
		}
	}
	data, err := session.Data()
	if err != nil {
		return codeLost, err
	}
	if _, err := m.WriteTo(data); err != nil {
		return codeLost, err
	}
	return codeLost, data.Close()
}

func mailFrom(session *smtp.Client, address string) error {
	if clinic.HasControl(address) {
		return errors.New("the sender's address holds a line break")
	}
	id, err := session.Text.Cmd("MAIL FROM:%s", address)
	if err != nil {
		return err
	}
	session.Text.StartResponse(id)
	defer session.Text.EndResponse(id)
	_, _, err = session.Text.ReadResponse(250)
	return err
}

func (s SMTP) signIn(session *smtp.Client) (step string, err error) {
	if s.User == "" {
		return "", nil
	}
	auth, err := s.mechanism(session)
	if err != nil {
		return codeAuth, err
	}
	err = session.Auth(auth)
	if ended(err) { // which says nothing about our password; what was said may hold it
		return codeConnect, errors.New("the connection ended during the sign-in")
	}
	return codeAuth, err
}

// ended reports that the conversation itself broke off: the connection ended, or what came is no reply.
func ended(err error) bool {
	var network net.Error
	var protocol textproto.ProtocolError
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.As(err, &network) || errors.As(err, &protocol)
}

// maxReply is how much a server may say to one command. A reply has at most 512 bytes a line (RFC 5321, 4.5.3.1.5), and what is longer than
// any server's would otherwise be read for as long as we are patient, all of it into memory.
const maxReply = 1 << 18

// bounded is a connection on which the other side may not talk without end.
type bounded struct {
	net.Conn

	heard atomic.Int64 // since we spoke last
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.heard.Load() > maxReply {
		return 0, fmt.Errorf("mail: the server's reply does not end: %w", io.ErrUnexpectedEOF)
	}
	n, err := b.Conn.Read(p)
	b.heard.Add(int64(n))
	return n, err
}

func (b *bounded) Write(p []byte) (int, error) {
	b.heard.Store(0)
	return b.Conn.Write(p)
}

func closeConn(conn net.Conn) {
	if err := conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		slog.Debug("closing the mail connection", "err", err)
	}
}
