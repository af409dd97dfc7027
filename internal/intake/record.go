package intake

import (
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"madoguchi/internal/clinic"
)

// Record is one patient's intake as it is stored.
type Record struct {
	BookingID string
	Revision  int    // how often it was saved
	Version   string // of the questionnaire that is asked: the booking's
	Answers   Answers
	// Typed is what was given and is no answer as things stand: what was typed, as it was typed, where that is no good answer yet and the
	// patient put the section off (until a good one comes, the answer before, if any, stands among Answers), and what answers a question
	// or chooses an option that other answers hide just now. With them it comes back, until the intake is complete.
	Typed       map[string][]string
	Changed     map[string]int // the revision in which the answer to a question, or what was typed for it, changed last
	Done        []string       // ids of the sections that were sent in good order, in the questionnaire's order
	CompletedAt *time.Time
	UpdatedAt   time.Time
}

// Consents are the agreements among the answers of the booking, to the version of the texts that was shown.
func (q *Questionnaire) Consents(a Answers, version string, at time.Time) []clinic.Consent {
	var out []clinic.Consent
	for _, question := range q.Booking.Questions {
		if question.Kind == Agree && len(a[question.ID]) > 0 {
			out = append(out, clinic.Consent{Kind: question.ID, Version: version, At: at})
		}
	}
	return out
}

// Answer takes the form of one section into a record. With errors the record comes back as it was. The record is
// completed at the instant at which nothing remains, and is so no longer should a later change ask something new. What other answers
// hide waits among Typed until then, because a wrong tap may be taken back; a complete record holds what was asked and nothing else.
func (q *Questionnaire) Answer(r Record, s Section, raw map[string][]string, f Facts, now time.Time) (Record, clinic.Errors) {
	answers, errs := q.state(q.recall(r), f).checkOver(s, raw, q.recall(r), nil)
	if len(errs) > 0 {
		return r, errs
	}
	done := r.Done
	r.Done = nil
	for _, each := range q.Intake {
		if each.ID == s.ID || slices.Contains(done, each.ID) {
			r.Done = append(r.Done, each.ID)
		}
	}
	r.Answers, r.Typed, r.UpdatedAt = q.Prune(answers, f), q.setAside(answers, typedElsewhere(r, s), f), now
	switch complete := q.Complete(r, f); {
	case !complete:
		r.CompletedAt = nil
		return r, nil
	case r.CompletedAt == nil:
		r.CompletedAt = &now
	}
	r.Typed = map[string][]string{}
	return r, nil
}

// Postpone takes the form of a section that the patient puts off half-way, so that they find it again as they left it. What is
// good becomes the answer; what is not yet is kept as it was typed, and the answer before stays in force until a good one
// comes. The section remains to be sent.
func (q *Questionnaire) Postpone(r Record, s Section, raw map[string][]string, f Facts, now time.Time) Record {
	before := q.recall(r)
	answers, errs := q.state(before, f).checkOver(s, raw, before, r.Answers)
	visible, typed := q.Visible(answers, f), q.setAside(answers, typedElsewhere(r, s), f)
	for _, question := range s.Questions {
		id, given := question.ID, raw[question.ID]
		wrong := errs.For(id) != nil && (!blank(given) || len(r.Answers[id]) > 0)
		// What is not asked for now may be asked once the question before it has a good answer.
		waiting := len(errs) > 0 && !visible[id] && !blank(given) && !slices.Equal(given, r.Answers[id])
		if kept := question.keepable(given); (wrong || waiting) && (len(kept) > 0 || len(r.Answers[id]) > 0) {
			typed[id] = kept
		}
	}
	r.Answers, r.Typed = q.Prune(answers, f), typed
	r.Done = slices.DeleteFunc(slices.Clone(r.Done), func(id string) bool { return id == s.ID })
	r.UpdatedAt, r.CompletedAt = now, nil
	return r
}

// mostTyped is how long a text may be that is kept although it is too long for an answer, so that who has pasted it can shorten it.
const mostTyped = 10 * clinic.MaxText

// keepable is what of a form is worth keeping as it was typed: of a question with options those that it has, which a patient may have
// chosen while they were offered, and else one text. No page sends anything else, and nobody should read it on a chart.
func (q Question) keepable(given []string) []string {
	out := []string{}
	for _, v := range given {
		switch {
		case len(q.Options) > 0 && (!q.option(v) || slices.Contains(out, v)):
		case len(q.Options) == 0 && len(out) > 0:
		case utf8.RuneCountInString(v) > mostTyped:
			out = append(out, string([]rune(v)[:mostTyped]))
		default:
			out = append(out, v)
		}
	}
	return out
}

// Keep takes what was given so far for a section whose page is still being filled in, so that it is stored as it is given. It keeps
// what Postpone keeps, but it sends nothing: whether the section was sent stays as it is, unless what is typed now is no good answer
// yet.
func (q *Questionnaire) Keep(r Record, s Section, raw map[string][]string, f Facts, now time.Time) Record {
	next := q.Postpone(r, s, raw, f, now)
	if len(q.Incomplete(next, s, f)) == 0 {
		next.Done = r.Done
	}
	return next
}

// recall is every good answer of a record, asked just now or not.
func (q *Questionnaire) recall(r Record) Answers {
	all := maps.Clone(r.Answers)
	if all == nil {
		all = Answers{}
	}
	for id, typed := range r.Typed {
		question, known := q.Question(id)
		if !known {
			continue
		}
		// An answer of which nothing came back is one in force, over which something else was typed.
		over := slices.ContainsFunc(r.Answers[id], func(v string) bool { return !slices.Contains(typed, v) })
		if values, problem := question.Check(typed); problem == nil && len(values) > 0 && !over {
			all[id] = values
		}
	}
	return all
}

