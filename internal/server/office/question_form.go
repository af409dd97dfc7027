package office

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	view "madoguchi/web/office"
)

// A question as a form, and back.

// questionForm fills the form in with a question of a draft, and with what the draft does with it.
func questionForm(q intake.Question, d *intake.Questionnaire) url.Values {
	form := filled("label-ja", q.Label.JA, "label-en", q.Label.EN, "short-ja", q.Short.JA, "short-en", q.Short.EN, "help-ja", q.Help.JA, "help-en", q.Help.EN,
		"kind", string(q.Kind), "unit", q.Unit, "options_of", q.OptionsOf)
	tick := func(name string, on bool) {
		if on {
			form.Set(name, "yes")
		}
	}
	tick("required", q.Required)
	tick("doctor_only", q.DoctorOnly)
	if q.Kind == intake.Number || q.Kind == intake.Scale {
		form.Set("min", decimal(q.Min))
		form.Set("max", decimal(q.Max))
		form.Set("decimals", strconv.Itoa(q.Decimals))
	}
	for _, o := range q.Options {
		form.Add("option", o.Code)
		for name, value := range map[string]string{"ja": o.JA, "en": o.EN, "short-ja": o.Short.JA, "short-en": o.Short.EN, "zone": string(o.Zone)} {
			if value != "" {
				form.Set("opt-"+name+"-"+o.Code, value)
			}
		}
		if q.Exclusive(o.Code) && o.Code != intake.NoneCode {
			form.Add("opt-alone", o.Code)
		}
		conditionForm(form, view.OptionConditionPrefix+o.Code, o.ShowIf)
	}
	conditionForm(form, "test", q.ShowIf)
	conditionForm(form, "req", q.RequiredIf)
	rolesForm(form, q.ID, d)
	return form
}

