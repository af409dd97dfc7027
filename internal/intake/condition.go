package intake

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Condition says when a question is shown or a caution raised: any of its alternatives holds (or), each of which is some
// tests that all hold (and). The zero Condition always holds.
//
// It is written as alternatives joined by "or" (";" means the same), each of them tests joined by "and". A test is a name, a
// comparison and its values, which are separated by commas; where nothing is joined by "and", a comma may also be followed
// by the next alternative:
//
//	pain!none                           was answered, and not with none
//	areas=thigh_f,thigh_b               has any of these ("~" is another way to write "=")
//	ex30!w0 or level!none               either
//	age<20 or age>=70                   numbers
//	surgery=soon and hx_sugar=t2,dm     both
//	hx_group#>=3                        three or more of the options are chosen, those that exclude all others aside
//	binge?                              was asked and left empty
type Condition struct {
	Any []All
}

// All are tests that must all hold.
type All []Test

// AnyOf is the condition that one of some tests holds.
func AnyOf(tests ...Test) Condition {
	var c Condition
	for _, t := range tests {
		c.Any = append(c.Any, All{t})
	}
	return c
}

// Tests are all tests of the condition, in the order in which they are written.
func (c Condition) Tests() []Test { return slices.Concat(c.Any...) }

// Test compares the answer to one question, or one of the facts (age, sex, areas, where the visitor came from), with values.
// But for Unanswered, a test on something that was not answered or is not known does not hold, whatever the comparison:
// nothing is concluded from silence.
type Test struct {
	Question string
	Op       Op
	Values   []string
}

// Op is how a Test compares.
type Op string

// The comparisons. Those of numbers and of counts take exactly one number, Unanswered takes nothing.
const (
	Has          Op = "="   // has any of the values
	HasNot       Op = "!"   // was answered, and with none of the values
	Less         Op = "<"   //
	More         Op = ">"   //
	AtLeast      Op = ">="  //
	AtMost       Op = "<="  //
	CountLess    Op = "#<"  // so many options are chosen; one that excludes all others is none
	CountMore    Op = "#>"  //
	CountAtLeast Op = "#>=" //
	CountAtMost  Op = "#<=" //
	Unanswered   Op = "?"   // was asked and left empty: another question of its page has an answer
)

var ops = []Op{Has, HasNot, Less, More, AtLeast, AtMost, CountLess, CountMore, CountAtLeast, CountAtMost, Unanswered}

// counting reports whether the comparison is one of how many options are chosen.
func (o Op) counting() bool { return strings.HasPrefix(string(o), "#") }

// ordering reports whether the comparison is one of numbers.
func (o Op) ordering() bool { return o != Has && o != HasNot && o != Unanswered && !o.counting() }

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

// String writes the condition in its one canonical form, which ParseCondition reads back.
func (c Condition) String() string {
	alternatives := make([]string, len(c.Any))
	for i, all := range c.Any {
		tests := make([]string, len(all))
		for j, t := range all {
			tests[j] = t.Question + string(t.Op) + strings.Join(t.Values, ",")
		}
		alternatives[i] = strings.Join(tests, " and ")
	}
	return strings.Join(alternatives, " or ")
}

// MarshalText writes the canonical form.
func (c Condition) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a condition, as it stands in the questionnaire's JSON.
func (c *Condition) UnmarshalText(text []byte) (err error) {
	if *c, err = ParseCondition(string(text)); err != nil {
		return &WrittenError{string(text), err}
	}
	return nil
}

// WrittenError is the answer to a condition, or a part, that is written as none can be.
type WrittenError struct {
	Written string
	why     error
}

func (e *WrittenError) Error() string { return e.why.Error() }

func (e *WrittenError) Unwrap() error { return e.why }

// holds decides the condition.
func (c Condition) holds(s *state) bool {
	return len(c.Any) == 0 || slices.ContainsFunc(c.Any, func(all All) bool { return all.holds(s) })
}

func (a All) holds(s *state) bool {
	return !slices.ContainsFunc(a, func(t Test) bool { return !s.holds(t) })
}

// holds decides a test on values, of which those of alone exclude all others. Unanswered needs more than the values: see state.
func (t Test) holds(values []string, alone []string) bool {
	if len(values) == 0 {
		return false
	}
	hit := slices.ContainsFunc(values, func(v string) bool { return slices.Contains(t.Values, v) })
	switch t.Op {
	case Has:
		return hit
	case HasNot:
		return !hit
	case Less, More, AtLeast, AtMost:
		have, okHave := parseNumber(values[0])
		limit, okLimit := parseNumber(t.Values[0])
		return okHave && okLimit && compare(have, t.Op, limit)
	case CountLess, CountMore, CountAtLeast, CountAtMost:
		have := 0
		for _, v := range values {
			if !slices.Contains(alone, v) {
				have++
			}
		}
		limit, ok := parseNumber(t.Values[0])
		return ok && compare(float64(have), Op(strings.TrimPrefix(string(t.Op), "#")), limit)
	case Unanswered:
	}
	return false
}

func compare(have float64, op Op, limit float64) bool {
	switch op {
	case Less:
		return have < limit
	case More:
		return have > limit
	case AtLeast:
		return have >= limit
	case AtMost:
		return have <= limit
	case Has, HasNot, CountLess, CountMore, CountAtLeast, CountAtMost, Unanswered:
	}
	return false
}

// isCode reports whether s can be the id of a question or the code of an option: small letters, digits and underscores.
func isCode(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// isCount reports whether s is a whole number that can count options.
func isCount(s string) bool { return s != "" && len(s) <= 3 && strings.Trim(s, "0123456789") == "" }

// parseNumber reads a plain decimal such as 18.5: digits and at most one point, nothing else.
func parseNumber(s string) (float64, bool) {
	if s == "" || len(s) > 32 || strings.Trim(s, "0123456789.") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

// plain writes a number without needless digits: 60.4, 60.
func plain(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func round(n float64, decimals int) float64 {
	shift := math.Pow10(decimals)
	return math.Round(n*shift) / shift
}
