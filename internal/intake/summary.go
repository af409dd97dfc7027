package intake

import "fmt"

// Summary says what stands at the top of a doctor's chart and in which order, by the ids of questions of the booking and
// of the intake. Every other answer stands below.
type Summary struct {
	Complaint []string `json:"complaint,omitempty"` // why they came: what was chosen, and free text
	Head      []string `json:"head,omitempty"`      // beside age and sex
	Concern   []string `json:"concern,omitempty"`   // what the patient comes about
	SoFar     []string `json:"so_far,omitempty"`    // what was tried, pain, wishes
	Words     []string `json:"words,omitempty"`     // what the patient wrote, word for word
}

func (s Summary) check(q *Questionnaire) error {
	for _, id := range s.Complaint { // it may stand in another part as well
		if !q.asks(id) {
			return fmt.Errorf("summary complaint names %q, which is not asked", id)
		}
	}
	seen := map[string]bool{}
	for _, part := range []struct {
		name string
		ids  []string
	}{{"head", s.Head}, {"concern", s.Concern}, {"so_far", s.SoFar}, {"words", s.Words}} {
		for _, id := range part.ids {
			question, _ := q.Question(id)
			switch {
			case !q.asks(id):
				return fmt.Errorf("summary %s names %q, which is not asked", part.name, id)
			case seen[id]:
				return fmt.Errorf("summary %s names %q, which the summary has already", part.name, id)
			case part.name == "words" && question.Kind != LongText:
				return fmt.Errorf("summary words names %q, which is no %s", id, LongText)
			}
			seen[id] = true
		}
	}
	return nil
}
