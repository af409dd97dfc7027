package intake

import (
	"math"
	"slices"
)

// Derived is a value that is worked out of answers, for cautions and for the doctor: the BMI of the wished weight.
type Derived struct {
	ID      string   `json:"id"` // as conditions name it
	Label   Text     `json:"label"`
	Short   Text     `json:"short,omitzero"`
	Formula Formula  `json:"formula"`
	From    []string `json:"from"` // the numbers of the intake that the formula takes, in its order
}

// Formula is how a value is worked out.
type Formula string

// FormulaBMI is the body mass index in kg/m² of a height in cm and a weight in kg.
const FormulaBMI Formula = "bmi"

// question is the value in the form of a question, for conditions and for showing it.
func (d Derived) question() Question {
	return Question{ID: d.ID, Kind: Number, Label: d.Label, Short: d.Short, Max: 1000, Decimals: 2, index: d.Formula == FormulaBMI}
}

func (q *Questionnaire) checkDerived(everything scope) error {
	intake := scopeOf(q.Intake...)
	for _, d := range q.Derived {
		where := at("derived", "derived", d.ID)
		if _, again := everything[d.ID]; again || !isCode(d.ID) || d.ID == FactAreas {
			return where.because(": an id of its own (small letters, digits, underscores) is needed")
		}
		everything[d.ID] = d.question()
		if d.Formula != FormulaBMI || len(d.From) != 2 {
			return where.because(": the formula is %q, from a height and a weight", FormulaBMI)
		}
		if err := needText(where, d.Label); err != nil {
			return err
		}
		if err := allowText(where.in(" short"), d.Short); err != nil {
			return err
		}
		for i, unit := range []string{"cm", "kg"} {
			if from := intake[d.From[i]]; from.Kind != Number || from.Unit != unit {
				return where.because(": %q is no number in "+unit+" of the intake", d.From[i])
			}
		}
	}
	return nil
}

// derive works out the values that the cautions may name beside the answers.
func (s *state) derive() {
	s.derived = map[string][]string{}
	if bmi, ok := s.q.BMI(s.kept); ok {
		s.derived[FactBMI] = []string{plain(bmi)}
	}
	for _, d := range s.q.Derived {
		if value, ok := bmiOf(s.kept[d.From[0]], s.kept[d.From[1]]); ok {
			s.derived[d.ID] = []string{plain(value)}
		}
	}
}

// from are the answers that a value was worked out of.
func (s *state) from(id string) []Reason {
	parts := []string{s.q.Uses.Height, s.q.Uses.Weight}
	if id != FactBMI {
		parts = nil
		for _, d := range s.q.Derived {
			if d.ID == id {
				parts = d.From
			}
		}
	}
	var out []Reason
	for _, part := range parts {
		out = append(out, Reason{s.q.named(part), s.kept[part]})
	}
	return out
}

// BMI is the body mass index in kg/m² from the answers to height and weight. It is exact; people read one decimal. It
// reports false when either is missing.
func (q *Questionnaire) BMI(a Answers) (float64, bool) {
	return bmiOf(a[q.Uses.Height], a[q.Uses.Weight])
}

func bmiOf(cm, kg []string) (float64, bool) {
	height, okHeight := number(cm)
	weight, okWeight := number(kg)
	if !okHeight || !okWeight || height <= 0 {
		return 0, false
	}
	// Whole numbers, so that a BMI of exactly 30 is not 30.000000000000004. Nobody is asked for more than a few decimals.
	const parts = 1000
	partsCm, partsKg := math.Round(height*parts), math.Round(weight*parts)
	return partsKg * 1e4 * parts / (partsCm * partsCm), true
}

// limits are the body mass indices at which something else begins for a doctor.
var limits = []float64{18.5, 25, 27, 30, 35, 40}

// roundIndex rounds a body mass index to one digit, as people read it, and to two where one would look like a limit that it only comes
// near: 18.48 is below 18.5, and 30.03 is above 30. Cautions compare it exactly.
func roundIndex(bmi float64) float64 {
	if one := round(bmi, 1); !slices.Contains(limits, one) {
		return one
	}
	return round(bmi, 2)
}

func number(values []string) (float64, bool) {
	if len(values) == 0 {
		return 0, false
	}
	return parseNumber(values[0])
}
