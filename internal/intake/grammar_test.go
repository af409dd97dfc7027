package intake

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A version says what it lacks in words that say where.
func TestParse_RefusesWhatAPageCannotKnow(t *testing.T) {
	condition := func(s string) Condition {
		c, err := ParseCondition(s)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	base := func() Questionnaire {
		q := small(Question{ID: "a", Kind: Many, Options: options("x", "y", NoneCode)}, Question{ID: "n", Kind: Number, Unit: "cm", Max: 300})
		text := Text{"見本", "sample"}
		q.Intake = append(q.Intake, Section{Code: "H", ID: "later", Title: text, Questions: []Question{
			{ID: "b", Kind: Many, Label: text, Options: options("x", "y")},
			{ID: "w", Kind: Number, Label: text, Unit: "kg", Max: 300},
			{ID: "free", Kind: LongText, Label: text},
		}})
		return q
	}
	b := func(q *Questionnaire) *Question { return &q.Intake[1].Questions[0] }
	for want, spoil := range map[string]func(q *Questionnaire){
		"":                           func(*Questionnaire) {},
		`names "gone", which is nei`: func(q *Questionnaire) { b(q).Options[0].ShowIf = condition("gone=x") },
		`names "z", which is no opt`: func(q *Questionnaire) { b(q).Options[0].ShowIf = condition("a=z") },
		`option "y": the condition n`: func(q *Questionnaire) {
			q.Intake[1].Questions = append(q.Intake[1].Questions, Question{ID: "c", Kind: Many, Label: Text{"見本", "sample"}, Options: options("x", "y")})
			q.Intake[1].Questions[3].Options[1].ShowIf = condition("b=x") // of the same page
		},
		`required_if: the condition names "free"`: func(q *Questionnaire) { b(q).RequiredIf = condition("free?") },
		"required_if says nothing":                func(q *Questionnaire) { b(q).RequiredIf, b(q).Required = condition("a=x"), true },
		`"a" was left empty is known`:             func(q *Questionnaire) { q.Intake[0].Questions[1].ShowIf = condition("a?") },
		`counts the options of "n"`:               func(q *Questionnaire) { b(q).ShowIf = condition("n#>=2") },
		`"sex" was left empty, which is no`:       func(q *Questionnaire) { b(q).ShowIf = condition("sex?") },
		`names "from-article", which is nei`:      func(q *Questionnaire) { q.Booking.Questions[0].ShowIf = condition("from-article=x") },
		`names "tail", which is no option of "from-area"`: func(q *Questionnaire) {
			b(q).ShowIf = condition("from-area=tail")
		},
		"not for the doctor alone":   func(q *Questionnaire) { q.Booking.Questions[0].DoctorOnly = true },
		`option "back": the conditi`: func(q *Questionnaire) { q.Booking.Questions[0].Options[0].ShowIf = condition("age<18") },
		"a consent is always offered": func(q *Questionnaire) {
			*b(q) = Question{ID: "b", Kind: Agree, Label: Text{"見本", "sample"}, Options: options(Agreed)}
			b(q).Options[0].ShowIf = condition("a=x")
		},
		`"b" is no number in cm`: func(q *Questionnaire) {
			q.Derived = []Derived{{"d", Text{"見", "s"}, Text{}, FormulaBMI, []string{"b", "w"}}}
		},
		`from a height and a weig`: func(q *Questionnaire) {
			q.Derived = []Derived{{"d", Text{"見", "s"}, Text{}, "sum", []string{"n", "w"}}}
		},
		`derived "a": an id of it`: func(q *Questionnaire) {
			q.Derived = []Derived{{"a", Text{"見", "s"}, Text{}, FormulaBMI, []string{"n", "w"}}}
		},
		`fact "f" names "gone"`:   func(q *Questionnaire) { q.Facts = []Fact{{ID: "f", Of: []Part{{"gone", nil}}}} },
		`fact "f" names "z", whi`: func(q *Questionnaire) { q.Facts = []Fact{{ID: "f", Of: []Part{{"a", []string{"z"}}}}} },
		`"g" names "a=x", which`: func(q *Questionnaire) {
			q.Facts = []Fact{{ID: "f", Of: []Part{{"a", []string{"x"}}}}, {ID: "g", Of: []Part{{"a", []string{"y", "x"}}}}}
		},
		`fact "f" words: "a" is no`: func(q *Questionnaire) { q.Facts = []Fact{{ID: "f", Of: []Part{{"a", nil}}, Words: []string{"a"}}} },
		`strip "s" names "gone"`: func(q *Questionnaire) {
			q.Cells = []Cell{{"s", Text{"見", "s"}, []Part{{"gone", nil}}, condition("a=none")}}
		},
		`strip "s" none: the condition names "g`: func(q *Questionnaire) {
			q.Cells = []Cell{{"s", Text{"見", "s"}, []Part{{"a", nil}}, condition("gone=x")}}
		},
		"questions and mentions need": func(q *Questionnaire) {
			q.Contradictions = []ContradictionRule{{ID: "c", Label: Text{"見", "s"}, When: condition("a=x"), Mentions: []string{"x"}}}
		},
		`contradiction "c": the condition names "gone"`: func(q *Questionnaire) {
			q.Contradictions = []ContradictionRule{{ID: "c", Label: Text{"見", "s"}, When: condition("gone=x")}}
		},
		`contradiction "c": "a" is no question of type longtext`: func(q *Questionnaire) {
			q.Contradictions = []ContradictionRule{{ID: "c", Label: Text{"見", "s"}, When: condition("a=x"), Mentions: []string{"x"}, Questions: []string{"a"}}}
		},
		`complaint names "gone"`: func(q *Questionnaire) { q.Summary.Complaint = []string{"gone"} },
		`uses interest: "n"`:     func(q *Questionnaire) { q.Uses.Interest = "n" },
	} {
		q := base()
		spoil(&q)
		_, err := parseAgain(t, q)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestParseCondition_Together(t *testing.T) {
	for s, canonical := range map[string]string{
		"a=x and b=y":               "a=x and b=y",
		" a~x ,y  and b<3 ; c?":     "a=x,y and b<3 or c?",
		"a#>=2 or b # < 3":          "", // spaces within a comparison
		"a#>= 2":                    "a#>=2",
		"c?,d=x":                    "c? or d=x",
		"a=x, and":                  "a=x,and", // a value, as it was before there was an "and"
		"from-article=Back-fat_2.1": "from-article=Back-fat_2.1",
		"and=and":                   "and=and",
	} {
		c, err := ParseCondition(s)
		if (err != nil) != (canonical == "") || c.String() != canonical {
			t.Errorf("%q: %q, %v", s, c, err)
		}
	}
	for _, s := range []string{
		"a=x and", "and a=x", "a=x and and b=y", "a=x and b=y,c=z", "a#", "a#=2", "a#>=x", "a#>=1.5", "a#>=1,2", "a?x", "?", "a??", "from-article=a b",
		"from-article=", "from-nowhere=x", "a-b=x", "a=x-y", "a#>=1000",
	} {
		if c, err := ParseCondition(s); err == nil {
			t.Errorf("%q is accepted as %q", s, c)
		}
	}
}

// A count is one of what was chosen: nothing is concluded from silence, and "none" is nothing.
func TestCondition_Counts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := small(Question{ID: "a", Kind: Many, Options: options("x", "y", "z", NoneCode), Excludes: []string{NoneCode}})
		chosen := drawAnswer(t, q.Intake[0].Questions[0])
		limit := rapid.IntRange(0, 4).Draw(t, "limit")
		n := len(chosen)
		if slices.Contains(chosen, NoneCode) {
			n = 0
		}
		now := q.state(Answers{"a": chosen}, Facts{})
		for op, want := range map[Op]bool{CountLess: n < limit, CountMore: n > limit, CountAtLeast: n >= limit, CountAtMost: n <= limit} {
			c := AnyOf(Test{"a", op, []string{strconv.Itoa(limit)}})
			if got := c.holds(now); got != want {
				t.Fatalf("%v %s is %v", chosen, c, got)
			}
			if c.holds(q.state(nil, Facts{})) {
				t.Fatalf("%s holds of silence", c)
			}
		}
	})
}

