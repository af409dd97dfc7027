package office

import (
	"net/url"

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
