package intake

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
	where := Refusal{Part: "summary"}.in("summary")
	for _, id := range s.Complaint { // it may stand in another part as well
		if !q.asks(id) {
			return where.because(" complaint names %q, which is not asked", id)
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
				return where.because(" "+part.name+" names %q, which is not asked", id)
			case seen[id]:
				return where.because(" "+part.name+" names %q, which the summary has already", id)
			case part.name == "words" && question.Kind != LongText:
				return where.because(" words names %q, which is no %s", id, LongText)
			}
			seen[id] = true
		}
	}
	return nil
}
