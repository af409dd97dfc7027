package clinic

import (
	"strings"
	"testing"
	"time"
)

// TestReadSettling_ARefusalHasAReason: and what is done needs none.
func TestReadSettling_ARefusalHasAReason(t *testing.T) {
	for _, c := range []struct{ outcome, reason, wrong string }{
		{"done", "", ""},
		{"done", "何か", ""},
		{"refused", "　診療の記録のため ", ""},
		{"refused", " 　", "reason"},
		{"refused", strings.Repeat("長", MaxMemo+1), "reason"},
		{"", "", "outcome"},
		{"open", "理由", "outcome"},
	} {
		outcome, reason, errs := ReadSettling(c.outcome, c.reason)
		wrong := ""
		if len(errs) > 0 {
			wrong = errs[0].Field
		}
		if wrong != c.wrong {
			t.Errorf("%q %q: wrong is %q, want %q", c.outcome, c.reason, wrong, c.wrong)
		}
		if wrong == "" && (string(outcome) != c.outcome || (reason != "") != (outcome == ErasureRefused) || strings.TrimSpace(reason) != reason) {
			t.Errorf("%q %q is read as %q %q", c.outcome, c.reason, outcome, reason)
		}
	}
}

func TestErasure_IsOpenUntilItIsSettled(t *testing.T) {
	at := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	if (Erasure{}).Open() || !(Erasure{ID: "a", AskedAt: at}).Open() || (Erasure{ID: "a", AskedAt: at, SettledAt: &at, Outcome: ErasureDone}).Open() {
		t.Error("what is open and what is not is confused")
	}
}

// TestWrongTries_CountFromTheLastTime: each time that new tries are given makes up for all that were used up before.
func TestWrongTries_CountFromTheLastTime(t *testing.T) {
	for _, c := range []struct{ wrong, given, want int }{{0, 0, 0}, {4, 0, 4}, {5, 0, 5}, {5, 1, 0}, {7, 1, 2}, {10, 1, 5}, {10, 2, 0}, {3, 1, 0}} {
		if got := WrongTries(c.wrong, c.given); got != c.want || (CheckGiveTries(got) == nil) != (c.want >= MaxTries) || (CheckTries(got) != nil) != (c.want >= MaxTries) {
			t.Errorf("of %d wrong ones, new ones given %d times, %d count", c.wrong, c.given, got)
		}
	}
}