// "and" and "or" are what they say, whatever the tests.
func TestCondition_AndOr(t *testing.T) {
	asShipped := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := drawIntake(t, asShipped), drawFacts(t)
		now := q.state(drawAnswers(t, q), f)
		var nameable []Question
		for _, s := range q.Intake {
			nameable = append(nameable, s.Questions...)
		}
		c := drawCondition(t, nameable, nameable)
		want := len(c.Any) == 0
		for _, all := range c.Any {
			every := true
			for _, test := range all {
				every = every && AnyOf(test).holds(now)
			}
			want = want || every
		}
		again, err := ParseCondition(c.String())
		if err != nil || c.holds(now) != want || again.holds(now) != want {
			t.Fatalf("%s is %v, %v", c, c.holds(now), err)
		}
	})
}

// What was left empty counts once its page was answered, and no sooner.
func TestCondition_LeftEmpty(t *testing.T) {
	asShipped := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := drawIntake(t, asShipped), drawFacts(t)
		now := q.state(drawAnswers(t, q), f)
		for _, s := range q.Intake {
			seen := slices.ContainsFunc(s.Questions, func(question Question) bool { return len(now.kept[question.ID]) > 0 })
			for _, question := range s.Questions {
				want := seen && now.visible[question.ID] && len(now.kept[question.ID]) == 0
				if got := AnyOf(Test{question.ID, Unanswered, nil}).holds(now); got != want {
					t.Fatalf("%s? is %v", question.ID, got)
				}
			}
		}
	})
}

