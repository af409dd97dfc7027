package worker

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gomail "github.com/wneessen/go-mail"

	"madoguchi/internal/clinic"
	letters "madoguchi/internal/mail"
	"madoguchi/internal/mail/mailtest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// A trial is a mail server that fails once: at the n-th time that it reaches a verb, in one way.
type trial struct {
	verb mailtest.Verb
	n    int
	way  mailtest.Way
}

// trials are all of them. What is said for each letter fails at the first letter, and at the second, which goes over the connection of the
// first.
func trials() (all []trial) {
	for _, verb := range mailtest.Verbs {
		for _, way := range verb.Ways() {
			all = append(all, trial{verb, 1, way})
			if slices.Contains([]mailtest.Verb{mailtest.AtMail, mailtest.AtRcpt, mailtest.AtData, mailtest.AtDot}, verb) {
				all = append(all, trial{verb, 2, way})
			}
		}
	}
	return all
}

// permanent says that the letter is given up at once: the server refuses it, and not us.
func (f trial) permanent() bool {
	return f.way == mailtest.ForGood && slices.Contains([]mailtest.Verb{mailtest.AtRcpt, mailtest.AtData, mailtest.AtDot}, f.verb)
}

// unnoticed says that the failure costs no attempt: the letter is the server's already, or nothing of it had been said on a connection that
// was kept.
func (f trial) unnoticed() bool {
	broken := f.way != mailtest.ForNow && f.way != mailtest.ForGood && f.way != mailtest.Silence
	return f.verb == mailtest.AtQuit || f.verb == mailtest.AtMail && f.n == 2 && broken
}

// twice says that the letter arrives a second time: only the reply after the dot was lost.
func (f trial) twice() bool { return f.verb == mailtest.AtDot && f.way.Lost() }

// codes are the failures that staff may be told of.
func (f trial) codes() []string {
	switch {
	case f.way == mailtest.Silence:
		return []string{"timeout"}
	case f.verb == mailtest.AtStartTLS || f.verb == mailtest.AtHandshake:
		return []string{"tls"}
	case f.verb == mailtest.AtEHLO:
		return []string{"connect", "smtp 451"}
	case f.way == mailtest.ForNow:
		return []string{"smtp 451"}
	case f.verb == mailtest.AtConnect, f.verb == mailtest.AtAuth && f.way != mailtest.ForGood:
		return []string{"connect"}
	case f.way != mailtest.ForGood:
		return []string{"lost"}
	case f.verb == mailtest.AtAuth:
		return []string{"auth 554"}
	case f.verb == mailtest.AtMail:
		return []string{"sender 554"}
	}
	return []string{"smtp 554 5.7.1"}
}

// TestWorker_AServerThatFailsAtEveryVerb: whatever the server fails at and however, every letter arrives, and exactly once, but for the one whose
// reply after the dot was lost, which arrives twice under the same Message-ID. Those after it go out. What the server refuses for good is
// given up at once, and staff see why and send it again.
func TestWorker_AServerThatFailsAtEveryVerb(t *testing.T) {
	byWay := map[mailtest.Way][]trial{}
	for _, f := range trials() {
		byWay[f.way] = append(byWay[f.way], f)
	}
	for engine, address := range storetest.Engines {
		for way, trials := range byWay {
			t.Run(engine+" "+string(way), func(t *testing.T) {
				t.Parallel()
				clock := storetest.NewClock()
				s := storetest.Open(t, address(t), t.TempDir()+"/keys", clock.Now)
				p := newPatients(t, s)
				for _, f := range trials {
					t.Run(fmt.Sprintf("%s %d", f.verb, f.n), func(t *testing.T) { f.run(t, s, clock, p) })
				}
			})
		}
	}
}

