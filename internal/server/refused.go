package server

import (
	"log/slog"
	"sync"
	"time"
)

// refusedEvery is how often at most a line is written about requests that were refused because there were too many.
const refusedEvery = time.Minute

// refused counts the requests that were refused because there were too many, so that a flood does not become one of lines in
// the log: the first of each minute has its line, the others are counted and summed up.
type refused struct {
	mu    sync.Mutex
	since time.Time // of the line that was written last
	count int       // refused since, without a line
}

// line reports whether a request gets a line of its own, and writes the sum when it is time. many says that the request was one of
// too many.
func (r *refused) line(many bool, now time.Time, log *slog.Logger) bool {
	r.mu.Lock()
	count, over := 0, now.Sub(r.since) >= refusedEvery
	if over {
		count, r.count = r.count, 0
	}
	own := !many || over
	switch {
	case many && over:
		r.since = now
	case many:
		r.count++
	}
	r.mu.Unlock()
	if count > 0 {
		log.Warn("requests were refused because there were too many", "count", count)
	}
	return own
}
