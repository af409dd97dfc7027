package mail

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/textproto"
	"slices"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// idleFor is how long a connection without a letter is kept. A server waits for minutes before it ends one (RFC 5321, 4.5.3.2.7).
const idleFor = 10 * time.Second

// quitTimeout is how long the server may take to say goodbye.
const quitTimeout = 5 * time.Second

// codeClosed is the reply of a server that ends the connection (RFC 5321, 3.8).
const codeClosed = 421

// Connections is a Sender that keeps a connection for the next letter, so that of a burst of letters not each one is greeted, encrypted and
// signed in for. It opens as many as it sends letters at once.
type Connections struct {
	SMTP

	mu   sync.Mutex
	idle []*connection
}

// Send hands a message to the server.
func (c *Connections) Send(ctx context.Context, m *gomail.Msg) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout())
	defer cancel()
	for {
		kept := c.take()
		conn := kept
		if kept == nil {
			var err error
			if conn, err = c.connect(ctx); err != nil {
				return err
			}
		}
		err := conn.send(ctx, m)
		if err == nil {
			c.keep(conn)
			return nil
		}
		conn.quit()
		// The server may have ended a connection that was kept. Nothing has been handed over by then.
		if kept == nil || !conn.ended {
			return err
		}
	}
}

// Close says goodbye on the connections that are kept.
func (c *Connections) Close() {
	for conn := c.take(); conn != nil; conn = c.take() {
		conn.quit()
	}
}

// take is the connection that was used last, nil where there is none.
func (c *Connections) take() *connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.idle) == 0 {
		return nil
	}
	conn := c.idle[len(c.idle)-1]
	c.idle = c.idle[:len(c.idle)-1]
	conn.idle.Stop()
	return conn
}

func (c *Connections) keep(conn *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, conn)
	conn.idle = time.AfterFunc(idleFor, func() {
		c.mu.Lock()
		i := slices.Index(c.idle, conn)
		if i >= 0 {
			c.idle = slices.Delete(c.idle, i, i+1)
		}
		c.mu.Unlock()
		if i >= 0 {
			conn.quit()
		}
	})
}

// connection is one on which the server has greeted us, and accepted us.
type connection struct {
	net.Conn

	session *smtp.Client
	ended   bool          // the server had ended it before the last letter began
	idle    *time.Timer   // ends it when no letter comes
	goodbye time.Duration // how long it may take to end it
}

// connect opens a connection on which letters are taken. A token that is refused has ended, perhaps, sooner than it said: another one is
// tried once.
func (s SMTP) connect(ctx context.Context) (*connection, error) {
	if err := s.Check(); err != nil {
		return nil, &failure{code: codeConnect, cause: err}
	}
	if s.Tokens == nil {
		return s.connectOnce(ctx)
	}
	refused := ""
	for {
		token, err := s.Tokens.get(ctx, refused)
		if err != nil {
			return nil, err
		}
		s.Password = token
		conn, err := s.connectOnce(ctx)
		if refused != "" || !refusedToken(err) {
			return conn, err
		}
		refused = token
	}
}

// connectOnce greets, encrypts and signs in, step by step, so that each failure can be named.
func (s SMTP) connectOnce(ctx context.Context) (*connection, error) {
	conn, err := s.dial(ctx)
	if err != nil {
		return nil, err
	}
	// go-mail's calls know no context: closing the connection under them ends them, at the deadline as at a cancel.
	defer context.AfterFunc(ctx, func() { closeConn(conn) })()
	session, step, err := s.greet(ctx, conn)
	if err == nil {
		err = conn.SetDeadline(time.Time{}) // go-mail has set one, which would end it while it is kept
	}
	if err != nil {
		closeConn(conn)
		return nil, failed(ctx, step, err)
	}
	return &connection{Conn: conn, session: session, goodbye: min(quitTimeout, s.timeout())}, nil
}

// greet brings a new connection to where letters are taken; step says where it failed.
func (s SMTP) greet(ctx context.Context, conn net.Conn) (session *smtp.Client, step string, err error) {
	// The connection is ours, STARTTLS, sign-in and the message are below: of go-mail's client the greeting remains. Its own
	// timeout is the longer one, so that it is always ctx that ends, which is how a timeout is told from a lost connection.
	options := []gomail.Option{
		gomail.WithTimeout(2 * s.timeout()), gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithoutNoop(),
		gomail.WithDialContextFunc(func(context.Context, string, string) (net.Conn, error) { return conn, nil }),
	}
	if s.Ehlo != "" {
		options = append(options, gomail.WithHELO(s.Ehlo))
	}
	client, err := gomail.NewClient(s.Host, options...)
	if err != nil {
		return nil, codeConnect, err
	}
	if session, err = client.DialToSMTPClientWithContext(ctx); err != nil {
		return nil, codeConnect, err
	}
	if s.TLS == StartTLS {
		if offered, _ := session.Extension("STARTTLS"); !offered {
			return nil, codeTLS, errors.New("the server does not offer STARTTLS")
		}
		if err := session.StartTLS(s.tlsConfig()); err != nil {
			return nil, codeTLS, err
		}
	}
	step, err = s.signIn(session)
	return session, step, err
}

// send hands one message over.
func (c *connection) send(ctx context.Context, m *gomail.Msg) error {
	defer context.AfterFunc(ctx, func() { closeConn(c.Conn) })()
	step, err := handOver(c.session, m)
	if err == nil {
		return nil
	}
	var reply *textproto.Error
	answered := errors.As(err, &reply)
	c.ended = step == codeSender && ctx.Err() == nil && (!answered || reply.Code == codeClosed)
	return failed(ctx, step, err)
}

// quit says goodbye and closes. What was sent is the server's by now: whatever goes wrong here must not send it again.
func (c *connection) quit() {
	defer closeConn(c.Conn)
	defer time.AfterFunc(c.goodbye, func() { closeConn(c.Conn) }).Stop()
	if err := c.session.Quit(); err != nil {
		slog.Debug("mail server did not say goodbye")
	}
}
