package intake

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"madoguchi/internal/clinic"
)

func TestCheck(t *testing.T) {
	one := Question{ID: "q", Kind: One, Required: true, Options: options("a", "b")}
	many := Question{ID: "q", Kind: Many, Required: true, Options: options("a", "b", "c", "none"), Excludes: []string{"none"}}
	weight := Question{ID: "q", Kind: Number, Required: true, Unit: "kg", Min: 25, Max: 300, Decimals: 1}
	pain := Question{ID: "q", Kind: Scale, Required: true, Max: 10}
	text := Question{ID: "q", Kind: LongText, Required: true}
	agree := Question{ID: "q", Kind: Agree, Required: true, Options: options(Agreed)}
	long := strings.Repeat("長", clinic.MaxText)
	flood := strings.Fields(strings.Repeat("a ", 50_000) + "b c none z y x w v")

	for _, c := range []struct {
		name    string
		q       Question
		raw     []string
		want    []string
		problem string
	}{
		{"one", one, []string{"b"}, []string{"b"}, ""},
		{"one with spaces", one, []string{"", " b "}, []string{"b"}, ""},
		{"one, nothing", one, nil, nil, "error.choose"},
		{"one, blank", one, []string{"　"}, nil, "error.choose"},
		{"one, tampered", one, []string{"z"}, nil, "error.choose"},
		{"one, twice the same", one, []string{"a", "a"}, []string{"a"}, ""},
		{"one, a flood", one, flood, nil, "error.choose"},
		{"one, two", one, []string{"a", "b"}, nil, "error.choose"},

		{"many in the order of the options", many, []string{"c", "a", "c"}, []string{"a", "c"}, ""},
		{"many, all and a tampered one", many, []string{"a", "b", "c", "none", "z"}, nil, "error.choose"},
		{"many, a flood", many, flood, nil, "error.choose"},
		{"many, none", many, []string{"none"}, []string{"none"}, ""},
		{"many, none and more", many, []string{"a", "none"}, nil, "error.exclusive"},
		{"many, nothing", many, []string{""}, nil, "error.choose"},
		{"many, one tampered", many, []string{"a", "z"}, nil, "error.choose"},

		{"number", weight, []string{"60.4"}, []string{"60.4"}, ""},
		{"number, full width", weight, []string{"　６０．４　"}, []string{"60.4"}, ""},
		{"number with a comma", weight, []string{"60,4"}, []string{"60.4"}, ""},
		{"number with an ideographic comma", weight, []string{"60、4"}, []string{"60.4"}, ""},
		{"number with the full stop of a kana keyboard", weight, []string{"６０。４"}, []string{"60.4"}, ""},
		{"number with its unit", weight, []string{"60.4 ｋｇ"}, []string{"60.4"}, ""},
		{"number with the sign of its unit", weight, []string{"60㎏"}, []string{"60"}, ""},
		{"number in capitals", weight, []string{"60KG"}, []string{"60"}, ""},
		{"number without needless digits", weight, []string{"060.40"}, []string{"60.4"}, ""},
		{"number with more digits than are kept", weight, []string{"60.449"}, []string{"60.4"}, ""},
		{"number, just begun", weight, []string{"60."}, []string{"60"}, ""},
		{"number, the least", weight, []string{"25"}, []string{"25"}, ""},
		{"number, the most", weight, []string{"300.0"}, []string{"300"}, ""},
		{"number, too small", weight, []string{"24.9"}, nil, "error.range"},
		{"number, too large", weight, []string{"300.1"}, nil, "error.range"},
		{"number, huge", weight, []string{"9999999999999999999999999999"}, nil, "error.range"},
		{"number, longer than any", weight, []string{strings.Repeat("9", 500)}, nil, "error.number"},
		{"number, nothing", weight, nil, nil, "error.empty"},
		{"number, words", weight, []string{"六十"}, nil, "error.number"},
		{"number, minus", weight, []string{"-60"}, nil, "error.number"},
		{"number, exponent", weight, []string{"6e1"}, nil, "error.number"},
		{"number, not a number", weight, []string{"NaN"}, nil, "error.number"},
		{"number, infinity", weight, []string{"Inf"}, nil, "error.number"},
		{"number, hexadecimal", weight, []string{"0x40"}, nil, "error.number"},
		{"number, two points", weight, []string{"6.0.4"}, nil, "error.number"},
		{"number, thousands", weight, []string{"1,060"}, nil, "error.range"},
		{"number, another unit", weight, []string{"60 cm"}, nil, "error.number"},
		{"number with NUL", weight, []string{"60\x00"}, nil, "error.number"},

		{"scale, least", pain, []string{"0"}, []string{"0"}, ""},
		{"scale, most", pain, []string{"１０"}, []string{"10"}, ""},
		{"scale, beyond", pain, []string{"11"}, nil, "error.range"},
		{"scale, between", pain, []string{"4.5"}, nil, "error.range"},

		{"text", text, []string{" 一行目\r\n二行目\r三行目\n"}, []string{"一行目\n二行目\n三行目"}, ""},
		{"text with a tab and an emoji", text, []string{"a\tb👩‍⚕️"}, []string{"a\tb👩‍⚕️"}, ""},
		{"text, nothing but lines", text, []string{"\r\n\t　\n"}, nil, "error.empty"},
		{"text with NUL", text, []string{"a\x00b"}, nil, "error.control"},
		{"text with a bell", text, []string{"a\ab"}, nil, "error.sign"},
		{"text that turns the reading around", text, []string{"a\u202eb"}, nil, "error.sign"},
		{"text that is no UTF-8", text, []string{"a\xffb"}, nil, "error.control"},
		{"text that is no UTF-8 around a line end", text, []string{"a\xc7\n\x80b"}, nil, "error.control"},
		{"text of full length", text, []string{long}, []string{long}, ""},
		{"text too long", text, []string{long + "い"}, nil, "error.long"},

		{"agree", agree, []string{"yes"}, []string{"yes"}, ""},
		{"agree, not ticked", agree, nil, nil, "error.agree"},
		{"agree, tampered", agree, []string{"on"}, nil, "error.choose"},
	} {
		got, problem := c.q.Check(c.raw)
		message := ""
		if problem != nil {
			message = problem.Message
			if problem.Field != "q" || problem.Code != clinic.Invalid {
				t.Errorf("%s: %v", c.name, problem)
			}
		}
		if !slices.Equal(got, c.want) || message != c.problem {
			t.Errorf("%s: %q %q, want %q %q", c.name, got, message, c.want, c.problem)
		}
		c.q.Required = false
		if _, problem := c.q.Check(nil); problem != nil {
			t.Errorf("%s: nothing is wrong with leaving it out, but %v", c.name, problem)
		}
	}
}

