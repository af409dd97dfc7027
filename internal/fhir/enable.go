package fhir

import (
	"encoding/json"
	"reflect"

	"madoguchi/internal/intake"
)

// enable writes a condition as enableWhen. Where FHIR cannot say it, such as "or" and "and" in one condition, it writes none: our own
// extension has the condition in any case, and a system that does not know it asks more than it would have to.
func (w writer) enable(c intake.Condition) (out []enableWhen, behavior string) {
	ways := c.Alternatives()
	for _, way := range ways {
		for _, t := range way {
			tests, together, ok := w.test(t)
			alone := len(ways) == 1 && len(way) == 1
			switch {
			case !ok, len(ways) > 1 && len(way) > 1: // "or" and "and" in one condition
				return nil, ""
			case alone && len(tests) > 1:
				return tests, behaviorOf(together)
			case len(tests) > 1 && together != (len(ways) == 1):
				return nil, ""
			}
			out = append(out, tests...)
		}
	}
	if len(out) < 2 {
		return out, ""
	}
	return out, behaviorOf(len(ways) == 1)
}

func behaviorOf(all bool) string {
	if all {
		return "all"
	}
	return "any"
}

// test writes one test; together says that all of what it becomes must hold, and not any of it.
func (w writer) test(t intake.Test) (out []enableWhen, together, ok bool) {
	question, _ := w.q.Question(t.Question)
	if t.Question == intake.FactAreas {
		question = w.q.Areas()
	}
	if question.ID == "" {
		return nil, false, false
	}
	answer := func(operator, value string) enableWhen {
		return enableWhen{Question: question.ID, Operator: operator, AnswerCoding: &coding{System: w.system(question), Code: value}}
	}
	switch t.Op {
	case intake.Has:
		for _, v := range t.Values {
			out = append(out, answer("=", v))
		}
		return out, false, true
	case intake.HasNot:
		if question.Kind != intake.One { // of several answers, FHIR asks whether any is another
			return nil, false, false
		}
		yes := true
		out = append(out, enableWhen{Question: question.ID, Operator: "exists", AnswerBoolean: &yes})
		for _, v := range t.Values {
			out = append(out, answer("!=", v))
		}
		return out, true, true
	case intake.Less, intake.More, intake.AtLeast, intake.AtMost:
		if len(t.Values) != 1 {
			return nil, false, false
		}
		limit := json.Number(t.Values[0])
		e := enableWhen{Question: question.ID, Operator: string(t.Op)}
		if _, err := limit.Int64(); err == nil && question.Decimals == 0 {
			e.AnswerInteger = &limit
		} else {
			e.AnswerDecimal = &limit
		}
		return []enableWhen{e}, false, true
	case intake.CountLess, intake.CountMore, intake.CountAtLeast, intake.CountAtMost, intake.Unanswered: // FHIR has no word for these
	}
	return nil, false, false
}

// condition reads when an item is asked. Our own extension is believed as long as enableWhen says what we would have written for it:
// somebody may have changed that.
func (r *reader) condition(it item) intake.Condition {
	if e := own(it.Extension, "show_if"); e != nil {
		if c, err := intake.ParseCondition(e.text()); err == nil {
			when, behavior := r.written.enable(c)
			if sameEnable(when, it.EnableWhen) && (behavior == it.EnableBehavior || len(when) < 2) {
				return c
			}
		}
	}
	return r.enabled(it)
}

func sameEnable(a, b []enableWhen) bool {
	plain := func(all []enableWhen) []enableWhen {
		out := make([]enableWhen, len(all))
		for i, e := range all {
			if e.AnswerCoding != nil {
				e.AnswerCoding = &coding{Code: e.AnswerCoding.Code}
			}
			out[i] = e
		}
		return out
	}
	return reflect.DeepEqual(plain(a), plain(b))
}

// enabled reads enableWhen. A test that we have no word for is left out and noted.
func (r *reader) enabled(it item) (c intake.Condition) {
	var tests []intake.Test
	for _, e := range it.EnableWhen {
		t := intake.Test{Question: r.idOf(e.Question), Op: intake.Op(e.Operator)}
		switch {
		case e.Operator == "exists":
			if e.AnswerBoolean == nil || !*e.AnswerBoolean || it.EnableBehavior != "all" || len(it.EnableWhen) < 2 {
				r.lose(intake.LostCondition, it, "")
			}
			continue
		case e.AnswerCoding != nil && (e.Operator == "=" || e.Operator == "!="):
			t.Op = intake.Op(e.Operator[:1])
			t.Values = []string{r.codeOf(e.Question, e.AnswerCoding.Code)}
		case e.AnswerInteger != nil && e.Operator != "=" && e.Operator != "!=":
			t.Values = []string{e.AnswerInteger.String()}
		case e.AnswerDecimal != nil && e.Operator != "=" && e.Operator != "!=":
			t.Values = []string{e.AnswerDecimal.String()}
		case e.AnswerBoolean != nil && e.Operator == "=":
			t.Op, t.Values = intake.Has, []string{yesOrNo(*e.AnswerBoolean)}
		default:
			r.lose(intake.LostCondition, it, "")
			continue
		}
		tests = append(tests, t)
	}
	if len(tests) == 0 {
		return c
	}
	together := it.EnableBehavior == "all"
	parsed, err := intake.ConditionOf(tests, together)
	if err != nil {
		r.lose(intake.LostCondition, it, "")
	}
	return parsed
}

func yesOrNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}
