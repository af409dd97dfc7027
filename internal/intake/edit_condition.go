package intake

import "slices"

// Nameable are the facts and questions that a condition of a question can name, in the order in which they are asked, with the options
// that they offer: what is asked before it. A question of the booking can name those of the booking, one of the intake those of the intake.
func Nameable(q *Questionnaire, id string) (out []Question) {
	for _, known := range q.Known {
		if known.ID == FactAge || known.ID == FactSex {
			out = append(out, known)
		}
	}
	in, _, _ := q.SectionOf(id)
	if in.ID != q.Booking.ID {
		areas := q.WithOptions(q.Areas())
		areas.ID = FactAreas
		out = append(out, areas)
		for _, fact := range sourceFacts {
			if fact.ID == FactFromArea { // articles and campaigns are listed nowhere
				fact.Options = areas.Options
				out = append(out, fact)
			}
		}
	}
	for i, s := range q.sections() {
		if (i == 0) != (in.ID == q.Booking.ID) {
			continue
		}
		for _, question := range s.Questions {
			if question.ID == id {
				return out
			}
			out = append(out, q.WithOptions(question))
		}
	}
	return out
}

// OpsOf are the comparisons that a question's answers allow, in the order in which they are offered.
func OpsOf(q Question) []Op {
	switch q.Kind {
	case Number, Scale:
		return []Op{AtLeast, AtMost, More, Less}
	case Many:
		return []Op{Has, HasNot, CountAtLeast, CountAtMost}
	case One, Agree:
		return []Op{Has, HasNot}
	case LongText:
	}
	return nil
}

// OpsFor are those comparisons, with the one that is written already, as long as it suits the question: a file may have one that is not
// offered.
func OpsFor(q Question, written Op) []Op {
	out := OpsOf(q)
	if !slices.Contains(out, written) && written != Unanswered && slices.Contains(ops, written) && !isSourceFact(q.ID) && written.suits(q) {
		out = append(out, written)
	}
	return out
}

// Counts reports whether a comparison is one of how many options are chosen.
func (o Op) Counts() bool { return o.counting() }

// NameableEarlier are those of Nameable that are asked on earlier pages: what an option or a duty to answer can depend on.
func NameableEarlier(q *Questionnaire, id string) (out []Question) {
	in, _, _ := q.SectionOf(id)
	for _, named := range Nameable(q, id) {
		if s, _, asked := q.SectionOf(named.ID); !asked || s.ID != in.ID {
			out = append(out, named)
		}
	}
	return out
}

// Joined is a condition from the rows of a form: each test with how it goes with the one before. "And" binds more closely than "or".
func Joined(tests []Test, and []bool) (Condition, error) {
	var c Condition
	for i, t := range tests {
		if last := len(c.Any) - 1; i > 0 && and[i] {
			c.Any[last] = append(c.Any[last], t)
		} else {
			c.Any = append(c.Any, All{t})
		}
	}
	return ParseCondition(c.String())
}

// SourceFact is what is told of where a visitor came from, by its name. The articles and campaigns are listed nowhere, so that those that
// are named already are all there is to choose from.
func SourceFact(name string, named []string) (Question, bool) {
	at := slices.IndexFunc(sourceFacts, func(q Question) bool { return q.ID == name })
	if at < 0 {
		return Question{}, false
	}
	q := sourceFacts[at]
	q.Kind = One
	for _, code := range named {
		q.Options = append(q.Options, Option{Code: code, Text: Text{code, code}})
	}
	return q, true
}

// As is the condition as it is written in another that says the same of the same questions: boxes that are ticked come in the order of
// the options.
func (c Condition) As(written Condition) Condition {
	for i, all := range c.Any {
		for j, t := range all {
			if i < len(written.Any) && j < len(written.Any[i]) && t.ticks(written.Any[i][j]) {
				c.Any[i][j] = written.Any[i][j]
			}
		}
	}
	return c
}

// ticks reports whether two tests ask the same of the same options.
func (t Test) ticks(other Test) bool {
	sorted := func(values []string) []string { return slices.Sorted(slices.Values(values)) }
	return t.Question == other.Question && t.Op == other.Op && slices.Equal(sorted(t.Values), sorted(other.Values))
}
