package store_test

import (
	"cmp"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// queued is a letter of TestRates, and when it was taken to be sent.
type queued struct {
	id, domain string
	due, taken time.Time
}

// TestRates: whatever two instances take at once and whenever, no more letters are sent within any minute than the rates say, in all and to one
// domain; whoever need not wait does not; those to one domain go in their order; in the end all have gone, each at its first attempt.
func TestRates(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at, keys, clock := address(t), filepath.Join(t.TempDir(), "keys"), storetest.NewClock()
			stores := []*store.Store{storetest.Open(t, at, keys, clock.Now), storetest.Open(t, at, keys, clock.Now)}
			stores[0].LiftLimits()
			all := queueLetters(t, stores[0], 18)
			domains := storetest.Read(t, at)["letters"]
			if slices.ContainsFunc(domains, func(row string) bool { return strings.Contains(row, "first.example.jp") }) {
				t.Error("a domain stands in the database as it is")
			}
			db := openSQL(t, at)
			defer func() { check(t, db.Close()) }()
			rapid.Check(t, func(t *rapid.T) { checkRates(t, db, stores, clock, all) })
		})
	}
}

// queueLetters books for people who have their mail at three domains.
func queueLetters(t *testing.T, s *store.Store, n int) map[string]*queued {
	t.Helper()
	c := storetest.NewClinic(t, s)
	slots := storetest.AddSlots(t, s, c.Branch, c.Doctors[0], storetest.Begin.AddDate(0, 0, 20), n)
	all := map[string]*queued{}
	for i := range n {
		r := storetest.Request(slots[i].ID, i)
		domain := []string{"first.example.jp", "second.example.jp", "third.example.jp"}[min(i%4, 2)]
		r.Patient.Email = fmt.Sprintf("patient%d@%s", i, domain)
		l := storetest.LetterOf(t, s, storetest.Book(t, s, r).BookingID, clinic.Confirmation)
		all[l.ID] = &queued{id: l.ID, domain: domain}
	}
	return all
}

func checkRates(t *rapid.T, db *sql.DB, stores []*store.Store, clock *storetest.Clock, all map[string]*queued) {
	rates := clinic.Rates{All: rapid.IntRange(0, 5).Draw(t, "in all"), Domain: rapid.IntRange(1, 4).Draw(t, "to a domain")}
	begin := clock.Now()
	for _, q := range all {
		q.taken, q.due = time.Time{}, begin.Add(time.Duration(rapid.IntRange(-100, 60).Draw(t, "due"))*time.Second)
		if _, err := db.ExecContext(t.Context(), "UPDATE letters SET status = 'waiting', attempts = 0, sent_at = NULL, due_at = $1 WHERE id = $2", q.due.UTC(), q.id); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range stores {
		s.SetRates(rates)
	}
	for left := len(all); left > 0; {
		took := takeAtOnce(t, stores[:rapid.IntRange(1, 2).Draw(t, "instances")])
		for _, l := range took {
			q := all[l.ID]
			if !q.taken.IsZero() || l.Attempts != 1 || l.Content.To == "" {
				t.Fatalf("%s was taken at %v already, attempt %d", l.ID, q.taken, l.Attempts)
			}
			q.taken = clock.Now()
			left--
		}
		checkTaken(t, rates, clock.Now(), all, len(took) > 0)
		if len(took) == 0 || rapid.IntRange(0, 3).Draw(t, "wait") == 0 {
			clock.Advance(time.Duration(rapid.IntRange(1, 40_000).Draw(t, "milliseconds")) * time.Millisecond)
		}
		if clock.Now().Sub(begin) > time.Hour {
			t.Fatalf("%d letters have not gone within the hour", left)
		}
	}
	clock.Advance(2 * clinic.RatesWithin)
}

// takeAtOnce takes a letter with each of some instances and says that it was sent.
func takeAtOnce(t *rapid.T, stores []*store.Store) (took []clinic.Letter) {
	var together sync.WaitGroup
	var mu sync.Mutex
	for _, s := range stores {
		together.Go(func() {
			l, ok, err := s.ClaimLetter(t.Context())
			if err == nil && ok {
				err = s.LetterSent(t.Context(), l)
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Errorf("%v", err)
			}
			if ok {
				took = append(took, l)
			}
		})
	}
	together.Wait()
	return took
}

// checkTaken looks at all that was taken so far; moved says that something was just now.
func checkTaken(t *rapid.T, rates clinic.Rates, now time.Time, all map[string]*queued, moved bool) {
	var taken []*queued
	lately := map[string]int{}
	for _, q := range all {
		if !q.taken.IsZero() {
			taken = append(taken, q)
			if q.taken.After(now.Add(-clinic.RatesWithin)) {
				lately[q.domain]++
			}
		}
	}
	slices.SortFunc(taken, func(a, b *queued) int { return a.taken.Compare(b.taken) })
	for i, first := range taken {
		inAll, toDomain := 0, 0
		for _, q := range taken[i:] {
			if q.taken.Sub(first.taken) >= time.Minute {
				break
			}
			inAll++
			if q.domain == first.domain {
				toDomain++
				if !q.due.After(first.taken) && q.taken.After(first.taken) && cmp.Or(q.due.Compare(first.due), cmp.Compare(q.id, first.id)) < 0 {
					t.Fatalf("%s went before %s", first.id, q.id)
				}
			}
		}
		if rates.All > 0 && inAll > rates.All || toDomain > rates.Domain {
			t.Fatalf("%d within a minute, %d to one domain; the rates are %+v", inAll, toDomain, rates)
		}
	}
	if moved {
		return
	}
	everybody, domains := rates.Full(lately)
	for _, q := range all {
		if q.taken.IsZero() && !q.due.After(now) && !everybody && !slices.Contains(domains, q.domain) {
			t.Fatalf("%s waits and need not: %v", q.id, lately)
		}
	}
}
