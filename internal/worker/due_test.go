package worker

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/mail/mailtest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
	"madoguchi/web/letter"
)

func TestWorker_RemindsWhenItIsTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		server := mailtest.Start(t, mailtest.Script{})
		p := newPatients(t, s)
		r := start(t, s, clock, relay(server))
		booking := p.book(t) // at nine, seven days after Begin, which is at nine
		wait(t, server, 1)
		p.tried(t, r, booking) // before days go by, after which nobody would wait for it any more
		for n, c := range []struct {
			after time.Duration
			says  string
		}{
			{5*24*time.Hour + 9*time.Hour, "12/1(火) 09:00 ご来院前のご準備のお願い"},
			{16 * time.Hour, "12/1(火) 09:00 ご予約のお知らせ（前日）"},
		} {
			clock.Advance(c.after - time.Minute)
			r.tick(t)
			clock.Advance(time.Minute)
			r.tick(t)
			got, err := letter.Read(bytes.NewReader(wait(t, server, n+2)[n+1].Data))
			if err != nil || !strings.HasSuffix(got.Subject, c.says) || !got.Date.Equal(clock.Now()) {
				t.Errorf("at %v goes %q of %v (%v), want %q", clock.Now(), got.Subject, got.Date, err, c.says)
			}
		}
		r.stop()
		if l := storetest.LetterOf(t, s, booking, clinic.Reminder); l.Status != clinic.LetterSent || l.SentAt == nil || !l.SentAt.Equal(l.DueAt) {
			t.Errorf("the reminder is %s, sent at %v", l.Status, l.SentAt)
		}
	})
}