// setAside is what was typed and is no answer, together with what of all good answers is hidden just now.
func (q *Questionnaire) setAside(all Answers, typed map[string][]string, f Facts) map[string][]string {
	kept := q.Prune(all, f)
	for id, values := range all {
		question, known := q.Question(id)
		if !known {
			continue
		}
		if !slices.Equal(kept[id], values) {
			typed[id] = values
		} else if again, problem := question.Check(typed[id]); problem == nil && slices.Equal(again, values) {
			delete(typed, id)
		}
	}
	return typed
}

// typedElsewhere is what was typed, and is not complete, in other sections than s.
func typedElsewhere(r Record, s Section) map[string][]string {
	typed := map[string][]string{}
	maps.Copy(typed, r.Typed)
	for _, question := range s.Questions {
		delete(typed, question.ID)
	}
	return typed
}

// Incomplete says what is wrong with what was typed for the questions of a section that are asked and has not been completed,
// in order.
func (q *Questionnaire) Incomplete(r Record, s Section, f Facts) clinic.Errors {
	if len(r.Typed) == 0 {
		return nil
	}
	now := q.state(r.Answers, f)
	var errs clinic.Errors
	for _, question := range s.Questions {
		typed, ok := r.Typed[question.ID]
		if !ok || !now.visible[question.ID] {
			continue
		}
		if problem := now.unfinished(question, typed); problem != nil {
			errs = append(errs, problem)
		}
	}
	return errs
}

// Unfinished is what was typed for the questions that are asked and is no good answer yet, for whoever reads it.
func (q *Questionnaire) Unfinished(r Record, f Facts) map[string][]string {
	if len(r.Typed) == 0 {
		return nil
	}
	out := map[string][]string{}
	for _, s := range q.Intake {
		for _, problem := range q.Incomplete(r, s, f) {
			out[problem.Field] = r.Typed[problem.Field]
		}
	}
	return out
}

// unfinished says what is wrong with what was typed for a question that is asked. An option that is not offered just now is only set
// aside, and wrong is the rest.
func (s *state) unfinished(question Question, typed []string) *clinic.Error {
	drawn := s.draw(question)
	rest := slices.DeleteFunc(slices.Clone(typed), func(v string) bool { return question.option(v) && !drawn.option(v) })
	if len(rest) == 0 && len(typed) > 0 {
		return nil
	}
	_, problem := drawn.Check(rest)
	return problem
}

// Remaining are the sections still to be sent, in order: those never sent in good order, and those in which a change
// elsewhere has since asked something that has no good answer. A section without a visible question is not asked for.
func (q *Questionnaire) Remaining(r Record, f Facts) []Section {
	var out []Section
	now := q.state(r.Answers, f)
	for _, s := range q.Asked(r, f) {
		_, errs := now.checkOver(s, r.Answers, r.Answers, nil)
		if len(errs) > 0 || !slices.Contains(r.Done, s.ID) || len(q.Incomplete(r, s, f)) > 0 {
			out = append(out, s)
		}
		if len(errs) > 0 {
			now = q.state(r.Answers, f)
		}
	}
	return out
}

// Progress counts the sections that are done and those that are asked.
func (q *Questionnaire) Progress(r Record, f Facts) (done, total int) {
	total = len(q.Asked(r, f))
	return total - len(q.Remaining(r, f)), total
}

// Answered counts the questions of the intake that are behind the patient, and those that they are asked as their answers stand now.
// Behind them is what is answered, and what they left open in a section that they have sent and may leave open.
func (q *Questionnaire) Answered(r Record, f Facts) (answered, asked int) {
	visible := q.Visible(r.Answers, f)
	for _, s := range q.Intake {
		wrong := q.Incomplete(r, s, f)
		for _, question := range s.Questions {
			if !visible[question.ID] {
				continue
			}
			asked++
			if wrong.For(question.ID) == nil && (len(r.Answers[question.ID]) > 0 || !question.Required && slices.Contains(r.Done, s.ID)) {
				answered++
			}
		}
	}
	return answered, asked
}

// Open is the question of a section at which its patient goes on: one for which they have typed what is no good answer yet, or else
// the first without an answer behind the last that they answered, or the first without one; false where there is none.
func (q *Questionnaire) Open(r Record, s Section, f Facts) (Question, bool) {
	visible, wrong := q.Visible(r.Answers, f), q.Incomplete(r, s, f)
	var before, behind []Question // without an answer
	for _, question := range s.Questions {
		switch {
		case !visible[question.ID]:
		case wrong.For(question.ID) != nil:
			return question, true
		case len(r.Answers[question.ID]) > 0:
			before, behind = append(before, behind...), nil
		default:
			behind = append(behind, question)
		}
	}
	if open := slices.Concat(behind, before); len(open) > 0 {
		return open[0], true
	}
	return Question{}, false
}

// Complete reports whether nothing remains.
func (q *Questionnaire) Complete(r Record, f Facts) bool { return len(q.Remaining(r, f)) == 0 }

// Asked are the sections of the intake with a visible question, in order.
func (q *Questionnaire) Asked(r Record, f Facts) []Section {
	visible := q.Visible(r.Answers, f)
	var out []Section
	for _, s := range q.Intake {
		if slices.ContainsFunc(s.Questions, func(question Question) bool { return visible[question.ID] }) {
			out = append(out, s)
		}
	}
	return out
}
