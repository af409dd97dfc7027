package mailtest

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Verb is a step of a conversation with a mail server, at which a Rough one may fail.
type Verb string

// The steps, in their order.
const (
	AtConnect   Verb = "connect"   // in the greeting's place
	AtEHLO      Verb = "EHLO"      // before the encryption
	AtStartTLS  Verb = "STARTTLS"  // the reply to the command
	AtHandshake Verb = "handshake" // of TLS, after a STARTTLS that was answered well
	AtAuth      Verb = "AUTH"
	AtMail      Verb = "MAIL"
	AtRcpt      Verb = "RCPT"
	AtData      Verb = "DATA" // the command
	AtDot       Verb = "dot"  // when the whole message has come
	AtQuit      Verb = "QUIT"
)

// Verbs are all of them.
var Verbs = []Verb{AtConnect, AtEHLO, AtStartTLS, AtHandshake, AtAuth, AtMail, AtRcpt, AtData, AtDot, AtQuit}

// Way is how a Rough server fails at a verb.
type Way string

// The ways.
const (
	Well    Way = ""          // not at all
	ForNow  Way = "4xx"       // a refusal for now
	ForGood Way = "5xx"       // a refusal for good
	Hangup  Way = "closed"    // the connection ends without a word
	Reset   Way = "reset"     // it is reset
	Silence Way = "silence"   // no answer, for as long as the client waits
	Garbage Way = "garbage"   // what is no reply
	Endless Way = "endless"   // a reply that does not end
	Absent  Way = "not known" // the server does not offer it; of STARTTLS only
)

// Ways are those in which a server may fail at a verb.
func (v Verb) Ways() []Way {
	switch v {
	case AtHandshake:
		return []Way{Hangup, Reset, Silence, Garbage}
	case AtStartTLS:
		return []Way{ForNow, ForGood, Hangup, Reset, Silence, Garbage, Endless, Absent}
	case AtConnect, AtEHLO, AtAuth, AtMail, AtRcpt, AtData, AtDot, AtQuit:
	}
	return []Way{ForNow, ForGood, Hangup, Reset, Silence, Garbage, Endless}
}

// Lost reports whether a server that fails so after the dot has the message all the same, and only its reply is lost.
func (w Way) Lost() bool { return w != ForNow && w != ForGood }

// Rough is a mail server that speaks line by line, so that it can fail where a proper one cannot. It offers STARTTLS and asks for a sign-in
// with PLAIN, whatever the secret.
type Rough struct {
	Host string
	Port int
	CA   CA

	fail   func(v Verb, n int) Way
	silent chan struct{} // has a value for each conversation that has fallen silent, up to one that nobody has noticed

	mu       sync.Mutex
	counts   map[Verb]int
	messages []Message
	greeted  int
	open     map[net.Conn]bool
	most     int
}

// StartRough runs a Rough server until the test ends. fail is asked at each verb, with the number of the time it is reached, from 1.
func StartRough(tb testing.TB, fail func(v Verb, n int) Way) *Rough {
	tb.Helper()
	r := &Rough{Host: "127.0.0.1", CA: newCA(tb), fail: fail, silent: make(chan struct{}, 1), counts: map[Verb]int{}, open: map[net.Conn]bool{}}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", net.JoinHostPort(r.Host, "0"))
	if err != nil {
		tb.Fatalf("mailtest: listen: %v", err)
	}
	if _, err := fmt.Sscanf(listener.Addr().String(), r.Host+":%d", &r.Port); err != nil {
		tb.Fatalf("mailtest: listen: %v", err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			r.track(conn, true)
			all.Go(func() {
				defer r.track(conn, false)
				(&talk{server: r, conn: conn, raw: conn, in: bufio.NewReader(conn)}).run()
			})
		}
	})
	tb.Cleanup(func() {
		_ = listener.Close()
		r.mu.Lock()
		for conn := range r.open {
			_ = conn.Close()
		}
		r.mu.Unlock()
		all.Wait()
	})
	return r
}

func (r *Rough) track(conn net.Conn, open bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if open {
		r.open[conn] = true
		r.most = max(r.most, len(r.open))
		return
	}
	delete(r.open, conn)
	_ = conn.Close() // the client may have been first
}

// Messages are those that it has got, as its replies to the dot say or would have said.
func (r *Rough) Messages() []Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.messages)
}

// Greeted is on how many connections it has greeted somebody.
func (r *Rough) Greeted() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.greeted
}

// AtOnce is how many connections there were at the most.
func (r *Rough) AtOnce() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.most
}

// Patience is a context whose deadline passes when the server falls silent, and not before, so that a client runs out of time without a clock
// and a busy machine never looks like a silent server. end releases it.
func (r *Rough) Patience(ctx context.Context) (patient context.Context, end context.CancelFunc) {
	ctx, end = context.WithCancel(ctx)
	p := &patience{Context: ctx, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		select {
		case <-r.silent:
			p.err = context.DeadlineExceeded
		case <-ctx.Done():
			p.err = ctx.Err()
		}
	}()
	return p, end
}

// patience ends with an error of its own.
type patience struct {
	context.Context

	done chan struct{}
	err  error // written before done is closed
}

