package intake

import "slices"

// Unjudged are the sections that a patient has still to send and that ask something at which the cautions look, in order. While there is one,
// nobody can say that no caution holds.
func (q *Questionnaire) Unjudged(r Record, f Facts) []Section {
	looked := q.lookedAt()
	visible := q.Visible(r.Answers, f)
	return slices.DeleteFunc(q.Remaining(r, f), func(s Section) bool {
		return !slices.ContainsFunc(s.Questions, func(question Question) bool {
			_, looks := looked[question.ID]
			return looks && visible[question.ID]
		})
	})
}
