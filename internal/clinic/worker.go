package clinic

import "time"

// Worker is one instance's worker, which sends the letters.
type Worker struct {
	ID        string
	StartedAt time.Time
	SeenAt    time.Time // when it was last at work
}

// WorkersWithin is how long a worker that was stopped, or has died, is remembered.
const WorkersWithin = 24 * time.Hour

// Alive reports whether the worker is at work, as far as anybody knows.
func (w Worker) Alive(now time.Time) bool {
	_, long := Silence(w.SeenAt, now)
	return !long
}
