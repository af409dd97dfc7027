package intake

import (
	"fmt"
	"slices"
	"strings"
)

// Fact is something about a patient that a doctor reads as one thing, whatever the number of rules that speak of it: what
// thins the blood, an allergy, a pregnancy. What no Fact names is a fact of its own: each option of a question with several
// answers, and any other answer as a whole.
type Fact struct {
	ID    string   `json:"id"`
	Label Text     `json:"label,omitzero"`  // before the answers, where they would not be understood alone: アレルギー
	Of    []Part   `json:"of"`              // in the order in which they are told
	Words []string `json:"words,omitempty"` // questions whose free text stands beside it
}

// Part is an answer, or those of its options that are named. It is written as in conditions: "preg", "meds=warf,thin".
type Part struct {
	Question string
	Codes    []string // empty for whatever was answered
}

// covers reports whether a value of a question is in the part.
func (p Part) covers(question, value string) bool {
	return p.Question == question && (len(p.Codes) == 0 || slices.Contains(p.Codes, value))
}

// MarshalText writes the part as it stands in the questionnaire's JSON.
func (p Part) MarshalText() ([]byte, error) {
	if len(p.Codes) == 0 {
		return []byte(p.Question), nil
	}
	return []byte(p.Question + "=" + strings.Join(p.Codes, ",")), nil
}

// UnmarshalText reads a part.
func (p *Part) UnmarshalText(text []byte) error {
	*p = Part{Question: strings.TrimSpace(string(text))}
	if strings.Contains(p.Question, "=") {
		tests, err := parseTests(p.Question)
		if err == nil && (len(tests) != 1 || tests[0].Op != Has) {
			err = fmt.Errorf("%q is no question with some of its options", text)
		}
		if err != nil {
			return &WrittenError{string(text), err}
		}
		*p = Part{Question: tests[0].Question, Codes: tests[0].Values}
	}
	return nil
}

// As is the part as it is written among others that names the same options, in whatever order.
func (p Part) As(written []Part) Part {
	sorted := func(codes []string) []string { return slices.Sorted(slices.Values(codes)) }
	for _, other := range written {
		if other.Question == p.Question && slices.Equal(sorted(other.Codes), sorted(p.Codes)) {
			return other
		}
	}
	return p
}

// check refuses a part that nothing could be in.
func (p Part) check(where Refusal, nameable scope) error {
	named, ok := nameable[p.Question]
	if !ok {
		return where.because(" names %q, which is not asked", p.Question)
	}
	for _, code := range p.Codes {
		if !named.option(code) {
			return where.because(" names %q, which is no option of %q", code, p.Question)
		}
	}
	return nil
}

func (q *Questionnaire) checkFacts() error {
	nameable := q.nameable()
	ids := map[string]bool{}
	taken := map[string]string{} // which fact has an answer, by question or question=code
	for _, fact := range q.Facts {
		where := at("facts", "fact", fact.ID)
		if !isCode(fact.ID) || ids[fact.ID] || len(fact.Of) == 0 {
			return where.because(": an id of its own (small letters, digits, underscores) and answers are needed")
		}
		ids[fact.ID] = true
		if err := allowText(where, fact.Label); err != nil {
			return err
		}
		for _, p := range fact.Of {
			if err := p.check(where, nameable); err != nil {
				return err
			}
			names := []string{p.Question}
			for _, code := range p.Codes {
				names = append(names, p.Question+"="+code)
			}
			if len(p.Codes) > 0 {
				names = names[1:]
			}
			for _, name := range names {
				if other, again := taken[name]; again {
					return where.because(" names %q, which %q has already", name, other)
				}
				taken[name] = fact.ID
			}
		}
		for _, id := range fact.Words {
			if nameable[id].Kind != LongText {
				return where.because(" words: %q is no question of type %s", id, LongText)
			}
		}
	}
	return nil
}

// nameable is what the cautions, and what is told a doctor of them, may name: the intake's questions, what is known and what
// is worked out.
func (q *Questionnaire) nameable() scope {
	out := scopeOf(q.Intake...)
	for _, question := range q.Known {
		out[question.ID] = question
	}
	for _, d := range q.Derived {
		out[d.ID] = d.question()
	}
	out[FactAreas] = q.Areas()
	for _, fact := range sourceFacts {
		out[fact.ID] = q.named(fact.ID)
	}
	if q.Uses.Height == "" { // nothing gives a BMI
		delete(out, FactBMI)
	}
	return out
}

// factOf is the fact that a value of a question belongs to. option says that the value is one of the question's options and
// was told apart from the others.
func (q *Questionnaire) factOf(question Question, value string, option bool) (id string, declared *Fact) {
	for i, fact := range q.Facts {
		if slices.ContainsFunc(fact.Of, func(p Part) bool { return p.covers(question.ID, value) }) {
			return fact.ID, &q.Facts[i]
		}
	}
	if option && question.Kind == Many {
		return question.ID + "=" + value, nil
	}
	return question.ID, nil
}
