package intake

import (
	"errors"
	"math"
	"slices"
)

// tests are all tests of a condition.
func (c Condition) tests() []Test { return c.Any }

// Alternatives are the ways in which a condition can hold: the tests of one of them must all hold together.
func (c Condition) Alternatives() [][]Test {
	out := make([][]Test, len(c.Any))
	for i, t := range c.Any {
		out[i] = []Test{t}
	}
	return out
}

// reach goes through the questions in order and knows of each whether anybody can be asked it. It says no only where nobody can:
// whether several answers that depend on each other can be given together is not looked at beyond one condition.
type reach struct {
	q    *Questionnaire
	open map[string]bool
}

func newReach(q *Questionnaire) *reach {
	return &reach{q: q, open: map[string]bool{}}
}

// visit reports whether a question can be asked of anybody, given those that were visited before.
func (r *reach) visit(question Question) bool {
	ways := question.ShowIf.Alternatives()
	reachable := len(ways) == 0 || slices.ContainsFunc(ways, r.possible)
	r.open[question.ID] = reachable
	return reachable
}

// possible reports whether tests can hold together: each about something that can be answered, and those about one question by one
// answer.
func (r *reach) possible(tests []Test) bool {
	byQuestion := map[string][]Test{}
	for _, t := range tests {
		byQuestion[t.Question] = append(byQuestion[t.Question], t)
	}
	for id, about := range byQuestion {
		named, ok := r.named(id)
		if !ok || !r.answerable(named, about) {
			return false
		}
	}
	return true
}

// named is the question or fact that a test means, if it can be answered at all.
func (r *reach) named(id string) (Question, bool) {
	if id == FactAreas {
		return r.q.Areas(), true
	}
	question, ok := r.q.Question(id)
	if _, isFact := (Facts{}).values(id); isFact {
		return question, ok
	}
	return question, ok && r.open[id]
}

// answerable reports whether one answer to a question passes all tests.
func (r *reach) answerable(question Question, tests []Test) bool {
	if question.OptionsOf != "" {
		lender, _ := r.q.Question(question.OptionsOf)
		question.Options = lender.Options
	}
	switch question.Kind {
	case Number, Scale:
		return numberPasses(question, tests)
	case One, Agree:
		return slices.ContainsFunc(question.Options, func(o Option) bool { return passes([]string{o.Code}, tests) })
	case Many:
		return manyPasses(question, tests)
	case LongText:
	}
	return false
}

func passes(answer []string, tests []Test) bool {
	return !slices.ContainsFunc(tests, func(t Test) bool { return !t.holds(answer) })
}

// numberPasses tries the bounds and the numbers around every limit: between two of them nothing changes.
func numberPasses(question Question, tests []Test) bool {
	step := math.Pow10(-question.Decimals)
	candidates := []float64{question.Min, question.Max}
	for _, t := range tests {
		if limit, ok := parseNumber(first(t.Values)); ok {
			at := math.Round(limit/step) * step
			candidates = append(candidates, limit, at-step, at, at+step)
		}
	}
	return slices.ContainsFunc(candidates, func(n float64) bool {
		n = round(n, question.Decimals)
		return n >= question.Min && n <= question.Max && passes([]string{plain(n)}, tests)
	})
}

// manyPasses tries every option alone, and all together that no test forbids and that exclude nothing.
func manyPasses(question Question, tests []Test) bool {
	var together []string
	for _, o := range question.Options {
		if passes([]string{o.Code}, tests) {
			return true
		}
		forbidden := slices.ContainsFunc(tests, func(t Test) bool { return t.Op == HasNot && slices.Contains(t.Values, o.Code) })
		if !forbidden && !question.Exclusive(o.Code) && o.Code != NoneCode {
			together = append(together, o.Code)
		}
	}
	return len(together) > 0 && passes(together, tests)
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// ConditionOf is the condition that some tests hold, any of them or all together.
func ConditionOf(tests []Test, together bool) (Condition, error) {
	if together && len(tests) > 1 {
		return Condition{}, errors.New("a condition cannot ask that several tests hold together")
	}
	return ParseCondition(Condition{Any: tests}.String())
}
