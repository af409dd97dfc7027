package intake

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestRefusal_SaysWhere: what Parse refuses is said of the part, the section or the question that it is about, with every id that it names and nothing else.
func TestRefusal_SaysWhere(t *testing.T) {
	question := func(q *Questionnaire, id string) *Question {
		s, at, ok := q.SectionOf(id)
		if !ok {
			t.Fatal(id)
		}
		return &q.section(s.ID).Questions[at]
	}
	before := shippedDraft(t)
	h5, cause, cell, fact := question(before, "sleep").Options[0].Code, before.Causes[0].ID, before.Cells[0].ID, before.Facts[0].ID
	first, contradiction, derived := before.Intake[0].ID, before.Contradictions[0].ID, before.Derived[0].ID
	gone := AnyOf(Test{"nobody", Has, []string{"a"}})
	for name, tt := range map[string]struct {
		edit func(q *Questionnaire)
		want Refusal
	}{
		"nothing is asked":     {func(q *Questionnaire) { q.Intake = nil }, Refusal{Part: "intake"}},
		"no version":           {func(q *Questionnaire) { q.Version = "" }, Refusal{}},
		"known":                {func(q *Questionnaire) { q.Known = q.Known[:2] }, Refusal{Part: "known", Items: []string{FactAge, FactSex, FactBMI}}},
		"section":              {func(q *Questionnaire) { q.Intake[0].Code = "" }, Refusal{Part: "intake", Section: first, Items: []string{first}}},
		"another page":         {func(q *Questionnaire) { q.Intake[1].ID = "done" }, Refusal{Part: "intake", Section: "done", Items: []string{"done"}}},
		"question":             {func(q *Questionnaire) { question(q, "height").Decimals = 9 }, Refusal{Part: "intake", Question: "height", Items: []string{"height"}}},
		"option":               {func(q *Questionnaire) { question(q, "sleep").Options[0].JA = "" }, Refusal{Part: "intake", Question: "sleep", Items: []string{"sleep", h5}}},
		"condition":            {func(q *Questionnaire) { question(q, "sleep").ShowIf = gone }, Refusal{Part: "intake", Question: "sleep", Items: []string{"sleep", "nobody"}}},
		"condition, required":  {func(q *Questionnaire) { question(q, "sleep").Required, question(q, "sleep").RequiredIf = false, gone }, Refusal{Part: "intake", Question: "sleep", Items: []string{"sleep", "nobody"}}},
		"condition, an option": {func(q *Questionnaire) { question(q, "sleep").Options[0].ShowIf = gone }, Refusal{Part: "intake", Question: "sleep", Items: []string{"sleep", h5, "nobody"}}},
		"use":                  {func(q *Questionnaire) { q.Uses.Weight = "worry" }, Refusal{Part: "uses", Items: []string{"worry"}}},
		"use of the areas":     {func(q *Questionnaire) { q.Uses.Areas = "c_privacy" }, Refusal{Part: "uses", Items: []string{"c_privacy"}}},
		"summary":              {func(q *Questionnaire) { q.Summary.Words = []string{"sleep"} }, Refusal{Part: "summary", Items: []string{"sleep"}}},
		"derived":              {func(q *Questionnaire) { q.Derived[0].From[0] = "sleep" }, Refusal{Part: "derived", Items: []string{derived, "sleep"}}},
		"cause":                {func(q *Questionnaire) { q.Causes[0].Signs[0].Question = "nobody" }, Refusal{Part: "causes", Items: []string{cause, "nobody"}}},
		"cause twice":          {func(q *Questionnaire) { q.Causes[1].ID = q.Causes[0].ID }, Refusal{Part: "causes", Items: []string{cause}}},
		"cell":                 {func(q *Questionnaire) { q.Cells[0].None = gone }, Refusal{Part: "strip", Items: []string{cell, "nobody"}}},
		"fact":                 {func(q *Questionnaire) { q.Facts[0].Of[0].Question = "nobody" }, Refusal{Part: "facts", Items: []string{fact, "nobody"}}},
		"contradiction":        {func(q *Questionnaire) { q.Contradictions[0].When = gone }, Refusal{Part: "contradictions", Items: []string{contradiction, "nobody"}}},
		"an id that is none":   {func(q *Questionnaire) { q.Facts[0].ID = `a "height"` }, Refusal{Part: "facts"}},
		"of two, the first":    {func(q *Questionnaire) { q.Causes[0].Signs, q.Facts[0].Of[0].Question = nil, "nobody" }, Refusal{Part: "causes", Items: []string{cause}}},
	} {
		q := before.Clone()
		tt.edit(q)
		_, err := parseAgain(t, *q)
		got := &Refusal{}
		if !errors.As(err, &got) {
			t.Errorf("%s: %v says nothing that can be told in any language", name, err)
			continue
		}
		if got.Part != tt.want.Part || got.Section != tt.want.Section || got.Question != tt.want.Question || !slices.Equal(got.Items, tt.want.Items) {
			t.Errorf("%s: %+v, want %+v", name, *got, tt.want)
		}
	}
}

// TestFindings_SayWhatTheProgramRefuses: what the findings themselves do not know is told with the place and the ids that the program names.
func TestFindings_SayWhatTheProgramRefuses(t *testing.T) {
	before := shippedDraft(t)
	d := Draft{Questions: before.Clone()}
	s, at, _ := d.Questions.SectionOf("height")
	d.Questions.section(s.ID).Questions[at].Options = []Option{{Code: "a", Text: Text{"あ", "a"}}}
	found := d.Findings(before, []*Questionnaire{before}, shippedCautions(t))
	i := slices.IndexFunc(found, func(f Finding) bool { return f.Code == Malformed })
	if i < 0 {
		t.Fatalf("%+v", found)
	}
	if f := found[i]; f.Where != (Place{Section: s.ID, Question: "height"}) || f.Args["Part"] != "intake" || f.Args["Items"] != "height" {
		t.Errorf("it says %+v", f)
	}
	d.Questions = before.Clone()
	d.Questions.Uses.Cancellation = "sleep"
	for _, f := range d.Findings(before, []*Questionnaire{before}, shippedCautions(t)) {
		if f.Code == Malformed && (f.Where != (Place{}) || f.Args["Part"] != "uses" || strings.Contains(f.Args["Items"], " ")) {
			t.Errorf("it says %+v", f)
		}
	}
}
