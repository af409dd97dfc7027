package main_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

// faultRun is one run of TestFaults_Seeded.
type faultRun struct {
	t       *testing.T
	world   *faultWorld
	servers []*faultServer
	people  []*person
	struck  int // how many faults there were
	shaken  int // how many of them other servers may feel: one stood still, or PostgreSQL ended all connections

	ctx  context.Context // in which people live; it ends with the first problem
	stop context.CancelFunc

	mu       sync.Mutex
	problems []string
	news     chan struct{} // closed and replaced when there is a server that can be asked
}

// newFaultRun is a run that has not begun.
func newFaultRun(t *testing.T, w *faultWorld, planned [][]plannedFault) *faultRun {
	t.Helper()
	r := &faultRun{t: t, world: w, news: make(chan struct{})}
	r.ctx, r.stop = context.WithCancel(t.Context())
	forget := context.AfterFunc(interrupted(), r.stop)
	t.Cleanup(func() { forget(); r.stop() })
	for i, points := range w.points {
		r.servers = append(r.servers, &faultServer{run: r, points: points, planned: planned[i]})
	}
	return r
}

// problem says what is wrong, and ends the run. It is kept until nobody lives any more, because only the test's own goroutine may end the test.
func (r *faultRun) problem(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.problems = append(r.problems, fmt.Sprintf(format, args...))
	r.stop()
}

// sound says that nothing has been wrong so far, and that the run is wanted.
func (r *faultRun) sound() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.problems) == 0 && interrupted().Err() == nil
}

// report tells the test what was wrong.
func (r *faultRun) report() {
	r.t.Helper()
	for _, p := range r.problems {
		r.t.Error(p)
	}
}

// tick is how often a run looks at its servers.
const tick = 10 * time.Millisecond

// live lets everybody do what they want, and looks after the servers meanwhile. When it returns, however it does, nobody lives any more.
func (r *faultRun) live(of func(part uint64) *rand.Rand) {
	for n := range 3 {
		r.people = append(r.people, newPerson(r, n, of(100+uint64(n))))
	}
	doctor := newPerson(r, 3, of(200))
	doctor.cookies = r.world.cookies
	done := make(chan struct{})
	defer func() { <-done }()
	defer r.stop()
	var all sync.WaitGroup
	for _, p := range r.people {
		all.Go(p.live)
	}
	all.Go(doctor.sign)
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

// end lets all servers get over what has struck them, and then end as they are told to.
func (r *faultRun) end() {
	r.t.Helper()
	for _, s := range r.servers {
		s.spare()
	}
	eventually(r.t, "all servers are ready", func() bool {
		for _, s := range r.servers {
			s.look()
		}
		return !r.sound() || !slices.ContainsFunc(r.servers, func(s *faultServer) bool { return !s.ready })
	})
	for _, s := range r.servers {
		if r.sound() {
			s.end()
		}
	}
}

// somewhere is a server that can be asked, the n-th if it can, and its address. It waits until there is one; none is there when the run is over.
func (r *faultRun) somewhere(n int) (s *faultServer, address string) {
	for {
		r.mu.Lock()
		news := r.news
		for i := range r.servers {
			if s, address = r.servers[(n+i)%len(r.servers)], r.servers[(n+i)%len(r.servers)].address; address != "" {
				r.mu.Unlock()
				return s, address
			}
		}
		r.mu.Unlock()
		select {
		case <-news:
		case <-r.ctx.Done():
			return nil, ""
		}
	}
}

// gone is told by who got no answer from a server at an address. Nobody asks there until the server has been looked at.
func (r *faultRun) gone(s *faultServer, address string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.address == address {
		s.address = ""
	}
}

// open tells everybody where a server can be asked.
func (r *faultRun) open(s *faultServer, address string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.address != address {
		s.address = address
		close(r.news)
		r.news = make(chan struct{})
	}
}
