package office

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

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
	Done, Total int                // pages of the intake
	Unread      bool               // the doctor has something to read that they have not
	TakenBack   bool               // the doctor has just said that they have not read it
	Complaint   intake.Complaint   // why they came
	Strip       []intake.StripCell // what always stands at the top
	Digest      intake.Digest      // what the rules say, one line for each fact
	Wanted      []intake.Treatment // what the patient would like to hear about
	Asks        []intake.Ask       // what the answers leave open
	Unjudged    []intake.Section   // what is still to be answered and the cautions look at
	Causes      []intake.CauseLevel
	Questions   *intake.Questionnaire // the version that was asked
	Answers     intake.Answers        // those of the booking and of the intake together
	Visible     map[string]bool       // the questions that were asked, given the answers
	Earlier     []intake.Reason       // the answers to what is not asked, or no longer
	Versions    []Version             // of the intake, the latest first; none before it was complete
	Visits      []Visit               // of the patient before this one, the latest first
	Typed       *TypedRelease         // a release that was not made
	SinceVisit  []intake.Change       // what was answered otherwise at the last visit to the same doctor
	Below       templ.Component       // what stands below the first screen, drawn ahead
}

// Version is what a patient had answered when they sent it.
type Version struct {
	N       int // the first is 1
	SentAt  time.Time
	Open    bool            // it is being changed and is not complete again
	Changes []intake.Change // since the version before; of the first none
	Answers intake.Answers
}

// Visit is one that the patient made before.
type Visit struct {
	Appointment clinic.Appointment
	Own         bool                  // it was to the doctor who reads; otherwise it has no answers
	Questions   *intake.Questionnaire // the version that was asked
	Answers     intake.Answers        // those of the booking and of the intake together
}

// LastOwn is the patient's last visit to the doctor who reads.
func (v Chart) LastOwn() (Visit, bool) {
	if i := slices.IndexFunc(v.Visits, func(e Visit) bool { return e.Own }); i >= 0 {
		return v.Visits[i], true
	}
	return Visit{}, false
}

// answer is what was answered to a question; nothing while it is hidden.
func (v *Chart) answer(id string) []string {
	if !v.Visible[id] {
		return nil
	}
	return v.Answers[id]
}

// words are what was answered to a question, for people; empty when nothing was.
func (v *Chart) words(l web.Locale, id string) string {
	q, _ := v.Questions.Question(id)
	return l.List(q.Show(v.answer(id), l.Lang()))
}

// brief are the words for a summary.
func (v *Chart) brief(l web.Locale, id string) string {
	q, _ := v.Questions.Question(id)
	return l.List(q.Brief(v.answer(id), l.Lang()))
}

// name is what a question is called in a summary.
func (v *Chart) name(l web.Locale, id string) string {
	q, _ := v.Questions.Question(id)
	return q.Name(l.Lang())
}

// bmi is the body mass index; empty unless height and weight were answered.
func (v Chart) bmi() string {
	bmi, ok := v.Questions.BMI(v.Answers)
	if !ok {
		return ""
	}
	return strings.Join(v.Questions.Named(intake.FactBMI).Show([]string{strconv.FormatFloat(bmi, 'f', -1, 64)}, "ja"), "")
}

// heavier says by how much the weight is another than at the last visit to the same doctor; empty where nobody can tell.
func (v Chart) heavier(l web.Locale) string {
	last, ok := v.LastOwn()
	if !ok {
		return ""
	}
	now, known := weight(v.Questions, v.Answers)
	before, knownBefore := weight(last.Questions, last.Answers)
	if !known || !knownBefore {
		return ""
	}
	tenths := int(math.Round(10 * (now - before)))
	sign := "±"
	switch {
	case tenths > 0:
		sign = "+"
	case tenths < 0:
		sign, tenths = "−", -tenths
	}
	return l.T("office.chart.since", "Change", sign+strconv.FormatFloat(float64(tenths)/10, 'f', 1, 64))
}

func weight(q *intake.Questionnaire, a intake.Answers) (float64, bool) {
	values := a[q.Uses.Weight]
	if len(values) == 0 {
		return 0, false
	}
	kg, err := strconv.ParseFloat(values[0], 64)
	return kg, err == nil
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
func (v *Chart) place(question string) string {
	switch question {
	case intake.FactAge, intake.FactSex:
		return "#patient"
	case intake.FactBMI:
		return "#q-" + v.Questions.Uses.Height
	}
	return "#q-" + question
}

// worst is the gravest severity of the cautions that an answer gives rise to; empty for none.
func (v *Chart) worst(question string) intake.Severity {
	worst := len(severities)
	for _, lines := range [][]intake.Line{v.Digest.Lines, v.Digest.Notes} {
		for i := range lines {
			for j := range lines[i].Items {
				item := &lines[i].Items[j]
				if at := slices.Index(severities, item.Severity); at >= 0 && at < worst && v.means(item.Question.ID, question) {
					worst = at
				}
			}
		}
	}
	if worst == len(severities) {
		return ""
	}
	return severities[worst]
}

// severities are those of cautions, the gravest first.
var severities = []intake.Severity{intake.Block, intake.Doctor, intake.Note}

// asked reports whether the doctor has to ask about a question in person.
func (v *Chart) asked(question string) bool {
	return slices.ContainsFunc(v.Asks, func(a intake.Ask) bool { return a.Question.ID == question })
}

// sections are the booking's and the intake's, with the questions that were asked. Of an intake that nobody has begun there is nothing to read.
func (v Chart) sections() []intake.Section {
	var out []intake.Section
	all := []intake.Section{v.Questions.Booking}
	if v.begun() || len(v.Record.Typed) > 0 {
		all = append(all, v.Questions.Intake...)
	}
	for _, s := range all {
		var asked []intake.Question
		for _, q := range s.Questions {
			// What was agreed to is with the booking, for the front desk. Whether somebody was here before is told at the top where it was said, or
			// known, and otherwise says nothing.
			told := s.ID == v.Questions.Booking.ID && (q.Kind == intake.Agree || slices.Contains(v.Questions.Summary.Head, q.ID) && len(v.answer(q.ID)) == 0)
			if v.Visible[q.ID] && !told {
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

// booked are the questions of the booking that were answered, but for consents.
func (v Chart) booked() []intake.Question {
	return slices.DeleteFunc(slices.Clone(v.Questions.Booking.Questions), func(q intake.Question) bool {
		return q.Kind == intake.Agree || len(v.answer(q.ID)) == 0
	})
}

// means reports whether a reason's name means a question: the body mass index is of two.
func (v *Chart) means(name, question string) bool {
	if name == intake.FactBMI {
		return question == v.Questions.Uses.Height || question == v.Questions.Uses.Weight
	}
	if name == intake.FactAreas {
		return question == v.Questions.Uses.Areas
	}
	return name == question
}
