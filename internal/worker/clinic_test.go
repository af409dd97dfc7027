package worker

import (
	"bytes"
	"context"
	"log/slog"
	"net/mail"
	"net/url"
	"strings"
	"testing"
	"time"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	letters "madoguchi/internal/mail"
	"madoguchi/internal/mail/mailtest"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// Of the patients of these tests: none of these words may reach a log.
var secrets = []string{"試験", "花子", "シケン", "patient1@", "0900000", "1990-04"}

// patients book in a clinic, one slot after the other.
type patients struct {
	store *store.Store
	slots []clinic.SlotWithState
}

func newPatients(t *testing.T, s *store.Store) *patients {
	t.Helper()
	s.LiftLimits() // it is one patient all the time
	c := storetest.NewClinic(t, s)
	return &patients{s, storetest.AddSlots(t, s, c.Branch, c.Doctors[0], storetest.Begin.AddDate(0, 0, 7), 60)}
}

// book takes the next slot and returns the booking's id.
func (p *patients) book(t *testing.T) string {
	t.Helper()
	slot := p.slots[0]
	p.slots = p.slots[1:]
	return storetest.Book(t, p.store, storetest.Request(slot.ID, 1)).BookingID
}

// letter is the one letter of a booking, as staff see it.
func (p *patients) letter(t *testing.T, bookingID string) clinic.Letter {
	t.Helper()
	all, err := p.store.Letters(t.Context(), storetest.Owner, bookingID)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d letters (%v)", len(all), err)
	}
	return all[0]
}

func (p *patients) expect(t *testing.T, bookingID string, status clinic.LetterStatus, attempts int, failure string) clinic.Letter {
	t.Helper()
	l := p.letter(t, bookingID)
	if l.Status != status || l.Attempts != attempts || l.Failure != failure {
		t.Errorf("the letter is %s after %d attempts, failure %q; want %s, %d, %q", l.Status, l.Attempts, l.Failure, status, attempts, failure)
	}
	return l
}

// running is a worker with its ticks in the test's hand.
type running struct {
	*Worker
	log    *servertest.Journal
	ticks  chan time.Time
	cancel context.CancelFunc
	stop   func() // cancels and returns when Run has
}

// start runs a worker that sends by sender until stop or the test's end.
func start(t *testing.T, s *store.Store, clock *storetest.Clock, sender letters.Sender, change ...func(*Worker)) *running {
	t.Helper()
	r := &running{log: servertest.NewJournal(), ticks: make(chan time.Time)}
	r.Worker = &Worker{
		Store: s, Sender: sender, Now: clock.Now, Ticks: r.ticks, Grace: time.Hour, Holiday: config.IsHoliday, Log: slog.New(slog.NewJSONHandler(r.log, nil)),
		Options: letters.Options{
			BaseURL: &url.URL{Scheme: "https", Host: "yoyaku.example.jp"}, From: "yoyaku@clinic.example.jp",
		},
	}
	for _, c := range change {
		c(r.Worker)
	}
	var ctx context.Context
	ctx, r.cancel = context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); r.Run(ctx) }()
	r.stop = func() { r.cancel(); <-done }
	t.Cleanup(func() {
		r.stop()
		for _, secret := range secrets {
			if strings.Contains(r.log.String(), secret) {
				t.Errorf("the log says %q:\n%s", secret, r.log)
			}
		}
	})
	return r
}

// tick makes the worker look, and returns when it has looked at least once since.
func (r *running) tick(t *testing.T) {
	t.Helper()
	for range 2 { // the second is taken only when the look after the first has ended
		select {
		case r.ticks <- r.Now():
		case <-t.Context().Done():
			t.Fatal("the worker takes no ticks")
		}
	}
}

func relay(s *mailtest.Server) letters.SMTP {
	return letters.SMTP{Host: s.Host, Port: s.Port, TLS: letters.StartTLS, RootCAs: s.CA.Pool}
}

// tried waits until a letter has been tried once, and returns it.
func (p *patients) tried(t *testing.T, r *running, bookingID string) clinic.Letter {
	t.Helper()
	patience, pause := time.After(time.Minute), time.NewTicker(time.Millisecond)
	defer pause.Stop()
	for {
		l := p.letter(t, bookingID)
		if l.Attempts > 0 && l.Status != clinic.LetterSending {
			return l
		}
		r.tick(t)
		select {
		case <-pause.C:
		case <-patience:
			return l
		}
	}
}

// settled waits until a letter has this status after so many attempts, and checks why. The worker records that after the
// mail server has answered, and tells nobody, so the letter is asked again and again.
func (p *patients) settled(t *testing.T, r *running, bookingID string, status clinic.LetterStatus, attempts int, failure string) clinic.Letter {
	t.Helper()
	patience, pause := time.After(time.Minute), time.NewTicker(time.Millisecond)
	defer pause.Stop()
	for {
		if l := p.letter(t, bookingID); l.Status == status && l.Attempts == attempts {
			return p.expect(t, bookingID, status, attempts, failure)
		}
		r.tick(t)
		select {
		case <-pause.C:
		case <-patience:
			return p.expect(t, bookingID, status, attempts, failure)
		}
	}
}

func wait(t *testing.T, s *mailtest.Server, n int) []mailtest.Message {
	t.Helper()
	messages, err := s.WaitMessages(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

// idOf is the Message-ID of a message.
func idOf(t *testing.T, m mailtest.Message) string {
	t.Helper()
	parsed, err := mail.ReadMessage(bytes.NewReader(m.Data))
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Header.Get("Message-Id")
}
