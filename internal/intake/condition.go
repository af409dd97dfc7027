package intake

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Condition says when a question is shown or a caution raised: any of its alternatives holds (or), each of which is one
// Test. The zero Condition always holds.
//
// It is written as tests joined by "or" (";" means the same). A test is a name, a comparison and its values, which are
// separated by commas; a comma may also be followed by the next test:
//
//	pain!none                   was answered, and not with none
//	areas=thigh_f,thigh_b       has any of these ("~" is another way to write "=")
//	ex30!w0 or level!none       either
//	age<20 or age>=70           numbers
type Condition struct {
	Any []Test
}

// Test compares the answer to one question, or one of the facts (age, sex, areas), with values. Whatever the comparison,
// a test on something that was not answered or is not known does not hold: nothing is concluded from silence.
type Test struct {
	Question string
	Op       Op
	Values   []string
}

// Op is how a Test compares.
type Op string

// The comparisons. The last four take exactly one number.
const (
	Has     Op = "=" // has any of the values
	HasNot  Op = "!" // was answered, and with none of the values
	Less    Op = "<"
	More    Op = ">"
	AtLeast Op = ">="
	AtMost  Op = "<="
)

// ordering reports whether the comparison is one of numbers.
func (o Op) ordering() bool { return o != Has && o != HasNot }

// ParseCondition reads a condition. Whether its names and values exist is for the questionnaire to say. Empty text is the
// zero Condition.
func ParseCondition(s string) (Condition, error) {
	var c Condition
	if strings.TrimSpace(s) == "" {
		return c, nil
	}
	for _, alternative := range alternatives(s) {
		first := len(c.Any)
		for part := range strings.SplitSeq(alternative, ",") {
			switch part = strings.TrimSpace(part); {
			case strings.ContainsAny(part, "=~!<>"):
				c.Any = append(c.Any, splitTest(part))
			case len(c.Any) == first:
				return Condition{}, fmt.Errorf("condition %q: %q compares nothing", s, part)
			default:
				last := &c.Any[len(c.Any)-1]
				last.Values = append(last.Values, part)
			}
		}
	}
	for _, t := range c.Any {
		if err := t.check(); err != nil {
			return Condition{}, fmt.Errorf("condition %q: %w", s, err)
		}
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

func splitTest(s string) Test {
	at := strings.IndexAny(s, "=~!<>")
	name, op, value := s[:at], Op(s[at:at+1]), s[at+1:]
	switch {
	case op == "~":
		op = Has
	case op.ordering() && strings.HasPrefix(value, "="):
		op, value = op+"=", value[1:]
	}
	return Test{Question: strings.TrimSpace(name), Op: op, Values: []string{strings.TrimSpace(value)}}
}

func (t Test) check() error {
	if !isCode(t.Question) {
		return fmt.Errorf("%q is no name of a question", t.Question)
	}
	if t.Op.ordering() {
		if _, ok := parseNumber(t.Values[0]); !ok || len(t.Values) != 1 {
			return fmt.Errorf("%s%s wants one number, not %q", t.Question, t.Op, strings.Join(t.Values, ","))
		}
		return nil
	}
	for _, v := range t.Values {
		if !isCode(v) {
			return fmt.Errorf("%q is no code of an option", v)
		}
	}
	return nil
}

// String writes the condition in its one canonical form, which ParseCondition reads back.
func (c Condition) String() string {
	tests := make([]string, len(c.Any))
	for i, t := range c.Any {
		tests[i] = t.Question + string(t.Op) + strings.Join(t.Values, ",")
	}
	return strings.Join(tests, " or ")
}

// MarshalText writes the canonical form.
func (c Condition) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a condition, as it stands in the questionnaire's JSON.
func (c *Condition) UnmarshalText(text []byte) (err error) {
	*c, err = ParseCondition(string(text))
	return err
}

// holds decides the condition over answers of which none is hidden.
func (c Condition) holds(visible Answers, f Facts) bool {
	return len(c.Any) == 0 || slices.ContainsFunc(c.Any, func(t Test) bool { return t.holds(t.values(visible, f)) })
}

// values is what the test compares: a fact, or else an answer.
func (t Test) values(visible Answers, f Facts) []string {
	if values, isFact := f.values(t.Question); isFact {
		return values
	}
	return visible[t.Question]
}

func (t Test) holds(values []string) bool {
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
	case Has, HasNot:
	}
	return false
}

// isCode reports whether s can be the id of a question or the code of an option: small letters, digits and underscores.
func isCode(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

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
