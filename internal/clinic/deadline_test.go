package clinic

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestDeadline_BothWays: whether the deadline of a counseling is still ahead, and whether the counseling begins late enough for it, is the
// same question, on every day of every zone.
func TestDeadline_BothWays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom([]string{"Asia/Tokyo", "America/New_York", "Europe/Berlin"}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		minute := func(label string) time.Time {
			return time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 300*24*60).Draw(t, label)) * time.Minute)
		}
		now, start := minute("now"), minute("start")
		if rapid.Bool().Draw(t, "near") {
			start = now.Add(time.Duration(rapid.IntRange(-4*24*60, 4*24*60).Draw(t, "apart")) * time.Minute)
		}
		d := Deadline{Hours: rapid.IntRange(0, 48).Draw(t, "hours"), Days: rapid.IntRange(0, 3).Draw(t, "days"), At: Clock(rapid.IntRange(0, 1440).Draw(t, "at"))}
		if ahead, late := now.Before(d.Of(start, loc)), start.After(d.After(now, loc)); ahead != late {
			t.Errorf("%+v of %s at %s: still ahead %v, begins late enough %v", d, start.In(loc), now.In(loc), ahead, late)
		}
	})
}
