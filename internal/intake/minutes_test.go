package intake

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// spent is what somebody needs who answers these sections so, by the model.
func spent(q *Questionnaire, sections []Section, a Answers, f Facts) (total time.Duration) {
	visible := q.Visible(a, f)
	for _, s := range sections {
		page := time.Duration(0)
		for _, question := range s.Questions {
			if visible[question.ID] {
				page += question.duration()
			}
		}
		if page > 0 {
			total += page + perPage
		}
	}
	return total
}

// What is promised holds for everybody, whatever they answer and wherever they stopped in between.
func TestMinutes_NobodyNeedsMoreOrLess(t *testing.T) {
	asShipped := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := drawIntake(t, asShipped), drawFacts(t)
		stop := rapid.IntRange(0, len(q.Intake)).Draw(t, "sections before a break")
		at := time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)
		r := Record{}
		for _, s := range q.Intake[:stop] {
			r, _ = q.Answer(r, s, mend(t, q, s, drawForm(t, s), r.Answers, f), f, at)
		}
		if stop < len(q.Intake) && rapid.Bool().Draw(t, "leaves the next one half-way") {
			r = q.Postpone(r, q.Intake[stop], drawForm(t, q.Intake[stop]), f, at)
		}
		known := f
		if rapid.Bool().Draw(t, "before anything is known") {
			f = Facts{From: f.From} // which the link says
			r, stop = Record{}, 0
		}
		least, most := q.durations(r, f)
		after := r
		for _, s := range q.Intake[stop:] {
			after, _ = q.Answer(after, s, mend(t, q, s, drawForm(t, s), after.Answers, known), known, at)
		}
		if got := spent(q, q.Intake[stop:], after.Answers, known); got < least || got > most {
			t.Fatalf("%v, promised were %v to %v", got, least, most)
		}
		if q.Complete(after, known) {
			if rest, _ := q.Minutes(after, known); rest != 0 {
				t.Fatalf("%d minutes for nothing", rest)
			}
		}
	})
}

func TestMinutes_ByTheModel(t *testing.T) {
	q := reparse(t, twoPages()) // a choice; a number if it is yes, and a text
	f := Facts{Age: 36, Sex: "f"}
	least, most := q.durations(Record{}, f)
	if least != 5*time.Second+4*time.Second+15*time.Second+4*time.Second || most != least+8*time.Second {
		t.Errorf("%v to %v", least, most)
	}
	first, _ := q.Section("goal")
	r, errs := q.Answer(Record{}, first, map[string][]string{"smoke": {"yes"}}, f, time.Unix(1, 0))
	if least, most = q.durations(r, f); len(errs) > 0 || least != 27*time.Second || most != least {
		t.Errorf("after the first page %v to %v", least, most)
	}
	for d, want := range map[time.Duration]int{0: 0, time.Second: 1, 89 * time.Second: 1, 90 * time.Second: 2, 3 * time.Minute: 3} {
		if got := minutes(d); got != want {
			t.Errorf("%v are %d minutes, want %d", d, got, want)
		}
	}
}
