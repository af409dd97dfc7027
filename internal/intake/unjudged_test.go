package intake

import (
	"slices"
	"testing"
	"time"
)

func TestUnjudged_AreThePagesThatCautionsLookAt(t *testing.T) {
	q := ruled(t)
	f := Facts{Age: 36, Sex: "m", Areas: []string{"back"}}
	names := func(r Record) (out []string) {
		for _, s := range q.Unjudged(r, f) {
			out = append(out, s.ID)
		}
		return out
	}
	if got := names(Record{}); !slices.Contains(got, "medical") || !slices.Contains(got, "goal") {
		t.Errorf("of nothing answered: %q", got)
	}
	q.Rules = slices.DeleteFunc(q.Rules, func(r Rule) bool {
		return r.When.Tests()[0].Question != "hx_group" && r.When.Tests()[0].Question != "hx_gut"
	})
	if got := names(Record{}); !slices.Equal(got, []string{"goal", "medical"}) { // the goal has the numbers that values are worked out of
		t.Errorf("of rules about illnesses: %q", got)
	}
	r := Record{}
	answer := func(section string, a Answers) {
		s, _ := q.Section(section)
		next, errs := q.Answer(r, s, a, f, time.Unix(1, 0))
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		r = next
	}
	answer("medical", Answers{"hx_group": {"gut"}, "body": {"none"}, "med_any": {"no"}, "allergy_any": {"no"}})
	if got := names(r); !slices.Equal(got, []string{"goal", "history"}) {
		t.Errorf("of an illness that is to be named: %q", got)
	}
	answer("history", Answers{"hx_gut": {"gall"}})
	if got := names(r); !slices.Equal(got, []string{"goal"}) {
		t.Errorf("of illnesses that are named: %q", got)
	}
}
