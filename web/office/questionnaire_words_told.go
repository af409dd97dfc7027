package office

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"madoguchi/internal/intake"
	"madoguchi/web"
)

// What is told a doctor of the answers, in the words of whoever edits it: the strip, the causes, the facts and the contradictions.

// rowsWords are the rows of a condition of a form.
func rowsWords(l web.Locale, prefix string, form url.Values, d *intake.Questionnaire) []string {
	out := []string{}
	for n, id := range form[prefix] {
		at := "-" + strconv.Itoa(n)
		if id != "" {
			out = append(out, testWords(l, intake.Test{Question: id, Op: intake.Op(form.Get(prefix + "-op" + at)), Values: form[prefix+"-value"+at]}, d))
		}
	}
	return out
}

// partWords is an answer, or some of its options.
func partWords(l web.Locale, p intake.Part, all ...*intake.Questionnaire) string {
	name := questionName(l, p.Question, all...)
	if len(p.Codes) == 0 {
		return name
	}
	options := make([]string, len(p.Codes))
	for i, code := range p.Codes {
		options[i] = optionName(l, p.Question, code, all...)
	}
	return l.T("office.questionnaire.told.part", "Name", name, "Options", l.List(options))
}

func partsWords(l web.Locale, parts []intake.Part, all ...*intake.Questionnaire) string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = partWords(l, p, all...)
	}
	return l.List(out)
}

// signWords is a question with the points of its options, in the order of the options.
func signWords(l web.Locale, s intake.Sign, all ...*intake.Questionnaire) string {
	var codes []string
	for _, q := range all {
		question, _ := q.Question(s.Question)
		for _, o := range q.WithOptions(question).Options {
			if s.Points[o.Code] > 0 && !slices.Contains(codes, o.Code) {
				codes = append(codes, o.Code)
			}
		}
	}
	points := make([]string, len(codes))
	for i, code := range codes {
		points[i] = optionName(l, s.Question, code, all...) + " " + strconv.Itoa(s.Points[code])
	}
	return l.T("office.questionnaire.cause.sign", "Name", questionName(l, s.Question, all...), "Points", l.List(points), "Most", strconv.Itoa(s.Most))
}

func cellWords(l web.Locale, c intake.Cell, all ...*intake.Questionnaire) string {
	return l.T("office.questionnaire.strip.words", "Name", c.Label.In(l.Lang()), "Parts", partsWords(l, c.Questions, all...), "None", conditionWords(l, c.None, all...))
}

func causeWords(l web.Locale, c intake.Cause, all ...*intake.Questionnaire) string {
	signs := make([]string, len(c.Signs))
	for i, s := range c.Signs {
		signs[i] = signWords(l, s, all...)
	}
	return l.T("office.questionnaire.cause.words", "Name", c.Label.In(l.Lang()), "Signs", l.List(signs))
}

// factWords are the answers of a fact.
func factWords(l web.Locale, f intake.Fact, all ...*intake.Questionnaire) string {
	words := partsWords(l, f.Of, all...)
	if label := f.Label.In(l.Lang()); label != "" {
		return l.T("office.questionnaire.fact.words", "Name", label, "Parts", words)
	}
	return words
}

// contradictionWords are what is told, and of which answers.
func contradictionWords(l web.Locale, c intake.ContradictionRule, all ...*intake.Questionnaire) string {
	return l.T("office.questionnaire.contradiction.words", "Name", c.Label.In(l.Lang()), "When", conditionWords(l, c.When, all...))
}

// toldName is what a field of a finding or a change is called: strip.medicines, causes.posture.
func toldName(l web.Locale, field string, all ...*intake.Questionnaire) string {
	part, id, _ := strings.Cut(field, ".")
	for _, q := range all {
		switch part {
		case "strip":
			if c, ok := q.Cell(id); ok {
				return l.T("office.questionnaire.strip.of", "Name", c.Label.In(l.Lang()))
			}
		case "causes":
			if c, ok := q.Cause(id); ok {
				return l.T("office.questionnaire.cause.of", "Name", c.Label.In(l.Lang()))
			}
		case "facts":
			return l.T("office.questionnaire.facts")
		case "contradictions":
			return l.T("office.questionnaire.contradictions")
		}
	}
	return field
}

// toldChange is a change of what is told a doctor.
func toldChange(l web.Locale, part string, c intake.Edit, before, after *intake.Questionnaire) ChangeWords {
	name := toldName(l, c.Field, after, before)
	if c.Kind == intake.Moved {
		return ChangeWords{Sentence: l.T("office.questionnaire.change.told.moved", "Name", name)}
	}
	words := func(value string, all ...*intake.Questionnaire) string {
		if value == "" {
			return l.T("office.questionnaire.nothing")
		}
		switch part {
		case "strip":
			return readAs(value, func(c intake.Cell) string { return cellWords(l, c, all...) })
		case "causes":
			return readAs(value, func(c intake.Cause) string { return causeWords(l, c, all...) })
		case "facts":
			return readAs(value, func(f intake.Fact) string { return factWords(l, f, all...) })
		}
		return readAs(value, func(c intake.ContradictionRule) string { return contradictionWords(l, c, all...) })
	}
	return ChangeWords{l.T("office.questionnaire.change.told", "Name", name), words(c.Old, before, after), words(c.New, after, before)}
}

// readAs puts a value that is written as JSON into words; one that is something else is shown as it is.
func readAs[T any](value string, words func(T) string) string {
	var thing T
	if err := json.Unmarshal([]byte(value), &thing); err != nil {
		return value
	}
	return words(thing)
}
