package store_test

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// getInLine puts the n-th patient in line for anything, and returns what opens their place.
func getInLine(t *testing.T, s *store.Store, c storetest.Clinic, now time.Time, n int, change ...func(*clinic.WaitingRequest)) (token string) {
	t.Helper()
	wish, parts, errs := clinic.ReadWaiting(clinic.WaitingInput{}, c.Doctors[:], c.Branch, clinic.Date{}, now)
	check(t, errs.Err())
	p := storetest.Request("", n).Patient
	p.Birth, p.Sex = clinic.Date{}, clinic.NoSex
	r := clinic.WaitingRequest{BranchID: c.Branch.ID, Wish: wish, Parts: parts, Patient: p, Lang: "ja", Token: clinic.NewToken()}
	for _, f := range change {
		f(&r)
	}
	check(t, s.GetInLine(t.Context(), clinic.Visitor("a cookie", ""), r))
	return r.Token
}

// TestOffer_UnderRace: fifty wait, twenty slots come free bit by bit, two instances offer, send and book at once, and whoever gets a letter
// answers in time, late or never, for some days and nights. No slot is offered to two at once or to anybody at night, and the line is kept.
func TestOffer_UnderRace(t *testing.T) {
	for engine, address := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			at, keys, clock := address(t), filepath.Join(t.TempDir(), "keys"), storetest.NewClock()
			race := &waitingRace{T: t, at: at, clock: clock, draw: rand.New(rand.NewPCG(1, 2))} //nolint:gosec // a test that can be repeated
			race.stores = [2]*store.Store{storetest.Open(t, at, keys, clock.Now), storetest.Open(t, at, keys, clock.Now)}
			race.run()
		})
	}
}

type waitingRace struct {
	*testing.T
	at     string
	clock  *storetest.Clock
	stores [2]*store.Store
	clinic storetest.Clinic
	draw   *rand.Rand // used by one at a time

	mu      sync.Mutex
	plans   []answer // to the letters that have come, whose time is still to come
	late    int      // answers that were refused because they came late
	taken   int
	letters int
}

// answer is what somebody does about an offer, and when.
type answer struct {
	token  string
	number int
	at     time.Time
	do     string
}

func (r *waitingRace) run() {
	r.clinic = storetest.NewClinic(r.T, r.stores[0])
	slots := storetest.AddSlots(r.T, r.stores[0], r.clinic.Branch, r.clinic.Doctors[0], r.clock.Now().AddDate(0, 0, 10), 20)
	var booked []string
	for i, slot := range slots {
		booked = append(booked, storetest.Book(r.T, r.stores[i%2], storetest.Request(slot.ID, 100+i)).BookingID)
	}
	for _, slot := range r.clinic.Slots { // nobody else's business
		check(r.T, r.stores[0].CloseSlot(r.Context(), storetest.Owner, slot.ID))
	}
	for n := range 50 {
		r.clock.Advance(time.Millisecond)
		getInLine(r.T, r.stores[n%2], r.clinic, r.clock.Now(), n)
	}
	for step := 0; step < 700 && (len(booked) > 0 || len(r.plans) > 0 || step%100 != 0); step++ {
		if step%7 == 0 && len(booked) > 0 {
			check(r.T, r.stores[step%2].Cancel(r.Context(), storetest.Owner, booked[0]))
			booked = booked[1:]
		}
		r.answer()
		r.clock.Advance(time.Second)
		r.both(func(s *store.Store) { check(r.T, s.Offer(r.Context())) })
		r.clock.Advance(time.Second)
		r.both(r.send)
		r.clock.Advance(8 * time.Minute)
	}
	r.wantOrder()
	if r.taken < 12 || r.late == 0 {
		r.Errorf("%d slots were taken, and %d came late: too few to prove anything", r.taken, r.late)
	}
}

// both does something in both instances at once, twice in each.
func (r *waitingRace) both(do func(s *store.Store)) {
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() { do(r.stores[n%2]) })
	}
	wg.Wait()
}

// send takes what is due and has it gone. Some letters do not go at once, and one in a while never.
func (r *waitingRace) send(s *store.Store) {
	for {
		l, ok, err := s.ClaimLetter(r.Context())
		check(r.T, err)
		if !ok {
			return
		}
		r.mu.Lock()
		fate := r.draw.IntN(10)
		r.mu.Unlock()
		switch {
		case l.Kind == clinic.OfferLetter && fate == 0:
			check(r.T, s.LetterFailed(r.Context(), l, "smtp 451 4.7.1", false))
			continue
		case l.Kind == clinic.OfferLetter && fate == 1:
			check(r.T, s.LetterFailed(r.Context(), l, "smtp 550 5.1.1", true))
			continue
		}
		check(r.T, s.LetterSent(r.Context(), l))
		if l.Kind == clinic.OfferLetter {
			r.mu.Lock()
			r.letters++
			do := []string{"accept", "accept", "late", "decline", "nothing"}[r.draw.IntN(5)]
			wait := time.Duration(r.draw.IntN(45)) * time.Minute
			if do == "late" {
				wait += 61 * time.Minute
			}
			r.plans = append(r.plans, answer{l.Content.Token, r.letters, r.clock.Now().Add(wait), do})
			r.mu.Unlock()
		}
	}
}

