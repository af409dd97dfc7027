package intake

import (
	"fmt"
	"slices"

	"madoguchi/internal/clinic"
)

// Kinds are the kinds of questions, in the order in which they are offered.
var Kinds = []Kind{One, Many, Number, Scale, LongText, Agree}

// AddSection adds a section behind the others. Its code is the next letter that none has.
func (q *Questionnaire) AddSection(id string, title Text) error {
	if len(q.Intake) >= MaxSections {
		return tooMany("section", MaxSections)
	}
	q.Intake = append(q.Intake, Section{Code: q.freeLetter(), ID: id, Title: tidyText(title)})
	return nil
}

// freeLetter is a letter, or two, that is no section's code.
func (q *Questionnaire) freeLetter() string {
	for n := range 26 * 27 {
		code := string(rune('A' + n%26))
		if n >= 26 {
			code = string(rune('A'+n/26-1)) + code
		}
		if !slices.ContainsFunc(q.sections(), func(s Section) bool { return s.Code == code }) {
			return code
		}
	}
	return "Z"
}

// ChangeSection takes over what a form says of a section; its questions stay.
func (q *Questionnaire) ChangeSection(changed Section) error {
	s := q.section(changed.ID)
	if s == nil {
		return ErrNoPlace
	}
	changed.Title, changed.Intro, changed.Questions = tidyText(changed.Title), tidyText(changed.Intro), s.Questions
	*s = changed
	return nil
}

// PutSectionBack puts a section, questions included, in the place of the one of its id.
func (q *Questionnaire) PutSectionBack(s Section) {
	if at := q.section(s.ID); at != nil {
		*at = s
	}
}

// AddQuestion adds a question behind the others of a section.
func (q *Questionnaire) AddQuestion(sectionID string, question Question) error {
	s := q.section(sectionID)
	if s == nil {
		return ErrNoPlace
	}
	total := 0
	for _, each := range q.sections() {
		total += len(each.Questions)
	}
	if total >= MaxQuestions {
		return tooMany("question", MaxQuestions)
	}
	s.Questions = append(s.Questions, question.tidy())
	return nil
}

// ChangeQuestion takes over what a form says of a question.
func (q *Questionnaire) ChangeQuestion(changed Question) error {
	s, at, ok := q.SectionOf(changed.ID)
	if !ok {
		return ErrNoPlace
	}
	if len(changed.Options) > MaxOptions {
		return tooMany("option", MaxOptions)
	}
	before, now := q.WithOptions(s.Questions[at]), changed.tidy()
	q.section(s.ID).Questions[at] = now
	for _, o := range before.Options {
		if !q.WithOptions(now).option(o.Code) {
			q.forgetOption(now.ID, o.Code)
		}
	}
	q.dropExcludes(now.ID)
	return nil
}

// dropExcludes takes out what a question, and those that take its options, exclude and do not offer any more. No form has a box for it.
func (q *Questionnaire) dropExcludes(id string) {
	for _, s := range q.sections() {
		for i, question := range s.Questions {
			if question.ID == id || question.OptionsOf == id {
				offered := q.WithOptions(question)
				s.Questions[i].Excludes = slices.DeleteFunc(slices.Clone(question.Excludes), func(code string) bool { return !offered.option(code) })
			}
		}
	}
}

// tidy is the question with its texts tidied, and with no more than its kind has.
func (q Question) tidy() Question {
	q.tidyTexts()
	if q.Kind != Number && q.Kind != Scale {
		q.Min, q.Max = 0, 0
	}
	if q.Kind != Number {
		q.Unit, q.Decimals = "", 0
	}
	if q.Kind != One && q.Kind != Many && q.Kind != Agree {
		q.Options, q.OptionsOf = nil, ""
	}
	if q.Kind != Many {
		q.Excludes = nil
	}
	if q.Kind == Agree {
		for i := range q.Options {
			q.Options[i].ShowIf = Condition{}
		}
	}
	return q
}

// Tidy tidies every text as a form does: signs that show nothing and mean nothing are taken out, and lines end in one way.
func (q *Questionnaire) Tidy() {
	tidySection := func(s *Section) {
		s.Title, s.Intro = tidyText(s.Title), tidyText(s.Intro)
		for i := range s.Questions {
			s.Questions[i].tidyTexts()
		}
	}
	for i := range q.Known {
		q.Known[i].tidyTexts()
	}
	tidySection(&q.Booking)
	for i := range q.Intake {
		tidySection(&q.Intake[i])
	}
	for i, c := range q.Cells {
		q.Cells[i].Label = tidyText(c.Label)
	}
	for i, c := range q.Causes {
		q.Causes[i].Label = tidyText(c.Label)
	}
	for i, fact := range q.Facts {
		q.Facts[i].Label = tidyText(fact.Label)
	}
	for i, c := range q.Contradictions {
		q.Contradictions[i].Label = tidyText(c.Label)
	}
	for i, d := range q.Derived {
		q.Derived[i].Label, q.Derived[i].Short = tidyText(d.Label), tidyText(d.Short)
	}
}

func (q *Question) tidyTexts() {
	q.Label, q.Short, q.Help, q.Unit = tidyText(q.Label), tidyText(q.Short), tidyText(q.Help), clinic.Tidy(q.Unit)
	for i, o := range q.Options {
		q.Options[i].Text, q.Options[i].Short = tidyText(o.Text), tidyText(o.Short)
	}
}

func tidyText(t Text) Text {
	return Text{JA: clinic.TidyText(t.JA), EN: clinic.TidyText(t.EN)}
}

func tooMany(what string, most int) error {
	return &clinic.Error{Code: clinic.Invalid, Field: what, Message: "error.questionnaire.too_many", Args: map[string]string{"Max": fmt.Sprint(most)}}
}