func TestCheck_SaysTheBounds(t *testing.T) {
	_, problem := Question{ID: "q", Kind: Number, Unit: "kg", Min: 25, Max: 300}.Check([]string{"7"})
	if want := map[string]string{"Min": "25", "Max": "300", "Unit": "kg"}; !maps.Equal(problem.Args, want) {
		t.Errorf("%v", problem.Args)
	}
	_, problem = Question{ID: "q", Kind: LongText}.Check([]string{strings.Repeat("a", clinic.MaxText+1)})
	if want := map[string]string{"Max": "2000"}; !maps.Equal(problem.Args, want) {
		t.Errorf("%v", problem.Args)
	}
}

func TestCheckSection_ALaterChangeDropsWhatItHides(t *testing.T) {
	q := shipped(t)
	posture, _ := q.Section("posture")
	f := Facts{Age: 36, Sex: "f", Areas: []string{"thigh_b"}}
	form := map[string][]string{
		"sit_h": {"h9p"}, "posture": {"hunch"}, "scapula": {"ok"}, "thigh": {"back_stiff"},
		"pain": {"back"}, "pain_lv": {"４"},
	}
	before := Answers{"height": {"158"}}
	a, errs := q.CheckSection(posture, form, before, f)
	if len(errs) > 0 || !slices.Equal(a["pain_lv"], []string{"4"}) || a["height"] == nil {
		t.Fatalf("%v %v", a, errs)
	}
	if len(before) != 1 {
		t.Error("CheckSection changed what it was given")
	}

	form["pain"] = []string{"none"} // what is typed further down is still sent
	a, errs = q.CheckSection(posture, form, a, f)
	if _, kept := a["pain_lv"]; len(errs) > 0 || kept {
		t.Errorf("%v %v", a, errs)
	}

	f.Areas = []string{"chin"} // and the front desk corrects the booking
	if _, kept := q.Prune(a, f)["thigh"]; kept {
		t.Error("a question about thighs was asked of a chin")
	}
}

