package office

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/web"
	"madoguchi/web/ui"
)

// Papers are what is printed of one counseling, or of a doctor's day.
type Papers struct {
	Day    clinic.Date
	Whole  bool // of the whole day
	What   PaperWhat
	People []PaperOf
}

// PaperWhat is what is printed of each counseling.
type PaperWhat string

// What may be chosen.
const (
	PaperBoth   PaperWhat = "both"
	PaperForm   PaperWhat = "form"
	PaperRecord PaperWhat = "record"
)

// ReadPaperWhat is what an address asks for; both without a word that there is.
func ReadPaperWhat(asked string) PaperWhat {
	if what := PaperWhat(asked); what == PaperForm || what == PaperRecord {
		return what
	}
	return PaperBoth
}

// words are what it is called on the sheets.
func (w PaperWhat) words(l web.Locale) string {
	switch w {
	case PaperForm:
		return l.T("office.paper.form")
	case PaperRecord:
		return l.T("office.paper.record")
	case PaperBoth:
	}
	return l.T("office.paper.both")
}

// choices are the ways to print the same counselings.
func (v Papers) choices(l web.Locale) (out []ui.NavItem) {
	for _, what := range []PaperWhat{PaperBoth, PaperForm, PaperRecord} {
		label, asked := what.words(l), string(what)
		if what == PaperBoth {
			label, asked = l.T("office.paper.what.both"), ""
		}
		url := ui.Link("/office/doctor/paper", "date", v.Day.String(), "what", asked)
		if !v.Whole && len(v.People) == 1 {
			url = ui.Link(string(chartURL(v.People[0].Appointment))+"/paper", "what", asked)
		}
		out = append(out, ui.NavItem{Label: label, URL: url, Current: v.What == what})
	}
	return out
}

// reasons are why the patient came, in their own words each under the name of its question, where, and what they wish to reach.
func (v PaperOf) reasons(l web.Locale) (rows [][2]string) {
	var where []string
	for _, id := range union(v.Questions.Summary.Complaint, v.Questions.Summary.Concern) {
		switch words := v.words(l, id); {
		case words == "":
		case v.ofBody(id):
			where = append(where, words)
		case slices.Contains(v.Questions.Summary.Complaint, id):
			rows = append(rows, [2]string{v.name(l, id), words})
		}
	}
	if len(where) > 0 {
		rows = append(rows, [2]string{l.T("office.chart.where"), strings.Join(where, l.T("office.paper.space"))})
	}
	if goals := v.goals(l); len(goals) > 0 {
		rows = append(rows, [2]string{l.T("office.paper.goal"), l.List(goals)})
	}
	return rows
}

// PaperOf is what is printed of one counseling: the questionnaire (問診票) as it was answered, which the patient may see, and the record
// (記録), which is the doctor's.
type PaperOf struct {
	Chart
	Signed clinic.Signed // the newest version of the note; zero where none was signed
	Draft  bool          // something was written and not signed
}

func (v PaperOf) loc() *time.Location { return v.Appointment.Branch.Location() }

// place is the clinic and the branch, which may have the clinic's name in its own.
func (v PaperOf) place(l web.Locale, clinicName string) string {
	branch := v.Appointment.Branch.In(l.Lang()).Name
	if strings.Contains(branch, clinicName) {
		return branch
	}
	return clinicName + l.T("office.paper.space") + branch
}

// born is the birth date with its era, and the age on the day of the counseling.
func (v PaperOf) born(l web.Locale) string {
	if v.Appointment.Patient.Birth.IsZero() {
		return l.T("office.patient.birth.unknown")
	}
	return l.T("office.paper.born", "Birth", l.Birth(v.Appointment.Patient.Birth), "Age", strconv.Itoa(v.Age))
}

// recorded is the doctor of the record: who has signed it or, while nobody has, who talks to the patient.
func (v PaperOf) recorded(l web.Locale) string {
	if v.Signed.Version > 0 {
		return v.Signed.Author
	}
	return v.Appointment.Receives().Name(l.Lang())
}

// kana is how the name is read.
func (v PaperOf) kana() string {
	p := v.Appointment.Patient
	if p.FamilyKana == "" && p.GivenKana == "" {
		return ""
	}
	return p.FamilyKana + " " + p.GivenKana
}

// answered says when the answers were sent, and that they were not or not all of them.
func (v PaperOf) answered(l web.Locale) string {
	switch {
	case !v.begun():
		return l.T("office.paper.unanswered")
	case v.Record.CompletedAt == nil:
		return l.T("office.paper.begun", "Time", l.Stamp(v.Record.UpdatedAt, v.loc()))
	}
	return l.T("office.paper.answered", "Time", l.Stamp(v.Record.UpdatedAt, v.loc()), "N", strconv.Itoa(max(len(v.Versions), 1)), "Version", v.Questions.Version)
}

// asked are the sections with what was asked, each question with the options that were offered.
func (v PaperOf) asked() []intake.Section {
	facts := v.Questions.FactsFor(v.Appointment)
	var out []intake.Section
	for _, s := range append([]intake.Section{v.Questions.Booking}, v.Questions.Intake...) {
		s = v.Questions.Page(s, v.Answers, facts)
		s.Questions = slices.DeleteFunc(s.Questions, func(q intake.Question) bool {
			return !v.Visible[q.ID] || q.Kind == intake.Agree && s.ID == v.Questions.Booking.ID // which stand at the end
		})
		if len(s.Questions) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// consents are the questions of the booking to which the patient has agreed or not.
func (v PaperOf) consents() []intake.Question {
	return slices.DeleteFunc(slices.Clone(v.Questions.Booking.Questions), func(q intake.Question) bool {
		return q.Kind != intake.Agree || !v.Visible[q.ID]
	})
}

// agreedAt is when the patient agreed; "" where they did not.
func (v PaperOf) agreedAt(l web.Locale, id string) string {
	for _, c := range v.Appointment.Booking.Details.Consents {
		if c.Kind == id {
			return l.Stamp(c.At, v.loc())
		}
	}
	return ""
}

// unknown are answers that none of the options says.
func unknown(q intake.Question, values []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(value string) bool {
		return slices.ContainsFunc(q.Options, func(o intake.Option) bool { return o.Code == value })
	})
}

// steps are the numbers of a scale.
func steps(q intake.Question) (out []string) {
	for n := int(q.Min); n <= int(q.Max); n++ {
		out = append(out, strconv.Itoa(n))
	}
	return out
}

// square is a box that is filled or not: what every Japanese font has, and what a copier keeps.
func square(on bool) string {
	if on {
		return "■"
	}
	return "□"
}

// body is the figure on paper. A whole day has many.
func (v PaperOf) body(l web.Locale, front bool) ui.Drawing {
	d := v.drawing(l, front)
	d.Clip = v.Appointment.Booking.ID + "-" + d.Clip
	return d
}