func (p *patience) Done() <-chan struct{} { return p.done }

func (p *patience) Err() error {
	select {
	case <-p.done:
		return p.err
	default:
		return nil
	}
}

// talk is one connection.
type talk struct {
	server *Rough
	conn   net.Conn // encrypted or not
	raw    net.Conn
	in     *bufio.Reader
	m      Message
}

// at answers a verb: well, with the given reply, or as the script has it. on says whether the conversation goes on.
func (t *talk) at(v Verb, reply string) (way Way, on bool) {
	t.server.mu.Lock()
	t.server.counts[v]++
	n := t.server.counts[v]
	t.server.mu.Unlock()
	way = t.server.fail(v, n)
	return way, t.answer(way, reply)
}

func (t *talk) answer(way Way, reply string) bool {
	switch way {
	case Well, Absent:
		return reply == "" || t.say(reply)
	case ForNow:
		return t.say("451 4.3.0 not now") // and the client decides what comes next
	case ForGood:
		return t.say("554 5.7.1 never")
	case Garbage:
		return t.say("\x00\x01 what is no reply")
	case Reset:
		if tcp, ok := t.raw.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
	case Silence:
		select {
		case t.server.silent <- struct{}{}:
		default:
		}
		_, _ = io.Copy(io.Discard, t.in) // until the client has gone
	case Endless:
		line := "250-" + strings.Repeat("x", 4096)
		for {
			if _, err := t.conn.Write([]byte(line)); err != nil {
				return false
			}
		}
	case Hangup:
	}
	return false
}

func (t *talk) say(reply string) bool {
	_, err := t.conn.Write([]byte(reply + "\r\n"))
	return err == nil
}

func (t *talk) run() {
	way, on := t.at(AtConnect, "220 rough.test ESMTP")
	if way == Well {
		t.server.mu.Lock()
		t.server.greeted++
		t.server.mu.Unlock()
	}
	for on {
		line, err := t.in.ReadString('\n')
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		on = t.command(strings.ToUpper(verb), rest)
	}
}

func (t *talk) command(verb, rest string) (on bool) {
	switch verb {
	case "EHLO":
		return t.ehlo()
	case "HELO": // what a client tries that does not understand our answer
		return t.say("502 5.5.1 say EHLO")
	case "STARTTLS":
		return t.startTLS()
	case "AUTH":
		_, on = t.at(AtAuth, "235 2.7.0 signed in")
	case "MAIL":
		t.m = Message{From: inBrackets(rest), TLS: t.conn != t.raw}
		_, on = t.at(AtMail, "250 2.1.0 go on")
	case "RCPT":
		t.m.To = inBrackets(rest)
		_, on = t.at(AtRcpt, "250 2.1.5 go on")
	case "DATA":
		return t.data()
	case "QUIT":
		t.at(AtQuit, "221 2.0.0 bye")
		return false
	case "*": // the client gives a sign-in up
		return t.say("501 5.5.0 as you like")
	default:
		return t.say("250 2.0.0 as you like") // RSET, NOOP
	}
	return on
}

func (t *talk) ehlo() bool {
	if t.conn != t.raw {
		return t.say("250-rough.test\r\n250-ENHANCEDSTATUSCODES\r\n250 AUTH PLAIN")
	}
	t.server.mu.Lock()
	next := t.server.counts[AtStartTLS] + 1
	t.server.mu.Unlock()
	offer := "250-rough.test\r\n250 STARTTLS"
	if t.server.fail(AtStartTLS, next) == Absent {
		t.server.mu.Lock()
		t.server.counts[AtStartTLS]++
		t.server.mu.Unlock()
		offer = "250-rough.test\r\n250 HELP"
	}
	_, on := t.at(AtEHLO, offer)
	return on
}

func (t *talk) startTLS() bool {
	way, on := t.at(AtStartTLS, "220 2.0.0 go on")
	if way != Well || !on {
		return on
	}
	if way, on = t.at(AtHandshake, ""); way != Well || !on {
		return on
	}
	encrypted := tls.Server(t.raw, &tls.Config{Certificates: []tls.Certificate{t.server.CA.leaf}, MinVersion: tls.VersionTLS12})
	if encrypted.HandshakeContext(context.Background()) != nil {
		return false
	}
	t.conn, t.in = encrypted, bufio.NewReader(encrypted)
	return true
}

func (t *talk) data() bool {
	way, on := t.at(AtData, "354 go on")
	if way != Well || !on {
		return on
	}
	var data strings.Builder
	for {
		line, err := t.in.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		data.WriteString(strings.TrimPrefix(line, "."))
	}
	t.m.Data = []byte(data.String())
	t.server.mu.Lock()
	t.server.counts[AtDot]++
	way = t.server.fail(AtDot, t.server.counts[AtDot])
	if way.Lost() {
		t.server.messages = append(t.server.messages, t.m)
	}
	t.server.mu.Unlock()
	return t.answer(way, "250 2.0.0 taken")
}

// inBrackets is the address of a command.
func inBrackets(s string) string {
	_, s, _ = strings.Cut(s, "<")
	s, _, _ = strings.Cut(s, ">")
	return s
}