func TestCheckSection_Booking(t *testing.T) {
	q := shipped(t)
	form := map[string][]string{
		"contact": {"email"}, "visited": {"first"}, "areas": {"chin", "back"}, "c_privacy": {"yes"}, "c_cancel": {"yes"},
		"guardian": {"no"}, "family_name": {"試験"},
	}
	a, errs := q.CheckSection(q.Booking, form, nil, Facts{Age: 18, Sex: "f"})
	want := Answers{"contact": {"email"}, "visited": {"first"}, "areas": {"back", "chin"}, "c_privacy": {"yes"}, "c_cancel": {"yes"}}
	if len(errs) > 0 || !reflect.DeepEqual(a, want) {
		t.Errorf("%v %v", a, errs)
	}
	delete(form, "guardian")
	delete(form, "c_cancel")
	_, errs = q.CheckSection(q.Booking, form, nil, Facts{Age: 17, Sex: "f"})
	if got := errs.Error(); got != "invalid: guardian: error.choose; invalid: c_cancel: error.agree" {
		t.Error(got)
	}
}

func FuzzCheckSection(f *testing.F) {
	for _, s := range []string{"none", "back\x00knee", "none\x00back", "６０．４kg", "158㎝", "4", "yes", "一行目\r\n二行目", "<script>", "\xff", "", "　", "9e9", "1\u202e2"} {
		f.Add(uint8(1), uint8(7), s, uint8(36), "f")
		f.Add(uint8(0), uint8(2), s, uint8(17), "m")
	}
	q := shipped(f)
	sections := q.sections()
	f.Fuzz(func(t *testing.T, section, question uint8, typed string, age uint8, sex string) {
		s := sections[int(section)%len(sections)]
		one := s.Questions[int(question)%len(s.Questions)]
		facts := Facts{Age: int(age), Sex: sex, Areas: strings.Split(typed, "\x00")}
		// The whole form gets the fuzzed values, the chosen question them alone, so that all kinds of dependence come up.
		form := map[string][]string{}
		for i, other := range s.Questions {
			if i%2 == int(question)%2 {
				form[other.ID] = strings.Split(typed, "\x00")
			}
		}
		form[one.ID] = []string{typed}
		a, errs := q.CheckSection(s, form, nil, facts)
		again, againErrs := q.CheckSection(s, a, a, facts)
		if !reflect.DeepEqual(a, again) || len(errs) == 0 && len(againErrs) > 0 {
			t.Fatalf("%q checked again is %q (%v)", a, again, againErrs)
		}
		for id, values := range a {
			checkStored(t, q, id, values)
			if errs.For(id) != nil {
				t.Fatalf("%s is good and wrong", id)
			}
		}
	})
}

// checkStored holds a stored answer to what the rest of the program relies on.
func checkStored(t *testing.T, q *Questionnaire, id string, values []string) {
	t.Helper()
	question, ok := q.Question(id)
	if !ok || len(values) == 0 || len(values) > 1 && question.Kind != Many {
		t.Fatalf("%s: %q", id, values)
	}
	for _, v := range values {
		switch question.Kind {
		case One, Many, Agree:
			if !question.option(v) || question.Exclusive(v) && len(values) > 1 {
				t.Fatalf("%s: %q", id, values)
			}
		case Number, Scale:
			if n, ok := parseNumber(v); !ok || n < question.Min || n > question.Max || plain(n) != v {
				t.Fatalf("%s: %q", id, values)
			}
		case LongText:
			if !utf8.ValidString(v) || strings.ContainsAny(v, "\r\x00\u2028") || strings.TrimSpace(v) != v || utf8.RuneCountInString(v) > clinic.MaxText {
				t.Fatalf("%s: %q", id, values)
			}
		}
	}
	for _, lang := range []string{"ja", "en"} {
		if shown := question.Show(values, lang); len(shown) != len(values) || slices.Contains(shown, "") {
			t.Fatalf("%s: %q is shown as %q", id, values, shown)
		}
	}
}
