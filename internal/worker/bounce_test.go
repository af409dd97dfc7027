package worker

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	letters "madoguchi/internal/mail"
	"madoguchi/internal/mail/mailtest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// report is what a mail server says of a message that it gave up.
func report(messageID string) []byte {
	return fmt.Appendf(nil, "From: MAILER-DAEMON@example.jp\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"+
		"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; example.jp\n\nFinal-Recipient: rfc822; patient1@example.jp\nAction: failed\nStatus: 5.1.1\n\n"+
		"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: %s\n\n--b--\n", messageID)
}

// A letter that comes back after it was sent is in trouble; sent again it is not, whatever lies in the mailbox.
func TestWorker_MarksWhatComesBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		server := mailtest.Start(t, mailtest.Script{})
		mailbox := t.TempDir()
		for _, folder := range []string{"new", "cur"} {
			if err := os.Mkdir(filepath.Join(mailbox, folder), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		arrive := func(name, messageID string) {
			if err := os.WriteFile(filepath.Join(mailbox, "new", name), report(messageID), 0o600); err != nil {
				t.Fatal(err)
			}
			clock.Advance(bouncesEvery)
		}
		p := newPatients(t, s)
		r := start(t, s, clock, relay(server), func(w *Worker) { w.Bounces = &letters.Mailbox{Format: letters.Maildir, Path: mailbox} })
		booking := p.book(t)
		l := p.settled(t, r, booking, clinic.LetterSent, 1, "")
		arrive("other", "<somebody@example.jp>")
		r.tick(t)
		p.expect(t, booking, clinic.LetterSent, 1, "")
		arrive("first", idOf(t, wait(t, server, 1)[0]))
		r.tick(t)
		p.expect(t, booking, clinic.LetterBounced, 1, "bounce 5.1.1")

		if err := s.Resend(t.Context(), storetest.Owner, booking, l.ID); err != nil {
			t.Fatal(err)
		}
		p.settled(t, r, booking, clinic.LetterSent, 1, "")
		r.stop() // the next worker reads the mailbox from its beginning
		r = start(t, s, clock, relay(server), func(w *Worker) { w.Bounces = &letters.Mailbox{Format: letters.Maildir, Path: mailbox} })
		r.tick(t)
		p.expect(t, booking, clinic.LetterSent, 1, "")
		arrive("second", idOf(t, wait(t, server, 2)[1]))
		r.tick(t)
		p.expect(t, booking, clinic.LetterBounced, 1, "bounce 5.1.1")
	})
}

// A worker shows that it is at work, also while every sender is busy, and no longer once it has stopped.
func TestWorker_ShowsThatItIsAtWork(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		seen := func(want time.Time) {
			t.Helper()
			if got, err := s.WorkerSeen(t.Context()); err != nil || !got.Equal(want) {
				t.Errorf("seen %v (%v), want %v", got, err, want)
			}
		}
		reached, release := make(chan struct{}, senders), make(chan struct{})
		server := mailtest.Start(t, mailtest.Script{Rcpt: func(int) error { reached <- struct{}{}; <-release; return nil }})
		p := newPatients(t, s)
		for range senders {
			p.book(t)
		}
		r := start(t, s, clock, relay(server))
		for range senders {
			<-reached
		}
		clock.Advance(clinic.WorkerBeats)
		r.tick(t)
		last := clock.Now()
		seen(last)
		clock.Advance(clinic.WorkerBeats - time.Second)
		r.tick(t)
		seen(last) // not at every look: each is a write
		close(release)
		r.stop()
		clock.Advance(time.Hour)
		seen(last)
	})
}
