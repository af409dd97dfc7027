package intake

import (
	"fmt"
	"slices"
	"strings"
)

// Explanation is something that a doctor explains to patients with certain answers, such as contraception with a medicine. It is a box in
// the doctor's note: a reminder of what to write down, no rule and no proposal, and nothing is refused where it stays empty.
type Explanation struct {
	ID string
	Text
	When Condition
}

// ParseExplanations reads them (config/explanations.txt explains the form). It refuses an id that is none or occurs twice, a line without
// both languages, and a condition that names what no question of q asks.
func ParseExplanations(lines []byte, q *Questionnaire) ([]Explanation, error) {
	nameable := scopeOf(q.Intake...)
	for _, question := range q.Known {
		nameable[question.ID] = question
	}
	nameable[FactAreas] = q.Areas()
	var out []Explanation
	for i, line := range strings.Split(string(lines), "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		e, err := parseExplanation(line, nameable)
		if err != nil {
			return nil, fmt.Errorf("explanations line %d: %w", i+1, err)
		}
		if slices.ContainsFunc(out, func(other Explanation) bool { return other.ID == e.ID }) {
			return nil, fmt.Errorf("explanations line %d: %q occurs twice", i+1, e.ID)
		}
		out = append(out, e)
	}
	return out, nil
}

func parseExplanation(line string, nameable scope) (Explanation, error) {
	fields := strings.Split(line, "|")
	if len(fields) != 4 {
		return Explanation{}, fmt.Errorf("want id | condition | Japanese | English, not %q", line)
	}
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	e := Explanation{ID: fields[0], Text: Text{JA: fields[2], EN: fields[3]}}
	if !isCode(e.ID) {
		return Explanation{}, fmt.Errorf("%q is no id", e.ID)
	}
	if err := needText(Refusal{words: e.ID}, e.Text); err != nil {
		return Explanation{}, err
	}
	var err error
	if e.When, err = ParseCondition(fields[1]); err != nil {
		return Explanation{}, err
	}
	if len(e.When.Any) == 0 {
		return Explanation{}, fmt.Errorf("%s would follow from every answer", e.ID)
	}
	return e, e.When.check(nameable)
}

// Following are those of some explanations that follow from a patient's answers, in their order. Hidden answers are left out before
// anything is compared, and a question that the version does not have is one without an answer.
func (q *Questionnaire) Following(all []Explanation, a Answers, f Facts) (out []Explanation) {
	now := q.state(a, f)
	now.derive()
	for _, e := range all {
		if e.When.holds(now) {
			out = append(out, e)
		}
	}
	return out
}
