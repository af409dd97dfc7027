package intake

import "encoding/json"

// ClientCondition is a question's condition as the browser needs it to show and hide the question while its page is
// filled in: everything that cannot change on the page is already decided.
//
// Its JSON is true (always asked), false (never asked on this page: leave it out), or a list of tests of which one must
// hold, each a list of the question's id, the comparison and the values:
//
//	[["pain","!","none"],["level","=","beginner","mid"]]
//
// The browser evaluates it so, question by question in the order of the page:
//
//   - The answer to a question is the list of its non-empty values: the checked boxes, or the one value of a field. The
//     answer to a question that is hidden just now is the empty list.
//   - A test on an empty list does not hold.
//   - "=" holds when any value of the answer is among the test's values; "!" holds when none is.
//   - "<", ">", "<=" and ">=" compare the first value of the answer, as a number, with the test's one value. They do not
//     hold when it is no number.
//   - A question whose list has no test that holds is hidden. What was typed into it stays in the page, but is not sent.
//
// A test on a fact that the server does not know stays in the list under the fact's name (age, sex, areas). That happens
// in the booking form, where the browser may take sex and areas from the fields of that name and age from the birth date.
type ClientCondition struct {
	always bool
	tests  []Test
}

// Always reports that the question is asked whatever is answered on the page.
func (c ClientCondition) Always() bool { return c.always }

// Never reports that the question is not asked whatever is answered on the page.
func (c ClientCondition) Never() bool { return !c.always && len(c.tests) == 0 }

// MarshalJSON writes the form described at ClientCondition.
func (c ClientCondition) MarshalJSON() ([]byte, error) {
	if c.always || c.Never() {
		return json.Marshal(c.always)
	}
	list := make([][]string, len(c.tests))
	for i, t := range c.tests {
		list[i] = append([]string{t.Question, string(t.Op)}, t.Values...)
	}
	return json.Marshal(list)
}

// ClientConditions reduces the condition of every question of a section by what is known outside the section: the facts
// and the visible answers of other sections. It is keyed by question id.
func (q *Questionnaire) ClientConditions(s Section, a Answers, f Facts) map[string]ClientCondition {
	outside := q.Prune(a, f)
	reduced := make(map[string]ClientCondition, len(s.Questions))
	for _, question := range s.Questions {
		reduced[question.ID] = reduce(question.ShowIf, reduced, outside, f)
	}
	return reduced
}

// reduce decides what can be decided. earlier are the questions of the same section that come before.
func reduce(c Condition, earlier map[string]ClientCondition, outside Answers, f Facts) ClientCondition {
	out := ClientCondition{always: len(c.Any) == 0}
	for _, t := range c.Any {
		values, isFact := f.values(t.Question)
		same, onPage := earlier[t.Question]
		switch {
		case isFact && len(values) == 0, !isFact && onPage && !same.Never():
			out.tests = append(out.tests, t)
		case t.holds(t.values(outside, f)):
			out.always = true
		}
	}
	if out.always {
		out.tests = nil
	}
	return out
}
