package office

import (
	"madoguchi/internal/intake"
	"madoguchi/web"
)

// questionDetails are what a question that is new asks, in the reader's language: its words, its options and under what condition.
func questionDetails(l web.Locale, id string, q *intake.Questionnaire) (lines []string) {
	question, known := q.Question(id)
	if !known {
		return nil
	}
	lines = append(lines, l.T("office.questionnaire.detail.label", "Words", question.Label.In(l.Lang())))
	var options []string
	for _, o := range q.WithOptions(question).Options {
		options = append(options, o.In(l.Lang()))
	}
	if len(options) > 0 {
		lines = append(lines, l.T("office.questionnaire.detail.options", "Words", l.List(options)))
	}
	if len(question.ShowIf.Any) > 0 {
		lines = append(lines, l.T("office.questionnaire.detail.condition", "Words", conditionWords(l, question.ShowIf, q)))
	}
	return lines
}
