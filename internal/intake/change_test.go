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

func TestDiffering_DropsWhatSaysTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []intake.Version
		for i := range rapid.IntRange(0, 6).Draw(t, "n") {
			all = append(all, intake.Version{Revision: i, Answers: answersOf(t, "answers")})
		}
		kept := intake.Differing(all)
		if len(all) > 0 && (len(kept) == 0 || kept[0].Revision != all[0].Revision || !maps.EqualFunc(kept[len(kept)-1].Answers, all[len(all)-1].Answers, slices.Equal)) {
			t.Fatal("the first or the last answers are lost")
		}
		for i := 1; i < len(kept); i++ {
			if maps.EqualFunc(kept[i-1].Answers, kept[i].Answers, slices.Equal) {
				t.Fatal("two versions in a row say the same")
			}
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
