package intake

import "slices"

// Visible names the questions that are asked, given the answers so far. A question is asked when its condition holds over
// the facts and over answers that are themselves visible: what a later change has hidden no longer counts.
func (q *Questionnaire) Visible(a Answers, f Facts) map[string]bool {
	visible, _ := q.walk(a, f)
	return visible
}

// Prune returns the answers without those that are hidden or that belong to no question. The result shares nothing with a.
func (q *Questionnaire) Prune(a Answers, f Facts) Answers {
	_, kept := q.walk(a, f)
	for id, values := range kept {
		kept[id] = slices.Clone(values)
	}
	return kept
}

// walk goes through the questions once. That is enough because a condition names earlier questions only (see Parse).
func (q *Questionnaire) walk(a Answers, f Facts) (visible map[string]bool, kept Answers) {
	s := q.state(a, f)
	return s.visible, s.kept
}

// state is what conditions are decided on: which questions are asked, the answers of which none is hidden, and the facts.
type state struct {
	q       *Questionnaire
	facts   Facts
	visible map[string]bool
	kept    Answers
	derived map[string][]string // the values that are worked out, for the conditions that may name them
}

func (q *Questionnaire) state(a Answers, f Facts) *state {
	s := &state{q: q, facts: f, visible: make(map[string]bool, 2*len(a)), kept: make(Answers, len(a))}
	s.ask(&q.Booking, a)
	for i := range q.Intake {
		s.ask(&q.Intake[i], a)
	}
	return s
}

// ask goes through the questions of a section, with the answers to all of them.
func (s *state) ask(section *Section, a Answers) {
	for i := range section.Questions {
		question := &section.Questions[i] // a question is large, and this is done often
		if !question.ShowIf.holds(s) || len(question.Options) > 0 && !slices.ContainsFunc(question.Options, s.offers) {
			continue // it is not asked, or there is nothing to choose
		}
		s.visible[question.ID] = true
		values := a[question.ID]
		withdrawn := func(v string) bool {
			at := slices.IndexFunc(question.Options, func(o Option) bool { return o.Code == v })
			return at >= 0 && !s.offers(question.Options[at])
		}
		if slices.ContainsFunc(values, withdrawn) {
			values = slices.DeleteFunc(slices.Clone(values), withdrawn)
		}
		if len(values) > 0 {
			s.kept[question.ID] = values
		}
	}
}

// offers reports whether an option is offered just now.
func (s *state) offers(o Option) bool { return len(o.ShowIf.Any) == 0 || o.ShowIf.holds(s) }

// draw is a question as it is asked just now: with the options that are offered, and required if it must be answered.
func (s *state) draw(question Question) Question {
	question.Options = s.offered(&question)
	if len(question.RequiredIf.Any) > 0 && question.RequiredIf.holds(s) {
		question.Required = true
	}
	return question
}

// offered are the options that are offered just now.
func (s *state) offered(question *Question) []Option {
	for i := range question.Options {
		if len(question.Options[i].ShowIf.Any) > 0 {
			return slices.DeleteFunc(slices.Clone(question.Options), func(o Option) bool { return !s.offers(o) })
		}
	}
	return question.Options
}

// Page is a section as it is drawn for a patient with these answers: of each question the options that are offered, and
// whether it must be answered. Which questions are shown is for Visible and ClientConditions to say. Nothing that is
// answered on the page itself changes how it is drawn.
func (q *Questionnaire) Page(s Section, a Answers, f Facts) Section {
	now := q.state(a, f)
	questions := make([]Question, len(s.Questions))
	for i, question := range s.Questions {
		questions[i] = now.draw(question)
	}
	s.Questions = questions
	return s
}

// values is what a test compares: a fact, a value that was worked out, or else an answer.
func (s *state) values(name string) []string {
	if values, isFact := s.facts.values(name); isFact {
		return values
	}
	if values, ok := s.derived[name]; ok {
		return values
	}
	return s.kept[name]
}

func (s *state) holds(t Test) bool {
	if t.Op == Unanswered {
		return s.unanswered(t.Question)
	}
	var alone []string
	if t.Op.counting() {
		alone = s.q.named(t.Question).Excludes
	}
	return t.holds(s.values(t.Question), alone)
}

// unanswered reports whether a question was asked and left empty. It counts as asked once another question of its page has an
// answer: before that, nobody saw it.
func (s *state) unanswered(id string) bool {
	if !s.visible[id] || len(s.kept[id]) > 0 {
		return false
	}
	for _, section := range s.q.sections() {
		if slices.ContainsFunc(section.Questions, func(question Question) bool { return question.ID == id }) {
			return slices.ContainsFunc(section.Questions, func(question Question) bool { return len(s.kept[question.ID]) > 0 })
		}
	}
	return false
}
