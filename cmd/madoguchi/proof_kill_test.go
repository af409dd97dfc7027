package main_test

import (
	"bytes"
	"context"
	"net/mail"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"madoguchi/internal/mail/mailtest"
	"madoguchi/internal/store/storetest"
)

// deaths are the moments after the 201 at which the server is killed. script is the mail server's part in it, and
// before waits for the moment.
var deaths = map[string]struct {
	script      func(reached chan<- struct{}, dead <-chan struct{}) mailtest.Script
	before      func(t *testing.T, p *process, reached <-chan struct{})
	least, most int // how many copies of the letter may arrive
}{
	"at once": {
		script: func(chan<- struct{}, <-chan struct{}) mailtest.Script { return mailtest.Script{} },
		before: func(*testing.T, *process, <-chan struct{}) {},
		least:  1, most: 2, // the first may have been on its way already
	},
	"while the mail server lets it wait": {
		script: func(reached chan<- struct{}, dead <-chan struct{}) mailtest.Script {
			return mailtest.Script{Rcpt: first(func() error { close(reached); <-dead; return mailtest.ErrHangup })}
		},
		before: func(_ *testing.T, _ *process, reached <-chan struct{}) { <-reached },
		least:  1, most: 1,
	},
	"after the mail server had refused": {
		script: func(chan<- struct{}, <-chan struct{}) mailtest.Script {
			return mailtest.Script{Mail: first(func() error { return &smtp.SMTPError{Code: 451, Message: "not now"} })}
		},
		before: func(t *testing.T, p *process, _ <-chan struct{}) {
			t.Helper()
			p.waitLog(t, regexp.MustCompile(`msg="letter not sent" .*failure="smtp 451`))
		},
		least: 1, most: 1,
	},
	"while DATA is under way": {
		script: func(reached chan<- struct{}, dead <-chan struct{}) mailtest.Script {
			return mailtest.Script{Data: first(func() error { close(reached); <-dead; return nil })}
		},
		before: func(_ *testing.T, _ *process, reached <-chan struct{}) { <-reached },
		least:  2, most: 2, // the mail server has it, and nobody was left to hear so
	},
}

// first does something the first time it is reached and lets everything pass later.
func first(f func() error) func(n int) error {
	return func(n int) error {
		if n > 1 {
			return nil
		}
		return f()
	}
}

// TestProof_KillBeforeTheLetter: what was answered with 201 is there after kill -9, and its letter goes out: once, and
// twice under the same Message-ID only where the mail server already had it.
func TestProof_KillBeforeTheLetter(t *testing.T) {
	for engine := range storetest.Engines {
		for moment, death := range deaths {
			t.Run(engine+"/"+moment, func(t *testing.T) {
				reached, dead := make(chan struct{}), make(chan struct{})
				mails := mailtest.Start(t, death.script(reached, dead))
				s := newSettings(t, engine).mailTo(mails, "")
				c := openClinic(t, s, 1)
				p := serve(t, s)
				reference := newVisitor(t, p).mustBook(c.slots[0], 1)
				death.before(t, p, reached)
				p.kill(t)
				close(dead)

				makeDue(t, s)
				p = serve(t, s)
				if again := newVisitor(t, p).mustBook(c.slots[0], 1); again != reference {
					t.Errorf("the booking was %s and is %s after the restart", reference, again)
				}
				arrive(t, mails, death.least)
				eventually(t, "the letter is recorded as sent", func() bool {
					return letterStatus(t, s) == "sent"
				})
				p.stop(t)
				messages := mails.Messages()
				if len(messages) > death.most {
					t.Errorf("%d letters arrived", len(messages))
				}
				for _, m := range messages {
					if got, want := messageID(t, m), messageID(t, messages[0]); got != want {
						t.Errorf("a copy has the Message-ID %s, the letter %s", got, want)
					}
				}
				facts := storetest.Read(t, s["MADOGUCHI_DATABASE"])
				for table, n := range facts.Count("bookings", "patients", "claims", "letters") {
					if n != 1 {
						t.Errorf("%d rows in %s", n, table)
					}
				}
			})
		}
	}
}

// makeDue lets the time pass for which a letter waits: for its next try, or among several servers for a dead one's lease.
// One server alone on SQLite waits for no lease.
func makeDue(t *testing.T, s settings) {
	t.Helper()
	past := time.Now().UTC().Add(-time.Second)
	if strings.HasPrefix(s["MADOGUCHI_DATABASE"], "sqlite:") {
		storetest.Exec(t, s["MADOGUCHI_DATABASE"], "UPDATE letters SET due_at = ? WHERE status = 'waiting'", past)
		return
	}
	storetest.Exec(t, s["MADOGUCHI_DATABASE"], "UPDATE letters SET due_at = $1 WHERE status = 'waiting'", past)
	storetest.Exec(t, s["MADOGUCHI_DATABASE"], "UPDATE letters SET lease_until = $1 WHERE status = 'sending'", past)
}

// letterStatus is the status of the only letter.
func letterStatus(t *testing.T, s settings) string {
	t.Helper()
	letters := storetest.Read(t, s["MADOGUCHI_DATABASE"])["letters"]
	if len(letters) != 1 {
		t.Fatalf("there are %d letters", len(letters))
	}
	_, after, _ := strings.Cut(letters[0], "status=")
	status, _, _ := strings.Cut(after, " ")
	return status
}

// arrive waits until the mail server has n messages.
func arrive(t *testing.T, mails *mailtest.Server, n int) []mailtest.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	messages, err := mails.WaitMessages(ctx, n)
	must(t, err)
	return messages
}

func messageID(t *testing.T, m mailtest.Message) string {
	t.Helper()
	parsed, err := mail.ReadMessage(bytes.NewReader(m.Data))
	must(t, err)
	return parsed.Header.Get("Message-Id")
}
