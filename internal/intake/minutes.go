package intake

import (
	"slices"
	"time"
)

// What people need, as a model: nobody was measured with a stopwatch. A question is read and answered with a tap, a number
// or a text is typed, and a page is looked over and sent.
const (
	perTap    = 5 * time.Second
	perNumber = 8 * time.Second
	perText   = 15 * time.Second
	perPage   = 4 * time.Second
)

func (q Question) duration() time.Duration {
	switch q.Kind {
	case Number:
		return perNumber
	case LongText:
		return perText
	case One, Many, Scale, Agree:
	}
	return perTap
}

// Minutes is how long the rest of an intake takes, in whole minutes, of a patient who answers on from here page by page:
// 5 seconds a question, 8 a number, 15 a text and 4 a page. least is for whoever is asked nothing beyond what is asked now,
// most for whoever opens all that their answers can still open. Facts that are not known may turn out either way. Both are
// 0 when nothing remains, and 1 at least otherwise.
func (q *Questionnaire) Minutes(r Record, f Facts) (least, most int) {
	short, long := q.durations(r, f)
	return minutes(short), minutes(long)
}

// minutes rounds to whole minutes, as people say them.
func minutes(d time.Duration) int {
	if d == 0 {
		return 0
	}
	return max(1, int(d.Round(time.Minute)/time.Minute))
}

// durations are the seconds behind Minutes.
func (q *Questionnaire) durations(r Record, f Facts) (least, most time.Duration) {
	ahead := map[string]bool{} // sections that were not sent
	for _, s := range q.Remaining(r, f) {
		ahead[s.ID] = true
	}
	asked := map[string]bool{}
	for _, s := range q.Asked(r, f) {
		asked[s.ID] = true
	}
	sent := Answers{} // what stands on other pages may still be answered in another way, so it decides nothing
	for _, s := range q.Intake {
		for _, question := range s.Questions {
			if values := r.Answers[question.ID]; asked[s.ID] && !ahead[s.ID] && len(values) > 0 {
				sent[question.ID] = values
			}
		}
	}
	now := q.state(sent, f)
	open := map[string]bool{} // questions that may be answered yet
	for _, s := range q.Intake {
		if asked[s.ID] && !ahead[s.ID] {
			continue
		}
		short, long := time.Duration(0), time.Duration(0)
		for _, question := range s.Questions {
			if now.visible[question.ID] {
				short += question.duration()
			}
			if question.ShowIf.mayHold(now, open) {
				open[question.ID] = true
				long += question.duration()
			}
		}
		if short > 0 {
			least += short + perPage
		}
		if long > 0 {
			most += long + perPage
		}
	}
	return least, most
}

// mayHold reports whether the condition holds, or may hold by the answer to one of the open questions or by a fact that is
// not known.
func (c Condition) mayHold(now *state, open map[string]bool) bool {
	return len(c.Any) == 0 || slices.ContainsFunc(c.Any, func(all All) bool {
		return !slices.ContainsFunc(all, func(t Test) bool {
			values, isFact := now.facts.values(t.Question)
			unknown := isFact && len(values) == 0 && !isSourceFact(t.Question)
			return !unknown && !open[t.Question] && !now.holds(t)
		})
	})
}

// Typical is somebody made up, by whom the length of a questionnaire is measured.
type Typical struct {
	Name    string
	Facts   Facts
	Answers Answers
}

// Length is how many questions of the intake somebody is asked who answers so, and how many whole minutes they take.
func (q *Questionnaire) Length(a Answers, f Facts) (questions, whole int) {
	visible := q.Visible(a, f)
	var all time.Duration
	for _, s := range q.Intake {
		before := questions
		for _, question := range s.Questions {
			if visible[question.ID] {
				questions++
				all += question.duration()
			}
		}
		if questions > before {
			all += perPage
		}
	}
	return questions, minutes(all)
}