func decimal(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// readQuestion reads the form over a question. newCode makes the code of an option that is added.
func readQuestion(form url.Values, q intake.Question, newCode func() string) (intake.Question, clinic.Errors) {
	var errs clinic.Errors
	text := func(name string) intake.Text {
		return intake.Text{JA: clinic.TidyText(form.Get(name + "-ja")), EN: clinic.TidyText(form.Get(name + "-en"))}
	}
	q.Label, q.Short, q.Help = text("label"), text("short"), text("help")
	if kind := intake.Kind(form.Get("kind")); slices.Contains(intake.Kinds, kind) {
		q.Kind = kind
	}
	q.Required, q.DoctorOnly = form.Get("required") != "", form.Get("doctor_only") != ""
	q.Unit, q.OptionsOf = form.Get("unit"), ""
	if lender := form.Get("options_of"); intake.IsID(lender) {
		q.OptionsOf = lender
	}
	number := func(name string) float64 {
		n, err := strconv.ParseFloat(clinic.Narrow(strings.TrimSpace(form.Get(name))), 64)
		if err != nil || !(n >= 0 && n <= intake.MaxBound) { // NaN is neither
			errs = append(errs, &clinic.Error{Code: clinic.Invalid, Field: name, Message: "error.number"})
			return 0
		}
		return n
	}
	if q.Kind == intake.Number || q.Kind == intake.Scale {
		q.Min, q.Max, q.Decimals = number("min"), number("max"), 0
		if n, err := strconv.Atoi(form.Get("decimals")); err == nil && q.Kind == intake.Number && n >= 0 && n <= 3 {
			q.Decimals = n
		}
		if q.Kind == intake.Scale && len(errs) == 0 && q.Min < q.Max && !q.CanAnswer() {
			errs = append(errs, &clinic.Error{Code: clinic.Invalid, Field: "max", Message: "error.questionnaire.scale", Args: map[string]string{"Max": strconv.Itoa(intake.MaxSteps)}})
		}
	}
	errs = append(errs, readOptions(form, &q, newCode)...)
	shown, required := q.ShowIf, q.RequiredIf
	var err error
	if q.ShowIf, err = readCondition(form, "test"); err != nil {
		errs = append(errs, wrongCondition("test", "error.questionnaire.condition", err))
	}
	if q.RequiredIf, err = readCondition(form, "req"); err != nil {
		errs = append(errs, wrongCondition("req", "error.questionnaire.condition", err))
	}
	q.ShowIf, q.RequiredIf = q.ShowIf.As(shown), q.RequiredIf.As(required)
	if q.Required {
		q.RequiredIf = intake.Condition{}
	}
	errs = append(errs, wrongOptions(q)...)
	errs = append(errs, wrongTexts(form, "label-ja", "label-en", "short-ja", "short-en", "help-ja", "help-en", "unit")...)
	return q, errs
}

// wrongTexts finds what a text of a questionnaire cannot be.
func wrongTexts(form url.Values, fields ...string) (errs clinic.Errors) {
	for _, field := range fields {
		if problem := intake.CheckText(field, form.Get(field)); problem != nil {
			errs = append(errs, problem)
		}
	}
	return errs
}

// wrongOptions is what the first of the options' texts cannot be that is wrong, said above them all.
func wrongOptions(q intake.Question) (errs clinic.Errors) {
	if q.Kind != intake.One && q.Kind != intake.Many && q.Kind != intake.Agree {
		return nil // it will have none
	}
	for _, o := range q.Options {
		for _, text := range []string{o.JA, o.EN, o.Short.JA, o.Short.EN} {
			if problem := intake.CheckText("option", text); problem != nil {
				return clinic.Errors{problem}
			}
		}
	}
	return nil
}

// readOptions reads the options. The condition of one whose form does not edit it stays.
func readOptions(form url.Values, q *intake.Question, newCode func() string) (errs clinic.Errors) {
	before := *q
	q.Options, q.Excludes = nil, nil
	if q.Kind == intake.Agree {
		q.OptionsOf = ""
	}
	if q.OptionsOf != "" {
		q.Excludes = before.Excludes
		return nil
	}
	for _, code := range form["option"] {
		o, known := before.Option(code)
		o.Text = intake.Text{JA: form.Get("opt-ja-" + code), EN: form.Get("opt-en-" + code)}
		o.Short = intake.Text{JA: form.Get("opt-short-ja-" + code), EN: form.Get("opt-short-en-" + code)}
		if zone := intake.Zone(form.Get("opt-zone-" + code)); form.Has("opt-zone-"+code) && (zone == "" || slices.Contains(intake.Zones, zone)) {
			o.Zone = zone
		}
		if slices.Contains(form["option-if"], code) {
			shown, err := readCondition(form, view.OptionConditionPrefix+code)
			if err != nil && len(errs) == 0 {
				errs = clinic.Errors{wrongCondition("option", "error.questionnaire.option_condition", err)}
			}
			o.ShowIf = shown.As(o.ShowIf)
		}
		alone := slices.Contains(form["opt-alone"], code)
		if !known {
			if strings.TrimSpace(o.JA+o.EN) == "" { // a row that was added and left empty
				continue
			}
			o.Code = newCode()
			if q.Kind == intake.Agree {
				o.Code = intake.Agreed
			}
		}
		if alone && q.Kind == intake.Many {
			q.Excludes = append(q.Excludes, o.Code)
		}
		q.Options = append(q.Options, o)
	}
	return errs
}

// redrawn is the form of a question after a button that changes only what stands in it. ok is false for one that does something else.
func redrawn(form url.Values) (out url.Values, ok bool) {
	do, what, _ := strings.Cut(form.Get("do"), ":")
	out = maps.Clone(form)
	codes := slices.Clone(form["option"])
	at := slices.Index(codes, what)
	switch do {
	case "draw":
	case "option":
		for n := 1; ; n++ { // no id has a hyphen, so that the row is known for one that has no code yet
			if code := "new-" + strconv.Itoa(n); !slices.Contains(codes, code) {
				codes = append(codes, code)
				break
			}
		}
	case "drop":
		codes = slices.DeleteFunc(codes, func(code string) bool { return code == what })
	case "up", "down":
		to := at + map[string]int{"up": -1, "down": 1}[do]
		if at >= 0 && to >= 0 && to < len(codes) {
			codes[at], codes[to] = codes[to], codes[at]
		}
	default:
		out, ok = rowsRedrawn(form)
		return withKind(out), ok
	}
	out["option"] = codes
	return withKind(out), true
}

// withKind gives the form what a question of its kind must have: a consent its one option, a number bounds.
func withKind(form url.Values) url.Values {
	switch intake.Kind(form.Get("kind")) {
	case intake.Agree:
		form["option"] = []string{intake.Agreed}
	case intake.Scale:
		if form.Get("max") == "" {
			form.Set("min", "0")
			form.Set("max", "10")
		}
	case intake.Number:
		if form.Get("max") == "" {
			form.Set("min", "0")
			form.Set("max", "100")
		}
	case intake.One, intake.Many, intake.LongText:
	}
	return form
}
