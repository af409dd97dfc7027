package intake

import (
	"math"
	"strconv"

	"madoguchi/internal/clinic"
)

// Answers holds what was answered by question id: option codes, or one number or text. A question without an answer has
// no entry.
type Answers map[string][]string

// Facts is what is known about the patient from the booking and may decide what is asked: the conditions' age, sex and
// areas. What is not known is left zero.
type Facts struct {
	Age   int // completed years on the day of the counseling
	Sex   string
	Areas []string
}

// The names that the facts have in conditions. The areas are the answer to the question of the booking that Uses names.
const (
	FactAge   = "age"
	FactSex   = "sex"
	FactBMI   = "bmi"
	FactAreas = "areas"
)

// FactsOf gathers the facts about a patient, who answered the booking's questions so. on is the day of the counseling at
// the branch: the age on that day counts, and it stays the same however long the patient takes to answer. Without a birth
// date it is not known.
func (q *Questionnaire) FactsOf(p clinic.Patient, booking Answers, on clinic.Date) Facts {
	f := Facts{Sex: string(p.Sex), Areas: booking[q.Uses.Areas]}
	if !p.Birth.IsZero() {
		f.Age = p.Birth.Age(on)
	}
	return f
}

// FactsFor gathers the facts about the patient of an appointment.
func (q *Questionnaire) FactsFor(a clinic.Appointment) Facts {
	on := clinic.DateOf(a.Slot.StartsAt, a.Branch.Location())
	return q.FactsOf(a.Patient, a.Booking.Details.Answers, on)
}

// values returns a fact in the form of an answer, and whether the name is one of a fact at all.
func (f Facts) values(name string) (values []string, isFact bool) {
	switch {
	case name == FactAge && f.Age > 0:
		return []string{strconv.Itoa(f.Age)}, true
	case name == FactSex && f.Sex != "":
		return []string{f.Sex}, true
	case name == FactAreas:
		return f.Areas, true
	}
	return nil, name == FactAge || name == FactSex
}

// BMI is the body mass index in kg/m² from the answers to height and weight. It is exact; people read one decimal. It
// reports false when either is missing.
func (q *Questionnaire) BMI(a Answers) (float64, bool) {
	height, okHeight := number(a[q.Uses.Height])
	weight, okWeight := number(a[q.Uses.Weight])
	if !okHeight || !okWeight || height <= 0 {
		return 0, false
	}
	// Tenths as whole numbers, so that a BMI of exactly 30 is not 30.000000000000004.
	tenthsCm, tenthsKg := math.Round(height*10), math.Round(weight*10)
	return tenthsKg * 1e5 / (tenthsCm * tenthsCm), true
}

func number(values []string) (float64, bool) {
	if len(values) == 0 {
		return 0, false
	}
	return parseNumber(values[0])
}
