package store

import (
	"crypto/sha256"
	"sync"
	"time"

	"madoguchi/internal/intake"
	"madoguchi/internal/seal"
)

// openedIntakes are the intakes that doctors read last. A doctor goes from chart to chart, each with the list of the day and the visits before it,
// and hardly anything of that was answered anew since.
type openedIntakes struct {
	mu    sync.Mutex
	since time.Time
	all   map[[sha256.Size]byte]intake.Record // by what was sealed and for which booking; shared, so nobody changes them
}

// mostIntakes is how many are kept at most. They are all given up together when there are more.
const mostIntakes = 1024

// KeepAnswers is for how long answers about somebody's health, and what was worked out of them, stay open in memory, so that they and those of people who
// were erased since are not there for longer than doctors look at them.
const KeepAnswers = 10 * time.Minute

// readIntake is openIntake for whoever only reads the answers, which is half the work, and none where the same was opened a moment ago.
func (s *Store) readIntake(bookingID string, sealed []byte) (intake.Record, error) {
	key := sha256.Sum256(append([]byte(bookingID+"\x00"), sealed...))
	now := s.now()
	if r, ok := s.intakes.get(key, now); ok {
		return r, nil
	}
	var stored readIntake
	if err := s.keyring.Open(seal.Answers, intakeAD(bookingID), sealed, &stored); err != nil {
		return intake.Record{}, err
	}
	r := intake.Record{Answers: stored.Answers, Typed: stored.Typed, Done: stored.Done}
	s.intakes.keep(key, r, now)
	return r, nil
}

func (o *openedIntakes) get(key [sha256.Size]byte, now time.Time) (intake.Record, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now.Sub(o.since) >= KeepAnswers {
		o.all = nil
	}
	r, ok := o.all[key]
	return r, ok
}

func (o *openedIntakes) keep(key [sha256.Size]byte, r intake.Record, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.all == nil || len(o.all) >= mostIntakes {
		o.all, o.since = map[[sha256.Size]byte]intake.Record{}, now
	}
	o.all[key] = r
}
