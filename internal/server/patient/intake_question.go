package patient

import (
	"madoguchi/internal/intake"
	view "madoguchi/web/patient"
)

// question puts the answers to a question beside it, as the page shows it.
func question(q intake.Question, values []string, condition intake.ClientCondition, hidden bool) (view.Question, error) {
	data := view.Question{Question: q, Values: values, Hidden: hidden}
	if condition.Always() {
		return data, nil
	}
	text, err := condition.MarshalJSON()
	data.ShowIf = string(text)
	return data, err
}

// pageOf are the questions of a section that can be asked on its page, with what was typed or stored.
func (chart openChart) pageOf(s intake.Section, values map[string][]string) ([]view.Question, error) {
	before := chart.Intake.Answers
	conditions := chart.questions.ClientConditions(s, before, chart.facts)
	visible := visible(chart.questions, s, values, before, chart.facts)
	var out []view.Question
	for _, q := range chart.questions.Page(s, before, chart.facts).Questions {
		if conditions[q.ID].Never() {
			continue
		}
		data, err := question(q, values[q.ID], conditions[q.ID], !visible[q.ID])
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}

// visible are the questions that what was typed on a section's page, together with what was answered before, makes
// visible.
func visible(q *intake.Questionnaire, s intake.Section, typed map[string][]string, before intake.Answers, f intake.Facts) map[string]bool {
	answers, _ := q.CheckSection(s, typed, before, f)
	return q.Visible(answers, f)
}
