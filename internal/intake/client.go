package intake

import (
	"encoding/json"
	"slices"
)

// ClientCondition is a question's condition as the browser needs it to show and hide the question while its page is
// filled in: everything that cannot change on the page is already decided.
//
// Its JSON is true (always asked), false (never asked on this page: leave it out), or a list of alternatives of which one
// must hold. An alternative is a test, which is a list of the question's id, the comparison and the values, or a list of
// tests that must all hold:
//
//	[["pain","!","none"],["level","=","beginner","mid"]]
//	[[["pain","!","none"],["pain_lv",">=","7"]],["level","=","mid"]]
//
// The browser evaluates it so, question by question in the order of the page:
//
//   - The answer to a question is the list of its non-empty values: the checked boxes, or the one value of a field. The
//     answer to a question that is hidden just now is the empty list.
//   - A test on an empty list does not hold.
//   - "=" holds when any value of the answer is among the test's values; "!" holds when none is.
//   - "<", ">", "<=" and ">=" compare the first value of the answer, as a number, with the test's one value. They do not
//     hold when it is no number.
//   - "#<", "#>", "#<=" and "#>=" compare how many values the answer has with the test's first value. The answer's values that
//     are among the test's further ones, which exclude all others, are not counted.
//   - A question whose list has no alternative that holds is hidden. What was typed into it stays in the page, but is not sent.
//
// A test on a fact that the server does not know stays in the list under the fact's name (age, sex, areas). That happens
// in the booking form, where the browser may take sex and areas from the fields of that name and age from the birth date.
type ClientCondition struct {
	always bool
	any    []All
}

// Always reports that the question is asked whatever is answered on the page.
func (c ClientCondition) Always() bool { return c.always }

// Never reports that the question is not asked whatever is answered on the page.
func (c ClientCondition) Never() bool { return !c.always && len(c.any) == 0 }

// MarshalJSON writes the form described at ClientCondition.
func (c ClientCondition) MarshalJSON() ([]byte, error) {
	if c.always || c.Never() {
		return json.Marshal(c.always)
	}
	list := make([]any, len(c.any))
	for i, all := range c.any {
		tests := make([][]string, len(all))
		for j, t := range all {
			tests[j] = append([]string{t.Question, string(t.Op)}, t.Values...)
		}
		if list[i] = tests; len(tests) == 1 {
			list[i] = tests[0]
		}
	}
	return json.Marshal(list)
}

// ClientConditions reduces the condition of every question of a section by what is known outside the section: the facts
// and the visible answers of other sections. It is keyed by question id.
func (q *Questionnaire) ClientConditions(s Section, a Answers, f Facts) map[string]ClientCondition {
	outside := q.state(a, f)
	reduced := make(map[string]ClientCondition, len(s.Questions))
	for _, question := range s.Questions {
		if len(question.Options) > 0 && len(outside.draw(question).Options) == 0 {
			reduced[question.ID] = ClientCondition{} // there is nothing to choose
			continue
		}
		reduced[question.ID] = reduce(question.ShowIf, reduced, outside)
	}
	return reduced
}

// reduce decides what can be decided. earlier are the questions of the same section that come before.
func reduce(c Condition, earlier map[string]ClientCondition, outside *state) ClientCondition {
	out := ClientCondition{always: len(c.Any) == 0}
	for _, all := range c.Any {
		var open All
		never := false
		for _, t := range all {
			values, isFact := outside.facts.values(t.Question)
			same, onPage := earlier[t.Question]
			switch {
			case isFact && len(values) == 0 && !isSourceFact(t.Question), !isFact && onPage && !same.Never():
				if t.Op.counting() {
					t.Values = append(slices.Clone(t.Values), outside.q.named(t.Question).Excludes...)
				}
				open = append(open, t)
			case !outside.holds(t):
				never = true
			}
		}
		switch {
		case never:
		case len(open) == 0:
			return ClientCondition{always: true}
		default:
			out.any = append(out.any, open)
		}
	}
	return out
}
