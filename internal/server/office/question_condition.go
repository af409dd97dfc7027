package office

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
)

func conditionForm(form url.Values, prefix string, c intake.Condition) {
	n := 0
	for _, way := range c.Alternatives() {
		for i, t := range way {
			at := "-" + strconv.Itoa(n)
			form.Add(prefix, t.Question)
			form.Set(prefix+"-of"+at, t.Question)
			form.Set(prefix+"-op"+at, string(t.Op))
			if len(t.Values) > 0 {
				form[prefix+"-value"+at] = slices.Clone(t.Values)
			}
			if n > 0 {
				form.Set(prefix+"-joined"+at, map[bool]string{true: "and", false: "or"}[i > 0])
			}
			n++
		}
	}
}

var errTooLong = errors.New("a condition tests too much")

// wrongCondition is what is wrong with a condition, said at its field.
func wrongCondition(field, message string, err error) *clinic.Error {
	if errors.Is(err, errTooLong) {
		return &clinic.Error{Code: clinic.Invalid, Field: field, Message: "error.questionnaire.condition_long", Args: map[string]string{"Max": strconv.Itoa(intake.MaxTests)}}
	}
	return &clinic.Error{Code: clinic.Invalid, Field: field, Message: message}
}

// readCondition reads the rows of a condition. Rows without a question are left out; one without a value is refused.
func readCondition(form url.Values, prefix string) (intake.Condition, error) {
	var tests []intake.Test
	var and []bool
	for n, id := range form[prefix] {
		if id == "" {
			continue
		}
		at := "-" + strconv.Itoa(n)
		t := intake.Test{Question: id, Op: intake.Op(form.Get(prefix + "-op" + at))}
		if of := prefix + "-of" + at; form.Has(of) && form.Get(of) != id { // another question was chosen since the row was drawn
			return intake.Condition{}, errors.New("the values of a condition are those of another question")
		}
		if t.Op != intake.Unanswered {
			for _, v := range form[prefix+"-value"+at] {
				if clinic.HasControl(v) {
					return intake.Condition{}, errors.New("a value of a condition cannot be read")
				}
				t.Values = append(t.Values, clinic.Narrow(strings.TrimSpace(v)))
			}
			if len(t.Values) == 0 {
				t.Values = []string{""}
			}
		}
		tests, and = append(tests, t), append(and, form.Get(prefix+"-joined"+at) == "and")
	}
	if (intake.Condition{Any: []intake.All{tests}}).TooLong() {
		return intake.Condition{}, errTooLong
	}
	return intake.Joined(tests, and)
}
