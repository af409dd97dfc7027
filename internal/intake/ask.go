package intake

import "slices"

// Codes of options that say that there is something, but not what: of an option of the sections for the doctor alone, the
// doctor has to ask.
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
	visible, answers := q.walk(a, f)
	var out []Ask
	for _, s := range q.Intake {
		for _, question := range s.Questions {
			if !visible[question.ID] {
				continue
			}
			values := answers[question.ID]
			if len(values) == 0 {
				if because := q.opened(question, answers); len(because) > 0 && (s.DoctorOnly || question.Required) {
					out = append(out, Ask{Question: question, Because: because})
				}
				continue
			}
			unsaid := slices.DeleteFunc(slices.Clone(values), func(v string) bool {
				return v != UnknownCode && v != OtherCode || q.opens(question.ID, v)
			})
			if s.DoctorOnly && (question.Kind == One || question.Kind == Many) && len(unsaid) > 0 {
				out = append(out, Ask{Question: question, Values: unsaid})
			}
		}
	}
	return out
}

// opened are the answers of the intake that make a question visible. Facts are none: everybody has an age.
func (q *Questionnaire) opened(question Question, answers Answers) []Reason {
	intakeOnly := Rule{When: Condition{Any: slices.DeleteFunc(slices.Clone(question.ShowIf.Any), func(t Test) bool {
		_, isFact := Facts{}.values(t.Question)
		return isFact
	})}}
	return intakeOnly.reasons(q, answers, Facts{})
}

// opens reports whether an option makes a question of the intake visible by being named in its condition.
func (q *Questionnaire) opens(id, code string) bool {
	return slices.ContainsFunc(q.Intake, func(s Section) bool {
		return slices.ContainsFunc(s.Questions, func(later Question) bool {
			return slices.ContainsFunc(later.ShowIf.Any, func(t Test) bool {
				return t.Question == id && t.Op == Has && slices.Contains(t.Values, code)
			})
		})
	})
}
