package intake

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"testing"
)

// browser is what the page's script does, as ClientCondition describes it.
func browser(s Section, conditions map[string]ClientCondition, form map[string][]string) map[string]bool {
	shown := map[string]bool{}
	for _, q := range s.Questions {
		c := conditions[q.ID]
		shown[q.ID] = c.always || slices.ContainsFunc(c.any, func(all All) bool {
			return !slices.ContainsFunc(all, func(t Test) bool {
				_, onPage := conditions[t.Question]
				if onPage && !shown[t.Question] {
					return true
				}
				var alone []string
				if t.Op.counting() {
					t.Values, alone = t.Values[:1], t.Values[1:]
				}
				return !t.holds(filled(form[t.Question]), alone)
			})
		})
	}
	return shown
}

// filled is an answer as the server would read it: without empty fields.
func filled(values []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
}

// testdata/conditions.json is read by the browser's tests as well, so that both sides are held to the same answers.
func TestClientConditions_Vectors(t *testing.T) {
	data, err := os.ReadFile("testdata/conditions.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Name      string `json:"name"`
		Facts     Facts  `json:"facts"`
		Before    Answers
		Questions []struct {
			ID       string   `json:"id"`
			Excludes []string `json:"excludes"`
			ShowIf   string   `json:"show_if"`
			When     any      `json:"when"`
		} `json:"questions"`
		Form  map[string][]string `json:"form"`
		Shown []string            `json:"shown"`
	}
	if err := decodeStrictly(data, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) {
			outside := Section{ID: "outside"}
			for id := range v.Before {
				outside.Questions = append(outside.Questions, Question{ID: id})
			}
			s := Section{ID: "page"}
			for _, one := range v.Questions {
				c, err := ParseCondition(one.ShowIf)
				if err != nil {
					t.Fatal(err)
				}
				s.Questions = append(s.Questions, Question{ID: one.ID, Excludes: one.Excludes, ShowIf: c})
			}
			q := &Questionnaire{Intake: []Section{outside, s}}
			conditions := q.ClientConditions(s, v.Before, v.Facts)
			var shown []string
			for i, one := range v.Questions {
				encoded, err := json.Marshal(conditions[one.ID])
				if err != nil {
					t.Fatal(err)
				}
				var got any
				if err := json.Unmarshal(encoded, &got); err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(got, one.When) {
					t.Errorf("%s: %s becomes %s, want %v", one.ID, s.Questions[i].ShowIf, encoded, one.When)
				}
				if browser(s, conditions, v.Form)[one.ID] {
					shown = append(shown, one.ID)
				}
			}
			if !slices.Equal(shown, v.Shown) {
				t.Errorf("shown %v, want %v", shown, v.Shown)
			}
		})
	}
}
