package intake

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"madoguchi/internal/clinic"
)

// reference is one place in a questionnaire's data that names a question.
type reference struct {
	where string
	id    *string
}

// references are all places outside conditions that name a question.
func references(q *Questionnaire) []reference {
	var out []reference
	uses := reflect.ValueOf(&q.Uses).Elem()
	for i := range uses.NumField() {
		if id, ok := uses.Field(i).Addr().Interface().(*string); ok && *id != "" {
			out = append(out, reference{"uses " + uses.Type().Field(i).Name, id})
		}
	}
	summary := reflect.ValueOf(&q.Summary).Elem()
	for i := range summary.NumField() {
		if ids, ok := summary.Field(i).Interface().([]string); ok {
			for j := range ids {
				out = append(out, reference{"summary " + summary.Type().Field(i).Name, &ids[j]})
			}
		}
	}
	for i := range q.Causes {
		for j := range q.Causes[i].Signs {
			out = append(out, reference{"cause " + q.Causes[i].ID, &q.Causes[i].Signs[j].Question})
		}
	}
	for i := range q.Derived {
		for j := range q.Derived[i].From {
			out = append(out, reference{"derived " + q.Derived[i].ID, &q.Derived[i].From[j]})
		}
	}
	part := func(where string, p *Part) {
		if _, isFact := (Facts{}).values(p.Question); !isFact && p.Question != FactBMI && !slices.ContainsFunc(q.Derived, func(d Derived) bool { return d.ID == p.Question }) {
			out = append(out, reference{where, &p.Question})
		}
	}
	for i := range q.Facts {
		for j := range q.Facts[i].Of {
			part("fact "+q.Facts[i].ID, &q.Facts[i].Of[j])
		}
		for j := range q.Facts[i].Words {
			out = append(out, reference{"fact " + q.Facts[i].ID, &q.Facts[i].Words[j]})
		}
	}
	for i := range q.Cells {
		for j := range q.Cells[i].Questions {
			part("strip "+q.Cells[i].ID, &q.Cells[i].Questions[j])
		}
	}
	for i := range q.Contradictions {
		for j := range q.Contradictions[i].Questions {
			out = append(out, reference{"contradiction " + q.Contradictions[i].ID, &q.Contradictions[i].Questions[j]})
		}
	}
	return out
}

// unchecked is what the program is built with, as it is written.
func unchecked(t interface{ Fatal(...any) }, q *Questionnaire) Questionnaire {
	data, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	var out Questionnaire
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	for _, s := range out.sections() { // Parse has copied borrowed options in
		for i := range s.Questions {
			if s.Questions[i].OptionsOf != "" {
				s.Questions[i].Options = nil
			}
		}
	}
	return out
}

func parseAgain(t interface{ Fatal(...any) }, q Questionnaire) (*Questionnaire, error) {
	data, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	return Parse(data)
}

// Wherever the data names a question, a name that is no question's is refused.
func TestParse_RefusesAReferenceToNothing(t *testing.T) {
	asShipped := shipped(t)
	if n := len(references(asShipped)); n < 30 {
		t.Fatalf("only %d references were found", n)
	}
	rapid.Check(t, func(t *rapid.T) {
		q := unchecked(t, asShipped)
		one := rapid.SampledFrom(references(&q)).Draw(t, "reference")
		gone := rapid.StringMatching(`[a-z0-9_]{1,20}`).Filter(func(s string) bool { return !asShipped.asks(s) }).Draw(t, "nobody")
		was := *one.id
		*one.id = gone
		if _, err := parseAgain(t, q); err == nil || !strings.Contains(err.Error(), `"`+gone+`"`) {
			t.Fatalf("%s: %q became %q: %v", one.where, was, gone, err)
		}
	})
}

