package intake

import (
	"errors"
	"slices"
	"strings"
)

// parse asks the program itself whether it could ask the draft, for whatever was not found before.
func (f *findings) parse() (*Questionnaire, bool) {
	draft := f.draft.Clone()
	if draft.Version == "" {
		draft.Version = "draft"
	}
	body, err := draft.Body()
	if err != nil {
		f.add(true, Malformed, Place{}, "")
		return nil, false
	}
	completed, err := Parse(body)
	if err != nil && !f.stopsBesides() {
		refused := &Refusal{}
		errors.As(err, &refused)
		f.add(true, Malformed, f.placeOf(refused), "", "Part", refused.Part, "Items", strings.Join(refused.Items, ", "))
	}
	if err != nil {
		return f.draft.Lenient(), true
	}
	return completed, true
}

// stopsBesides reports whether anything but an unchanged draft stops already: then the program's own complaint is most likely about
// the same.
func (f *findings) stopsBesides() bool {
	return slices.ContainsFunc(f.out, func(each Finding) bool { return each.Stops && each.Code != NothingChanged && each.Code != ChangedKind })
}

// placeOf finds where the question or section is that a refusal is about.
func (f *findings) placeOf(refused *Refusal) Place {
	for _, s := range f.draft.sections() {
		if refused.Section != "" && s.ID == refused.Section {
			return Place{Section: s.ID}
		}
		for _, q := range s.Questions {
			if refused.Question != "" && q.ID == refused.Question {
				return Place{Section: s.ID, Question: q.ID}
			}
		}
	}
	return Place{}
}

// Lenient is a draft completed as far as it can be, for looking at it before it is right: borrowed options are copied in, and a
// question that could not be drawn is left out.
func (q *Questionnaire) Lenient() *Questionnaire {
	out := q.Clone()
	out.Version = ""
	each := func(s *Section) {
		s.Questions = slices.DeleteFunc(s.Questions, func(question Question) bool {
			return question.hasOptions() && len(question.Options) == 0 || question.Kind == Scale && !question.Drawable()
		})
	}
	complete := func(s *Section) {
		for i := range s.Questions {
			question := &s.Questions[i]
			question.Options = slices.Clone(out.WithOptions(*question).Options)
			if question.Kind == Many && question.option(NoneCode) && !question.Exclusive(NoneCode) {
				question.Excludes = append(question.Excludes, NoneCode)
			}
		}
	}
	complete(&out.Booking)
	for i := range out.Intake {
		complete(&out.Intake[i])
	}
	each(&out.Booking)
	for i := range out.Intake {
		each(&out.Intake[i])
	}
	return out
}
