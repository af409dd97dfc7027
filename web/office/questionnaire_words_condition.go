package office

import (
	"strings"

	"madoguchi/internal/intake"
	"madoguchi/web"
)

// opWord is a comparison, to choose from.
func opWord(l web.Locale, op intake.Op) string {
	switch op {
	case intake.Has:
		return l.T("office.questionnaire.op.has")
	case intake.HasNot:
		return l.T("office.questionnaire.op.has_not")
	case intake.Less:
		return l.T("office.questionnaire.op.less")
	case intake.More:
		return l.T("office.questionnaire.op.more")
	case intake.AtLeast:
		return l.T("office.questionnaire.op.at_least")
	case intake.AtMost:
		return l.T("office.questionnaire.op.at_most")
	case intake.CountAtLeast:
		return l.T("office.questionnaire.op.count_at_least")
	case intake.CountAtMost:
		return l.T("office.questionnaire.op.count_at_most")
	case intake.Unanswered:
		return l.T("office.questionnaire.op.unanswered")
	case intake.CountLess:
		return l.T("office.questionnaire.op.count_less")
	case intake.CountMore:
		return l.T("office.questionnaire.op.count_more")
	}
	return string(op)
}

// testWords is a test as a sentence.
func testWords(l web.Locale, t intake.Test, all ...*intake.Questionnaire) string {
	name := questionName(l, t.Question, all...)
	values := make([]string, len(t.Values))
	for i, v := range t.Values {
		values[i] = l.T("office.questionnaire.quoted", "Text", optionName(l, t.Question, v, all...))
	}
	list := strings.Join(values, l.T("office.questionnaire.condition.either"))
	number := ""
	if len(t.Values) > 0 {
		number = t.Values[0]
	}
	switch t.Op {
	case intake.Has:
		return l.T("office.questionnaire.condition.has", "Name", name, "Values", list)
	case intake.HasNot:
		return l.T("office.questionnaire.condition.has_not", "Name", name, "Values", list)
	case intake.Less:
		return l.T("office.questionnaire.condition.less", "Name", name, "N", number)
	case intake.More:
		return l.T("office.questionnaire.condition.more", "Name", name, "N", number)
	case intake.AtLeast:
		return l.T("office.questionnaire.condition.at_least", "Name", name, "N", number)
	case intake.AtMost:
		return l.T("office.questionnaire.condition.at_most", "Name", name, "N", number)
	case intake.CountAtLeast:
		return l.T("office.questionnaire.condition.count_at_least", "Name", name, "N", number)
	case intake.CountAtMost:
		return l.T("office.questionnaire.condition.count_at_most", "Name", name, "N", number)
	case intake.CountMore:
		return l.T("office.questionnaire.condition.count_more", "Name", name, "N", number)
	case intake.CountLess:
		return l.T("office.questionnaire.condition.count_less", "Name", name, "N", number)
	case intake.Unanswered:
		return l.T("office.questionnaire.condition.unanswered", "Name", name)
	}
	return intake.AnyOf(t).String()
}

// conditionWords is a condition as a sentence.
func conditionWords(l web.Locale, c intake.Condition, all ...*intake.Questionnaire) string {
	ways := c.Alternatives()
	if len(ways) == 0 {
		return l.T("office.questionnaire.condition.always")
	}
	out := make([]string, len(ways))
	for i, way := range ways {
		tests := make([]string, len(way))
		for j, t := range way {
			tests[j] = testWords(l, t, all...)
		}
		out[i] = strings.Join(tests, l.T("office.questionnaire.condition.and"))
	}
	return strings.Join(out, l.T("office.questionnaire.condition.or"))
}