// renamed is the questionnaire with another name for every question, wherever it is named.
func renamed(t interface{ Fatal(...any) }, q *Questionnaire, name func(string) string) *Questionnaire {
	out := unchecked(t, q)
	for _, r := range references(&out) {
		*r.id = name(*r.id)
	}
	for _, s := range out.sections() {
		for i := range s.Questions {
			question := &s.Questions[i]
			question.ID = name(question.ID)
			if question.OptionsOf != "" {
				question.OptionsOf = name(question.OptionsOf)
			}
			rename(question.ShowIf, name)
			rename(question.RequiredIf, name)
			for j := range question.Options {
				rename(question.Options[j].ShowIf, name)
			}
		}
	}
	for _, c := range out.Cells {
		rename(c.None, name)
	}
	for _, c := range out.Contradictions {
		rename(c.When, name)
	}
	parsed, err := parseAgain(t, out)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// The engine knows no question by its id: with other ids everything comes out the same.
func TestQuestionnaire_IDsMeanNothing(t *testing.T) {
	asShipped := shipped(t)
	name := func(id string) string { return id + "_2" }
	other := renamed(t, asShipped, name)
	on := clinic.Date{Year: 2026, Month: 11, Day: 24}
	rapid.Check(t, func(t *rapid.T) {
		a, f := drawAnswers(t, asShipped), drawFacts(t)
		b := Answers{}
		for id, values := range a {
			b[name(id)] = values
		}
		visible, same := asShipped.Visible(a, f), other.Visible(b, f)
		for _, s := range asShipped.Intake {
			for _, question := range s.Questions {
				if visible[question.ID] != same[name(question.ID)] {
					t.Fatalf("%s is asked: %v", question.ID, visible[question.ID])
				}
			}
		}
		bmi, ok := asShipped.BMI(a)
		if otherBMI, otherOK := other.BMI(b); bmi != otherBMI || ok != otherOK {
			t.Fatalf("BMI %v %v, then %v %v", bmi, ok, otherBMI, otherOK)
		}
		booking := clinic.Details{Answers: Answers{asShipped.Uses.Areas: f.Areas}}
		if got := other.FactsOf(clinic.Patient{}, clinic.Details{Answers: Answers{name(asShipped.Uses.Areas): f.Areas}}, on); !reflect.DeepEqual(got, asShipped.FactsOf(clinic.Patient{}, booking, on)) {
			t.Fatalf("facts %+v", got)
		}
		levels, otherLevels := asShipped.CauseLevels(a, f), other.CauseLevels(b, f)
		for i, l := range levels {
			o := otherLevels[i]
			if l.Known != o.Known || l.Level != o.Level || !slices.EqualFunc(l.Reasons, o.Reasons, func(x, y Reason) bool {
				return name(x.Question.ID) == y.Question.ID && slices.Equal(x.Values, y.Values)
			}) {
				t.Fatalf("%+v, then %+v", l, o)
			}
		}
	})
}

func TestCautions_OfAreasNameTheirQuestion(t *testing.T) {
	q := renamed(t, shipped(t), func(id string) string { return id + "_2" })
	var err error
	if q.Rules, err = ParseCautions([]byte("inj|note|areas!chin|M"), []byte(`[{"code": "M", "ja": "資料", "en": "source"}]`), q); err != nil {
		t.Fatal(err)
	}
	got := q.Cautions(nil, Facts{Areas: []string{"back"}})
	if len(got) != 1 || got[0].Reasons[0].Question.ID != "areas_2" || got[0].Reasons[0].Show("ja")[0] != "背中" {
		t.Errorf("%+v", got)
	}
}

func TestParseCautions_WithoutHeightAndWeightThereIsNoBMI(t *testing.T) {
	q := unchecked(t, shipped(t))
	q.Uses.Height, q.Uses.Weight, q.Facts = "", "", nil
	parsed, err := parseAgain(t, q)
	if err != nil {
		t.Fatal(err)
	}
	_, err = ParseCautions([]byte("drug|note|bmi<27|M"), []byte(`[{"code": "M", "ja": "資料", "en": "source"}]`), parsed)
	if err == nil || !strings.Contains(err.Error(), `names "bmi"`) {
		t.Error(err)
	}
}

// Every name that is taken is refused where it would collide, and nowhere else.
func TestParse_RefusesReservedIDs(t *testing.T) {
	for _, id := range ReservedSections {
		q := small(Question{ID: "pain", Kind: LongText})
		q.Intake[0].ID = id
		if _, err := parseAgain(t, q); err == nil || !strings.Contains(err.Error(), `section "`+id+`"`) {
			t.Errorf("%v", err)
		}
	}
	for _, id := range ReservedQuestions {
		ofIntake, ofBooking := small(Question{ID: id, Kind: LongText}), small(Question{ID: "pain", Kind: LongText})
		ofBooking.Booking.Questions = append(ofBooking.Booking.Questions, Question{ID: id, Kind: LongText, Label: Text{"文", "text"}})
		for where, q := range map[string]Questionnaire{"intake": ofIntake, "booking": ofBooking} {
			if _, err := parseAgain(t, q); err == nil || !strings.Contains(err.Error(), `question "`+id+`"`) {
				t.Errorf("%s: %v", where, err)
			}
		}
	}
	reparse(t, small(Question{ID: "review", Kind: LongText}, Question{ID: "done", Kind: LongText})) // no pages of their own
}

func TestBrief_UsesShortNames(t *testing.T) {
	q, _ := shipped(t).Question("visited")
	for lang, want := range map[string][2]string{"ja": {"来院したことがある", "来院歴あり"}, "en": {"No, I have visited before", "Has visited before"}} {
		if q.Show([]string{"again"}, lang)[0] != want[0] || q.Brief([]string{"again"}, lang)[0] != want[1] {
			t.Errorf("%s: %q and %q", lang, q.Show([]string{"again"}, lang), q.Brief([]string{"again"}, lang))
		}
	}
	pain, _ := shipped(t).Question("pain_lv")
	if got := pain.Brief([]string{"4"}, "ja"); got[0] != "4/10" {
		t.Errorf("%q", got)
	}
}

// rename gives the questions of a condition other ids.
func rename(c Condition, name func(string) string) {
	for _, all := range c.Any {
		for i, test := range all {
			if _, isFact := (Facts{}).values(test.Question); !isFact {
				all[i].Question = name(test.Question)
			}
		}
	}
}
