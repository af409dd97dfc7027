package clinic

import (
	"testing"
	"time"
)

func TestLetter_Over(t *testing.T) {
	ends := time.Date(2026, time.November, 25, 2, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		status LetterStatus
		ends   time.Time
		after  time.Duration
		over   bool
	}{
		"right after the visit":      {LetterSent, ends, time.Hour, false},
		"an instant too early":       {LetterSent, ends, LetterKept - 1, false},
		"thirty days after":          {LetterSent, ends, LetterKept, true},
		"never arrived":              {LetterBounced, ends, LetterKept, true},
		"of a cancelled booking":     {LetterWithdrawn, ends, LetterKept, true},
		"to be sent yet":             {LetterWaiting, ends, 2 * LetterKept, false},
		"being sent":                 {LetterSending, ends, 2 * LetterKept, false},
		"about no counseling, young": {LetterSent, time.Time{}, LetterKept - 48*time.Hour - 1, false},
		"about no counseling, old":   {LetterSent, time.Time{}, LetterKept - 48*time.Hour, true},
		"due long after the visit":   {LetterSent, ends.Add(-3 * 24 * time.Hour), LetterKept - 48*time.Hour - 1, false},
	} {
		l := Letter{Status: test.status, DueAt: ends.Add(-48 * time.Hour)}
		if got := l.Over(test.ends, ends.Add(test.after)); got != test.over {
			t.Errorf("%s: %v", name, got)
		}
	}
}
