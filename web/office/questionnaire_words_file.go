package office

import (
	"madoguchi/internal/intake"
	"madoguchi/web"
)

// fileFindingWords is a finding, as a sentence, about what a form would not have let through: only a file can have brought it.
func fileFindingWords(l web.Locale, f intake.Finding, name, field string, arg func(string) string) string {
	if lang := textLang(l, f.Args["Lang"]); lang != "" {
		field = l.T("office.questionnaire.change.in_lang", "What", field, "Lang", lang)
	}
	switch f.Code {
	case intake.BadScale:
		return l.T("office.questionnaire.finding.scale", "Name", name, "Max", f.Args["Max"])
	case intake.BadDecimals:
		return l.T("office.questionnaire.finding.decimals", "Name", name)
	case intake.BadSign:
		if f.Args["Sign"] == "" {
			return l.T("office.questionnaire.finding.control", "Name", name, "Field", field)
		}
		return l.T("office.questionnaire.finding.sign", "Name", name, "Field", field, "Sign", f.Args["Sign"], "N", f.Args["N"])
	case intake.LongWords:
		return l.T("office.questionnaire.finding.long", "Name", name, "Field", field, "Max", f.Args["Max"])
	case intake.IDTwice:
		return l.T("office.questionnaire.finding.twice", "Name", name, "Item", f.Args["Item"])
	case intake.BadID:
		return l.T("office.questionnaire.finding.id", "Name", name, "Item", f.Args["Item"])
	case intake.BadKind:
		return l.T("office.questionnaire.finding.kind", "Name", name, "Item", f.Args["Item"])
	case intake.BadConsent:
		return l.T("office.questionnaire.finding.consent_options", "Name", name)
	case intake.ExcludesGone:
		return l.T("office.questionnaire.finding.excludes", "Name", name, "Item", arg("Item"))
	case intake.RequiredTwice:
		return l.T("office.questionnaire.finding.required_twice", "Name", name)
	case intake.ConditionLong:
		return l.T("office.questionnaire.finding.condition_long", "Name", name, "Max", f.Args["Max"])
	case intake.TooMuch:
		return l.T("office.questionnaire.finding.too_much", "Name", name, "Max", f.Args["Max"])
	case intake.NothingChanged, intake.MissingText, intake.Advertises, intake.EmptySection, intake.NoOptions, intake.LenderGone, intake.BadBounds, intake.ConditionGone,
		intake.ConditionLater, intake.ConditionValue, intake.ConditionKind, intake.Unreachable, intake.UseGone, intake.SummaryGone, intake.UseUnfit, intake.CauseGone,
		intake.CellEmpty, intake.CellNoNone, intake.ToldGone, intake.ToldValue, intake.BadPoints, intake.CautionBreaks, intake.ChangedKind, intake.ConsentReworded:
		// findingWords says them.
	case intake.Malformed:
	}
	if f.Where == (intake.Place{}) {
		name = partWord(l, f.Args["Part"])
	}
	if f.Args["Items"] == "" {
		return l.T("office.questionnaire.finding.malformed", "Name", name)
	}
	return l.T("office.questionnaire.finding.malformed.ids", "Name", name, "Items", f.Args["Items"])
}

// partWord is a part of the file.
func partWord(l web.Locale, part string) string {
	switch part {
	case "intake":
		return l.T("office.questionnaire.part.intake")
	case "known":
		return l.T("office.questionnaire.part.known")
	case "derived":
		return l.T("office.questionnaire.part.derived")
	case "strip":
		return l.T("office.questionnaire.strip")
	case "causes":
		return l.T("office.questionnaire.causes")
	case "facts":
		return l.T("office.questionnaire.facts")
	case "contradictions":
		return l.T("office.questionnaire.contradictions")
	case "summary":
		return l.T("office.questionnaire.summary")
	case "uses":
		return l.T("office.questionnaire.uses")
	}
	return l.T("office.questionnaire.part.whole")
}