// answer has everybody do what they planned, all at once, and some of it twice.
func (r *waitingRace) answer() {
	var due []answer
	r.plans = slices.DeleteFunc(r.plans, func(a answer) bool {
		if a.at.After(r.clock.Now()) {
			return false
		}
		due = append(due, a)
		return true
	})
	var wg sync.WaitGroup
	for i, a := range append(due, due...) {
		wg.Go(func() { r.act(r.stores[i%2], a) })
	}
	wg.Wait()
}

func (r *waitingRace) act(s *store.Store, a answer) {
	w, err := s.Place(r.Context(), a.token)
	check(r.T, err)
	switch a.do {
	case "decline":
		if err := s.DeclineOffer(r.Context(), a.token, w.Offer.ID); err != nil && clinic.CodeOf(err) != clinic.Conflict {
			r.Error(err)
		}
	case "accept", "late":
		if w.Status == clinic.WaitAccepted {
			return
		}
		request := storetest.Request(w.Offer.SlotID, 1000+a.number)
		request.WaitingToken, request.Key = a.token, "accept "+a.token
		receipt, err := s.Book(r.Context(), clinic.Visitor("c"+a.token, ""), request)
		r.mu.Lock()
		defer r.mu.Unlock()
		switch {
		case err == nil:
			r.taken++
			if receipt.Token == "" {
				r.Error("nothing opens the booking")
			}
		case clinic.CodeOf(err) == clinic.Conflict && a.do == "late":
			r.late++
		case clinic.CodeOf(err) != clinic.Conflict && clinic.CodeOf(err) != clinic.SlotTaken:
			r.Error(err)
		}
	}
}

// wantOrder reads what was offered, to whom and when.
func (r *waitingRace) wantOrder() {
	r.Helper()
	type made struct {
		waiting, slot string
		from, until   time.Time
		sent          *time.Time
		outcome       string
	}
	db := openSQL(r.T, r.at)
	defer func() { check(r.T, db.Close()) }()
	rows, err := db.QueryContext(r.Context(), `SELECT waiting_id, slot_id, offered_at, sent_at, COALESCE(ended_at, expires_at), COALESCE(outcome, '')
		FROM offers ORDER BY offered_at, id`)
	check(r.T, err)
	defer func() { check(r.T, rows.Close()) }()
	var all []made
	for rows.Next() {
		var m made
		var until string
		if r.at[:6] == "sqlite" { // COALESCE has no type there
			check(r.T, rows.Scan(&m.waiting, &m.slot, &m.from, &m.sent, &until, &m.outcome))
			m.until, err = time.Parse("2006-01-02 15:04:05.999999999-07:00", until)
			check(r.T, err)
		} else {
			check(r.T, rows.Scan(&m.waiting, &m.slot, &m.from, &m.sent, &m.until, &m.outcome))
		}
		all = append(all, m)
	}
	check(r.T, rows.Err())
	line := map[string]time.Time{}
	people, err := db.QueryContext(r.Context(), "SELECT id, created_at FROM waitings")
	check(r.T, err)
	defer func() { check(r.T, people.Close()) }()
	for people.Next() {
		var id string
		var at time.Time
		check(r.T, people.Scan(&id, &at))
		line[id] = at
	}
	check(r.T, people.Err())
	rule, zone := clinic.WaitingRule{}, r.clinic.Branch.Location()
	nights := map[string]bool{}
	for i, m := range all {
		nights[clinic.DateOf(m.from, zone).String()] = true
		if rule.Quiet(m.from, zone) || m.sent != nil && rule.Quiet(*m.sent, zone) {
			r.Errorf("offered at %s, sent at %v", m.from.In(zone), m.sent)
		}
		for _, o := range all[:i] {
			if o.slot == m.slot && o.until.After(m.from) {
				r.Errorf("slot %s was offered to %s until %s and to %s from %s", m.slot, o.waiting, o.until, m.waiting, m.from)
			}
			if o.slot == m.slot && o.outcome == "accepted" {
				r.Errorf("slot %s was offered after it was taken", m.slot)
			}
		}
		for id, came := range line {
			if !came.Before(line[m.waiting]) {
				continue
			}
			could, lately := true, 0
			for _, o := range all {
				if o.waiting != id || o.from.After(m.from) {
					continue
				}
				if !o.until.Before(m.from) || o.slot == m.slot || o.outcome == "accepted" || o.outcome == "failed" {
					could = false
				}
				if m.from.Sub(o.from) < 24*time.Hour {
					lately++
				}
			}
			if could && lately < clinic.OffersPerDay-1 { // and not as many letters as one address gets
				r.Errorf("slot %s was offered to %s, who came after %s", m.slot, m.waiting, id)
			}
		}
	}
	if len(all) < 25 || len(nights) < 2 {
		r.Errorf("only %d offers on %d days", len(all), len(nights))
	}
	r.Logf("%d offers, %d letters, %d taken, %d late", len(all), r.letters, r.taken, r.late)
}
