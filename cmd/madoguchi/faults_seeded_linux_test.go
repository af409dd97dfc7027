package main_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"madoguchi/internal/mail/mailtest"
	"madoguchi/internal/store/storetest"
)

var (
	faultRuns = flag.Int64("fault-runs", 8, "how many runs of TestFaults_Seeded there are on each engine")
	faultSeed = flag.Int64("fault-seed", 0, "the seed of the first; 0 for another one each time")
)

// TestFaults_Seeded: three people book, move, answer and cancel, and a doctor signs, at one server on SQLite and at two on PostgreSQL, while servers
// are killed, stand still, find the disk full or lose PostgreSQL, and a mail server fails. Who gets no answer tries again, as people do. In the end the
// journal of the people, that of the mail server and the database agree. The same seed does the same people and the same faults.
func TestFaults_Seeded(t *testing.T) {
	first := *faultSeed
	if first == 0 {
		first = time.Now().Unix()
	}
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			var next atomic.Int64
			all := newTally("sound runs", "other runs", "faults", "starts that found no database", "requests without an answer", "booked", "moved", "cancelled", "answered", "signed",
				"letters", "copies of them", "replies lost by the mail server", "refusals by it")
			t.Cleanup(func() {
				tell(t, "%s, seeds from %d: %s", engine, first, all)
				t.Logf("one alone: .ci/with-postgres go test ./cmd/madoguchi -run TestFaults_Seeded/%s -fault-runs 1 -fault-seed N", engine)
			})
			for n := range min(*faultRuns, clinicsAtOnce()) {
				t.Run(fmt.Sprintf("clinic %d", n+1), func(t *testing.T) {
					t.Parallel()
					w := newFaultWorld(t, engine)
					for i := next.Add(1) - 1; i < *faultRuns; i = next.Add(1) - 1 {
						if !t.Run(fmt.Sprintf("seed %d", first+i), func(t *testing.T) { w.run(t, first+i, all) }) {
							all.add("other runs", 1)
							return
						}
						if interrupted().Err() != nil {
							t.Error("interrupted")
							return
						}
						if n := all.add("sound runs", 1); n%10 == 0 {
							progress("%s: %d of %d runs", engine, n, *faultRuns)
						}
					}
				})
			}
		})
	}
}

// clinicsAtOnce is how many of them wait for one another's disks and letters, which takes the processors less time than a new clinic does.
func clinicsAtOnce() int64 {
	if *everyPoint {
		return 4
	}
	return 1
}

// faultWorld is a clinic in which one run after another takes place.
type faultWorld struct {
	*flowWorld

	restore func()
	before  []string // letters, which were sent before a run
	points  []points // of each server

	mu   sync.Mutex
	mood *rand.Rand // of the mail server; none while it is well
	lost int        // how many replies it has lost in this run after it had taken a letter
	all  *tally
}

func newFaultWorld(t *testing.T, engine string) *faultWorld {
	t.Helper()
	w := &faultWorld{}
	w.flowWorld = newFlowWorld(t, engine, "signing", mailtest.Script{
		Mail: func(int) error { return w.unwell(10, nil, mailtest.ErrHangup) },
		Rcpt: func(int) error {
			return w.unwell(10, func() { w.all.add("refusals by it", 1) }, &smtp.SMTPError{Code: 451, Message: "not now"})
		},
		Data: func(int) error {
			return w.unwell(5, func() { w.all.add("replies lost by the mail server", 1); w.lost++ }, mailtest.ErrHangup)
		},
	})
	w.settings["MADOGUCHI_LIMITS"] = "off"
	w.before = lettersOf(t, w.settings)
	w.restore = storetest.Snapshot(t, w.settings["MADOGUCHI_DATABASE"])
	for range map[string]int{"sqlite": 1, "postgres": 2}[engine] {
		w.points = append(w.points, newPoints(t, w.settings))
	}
	return w
}

// unwell is what the mail server does instead of what it should, once in a while.
func (w *faultWorld) unwell(once int, tell func(), failure error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.mood == nil || w.mood.IntN(once) > 0 {
		return nil
	}
	if tell != nil {
		tell()
	}
	return failure
}

// run is one run. Its parts are made from the seed before it begins, so that they do not depend on who is faster.
func (w *faultWorld) run(t *testing.T, seed int64, all *tally) {
	t.Helper()
	of := func(part uint64) *rand.Rand { return rand.New(rand.NewPCG(uint64(seed), part)) } //nolint:gosec // to be the same again
	w.restore()
	w.mu.Lock()
	w.mood, w.lost, w.all = of(0), 0, all
	w.mu.Unlock()
	var planned [][]plannedFault
	for i := range w.points {
		planned = append(planned, planFaults(of(10+uint64(i)), len(w.points) > 1))
	}
	r := newFaultRun(t, w, planned)
	sent := len(w.mails.Messages())
	for _, s := range r.servers {
		s.start()
	}
	r.live(of)
	w.mu.Lock()
	w.mood = nil
	w.mu.Unlock()
	r.end()
	r.report()
	if t.Failed() || interrupted().Err() != nil {
		return
	}
	makeDue(t, w.settings)
	p := serve(t, w.settings)
	w.waitSent(t, p)
	p.stop(t)
	r.judge(w.mails.Messages()[sent:])
}
