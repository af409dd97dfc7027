package intake

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"madoguchi/internal/clinic"
)

// shippedDraft is the shipped questionnaire as its file has it.
func shippedDraft(tb testing.TB) *Questionnaire {
	tb.Helper()
	data, err := os.ReadFile("../../config/questionnaire.json")
	if err != nil {
		tb.Fatal(err)
	}
	q, err := ReadDraft(data)
	if err != nil {
		tb.Fatal(err)
	}
	return q
}

func shippedCautions(tb testing.TB) (c Cautions) {
	tb.Helper()
	for name, into := range map[string]*[]byte{"cautions.txt": &c.Rules, "sources.json": &c.Sources} {
		data, err := os.ReadFile("../../config/" + name)
		if err != nil {
			tb.Fatal(err)
		}
		*into = data
	}
	return c
}

// drawEdit does one of the things that the editor does, somewhere in a draft.
func drawEdit(t *rapid.T, d *Draft, taken Taken) {
	q := d.Questions
	s := q.All()[rapid.IntRange(0, len(q.Intake)).Draw(t, "section")]
	what := rapid.IntRange(0, 11).Draw(t, "edit")
	word := Text{"言葉" + fmt.Sprint(d.Made), "words " + fmt.Sprint(d.Made)}
	if len(s.Questions) == 0 {
		what = 0
	}
	var question Question
	if what > 1 {
		question = s.Questions[rapid.IntRange(0, len(s.Questions)-1).Draw(t, "question")]
	}
	switch what {
	case 0:
		_ = q.AddQuestion(s.ID, Question{ID: d.NewQuestion(taken), Kind: LongText, Label: word})
	case 1:
		id := d.NewSection(taken)
		_ = q.AddSection(id, word)
		_ = q.AddQuestion(id, Question{ID: d.NewQuestion(taken), Kind: Number, Max: 9, Label: word})
	case 2:
		question.Label = word
		_ = q.ChangeQuestion(question)
	case 3:
		question.Required, question.RequiredIf = !question.Required, Condition{}
		_ = q.ChangeQuestion(question)
	case 4:
		_ = q.Step(false, question.ID, rapid.SampledFrom([]int{-1, 1}).Draw(t, "by"))
	case 5:
		_ = q.Step(true, s.ID, rapid.SampledFrom([]int{-1, 1}).Draw(t, "by"))
	case 6:
		if question.OptionsOf == "" && (question.Kind == One || question.Kind == Many) {
			question.Options = append(question.Options, Option{Code: d.NewOption(taken), Text: word})
			_ = q.ChangeQuestion(question)
		}
	case 7:
		if question.OptionsOf == "" && question.Kind == Many && len(question.Options) > 2 {
			question.Options[0], question.Options[1] = question.Options[1], question.Options[0]
			_ = q.ChangeQuestion(question)
		}
	case 8:
		_ = q.Retire(question.ID)
	case 9:
		_ = q.PutQuestion(question.ID, q.All()[rapid.IntRange(0, len(q.Intake)).Draw(t, "into")].ID, "")
	case 10:
		if named := Nameable(q, question.ID); len(named) > 0 {
			on := named[rapid.IntRange(0, len(named)-1).Draw(t, "on")]
			if (on.Kind == One || on.Kind == Many) && len(on.Options) > 0 {
				question.ShowIf = AnyOf(Test{on.ID, Has, []string{on.Options[0].Code}})
				_ = q.ChangeQuestion(question)
			}
		}
	case 11:
		if len(q.Summary.Concern) > 1 {
			q.Summary.Concern = q.Summary.Concern[1:]
		}
	}
}

