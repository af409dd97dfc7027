package intake

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"madoguchi/internal/clinic"

	"pgregory.net/rapid"
)

// shipped is the questionnaire that the program is built with.
func shipped(tb testing.TB) *Questionnaire {
	tb.Helper()
	data, err := os.ReadFile("../../config/questionnaire.json")
	if err != nil {
		tb.Fatal(err)
	}
	q, err := Parse(data)
	if err != nil {
		tb.Fatal(err)
	}
	return q
}

// known is what every questionnaire must describe.
func known() []Question {
	text := Text{"既知", "known"}
	return []Question{
		{ID: FactAge, Kind: Number, Label: text, Max: 130},
		{ID: FactSex, Kind: One, Label: text, Options: options("f", "m", "na")},
		{ID: FactBMI, Kind: Number, Label: text, Max: 300, Decimals: 2},
	}
}

func options(codes ...string) []Option {
	out := make([]Option, len(codes))
	for i, c := range codes {
		out[i] = Option{Code: c, Text: Text{"選択肢" + c, "option " + c}}
	}
	return out
}

// small is a questionnaire around some questions of one section, for tests that want to say exactly what is asked.
func small(questions ...Question) Questionnaire {
	text := Text{"見本", "sample"}
	for i := range questions {
		if questions[i].Label == (Text{}) {
			questions[i].Label = text
		}
	}
	return Questionnaire{
		Version: "1", Known: known(), Uses: Uses{Areas: FactAreas, Privacy: "agree"},
		Booking: Section{Code: "B", ID: "booking", Title: text, Questions: []Question{
			{ID: FactAreas, Kind: Many, Label: text, Options: options("back", "chin")},
			{ID: "agree", Kind: Agree, Required: true, Label: text, Options: options(Agreed)},
		}},
		Intake: []Section{{Code: "G", ID: "goal", Title: text, Questions: questions}},
	}
}

func reparse(t interface{ Fatal(...any) }, q Questionnaire) *Questionnaire {
	data, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := Parse(data)
	if err != nil {
		t.Fatal(err, string(data))
	}
	return parsed
}

// drawQuestionnaire makes any questionnaire of a few sections in which questions depend on earlier ones, across sections
// as well. The shipped one uses less than the engine can do.
func drawQuestionnaire(t *rapid.T) *Questionnaire {
	q := small()
	q.Intake = nil
	nameable := []Question{q.Known[0], q.Known[1], q.Booking.Questions[0], sourceFacts[0], sourceFacts[1]}
	nameable[3].Options = q.Booking.Questions[0].Options
	for s := range rapid.IntRange(1, 4).Draw(t, "sections") {
		before := slices.Clone(nameable)
		section := Section{Code: "S", ID: fmt.Sprintf("s%d", s), Title: Text{"章", "section"}}
		for i := range rapid.IntRange(1, 5).Draw(t, "questions") {
			question := drawQuestion(t, fmt.Sprintf("q%d_%d", s, i), nameable, before)
			section.Questions = append(section.Questions, question)
			nameable = append(nameable, question)
		}
		q.Intake = append(q.Intake, section)
	}
	return reparse(t, q)
}

// drawQuestion draws a question after those that are nameable, of which those of before stand on earlier pages.
func drawQuestion(t *rapid.T, id string, nameable, before []Question) Question {
	q := Question{ID: id, Label: Text{"問い", "question"}, Required: rapid.Bool().Draw(t, "required"), DoctorOnly: rapid.Bool().Draw(t, "doctor only")}
	q.Kind = rapid.SampledFrom([]Kind{One, Many, Many, Number, Scale, LongText, Agree}).Draw(t, "kind")
	switch q.Kind {
	case One, Many:
		q.Options = options("a", "b", "c", NoneCode)
	case Agree:
		q.Options = options(Agreed)
	case Number:
		q.Min, q.Max, q.Unit, q.Decimals = 10, 300, "kg", rapid.IntRange(0, 2).Draw(t, "decimals")
	case Scale:
		q.Max = 10
	case LongText:
	}
	q.ShowIf = drawCondition(t, nameable, before)
	if !q.Required && rapid.Bool().Draw(t, "required if") {
		q.RequiredIf = drawCondition(t, before, before)
	}
	if q.Kind == One || q.Kind == Many {
		for i := range q.Options {
			if rapid.IntRange(0, 3).Draw(t, "option") == 0 {
				q.Options[i].ShowIf = drawCondition(t, before, before)
			}
		}
	}
	return q
}

