package intake

// Use is one purpose for which the program works with a single question.
type Use struct {
	Name   string
	ID     *string // of the question
	Needed bool    // the program cannot do without it
}

// List are all uses, in order.
func (u *Uses) List() []Use {
	return []Use{
		{"areas", &u.Areas, true},
		{"main_area", &u.MainArea, false},
		{"height", &u.Height, false},
		{"weight", &u.Weight, false},
		{"guardian", &u.Guardian, false},
		{"interest", &u.Interest, false},
		{"privacy", &u.Privacy, true},
		{"cancellation", &u.Cancellation, false},
	}
}

// SummaryPart is one part of the summary.
type SummaryPart struct {
	Name string
	IDs  *[]string // of questions
}

// Parts are all parts of the summary, in order.
func (s *Summary) Parts() []SummaryPart {
	return []SummaryPart{{"complaint", &s.Complaint}, {"head", &s.Head}, {"concern", &s.Concern}, {"so_far", &s.SoFar}, {"words", &s.Words}}
}

// Candidates are the questions that can serve a use, by its name.
func (q *Questionnaire) Candidates(use string) (out []Question) {
	for _, s := range q.sections() {
		booking := s.ID == q.Booking.ID
		for _, question := range s.Questions {
			if question.serves(use, booking, q.Uses.Areas) {
				out = append(out, question)
			}
		}
	}
	return out
}

// serves reports whether a question can serve a use, as Uses.check wants it.
func (q Question) serves(use string, booking bool, areas string) bool {
	switch use {
	case "areas":
		return booking && q.Kind == Many
	case "privacy":
		return booking && q.Kind == Agree && q.Required
	case "cancellation":
		return booking && q.Kind == Agree
	case "guardian":
		return booking && q.Kind == One
	case "interest":
		return !booking && q.Kind == Many
	case "main_area":
		return !booking && q.Kind == One && q.OptionsOf == areas
	case "height":
		return !booking && q.Kind == Number && q.Unit == "cm"
	case "weight":
		return !booking && q.Kind == Number && q.Unit == "kg"
	}
	return false
}
