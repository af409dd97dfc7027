package fhir

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"madoguchi/internal/intake"
)

// Write is a questionnaire, as it is written in the file of config/ (intake.ReadDraft), as a Questionnaire. canonical is the address
// under which the clinic's own extensions and code systems stand; published is zero for a draft.
func Write(q *intake.Questionnaire, canonical string, published time.Time) ([]byte, error) {
	w := writer{q: q, canonical: strings.TrimSuffix(canonical, "/")}
	out := Questionnaire{
		ResourceType: "Questionnaire", Language: "ja", URL: w.canonical + "/Questionnaire/intake", Version: q.Version,
		Title: "問診票", Status: "draft", SubjectType: []string{"Patient"},
	}
	if !published.IsZero() {
		out.Status, out.Date = "active", published.UTC().Format(time.RFC3339)
	}
	out.Extension = w.rest(treeOf(q), "version", "known", "booking", "intake")
	known := item{LinkID: knownGroup, Type: "group", ReadOnly: true}
	for _, question := range q.Known {
		each := w.question(question)
		each.ReadOnly = true
		known.Item = append(known.Item, each)
	}
	if len(known.Item) > 0 {
		out.Item = append(out.Item, known)
	}
	for i, s := range q.All() {
		group := w.section(s)
		if i == 0 {
			group.Extension = append(group.Extension, extension{URL: w.own("role"), ValueString: textOf(bookingRole)})
		}
		out.Item = append(out.Item, group)
	}
	return encode(out)
}

func encode(resource any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(resource)
	return b.Bytes(), err
}

type writer struct {
	q         *intake.Questionnaire
	canonical string
}

func (w writer) own(field string) string {
	return w.canonical + ours + strings.ReplaceAll(field, "_", "-")
}

func (w writer) section(s intake.Section) item {
	group := item{LinkID: sectionPrefix + s.ID, Prefix: s.Code, Text: s.Title.JA, TextMore: translated(s.Title.EN), Type: "group"}
	group.Extension = w.rest(treeOf(s), "id", "code", "title", "intro", "questions")
	if s.Intro != (intake.Text{}) {
		group.Item = append(group.Item, item{LinkID: s.ID + introSuffix, Type: "display", Text: s.Intro.JA, TextMore: translated(s.Intro.EN)})
	}
	for _, question := range s.Questions {
		group.Item = append(group.Item, w.question(question))
	}
	return group
}

// mapped are the fields of a question that FHIR has a word for.
var mapped = []string{"id", "type", "required", "label", "help", "unit", "min", "max", "decimals", "options", "show_if"}

func (w writer) question(q intake.Question) item {
	out := item{LinkID: q.ID, Text: q.Label.JA, TextMore: translated(q.Label.EN), Required: q.Required}
	number := func(n float64) *json.Number { v := json.Number(strconv.FormatFloat(n, 'f', -1, 64)); return &v }
	bound := func(url string, n float64) {
		if e := (extension{URL: url}); q.Decimals == 0 && n == float64(int32(n)) {
			e.ValueInteger = number(n)
			out.Extension = append(out.Extension, e)
		} else {
			e.ValueDecimal = number(n)
			out.Extension = append(out.Extension, e)
		}
	}
	switch q.Kind {
	case intake.One, intake.Many, intake.Agree:
		out.Type, out.Repeats = "choice", q.Kind == intake.Many
	case intake.Number, intake.Scale:
		out.Type = "integer"
		if q.Decimals > 0 {
			out.Type = "decimal"
			places := json.Number(strconv.Itoa(q.Decimals))
			out.Extension = append(out.Extension, extension{URL: maxDecimalPlaces, ValueInteger: &places})
		}
		bound(minValue, q.Min)
		bound(maxValue, q.Max)
		if q.Kind == intake.Scale {
			out.Extension = append(out.Extension, control("slider"))
		}
	case intake.LongText:
		out.Type = "text"
	default: // of a draft, in which anything may stand
		out.Type = "string"
	}
	if q.Kind == intake.Agree || !slices.Contains(intake.Kinds, q.Kind) {
		out.Extension = append(out.Extension, extension{URL: w.own("type"), ValueString: textOf(string(q.Kind))})
	}
	if q.Unit != "" {
		unit := coding{Display: q.Unit}
		if slices.Contains([]string{"cm", "kg", "g", "mm", "m"}, q.Unit) {
			unit.System, unit.Code = ucum, q.Unit
		}
		out.Extension = append(out.Extension, extension{URL: itemUnit, ValueCoding: &unit})
	}
	out.AnswerOption = w.options(q)
	out.EnableWhen, out.EnableBehavior = w.enable(q.ShowIf)
	if condition := q.ShowIf.String(); condition != "" {
		out.Extension = append(out.Extension, extension{URL: w.own("show_if"), ValueString: textOf(condition)})
	}
	out.Extension = append(out.Extension, w.rest(treeOf(q), mapped...)...)
	if q.Help != (intake.Text{}) {
		out.Item = append(out.Item, item{LinkID: q.ID + helpSuffix, Type: "display", Text: q.Help.JA, TextMore: translated(q.Help.EN), Extension: []extension{control("help")}})
	}
	return out
}

