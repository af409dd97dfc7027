package fhir

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
)

// readItem is a question that was read, and the item it was read from.
type readItem struct {
	id string
	item
}

// question reads an item that asks something; ok is false for one that we cannot ask, such as one for a file.
func (r *reader) question(it item, depth int) (q intake.Question, ok bool, err error) {
	if r.count++; r.count > intake.MaxQuestions+10 || depth > maxDepth {
		return q, false, refuse("error.questionnaire.import.large")
	}
	q = intake.Question{Required: it.Required, Label: r.text(it.Text, it.TextMore)}
	fields := map[string]json.RawMessage{}
	r.fields(it.Extension, fields, mapped...)
	if err := into(&q, fields); err != nil {
		return q, false, refuse("error.questionnaire.import.item", "Item", clip(it.LinkID, 60))
	}
	if q.Kind, ok = r.kind(it); !ok {
		r.lose(intake.LostItem, it, "")
		for _, below := range it.Item { // it goes with what stands below it
			r.lose(intake.LostItem, below, "")
		}
		return q, false, nil
	}
	r.loseDetails(it)
	q.ID = it.LinkID
	if !r.known && !r.free(q.ID) {
		q.ID = r.draft.NewQuestion(r.taken)
	}
	r.taken[q.ID] = true
	if _, again := r.ids[it.LinkID]; again {
		return q, false, refuse("error.questionnaire.import.twice", "Item", clip(it.LinkID, 60))
	}
	r.ids[it.LinkID] = q.ID
	if q.Kind == intake.Number || q.Kind == intake.Scale {
		r.numbers(&q, it)
	}
	for _, below := range it.Item {
		if below.Type == "display" && q.Help == (intake.Text{}) {
			q.Help = r.text(below.Text, below.TextMore)
		}
	}
	if err := r.options(&q, it); err != nil {
		return q, false, err
	}
	if len(it.EnableWhen) > 0 || own(it.Extension, "show_if") != nil {
		r.asked = append(r.asked, readItem{q.ID, it})
	}
	return q, true, nil
}

// kind is how an item is answered.
func (r *reader) kind(it item) (intake.Kind, bool) {
	if e := own(it.Extension, "type"); e != nil && slices.Contains(intake.Kinds, intake.Kind(e.text())) {
		return intake.Kind(e.text()), true
	}
	switch it.Type {
	case "choice", "open-choice", "coding":
		if it.Type == "open-choice" {
			r.lose(intake.LostOther, it, "")
		}
		if it.Repeats {
			return intake.Many, true
		}
		return intake.One, true
	case "boolean":
		return intake.One, true
	case "integer", "decimal", "quantity":
		if e := find(it.Extension, itemControl); e != nil && it.Type == "integer" && e.ValueCodeableConcept != nil &&
			slices.ContainsFunc(e.ValueCodeableConcept.Coding, func(c coding) bool { return c.Code == "slider" }) {
			return intake.Scale, true
		}
		return intake.Number, true
	case "date", "dateTime", "time", "url":
		r.lose(intake.LostAnswer, it, "")
		return intake.LongText, true
	case "string", "text":
		return intake.LongText, true
	}
	return "", false
}

func (r *reader) numbers(q *intake.Question, it item) {
	q.Max = 1000000
	if q.Kind == intake.Scale {
		q.Max = 10
	}
	parse := func(url string, into *float64) {
		if n, err := strconv.ParseFloat(find(it.Extension, url).number(), 64); err == nil && !math.IsInf(n, 0) && !math.IsNaN(n) {
			*into = n
		}
	}
	parse(minValue, &q.Min)
	parse(maxValue, &q.Max)
	if it.Type == "decimal" || it.Type == "quantity" {
		q.Decimals = 1
		if n, err := strconv.Atoi(find(it.Extension, maxDecimalPlaces).number()); err == nil && n >= 0 && n <= 3 {
			q.Decimals = n
		}
	}
	if e := find(it.Extension, itemUnit); e != nil && e.ValueCoding != nil {
		q.Unit = clip(e.ValueCoding.Display, 20)
		if q.Unit == "" {
			q.Unit = clip(e.ValueCoding.Code, 20)
		}
	}
}

// free reports whether an id may be kept: it is one, nothing of the draft has it yet, and no version has used it for what somebody
// else means by it.
func (r *reader) free(id string) bool {
	if !r.fromUs && r.taken[id] || !intake.IsID(id) || slices.Contains(intake.ReservedQuestions, id) || slices.Contains(intake.ReservedSections, id) {
		return false
	}
	for _, other := range r.ids {
		if other == id {
			return false
		}
	}
	for _, s := range r.draft.Questions.All() {
		if s.ID == id {
			return false
		}
	}
	return true
}

func (r *reader) idOf(linkID string) string {
	if id, ok := r.ids[linkID]; ok {
		return id
	}
	return linkID
}

func (r *reader) codeOf(linkID, code string) string {
	if own, ok := r.codes[[2]string{linkID, code}]; ok {
		return own
	}
	return code
}

// text is a text in both languages; one of them is empty where the resource does not have it.
func (r *reader) text(plain string, more *element) intake.Text {
	t := intake.Text{JA: clinic.Showable(plain), EN: clinic.Showable(more.english())}
	if r.english {
		t.JA, t.EN = "", t.JA
	}
	return t
}

func clip(s string, most int) string {
	s = clinic.Showable(s)
	if utf8.RuneCountInString(s) > most {
		return string([]rune(s)[:most])
	}
	return s
}
