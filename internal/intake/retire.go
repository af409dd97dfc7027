package intake

import "slices"

// Retire takes a question out of the draft: versions that asked it go on asking those who were asked it. With it goes what says something
// of its answers and cannot without it: its places in the summary, in the strip and among the signs of causes, what is worked out of it,
// and what could be told or contradicted by its answers alone. A condition of another question or option that names it stays, and so does
// a caution: both are found when the draft is to be published.
func (q *Questionnaire) Retire(id string) error {
	s, at, ok := q.SectionOf(id)
	if !ok {
		return ErrNoPlace
	}
	found := q.section(s.ID)
	retired := found.Questions[at]
	found.Questions = slices.Delete(found.Questions, at, at+1)
	q.forget(id)
	q.forgetLender(retired)
	return nil
}

// RetireSection takes a section with its questions out of the draft. That of the booking stays.
func (q *Questionnaire) RetireSection(id string) error {
	at := slices.IndexFunc(q.Intake, func(s Section) bool { return s.ID == id })
	if at < 0 {
		return ErrNoPlace
	}
	questions := q.Intake[at].Questions
	q.Intake = slices.Delete(q.Intake, at, at+1)
	for _, question := range questions {
		q.forget(question.ID)
		q.forgetLender(question)
	}
	return nil
}

// forget takes a question out of what the program does with single questions, but for what it cannot do without.
func (q *Questionnaire) forget(id string) {
	is := func(other string) bool { return other == id }
	for _, part := range q.Summary.Parts() {
		*part.IDs = slices.DeleteFunc(*part.IDs, is)
	}
	for i := range q.Causes {
		q.Causes[i].Signs = slices.DeleteFunc(q.Causes[i].Signs, func(s Sign) bool { return s.Question == id })
	}
	for i := range q.Facts {
		q.Facts[i].Words = slices.DeleteFunc(q.Facts[i].Words, is)
	}
	for i := range q.Contradictions {
		q.Contradictions[i].Questions = slices.DeleteFunc(q.Contradictions[i].Questions, is)
	}
	// One that searched the texts of questions has none left to search.
	q.Contradictions = slices.DeleteFunc(q.Contradictions, func(c ContradictionRule) bool { return len(c.Questions) == 0 && len(c.Mentions) > 0 })
	q.forgetAnswers(func(question, _ string) bool { return question == id })
	for _, use := range q.Uses.List() {
		if *use.ID == id && !use.Needed {
			*use.ID = ""
		}
	}
	if (q.Uses.Height == "") != (q.Uses.Weight == "") {
		q.Uses.Height, q.Uses.Weight = "", ""
	}
	q.forgetBMI()
	for _, d := range slices.Clone(q.Derived) {
		if slices.ContainsFunc(d.From, is) {
			q.Derived = slices.DeleteFunc(q.Derived, func(other Derived) bool { return other.ID == d.ID })
			q.forget(d.ID)
		}
	}
}

// forgetLender takes the options of a question that is gone out of what is told of those that took their options from it.
func (q *Questionnaire) forgetLender(gone Question) {
	for _, s := range q.sections() {
		for _, borrower := range s.Questions {
			if borrower.OptionsOf == gone.ID {
				for _, o := range gone.Options {
					q.forgetOption(borrower.ID, o.Code)
				}
			}
		}
	}
	if gone.ID == q.Uses.Areas {
		q.forgetAnswers(func(question, _ string) bool { return question == FactAreas })
	}
}

// forgetBMI takes the BMI out of what is told, where no height and weight give one.
func (q *Questionnaire) forgetBMI() {
	if q.Uses.Height == "" && q.Uses.Weight == "" {
		q.forgetAnswers(func(question, _ string) bool { return question == FactBMI })
	}
}

// forgetOption takes an option that a question has no more out of what is told of its answers, and of the answers to those that take their
// options from it.
func (q *Questionnaire) forgetOption(id, code string) {
	gone := func(question, value string) bool {
		if value != code {
			return false
		}
		other, _ := q.Question(question)
		return question == id || question == FactAreas && id == q.Uses.Areas || other.OptionsOf == id
	}
	for i := range q.Causes {
		for j, sign := range q.Causes[i].Signs {
			if gone(sign.Question, code) {
				delete(q.Causes[i].Signs[j].Points, code)
			}
		}
		q.Causes[i].Signs = slices.DeleteFunc(q.Causes[i].Signs, func(s Sign) bool { return len(s.Points) == 0 })
	}
	q.forgetAnswers(gone)
}

// forgetAnswers takes answers that nobody can give any more out of the strip, the facts and the contradictions. gone is asked for a question
// as a whole, with no value, and for each of its options that is named.
func (q *Questionnaire) forgetAnswers(gone func(question, value string) bool) {
	for i := range q.Cells {
		q.Cells[i].Questions = partsWithout(q.Cells[i].Questions, gone)
		q.Cells[i].None = q.Cells[i].None.without(gone)
	}
	for i := range q.Facts {
		q.Facts[i].Of = partsWithout(q.Facts[i].Of, gone)
	}
	q.Facts = slices.DeleteFunc(q.Facts, func(f Fact) bool { return len(f.Of) == 0 })
	for i := range q.Contradictions {
		q.Contradictions[i].When = q.Contradictions[i].When.without(gone)
	}
	q.Contradictions = slices.DeleteFunc(q.Contradictions, func(c ContradictionRule) bool { return len(c.When.Any) == 0 })
}

func partsWithout(parts []Part, gone func(question, value string) bool) []Part {
	var out []Part
	for _, p := range parts {
		codes := slices.DeleteFunc(slices.Clone(p.Codes), func(code string) bool { return gone(p.Question, code) })
		if gone(p.Question, "") || len(codes) == 0 && len(p.Codes) > 0 {
			continue
		}
		out = append(out, Part{p.Question, codes})
	}
	return out
}

// without is the condition without the alternatives that no answer can fulfil any more.
func (c Condition) without(gone func(question, value string) bool) Condition {
	var out Condition
	for _, all := range c.Any {
		kept := make(All, 0, len(all))
		for _, t := range all {
			values := slices.DeleteFunc(slices.Clone(t.Values), func(v string) bool { return (t.Op == Has || t.Op == HasNot) && gone(t.Question, v) })
			if !gone(t.Question, "") && (len(values) > 0 || len(t.Values) == 0) {
				kept = append(kept, Test{t.Question, t.Op, values})
			}
		}
		if len(kept) == len(all) {
			out.Any = append(out.Any, kept)
		}
	}
	return out
}
