package intake

import "slices"

// Codes of options that say that there is something, but not what: of an option of a section or question for the doctor alone,
// the doctor has to ask.
const (
	UnknownCode = "unknown" // わからない
	OtherCode   = "other"   // そのほか
)

// Ask is something that the doctor has to ask in person (聞く), because the answers say that there is something and not
// what. It is no Caution: nothing is known that could be checked, and silence is never taken for none.
type Ask struct {
	Question Question
	Values   []string // what was answered: UnknownCode or OtherCode; empty where nothing was
	Because  []Reason // the answers that opened a question which was left empty
}

// Asks are what the doctor has to ask, in the order of the questionnaire:
//
//   - what an answer of the intake opened and nobody answered, such as the list of illnesses after a tick at their group.
//     Outside of the sections for the doctor alone that counts for required questions only;
//   - "unknown" and "other" in the sections for the doctor alone, unless that opened a question of its own, which then
//     stands for it.
//
// Hidden questions and answers are left out.
func (q *Questionnaire) Asks(a Answers, f Facts) []Ask {
	now := q.state(a, f)
	var out []Ask
	for _, s := range q.Intake {
		for _, question := range s.Questions {
			if !now.visible[question.ID] {
				continue
			}
			values, private := now.kept[question.ID], s.DoctorOnly || question.DoctorOnly
			if len(values) == 0 {
				if because := now.opened(question); len(because) > 0 && (private || now.draw(question).Required) {
					out = append(out, Ask{Question: question, Because: because})
				}
				continue
			}
			unsaid := slices.DeleteFunc(slices.Clone(values), func(v string) bool {
				return v != UnknownCode && v != OtherCode || q.opens(question.ID, v)
			})
			if private && (question.Kind == One || question.Kind == Many) && len(unsaid) > 0 {
				out = append(out, Ask{Question: question, Values: unsaid})
			}
		}
	}
	return out
}

// opened are the answers of the intake that make a question visible. Facts are none: everybody has an age.
func (s *state) opened(question Question) []Reason {
	var out []Reason
	for _, all := range question.ShowIf.Any {
		if !all.holds(s) {
			continue
		}
		for _, t := range all {
			if _, isFact := s.facts.values(t.Question); !isFact {
				out = append(out, s.reason(t))
			}
		}
	}
	return out
}

// opens reports whether an option makes a question of the intake visible by being named in its condition.
func (q *Questionnaire) opens(id, code string) bool {
	return slices.ContainsFunc(q.Intake, func(s Section) bool {
		return slices.ContainsFunc(s.Questions, func(later Question) bool { return later.openedBy(id, code) })
	})
}

// openedBy reports whether the question's condition names an option.
func (q Question) openedBy(id, code string) bool {
	return slices.ContainsFunc(q.ShowIf.Tests(), func(t Test) bool {
		return t.Question == id && t.Op == Has && slices.Contains(t.Values, code)
	})
}