func (f trial) run(t *testing.T, s *store.Store, clock *storetest.Clock, p *patients) {
	t.Helper()
	server := mailtest.StartRough(t, func(v mailtest.Verb, n int) mailtest.Way {
		if v == f.verb && n == f.n {
			return f.way
		}
		return mailtest.Well
	})
	smtp := letters.SMTP{Host: server.Host, Port: server.Port, TLS: letters.StartTLS, RootCAs: server.CA.Pool, User: "user", Password: "secret", Auth: "plain"}
	connections := &letters.Connections{SMTP: smtp}
	var sender letters.Sender = connections
	if f.way == mailtest.Silence && f.verb != mailtest.AtQuit { // after which nothing is sent that could run out of time
		sender = impatient{connections, server}
	}
	r := start(t, s, clock, sender)
	want := map[string]int{}
	book := func(status clinic.LetterStatus, failures ...string) clinic.Letter {
		t.Helper()
		booking := p.book(t)
		l := p.tried(t, r, booking)
		if l.Status != status || l.Attempts != 1 || !slices.ContainsFunc(failures, func(code string) bool { return strings.HasPrefix(l.Failure, code) }) {
			t.Errorf("the letter is %s after %d attempts, failure %q; want %s, %q", l.Status, l.Attempts, l.Failure, status, failures)
		}
		want["<"+l.ID+"@clinic.example.jp>"] = 1
		return l
	}
	for n := range 3 {
		if n != f.n-1 || f.unnoticed() {
			book(clinic.LetterSent, "")
			continue
		}
		status := clinic.LetterWaiting
		if f.permanent() {
			status = clinic.LetterFailed
		}
		f.mend(t, s, clock, p, r, book(status, f.codes()...), want)
	}
	connections.Close()
	book(clinic.LetterSent, "")
	r.stop()
	connections.Close()
	got := map[string]int{}
	for _, m := range server.Messages() {
		got[idOf(t, m)]++
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("what arrived is %v, want %v", got, want)
	}
}

// impatient is a sender whose time is up as soon as the server falls silent.
type impatient struct {
	*letters.Connections

	server *mailtest.Rough
}

func (i impatient) Send(ctx context.Context, m *gomail.Msg) error {
	ctx, end := i.server.Patience(ctx)
	defer end()
	return i.Connections.Send(ctx, m)
}

// mend sees a letter that has failed arrive after all.
func (f trial) mend(t *testing.T, s *store.Store, clock *storetest.Clock, p *patients, r *running, l clinic.Letter, want map[string]int) {
	t.Helper()
	id := "<" + l.ID + "@clinic.example.jp>"
	if f.twice() {
		want[id] = 2
	}
	if !f.permanent() {
		clock.Advance(time.Minute)
		p.settled(t, r, l.BookingID, clinic.LetterSent, 2, "")
		return
	}
	seen, err := s.LettersInTrouble(t.Context(), storetest.Owner)
	if err != nil || !slices.ContainsFunc(seen, func(seen clinic.Letter) bool { return seen.ID == l.ID && seen.Failure == f.codes()[0] }) {
		t.Errorf("staff see %v (%v)", seen, err)
	}
	if err := s.Resend(t.Context(), storetest.Owner, l.BookingID, l.ID); err != nil {
		t.Fatal(err)
	}
	p.settled(t, r, l.BookingID, clinic.LetterSent, 1, "")
	delete(want, id)
	want["<"+l.ID+"-1@clinic.example.jp>"] = 1
}

// TestWorker_AQueueGoesOverAFewConnections: however many letters wait, none is lost or doubled, and the server sees four connections at the most.
func TestWorker_AQueueGoesOverAFewConnections(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		server := mailtest.StartRough(t, func(mailtest.Verb, int) mailtest.Way { return mailtest.Well })
		p := newPatients(t, s)
		var bookings []string
		for range 50 {
			bookings = append(bookings, p.book(t))
		}
		connections := &letters.Connections{SMTP: letters.SMTP{Host: server.Host, Port: server.Port, TLS: letters.StartTLS, RootCAs: server.CA.Pool}}
		r := start(t, s, clock, connections)
		for _, b := range bookings {
			p.settled(t, r, b, clinic.LetterSent, 1, "")
		}
		r.stop()
		connections.Close()
		ids := map[string]bool{}
		for _, m := range server.Messages() {
			ids[idOf(t, m)] = true
		}
		if len(ids) != len(bookings) || len(server.Messages()) != len(bookings) || server.AtOnce() > senders || server.Greeted() > senders {
			t.Errorf("%d letters, %d messages, %d connections, %d at once", len(ids), len(server.Messages()), server.Greeted(), server.AtOnce())
		}
	})
}
