// Package intake is the questionnaire (問診票): the questions as data, which of them an answer makes visible, whether
// answers are good, and which cautions (注意) a doctor must see. Like package clinic it is pure: no clock, no database, no
// network.
package intake

import "slices"

// Text is what people read, in both languages. In a parsed Questionnaire it has both or, where it is optional, neither.
type Text struct {
	JA string `json:"ja"`
	EN string `json:"en"`
}

// In returns the text in a language, Japanese where there is no English.
func (t Text) In(lang string) string {
	if lang == "en" && t.EN != "" {
		return t.EN
	}
	return t.JA
}

// Kind is how a question is answered.
type Kind string

// The kinds of questions.
const (
	One      Kind = "one"      // one of the options
	Many     Kind = "many"     // any number of the options
	Number   Kind = "number"   // a number with a unit
	Scale    Kind = "scale"    // a whole number from Min to Max, as in pain from 0 to 10
	LongText Kind = "longtext" // free text of several lines
	Agree    Kind = "consent"  // a box to tick; required means it must be ticked
)

// NoneCode is the option of a Many question that excludes all others.
const NoneCode = "none"

// Agreed is the code of the only option of an Agree question. The label of the question is the heading, the label of the
// option is what the person agrees to.
const Agreed = "yes"

// Option is one possible answer.
type Option struct {
	Code string `json:"code"`
	Text
	Short Text `json:"short,omitzero"` // what it is called in a summary, as a doctor would write it: 来院歴あり
	Zone  Zone `json:"zone,omitempty"` // of an area: the part of the figure that it marks

	// ShowIf says when the option is offered. It names facts and questions of earlier pages only, so that nothing on the page
	// changes it.
	ShowIf Condition `json:"show_if,omitzero"`
}

// Question is one question. Its ID is unique in the questionnaire and is the name of its form field.
type Question struct {
	ID       string `json:"id"`
	Kind     Kind   `json:"type"`
	Required bool   `json:"required"`

	// RequiredIf says when it must be answered although Required does not. It names facts and questions of earlier pages only.
	RequiredIf Condition `json:"required_if,omitzero"`

	DoctorOnly bool      `json:"doctor_only,omitempty"` // as a section's, for this question alone
	Label      Text      `json:"label"`
	Short      Text      `json:"short,omitzero"` // its name in a summary, as a doctor would write it: 飲酒
	Help       Text      `json:"help,omitzero"`
	Unit       string    `json:"unit,omitempty"`       // cm, kg; empty for a scale
	Min        float64   `json:"min,omitempty"`        // bounds of a number or scale, both included
	Max        float64   `json:"max,omitempty"`        //
	Decimals   int       `json:"decimals,omitempty"`   // digits after the point that are kept
	Excludes   []string  `json:"excludes,omitempty"`   // option codes that exclude all others; NoneCode is one by itself
	ShowIf     Condition `json:"show_if,omitzero"`     // the zero Condition always holds
	OptionsOf  string    `json:"options_of,omitempty"` // the earlier question whose options are taken; empty for own ones
	Options    []Option  `json:"options,omitempty"`

	index bool // it is a body mass index
}

// Section is one page of questions.
type Section struct {
	Code       string     `json:"code"` // G, P, X…
	ID         string     `json:"id"`   // goal, posture…: part of the page's address
	Title      Text       `json:"title"`
	Intro      Text       `json:"intro,omitzero"`
	DoctorOnly bool       `json:"doctor_only,omitempty"` // shown to the doctor with special care (section M)
	Questions  []Question `json:"questions"`
}

// Questionnaire is everything that is asked. An intake is bound to the Version it was asked under.
type Questionnaire struct {
	Version string  `json:"version"`
	Uses    Uses    `json:"uses"`
	Summary Summary `json:"summary"`
	Cells   []Cell  `json:"strip,omitempty"`  // the strip of the chart, in the order in which it is shown
	Facts   []Fact  `json:"facts,omitempty"`  // what a doctor reads as one thing, in the order in which it is told
	Causes  []Cause `json:"causes,omitempty"` // in the order in which they are shown

	Contradictions []ContradictionRule `json:"contradictions,omitempty"`

	Derived []Derived  `json:"derived,omitempty"` // what is worked out of the answers
	Known   []Question `json:"known"`             // what needs no question here: age, sex and, for cautions, bmi; for showing only
	Booking Section    `json:"booking"`           // section B: what is asked with the booking, beside the patient's own data
	Intake  []Section  `json:"intake"`            // sections G to W
	Rules   []Rule     `json:"-"`                 // the cautions that are applied to whoever is asked it
	Set     CautionSet `json:"-"`                 // the set that they are; zero where they come from a file and no database
}

