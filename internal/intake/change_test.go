package intake_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"madoguchi/internal/intake"
)

// answersOf draws answers to a few questions, two of which the questionnaire has.
func answersOf(t *rapid.T, name string) intake.Answers {
	return rapid.MapOf(rapid.SampledFrom([]string{"meds", "tried", "gone"}), rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 3)).Draw(t, name)
}

var twoQuestions = &intake.Questionnaire{Intake: []intake.Section{{ID: "s", Questions: []intake.Question{{ID: "tried", Kind: intake.Many}, {ID: "meds", Kind: intake.Many}}}}}

func TestChanges_AreWhatDiffers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := answersOf(t, "before"), answersOf(t, "after")
		changes := twoQuestions.Changes(before, after)
		if len(twoQuestions.Changes(before, maps.Clone(before))) != 0 {
			t.Fatal("what is the same has changed")
		}
		// Whoever applies the changes to what was before has what is now, but for the order.
		got := intake.Answers{"tried": before["tried"], "meds": before["meds"]}
		for _, c := range changes {
			if !slices.Equal(got[c.Question.ID], c.Before) {
				t.Fatalf("%s was %q, and the change says %q", c.Question.ID, got[c.Question.ID], c.Before)
			}
			got[c.Question.ID] = c.After
		}
		for _, id := range []string{"tried", "meds"} {
			if !slices.Equal(slices.Sorted(slices.Values(got[id])), slices.Sorted(slices.Values(after[id]))) {
				t.Fatalf("%s is %q instead of %q", id, got[id], after[id])
			}
		}
		if len(changes) == 2 && changes[0].Question.ID != "tried" {
			t.Fatal("the changes are out of order")
		}
		for _, c := range changes {
			for _, v := range c.Added() {
				if slices.Contains(c.Before, v) || !slices.Contains(c.After, v) {
					t.Fatalf("%q counts as added", v)
				}
			}
		}
	})
}

func TestSittings_AreWhatWasSentTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []intake.Version
		at := time.Date(2026, time.November, 24, 21, 0, 0, 0, time.UTC)
		for i := range rapid.IntRange(0, 8).Draw(t, "n") {
			at = at.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "minutes")) * time.Minute)
			all = append(all, intake.Version{Revision: i + 1, Answers: answersOf(t, "answers"), SentAt: at, Read: rapid.Bool().Draw(t, "read")})
		}
		kept := intake.Sittings(all)
		same := func(a, b intake.Answers) bool { return maps.EqualFunc(a, b, slices.Equal) }
		if len(all) > 0 && (len(kept) == 0 || !same(kept[len(kept)-1].Answers, all[len(all)-1].Answers)) {
			t.Fatal("the last answers are lost")
		}
		for i := 1; i < len(kept); i++ {
			if same(kept[i-1].Answers, kept[i].Answers) {
				t.Fatal("two versions in a row say the same")
			}
			together := kept[i].SentAt.Sub(kept[i-1].SentAt) < intake.Sitting
			if together && !kept[i-1].Read {
				t.Fatalf("%v and %v are of one sitting, and nobody has read between them", kept[i-1].SentAt, kept[i].SentAt)
			}
		}
		// Whatever was read is there, or something that says the same, and in its order.
		next := 0
		for _, v := range all {
			if !v.Read {
				continue
			}
			at := slices.IndexFunc(kept[next:], func(k intake.Version) bool { return same(k.Answers, v.Answers) })
			if at < 0 {
				t.Fatal("what was read can be told from nothing that came after it")
			}
			next += at
		}
	})
}

func TestUnread(t *testing.T) {
	done := time.Now()
	for name, c := range map[string]struct {
		record intake.Record
		read   int
		want   bool
	}{
		"nothing answered":            {intake.Record{}, 0, false},
		"answered in part":            {intake.Record{Revision: 3}, 0, false},
		"complete":                    {intake.Record{Revision: 5, CompletedAt: &done}, 0, true},
		"complete, read":              {intake.Record{Revision: 5, CompletedAt: &done}, 5, false},
		"changed after it was read":   {intake.Record{Revision: 6, CompletedAt: &done}, 5, true},
		"read, and opened again":      {intake.Record{Revision: 6}, 5, true},
		"more than there is was read": {intake.Record{Revision: 6, CompletedAt: &done}, intake.Record{Revision: 6}.ReadUpTo(999), false},
	} {
		if got := c.record.Unread(c.read); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	if got := (intake.Record{Revision: 6}).ReadUpTo(999); got != 6 {
		t.Errorf("what is not there yet counts as read: %d", got)
	}
	if got := (intake.Record{Revision: 6}).ReadUpTo(-1); got != 0 {
		t.Errorf("%d", got)
	}
}
