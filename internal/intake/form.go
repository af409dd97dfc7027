package intake

import (
	"slices"
	"strings"
	"time"

	"madoguchi/internal/clinic"
)

// Form is what the page of a section sent.
type Form struct {
	Values map[string][]string // as typed, by question id
	Asked  []string            // the questions that were on the page; nil where the form does not say, which counts as all of them
	Seen   clinic.Seen         // by question id
	Later  bool                // the patient goes on another time
	Keep   bool                // the page is still being filled in: what was given so far is kept
}

// WasAsked reports whether a question was on the page. One with an answer was there in any case.
func (form Form) WasAsked(id string) bool {
	return form.Asked == nil || slices.Contains(form.Asked, id) || !blank(form.Values[id])
}

// Over are the values of a section once the form is laid over a record: what was typed, but for the questions that were not on
// the page and for those whose stored answer the patient chose to keep.
func (form Form) Over(r Record, s Section) map[string][]string {
	values := map[string][]string{}
	for _, question := range s.Questions {
		given := form.Values[question.ID]
		if form.Seen.Keeps(question.ID) || !form.WasAsked(question.ID) {
			given = r.Given(question.ID)
		}
		values[question.ID] = given
	}
	return values
}

// Receive takes the form of a section into a record. It comes back as it was with errors, and when the form would change answers,
// of this section or another, that were given after its page was drawn: unseen names those questions, in order. Two devices that
// answer different questions do not meet.
//
// An intake that is complete was sent, and each change of it is a version, so that nothing of it is changed by the way: what a page that is
// being filled in would change counts as unseen.
func (q *Questionnaire) Receive(r Record, s Section, form Form, f Facts, now time.Time) (next Record, unseen []string, errs clinic.Errors) {
	values := form.Over(r, s)
	next, errs = q.Answer(r, s, values, f, now)
	switch {
	case form.Keep:
		next, errs = q.Keep(r, s, values, f, now), nil
	case form.Later && len(errs) > 0:
		next, errs = q.Postpone(r, s, values, f, now), nil
	}
	if len(errs) > 0 {
		return r, nil, errs
	}
	visible := q.Visible(next.Answers, f)
	for _, section := range q.Intake {
		for _, question := range section.Questions {
			if !visible[question.ID] && len(r.Answers[question.ID]) == 0 {
				continue // hidden before and after: it was no answer
			}
			if id := question.ID; r.differs(next, id) && (r.changedIn(id) > form.Seen.Of(id) || form.Keep && r.CompletedAt != nil) {
				unseen = append(unseen, id)
			}
		}
	}
	if len(unseen) > 0 {
		return r, unseen, nil
	}
	if form.Keep && r.CompletedAt != nil { // nothing differs: it stays complete
		return r, nil, nil
	}
	return next, nil, nil
}

// Given is what the patient gave last to a question: what they typed and have not completed yet, or else the answer.
func (r Record) Given(id string) []string {
	if typed, ok := r.Typed[id]; ok {
		return typed
	}
	return r.Answers[id]
}

// Follow is r as it is stored after before: as the next revision, in which everything that differs has changed.
func (r Record) Follow(before Record) Record {
	r.Revision = before.Revision + 1
	changed := map[string]int{}
	for _, known := range []map[string][]string{before.Answers, before.Typed, r.Answers, r.Typed} {
		for id := range known {
			changed[id] = before.changedIn(id)
		}
	}
	for id, revision := range before.Changed {
		changed[id] = revision
	}
	for id := range changed {
		if before.differs(r, id) {
			changed[id] = r.Revision
		}
	}
	r.Changed = changed
	return r
}

// changedIn is the revision in which a question was answered last. Of an answer that was stored before revisions were kept,
// that may have been any, so that it counts as the last.
func (r Record) changedIn(id string) int {
	revision, known := r.Changed[id]
	if _, typed := r.Typed[id]; !known && (typed || len(r.Answers[id]) > 0) {
		return r.Revision
	}
	return revision
}

// differs reports whether two records hold something else of a question. That other answers hide it, or no longer do, is no difference.
func (r Record) differs(other Record, id string) bool {
	given, there := r.Given(id), other.Given(id)
	return !slices.Equal(given, there) || len(given) == 0 && !slices.Equal(r.Answers[id], other.Answers[id])
}

func blank(values []string) bool {
	return !slices.ContainsFunc(values, func(v string) bool { return strings.TrimSpace(v) != "" })
}
