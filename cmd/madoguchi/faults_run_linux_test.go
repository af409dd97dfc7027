package main_test

import (
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/mail/mailtest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// faultRun is one run of TestFaults_Seeded.
type faultRun struct {
	t       *testing.T
	world   *faultWorld
	servers []*faultServer
	people  []*person
	doctor  *person
	struck  atomic.Int64
}

// plannedFault is one that is to come. A server that stands still does so for some ticks.
type plannedFault struct {
	what         strike
	at, times    int64
	beforeItRuns bool // it may strike while the server starts
	ticks        int
}

// hangUp is a strike of the tests themselves: PostgreSQL ends all connections, as when it is started anew.
const hangUp strike = 100

// tick is how often a run looks at its servers.
const tick = 10 * time.Millisecond

func planFaults(rng *rand.Rand, postgres bool) (out []plannedFault) {
	kinds, within := []strike{die, dieHalfway, fail, failHalfway, freeze}, int64(250)
	if postgres {
		kinds, within = append(kinds, hangUp), 120
	}
	for range 1 + rng.IntN(3) {
		f := plannedFault{what: kinds[rng.IntN(len(kinds))], at: 1 + rng.Int64N(within), times: 1, ticks: 5 + rng.IntN(30)}
		if !postgres {
			f.times += rng.Int64N(30)
		}
		f.beforeItRuns = f.what <= dieHalfway && rng.IntN(3) == 0
		out = append(out, f)
	}
	return out
}

// faultServer is a server that is struck, and started again when it has died.
type faultServer struct {
	run     *faultRun
	points  points
	planned []plannedFault // those to come, the first of which is armed
	p       *process
	address atomic.Pointer[string] // none while it does not run
}

// start does not wait until the server is ready: what it waits for may be held by another one that stands still.
func (s *faultServer) start() {
	t := s.run.t
	t.Helper()
	s.address.Store(nil)
	s.points.arm(0, nothing, 0)
	if len(s.planned) > 0 && s.planned[0].beforeItRuns {
		s.arm()
	}
	serving := command(t, s.points.settings(s.run.world.settings), "serve")
	serving.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that one that stands still is no stopped job of whoever runs the tests
	s.p = launch(t, serving)
}

// started sees whether the server is ready by now, and then lets the next fault come.
func (s *faultServer) started() bool {
	if s.address.Load() != nil {
		return true
	}
	match := ready.FindStringSubmatch(s.p.Log.String())
	if match == nil {
		return false
	}
	if len(s.planned) == 0 || !s.planned[0].beforeItRuns {
		s.arm()
	}
	address := "http://" + match[1]
	s.address.Store(&address)
	return true
}

// arm lets the next fault come, or none.
func (s *faultServer) arm() {
	if len(s.planned) == 0 {
		s.points.arm(0, nothing, 0)
		return
	}
	next := s.planned[0]
	if next.what == hangUp {
		next.what = nothing
	}
	s.points.arm(next.at, next.what, next.times)
}

// due is the fault that has come, if any.
func (s *faultServer) due() strike {
	if len(s.planned) == 0 || s.points.reached() < s.planned[0].at {
		return nothing
	}
	return s.planned[0].what
}

// over is called when a fault has done what it does.
func (s *faultServer) over() {
	s.run.struck.Add(1)
	s.planned = s.planned[1:]
}

// look sees what has become of the server, and helps it up.
func (s *faultServer) look() {
	t, database := s.run.t, s.run.world.settings["MADOGUCHI_DATABASE"]
	t.Helper()
	select {
	case <-s.p.ended:
		if what := s.due(); what != die && what != dieHalfway {
			t.Fatalf("a server has ended by itself; its log is:\n%s", s.p.Log)
		}
		s.over()
		s.start()
		return
	default:
	}
	if !s.started() {
		return
	}
	switch s.due() {
	case freeze:
		if s.planned[0].ticks--; s.planned[0].ticks > 0 {
			return
		}
		if strings.HasPrefix(database, "postgres") { // the leases are over, but for those that it is just about to write
			storetest.Exec(t, database, `UPDATE letters SET lease_until = now() - interval '1 second' WHERE id IN
				(SELECT id FROM letters WHERE status = 'sending' FOR UPDATE SKIP LOCKED)`)
		}
		s.p.signal(t, syscall.SIGCONT)
	case hangUp:
		storetest.Exec(t, database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	case fail, failHalfway:
		if s.points.reached() < s.planned[0].at+s.planned[0].times {
			return
		}
	case nothing, die, dieHalfway:
		return
	}
	s.over()
	s.arm()
}

// end lets the server end as it is told to, unless it has died at the last moment.
func (s *faultServer) end() {
	t := s.run.t
	t.Helper()
	s.points.arm(0, nothing, 0)
	s.p.signal(t, syscall.SIGCONT)
	s.p.signal(t, os.Interrupt)
	s.p.waitEnd(t)
	if status, ok := s.p.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		s.run.struck.Add(1)
	} else if code := s.p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("a server ended with %d; its log is:\n%s", code, s.p.Log)
	}
	s.points.quiet()
	if strings.Contains(s.p.Log.String(), "panic") {
		t.Errorf("a server panicked:\n%s", s.p.Log)
	}
}

