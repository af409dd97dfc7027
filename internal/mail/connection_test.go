package mail

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-smtp"

	"madoguchi/internal/clinic"
	"madoguchi/internal/mail/mailtest"
)

// watched counts the connections of a script's server; ended hears of each that is over.
func watched(script mailtest.Script) (counting mailtest.Script, greeted *atomic.Int64, ended chan int) {
	greeted, ended = &atomic.Int64{}, make(chan int, 100)
	script.Greet = func(n int) error { greeted.Store(int64(n)); return nil }
	script.Bye = func(n int) error { ended <- n; return nil }
	return script, greeted, ended
}

// numbered is the n-th of many letters, to a person of their own.
func numbered(n int) clinic.Letter {
	l := newLetter(clinic.Confirmation, "ja")
	l.ID, l.Content.To = fmt.Sprintf("message%d", n), fmt.Sprintf("patient%d@example.jp", n)
	return l
}

// A burst signs in once, and every letter reaches its own person once.
func TestConnections_OfABurst(t *testing.T) {
	script, greeted, ended := watched(mailtest.Script{Auth: []string{"PLAIN"}, User: user, Password: password})
	server := mailtest.Start(t, script)
	c := &Connections{SMTP: client(server, StartTLS, "plain")}
	const letters = 12
	for n := range letters {
		if err := c.Send(t.Context(), render1(t, numbered(n))); err != nil {
			t.Fatal(err)
		}
	}
	messages := server.Messages()
	if greeted.Load() != 1 || len(server.Logins()) != 1 || len(messages) != letters {
		t.Fatalf("%d connections, %d sign-ins, %d messages", greeted.Load(), len(server.Logins()), len(messages))
	}
	for n, m := range messages {
		if m.To != fmt.Sprintf("patient%d@example.jp", n) || !m.TLS || m.Mechanism != "PLAIN" {
			t.Errorf("message %d went to %s, TLS %v, signed in by %q", n, m.To, m.TLS, m.Mechanism)
		}
	}
	// The last one is not kept for ever, and says goodbye.
	c.idle[0].idle.Reset(0)
	<-ended
	if c.take() != nil {
		t.Error("a connection that is over is kept")
	}
}

// Letters that are sent at once have a connection each, and the next ones use the same. Close ends them all.
func TestConnections_AtOnce(t *testing.T) {
	const at = 4
	var together sync.WaitGroup
	together.Add(at)
	script, greeted, ended := watched(mailtest.Script{Data: func(n int) error {
		if n <= at {
			together.Done()
			together.Wait()
		}
		return nil
	}})
	server := mailtest.Start(t, script)
	c := &Connections{SMTP: client(server, StartTLS, "")}
	c.User = ""
	send := func(first int) {
		var all sync.WaitGroup
		for n := range at {
			all.Go(func() {
				if err := c.Send(t.Context(), render1(t, numbered(first+n))); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	send(0)
	send(at)
	if greeted.Load() != at || len(server.Messages()) != 2*at {
		t.Errorf("%d connections, %d messages", greeted.Load(), len(server.Messages()))
	}
	c.Close()
	for range at {
		<-ended
	}
}

// A server that ends a connection after a letter, without a word or with a 421 at the next one, costs no letter and sends none twice.
func TestConnections_ServerEndsThem(t *testing.T) {
	everyThird := func(err error) func(int) error {
		return func(n int) error {
			if n%3 == 0 {
				return err
			}
			return nil
		}
	}
	closing := &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 7, 0}, Message: "too many"}
	for name, script := range map[string]mailtest.Script{
		"without a word": {Taken: everyThird(mailtest.ErrHangup)},
		"with a 421":     {Mail: everyThird(closing)},
		"at MAIL FROM":   {Mail: everyThird(mailtest.ErrHangup)},
	} {
		t.Run(name, func(t *testing.T) {
			script, greeted, _ := watched(script)
			server := mailtest.Start(t, script)
			c := &Connections{SMTP: client(server, StartTLS, "")}
			c.User = ""
			const letters = 10
			for n := range letters {
				if err := c.Send(t.Context(), render1(t, numbered(n))); err != nil {
					t.Fatalf("letter %d: %v: %v", n, err, errors.Unwrap(err))
				}
			}
			seen := map[string]int{}
			for _, m := range server.Messages() {
				seen[m.To]++
			}
			if len(seen) != letters || len(server.Messages()) != letters || greeted.Load() < 3 {
				t.Errorf("%d people got %d messages over %d connections", len(seen), len(server.Messages()), greeted.Load())
			}
		})
	}
}

// What the server says about a letter is that letter's failure, whatever connection it took: it is not sent again behind the worker's back.
func TestConnections_ARefusalIsTold(t *testing.T) {
	refuse := func(n int) error {
		if n == 2 {
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
		}
		return nil
	}
	lose := func(n int) error {
		if n == 2 {
			return mailtest.ErrHangup
		}
		return nil
	}
	for name, test := range map[string]struct {
		script    mailtest.Script
		code      string
		permanent bool
		taken     int
	}{
		"no such user":       {mailtest.Script{Rcpt: refuse}, "smtp 550 5.1.1", true, 2},
		"lost at RCPT":       {mailtest.Script{Rcpt: lose}, "lost", false, 2},
		"lost after the dot": {mailtest.Script{Data: lose}, "lost", false, 3}, // the server has it all the same
	} {
		t.Run(name, func(t *testing.T) {
			server := mailtest.Start(t, test.script)
			c := &Connections{SMTP: client(server, StartTLS, "")}
			c.User = ""
			for n := range 3 {
				err := c.Send(t.Context(), render1(t, numbered(n)))
				if n != 1 && err != nil {
					t.Fatalf("letter %d: %v", n, err)
				}
				if code, permanent := Failure(err); n == 1 && (err == nil || code != test.code || permanent != test.permanent) {
					t.Errorf("%q, permanent %v (%v)", code, permanent, err)
				}
			}
			messages, err := server.WaitMessages(t.Context(), test.taken)
			if err != nil || len(messages) != test.taken {
				t.Errorf("%d messages, %v", len(messages), err)
			}
		})
	}
}
