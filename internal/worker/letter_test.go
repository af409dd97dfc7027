package worker

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	gomail "github.com/wneessen/go-mail"

	"madoguchi/internal/clinic"
	letters "madoguchi/internal/mail"
	"madoguchi/internal/mail/mailtest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

func TestWorker_ABookingSendsItsLetterAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		server := mailtest.Start(t, mailtest.Script{})
		p := newPatients(t, s)
		r := start(t, s, clock, relay(server)) // and no tick
		booking := p.book(t)
		message := wait(t, server, 1)[0]
		r.stop()
		l := p.expect(t, booking, clinic.LetterSent, 1, "")
		if l.SentAt == nil || !l.SentAt.Equal(clock.Now()) || l.LeaseUntil != nil {
			t.Errorf("sent at %v, lease until %v", l.SentAt, l.LeaseUntil)
		}
		if got, want := idOf(t, message), "<"+l.ID+"@clinic.example.jp>"; got != want || message.To != "patient1@example.jp" {
			t.Errorf("message %s to %s, want %s", got, message.To, want)
		}
	})
}

func refuse(code int, enhanced smtp.EnhancedCode) *smtp.SMTPError {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: "<patient1@example.jp> refused"}
}

func TestWorker_ARefusalForGoodStopsAndIsSeenUntilSentAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		server := mailtest.Start(t, mailtest.Script{Rcpt: func(n int) error {
			if n == 1 {
				return refuse(550, smtp.EnhancedCode{5, 1, 1})
			}
			return nil
		}})
		p := newPatients(t, s)
		r := start(t, s, clock, relay(server))
		booking := p.book(t)
		l := p.settled(t, r, booking, clinic.LetterFailed, 1, "smtp 550 5.1.1")
		clock.Advance(4 * 24 * time.Hour) // the counseling, and the letters that remind of it, are later
		r.tick(t)
		p.expect(t, booking, clinic.LetterFailed, 1, "smtp 550 5.1.1")
		if failed, err := s.LettersInTrouble(t.Context(), storetest.Owner); err != nil || len(failed) != 1 || failed[0].ID != l.ID {
			t.Errorf("failed letters %v (%v)", failed, err)
		}
		if err := s.Resend(t.Context(), storetest.Owner, booking, l.ID); err != nil {
			t.Fatal(err)
		}
		message := wait(t, server, 1)[0]
		r.stop()
		p.expect(t, booking, clinic.LetterSent, 1, "")
		if idOf(t, message) != "<"+l.ID+"-1@clinic.example.jp>" {
			t.Errorf("sent again as %s", idOf(t, message))
		}
	})
}

func TestWorker_ARefusalForNowIsTriedAgainLater(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		server := mailtest.Start(t, mailtest.Script{Rcpt: func(n int) error {
			if n <= 2 {
				return refuse(451, smtp.EnhancedCode{4, 7, 1})
			}
			return nil
		}})
		p := newPatients(t, s)
		r := start(t, s, clock, relay(server))
		booking := p.book(t)
		for attempt, pause := range []time.Duration{time.Minute, 5 * time.Minute} {
			l := p.settled(t, r, booking, clinic.LetterWaiting, attempt+1, "smtp 451 4.7.1")
			if due := clock.Now().Add(pause); !l.DueAt.Equal(due) {
				t.Errorf("attempt %d is due at %v, want %v", attempt+2, l.DueAt, due)
			}
			clock.Advance(pause - time.Second)
			r.tick(t)
			p.expect(t, booking, clinic.LetterWaiting, attempt+1, "smtp 451 4.7.1")
			clock.Advance(time.Second)
		}
		p.settled(t, r, booking, clinic.LetterSent, 3, "")
	})
}

// clumsy panics with the patient's name once, then sends.
type clumsy struct {
	letters.Sender
	done chan struct{}
}

func (c *clumsy) Send(ctx context.Context, m *gomail.Msg) error {
	select {
	case <-c.done:
		return c.Sender.Send(ctx, m)
	default:
		close(c.done)
		panic(fmt.Sprintf("%s for 試験 花子", m.GetToString()))
	}
}

func TestWorker_SurvivesAPanic(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		server := mailtest.Start(t, mailtest.Script{})
		p := newPatients(t, s)
		r := start(t, s, clock, &clumsy{relay(server), make(chan struct{})})
		first := p.book(t)
		p.settled(t, r, first, clinic.LetterWaiting, 1, "inside")
		second := p.book(t)
		p.settled(t, r, second, clinic.LetterSent, 1, "")
		clock.Advance(time.Minute)
		p.settled(t, r, first, clinic.LetterSent, 2, "")
	})
}

func TestWorker_WhatCannotBeWrittenIsGivenUpAndAWrongSenderIsNot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		server := mailtest.Start(t, mailtest.Script{})
		p := newPatients(t, s)
		r := start(t, s, clock, relay(server), func(w *Worker) { w.Options.BaseURL = nil })
		booking := p.book(t)
		p.settled(t, r, booking, clinic.LetterFailed, 1, "render")
		r.stop()
		r = start(t, s, clock, relay(server), func(w *Worker) { w.Options.From = "nobody" })
		booking = p.book(t)
		p.settled(t, r, booking, clinic.LetterWaiting, 1, "sender")
		if n := len(server.Messages()); n != 0 {
			t.Errorf("%d messages", n)
		}
	})
}

// While the outcome cannot be recorded, the letter is not forgotten and not sent twice.
func TestWorker_RecordsTheOutcomeWhenTheDatabaseIsBack(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at, clock := address(t), storetest.NewClock()
			s := storetest.Open(t, at, filepath.Join(t.TempDir(), "keys"), clock.Now)
			taken, goOn := make(chan struct{}), make(chan struct{})
			server := mailtest.Start(t, mailtest.Script{Data: func(int) error {
				close(taken)
				<-goOn
				return nil
			}})
			p := newPatients(t, s)
			r := start(t, s, clock, relay(server))
			booking := p.book(t)
			<-taken
			storetest.Exec(t, at, "ALTER TABLE letters RENAME TO letters_away")
			close(goOn)
			if _, err := r.log.Wait(t.Context(), regexp.MustCompile("not recorded"), nil); err != nil {
				t.Fatal(err)
			}
			storetest.Exec(t, at, "ALTER TABLE letters_away RENAME TO letters")
			p.settled(t, r, booking, clinic.LetterSent, 1, "")
			r.stop()
			if n := len(server.Messages()); n != 1 {
				t.Errorf("%d messages", n)
			}
		})
	}
}

func TestWorker_ALetterThatCannotBeOpenedHoldsUpNobody(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at, clock := address(t), storetest.NewClock()
			s := storetest.Open(t, at, filepath.Join(t.TempDir(), "keys"), clock.Now)
			server := mailtest.Start(t, mailtest.Script{})
			p := newPatients(t, s)
			damaged := p.book(t)
			storetest.Exec(t, at, "UPDATE letters SET sealed = 'damaged'")
			whole := p.book(t)
			r := start(t, s, clock, relay(server))
			p.settled(t, r, whole, clinic.LetterSent, 1, "")
			p.expect(t, damaged, clinic.LetterWaiting, 1, "inside")
		})
	}
}
