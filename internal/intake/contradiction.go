package intake

import (
	"slices"
	"strings"

	"madoguchi/internal/clinic"
)

// Contradiction is two answers that can hardly both be right. It is told, and nothing is concluded from it.
type Contradiction struct {
	Rule    ContradictionRule
	Reasons []Reason // the answers, and the free text in which something is mentioned
}

// ContradictionRule says which answers contradict each other: those of the condition, if it is all, or else those with a free
// text that mentions one of some words.
type ContradictionRule struct {
	ID        string    `json:"id"`
	Label     Text      `json:"label"` // what is told
	When      Condition `json:"when"`
	Questions []string  `json:"questions,omitempty"` // whose free text is searched
	Mentions  []string  `json:"mentions,omitempty"`  // for one of these, whatever the width and case of its letters and the kind of kana
}

func (q *Questionnaire) checkContradictions() error {
	nameable := q.nameable()
	ids := map[string]bool{}
	for _, c := range q.Contradictions {
		where := at("contradictions", "contradiction", c.ID)
		switch {
		case !isCode(c.ID) || ids[c.ID]:
			return where.because(": an id of its own (small letters, digits, underscores) is needed")
		case len(c.When.Any) == 0:
			return where.because(": without a condition it would hold of everybody")
		case (len(c.Questions) == 0) != (len(c.Mentions) == 0):
			return where.because(": questions and mentions need each other")
		case slices.ContainsFunc(c.Mentions, func(word string) bool { return fold(word) == "" }):
			return where.because(": a mention is empty")
		}
		ids[c.ID] = true
		if err := needText(where, c.Label); err != nil {
			return err
		}
		if err := c.When.check(nameable); err != nil {
			return where.of(err)
		}
		for _, id := range c.Questions {
			if nameable[id].Kind != LongText {
				return where.because(": %q is no question of type %s", id, LongText)
			}
		}
	}
	return nil
}

// contradictions are those that hold, in the order of the questionnaire.
func (s *state) contradictions() []Contradiction {
	var out []Contradiction
	for _, rule := range s.q.Contradictions {
		reasons := Rule{When: rule.When}.reasons(s)
		if len(reasons) == 0 {
			continue
		}
		var mentioned []Reason
		for _, id := range rule.Questions {
			text := fold(strings.Join(s.kept[id], "\n"))
			if slices.ContainsFunc(rule.Mentions, func(word string) bool { return strings.Contains(text, fold(word)) }) {
				mentioned = append(mentioned, Reason{s.q.named(id), s.kept[id]})
			}
		}
		if len(rule.Questions) == 0 || len(mentioned) > 0 {
			out = append(out, Contradiction{rule, append(reasons, mentioned...)})
		}
	}
	return out
}

// fold makes spellings of one word equal: the width and the case of its letters, and the kind of kana.
func fold(s string) string {
	return clinic.Katakana(strings.ToLower(strings.TrimSpace(clinic.Narrow(s))))
}
