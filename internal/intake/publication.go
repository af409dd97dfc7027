package intake

import (
	"encoding/json"
	"reflect"
)

// Publication is a version of the questionnaire as it is published: the questions, and the cautions that a doctor of the
// clinic has signed off for them. The version's cautions are those that are applied to whoever was asked it, whatever a
// later version asks and says.
type Publication struct {
	Questions []byte // questionnaire.json
	Cautions  []byte // cautions.txt
	Sources   []byte // sources.json
}

// Parse reads a publication. Cautions that name anything that this version does not ask are refused.
func (p Publication) Parse() (*Questionnaire, error) {
	q, err := Parse(p.Questions)
	if err != nil {
		return nil, err
	}
	q.Rules, err = ParseCautions(p.Cautions, p.Sources, q)
	return q, err
}

// SameQuestions reports whether two bodies of a questionnaire say the same, however they are laid out.
func SameQuestions(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
