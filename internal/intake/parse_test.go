package intake

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestParse_Refuses(t *testing.T) {
	text := Text{"文", "text"}
	for want, spoil := range map[string]func(*Questionnaire){
		"it has no version":                      func(q *Questionnaire) { q.Version = "" },
		"known must describe":                    func(q *Questionnaire) { q.Known = q.Known[:2] },
		"uses areas: \"parts\" is no question":   func(q *Questionnaire) { q.Uses.Areas = "parts" },
		"uses areas: \"visited\" is no question": func(q *Questionnaire) { q.Uses.Areas = "visited" },
		"uses areas: \"pain\" is no question":    func(q *Questionnaire) { q.Uses.Areas = "pain" }, // not of the booking
		"conditions mean the answer to \"spots\"": func(q *Questionnaire) {
			q.Uses.Areas = "spots"
			q.Booking.Questions = append(q.Booking.Questions, Question{ID: "spots", Kind: Many, Label: text, Options: options("back")})
		},
		"uses privacy: \"\" is no required":        func(q *Questionnaire) { q.Uses.Privacy = "" },
		"uses privacy: \"visited\" is no required": func(q *Questionnaire) { q.Uses.Privacy = "visited" },
		"uses privacy: \"agree\" is no required":   func(q *Questionnaire) { q.Booking.Questions[1].Required = false },
		"uses main_area: \"pain\" is no":           func(q *Questionnaire) { q.Uses.MainArea = "pain" },
		"uses height and weight: both":             func(q *Questionnaire) { q.Uses.Height = "pain_lv" },
		"uses height: \"pain_lv\" is no number":    func(q *Questionnaire) { q.Uses.Height, q.Uses.Weight = "pain_lv", "pain_lv" },
		"uses guardian: \"pain\" is no":            func(q *Questionnaire) { q.Uses.Guardian = "pain" },
		"uses guardian: \"agree\" is no":           func(q *Questionnaire) { q.Uses.Guardian = "agree" },
		"uses cancellation: \"gone\" is no":        func(q *Questionnaire) { q.Uses.Cancellation = "gone" },
		"summary head names \"age\"":               func(q *Questionnaire) { q.Summary.Head = []string{"age"} },
		"summary concern names \"gone\"":           func(q *Questionnaire) { q.Summary.Concern = []string{"pain", "gone"} },
		"summary so_far names \"pain\", which the": func(q *Questionnaire) { q.Summary.Concern, q.Summary.SoFar = []string{"pain"}, []string{"pain"} },
		"summary words names \"pain\"":             func(q *Questionnaire) { q.Summary.Words = []string{"pain"} },
		"cause \"\": an id":                        func(q *Questionnaire) { q.Causes[0].ID = "" },
		"cause \"sitting\": an id":                 func(q *Questionnaire) { q.Causes[0].Signs = nil },
		"cause \"sitting\": the text":              func(q *Questionnaire) { q.Causes[0].Label.EN = "" },
		"cause \"sitting\" occurs twice":           func(q *Questionnaire) { q.Causes = append(q.Causes, q.Causes[0]) },
		"cause \"sitting\" names \"gone\"":         func(q *Questionnaire) { q.Causes[0].Signs[0].Question = "gone" },
		"cause \"sitting\" names \"visited\"":      func(q *Questionnaire) { q.Causes[0].Signs[0].Question = "visited" }, // of the booking
		"names \"pain\" twice":                     func(q *Questionnaire) { q.Causes[0].Signs = append(q.Causes[0].Signs, q.Causes[0].Signs[0]) },
		"names \"knee\", which is no option":       func(q *Questionnaire) { q.Causes[0].Signs[0].Points["knee"] = 1 },
		"no option of \"pain\" has points":         func(q *Questionnaire) { q.Causes[0].Signs[0].Points = nil },
		"pain=back counts 2":                       func(q *Questionnaire) { q.Causes[0].Signs[0].Points["back"] = 2 },
		"pain=back counts 0":                       func(q *Questionnaire) { q.Causes[0].Signs[0].Points["back"] = 0 },
		"the figure has no zone \"tail\"":          func(q *Questionnaire) { q.Booking.Questions[0].Options[0].Zone = "tail" },
		"only areas have a zone":                   func(q *Questionnaire) { q.Intake[0].Questions[0].Options[0].Zone = "back" },
		"option \"back\" short: the text":          func(q *Questionnaire) { q.Intake[0].Questions[0].Options[0].Short.JA = "背" },
		"the intake has no section":                func(q *Questionnaire) { q.Intake = nil },
		"section \"goal\" occurs twice":            func(q *Questionnaire) { q.Intake = append(q.Intake, q.Intake[0]) },
		"section \"booking\" occurs twice":         func(q *Questionnaire) { q.Intake[0].ID = "booking" },
		"section \"Goal\": an id":                  func(q *Questionnaire) { q.Intake[0].ID = "Goal" },
		"a code are needed":                        func(q *Questionnaire) { q.Intake[0].Code = "" },
		"section \"goal\" title: the text":         func(q *Questionnaire) { q.Intake[0].Title.EN = "" },
		"section \"goal\" intro: the text":         func(q *Questionnaire) { q.Intake[0].Intro.JA = "前書き" },
		"section \"goal\" has no question":         func(q *Questionnaire) { q.Intake[0].Questions = nil },
		"question \"pain\" occurs twice":           func(q *Questionnaire) { q.Intake[0].Questions[1].ID = "pain" },
		"question \"age\" occurs twice":            func(q *Questionnaire) { q.Intake[0].Questions[1].ID = "age" },
		"question \"areas\" occurs twice":          func(q *Questionnaire) { q.Intake[0].Questions[1].ID = "areas" },
		"question \"pain lv\": an id":              func(q *Questionnaire) { q.Intake[0].Questions[1].ID = "pain lv" },
		"question \"pain\": the text":              func(q *Questionnaire) { q.Intake[0].Questions[0].Label.JA = " " },
		"question \"pain\" help: the text":         func(q *Questionnaire) { q.Intake[0].Questions[0].Help.EN = "help" },
		"unknown type \"text\"":                    func(q *Questionnaire) { q.Intake[0].Questions[0].Kind = "text" },
		"question \"pain\" has no options":         func(q *Questionnaire) { q.Intake[0].Questions[0].Options = nil },
		"option code \"back\" is wrong":            func(q *Questionnaire) { q.Intake[0].Questions[0].Options[1].Code = "back" },
		"option code \"\" is wrong":                func(q *Questionnaire) { q.Intake[0].Questions[0].Options[1].Code = "" },
		"option \"back\": the text":                func(q *Questionnaire) { q.Intake[0].Questions[0].Options[0].EN = "" },
		"excludes names \"no\"":                    func(q *Questionnaire) { q.Intake[0].Questions[0].Excludes = []string{"no"} },
		"a consent has the one option":             func(q *Questionnaire) { q.Intake[0].Questions[0].Kind = Agree },
		"scale has no options":                     func(q *Questionnaire) { q.Intake[0].Questions[1].Options = options("a") },
		"min and max leave":                        func(q *Questionnaire) { q.Intake[0].Questions[1].Min = 10 },
		"decimals must be":                         func(q *Questionnaire) { q.Intake[0].Questions[1].Decimals = 1 },
		"unit belong to numbers":                   func(q *Questionnaire) { q.Intake[0].Questions[1].Unit = "kg" },
		"min, max, decimals and unit belong":       func(q *Questionnaire) { q.Intake[0].Questions[0].Max = 1 },
		"options_of wants":                         func(q *Questionnaire) { q.Intake[0].Questions[0].OptionsOf = "areas" },
		"names \"pian\"":                           onLevel("pian!none"),
		"names \"pain_lv\", which is neither":      onLevel("pain_lv>3"), // itself, so later than itself
		"names \"visited\", which is neither":      onLevel("visited=first"),
		"names \"bmi\", which is neither":          onLevel("bmi>30"),
		"names \"waist\", which is no option":      onLevel("pain=waist"),
		"names \"x\", which is no option":          onLevel("sex=x"),
		"names \"face\", which is no option of":    onLevel("areas=face"),
		"compares \"pain\", which is no number":    onLevel("pain>3"),
	} {
		q := small(
			Question{ID: "pain", Kind: Many, Options: options("back", NoneCode)},
			Question{ID: "pain_lv", Kind: Scale, Max: 10, ShowIf: AnyOf(Test{"pain", HasNot, []string{NoneCode}})},
		)
		q.Booking.Questions = append(q.Booking.Questions, Question{ID: "visited", Kind: One, Label: text, Options: options("first")})
		q.Causes = []Cause{{ID: "sitting", Label: text, Signs: []Sign{{"pain", map[string]int{"back": 1}, 1}}}}
		reparse(t, q) // good as it is
		spoil(&q)
		data, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func onLevel(condition string) func(*Questionnaire) {
	return func(q *Questionnaire) {
		c, err := ParseCondition(condition)
		if err != nil {
			panic(err)
		}
		q.Intake[0].Questions[1].ShowIf = c
	}
}

func TestParse_RefusesWhatIsNoQuestionnaire(t *testing.T) {
	for data, want := range map[string]string{
		"":                    "EOF",
		"{":                   "unexpected EOF",
		"[]":                  "cannot unmarshal",
		`{"edition": "1"}`:    "unknown field",
		`{"version": "1"} {}`: "something follows",
		`{"intake":[{"questions":[{"id":"a","lable":{}}]}]}`:             "unknown field",
		`{"intake":[{"questions":[{"id":"a","show_if":"pain"}]}]}`:       "compares nothing",
		`{"intake":[{"questions":[{"options":[{"code":"a","fr":1}]}]}]}`: "unknown field",
	} {
		if _, err := Parse([]byte(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: want %q, got %v", data, want, err)
		}
	}
}

func TestParseCondition(t *testing.T) {
	for s, want := range map[string]struct {
		tests     []Test
		canonical string
	}{
		"":                       {nil, ""},
		"pain!none":              {[]Test{{"pain", HasNot, []string{"none"}}}, "pain!none"},
		"areas~thigh_f, thigh_b": {[]Test{{"areas", Has, []string{"thigh_f", "thigh_b"}}}, "areas=thigh_f,thigh_b"},
		"ex30!w0 or level!none":  {[]Test{{"ex30", HasNot, []string{"w0"}}, {"level", HasNot, []string{"none"}}}, "ex30!w0 or level!none"},
		"hx=bleed;meds=thin,warf": {
			[]Test{{"hx", Has, []string{"bleed"}}, {"meds", Has, []string{"thin", "warf"}}}, "hx=bleed or meds=thin,warf",
		},
		"age<20,age>=70":       {[]Test{{"age", Less, []string{"20"}}, {"age", AtLeast, []string{"70"}}}, "age<20 or age>=70"},
		" bmi <= 18.5 ":        {[]Test{{"bmi", AtMost, []string{"18.5"}}}, "bmi<=18.5"},
		"a=x,y,b!z,w":          {[]Test{{"a", Has, []string{"x", "y"}}, {"b", HasNot, []string{"z", "w"}}}, "a=x,y or b!z,w"},
		"or=or":                {[]Test{{"or", Has, []string{"or"}}}, "or=or"},
		"a=x\n\tor\tb=y ; c>1": {[]Test{{"a", Has, []string{"x"}}, {"b", Has, []string{"y"}}, {"c", More, []string{"1"}}}, "a=x or b=y or c>1"},
	} {
		c, err := ParseCondition(s)
		if err != nil || !reflect.DeepEqual(c, AnyOf(want.tests...)) || c.String() != want.canonical {
			t.Errorf("%q: %+v, %q, %v", s, c, c.String(), err)
		}
	}
	for _, s := range []string{
		"pain", "=none", "pain=", "pain!", "pain!=none", "pain==none", "pain=a b", "pa in=a", "pain=a,", "pain=,a", ",pain=a", "pain=a or", "or pain=a",
		"pain=a or b", "pain=a;;b=c", "PAIN=a", "pain=A", "pain=痛", "age<", "age<x", "age<1,2", "age<1e3", "age<-1", "age<.", "age=<1", "age<>1", "a=b=c", ";", "or",
	} {
		if c, err := ParseCondition(s); err == nil {
			t.Errorf("%q is accepted as %q", s, c)
		}
	}
}

func FuzzCondition(f *testing.F) {
	for _, s := range []string{
		"", "pain!none", "areas~thigh_f,thigh_b,thigh_in,hip,calf", "ex30!w0 or level!none", "sex!m", "age<18", "alcohol=daily,w5,w3,w1,m1",
		"hx=bleed;meds=thin,warf", "age<20,age>=70", "bmi<18.5", "a=b or or=c", "a=,;", "pain = none",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCondition(s)
		if err != nil {
			if len(c.Any) > 0 {
				t.Fatal("a condition beside an error")
			}
			return
		}
		again, err := ParseCondition(c.String())
		if err != nil || !reflect.DeepEqual(c, again) {
			t.Fatalf("%q is written %q and read back as %q: %v", s, c, again, err)
		}
		for _, t1 := range c.Tests() {
			if !slices.Contains(ops, t1.Op) || (len(t1.Values) == 0) != (t1.Op == Unanswered) {
				t.Fatalf("%q: odd test %+v", s, t1)
			}
		}
		// Whatever it says, it says it of silence, of nonsense and of everything without a panic.
		all := Answers{}
		for _, t1 := range c.Tests() {
			all[t1.Question] = t1.Values
		}
		q := &Questionnaire{}
		if holds := c.holds(q.state(Answers{}, Facts{})); holds != (len(c.Any) == 0) {
			t.Fatalf("%q holds of silence", s)
		}
		c.holds(&state{q: q, kept: all, facts: Facts{Age: 18, Sex: "f", Areas: []string{"back"}}})
	})
}
