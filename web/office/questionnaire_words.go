package office

import (
	"encoding/json"
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
