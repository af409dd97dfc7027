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

// MoveSection puts a section of the intake to a place among them, from 0; a place beyond an end is that end.
func (q *Questionnaire) MoveSection(id string, to int) error {
	at := slices.IndexFunc(q.Intake, func(s Section) bool { return s.ID == id })
	if at < 0 {
		return ErrNoPlace
	}
	moved := q.Intake[at]
	rest := slices.Delete(q.Intake, at, at+1)
	q.Intake = slices.Insert(rest, min(max(to, 0), len(rest)), moved)
	return nil
}

// MoveQuestion puts a question to a place in a section, from 0. It stays with the booking or with the intake, because its answers
// are kept with the one or the other.
func (q *Questionnaire) MoveQuestion(id, sectionID string, to int) error {
	from, at, ok := q.SectionOf(id)
	if !ok || q.section(sectionID) == nil || (from.ID == q.Booking.ID) != (sectionID == q.Booking.ID) {
		return ErrNoPlace
	}
	source := q.section(from.ID)
	moved := source.Questions[at]
	source.Questions = slices.Delete(source.Questions, at, at+1)
	target := q.section(sectionID)
	target.Questions = slices.Insert(target.Questions, min(max(to, 0), len(target.Questions)), moved)
	return nil
}

// Use is one purpose for which the program works with a single question.
type Use struct {
	Name   string
	ID     *string // of the question
	Needed bool    // the program cannot do without it
}

// List are all uses, in order.
func (u *Uses) List() []Use {
	return []Use{
		{"areas", &u.Areas, true},
		{"main_area", &u.MainArea, false},
		{"height", &u.Height, false},
		{"weight", &u.Weight, false},
		{"guardian", &u.Guardian, false},
		{"interest", &u.Interest, false},
		{"privacy", &u.Privacy, true},
		{"cancellation", &u.Cancellation, false},
	}
}

// SummaryPart is one part of the summary.
type SummaryPart struct {
	Name string
	IDs  *[]string // of questions
}

// Parts are all parts of the summary, in order.
func (s *Summary) Parts() []SummaryPart {
	return []SummaryPart{{"complaint", &s.Complaint}, {"head", &s.Head}, {"concern", &s.Concern}, {"so_far", &s.SoFar}, {"words", &s.Words}}
}

// Nameable are the facts and questions that a condition of a question can name, in the order in which they are asked, with the options
// that they offer: what is asked before it. A question of the booking can name those of the booking, one of the intake those of the intake.
func Nameable(q *Questionnaire, id string) (out []Question) {
	for _, known := range q.Known {
		if known.ID == FactAge || known.ID == FactSex {
			out = append(out, known)
		}
	}
	in, _, _ := q.SectionOf(id)
	if in.ID != q.Booking.ID {
		areas := q.WithOptions(q.Areas())
		areas.ID = FactAreas
		out = append(out, areas)
		for _, fact := range sourceFacts {
			if fact.ID == FactFromArea { // articles and campaigns are listed nowhere
				fact.Options = areas.Options
				out = append(out, fact)
			}
		}
	}
	for i, s := range q.sections() {
		if (i == 0) != (in.ID == q.Booking.ID) {
			continue
		}
		for _, question := range s.Questions {
			if question.ID == id {
				return out
			}
			out = append(out, q.WithOptions(question))
		}
	}
	return out
}

// OpsOf are the comparisons that a question's answers allow, in the order in which they are offered.
func OpsOf(q Question) []Op {
	switch q.Kind {
	case Number, Scale:
		return []Op{AtLeast, AtMost, More, Less}
	case Many:
		return []Op{Has, HasNot, CountAtLeast, CountAtMost}
	case One, Agree:
		return []Op{Has, HasNot}
	case LongText:
	}
	return nil
}

// OpsFor are those comparisons, with the one that is written already, as long as it suits the question: a file may have one that is not
// offered.
func OpsFor(q Question, written Op) []Op {
	out := OpsOf(q)
	if !slices.Contains(out, written) && written != Unanswered && slices.Contains(ops, written) && !isSourceFact(q.ID) && written.suits(q) {
		out = append(out, written)
	}
	return out
}

// Counts reports whether a comparison is one of how many options are chosen.
func (o Op) Counts() bool { return o.counting() }

// NameableEarlier are those of Nameable that are asked on earlier pages: what an option or a duty to answer can depend on.
func NameableEarlier(q *Questionnaire, id string) (out []Question) {
	in, _, _ := q.SectionOf(id)
	for _, named := range Nameable(q, id) {
		if s, _, asked := q.SectionOf(named.ID); !asked || s.ID != in.ID {
			out = append(out, named)
		}
	}
	return out
}

