package intake

import "slices"

// Quote is free text that stands beside a fact.
type Quote struct {
	Reason
	// About are the answers for which it was asked, where it speaks of more than the fact: side effects are asked of all treatments at
	// once. It is empty where the text is about the fact alone.
	About []Reason
}

// quotes are the free texts of some questions that speak of a fact with these items. One that was asked for other answers than those of the
// fact is left out: it stands among the answers, and beside another fact.
func (s *state) quotes(items []Item, questions []string) []Quote {
	var own []Reason
	for _, item := range items {
		own = append(append(own, item.Reason), s.askedFor(item.Question)...)
	}
	ofFact := func(question, value string) bool {
		return slices.ContainsFunc(own, func(r Reason) bool { return r.Question.ID == question && slices.Contains(r.Values, value) })
	}
	var out []Quote
	for _, id := range questions {
		values := s.kept[id]
		if len(values) == 0 {
			continue
		}
		question := s.q.named(id)
		about, mine, others := s.askedFor(question), 0, 0
		for _, r := range about {
			for _, v := range r.Values {
				if ofFact(r.Question.ID, v) {
					mine++
				} else {
					others++
				}
			}
		}
		switch {
		case others == 0:
			out = append(out, Quote{Reason: Reason{question, values}})
		case mine > 0:
			out = append(out, Quote{Reason{question, values}, about})
		}
	}
	return out
}

// askedFor are the options, of questions that let several be chosen, because of which a question is asked: directly, or by way of a
// question that has one answer, such as whether there was any trouble with them.
func (s *state) askedFor(question Question) []Reason {
	var out []Reason
	for _, all := range question.ShowIf.Any {
		if !all.holds(s) {
			continue
		}
		for _, t := range all {
			named := s.q.named(t.Question)
			if _, isFact := s.facts.values(t.Question); isFact || t.Op != Has {
				continue
			}
			if named.Kind != Many {
				out = append(out, s.askedFor(named)...)
				continue
			}
			out = append(out, s.reason(t))
		}
	}
	return out
}