// Section finds a section of the intake by its ID.
func (q *Questionnaire) Section(id string) (Section, bool) {
	for _, s := range q.Intake {
		if s.ID == id {
			return s, true
		}
	}
	return Section{}, false
}

// AnySection finds a section by its ID, the booking's included.
func (q *Questionnaire) AnySection(id string) (Section, bool) {
	s := q.section(id)
	if s == nil {
		return Section{}, false
	}
	return *s, true
}

// Question finds any question by its ID, those of the booking, the known ones and what is worked out included.
func (q *Questionnaire) Question(id string) (Question, bool) {
	// A question is large, and this is asked often: none is copied but the one that is found.
	find := func(among []Question) (Question, bool) {
		for i := range among {
			if among[i].ID == id {
				return among[i], true
			}
		}
		return Question{}, false
	}
	if question, ok := find(q.Known); ok {
		question.index = id == FactBMI
		return question, true
	}
	for _, d := range q.Derived {
		if d.ID == id {
			return d.question(), true
		}
	}
	if question, ok := find(q.Booking.Questions); ok {
		return question, true
	}
	for i := range q.Intake {
		if question, ok := find(q.Intake[i].Questions); ok {
			return question, true
		}
	}
	return Question{}, false
}

// asks reports whether a question is among those of the booking and the intake.
func (q *Questionnaire) asks(id string) bool {
	return slices.ContainsFunc(q.sections(), func(s Section) bool {
		return slices.ContainsFunc(s.Questions, func(question Question) bool { return question.ID == id })
	})
}

// sections are the booking's section and those of the intake, in the order in which they are asked.
func (q *Questionnaire) sections() []Section {
	return append([]Section{q.Booking}, q.Intake...)
}

// WithOptions is a question with the options that it offers: its own, or those of the question whose options it takes. In a questionnaire
// that was parsed every question has them already; in a draft they are looked up.
func (q *Questionnaire) WithOptions(question Question) Question {
	if question.OptionsOf != "" {
		lender, _ := q.Question(question.OptionsOf) // of a draft that names none there are no options
		question.Options = lender.Options
	}
	return question
}

// Name is what the question is called in a summary: its short name, or the whole label where it has none.
func (q Question) Name(lang string) string {
	if q.Short == (Text{}) {
		return q.Label.In(lang)
	}
	return q.Short.In(lang)
}

// Exclusive reports whether an option cannot be chosen together with another.
func (q Question) Exclusive(code string) bool { return slices.Contains(q.Excludes, code) }

// Show writes an answer for people: the labels of the chosen options, "158.5 cm", "4/10", or the text as it was typed. A
// code that the question does not have is shown as it is, so that nothing answered is kept from a doctor.
func (q Question) Show(values []string, lang string) []string {
	return q.show(values, func(o Option) string { return o.In(lang) })
}

// Brief is Show for a summary: options are called by their short names where they have one.
func (q Question) Brief(values []string, lang string) []string {
	return q.show(values, func(o Option) string {
		if o.Short == (Text{}) {
			return o.In(lang)
		}
		return o.Short.In(lang)
	})
}

func (q Question) show(values []string, label func(Option) string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		switch q.Kind {
		case One, Many, Agree:
			out[i] = v
			if o, ok := q.Option(v); ok {
				out[i] = label(o)
			}
		case Number:
			out[i] = q.rounded(v)
			if _, isNumber := parseNumber(v); isNumber && q.Unit != "" {
				out[i] += " " + q.Unit
			}
		case Scale:
			out[i] = v
			if _, isNumber := parseNumber(v); isNumber {
				out[i] += "/" + plain(q.Max)
			}
		case LongText:
			out[i] = v
		}
	}
	return out
}

// rounded writes a number with no more digits than the question keeps. Stored answers have no more; a body mass index has, and is
// written in the same way wherever it stands.
func (q Question) rounded(value string) string {
	n, ok := parseNumber(value)
	switch {
	case !ok:
		return value
	case q.index:
		return plain(roundIndex(n))
	}
	return plain(round(n, q.Decimals))
}

// Option finds an option by its code.
func (q Question) Option(code string) (Option, bool) {
	for _, o := range q.Options {
		if o.Code == code {
			return o, true
		}
	}
	return Option{}, false
}