// live lets everybody do what they want, and looks after the servers meanwhile.
func (r *faultRun) live(of func(part uint64) *rand.Rand) {
	var all sync.WaitGroup
	for n := range 3 {
		p := newPerson(r, n, of(100+uint64(n))) //nolint:gosec // 0 to 2
		r.people = append(r.people, p)
		all.Go(p.live)
	}
	r.doctor = newPerson(r, 3, of(200))
	r.doctor.cookies = r.world.cookies
	all.Go(r.doctor.sign)
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	for {
		select {
		case <-done:
			return
		case <-ticks.C:
			for _, s := range r.servers {
				s.look()
			}
		}
	}
}

// letterRow finds the id of a letter, what has become of it, and how often it was written anew, which is part of its Message-ID.
var letterRow = regexp.MustCompile(`(?s)^id=(\S+) .* status=(\S+) .* resends=(\d+) `)

// judge compares what people were told, and what the mail server has taken, with the database.
func (r *faultRun) judge(messages []mailtest.Message) {
	t, w := r.t, r.world
	t.Helper()
	wholeDatabase(t, w.settings)
	facts := storetest.Read(t, w.settings["MADOGUCHI_DATABASE"])
	live, cancelled := map[string]bool{}, 0
	withStore(t, w.settings, func(s *store.Store) {
		for _, p := range r.people {
			if p.cancelled {
				cancelled++
				continue
			}
			chart, err := s.Intake(t.Context(), clinic.PatientByLink(p.token))
			if err != nil {
				t.Errorf("the booking of %d is lost: %v", p.n, err)
				continue
			}
			if a := chart.Appointment; a.Slot.ID != p.slot || !a.Booking.Status.Live() || (chart.Intake.Revision > 0) != p.answered || live[a.Slot.ID] {
				t.Errorf("%d was told %s, answered %v; there is %s, %s, revision %d", p.n, p.slot, p.answered, a.Slot.ID, a.Booking.Status, chart.Intake.Revision)
			}
			live[p.slot] = true
		}
	})
	isCancelled := func(row string) bool { return strings.Contains(row, "status=cancelled") }
	if n := len(slices.DeleteFunc(slices.Clone(facts["bookings"]), isCancelled)); n != len(live)+1 || len(facts["bookings"]) != len(r.people)+1 {
		t.Errorf("there are %d bookings, %d of them live; people know of %d and %d", len(facts["bookings"]), n, len(r.people)+1, len(live)+1)
	}
	if n := len(facts["note_versions"]); n != 1 {
		t.Errorf("the note was signed %d times", n)
	}
	r.judgeLetters(facts["letters"], messages)
	w.all.struck.Add(r.struck.Load())
	w.all.booked.Add(int64(len(r.people)))
	w.all.cancelled.Add(int64(cancelled))
	w.all.signed.Add(1)
}

// judgeLetters: what is said to be sent has arrived, what has arrived was written here, and twice only where a reply was lost, on its way to a program or
// with it.
func (r *faultRun) judgeLetters(rows []string, messages []mailtest.Message) {
	t, w := r.t, r.world
	t.Helper()
	arrived, written := map[string]int{}, map[string]bool{}
	for _, m := range messages {
		id, _, _ := strings.Cut(strings.TrimPrefix(messageID(t, m), "<"), "@")
		arrived[id]++
	}
	for _, row := range rows {
		m := letterRow.FindStringSubmatch(row)
		if m == nil {
			t.Fatalf("this is no letter: %q", row)
		}
		id, status, again := m[1], m[2], m[3]
		written[id] = true
		if again != "0" {
			id += "-" + again
		}
		if status != "withdrawn" && status != "sent" || status == "sent" && arrived[id] == 0 && !slices.Contains(w.before, row) {
			t.Errorf("the letter %s is %s, and has arrived %d times", id, status, arrived[id])
		}
	}
	copies, most := 0, w.lost+int(r.struck.Load()) // of one letter; a fault may strike while several are on their way
	for id, n := range arrived {
		if copies += n - 1; n-1 > most {
			t.Errorf("%s has arrived %d times, after %d lost replies and %d faults", id, n, w.lost, r.struck.Load())
		}
		if id, _, _ := strings.Cut(id, "-"); !written[id] {
			t.Errorf("%s has arrived, and nobody has written it", id)
		}
	}
	w.all.letters.Add(int64(len(messages)))
	w.all.copies.Add(int64(copies))
}
