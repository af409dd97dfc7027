package worker

import (
	"path/filepath"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/mail/mailtest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

func TestWorker_EveryLetterOnceWithTwoWorkers(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at, keys, clock := address(t), filepath.Join(t.TempDir(), "keys"), storetest.NewClock()
			server := mailtest.Start(t, mailtest.Script{})
			one, two := storetest.Open(t, at, keys, clock.Now), storetest.Open(t, at, keys, clock.Now)
			p := newPatients(t, one)
			first, second := start(t, one, clock, relay(server)), start(t, two, clock, relay(server))
			const n = 40
			var bookings []string
			for range n {
				bookings = append(bookings, p.book(t))
				second.tick(t)
			}
			messages := wait(t, server, n)
			first.stop()
			second.stop()
			ids := map[string]bool{}
			for _, m := range messages {
				ids[idOf(t, m)] = true
			}
			if len(ids) != n || len(server.Messages()) != n {
				t.Errorf("%d messages with %d ids", len(server.Messages()), len(ids))
			}
			for _, b := range bookings {
				p.expect(t, b, clinic.LetterSent, 1, "")
			}
		})
	}
}

func TestWorker_TakesOverFromOneThatDied(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		server := mailtest.Start(t, mailtest.Script{})
		p := newPatients(t, s)
		booking := p.book(t)
		if _, ok, err := s.ClaimLetter(t.Context()); !ok || err != nil { // by a worker that is killed here
			t.Fatal(ok, err)
		}
		r := start(t, s, clock, relay(server))
		clock.Advance(clinic.LetterLease - time.Second)
		r.tick(t)
		p.expect(t, booking, clinic.LetterSending, 1, "")
		clock.Advance(time.Second)
		p.settled(t, r, booking, clinic.LetterSent, 2, "")
		if n := len(server.Messages()); n != 1 {
			t.Errorf("%d messages", n)
		}
	})
}

func TestWorker_AFrozenOneMakesAtMostOneCopyWithTheSameID(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		frozen, thaw := make(chan struct{}), make(chan struct{})
		server := mailtest.Start(t, mailtest.Script{Data: func(n int) error {
			if n == 1 {
				close(frozen)
				<-thaw
			}
			return nil
		}})
		p := newPatients(t, s)
		slow := start(t, s, clock, relay(server))
		booking := p.book(t)
		<-frozen
		clock.Advance(clinic.LetterLease)
		quick := start(t, s, clock, relay(server))
		p.settled(t, quick, booking, clinic.LetterSent, 2, "")
		close(thaw)
		messages := wait(t, server, 2)
		slow.stop()
		quick.tick(t)
		quick.stop()
		p.expect(t, booking, clinic.LetterSent, 2, "")
		if len(server.Messages()) != 2 || idOf(t, messages[0]) != idOf(t, messages[1]) {
			t.Errorf("%d messages, ids %s and %s", len(server.Messages()), idOf(t, messages[0]), idOf(t, messages[1]))
		}
	})
}

func TestWorker_StopFinishesWhatIsOnItsWayAndNothingMore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		reached, release := make(chan struct{}, senders+1), make(chan struct{})
		server := mailtest.Start(t, mailtest.Script{Data: func(int) error {
			reached <- struct{}{}
			<-release
			return nil
		}})
		p := newPatients(t, s)
		var bookings []string
		for range senders + 1 {
			clock.Advance(time.Second) // so that their order is certain
			bookings = append(bookings, p.book(t))
		}
		r := start(t, s, clock, relay(server))
		for range senders {
			<-reached
		}
		r.cancel()
		close(release)
		r.stop()
		for _, b := range bookings[:senders] {
			p.expect(t, b, clinic.LetterSent, 1, "")
		}
		p.expect(t, bookings[senders], clinic.LetterWaiting, 0, "")
		if n := len(server.Messages()); n != senders {
			t.Errorf("%d messages", n)
		}
	})
}

func TestWorker_StopInterruptsWhatTakesTooLong(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		reached, release := make(chan struct{}), make(chan struct{})
		defer close(release)
		server := mailtest.Start(t, mailtest.Script{Rcpt: func(int) error {
			close(reached)
			<-release
			return mailtest.ErrHangup
		}})
		p := newPatients(t, s)
		r := start(t, s, clock, relay(server), func(w *Worker) { w.Grace = time.Millisecond })
		booking := p.book(t)
		<-reached
		r.stop()
		l := p.expect(t, booking, clinic.LetterWaiting, 1, "stopped")
		if l.LeaseUntil != nil {
			t.Error("the lease was kept")
		}
	})
}

func TestWorker_AliveWhileEverySenderIsBusy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		reached, release := make(chan struct{}, senders), make(chan struct{})
		server := mailtest.Start(t, mailtest.Script{Rcpt: func(int) error { reached <- struct{}{}; <-release; return nil }})
		p := newPatients(t, s)
		if (&Worker{Now: clock.Now}).Alive() {
			t.Error("alive before it ran")
		}
		for range senders {
			p.book(t)
		}
		r := start(t, s, clock, relay(server))
		for range senders {
			<-reached
		}
		clock.Advance(silence)
		r.tick(t)
		if !r.Alive() {
			t.Error("not alive while the mail server is slow")
		}
		close(release)
		r.stop()
		clock.Advance(silence)
		if r.Alive() {
			t.Error("alive after its end")
		}
	})
}
