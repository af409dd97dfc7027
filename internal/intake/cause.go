package intake

import (
	"math"
	"slices"
)

// Cause is one of the causes in a way of living from which the clinic's articles explain where fat stays, with the answers
// that speak of it.
type Cause struct {
	ID    string `json:"id"`
	Label Text   `json:"label"`
	Signs []Sign `json:"signs"`
}

// Sign is one question that speaks of a cause: the points of its options, and the most that the question can add.
type Sign struct {
	Question string         `json:"question"`
	Points   map[string]int `json:"points"`
	Most     int            `json:"most"`
}

// MaxLevel is the highest level of a cause.
const MaxLevel = 4

// CauseLevel says how much in the answers speaks of a cause: 0 for nothing, MaxLevel for nearly everything that was asked
// about it. It is a first impression for the doctor, no measurement and no diagnosis.
type CauseLevel struct {
	Cause   Cause
	Known   bool     // false while nothing about it was answered; Level is 0 then
	Level   int      // 0 to MaxLevel
	Reasons []Reason // the answers that count, in the order of the signs
}

// check refuses signs that no answer of the intake could give, and points beyond what a question can add.
func (c Cause) check(intake scope) error {
	where := at("causes", "cause", c.ID)
	if !isCode(c.ID) || len(c.Signs) == 0 {
		return where.because(": an id (small letters, digits, underscores) and signs are needed")
	}
	if err := needText(where, c.Label); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, s := range c.Signs {
		question, ok := intake[s.Question]
		switch {
		case !ok:
			return where.because(" names %q, which the intake does not ask", s.Question)
		case seen[s.Question]:
			return where.because(" names %q twice", s.Question)
		case len(s.Points) == 0:
			return where.because(": no option of %q has points", s.Question)
		}
		seen[s.Question] = true
		for code, points := range s.Points {
			if !question.option(code) {
				return where.because(" names %q, which is no option of %q", code, s.Question)
			}
			if points < 1 || points > s.Most {
				return where.because(": %s=%s counts %d, which is not between 1 and the most of %d", s.Question, code, points, s.Most)
			}
		}
	}
	return nil
}

func (q *Questionnaire) checkCauses() error {
	intake := scopeOf(q.Intake...)
	seen := map[string]bool{}
	for _, c := range q.Causes {
		if seen[c.ID] {
			return at("causes", "cause", c.ID).because(" occurs twice")
		}
		seen[c.ID] = true
		if err := c.check(intake); err != nil {
			return err
		}
	}
	return nil
}

// Cause finds a cause by its ID.
func (q *Questionnaire) Cause(id string) (Cause, bool) {
	at := slices.IndexFunc(q.Causes, func(c Cause) bool { return c.ID == id })
	if at < 0 {
		return Cause{}, false
	}
	return q.Causes[at], true
}

// ChangeCause takes over what a form says of a cause.
func (q *Questionnaire) ChangeCause(changed Cause) error {
	at := slices.IndexFunc(q.Causes, func(c Cause) bool { return c.ID == changed.ID })
	if at < 0 {
		return ErrNoPlace
	}
	changed.Label = tidyText(changed.Label)
	q.Causes[at] = changed
	return nil
}

// Signs are the questions that can speak of a cause, with the options that they offer.
func (q *Questionnaire) Signs() []Question {
	return slices.DeleteFunc(q.OfIntake(), func(question Question) bool { return question.Kind != One && question.Kind != Many })
}

// MaxPoints is the most that an option can count, and the most that a question can add to a cause.
const MaxPoints = 99

// CauseLevels are the causes in their order. The level of each is the share of the points that the answered questions could
// have given, on a scale of 0 to MaxLevel, rounded half up: a question that was not answered counts neither for nor
// against, so nothing is concluded from silence. Hidden answers are left out.
func (q *Questionnaire) CauseLevels(a Answers, f Facts) []CauseLevel {
	visible := q.Prune(a, f)
	out := make([]CauseLevel, len(q.Causes))
	for i, cause := range q.Causes {
		have, most := 0, 0
		out[i].Cause = cause
		for _, s := range cause.Signs {
			values := visible[s.Question]
			if len(values) == 0 {
				continue
			}
			points := 0
			counted := slices.DeleteFunc(slices.Clone(values), func(v string) bool { return s.Points[v] == 0 })
			for _, v := range counted {
				points += s.Points[v]
			}
			have, most = have+min(points, s.Most), most+s.Most
			if len(counted) > 0 {
				question, _ := q.Question(s.Question)
				out[i].Reasons = append(out[i].Reasons, Reason{Question: question, Values: counted})
			}
		}
		if most > 0 {
			out[i].Known = true
			out[i].Level = int(math.Floor(float64(MaxLevel*have)/float64(most) + 0.5))
		}
	}
	return out
}
