package intake

import "strings"

// cautions finds the rules that name what the draft lacks.
func (f *findings) cautions(completed *Questionnaire, c Cautions) {
	for line := range strings.Lines(string(c.Rules)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if _, err := ParseCautions([]byte(line), c.Sources, completed); err == nil {
			continue
		}
		f.brokenRule(line)
	}
}

// brokenRule names what a rule refers to and the draft lacks.
func (f *findings) brokenRule(line string) {
	fields := strings.Split(line, "|")
	if len(fields) < 3 {
		f.add(true, CautionBreaks, Place{}, "cautions", "Line", line)
		return
	}
	condition, err := ParseCondition(strings.TrimSpace(fields[2]))
	if err != nil {
		f.add(true, CautionBreaks, Place{}, "cautions", "Line", line)
		return
	}
	said := false
	for _, t := range condition.Tests() {
		if _, isFact := (Facts{}).values(t.Question); isFact || t.Question == FactBMI {
			continue
		}
		s, _, asked := f.draft.SectionOf(t.Question)
		named, _ := f.draft.Question(t.Question)
		name := f.formerName(t.Question)
		if !asked {
			f.add(true, CautionBreaks, Place{}, "cautions", "Line", line, "Name", name.JA, "NameEn", name.EN)
			said = true
			continue
		}
		for _, v := range t.Values {
			if (t.Op == Has || t.Op == HasNot) && !f.draft.offers(named, v) {
				value := f.formerOption(t.Question, v)
				f.add(true, CautionBreaks, Place{s.ID, t.Question, ""}, "options", "Line", line, "Name", name.JA, "NameEn", name.EN, "Value", value.JA, "ValueEn", value.EN)
				said = true
			}
		}
	}
	if !said {
		f.add(true, CautionBreaks, Place{}, "cautions", "Line", line)
	}
}
