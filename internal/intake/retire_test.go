package intake

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// dropOption takes an option out of a question, as its form does.
func dropOption(q *Questionnaire, id, code string) error {
	question, _ := q.Question(id)
	question.Options = slices.DeleteFunc(slices.Clone(question.Options), func(o Option) bool { return o.Code == code })
	question.Excludes = slices.DeleteFunc(slices.Clone(question.Excludes), func(other string) bool { return other == code })
	return q.ChangeQuestion(question)
}

// Whatever is retired, what is wrong after it is said in words and at a place, and never in the program's own: nobody in the office could
// mend that. The strip, the facts, the causes and the contradictions name nothing that is gone.
func TestRetire_LeavesNothingThatOnlyAFileCouldMend(t *testing.T) {
	before, cautions := shippedDraft(t), shippedCautions(t)
	rapid.Check(t, func(t *rapid.T) {
		d := Draft{Questions: before.Clone()}
		q := d.Questions
		must(q.AddQuestion("wish", Question{ID: "most", Kind: One, Label: Text{"いちばん", "Most"}, OptionsOf: "areas"}))
		q.Uses.MainArea = "most"
		q.Cells[0].Questions = append(q.Cells[0].Questions, Part{"most", []string{"belly"}})
		q.Causes[0].Signs = append(q.Causes[0].Signs, Sign{"most", map[string]int{"back": 1}, 1})
		for range rapid.IntRange(1, 8).Draw(t, "edits") {
			s := q.All()[rapid.IntRange(0, len(q.Intake)).Draw(t, "section")]
			if len(s.Questions) == 0 {
				continue
			}
			question := s.Questions[rapid.IntRange(0, len(s.Questions)-1).Draw(t, "question")]
			switch what := rapid.IntRange(0, 11).Draw(t, "edit"); {
			case what > 9:
				_ = q.MoveQuestion(question.ID, q.All()[rapid.IntRange(0, len(q.Intake)).Draw(t, "to")].ID, 0)
			case what == 0 && s.ID != q.Booking.ID:
				must(q.RetireSection(s.ID))
			case what < 5:
				must(q.Retire(question.ID))
			case len(question.Options) > 1:
				must(dropOption(q, question.ID, question.Options[rapid.IntRange(0, len(question.Options)-1).Draw(t, "option")].Code))
			}
		}
		for _, f := range d.Findings(before, []*Questionnaire{before}, cautions) {
			if f.Code == Malformed {
				t.Fatalf("only the program knows what is wrong: %v", f.Args)
			}
			if slices.Contains([]FindingCode{ToldGone, ToldValue, SummaryGone, BadPoints}, f.Code) {
				t.Fatalf("something that is gone is still told: %+v", f)
			}
		}
	})
}

func TestRetire_TakesWhatIsToldOfIt(t *testing.T) {
	q := shippedDraft(t)
	must(q.Retire("goal_w"))
	if len(q.Derived) > 0 {
		t.Errorf("what is worked out of the question stays: %+v", q.Derived)
	}
	must(dropOption(q, "meds", "warf"))
	for _, f := range q.Facts {
		for _, p := range f.Of {
			if p.covers("meds", "warf") || p.Question == "goal_bmi" {
				t.Errorf("the fact %s names %+v", f.ID, p)
			}
		}
	}
	rules := len(q.Contradictions)
	must(q.Retire("meds"))
	if len(q.Contradictions) != rules { // they hold of another question as well
		t.Errorf("%d contradictions of %d", len(q.Contradictions), rules)
	}
	if when := q.Contradictions[0].When.String(); when != "med_any=no,supp" {
		t.Errorf("the contradiction holds when %s", when)
	}
	must(q.Retire("height"))
	if q.Uses.Height != "" || q.Uses.Weight != "" {
		t.Errorf("a BMI is worked out of half of it: %+v", q.Uses)
	}
}

// Who has another part of the draft open in which an edit tells something else is shown it.
func TestEdit_ChangesWhatItTellsOtherwise(t *testing.T) {
	d := Draft{Questions: shippedDraft(t), Revision: 3}
	cause, _ := d.Questions.Cause("posture")
	must(d.Edit(func(d *Draft) error {
		cause.Signs = cause.Signs[1:]
		return d.Questions.ChangeCause(cause)
	}, CausePart("posture")))
	if d.ChangedIn("sit_h") != 4 || d.ChangedIn("phone_h") != 0 || d.ChangedIn(CausePart("posture")) != 4 {
		t.Errorf("%+v", d.Changed)
	}
	must(d.Edit(func(d *Draft) error { return d.Questions.Retire("implant") }, OrderPart))
	if d.ChangedIn(CellPart("implants")) != 5 || d.ChangedIn(CellPart("history")) != 0 {
		t.Errorf("%+v", d.Changed)
	}
}

// A comparison that is written already stays to be chosen, and only as long as it suits the question.
func TestOpsFor_KeepsWhatIsWritten(t *testing.T) {
	if ops := OpsFor(Question{Kind: Many}, CountMore); !slices.Contains(ops, CountMore) {
		t.Errorf("%v", ops)
	}
	for _, ops := range [][]Op{OpsFor(Question{Kind: One}, CountMore), OpsFor(Question{Kind: Number}, Has), OpsFor(Question{Kind: Many}, Unanswered), OpsFor(Question{Kind: Many}, "x")} {
		if len(ops) > 4 || slices.Contains(ops, Unanswered) || slices.Contains(ops, Op("x")) {
			t.Errorf("%v", ops)
		}
	}
}
