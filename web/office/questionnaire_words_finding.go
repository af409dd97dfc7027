package office

import (
	"strings"

	"madoguchi/internal/intake"
	"madoguchi/web"
)

// draftFindingWords is a finding as a sentence.
func draftFindingWords(l web.Locale, f intake.Finding, draft, before *intake.Questionnaire) string {
	name := questionName(l, f.Where.Question, draft, before)
	if f.Where.Question == "" {
		name = sectionName(l, f.Where.Section, draft, before)
	}
	if f.Where == (intake.Place{}) {
		name = toldName(l, f.Field, draft, before)
	}
	if f.Where.Option != "" {
		name = l.T("office.questionnaire.of_option", "Name", name, "Option", optionName(l, f.Where.Question, f.Where.Option, draft, before))
	}
	arg := func(key string) string {
		if l.Lang() == "en" && f.Args[key+"En"] != "" {
			return f.Args[key+"En"]
		}
		return f.Args[key]
	}
	field := fieldWord(l, f.Field)
	if f.Where == (intake.Place{}) {
		field = l.T("office.questionnaire.told.label")
	}
	switch f.Code {
	case intake.NothingChanged:
		return l.T("office.questionnaire.finding.unchanged")
	case intake.MissingText:
		return l.T("office.questionnaire.finding.missing_text", "Name", name, "Field", field, "Lang", textLang(l, f.Args["Lang"]))
	case intake.Advertises:
		return l.T("office.questionnaire.finding.advertises", "Name", name, "Field", field, "Word", f.Args["Word"])
	case intake.EmptySection:
		return l.T("office.questionnaire.finding.empty_section", "Name", name)
	case intake.NoOptions:
		return l.T("office.questionnaire.finding.no_options", "Name", name)
	case intake.LenderGone:
		return l.T("office.questionnaire.finding.options_of", "Name", name, "Other", arg("Name"))
	case intake.BadBounds:
		return l.T("office.questionnaire.finding.bounds", "Name", name)
	case intake.ConditionGone:
		return l.T("office.questionnaire.finding.condition_gone", "Name", name, "Other", arg("Name"))
	case intake.ConditionLater:
		return l.T("office.questionnaire.finding.condition_later", "Name", name, "Other", arg("Name"))
	case intake.ConditionValue:
		return l.T("office.questionnaire.finding.condition_value", "Name", name, "Other", arg("Name"), "Value", arg("Value"))
	case intake.ConditionKind:
		return l.T("office.questionnaire.finding.condition_kind", "Name", name, "Other", arg("Name"))
	case intake.Unreachable:
		return l.T("office.questionnaire.finding.unreachable", "Name", name)
	case intake.UseGone:
		return l.T("office.questionnaire.finding.use", "Use", useWord(l, f.Args["Use"]))
	case intake.SummaryGone:
		return l.T("office.questionnaire.finding.summary", "Other", arg("Name"))
	case intake.CauseGone:
		return l.T("office.questionnaire.finding.cause", "Other", arg("Name"))
	case intake.UseUnfit:
		return l.T("office.questionnaire.finding.use_unfit", "Use", useWord(l, f.Args["Use"]), "Other", arg("Name"))
	case intake.CellEmpty:
		return l.T("office.questionnaire.finding.strip_empty", "Name", arg("Name"))
	case intake.CellNoNone:
		return l.T("office.questionnaire.finding.strip_none", "Name", arg("Name"))
	case intake.ToldGone:
		return l.T("office.questionnaire.finding.told", "Name", name, "Other", arg("Name"))
	case intake.ToldValue:
		return l.T("office.questionnaire.finding.told_value", "Name", name, "Other", arg("Name"), "Value", arg("Value"))
	case intake.BadPoints:
		return l.T("office.questionnaire.finding.points", "Name", name, "Other", arg("Name"))
	case intake.CautionBreaks:
		return cautionWords(l, f, arg, draft, before)
	case intake.ChangedKind:
		return l.T("office.questionnaire.finding.changed_kind", "Name", name)
	case intake.ConsentReworded:
		return l.T("office.questionnaire.finding.consent", "Name", name)
	default:
		return fileFindingWords(l, f, name, field, arg)
	}
}

func cautionWords(l web.Locale, f intake.Finding, arg func(string) string, draft, before *intake.Questionnaire) string {
	line := lineWords(l, f.Args["Line"], draft, before)
	switch {
	case arg("Value") != "":
		return l.T("office.questionnaire.finding.caution.value", "Other", arg("Name"), "Value", arg("Value"), "Line", line)
	case arg("Name") != "":
		return l.T("office.questionnaire.finding.caution.question", "Other", arg("Name"), "Line", line)
	}
	return l.T("office.questionnaire.finding.caution", "Line", line)
}

// lineWords is a line of the cautions in words: for which treatment, how grave, and when. One that is written otherwise is shown as it is.
func lineWords(l web.Locale, line string, all ...*intake.Questionnaire) string {
	fields := strings.Split(line, "|")
	if len(fields) < 3 {
		return line
	}
	when, err := intake.ParseCondition(strings.TrimSpace(fields[2]))
	if err != nil {
		return line
	}
	treatment, severity := intake.Treatment(strings.TrimSpace(fields[0])), intake.Severity(strings.TrimSpace(fields[1]))
	return l.T("office.questionnaire.finding.caution.rule", "Treatment", l.Word("treatment", string(treatment)), "Severity", markWord(l, severity), "When", conditionWords(l, when, all...))
}

// PlaceURL is where a place of the draft is edited.
func PlaceURL(where intake.Place, field string) string {
	switch {
	case where.Option != "":
		return "/office/questionnaire/questions/" + where.Question + "#opt-ja-" + where.Option
	case where.Question != "" && field != "":
		return "/office/questionnaire/questions/" + where.Question + "#" + anchorOf(field)
	case where.Question != "":
		return "/office/questionnaire/questions/" + where.Question
	case where.Section != "":
		return "/office/questionnaire/sections/" + where.Section
	case strings.HasPrefix(field, "causes."), strings.HasPrefix(field, "strip."):
		return "/office/questionnaire/" + strings.Replace(field, ".", "/", 1)
	case strings.HasPrefix(field, "facts."), strings.HasPrefix(field, "contradictions."):
		return "/office/questionnaire/roles#by-file"
	case strings.HasPrefix(field, "uses"), strings.HasPrefix(field, "summary"), strings.HasPrefix(field, "causes"):
		return "/office/questionnaire/roles"
	}
	return "/office/questionnaire"
}

// anchorOf is the control of a question's page that edits a field.
func anchorOf(field string) string {
	switch field {
	case "label", "short", "help":
		return field + "-ja"
	case "show_if":
		return "condition"
	case "type":
		return "kind"
	}
	return field
}