func drawCondition(t *rapid.T, nameable, before []Question) Condition {
	var c Condition
	for range rapid.SampledFrom([]int{0, 0, 1, 1, 2}).Draw(t, "alternatives") {
		var all All
		for range rapid.SampledFrom([]int{1, 1, 2}).Draw(t, "tests") {
			if test, ok := drawTest(t, nameable); ok {
				all = append(all, test)
			}
			if asked := before[min(5, len(before)):]; len(asked) > 0 && rapid.IntRange(0, 5).Draw(t, "left empty") == 0 {
				all = append(all, Test{rapid.SampledFrom(asked).Draw(t, "asked").ID, Unanswered, nil})
			}
		}
		if len(all) > 0 {
			c.Any = append(c.Any, all)
		}
	}
	return c
}

func drawTest(t *rapid.T, nameable []Question) (Test, bool) {
	on := rapid.SampledFrom(nameable).Draw(t, "on")
	switch on.Kind {
	case Number, Scale:
		op := rapid.SampledFrom([]Op{Less, More, AtLeast, AtMost}).Draw(t, "op")
		return Test{on.ID, op, []string{fmt.Sprint(rapid.IntRange(int(on.Min), int(on.Max)).Draw(t, "limit"))}}, true
	case One, Many, Agree:
		if on.Kind == Many && rapid.IntRange(0, 3).Draw(t, "count") == 0 {
			op := rapid.SampledFrom([]Op{CountLess, CountMore, CountAtLeast, CountAtMost}).Draw(t, "op")
			return Test{on.ID, op, []string{fmt.Sprint(rapid.IntRange(0, 4).Draw(t, "limit"))}}, true
		}
		op := rapid.SampledFrom([]Op{Has, HasNot}).Draw(t, "op")
		return Test{on.ID, op, drawCodes(t, on, 1)}, true
	case LongText:
		if on.ID == FactFromArticle {
			return Test{on.ID, rapid.SampledFrom([]Op{Has, HasNot}).Draw(t, "op"), []string{"back-fat"}}, true
		}
	}
	return Test{}, false
}

func drawCodes(t *rapid.T, q Question, least int) []string {
	codes := make([]string, len(q.Options))
	for i, o := range q.Options {
		codes[i] = o.Code
	}
	return rapid.SliceOfNDistinct(rapid.SampledFrom(codes), least, len(codes), rapid.ID).Draw(t, "codes")
}

func drawFacts(t *rapid.T) Facts {
	return Facts{
		Age:   rapid.SampledFrom([]int{0, 15, 17, 18, 36, 70}).Draw(t, "age"),
		Sex:   rapid.SampledFrom([]string{"", "f", "m", "na"}).Draw(t, "sex"),
		Areas: rapid.SliceOfDistinct(rapid.SampledFrom([]string{"back", "chin", "thigh_b"}), rapid.ID).Draw(t, "areas"),
		From:  clinic.Attribution{Area: rapid.SampledFrom([]string{"", "back"}).Draw(t, "from area"), Article: rapid.SampledFrom([]string{"", "back-fat", "hamstring"}).Draw(t, "from article")},
	}
}

// drawForm fills in a section as people do, mostly well.
func drawForm(t *rapid.T, s Section) map[string][]string {
	form := map[string][]string{}
	for _, q := range s.Questions {
		switch {
		case rapid.IntRange(0, 4).Draw(t, "leave out "+q.ID) == 0:
		case rapid.IntRange(0, 6).Draw(t, "spoil "+q.ID) == 0:
			form[q.ID] = rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, q.ID)
		default:
			form[q.ID] = drawAnswer(t, q)
		}
	}
	return form
}

func drawAnswer(t *rapid.T, q Question) []string {
	switch q.Kind {
	case One, Agree:
		return drawCodes(t, q, 1)[:1]
	case Many:
		codes := drawCodes(t, q, 1)
		if slices.ContainsFunc(codes, q.Exclusive) {
			codes = codes[:1]
		}
		return codes
	case Number, Scale:
		return []string{fmt.Sprint(rapid.IntRange(int(q.Min), int(q.Max)).Draw(t, q.ID))}
	case LongText:
	}
	return []string{rapid.SampledFrom([]string{"なし", "一行目\r\n二行目", "x"}).Draw(t, q.ID)}
}

// drawAnswers answers anything at all, visible or not, in stored form.
func drawAnswers(t *rapid.T, q *Questionnaire) Answers {
	a := Answers{"of_an_older_version": {"x"}}
	for _, s := range q.Intake {
		for id, values := range drawForm(t, s) {
			if len(values) > 0 {
				a[id] = values
			}
		}
	}
	return a
}

// drawIntake draws one of the two: what is shipped, or anything.
func drawIntake(t *rapid.T, shipped *Questionnaire) *Questionnaire {
	if rapid.Bool().Draw(t, "shipped") {
		return shipped
	}
	return drawQuestionnaire(t)
}

func without(a Answers, s Section) Answers {
	out := maps.Clone(a)
	for _, q := range s.Questions {
		delete(out, q.ID)
	}
	return out
}