// There is no difference exactly when both say the same, and every edit is told by a change at its place.
func TestDifference_IsEmptyExactlyWhenBothSayTheSame(t *testing.T) {
	before := shippedDraft(t)
	rapid.Check(t, func(t *rapid.T) {
		d := Draft{Questions: before.Clone()}
		for range rapid.IntRange(0, 5).Draw(t, "edits") {
			drawEdit(t, &d, TakenBy(before))
		}
		was, err := before.Body()
		if err != nil {
			t.Fatal(err)
		}
		is, err := d.Questions.Body()
		if err != nil {
			t.Fatal(err)
		}
		if changes := Difference(before, d.Questions); (len(changes) == 0) != bytes.Equal(was, is) {
			t.Fatalf("%d changes: %+v", len(changes), changes)
		}
		if back := Difference(d.Questions, before); (len(back) == 0) != bytes.Equal(was, is) {
			t.Fatal("there is a difference in one direction only")
		}
	})
}

// No field of a section, a question or an option changes untold, whatever the grammar may have one day.
func TestDifference_TellsEveryField(t *testing.T) {
	before := shippedDraft(t)
	for _, part := range []struct {
		name string
		of   func(*Questionnaire) reflect.Value
	}{
		{"section", func(q *Questionnaire) reflect.Value { return reflect.ValueOf(&q.Intake[0]).Elem() }},
		{"question", func(q *Questionnaire) reflect.Value { return reflect.ValueOf(&q.Intake[0].Questions[0]).Elem() }},
		{"option", func(q *Questionnaire) reflect.Value {
			return reflect.ValueOf(&q.Booking.Questions[2].Options[0]).Elem()
		}},
		{"uses", func(q *Questionnaire) reflect.Value { return reflect.ValueOf(&q.Uses).Elem() }},
		{"summary", func(q *Questionnaire) reflect.Value { return reflect.ValueOf(&q.Summary).Elem() }},
		{"cause", func(q *Questionnaire) reflect.Value { return reflect.ValueOf(&q.Causes[0]).Elem() }},
		{"cell", func(q *Questionnaire) reflect.Value { return reflect.ValueOf(&q.Cells[0]).Elem() }},
	} {
		fields := part.of(before).Type()
		for i := range fields.NumField() {
			if !fields.Field(i).IsExported() { // it is worked out from the others when a definition is read
				continue
			}
			after := before.Clone()
			spoil(part.of(after).Field(i))
			if len(Difference(before, after)) == 0 {
				t.Errorf("%s: a change of %s is not told", part.name, fields.Field(i).Name)
			}
		}
	}
}

// spoil gives a value another one.
func spoil(v reflect.Value) {
	switch v.Interface().(type) {
	case Text:
		v.Set(reflect.ValueOf(Text{"別", "another"}))
	case Condition:
		v.Set(reflect.ValueOf(AnyOf(Test{FactAge, Less, []string{"77"}})))
	default:
		change := map[reflect.Kind]func(){
			reflect.String:  func() { v.SetString("another") },
			reflect.Bool:    func() { v.SetBool(!v.Bool()) },
			reflect.Float64: func() { v.SetFloat(v.Float() + 1) },
			reflect.Slice:   func() { v.Set(reflect.Append(v, reflect.New(v.Type().Elem()).Elem())) },
			reflect.Int:     func() { v.SetInt(v.Int() + 1) },
		}
		if f := change[v.Kind()]; f != nil {
			f()
		}
	}
}

