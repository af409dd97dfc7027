package intake

import (
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
