package intake

import "slices"

// Visible names the questions that are asked, given the answers so far. A question is asked when its condition holds over
// the facts and over answers that are themselves visible: what a later change has hidden no longer counts.
func (q *Questionnaire) Visible(a Answers, f Facts) map[string]bool {
	visible, _ := q.walk(a, f)
	return visible
}

// Prune returns the answers without those that are hidden or that belong to no question. The result shares nothing with a.
func (q *Questionnaire) Prune(a Answers, f Facts) Answers {
	_, kept := q.walk(a, f)
	return kept
}

// walk goes through the questions once. That is enough because a condition names earlier questions only (see Parse).
func (q *Questionnaire) walk(a Answers, f Facts) (visible map[string]bool, kept Answers) {
	visible, kept = map[string]bool{}, Answers{}
	for _, s := range q.sections() {
		for _, question := range s.Questions {
			if !question.ShowIf.holds(kept, f) {
				continue
			}
			visible[question.ID] = true
			if values := a[question.ID]; len(values) > 0 {
				kept[question.ID] = slices.Clone(values)
			}
		}
	}
	return visible, kept
}
