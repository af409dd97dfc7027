package fhir

import (
	"encoding/json"
	"slices"
	"strconv"

	"madoguchi/internal/intake"
)

func (r *reader) options(q *intake.Question, it item) error {
	if q.Kind != intake.One && q.Kind != intake.Many && q.Kind != intake.Agree {
		return nil
	}
	if it.Type == "boolean" {
		q.Options = []intake.Option{{Code: "yes", Text: intake.Text{JA: "はい", EN: "Yes"}}, {Code: "no", Text: intake.Text{JA: "いいえ", EN: "No"}}}
		return nil
	}
	if len(it.AnswerOption) > intake.MaxOptions {
		return refuse("error.questionnaire.import.large")
	}
	var exclusive []string
	for _, each := range it.AnswerOption {
		o, from, err := r.option(q, it, each)
		if err != nil {
			return err
		}
		r.codes[[2]string{it.LinkID, from}] = o.Code
		q.Options = append(q.Options, o)
		if e := find(each.Extension, optionExclusive); e != nil && e.ValueBoolean != nil && *e.ValueBoolean {
			exclusive = append(exclusive, o.Code)
		}
	}
	if q.Kind == intake.Many {
		q.Excludes = excludes(q.Excludes, exclusive)
	}
	if q.OptionsOf != "" && r.lends(q) {
		q.Options = nil
	} else {
		q.OptionsOf = ""
	}
	return nil
}

// excludes are the options that exclude all others: as they were written, as long as the resource still says the same.
func excludes(written, exclusive []string) []string {
	same := func(codes []string) []string {
		codes = slices.DeleteFunc(slices.Clone(codes), func(c string) bool { return c == intake.NoneCode })
		slices.Sort(codes)
		return codes
	}
	if slices.Equal(same(written), same(exclusive)) {
		return written
	}
	return slices.DeleteFunc(exclusive, func(c string) bool { return c == intake.NoneCode })
}

// lends reports whether the question whose options a question takes has the same.
func (r *reader) lends(q *intake.Question) bool {
	lender, ok := r.draft.Questions.Question(q.OptionsOf)
	return ok && slices.EqualFunc(lender.Options, q.Options, func(a, b intake.Option) bool { return a.Code == b.Code && a.Text == b.Text })
}

func (r *reader) option(q *intake.Question, it item, each answerOption) (o intake.Option, from string, err error) {
	fields := map[string]json.RawMessage{}
	r.fields(each.Extension, fields, "code", "ja", "en")
	if err := into(&o, fields); err != nil {
		return o, "", refuse("error.questionnaire.import.item", "Item", clip(it.LinkID, 60))
	}
	switch {
	case each.ValueCoding != nil:
		from = each.ValueCoding.Code
		display := each.ValueCoding.Display
		if display == "" {
			display = from
		}
		o.Text = r.text(display, each.ValueCoding.DisplayMore)
	case each.ValueString != nil:
		from = *each.ValueString
		o.Text = r.text(from, nil)
	case each.ValueInteger != nil:
		from = strconv.Itoa(*each.ValueInteger)
		o.Text = intake.Text{JA: from, EN: from}
	default:
		r.lose(intake.LostOption, it, "")
	}
	o.Code = from
	if !intake.IsID(from) || slices.ContainsFunc(q.Options, func(other intake.Option) bool { return other.Code == from }) {
		o.Code = r.draft.NewOption(r.taken)
	}
	return o, from, nil
}
