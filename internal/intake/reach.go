package intake

import (
	"math"
	"slices"
	"strings"
)

// Alternatives are the ways in which a condition can hold: the tests of one of them must all hold together.
func (c Condition) Alternatives() [][]Test {
	out := make([][]Test, len(c.Any))
	for i, all := range c.Any {
		out[i] = all
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
		if !ok || !r.together(named, about) {
			return false
		}
	}
	return true
}

// together reports whether one answer to a question, or none, passes all tests on it.
func (r *reach) together(question Question, tests []Test) bool {
	empty := func(t Test) bool { return t.Op == Unanswered }
	if slices.ContainsFunc(tests, empty) {
		return !slices.ContainsFunc(tests, func(t Test) bool { return !empty(t) })
	}
	return r.answerable(question, tests)
}

// named is the question or fact that a test means, if it can be answered at all.
func (r *reach) named(id string) (Question, bool) {
	if id == FactAreas || id == FactFromArea {
		return r.q.Areas(), true
	}
	if isSourceFact(id) { // nobody has a list of the articles and campaigns
		return Question{}, true
	}
	question, ok := r.q.Question(id)
	if _, isFact := (Facts{}).values(id); isFact {
		return question, ok
	}
	return question, ok && r.open[id]
}

// answerable reports whether one answer to a question passes all tests.
func (r *reach) answerable(question Question, tests []Test) bool {
	question = r.q.WithOptions(question)
	switch question.Kind {
	case Number, Scale:
		return numberPasses(question, tests)
	case One, Agree:
		return slices.ContainsFunc(question.Options, func(o Option) bool { return passes(question, []string{o.Code}, tests) })
	case Many:
		return manyPasses(question, tests)
	case LongText:
		return false
	}
	return question.ID == "" // where the visitor came from
}

func passes(question Question, answer []string, tests []Test) bool {
	return !slices.ContainsFunc(tests, func(t Test) bool { return !t.holds(answer, question.Excludes) })
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
		return n >= question.Min && n <= question.Max && passes(question, []string{plain(n)}, tests)
	})
}

// manyPasses tries every option alone, and all together that no test forbids and that exclude nothing. How many they are is looked at
// by itself.
func manyPasses(question Question, tests []Test) bool {
	var counts, others []Test
	for _, t := range tests {
		if t.Op.counting() {
			counts = append(counts, t)
		} else {
			others = append(others, t)
		}
	}
	if !countPasses(question, counts) {
		return false
	}
	var together []string
	for _, o := range question.Options {
		if passes(question, []string{o.Code}, others) {
			return true
		}
		forbidden := slices.ContainsFunc(others, func(t Test) bool { return t.Op == HasNot && slices.Contains(t.Values, o.Code) })
		if !forbidden && !question.Exclusive(o.Code) && o.Code != NoneCode {
			together = append(together, o.Code)
		}
	}
	return len(together) > 0 && passes(question, together, others)
}

// countPasses reports whether some number of options passes all counts.
func countPasses(question Question, counts []Test) bool {
	most := 0
	for _, o := range question.Options {
		if !question.Exclusive(o.Code) && o.Code != NoneCode {
			most++
		}
	}
	for n := range most + 1 {
		if !slices.ContainsFunc(counts, func(t Test) bool {
			limit, ok := parseNumber(first(t.Values))
			return !ok || !compare(float64(n), Op(strings.TrimPrefix(string(t.Op), "#")), limit)
		}) {
			return true
		}
	}
	return false
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// ConditionOf is the condition that some tests hold, any of them or all together, as it is read when it is written.
func ConditionOf(tests []Test, together bool) (Condition, error) {
	c := AnyOf(tests...)
	if together {
		c = Condition{Any: []All{tests}}
	}
	return ParseCondition(c.String())
}
