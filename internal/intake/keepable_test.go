package intake

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"madoguchi/internal/clinic"
)

// What was made by hand and no page sends is not kept for a doctor to read: options that there are not, many values, endless text.
func TestKeep_KeepsNothingThatNoPageSends(t *testing.T) {
	q := reparse(t, small(
		Question{ID: "one", Kind: One, Required: true, Options: options("a", "b")}, Question{ID: "many", Kind: Many, Options: options("a", "b", NoneCode)},
		Question{ID: "number", Kind: Number, Min: 10, Max: 300, Unit: "kg"}, Question{ID: "text", Kind: LongText},
	))
	s, endless := q.Intake[0], strings.Repeat("あ", 50*clinic.MaxText)
	for name, c := range map[string]struct {
		id    string
		given []string
		want  []string // as it is found again
	}{
		"an option that there is not":   {"one", []string{"<b>毒</b>"}, nil},
		"two of which one can be":       {"one", []string{"a", "b"}, []string{"a", "b"}},
		"one of which there is not":     {"many", []string{"a", "zzz"}, []string{"a"}},
		"none beside another, doubled":  {"many", []string{NoneCode, "a", "a", NoneCode}, []string{NoneCode, "a"}},
		"a number that is none":         {"number", []string{"NaN"}, []string{"NaN"}},
		"a number beyond all":           {"number", []string{"1e308"}, []string{"1e308"}},
		"two numbers":                   {"number", []string{"9", "50"}, []string{"9"}},
		"a text that never ends":        {"text", []string{endless}, []string{endless[:mostTyped*utf8.RuneLen('あ')]}},
		"a text that is turned around":  {"text", []string{"abc\u202edef"}, []string{"abc\u202edef"}},
		"a text of which nothing shows": {"text", []string{"\u200b\u2060"}, nil},
	} {
		r := q.Keep(Record{}, s, map[string][]string{c.id: c.given}, Facts{Age: 36}, asideAt)
		if got := r.Given(c.id); !slices.Equal(got, c.want) {
			t.Errorf("%s: kept is %.40q", name, got)
		}
		if len(r.Answers[c.id]) > 0 {
			t.Errorf("%s: it is an answer, %.40q", name, r.Answers[c.id])
		}
	}
}
