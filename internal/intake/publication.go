package intake

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
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

// NextVersion is the name of the version that the clinic makes from another: 2.1 from 2, 2.3 from 2.1 when there is a 2.2. The
// program's own are whole numbers, so that the two never meet. all are the names that there are.
func NextVersion(base string, all []string) string {
	major, _, _ := strings.Cut(base, ".")
	if major == "" {
		major = "1"
	}
	for n := 1; ; n++ {
		if next := major + "." + strconv.Itoa(n); !slices.Contains(all, next) && !slices.ContainsFunc(all, func(v string) bool { return later(v, major, n) }) {
			return next
		}
	}
}

// later reports whether a version is one of the same program's version that comes after the n-th.
func later(version, major string, n int) bool {
	of, minor, found := strings.Cut(version, ".")
	m, err := strconv.Atoi(minor)
	return found && err == nil && of == major && m > n && m < 1<<20
}

// Imposes reports whether a program that starts publishes the version that it ships: one that is there already is only completed, and
// once the clinic asks a version of its own, a new one is offered in the office and never put in its place.
func Imposes(known, asksOwn bool) bool { return known || !asksOwn }
