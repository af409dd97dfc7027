package intake

import (
	"reflect"
)

// LooksAlike reports whether the rules of a version look at the same questions in another one: those that they name, those on which these
// depend, and what values are worked out of. It says no rather once too often, because a doctor reads the differences then.
func (q *Questionnaire) LooksAlike(other *Questionnaire) bool {
	mine, theirs := q.lookedAt(), other.lookedAt()
	return reflect.DeepEqual(mine, theirs) && reflect.DeepEqual(q.Derived, other.Derived) && reflect.DeepEqual(q.Facts, other.Facts) &&
		q.Uses == other.Uses
}

// lookedAt are the questions that the rules look at, by their ids.
func (q *Questionnaire) lookedAt() map[string]Question {
	out := map[string]Question{}
	var look func(id string)
	look = func(id string) {
		question := q.named(id)
		if _, seen := out[id]; seen || question.ID == "" {
			return
		}
		question.Options = q.WithOptions(question).Options
		out[id] = question
		conditions := []Condition{question.ShowIf, question.RequiredIf}
		for _, o := range question.Options {
			conditions = append(conditions, o.ShowIf)
		}
		for _, c := range conditions {
			for _, t := range c.Tests() {
				look(t.Question)
			}
		}
	}
	for _, r := range q.Rules {
		for _, t := range r.When.Tests() {
			look(t.Question)
		}
	}
	for _, d := range q.Derived {
		for _, id := range d.From {
			look(id)
		}
	}
	for _, f := range q.Facts {
		for _, id := range f.Words {
			look(id)
		}
	}
	for _, id := range []string{q.Uses.Height, q.Uses.Weight} {
		look(id)
	}
	return out
}
