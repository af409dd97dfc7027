package intake

import "testing"

func TestLooksAlike(t *testing.T) {
	build := func(change func(*Questionnaire)) *Questionnaire {
		plan := small(
			Question{ID: "ill", Kind: One, Options: options("yes", "no")},
			Question{ID: "meds", Kind: Many, Options: options("warf", "ster"), ShowIf: Condition{Any: []All{{{Question: "ill", Op: Has, Values: []string{"yes"}}}}}},
			Question{ID: "sport", Kind: One, Options: options("yes", "no")},
		)
		change(&plan)
		q := reparse(t, plan)
		rules, err := ParseCautions([]byte(warf+young), []byte(someSources), q)
		if err != nil {
			t.Fatal(err)
		}
		q.Rules = rules
		return q
	}
	before := build(func(*Questionnaire) {})
	question := func(q *Questionnaire, n int) *Question { return &q.Intake[0].Questions[n] }
	for what, c := range map[string]struct {
		change func(*Questionnaire)
		want   bool
	}{
		"nothing":          {func(*Questionnaire) {}, true},
		"another question": {func(q *Questionnaire) { question(q, 2).Label.JA = "運動" }, true},
		"one that is gone": {func(q *Questionnaire) { q.Intake[0].Questions = q.Intake[0].Questions[:2] }, true},
		"a new one": {func(q *Questionnaire) {
			q.Intake[0].Questions = append(q.Intake[0].Questions, Question{ID: "new", Kind: LongText, Label: Text{"新", "new"}})
		}, true},
		"the words of what a rule names":   {func(q *Questionnaire) { question(q, 1).Label.JA = "お薬" }, false},
		"an option of it":                  {func(q *Questionnaire) { question(q, 1).Options = options("warf", "ster", "thin") }, false},
		"when it is asked":                 {func(q *Questionnaire) { question(q, 1).ShowIf = Condition{} }, false},
		"the question on which it depends": {func(q *Questionnaire) { question(q, 0).Options[0].JA = "いいえ、ときどき" }, false},
	} {
		if got := build(c.change).LooksAlike(before); got != c.want {
			t.Errorf("%s: %v", what, got)
		}
	}
}
