package worker

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/mail/mailtest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// byTest is a channel as another one would be written: its name, and a function that hands a letter over.
const byTest clinic.LetterChannel = "test"

// testPhones are the telephones to which byTest delivers. A gateway answers a code of its own; it is told in the words that staff have
// sentences for.
type testPhones struct {
	mu      sync.Mutex
	answers []string // to the letters to come; then all are taken
	taken   []clinic.Letter
}

func (p *testPhones) send(_ context.Context, l clinic.Letter) (failure string, permanent bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.answers) == 0 {
		p.taken = append(p.taken, l)
		return "", false, nil
	}
	answer := p.answers[0]
	p.answers = p.answers[1:]
	switch answer {
	case "busy":
		return "smtp 451", false, errors.New("the gateway is busy")
	case "unknown":
		return "smtp 550 5.1.1", true, errors.New("the gateway knows no such number")
	}
	panic(l.Content.To)
}

// TestChannel_AnotherOne: a letter of another channel goes through it and never by mail; its failures are tried again, given up and seen by
// staff as those of mail are, and a letter of a channel that this program does not have waits until one does.
func TestChannel_AnotherOne(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, address string) {
		t.Helper()
		storetest.Exec(t, address, "INSERT INTO letter_channels VALUES ('test')") // what the channel's migration does
		server, p, phones := mailtest.Start(t, mailtest.Script{}), newPatients(t, s), &testPhones{answers: []string{"busy", "panic", "unknown"}}
		booking := p.book(t)
		storetest.Exec(t, address, "UPDATE letters SET channel = 'test'") // what the letter's constructor decides
		without := start(t, s, clock, relay(server))
		p.settled(t, without, booking, clinic.LetterWaiting, 1, "inside")
		without.stop()

		r := start(t, s, clock, relay(server), func(w *Worker) { w.Channels = map[clinic.LetterChannel]Channel{byTest: phones.send} })
		clock.Advance(time.Minute)
		p.settled(t, r, booking, clinic.LetterWaiting, 2, "smtp 451")
		clock.Advance(5 * time.Minute)
		p.settled(t, r, booking, clinic.LetterWaiting, 3, "inside")
		clock.Advance(15 * time.Minute)
		l := p.settled(t, r, booking, clinic.LetterFailed, 4, "smtp 550 5.1.1")
		if failed, err := s.LettersInTrouble(t.Context(), storetest.Owner); err != nil || !slices.ContainsFunc(failed, func(f clinic.Letter) bool { return f.ID == l.ID }) {
			t.Errorf("staff do not see it: %v (%v)", failed, err)
		}
		if err := s.Resend(t.Context(), storetest.Owner, booking, l.ID); err != nil {
			t.Fatal(err)
		}
		p.settled(t, r, booking, clinic.LetterSent, 1, "")
		byMail := p.book(t)
		p.settled(t, r, byMail, clinic.LetterSent, 1, "")
		r.stop()
		if len(phones.taken) != 1 || phones.taken[0].ID != l.ID || phones.taken[0].Content.Reference == "" || len(server.Messages()) != 1 {
			t.Errorf("the channel took %d letters and the mail server %d", len(phones.taken), len(server.Messages()))
		}
	})
}
