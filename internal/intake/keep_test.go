package intake

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"madoguchi/internal/clinic"
)

// Whatever is given in whatever order, keeping it while its page is filled in sends nothing and loses nothing: good answers are the
// answers, what is not good yet is there as it was typed, and sending the same afterwards meets no conflict.
func TestKeep_StoresWhatIsGivenAndSendsNothing(t *testing.T) {
	asShipped := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := drawIntake(t, asShipped), drawFacts(t)
		at := time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)
		r := Record{}
		for _, s := range q.Intake[:rapid.IntRange(0, len(q.Intake)-1).Draw(t, "sections sent before")] {
			next, _ := q.Answer(r, s, mend(t, q, s, drawForm(t, s), r.Answers, f), f, at)
			r = next.Follow(r)
		}
		s := rapid.SampledFrom(q.Intake).Draw(t, "section")
		form := Form{Values: drawForm(t, s), Seen: clinic.Seen{Revision: r.Revision}, Keep: true}
		kept, unseen, errs := q.Receive(r, s, form, f, at)
		if len(errs) > 0 || len(unseen) > 0 && r.CompletedAt == nil {
			t.Fatalf("keeping says %v, %v", errs, unseen)
		}
		if len(unseen) > 0 || r.CompletedAt != nil {
			return // what was sent as a whole is changed by sending
		}
		for _, id := range kept.Done {
			if !slices.Contains(r.Done, id) {
				t.Fatalf("%s was never sent and counts as sent", id)
			}
		}
		if kept.CompletedAt != nil {
			t.Fatal("it is complete, and nobody sent it")
		}
		visible := q.Visible(kept.Answers, f)
		for _, question := range q.Page(s, r.Answers, f).Questions { // with the options that are offered
			whole, _ := q.Question(question.ID)
			given := whole.keepable(form.Values[question.ID]) // what no page sends is not kept
			good, problem := question.Check(form.Values[question.ID])
			if !visible[question.ID] {
				continue
			}
			if problem == nil && !slices.Equal(kept.Answers[question.ID], good) || problem != nil && !blank(given) && !slices.Equal(kept.Given(question.ID), given) {
				t.Fatalf("%s: %v became %v, typed %v", question.ID, given, kept.Answers[question.ID], kept.Typed[question.ID])
			}
		}
		kept = kept.Follow(r)
		form.Keep, form.Later, form.Seen = false, true, clinic.Seen{Revision: kept.Revision}
		if _, unseen, errs := q.Receive(kept, s, form, f, at); len(unseen) > 0 || len(errs) > 0 {
			t.Fatalf("sending the same: %v %v", unseen, errs)
		}
	})
}

// What has been sent as a whole is not changed by the way, not even by its own page.
func TestKeep_LeavesWhatWasSent(t *testing.T) {
	q := reparse(t, twoPages())
	f, at := Facts{Age: 36, Sex: "f"}, time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)
	first, _ := q.Section("goal")
	second, _ := q.Section("more")
	r, _ := q.Answer(Record{}, first, map[string][]string{"smoke": {"no"}}, f, at)
	r = r.Follow(Record{})
	form := Form{Values: map[string][]string{"wish": {"よく眠りたいです"}}, Asked: []string{"wish"}, Seen: clinic.Seen{Revision: 1}, Keep: true}
	if kept, unseen, _ := q.Receive(r, second, form, f, at); len(unseen) > 0 || kept.Answers["wish"] == nil || kept.CompletedAt != nil {
		t.Errorf("before the end: %v %+v", unseen, kept)
	}
	sent, _ := q.Answer(r, second, nil, f, at)
	sent = sent.Follow(r)
	form.Seen.Revision = sent.Revision
	if kept, unseen, _ := q.Receive(sent, second, form, f, at); !slices.Equal(unseen, []string{"wish"}) || kept.Answers["wish"] != nil {
		t.Errorf("after it: %v %+v", unseen, kept)
	}
	form.Keep = false
	if changed, unseen, _ := q.Receive(sent, second, form, f, at); len(unseen) > 0 || changed.Answers["wish"] == nil {
		t.Errorf("sent: %v %+v", unseen, changed)
	}
}

// The questions that are counted are those that are asked, and all of them are behind whoever has sent everything.
func TestAnswered_CountsTheVisibleQuestions(t *testing.T) {
	asShipped := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := drawIntake(t, asShipped), drawFacts(t)
		at := time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)
		r := Record{}
		for _, s := range q.Intake {
			if rapid.Bool().Draw(t, "half-way") {
				r = q.Postpone(r, s, drawForm(t, s), f, at)
			} else {
				r, _ = q.Answer(r, s, mend(t, q, s, drawForm(t, s), r.Answers, f), f, at)
			}
			answered, asked := q.Answered(r, f)
			visible := 0
			for _, section := range q.Intake {
				for _, question := range section.Questions {
					if q.Visible(r.Answers, f)[question.ID] {
						visible++
					}
				}
			}
			if asked != visible || answered > asked || q.Complete(r, f) && len(r.Typed) == 0 && answered != asked {
				t.Fatalf("%d of %d, visible %d, complete %v", answered, asked, visible, q.Complete(r, f))
			}
		}
	})
}

// A patient goes on where they stopped, and otherwise at the first question without an answer.
func TestOpen_IsWhereThePatientStopped(t *testing.T) {
	q := reparse(t, twoPages())
	f, at := Facts{Age: 36, Sex: "f"}, time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)
	second, _ := q.Section("more")
	r := Record{Answers: Answers{"smoke": {"yes"}}}
	for _, step := range []struct{ howMany, want string }{{"", "how_many"}, {"many", "how_many"}, {"20", "wish"}} {
		r = q.Keep(r, second, map[string][]string{"how_many": {step.howMany}}, f, at)
		if open, ok := q.Open(r, second, f); !ok || open.ID != step.want {
			t.Errorf("after %q comes %q, %v", step.howMany, open.ID, ok)
		}
	}
	r = q.Keep(r, second, map[string][]string{"wish": {"x"}}, f, at)
	if open, ok := q.Open(Record{Answers: Answers{"smoke": {"yes"}, "wish": {"x"}}}, second, f); !ok || open.ID != "how_many" {
		t.Errorf("what was left out is %q, %v", open.ID, ok)
	}
	r = q.Keep(r, second, map[string][]string{"how_many": {"20"}, "wish": {"x"}}, f, at)
	if open, ok := q.Open(r, second, f); ok {
		t.Errorf("nothing is open, but %q", open.ID)
	}
}