// What is not offered is neither accepted nor kept, and what a condition requires is missed.
func TestPage_OffersAndRequires(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q, f := drawQuestionnaire(t), drawFacts(t)
		before := drawAnswers(t, q)
		s := rapid.SampledFrom(q.Intake).Draw(t, "section")
		page, form := q.Page(s, before, f), drawForm(t, s)
		if again := q.Page(s, without(before, s), f); fmt.Sprint(again) != fmt.Sprint(page) {
			t.Fatal("what is answered on a page changes how it is drawn")
		}
		a, errs := q.CheckSection(s, form, before, f)
		for i, question := range s.Questions {
			drawn := page.Questions[i]
			for _, o := range question.Options {
				if drawn.option(o.Code) != o.ShowIf.holds(q.state(before, f)) {
					t.Fatalf("%s=%s is offered: %v", question.ID, o.Code, drawn.option(o.Code))
				}
				if !drawn.option(o.Code) && slices.Contains(a[question.ID], o.Code) {
					t.Fatalf("%s=%s is not offered and was accepted", question.ID, o.Code)
				}
			}
			if q.Visible(a, f)[question.ID] && drawn.Required && len(a[question.ID]) == 0 && errs.For(question.ID) == nil {
				t.Fatalf("%s must be answered and is not missed", question.ID)
			}
			if drawn.Required != (question.Required || len(question.RequiredIf.Any) > 0 && question.RequiredIf.holds(q.state(before, f))) {
				t.Fatalf("%s is required: %v", question.ID, drawn.Required)
			}
		}
	})
}

// The BMI of a wish is that of the height with it, whatever else is answered.
func TestDerived_IsTheFormula(t *testing.T) {
	q := ruled(t)
	rapid.Check(t, func(t *rapid.T) {
		a := drawAnswers(t, q)
		now := q.state(a, drawFacts(t))
		now.derive()
		height, okHeight := number(now.kept["height"])
		goal, okGoal := number(now.kept["goal_w"])
		value, ok := number(now.values("goal_bmi"))
		if ok != (okHeight && okGoal) {
			t.Fatalf("height %v, goal %v, derived %v", okHeight, okGoal, ok)
		}
		if want := goal / (height / 100) / (height / 100); ok && (value < want-0.01 || value > want+0.01) {
			t.Fatalf("%v kg at %v cm is %v", goal, height, value)
		}
	})
}

func TestParseCautions_Words(t *testing.T) {
	sources := []byte(`[{"code": "M", "ja": "資料", "en": "source", "publisher": {"ja": "院", "en": "clinic"}, "date": "2025-07"}]`)
	q := shipped(t)
	rules, err := ParseCautions([]byte("drug|note|preg=bf|M|言葉|words\ndrug|note|preg=bf|M"), sources, q)
	if err != nil || rules[0].Words != (Text{"言葉", "words"}) || rules[1].Words != (Text{}) || rules[0].Sources[0].Date != "2025-07" {
		t.Errorf("%+v, %v", rules, err)
	}
	for line, want := range map[string]string{
		"drug|note|preg=bf|M|言葉":             "perhaps words",
		"drug|note|preg=bf|M|言葉|":            "missing in Japanese or in English",
		"drug|note|preg=bf|M|言葉|words|x":     "perhaps words",
		"drug|note|gone=bf|M":                `names "gone"`,
		"drug|note|preg=gone|M":              `names "gone", which is no option of "preg"`,
		"drug|note|preg=bf and gone_bmi<2|M": `names "gone_bmi"`,
		"drug|note|preg=bf|Z":                `unknown source "Z"`,
	} {
		if _, err := ParseCautions([]byte(line), sources, q); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: want %q, got %v", line, want, err)
		}
	}
	for _, spoilt := range []string{`"date": "2025-7"`, `"date": "soon"`, `"publisher": {"ja": "院", "en": ""}`, `"addresses": ["http://example.jp"]`} {
		if _, err := ParseCautions(nil, []byte(`[{"code": "M", "ja": "資料", "en": "source", `+spoilt+`}]`), q); err == nil {
			t.Errorf("%s is accepted", spoilt)
		}
	}
}

