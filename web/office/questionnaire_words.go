package office

import (
	"net/url"
	"strings"

	"madoguchi/internal/intake"
	"madoguchi/web"
)

// What a questionnaire is written in, in the words of whoever edits it.

// kindWord is a kind of question.
func kindWord(l web.Locale, k intake.Kind) string {
	switch k {
	case intake.One:
		return l.T("office.questionnaire.kind.one")
	case intake.Many:
		return l.T("office.questionnaire.kind.many")
	case intake.Number:
		return l.T("office.questionnaire.kind.number")
	case intake.Scale:
		return l.T("office.questionnaire.kind.scale")
	case intake.LongText:
		return l.T("office.questionnaire.kind.longtext")
	case intake.Agree:
		return l.T("office.questionnaire.kind.consent")
	}
	return string(k)
}

// fieldWord is what a field of a section, a question or an option is about.
func fieldWord(l web.Locale, field string) string {
	switch field {
	case "title":
		return l.T("office.questionnaire.field.title")
	case "intro":
		return l.T("office.questionnaire.field.intro")
	case "code":
		return l.T("office.questionnaire.field.code")
	case "doctor_only":
		return l.T("office.questionnaire.field.doctor_only")
	case "label":
		return l.T("office.questionnaire.field.label")
	case "short":
		return l.T("office.questionnaire.field.short")
	case "help":
		return l.T("office.questionnaire.field.help")
	case "text":
		return l.T("office.questionnaire.field.text")
	case "type":
		return l.T("office.questionnaire.field.type")
	case "required":
		return l.T("office.questionnaire.field.required")
	case "required_if":
		return l.T("office.questionnaire.field.required_if")
	case "show_if":
		return l.T("office.questionnaire.field.show_if")
	case "options":
		return l.T("office.questionnaire.field.options")
	case "options_of":
		return l.T("office.questionnaire.field.options_of")
	case "excludes":
		return l.T("office.questionnaire.field.excludes")
	case "zone":
		return l.T("office.questionnaire.field.zone")
	case "unit":
		return l.T("office.questionnaire.field.unit")
	case "min":
		return l.T("office.questionnaire.field.min")
	case "max":
		return l.T("office.questionnaire.field.max")
	case "decimals":
		return l.T("office.questionnaire.field.decimals")
	}
	return field
}

// useWord is a purpose for which the program works with a question.
func useWord(l web.Locale, use string) string {
	switch use {
	case "areas":
		return l.T("office.questionnaire.use.areas")
	case "main_area":
		return l.T("office.questionnaire.use.main_area")
	case "height":
		return l.T("office.questionnaire.use.height")
	case "weight":
		return l.T("office.questionnaire.use.weight")
	case "guardian":
		return l.T("office.questionnaire.use.guardian")
	case "interest":
		return l.T("office.questionnaire.use.interest")
	case "privacy":
		return l.T("office.questionnaire.use.privacy")
	case "cancellation":
		return l.T("office.questionnaire.use.cancellation")
	}
	return use
}

// summaryWord is a part of the summary.
func summaryWord(l web.Locale, part string) string {
	switch part {
	case "complaint":
		return l.T("office.questionnaire.summary.complaint")
	case "head":
		return l.T("office.questionnaire.summary.head")
	case "concern":
		return l.T("office.questionnaire.summary.concern")
	case "so_far":
		return l.T("office.questionnaire.summary.so_far")
	case "words":
		return l.T("office.questionnaire.summary.words")
	}
	return part
}

// questionName is what a question is called; its id, where the questionnaire has it no more.
func questionName(l web.Locale, id string, all ...*intake.Questionnaire) string {
	for _, q := range all {
		if id == intake.FactAreas {
			id = q.Uses.Areas
		}
		if source, ok := intake.SourceFact(id, nil); ok {
			return source.Name(l.Lang())
		}
		if question, ok := q.Question(id); ok {
			if name := question.Name(l.Lang()); name != "" {
				return name
			}
			return l.T("office.questionnaire.untitled")
		}
	}
	return id
}

// optionName is what an option of a question is called.
func optionName(l web.Locale, id, code string, all ...*intake.Questionnaire) string {
	for _, q := range all {
		if id == intake.FactAreas || id == intake.FactFromArea {
			id = q.Uses.Areas
		}
		question, _ := q.Question(id)
		if o, ok := q.WithOptions(question).Option(code); ok {
			return o.In(l.Lang())
		}
	}
	return code
}

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

// TextLang is a language in which a text of the questionnaire is missing or was changed.
func textLang(l web.Locale, lang string) string {
	switch lang {
	case "ja":
		return l.T("office.questionnaire.lang.ja")
	case "en":
		return l.T("office.questionnaire.lang.en")
	}
	return ""
}

// zoneWord is a part of the figure.
func zoneWord(l web.Locale, z intake.Zone) string {
	switch z {
	case "face":
		return l.T("office.questionnaire.zone.face")
	case "chin":
		return l.T("office.questionnaire.zone.chin")
	case "arm":
		return l.T("office.questionnaire.zone.arm")
	case "back":
		return l.T("office.questionnaire.zone.back")
	case "bra":
		return l.T("office.questionnaire.zone.bra")
	case "belly":
		return l.T("office.questionnaire.zone.belly")
	case "flank":
		return l.T("office.questionnaire.zone.flank")
	case "hip":
		return l.T("office.questionnaire.zone.hip")
	case "thigh_f":
		return l.T("office.questionnaire.zone.thigh_f")
	case "thigh_in":
		return l.T("office.questionnaire.zone.thigh_in")
	case "thigh_b":
		return l.T("office.questionnaire.zone.thigh_b")
	case "calf":
		return l.T("office.questionnaire.zone.calf")
	case intake.Whole:
		return l.T("office.questionnaire.zone.whole")
	}
	return string(z)
}

// QuestionWords is what stands in a part of a question's form, in words.
func QuestionWords(l web.Locale, name string, form url.Values, d *intake.Questionnaire) []string {
	switch name {
	case "kind":
		return []string{kindWord(l, intake.Kind(form.Get("kind")))}
	case "required", "doctor_only", "complaint":
		if form.Get(name) != "" {
			return []string{l.T("office.questionnaire.yes")}
		}
		return []string{l.T("office.questionnaire.no")}
	case "option":
		out := []string{}
		for _, code := range form["option"] {
			words := form.Get("opt-" + l.Lang() + "-" + code)
			if when := rowsWords(l, OptionConditionPrefix+code, form, d); len(when) > 0 {
				words += " " + l.T("office.questionnaire.option.when", "When", l.List(when))
			}
			out = append(out, words)
		}
		return out
	case "test", "req":
		return rowsWords(l, name, form, d)
	case "summary":
		return []string{summaryWord(l, form.Get("summary"))}
	case "points":
		out := []string{}
		for _, c := range d.Causes {
			if most := form.Get("points-most-" + c.ID); most != "" {
				out = append(out, c.Label.In(l.Lang())+" "+most)
			}
		}
		return out
	}
	return form[name]
}
