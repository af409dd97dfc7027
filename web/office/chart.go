package office

import (
	"slices"
	"strconv"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/web"
)

// Chart is one appointment with everything the patient answered, for the doctor of that appointment alone.
type Chart struct {
	Appointment clinic.Appointment
	Holiday     string // the name of the day, empty for an ordinary one
	Age         int    // on the day of the counseling
	Record      intake.Record
	Done, Total int // sections of the intake
	Cautions    []intake.Caution
	Asks        []intake.Ask // what the answers leave open
	Causes      []intake.CauseLevel
	Questions   *intake.Questionnaire // the version that was asked
	Answers     intake.Answers        // those of the booking and of the intake together
	Visible     map[string]bool       // the questions that were asked, given the answers
	Earlier     []intake.Reason       // the answers to what is not asked, or no longer
}

// answer is what was answered to a question; nothing while it is hidden.
func (v Chart) answer(id string) []string {
	if !v.Visible[id] {
		return nil
	}
	return v.Answers[id]
}

// words are what was answered to a question, for people; empty when nothing was.
func (v Chart) words(l web.Locale, id string) string {
	q, _ := v.Questions.Question(id)
	return l.List(q.Show(v.answer(id), l.Lang()))
}

// brief are the words for a summary.
func (v Chart) brief(l web.Locale, id string) string {
	q, _ := v.Questions.Question(id)
	return l.List(q.Brief(v.answer(id), l.Lang()))
}

// name is what a question is called in a summary.
func (v Chart) name(l web.Locale, id string) string {
	q, _ := v.Questions.Question(id)
	return q.Name(l.Lang())
}

// bmi is the body mass index with what it comes from; empty unless both were answered.
func (v Chart) bmi(l web.Locale) string {
	bmi, ok := v.Questions.BMI(v.Answers)
	if !ok {
		return ""
	}
	return l.T("office.chart.bmi", "BMI", strconv.FormatFloat(bmi, 'f', 1, 64), "Height", v.words(l, v.Questions.Uses.Height), "Weight", v.words(l, v.Questions.Uses.Weight))
}

// cautionGroup are the cautions of one severity about one treatment.
type cautionGroup struct {
	severity  intake.Severity
	treatment intake.Treatment
	cautions  []intake.Caution
}

// groups joins cautions that stand next to each other and ask the same about the same.
func (v Chart) groups() []cautionGroup {
	var out []cautionGroup
	for _, c := range v.Cautions {
		if n := len(out); n > 0 && out[n-1].severity == c.Severity && out[n-1].treatment == c.Treatment {
			out[n-1].cautions = append(out[n-1].cautions, c)
			continue
		}
		out = append(out, cautionGroup{c.Severity, c.Treatment, []intake.Caution{c}})
	}
	return out
}

// notes is where among the groups those begin that are only good to know: behind whatever asks something of the doctor.
func notes(groups []cautionGroup) int {
	at := slices.IndexFunc(groups, func(g cautionGroup) bool { return g.severity == intake.Note })
	if at < 0 {
		return len(groups)
	}
	return at
}

// reasons are why the cautions of a group hold, each answer once.
func (g cautionGroup) reasons() []intake.Reason {
	var out []intake.Reason
	at := map[string]int{} // by question
	for _, c := range g.cautions {
		for _, r := range c.Reasons {
			i, seen := at[r.Question.ID]
			if !seen {
				at[r.Question.ID] = len(out)
				out = append(out, intake.Reason{Question: r.Question, Values: r.Values})
				continue
			}
			out[i].Values = union(out[i].Values, r.Values)
		}
	}
	return out
}

// union is a with what b has besides; it shares nothing with either.
func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, v := range b {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// place is where on the page an answer stands.
func (v Chart) place(question string) string {
	switch question {
	case intake.FactAge, intake.FactSex:
		return "#patient"
	case intake.FactBMI:
		return "#q-" + v.Questions.Uses.Height
	}
	return "#q-" + question
}

// worst is the gravest severity of the cautions that an answer gives rise to; empty for none.
func (v Chart) worst(question string) intake.Severity {
	if uses := v.Questions.Uses; question == uses.Height || question == uses.Weight {
		question = intake.FactBMI
	}
	for _, c := range v.Cautions { // the gravest first
		for _, r := range c.Reasons {
			if r.Question.ID == question {
				return c.Severity
			}
		}
	}
	return ""
}

// asked reports whether the doctor has to ask about a question in person.
func (v Chart) asked(question string) bool {
	return slices.ContainsFunc(v.Asks, func(a intake.Ask) bool { return a.Question.ID == question })
}

// sections are the booking's and the intake's, with the questions that were asked.
func (v Chart) sections() []intake.Section {
	var out []intake.Section
	for _, s := range append([]intake.Section{v.Questions.Booking}, v.Questions.Intake...) {
		var asked []intake.Question
		for _, q := range s.Questions {
			// What was agreed to is with the booking, for the front desk.
			if v.Visible[q.ID] && (q.Kind != intake.Agree || s.ID != v.Questions.Booking.ID) {
				asked = append(asked, q)
			}
		}
		if s.Questions = asked; len(asked) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// begun reports whether anything of the intake was answered.
func (v Chart) begun() bool { return len(v.Record.Answers) > 0 }
