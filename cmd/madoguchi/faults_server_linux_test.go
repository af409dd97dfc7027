package main_test

import (
	"math/rand/v2"
	"strings"
	"syscall"

	"madoguchi/internal/store/storetest"
)

// plannedFault is one that is to come. A server that stands still does so for some ticks.
type plannedFault struct {
	blow
	beforeItRuns bool // it may strike while the server starts
	ticks        int
}

// hangUp is a strike of the tests themselves: PostgreSQL ends all connections, as when it is started anew.
const hangUp strike = 100

func planFaults(rng *rand.Rand, postgres bool) (out []plannedFault) {
	kinds, within := []strike{die, dieHalfway, fail, failHalfway, freeze}, int64(250)
	if postgres {
		kinds, within = append(kinds, hangUp), 120
	}
	for range 1 + rng.IntN(3) {
		f := plannedFault{blow: blow{what: kinds[rng.IntN(len(kinds))], at: 1 + rng.Int64N(within), times: 1}, ticks: 5 + rng.IntN(30)}
		if !postgres {
			f.times += rng.Int64N(30)
		}
		switch rng.IntN(4) {
		case 0, 1: // half of them are where one could be lost or be twice
			f.commits, f.at = true, 1+f.at%12
		case 2:
			if f.beforeItRuns = f.what <= failHalfway; f.beforeItRuns {
				f.at = 1 + f.at%30 // a start is short
			}
		}
		out = append(out, f)
	}
	return out
}

// faultServer is a server that is struck, and started again when it has died.
type faultServer struct {
	run     *faultRun
	points  points
	planned []plannedFault // those to come
	armed   bool           // the first of them may come now
	p       *process
	ready   bool   // it has been, since it was started
	shaken  int    // what the run's was when it was started
	address string // where it can be asked; the run guards it
}

// start does not wait until the server is ready: what it waits for may be held by another one that stands still.
func (s *faultServer) start() {
	t := s.run.t
	t.Helper()
	s.ready, s.armed, s.shaken = false, false, s.run.shaken
	s.run.open(s, "")
	s.points.arm(blow{})
	if len(s.planned) > 0 && s.planned[0].beforeItRuns {
		s.arm()
	}
	serving := command(t, s.points.settings(s.run.world.settings), "serve")
	// In a group of its own one that stands still is no stopped job of whoever runs the tests, and ends with the tests all the same.
	serving.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	s.p = launch(t, serving)
}

// arm lets the next fault come, or none.
func (s *faultServer) arm() {
	if s.armed = len(s.planned) > 0; !s.armed {
		s.points.arm(blow{})
		return
	}
	next := s.planned[0].blow
	if next.what == hangUp {
		next.what = nothing
	}
	s.points.arm(next)
}

// spare lets no fault come any more. That of the last moment may still be on its way.
func (s *faultServer) spare() {
	s.points.arm(blow{})
	if s.armed = s.deadly(); s.armed {
		s.planned = s.planned[:1]
	} else {
		s.planned = nil
	}
}

// deadly says that the fault that may come kills.
func (s *faultServer) deadly() bool {
	return s.armed && (s.planned[0].what == die || s.planned[0].what == dieHalfway)
}

// due is the fault that has come, if any.
func (s *faultServer) due() strike {
	if !s.armed || s.points.reached() < s.planned[0].at {
		return nothing
	}
	return s.planned[0].what
}

// over is called when a fault has done what it does.
func (s *faultServer) over() {
	s.run.struck++
	s.planned, s.armed = s.planned[1:], false
}

// look sees what has become of the server, and helps it up.
func (s *faultServer) look() {
	t, database := s.run.t, s.run.world.settings["MADOGUCHI_DATABASE"]
	t.Helper()
	if s.p.hasEnded() {
		s.fallen()
		return
	}
	what := s.due()
	if what != freeze { // also when the signal to stand still has come later than the one to go on
		s.p.signal(t, syscall.SIGCONT)
	}
	match := ready.FindStringSubmatch(s.p.Log.String())
	if match == nil {
		return
	}
	s.run.open(s, "http://"+match[1])
	if !s.ready {
		s.ready = true
		if len(s.planned) == 0 || !s.planned[0].beforeItRuns {
			s.arm()
		}
		return
	}
	switch what {
	case freeze:
		if s.planned[0].ticks--; s.planned[0].ticks > 0 {
			return
		}
		if strings.HasPrefix(database, "postgres") { // the leases are over, but for those that it is just about to write
			storetest.Exec(t, database, `UPDATE letters SET lease_until = now() - interval '1 second' WHERE id IN
				(SELECT id FROM letters WHERE status = 'sending' FOR UPDATE SKIP LOCKED)`)
		}
		s.run.shaken++
	case hangUp:
		storetest.Exec(t, database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
		s.run.shaken++
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

// fallen finds out why a server has ended, and starts it again. It may have been killed. One that has not been ready yet, and cannot reach its database, ends by
// itself and says why; each such end must have been caused since it was started.
func (s *faultServer) fallen() {
	s.run.t.Helper()
	status, _ := s.p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	due := s.due()
	cut := due == fail || due == failHalfway
	switch {
	case status.Signaled() && status.Signal() == syscall.SIGKILL && s.deadly():
		s.over()
	case !s.ready && status.ExitStatus() == 1 && (cut || s.disturbed()):
		s.run.world.all.add("starts that found no database", 1)
		if cut {
			s.over()
		}
	default:
		s.run.problem("a server has ended by itself (%v, ready: %v); its log is:\n%s", s.p.cmd.ProcessState, s.ready, s.p.Log)
		return
	}
	s.calm()
	s.start()
}

// disturbed says that something else has happened to the database since the server was started.
func (s *faultServer) disturbed() bool {
	for _, other := range s.run.servers {
		if other.due() == freeze {
			return true
		}
	}
	return s.shaken != s.run.shaken
}

// end lets the server end as it is told to, unless it dies at the last moment.
func (s *faultServer) end() {
	t := s.run.t
	t.Helper()
	s.p.signal(t, syscall.SIGINT)
	eventually(t, "the server ends", func() bool {
		s.p.signal(t, syscall.SIGCONT) // it may have been told to stand still at the last moment
		return s.p.hasEnded()
	})
	status, _ := s.p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signaled() && s.deadly() {
		s.over()
	} else if status.ExitStatus() != 0 {
		s.run.problem("a server ended with %v; its log is:\n%s", s.p.cmd.ProcessState, s.p.Log)
	}
	s.calm()
	s.points.quiet()
}

// calm is asked of each server that has ended.
func (s *faultServer) calm() {
	if log := s.p.Log.String(); strings.Contains(log, "panic") {
		s.run.problem("a server panicked:\n%s", log)
	}
}