var definitions = flag.Int("definitions", 3000, "how many random definitions TestEngine_NeitherCrashesNorHangs tries; a million takes some minutes")

// Whatever stands in a definition or a condition, the engine refuses it or works with it, in a moment.
func TestEngine_NeitherCrashesNorHangs(t *testing.T) {
	count := *definitions
	if set, err := strconv.Atoi(os.Getenv("MADOGUCHI_DEFINITIONS")); err == nil {
		count = set
	}
	data, err := os.ReadFile("../../config/questionnaire.json")
	if err != nil {
		t.Fatal(err)
	}
	seeds := []string{string(data)}
	for range 20 {
		q := rapid.Custom(drawQuestionnaire).Example(len(seeds))
		out := unchecked(t, q)
		seeds = append(seeds, marshalled(t, out))
	}
	random := rand.New(rand.NewSource(int64(count))) //nolint:gosec // the same definitions each time
	parsed, slowest := 0, time.Duration(0)
	for n := range count {
		seed := seeds[1+random.Intn(len(seeds)-1)]
		if n%500 == 0 {
			seed = seeds[0]
		}
		condition, definition := scramble(random, "surgery=soon and hx_sugar=t2,dm or meds#>=3 or binge? ; age<20, bmi!<18.5"), seed
		for range random.Intn(4) {
			definition = scrambleOnce(random, definition)
		}
		began := time.Now()
		if c, err := ParseCondition(condition); err == nil {
			if again, err := ParseCondition(c.String()); err != nil || again.String() != c.String() {
				t.Fatalf("%q is written %q and not read back: %v", condition, c, err)
			}
			q := &Questionnaire{}
			c.holds(q.state(Answers{"a": {"x"}}, Facts{Age: 20}))
		}
		if q, err := Parse([]byte(definition)); err == nil {
			parsed++
			exercise(q, random)
		}
		slowest = max(slowest, time.Since(began))
	}
	t.Logf("%d of %d definitions could be asked; the slowest took %v", parsed, count, slowest)
	if parsed == 0 || slowest > 20*time.Second {
		t.Errorf("%d parsed, the slowest took %v", parsed, slowest)
	}
}

// exercise asks and concludes everything, with answers at random.
func exercise(q *Questionnaire, random *rand.Rand) {
	a := Answers{}
	for _, s := range q.Intake {
		for _, question := range s.Questions {
			if len(question.Options) > 0 && random.Intn(3) > 0 {
				a[question.ID] = []string{question.Options[random.Intn(len(question.Options))].Code}
			} else if random.Intn(2) == 0 {
				a[question.ID] = []string{strconv.Itoa(random.Intn(200))}
			}
		}
	}
	f := Facts{Age: random.Intn(90), Sex: "f"}
	r := Record{}
	for _, s := range q.Intake {
		q.Page(s, a, f)
		q.ClientConditions(s, a, f)
		r, _ = q.Answer(r, s, a, f, time.Unix(1, 0))
		q.Minutes(r, f)
	}
	q.Asks(a, f)
	q.CauseLevels(a, f)
	q.Digest(a, f)
	q.Strip(a, f, q.Digest(a, f))
	q.Complaint(a, f)
}

func marshalled(t *testing.T, q Questionnaire) string {
	t.Helper()
	data, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func scramble(random *rand.Rand, s string) string {
	for range random.Intn(5) {
		s = scrambleOnce(random, s)
	}
	return s
}

// pieces are what stands in definitions and conditions, and what does not.
var pieces = []string{
	"=", "!", "<", ">=", "#", "#>=", "?", " and ", " or ", ",", ";", "a", "none", "9", "1e9", "-1", "\"", "{", "}", "[", "]", "null", "true", "\\u0000", "痛", "\xff",
	"q0_0", "age", "areas", "bmi", "from-article", "show_if", "options_of", "many", "scale", "\"required_if\":\"age<20\",",
}

// scrambleOnce removes, doubles or puts in something somewhere.
func scrambleOnce(random *rand.Rand, s string) string {
	if s == "" {
		return pieces[random.Intn(len(pieces))]
	}
	from := random.Intn(len(s))
	until := min(len(s), from+1+random.Intn(12))
	switch random.Intn(4) {
	case 0:
		return s[:from] + s[until:]
	case 1:
		return s[:from] + s[from:until] + s[from:]
	case 2:
		return s[:from] + pieces[random.Intn(len(pieces))] + s[until:]
	}
	return s[:from] + pieces[random.Intn(len(pieces))] + s[from:]
}
