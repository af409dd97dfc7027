package mailtest

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"slices"
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
