package office

import (
	"encoding/json"
	"strings"

	"madoguchi/internal/intake"
	"madoguchi/web"
)

// ChangeWords is a change in words: what was done, and where it is a value that changed, what it was and is.
type ChangeWords struct {
	Sentence string
	Old, New string
	Details  []string // of something that is new: what it says
}

// wordsOfChange writes a change from one questionnaire to another.
func wordsOfChange(l web.Locale, c intake.Edit, before, after *intake.Questionnaire) ChangeWords {
	switch {
	case c.Where.Option != "":
		return optionChange(l, c, before, after)
	case c.Where.Question != "":
		return questionChange(l, c, before, after)
	case c.Where.Section != "":
		return sectionChange(l, c, before, after)
	}
	return wholeChange(l, c, before, after)
}

func sectionName(l web.Locale, id string, all ...*intake.Questionnaire) string {
	for _, q := range all {
		for _, s := range q.All() {
			if s.ID == id {
				if title := s.Title.In(l.Lang()); title != "" {
					return title
				}
				return l.T("office.questionnaire.untitled")
			}
		}
	}
	return id
}

func sectionChange(l web.Locale, c intake.Edit, before, after *intake.Questionnaire) ChangeWords {
	name := sectionName(l, c.Where.Section, before, after)
	switch c.Kind {
	case intake.Added:
		return ChangeWords{Sentence: l.T("office.questionnaire.change.section.added", "Name", sectionName(l, c.Where.Section, after))}
	case intake.Retired:
		return ChangeWords{Sentence: l.T("office.questionnaire.change.section.retired", "Name", name)}
	case intake.Moved:
		return ChangeWords{Sentence: l.T("office.questionnaire.change.section.moved", "Name", name)}
	case intake.Changed:
	}
	return changed(l, l.T("office.questionnaire.change.section", "Name", name), c, before, after)
}

func questionChange(l web.Locale, c intake.Edit, before, after *intake.Questionnaire) ChangeWords {
	name := questionName(l, c.Where.Question, before, after)
	switch c.Kind {
	case intake.Added:
		return ChangeWords{
			Sentence: l.T("office.questionnaire.change.question.added", "Name", questionName(l, c.Where.Question, after), "Section", sectionName(l, c.Where.Section, after)),
			Details:  questionDetails(l, c.Where.Question, after),
		}
	case intake.Retired:
		return ChangeWords{Sentence: l.T("office.questionnaire.change.question.retired", "Name", name)}
	case intake.Moved:
		if c.New != "" {
			return ChangeWords{Sentence: l.T("office.questionnaire.change.question.moved.to", "Name", name, "Section", sectionName(l, c.New, after, before))}
		}
		return ChangeWords{Sentence: l.T("office.questionnaire.change.question.moved", "Name", name)}
	case intake.Changed:
	}
	if c.Field == "required" && c.New == "true" {
		return ChangeWords{Sentence: l.T("office.questionnaire.change.required", "Name", name)}
	}
	if c.Field == "required" {
		return ChangeWords{Sentence: l.T("office.questionnaire.change.optional", "Name", name)}
	}
	return changed(l, l.T("office.questionnaire.change.question", "Name", name), c, before, after)
}

func optionChange(l web.Locale, c intake.Edit, before, after *intake.Questionnaire) ChangeWords {
	name := questionName(l, c.Where.Question, before, after)
	option := optionName(l, c.Where.Question, c.Where.Option, before, after)
	switch c.Kind {
	case intake.Added:
		return ChangeWords{Sentence: l.T("office.questionnaire.change.option.added", "Name", name, "Option", optionName(l, c.Where.Question, c.Where.Option, after))}
	case intake.Retired:
		return ChangeWords{Sentence: l.T("office.questionnaire.change.option.retired", "Name", name, "Option", option)}
	case intake.Moved:
		return ChangeWords{Sentence: l.T("office.questionnaire.change.option.moved", "Name", name, "Option", option)}
	case intake.Changed:
	}
	if c.Field == "show_if" {
		return changedAs(l, l.T("office.questionnaire.change.option", "Name", name, "Option", option), l.T("office.questionnaire.field.offer_if"), c, before, after)
	}
	return changed(l, l.T("office.questionnaire.change.option", "Name", name, "Option", option), c, before, after)
}

func wholeChange(l web.Locale, c intake.Edit, before, after *intake.Questionnaire) ChangeWords {
	part, field, _ := strings.Cut(c.Field, ".")
	names := func(value string, all ...*intake.Questionnaire) string {
		var ids []string
		if json.Unmarshal([]byte(value), &ids) != nil && value != "" {
			ids = []string{value}
		}
		out := make([]string, len(ids))
		for i, id := range ids {
			out[i] = questionName(l, id, all...)
		}
		return l.List(out)
	}
	switch part {
	case "uses":
		return ChangeWords{l.T("office.questionnaire.change.use", "Use", useWord(l, field)), names(c.Old, before), names(c.New, after), nil}
	case "summary":
		return ChangeWords{l.T("office.questionnaire.change.summary", "Part", summaryWord(l, field)), names(c.Old, before), names(c.New, after), nil}
	case "causes", "strip", "facts", "contradictions":
		return toldChange(l, part, c, before, after)
	}
	return ChangeWords{Sentence: l.T("office.questionnaire.change.other", "Field", c.Field)}
}

// changed is a field that has another value.
func changed(l web.Locale, of string, c intake.Edit, before, after *intake.Questionnaire) ChangeWords {
	return changedAs(l, of, fieldWord(l, c.Field), c, before, after)
}

// changedAs is changed where the field is called something else.
func changedAs(l web.Locale, of, what string, c intake.Edit, before, after *intake.Questionnaire) ChangeWords {
	if lang := textLang(l, c.Lang); lang != "" {
		what = l.T("office.questionnaire.change.in_lang", "What", what, "Lang", lang)
	}
	return ChangeWords{
		Sentence: l.T("office.questionnaire.change.field", "Of", of, "What", what),
		Old:      valueWords(l, c.Field, c.Old, before, after), New: valueWords(l, c.Field, c.New, after, before),
	}
}

// valueWords is the value of a field.
func valueWords(l web.Locale, field, value string, all ...*intake.Questionnaire) string {
	switch field {
	case "show_if", "required_if":
		if c, err := intake.ParseCondition(value); err == nil {
			return conditionWords(l, c, all...)
		}
	case "type":
		return kindWord(l, intake.Kind(value))
	case "options_of":
		if value != "" {
			return questionName(l, value, all...)
		}
	}
	switch value {
	case "true":
		return l.T("office.questionnaire.yes")
	case "false":
		return l.T("office.questionnaire.no")
	case "":
		return l.T("office.questionnaire.nothing")
	}
	return value
}
