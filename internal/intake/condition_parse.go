package intake

import (
	"fmt"
	"slices"
	"strings"
)

const opSigns = "=~!<>#?"

// ParseCondition reads a condition. Whether its names and values exist is for the questionnaire to say. Empty text is the
// zero Condition.
func ParseCondition(s string) (Condition, error) {
	var c Condition
	if strings.TrimSpace(s) == "" {
		return c, nil
	}
	for _, alternative := range alternatives(s) {
		together := conjuncts(alternative)
		if len(together) == 1 {
			tests, err := parseTests(together[0])
			if err != nil {
				return Condition{}, fmt.Errorf("condition %q: %w", s, err)
			}
			for _, t := range tests {
				c.Any = append(c.Any, All{t})
			}
			continue
		}
		var all All
		for _, part := range together {
			tests, err := parseTests(part)
			switch {
			case err != nil:
				return Condition{}, fmt.Errorf("condition %q: %w", s, err)
			case len(tests) > 1:
				return Condition{}, fmt.Errorf("condition %q: beside \"and\", %q must be written with \"or\"", s, part)
			}
			all = append(all, tests...)
		}
		c.Any = append(c.Any, all)
	}
	return c, nil
}

// alternatives splits at the word "or" and at ";".
func alternatives(s string) []string {
	var out []string
	var words []string
	for _, w := range strings.Fields(strings.ReplaceAll(s, ";", " or ")) {
		if w == "or" {
			out, words = append(out, strings.Join(words, " ")), nil
			continue
		}
		words = append(words, w)
	}
	return append(out, strings.Join(words, " "))
}

// conjuncts splits at the word "and". After a comma it is a value, as it was before there was an "and".
func conjuncts(s string) []string {
	var out []string
	var words []string
	for _, w := range strings.Fields(s) {
		if w == "and" && (len(words) == 0 || !strings.HasSuffix(words[len(words)-1], ",")) {
			out, words = append(out, strings.Join(words, " ")), nil
			continue
		}
		words = append(words, w)
	}
	return append(out, strings.Join(words, " "))
}

// parseTests reads tests that stand behind commas.
func parseTests(s string) ([]Test, error) {
	var tests []Test
	for part := range strings.SplitSeq(s, ",") {
		switch part = strings.TrimSpace(part); {
		case strings.ContainsAny(part, opSigns):
			tests = append(tests, splitTest(part))
		case len(tests) == 0:
			return nil, fmt.Errorf("%q compares nothing", part)
		default:
			last := &tests[len(tests)-1]
			last.Values = append(last.Values, part)
		}
	}
	for _, t := range tests {
		if err := t.check(); err != nil {
			return nil, err
		}
	}
	return tests, nil
}

func splitTest(s string) Test {
	at := strings.IndexAny(s, opSigns)
	name, op, value := s[:at], s[at:at+1], s[at+1:]
	if op == "#" && value != "" {
		op, value = op+value[:1], value[1:]
	}
	switch {
	case op == "~":
		op = string(Has)
	case op == string(Unanswered) && value == "":
		return Test{Question: strings.TrimSpace(name), Op: Unanswered}
	case strings.HasSuffix(op, "<") || strings.HasSuffix(op, ">"):
		if strings.HasPrefix(value, "=") {
			op, value = op+"=", value[1:]
		}
	}
	return Test{Question: strings.TrimSpace(name), Op: Op(op), Values: []string{strings.TrimSpace(value)}}
}

func (t Test) check() error {
	if !isCode(t.Question) && !isSourceFact(t.Question) {
		return fmt.Errorf("%q is no name of a question", t.Question)
	}
	switch {
	case !slices.Contains(ops, t.Op):
		return fmt.Errorf("%q is no comparison", t.Op)
	case t.Op == Unanswered:
		if len(t.Values) > 0 {
			return fmt.Errorf("%s? takes no value", t.Question)
		}
		return nil
	case t.Op.counting():
		if !isCount(t.Values[0]) || len(t.Values) != 1 {
			return fmt.Errorf("%s%s wants one whole number, not %q", t.Question, t.Op, strings.Join(t.Values, ","))
		}
		return nil
	case t.Op.ordering():
		if _, ok := parseNumber(t.Values[0]); !ok || len(t.Values) != 1 {
			return fmt.Errorf("%s%s wants one number, not %q", t.Question, t.Op, strings.Join(t.Values, ","))
		}
		return nil
	}
	for _, v := range t.Values {
		if !isCode(v) && !(isSourceFact(t.Question) && isSourceCode(v)) {
			return fmt.Errorf("%q is no code of an option", v)
		}
	}
	return nil
}