func control(code string) extension {
	return extension{URL: itemControl, ValueCodeableConcept: &codeableConcept{Coding: []coding{{System: itemControls, Code: code}}}}
}

// options are those of a question; where they are another's, they stand here as well, because FHIR refers to no other question.
func (w writer) options(q intake.Question) (out []answerOption) {
	for _, o := range w.q.WithOptions(q).Options {
		value := coding{System: w.system(q), Code: o.Code, Display: o.JA, DisplayMore: translated(o.EN)}
		each := answerOption{ValueCoding: &value}
		if q.Kind == intake.Many && (q.Exclusive(o.Code) || o.Code == intake.NoneCode) {
			yes := true
			each.Extension = append(each.Extension, extension{URL: optionExclusive, ValueBoolean: &yes})
		}
		each.Extension = append(each.Extension, w.rest(treeOf(o), "code", "ja", "en")...)
		out = append(out, each)
	}
	return out
}

// system is the code system of a question's options.
func (w writer) system(q intake.Question) string {
	id := q.ID
	if q.OptionsOf != "" {
		id = q.OptionsOf
	}
	return w.canonical + "/CodeSystem/" + id
}

// rest are the fields that FHIR has no word for, each as an extension of our own.
func (w writer) rest(fields map[string]any, without ...string) (out []extension) {
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if slices.Contains(without, field) {
			continue
		}
		out = append(out, w.extension(field, fields[field]))
	}
	return out
}

func (w writer) extension(field string, value any) extension {
	e := extension{URL: w.own(field)}
	switch v := value.(type) {
	case string:
		e.ValueString = &v
	case bool:
		e.ValueBoolean = &v
	case map[string]any:
		ja, hasJA := v["ja"].(string)
		en, hasEN := v["en"].(string)
		if hasJA && hasEN && len(v) == 2 && ja != "" {
			e.ValueString, e.ValueStringMore = &ja, translated(en)
			return e
		}
		e.Extension = []extension{{URL: "json", ValueString: textOf(asJSON(value))}}
	default:
		e.Extension = []extension{{URL: "json", ValueString: textOf(asJSON(value))}}
	}
	return e
}

func asJSON(value any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		panic(err) // it was read from JSON
	}
	return strings.TrimSpace(b.String())
}

// treeOf are the fields of a part of the questionnaire as its file has them, so that none can be forgotten.
func treeOf(part any) map[string]any {
	body, err := json.Marshal(part)
	if err != nil {
		panic(err) // it consists of texts and numbers
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	out := map[string]any{}
	if err := d.Decode(&out); err != nil {
		panic(err)
	}
	return out
}
