package worker

import (
	"bytes"
	"context"
	"log/slog"
	"net/mail"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	letters "madoguchi/internal/mail"
	"madoguchi/internal/mail/mailtest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// The patient of every test. None of these words may reach a log.
var secrets = []string{"試験", "花子", "シケン", "hanako", "0900000", "1990-05"}

// desk books in a clinic with one doctor, one slot after the other.
type desk struct {
	store *store.Store
	slots []clinic.OpenSlot
}

func newDesk(t *testing.T, s *store.Store, now time.Time) *desk {
	t.Helper()
	ctx := t.Context()
	branch, err := s.SaveBranch(ctx, storetest.Owner, clinic.Branch{
		Name: "見本クリニック 中央院", Address: "東京都架空区見本1-2-3", Access: "見本駅より徒歩3分", Phone: "03-0000-0000", Zone: clinic.DefaultZone,
	})
	if err != nil {
		t.Fatal(err)
	}
	doctor, err := s.SaveDoctor(ctx, storetest.Owner, clinic.Doctor{
		FamilyName: "見本", GivenName: "守", FamilyKana: "ミホン", GivenKana: "マモル", Sex: clinic.Male,
	}, []string{branch.ID})
	if err != nil {
		t.Fatal(err)
	}
	first := now.AddDate(0, 0, 7)
	var slots []clinic.Slot
	for i := range 60 {
		start := first.Add(time.Duration(i) * 10 * time.Minute)
		slots = append(slots, clinic.Slot{BranchID: branch.ID, DoctorID: doctor.ID, StartsAt: start, EndsAt: start.Add(10 * time.Minute)})
	}
	if err := s.AddSlots(ctx, storetest.Owner, slots); err != nil {
		t.Fatal(err)
	}
	open, err := s.Slots(ctx, store.SlotQuery{BranchID: branch.ID, From: first, Until: first.AddDate(0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	return &desk{s, open}
}

// book takes the next slot and returns the booking's id.
func (d *desk) book(t *testing.T) string {
	t.Helper()
	slot := d.slots[0]
	d.slots = d.slots[1:]
	receipt, err := d.store.Book(t.Context(), clinic.API(""), clinic.Request{
		SlotID: slot.ID, Lang: "ja", Patient: clinic.Patient{
			FamilyName: "試験", GivenName: "花子", FamilyKana: "シケン", GivenKana: "ハナコ", Birth: clinic.Date{Year: 1990, Month: 5, Day: 1},
			Sex: clinic.Female, Phone: "09000000000", Email: "hanako@example.jp",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return receipt.BookingID
}

// letter is the one letter of a booking, as staff see it.
func (d *desk) letter(t *testing.T, bookingID string) clinic.Letter {
	t.Helper()
	all, err := d.store.Letters(t.Context(), storetest.Owner, bookingID)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d letters (%v)", len(all), err)
	}
	return all[0]
}

func (d *desk) expect(t *testing.T, bookingID string, status clinic.LetterStatus, attempts int, failure string) clinic.Letter {
	t.Helper()
	l := d.letter(t, bookingID)
	if l.Status != status || l.Attempts != attempts || l.Failure != failure {
		t.Errorf("the letter is %s after %d attempts, failure %q; want %s, %d, %q", l.Status, l.Attempts, l.Failure, status, attempts, failure)
	}
	return l
}

// running is a worker with its ticks in the test's hand.
type running struct {
	*Worker
	ticks  chan time.Time
	cancel context.CancelFunc
	stop   func() // cancels and returns when Run has
}

// start runs a worker that sends by sender until stop or the test's end.
func start(t *testing.T, s *store.Store, clock *storetest.Clock, sender letters.Sender, change ...func(*Worker)) *running {
	t.Helper()
	log := &journal{}
	r := &running{ticks: make(chan time.Time)}
	r.Worker = &Worker{
		Store: s, Sender: sender, Now: clock.Now, Ticks: r.ticks, Grace: time.Hour, Log: slog.New(slog.NewJSONHandler(log, nil)),
		Options: letters.Options{
			BaseURL: &url.URL{Scheme: "https", Host: "yoyaku.example.jp"}, From: mail.Address{Address: "yoyaku@clinic.example.jp"},
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
			if strings.Contains(log.String(), secret) {
				t.Errorf("the log says %q:\n%s", secret, log)
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

// settled waits until a letter has this status after so many attempts, and checks why.
func (d *desk) settled(t *testing.T, r *running, bookingID string, status clinic.LetterStatus, attempts int, failure string) clinic.Letter {
	t.Helper()
	for range 10_000 {
		if l := d.letter(t, bookingID); l.Status == status && l.Attempts == attempts {
			break
		}
		r.tick(t)
	}
	return d.expect(t, bookingID, status, attempts, failure)
}

// journal is a log that can be read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(line)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
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

// waiting is a log that tells when a word was said.
type waiting struct {
	journal
	word string
	once sync.Once
	seen chan struct{}
}

func (w *waiting) logger() *slog.Logger { return slog.New(slog.NewJSONHandler(w, nil)) }

func (w *waiting) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte(w.word)) {
		w.once.Do(func() { close(w.seen) })
	}
	return w.journal.Write(line)
}