func TestDifference_SaysWhat(t *testing.T) {
	before := shippedDraft(t)
	for name, tt := range map[string]struct {
		edit func(q *Questionnaire)
		want Edit
	}{
		"reworded": {func(q *Questionnaire) { q.Intake[0].Questions[0].Label.JA = "新" }, Edit{Changed, Place{Section: "goal", Question: before.Intake[0].Questions[0].ID}, "label", "ja", before.Intake[0].Questions[0].Label.JA, "新"}},
		"required": {func(q *Questionnaire) { q.Booking.Questions[1].Required = true }, Edit{Changed, Place{Section: "booking", Question: "contact"}, "required", "", "false", "true"}},
		"retired":  {func(q *Questionnaire) { must(q.Retire("request")) }, Edit{Retired, Place{Section: "booking", Question: "request"}, "", "", "", ""}},
		"option":   {func(q *Questionnaire) { q.Booking.Questions[1].Options = q.Booking.Questions[1].Options[:1] }, Edit{Retired, Place{"booking", "contact", "tel"}, "", "", "", ""}},
		"section":  {func(q *Questionnaire) { must(q.MoveSection("goal", 2)) }, Edit{Moved, Place{Section: "goal"}, "", "", "", ""}},
		"elsewhere": {
			func(q *Questionnaire) { must(q.MoveQuestion("sit_h", "goal", 0)) },
			Edit{Moved, Place{Section: "goal", Question: "sit_h"}, "", "", "posture", "goal"},
		},
		"condition": {func(q *Questionnaire) { q.Booking.Questions[0].ShowIf = Condition{} }, Edit{Changed, Place{Section: "booking", Question: "guardian"}, "show_if", "", "age<18", ""}},
	} {
		after := before.Clone()
		tt.edit(after)
		if changes := Difference(before, after); !slices.Contains(changes, tt.want) {
			t.Errorf("%s: %+v, want %+v", name, changes, tt.want)
		}
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// Each check of a publication has a case that it finds, and the shipped questionnaire none.
func TestFindings(t *testing.T) {
	before, cautions := shippedDraft(t), shippedCautions(t)
	question := func(q *Questionnaire, id string) *Question {
		s, at, ok := q.SectionOf(id)
		if !ok {
			t.Fatal(id)
		}
		return &q.section(s.ID).Questions[at]
	}
	for name, tt := range map[string]struct {
		edit func(q *Questionnaire)
		code FindingCode
		at   string // the question
	}{
		"nothing":        {func(*Questionnaire) {}, NothingChanged, ""},
		"no English":     {func(q *Questionnaire) { question(q, "sleep").Label.EN = "" }, MissingText, "sleep"},
		"half a help":    {func(q *Questionnaire) { question(q, "sleep").Help.JA = "説明" }, MissingText, "sleep"},
		"no option text": {func(q *Questionnaire) { question(q, "sleep").Options[0].JA = "" }, MissingText, "sleep"},
		"advertising":    {func(q *Questionnaire) { question(q, "sleep").Help = Text{"今だけ半額です", "half price"} }, Advertises, "sleep"},
		"empty":          {func(q *Questionnaire) { must(q.AddSection("s1", Text{"題", "title"})) }, EmptySection, ""},
		"no options": {func(q *Questionnaire) {
			must(q.AddQuestion("wish", Question{ID: "q1", Kind: One, Label: Text{"問", "q"}}))
		}, NoOptions, "q1"},
		"bounds":    {func(q *Questionnaire) { question(q, "height").Min = 300 }, BadBounds, "height"},
		"gone":      {func(q *Questionnaire) { question(q, "sleep").ShowIf = AnyOf(Test{"nobody", Has, []string{"a"}}) }, ConditionGone, "sleep"},
		"later":     {func(q *Questionnaire) { question(q, "sleep").ShowIf = AnyOf(Test{"fam", Has, []string{"dm"}}) }, ConditionLater, "sleep"},
		"value":     {func(q *Questionnaire) { question(q, "fam").ShowIf = AnyOf(Test{"sleep", Has, []string{"h99"}}) }, ConditionValue, "fam"},
		"no number": {func(q *Questionnaire) { question(q, "fam").ShowIf = AnyOf(Test{"sleep", Less, []string{"3"}}) }, ConditionKind, "fam"},
		"never":     {func(q *Questionnaire) { question(q, "fam").ShowIf = AnyOf(Test{"height", Less, []string{"3"}}) }, Unreachable, "fam"},
		"never both": {func(q *Questionnaire) {
			question(q, "fam").ShowIf = Condition{Any: []All{{Test{"sleep", Has, []string{"h6"}}, Test{"sleep", Has, []string{"h7"}}}}}
		}, Unreachable, "fam"},
		"never by another": {func(q *Questionnaire) {
			question(q, "sleep").ShowIf = AnyOf(Test{FactAge, More, []string{"500"}})
			question(q, "fam").ShowIf = AnyOf(Test{"sleep", Has, []string{"h6"}})
		}, Unreachable, "fam"},
		"use":     {func(q *Questionnaire) { must(q.Retire("c_privacy")) }, UseGone, ""},
		"cause":   {func(q *Questionnaire) { q.Causes[0].Signs = nil }, CauseGone, ""},
		"caution": {func(q *Questionnaire) { must(q.Retire("meds")) }, CautionBreaks, ""},
		"caution option": {func(q *Questionnaire) {
			m := question(q, "preg")
			m.Options = slices.DeleteFunc(m.Options, func(o Option) bool { return o.Code == "bf" })
		}, CautionBreaks, "preg"},
		"kind":           {func(q *Questionnaire) { question(q, "worry").Kind, question(q, "worry").Max = Scale, 10 }, ChangedKind, "worry"},
		"consent":        {func(q *Questionnaire) { question(q, "c_cancel").Options[0].JA = "別の文に同意します" }, ConsentReworded, "c_cancel"},
		"malformed":      {func(q *Questionnaire) { question(q, "height").Options = []Option{{Code: "a", Text: Text{"あ", "a"}}} }, Malformed, "height"},
		"decimals":       {func(q *Questionnaire) { question(q, "height").Decimals = 9 }, BadDecimals, "height"},
		"too large":      {func(q *Questionnaire) { question(q, "height").Max = 1e300 }, BadBounds, "height"},
		"half a step":    {func(q *Questionnaire) { question(q, "pain_lv").Min = 0.5 }, BadScale, "pain_lv"},
		"too many steps": {func(q *Questionnaire) { question(q, "pain_lv").Max = MaxSteps + 1 }, BadScale, "pain_lv"},
		"NUL":            {func(q *Questionnaire) { question(q, "sleep").Label.JA = "身\x00長" }, BadSign, "sleep"},
		"turned around":  {func(q *Questionnaire) { question(q, "sleep").Options[0].EN = "a\u202eb" }, BadSign, "sleep"},
		"no character":   {func(q *Questionnaire) { question(q, "sleep").Help = Text{"あ\ufffd", "a"} }, BadSign, "sleep"},
		"unit":           {func(q *Questionnaire) { question(q, "height").Unit = "c\x00m" }, BadSign, "height"},
		"title":          {func(q *Questionnaire) { q.Intake[0].Title.JA = "題\u202e" }, BadSign, ""},
		"cell":           {func(q *Questionnaire) { q.Cells[0].Label.EN = "x\u202ey" }, BadSign, ""},
		"fact":           {func(q *Questionnaire) { q.Facts[0].Label = Text{"x\u202ey", "y"} }, BadSign, ""},
		"contradiction":  {func(q *Questionnaire) { q.Contradictions[0].Label.JA += "\x00" }, BadSign, ""},
		"nothing to see": {func(q *Questionnaire) { question(q, "sleep").Label.JA = "\u200b\u2060" }, MissingText, "sleep"},
		"long":           {func(q *Questionnaire) { question(q, "sleep").Label.JA = strings.Repeat("眠", MaxLabel+1) }, LongWords, "sleep"},
		"twice":          {func(q *Questionnaire) { must(q.AddQuestion("wish", *question(q, "sleep"))) }, IDTwice, "sleep"},
		"code twice":     {func(q *Questionnaire) { s := question(q, "sleep"); s.Options = append(s.Options, s.Options[0]) }, IDTwice, "sleep"},
		"section twice":  {func(q *Questionnaire) { q.Intake = append(q.Intake, q.Intake[0]) }, IDTwice, ""},
		"reserved":       {func(q *Questionnaire) { question(q, "sleep").ID = "email" }, BadID, "email"},
		"type":           {func(q *Questionnaire) { question(q, "sleep").Kind = "date" }, BadKind, "sleep"},
		"alone":          {func(q *Questionnaire) { question(q, "look").Excludes = []string{"nobody"} }, ExcludesGone, "look"},
		"required": {func(q *Questionnaire) {
			s := question(q, "sleep")
			s.Required, s.RequiredIf = true, AnyOf(Test{FactAge, More, []string{"20"}})
		}, RequiredTwice, "sleep"},
		"long condition": {func(q *Questionnaire) {
			question(q, "fam").ShowIf = AnyOf(slices.Repeat([]Test{{"sleep", Has, []string{"h6"}}}, MaxTests+1)...)
		}, ConditionLong, "fam"},
		"long option": {func(q *Questionnaire) {
			question(q, "fam").Options[0].ShowIf = AnyOf(slices.Repeat([]Test{{"sleep", Has, []string{"h6"}}}, 40000)...)
		}, ConditionLong, "fam"},
		"many values": {func(q *Questionnaire) {
			question(q, "fam").ShowIf = AnyOf(Test{"sleep", Has, slices.Repeat([]string{"h6"}, MaxValues+1)})
		}, ConditionLong, "fam"},
		"long none": {func(q *Questionnaire) {
			q.Cells[0].None = AnyOf(slices.Repeat([]Test{{"sleep", Has, []string{"h6"}}}, MaxTests+1)...)
		}, ConditionLong, ""},
		"too much": {func(q *Questionnaire) { q.Facts = slices.Repeat(q.Facts[:1], MaxTold+1) }, TooMuch, ""},
	} {
		d := Draft{Questions: before.Clone()}
		tt.edit(d.Questions)
		found := d.Findings(before, []*Questionnaire{before}, cautions)
		at := slices.IndexFunc(found, func(f Finding) bool { return f.Code == tt.code && (tt.at == "" || f.Where.Question == tt.at) })
		if at < 0 {
			t.Errorf("%s: %+v", name, found)
		} else if found[at].Stops != (tt.code != ConsentReworded) {
			t.Errorf("%s: stops %t", name, found[at].Stops)
		}
	}
	d := Draft{Questions: before.Clone()}
	d.Questions.Intake[0].Title.JA = "別の題"
	if found := d.Findings(before, []*Questionnaire{before}, cautions); len(found) > 0 {
		t.Errorf("a good draft: %+v", found)
	}
}

// What passes the findings can be asked: the program reads it, with its cautions. What does not is refused by the program, too, or is only
// about words, the version before and what nobody would be asked.
func TestFindings_AgreeWithTheProgram(t *testing.T) {
	before, cautions := shippedDraft(t), shippedCautions(t)
	rapid.Check(t, func(t *rapid.T) {
		d := Draft{Questions: before.Clone()}
		for range rapid.IntRange(1, 6).Draw(t, "edits") {
			drawEdit(t, &d, TakenBy(before))
		}
		stopped := Stopped(d.Findings(before, []*Questionnaire{before}, cautions))
		q := d.Questions.Clone()
		q.Version = "next"
		body, err := q.Body()
		must(err)
		_, err = Publication{Questions: body, Cautions: cautions.Rules, Sources: cautions.Sources}.Parse()
		if err != nil && !stopped {
			t.Fatalf("it passes, and the program says %v", err)
		}
	})
}

// An id never gets another meaning: none that a version has, and none that the draft ever had.
func TestNewID_IsNeverUsedAgain(t *testing.T) {
	before := shippedDraft(t)
	rapid.Check(t, func(t *rapid.T) {
		taken := TakenBy(before)
		taken["q2"], taken["s1"] = true, true
		d := Draft{Questions: before.Clone()}
		made := map[string]bool{}
		for range 12 {
			id := rapid.SampledFrom([]func(Taken) string{d.NewQuestion, d.NewSection, d.NewOption}).Draw(t, "what")(taken)
			if made[id] || taken[id] || !IsID(id) {
				t.Fatalf("%s is not new", id)
			}
			made[id] = true
			if rapid.Bool().Draw(t, "stays") {
				must(d.Questions.AddQuestion("wish", Question{ID: id, Kind: LongText}))
			}
		}
	})
}

func TestNextVersion(t *testing.T) {
	for _, tt := range []struct {
		base string
		all  []string
		want string
	}{
		{"3", []string{"3"}, "3.1"}, {"3.1", []string{"3", "3.1"}, "3.2"}, {"3", []string{"3", "3.1", "3.7"}, "3.8"}, {"2", []string{"2", "3", "3.1"}, "2.1"}, {"", []string{"3"}, "1.1"},
	} {
		if got := NextVersion(tt.base, tt.all); got != tt.want {
			t.Errorf("from %q with %q: %s, want %s", tt.base, tt.all, got, tt.want)
		}
	}
	for _, tt := range []struct{ known, own, want bool }{{true, true, true}, {false, false, true}, {true, false, true}, {false, true, false}} {
		if Imposes(tt.known, tt.own) != tt.want {
			t.Errorf("known %t, own %t", tt.known, tt.own)
		}
	}
}

func TestUsesAndSummary_ListEveryField(t *testing.T) {
	var u Uses
	if got, want := len(u.List()), reflect.TypeFor[Uses]().NumField(); got != want {
		t.Errorf("%d of %d uses", got, want)
	}
	var s Summary
	if got, want := len(s.Parts()), reflect.TypeFor[Summary]().NumField(); got != want {
		t.Errorf("%d of %d parts", got, want)
	}
	q := shippedDraft(t)
	for _, use := range q.Uses.List() {
		if *use.ID != "" && !slices.ContainsFunc(q.Candidates(use.Name), func(c Question) bool { return c.ID == *use.ID }) {
			t.Errorf("%s: %s cannot be chosen again", use.Name, *use.ID)
		}
	}
}

// Any questionnaire, any sequence of answers, edits and versions: what is stored is exactly what was visible, what must be answered is
// there, and what an old version shows of the answers never changes by a byte.
func TestVersions_AnyAnswersAndEdits(t *testing.T) {
	before := shippedDraft(t)
	rapid.Check(t, func(t *rapid.T) {
		d := Draft{Questions: before.Clone()}
		f, now := drawFacts(t), time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)
		type asked struct {
			q        *Questionnaire
			r        Record
			rendered string
		}
		var all []asked
		for version := range rapid.IntRange(1, 4).Draw(t, "versions") {
			for range rapid.IntRange(0, 4).Draw(t, "edits") {
				drawEdit(t, &d, TakenBy(before))
			}
			q := d.Questions.Clone()
			q.Version = fmt.Sprint(version)
			body, err := q.Body()
			must(err)
			published, err := Parse(body)
			if err != nil {
				continue // it would not be published
			}
			r := Record{Version: q.Version}
			for range rapid.IntRange(0, 6).Draw(t, "forms") {
				s := published.Intake[rapid.IntRange(0, len(published.Intake)-1).Draw(t, "section")]
				var errs clinic.Errors
				if r, errs = published.Answer(r, s, drawForm(t, s), f, now); len(errs) == 0 {
					checkWhatIsStored(t, published, r, s, f)
				}
			}
			all = append(all, asked{published, r, render(published, r, f)})
		}
		for _, each := range all {
			if again := render(each.q, each.r, f); again != each.rendered {
				t.Fatalf("version %s shows\n%s\nand not\n%s", each.q.Version, again, each.rendered)
			}
		}
	})
}

// checkWhatIsStored fails unless exactly visible questions are answered, and all of a section that must be.
func checkWhatIsStored(t *rapid.T, q *Questionnaire, r Record, s Section, f Facts) {
	visible := q.Visible(r.Answers, f)
	for id := range r.Answers {
		if !visible[id] {
			t.Fatalf("%s is stored and was not visible", id)
		}
	}
	for _, question := range q.Page(s, r.Answers, f).Questions {
		if visible[question.ID] && question.Required && len(r.Answers[question.ID]) == 0 {
			t.Fatalf("%s must be answered and is not there", question.ID)
		}
	}
}

// render is everything that a version shows of answers.
func render(q *Questionnaire, r Record, f Facts) string {
	var out strings.Builder
	visible := q.Visible(r.Answers, f)
	for _, s := range q.All() {
		fmt.Fprintln(&out, s.Code, s.Title)
		for _, question := range s.Questions {
			if visible[question.ID] {
				fmt.Fprintln(&out, question.Label, question.Name("ja"), question.Show(r.Answers[question.ID], "ja"), question.Brief(r.Answers[question.ID], "en"))
			}
			for _, o := range question.Options {
				fmt.Fprint(&out, o.Code, o.JA, o.EN)
			}
		}
	}
	return out.String()
}