// Joined is a condition from the rows of a form: each test with how it goes with the one before. "And" binds more closely than "or".
func Joined(tests []Test, and []bool) (Condition, error) {
	var c Condition
	for i, t := range tests {
		if last := len(c.Any) - 1; i > 0 && and[i] {
			c.Any[last] = append(c.Any[last], t)
		} else {
			c.Any = append(c.Any, All{t})
		}
	}
	return ParseCondition(c.String())
}

// Candidates are the questions that can serve a use, by its name.
func (q *Questionnaire) Candidates(use string) (out []Question) {
	for _, s := range q.sections() {
		booking := s.ID == q.Booking.ID
		for _, question := range s.Questions {
			if question.serves(use, booking, q.Uses.Areas) {
				out = append(out, question)
			}
		}
	}
	return out
}

// serves reports whether a question can serve a use, as Uses.check wants it.
func (q Question) serves(use string, booking bool, areas string) bool {
	switch use {
	case "areas":
		return booking && q.Kind == Many
	case "privacy":
		return booking && q.Kind == Agree && q.Required
	case "cancellation":
		return booking && q.Kind == Agree
	case "guardian":
		return booking && q.Kind == One
	case "interest":
		return !booking && q.Kind == Many
	case "main_area":
		return !booking && q.Kind == One && q.OptionsOf == areas
	case "height":
		return !booking && q.Kind == Number && q.Unit == "cm"
	case "weight":
		return !booking && q.Kind == Number && q.Unit == "kg"
	}
	return false
}

// Step puts a section or a question one place up (-1) or down (1). A question at the end of its section goes on into the next one.
func (q *Questionnaire) Step(section bool, id string, by int) error {
	if section {
		at := slices.IndexFunc(q.Intake, func(s Section) bool { return s.ID == id })
		return q.MoveSection(id, at+by)
	}
	s, at, ok := q.SectionOf(id)
	if !ok {
		return ErrNoPlace
	}
	to := at + by
	if to >= 0 && to < len(s.Questions) || s.ID == q.Booking.ID {
		return q.MoveQuestion(id, s.ID, to)
	}
	next := slices.IndexFunc(q.Intake, func(each Section) bool { return each.ID == s.ID }) + by
	switch {
	case next < 0 || next >= len(q.Intake):
		return nil
	case by < 0:
		return q.MoveQuestion(id, q.Intake[next].ID, len(q.Intake[next].Questions))
	}
	return q.MoveQuestion(id, q.Intake[next].ID, 0)
}

// PutSection puts a section before another; behind all where that is empty or not there.
func (q *Questionnaire) PutSection(id, before string) error {
	at := slices.IndexFunc(q.Intake, func(s Section) bool { return s.ID == id })
	to := slices.IndexFunc(q.Intake, func(s Section) bool { return s.ID == before })
	switch {
	case to < 0:
		to = len(q.Intake)
	case at < to:
		to--
	}
	return q.MoveSection(id, to)
}

// PutQuestion puts a question before another of a section; behind all where that is empty or not there.
func (q *Questionnaire) PutQuestion(id, sectionID, before string) error {
	if id == before {
		return nil
	}
	s := q.section(sectionID)
	if s == nil {
		return ErrNoPlace
	}
	rest := slices.DeleteFunc(slices.Clone(s.Questions), func(question Question) bool { return question.ID == id })
	to := slices.IndexFunc(rest, func(question Question) bool { return question.ID == before })
	if to < 0 {
		to = len(rest)
	}
	return q.MoveQuestion(id, sectionID, to)
}

// SourceFact is what is told of where a visitor came from, by its name. The articles and campaigns are listed nowhere, so that those that
// are named already are all there is to choose from.
func SourceFact(name string, named []string) (Question, bool) {
	at := slices.IndexFunc(sourceFacts, func(q Question) bool { return q.ID == name })
	if at < 0 {
		return Question{}, false
	}
	q := sourceFacts[at]
	q.Kind = One
	for _, code := range named {
		q.Options = append(q.Options, Option{Code: code, Text: Text{code, code}})
	}
	return q, true
}

// As is the condition as it is written in another that says the same of the same questions: boxes that are ticked come in the order of
// the options.
func (c Condition) As(written Condition) Condition {
	for i, all := range c.Any {
		for j, t := range all {
			if i < len(written.Any) && j < len(written.Any[i]) && t.ticks(written.Any[i][j]) {
				c.Any[i][j] = written.Any[i][j]
			}
		}
	}
	return c
}

// ticks reports whether two tests ask the same of the same options.
func (t Test) ticks(other Test) bool {
	sorted := func(values []string) []string { return slices.Sorted(slices.Values(values)) }
	return t.Question == other.Question && t.Op == other.Op && slices.Equal(sorted(t.Values), sorted(other.Values))
}
