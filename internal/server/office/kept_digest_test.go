package office

import (
	"testing"
	"time"

	"madoguchi/internal/store"
)

// TestDigests_DoNotStay: what was worked out of somebody's answers is kept in memory for no longer than the answers are.
func TestDigests_DoNotStay(t *testing.T) {
	d, begun := digests{}, time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	d.keep("one", keptDigest{age: 36}, begun)
	if have, ok := d.get("one", begun.Add(store.KeepAnswers-time.Second)); !ok || have.age != 36 {
		t.Errorf("it is worked out again at once: %v, %v", have, ok)
	}
	if _, ok := d.get("one", begun.Add(store.KeepAnswers)); ok || len(d.all) > 0 {
		t.Error("it stays")
	}
}
