// Package intake is the questionnaire (問診票): the questions as data, which of them an answer makes visible, whether
// answers are good, and which cautions (注意) a doctor must see. Like package clinic it is pure: no clock, no database, no
// network.
package intake

import "time"

// Text is what people read, in both languages. Japanese is never empty.
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

// NoneCode is the option that excludes all others of its question.
const NoneCode = "none"

// Option is one possible answer.
type Option struct {
	Code string `json:"code"`
	Text
}

// Question is one question. Its ID is unique in the questionnaire and is the name of its form field.
type Question struct {
	ID       string `json:"id"`
	Kind     Kind   `json:"type"`
	Required bool   `json:"required"`
	Label    Text
	Help     Text
	Options  []Option
	Excludes []string  // option codes that exclude all others, "none" among them
	Unit     string    // cm, kg; empty for a scale
	Min, Max float64   // bounds of a number or scale, both included
	Decimals int       // digits after the point that are kept
	ShowIf   Condition // the zero Condition always holds
}

// Section is one page of questions.
type Section struct {
	Code       string // G, P, X…
	ID         string // goal, posture…: part of the page's address
	Title      Text
	Intro      Text
	DoctorOnly bool // shown to the doctor with special care (section M)
	Questions  []Question
}

// Questionnaire is everything that is asked. An intake is bound to the Version it was asked under.
type Questionnaire struct {
	Version string
	Booking Section   // section B: what is asked with the booking, beside the patient's own data
	Intake  []Section // sections G to W
}

// Answers holds what was answered by question id: option codes, or one number or text. A question without an answer has
// no entry.
type Answers map[string][]string

// Facts is what is known about the patient from the booking and may decide what is asked: the conditions' age, sex and
// areas.
type Facts struct {
	Age   int
	Sex   string
	Areas []string
}

// Record is one patient's intake as it is stored.
type Record struct {
	BookingID   string
	Version     string
	Answers     Answers
	Done        []string // ids of the sections that were sent in good order
	CompletedAt *time.Time
	UpdatedAt   time.Time
}
