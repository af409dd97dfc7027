package intake

import (
	"slices"
	"time"
)

// Version is what a patient had answered when they sent it as complete.
type Version struct {
	Revision int
	Answers  Answers
	SentAt   time.Time
	Read     bool // a doctor has read it
}

// Sitting is how soon after a page another one is sent in one sitting. An intake is sent page by page, so that who changes two of them makes
// one version of it and not two.
const Sitting = 30 * time.Minute

// Sittings are the versions as somebody reads them: what was sent in one sitting is one, and what says the same as the version before is
// none. What a doctor has read stays a version of its own, so that everything after it can be told from it.
func Sittings(all []Version) []Version {
	var out []Version
	for i, v := range all {
		if i+1 < len(all) && all[i+1].SentAt.Sub(v.SentAt) < Sitting && !v.Read {
			continue
		}
		if n := len(out); n == 0 || !sameAnswers(out[n-1].Answers, v.Answers) {
			out = append(out, v)
		}
	}
	return out
}

func sameAnswers(a, b Answers) bool {
	if len(a) != len(b) {
		return false
	}
	for id, values := range a {
		if other, ok := b[id]; !ok || !slices.Equal(values, other) {
			return false
		}
	}
	return true
}

// Change is an answer that is another than before.
type Change struct {
	Question      Question
	Before, After []string // empty where nothing was answered
}

// Added are the values that were not there before.
func (c Change) Added() []string {
	return slices.DeleteFunc(slices.Clone(c.After), func(v string) bool { return slices.Contains(c.Before, v) })
}

// Changes are the answers that differ, in the order of the questionnaire. Consents are left out, because they are agreed to anew each
// time. Options that were chosen in another order are the same.
func (q *Questionnaire) Changes(before, after Answers) []Change {
	var out []Change
	for _, s := range q.sections() {
		for _, question := range s.Questions {
			a, b := before[question.ID], after[question.ID]
			if question.Kind == Agree || sameValues(a, b) {
				continue
			}
			out = append(out, Change{Question: question, Before: a, After: b})
		}
	}
	return out
}

func sameValues(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// Unread reports whether a doctor has something to read in the intake who has read it up to a revision, zero for never. What is answered
// in part is not yet theirs to read, unless they have read it before and it was changed since.
func (r Record) Unread(read int) bool {
	return r.Revision > read && (r.CompletedAt != nil || read > 0)
}

// ReadUpTo is the revision up to which a doctor has read who was shown one: no later one than there is.
func (r Record) ReadUpTo(shown int) int { return min(max(shown, 0), r.Revision) }
