package intake

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"madoguchi/internal/clinic"
)

// Finding is something about a draft that whoever publishes it should know. One that stops keeps it from being published.
type Finding struct {
	Code  FindingCode
	Stops bool
	Where Place
	Field string            // of the place, as the file of config/ calls it
	Args  map[string]string // what else the sentence names
}

// FindingCode is what a finding is about.
type FindingCode string

// The findings.
const (
	NothingChanged  FindingCode = "unchanged"       // it says the same as the version that is asked now
	MissingText     FindingCode = "missing_text"    // Lang
	Advertises      FindingCode = "advertises"      // Word
	EmptySection    FindingCode = "empty_section"   //
	NoOptions       FindingCode = "no_options"      //
	LenderGone      FindingCode = "options_of"      // Name: the question whose options are taken is not asked before, or has none
	BadBounds       FindingCode = "bounds"          //
	BadScale        FindingCode = "scale"           // Max: it is not from a whole number to another in at most so many steps
	BadDecimals     FindingCode = "decimals"        //
	BadSign         FindingCode = "sign"            // Lang, Sign and N, which are empty for one that could not be read
	LongWords       FindingCode = "long"            // Lang, Max
	IDTwice         FindingCode = "twice"           // Item: an id or a code that something else has as well
	BadID           FindingCode = "id"              // Item: an id or a code that cannot be one
	BadKind         FindingCode = "kind"            // Item: a type that there is not
	BadConsent      FindingCode = "consent_options" // a consent that has anything but its one option
	ExcludesGone    FindingCode = "excludes"        // Item: an option that is chosen alone, and that it has not
	RequiredTwice   FindingCode = "required_twice"  // it is required in any case, and under a condition
	ConditionLong   FindingCode = "condition_long"  // Max
	TooMuch         FindingCode = "too_much"        // Max: a list of what is told that nobody could read
	ConditionGone   FindingCode = "condition_gone"  // Name: a question that is not there
	ConditionLater  FindingCode = "condition_later" // Name: a question that is asked later, or in the booking
	ConditionValue  FindingCode = "condition_value" // Name, Value: an option that the question has not
	ConditionKind   FindingCode = "condition_kind"  // Name: a comparison that the question's answers do not allow
	Unreachable     FindingCode = "unreachable"     // the condition can never hold
	UseGone         FindingCode = "use"             // Use
	SummaryGone     FindingCode = "summary"         //
	UseUnfit        FindingCode = "use_unfit"       // Use, Name: a question that cannot serve it
	CauseGone       FindingCode = "cause"           // Name: of the cause
	CellEmpty       FindingCode = "strip_empty"     // Name: of the cell
	CellNoNone      FindingCode = "strip_none"      // Name: of the cell; nothing says when there is nothing
	ToldGone        FindingCode = "told"            // Of: of a cell, cause, fact or contradiction; Name: a question that is not there
	ToldValue       FindingCode = "told_value"      // and Value: an option that the question has not
	BadPoints       FindingCode = "points"          // Name: of the cause; Question
	CautionBreaks   FindingCode = "caution"         // Line, Name, Value: a rule that names what the draft lacks
	Malformed       FindingCode = "malformed"       // Part, Items: something else that Parse refuses, in a part of the file, about these ids
	ChangedKind     FindingCode = "changed_kind"    // the type of a question that somebody was asked
	ConsentReworded FindingCode = "consent"         // a consent was reworded: those who agreed have agreed to the old words
)

// findings gathers.
type findings struct {
	out    []Finding
	draft  *Questionnaire
	before *Questionnaire
}

func (f *findings) add(stops bool, code FindingCode, where Place, field string, args ...string) {
	named := map[string]string{}
	for i := 0; i+1 < len(args); i += 2 {
		named[args[i]] = args[i+1]
	}
	f.out = append(f.out, Finding{code, stops, where, field, named})
}

// Findings are what there is to say about a draft before it is published in the place of before, as it is written, in the order in
// which it is asked. versions are all that were ever published.
func (d *Draft) Findings(before *Questionnaire, versions []*Questionnaire, cautions Cautions) []Finding {
	f := &findings{draft: d.Questions, before: before}
	if len(Difference(before, d.Questions)) == 0 {
		f.add(true, NothingChanged, Place{}, "")
	}
	f.ids()
	f.questions()
	f.uses()
	f.told()
	f.meanings(versions)
	if completed, ok := f.parse(); ok {
		f.cautions(completed, cautions)
	}
	return f.out
}

// Stopped reports whether a finding keeps the draft from being published.
func Stopped(all []Finding) bool {
	return slices.ContainsFunc(all, func(f Finding) bool { return f.Stops })
}

// questions looks at every section, question and option by itself, and at what conditions refer to.
func (f *findings) questions() {
	all, nameable := f.draft.everything(), f.draft.factScope()
	open, earlier := newReach(f.draft), scopeOf(Section{Questions: f.draft.Known})
	for _, s := range f.draft.sections() {
		where := Place{Section: s.ID}
		f.text(where, "title", s.Title, true)
		f.text(where, "intro", s.Intro, false)
		f.readable(where, "code", "", s.Code)
		if len(s.Questions) == 0 {
			f.add(true, EmptySection, where, "questions")
		}
		booking := s.ID == f.draft.Booking.ID
		if booking {
			nameable = scope{FactAge: nameable[FactAge], FactSex: nameable[FactSex]}
		}
		before := maps.Clone(nameable)
		for _, q := range s.Questions {
			f.question(s, q, all, nameable)
			if lender := f.draft.WithOptions(earlier[q.OptionsOf]); q.OptionsOf != "" && len(lender.Options) == 0 {
				name := f.formerName(q.OptionsOf)
				if later, ok := all[q.OptionsOf]; ok {
					name = Text{later.Name("ja"), later.Name("en")}
				}
				f.add(true, LenderGone, Place{Section: s.ID, Question: q.ID}, "options_of", "Name", name.JA, "NameEn", name.EN)
			}
			earlier[q.ID] = q
			if booking {
				f.drawn(s, q, all, scope{}) // of whoever books, nothing is known beforehand
			} else {
				f.drawn(s, q, all, before)
			}
			if !open.visit(q) && len(q.ShowIf.Alternatives()) > 0 && !f.has(q.ID, "show_if") {
				f.add(true, Unreachable, Place{Section: s.ID, Question: q.ID}, "show_if")
			}
			nameable[q.ID] = q
		}
		if booking {
			nameable = f.draft.factScope()
		}
	}
}

// has reports whether something was found already about a field of a question.
func (f *findings) has(id, field string) bool {
	return slices.ContainsFunc(f.out, func(each Finding) bool { return each.Where.Question == id && each.Field == field })
}

func (f *findings) question(s Section, q Question, all, nameable scope) {
	where := Place{Section: s.ID, Question: q.ID}
	f.text(where, "label", q.Label, true)
	f.text(where, "short", q.Short, false)
	f.text(where, "help", q.Help, false)
	f.readable(where, "unit", "", q.Unit)
	if utf8.RuneCountInString(q.Unit) > MaxUnit {
		f.add(true, LongWords, where, "unit", "Max", strconv.Itoa(MaxUnit))
	}
	f.answers(where, q)
	for _, o := range q.Options {
		at := Place{s.ID, q.ID, o.Code}
		f.text(at, "text", o.Text, true)
		f.text(at, "short", o.Short, false)
	}
	f.condition(where, "show_if", q.ShowIf, all, nameable)
}

// drawn looks at the conditions that decide how a question is drawn. They can name what is asked on earlier pages.
func (f *findings) drawn(s Section, q Question, all, before scope) {
	f.condition(Place{Section: s.ID, Question: q.ID}, "required_if", q.RequiredIf, all, before)
	for _, o := range q.Options {
		f.condition(Place{s.ID, q.ID, o.Code}, "show_if", o.ShowIf, all, before)
	}
}

// condition finds what a condition names and cannot have. all are the questions of the draft, nameable those that come before.
func (f *findings) condition(where Place, field string, c Condition, all, nameable scope) {
	if c.TooLong() {
		f.add(true, ConditionLong, where, field, "Max", strconv.Itoa(MaxTests))
		return
	}
	for _, t := range c.Tests() {
		named, ok := nameable[t.Question]
		switch later, exists := all[t.Question]; {
		case !ok && exists:
			f.add(true, ConditionLater, where, field, "Name", later.Name("ja"), "NameEn", later.Name("en"))
		case !ok:
			name := f.formerName(t.Question)
			f.add(true, ConditionGone, where, field, "Name", name.JA, "NameEn", name.EN)
		case !t.Op.suits(named):
			f.add(true, ConditionKind, where, field, "Name", named.Name("ja"), "NameEn", named.Name("en"))
		case t.Op == Has || t.Op == HasNot:
			for _, v := range t.Values {
				if !isSourceFact(t.Question) && !f.draft.offers(named, v) {
					value := f.formerOption(t.Question, v)
					f.add(true, ConditionValue, where, field, "Name", named.Name("ja"), "NameEn", named.Name("en"), "Value", value.JA, "ValueEn", value.EN)
				}
			}
		}
	}
}

// suits reports whether a comparison can be made with the answers to a question.
func (o Op) suits(q Question) bool {
	switch {
	case o == Unanswered, isSourceFact(q.ID):
		return true
	case o.counting():
		return q.Kind == Many
	case o.ordering():
		return q.Kind == Number || q.Kind == Scale
	}
	return q.hasOptions()
}

func (q Question) hasOptions() bool { return q.Kind == One || q.Kind == Many || q.Kind == Agree }

// offers reports whether an option can be answered to a question, its own or a borrowed one.
func (q *Questionnaire) offers(question Question, code string) bool {
	return q.WithOptions(question).option(code)
}

// formerName is what the version before calls a question that the draft lacks; its id, if it has none either.
func (f *findings) formerName(id string) Text {
	if q, ok := f.before.Question(id); ok {
		return Text{q.Name("ja"), q.Name("en")}
	}
	return Text{id, id}
}

func (f *findings) formerOption(id, code string) Text {
	q, _ := f.before.Question(id)
	if o, ok := q.Option(code); ok {
		return o.Text
	}
	return Text{code, code}
}

// text finds what is missing in a text, what nobody can read, and words that advertising of medicine must not use. A text that need not be there is there
// in both languages or in none.
func (f *findings) text(where Place, field string, t Text, needed bool) {
	for _, each := range []struct{ lang, text, other string }{{"ja", t.JA, t.EN}, {"en", t.EN, t.JA}} {
		if clinic.TidyText(each.text) == "" && (needed || clinic.TidyText(each.other) != "") {
			f.add(true, MissingText, where, field, "Lang", each.lang)
		}
		f.readable(where, field, each.lang, each.text)
	}
	for _, text := range []string{t.JA, t.EN} {
		for _, word := range clinic.Advertising(text) {
			// A questionnaire asks about treatments, which the letters about a booking must not name.
			if word.Rule != clinic.AdPromotion && !f.said(where, field, word.Word) {
				f.add(true, Advertises, where, field, "Word", word.Word)
			}
		}
	}
}

// said reports whether the version before has a word at the same place: it was let through then, such as the option 痛みはない.
func (f *findings) said(where Place, field, word string) bool {
	var t Text
	s := f.before.section(where.Section)
	q, asked := f.before.Question(where.Question)
	switch {
	case where.Option != "":
		o, _ := q.Option(where.Option)
		t = o.Text
		if field == "short" {
			t = o.Short
		}
	case asked && where.Question != "":
		t = map[string]Text{"label": q.Label, "short": q.Short, "help": q.Help}[field]
	case s != nil:
		t = map[string]Text{"title": s.Title, "intro": s.Intro}[field]
	}
	return strings.Contains(t.JA+" "+t.EN, word)
}

// meanings finds ids that versions have used for something else, and consents whose words have changed.
func (f *findings) meanings(versions []*Questionnaire) {
	for _, s := range f.draft.sections() {
		for _, q := range s.Questions {
			where := Place{Section: s.ID, Question: q.ID}
			if f.hasAnotherKind(q, versions) {
				f.add(true, ChangedKind, where, "type")
			}
			if old, ok := f.before.Question(q.ID); ok && q.Kind == Agree && old.Kind == Agree && len(q.Options) > 0 && len(old.Options) > 0 && old.Options[0].Text != q.Options[0].Text {
				f.add(false, ConsentReworded, where, "options")
			}
		}
	}
}

// hasAnotherKind reports whether the answers to a question were of another kind before: in the version that is asked now or, where that
// does not ask it, in any other.
func (f *findings) hasAnotherKind(q Question, versions []*Questionnaire) bool {
	for _, version := range append([]*Questionnaire{f.before}, versions...) {
		if old, ok := version.Question(q.ID); ok {
			return old.Kind != q.Kind
		}
	}
	return false
}

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

// cautions finds the rules that name what the draft lacks.
func (f *findings) cautions(completed *Questionnaire, c Cautions) {
	for line := range strings.Lines(string(c.Rules)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if _, err := ParseCautions([]byte(line), c.Sources, completed); err == nil {
			continue
		}
		f.brokenRule(line)
	}
}

// brokenRule names what a rule refers to and the draft lacks.
func (f *findings) brokenRule(line string) {
	fields := strings.Split(line, "|")
	if len(fields) < 3 {
		f.add(true, CautionBreaks, Place{}, "cautions", "Line", line)
		return
	}
	condition, err := ParseCondition(strings.TrimSpace(fields[2]))
	if err != nil {
		f.add(true, CautionBreaks, Place{}, "cautions", "Line", line)
		return
	}
	said := false
	for _, t := range condition.Tests() {
		if _, isFact := (Facts{}).values(t.Question); isFact || t.Question == FactBMI {
			continue
		}
		s, _, asked := f.draft.SectionOf(t.Question)
		named, _ := f.draft.Question(t.Question)
		name := f.formerName(t.Question)
		if !asked {
			f.add(true, CautionBreaks, Place{}, "cautions", "Line", line, "Name", name.JA, "NameEn", name.EN)
			said = true
			continue
		}
		for _, v := range t.Values {
			if (t.Op == Has || t.Op == HasNot) && !f.draft.offers(named, v) {
				value := f.formerOption(t.Question, v)
				f.add(true, CautionBreaks, Place{s.ID, t.Question, ""}, "options", "Line", line, "Name", name.JA, "NameEn", name.EN, "Value", value.JA, "ValueEn", value.EN)
				said = true
			}
		}
	}
	if !said {
		f.add(true, CautionBreaks, Place{}, "cautions", "Line", line)
	}
}

// everything are all questions that can be named, by their ids.
func (q *Questionnaire) everything() scope {
	all := scopeOf(q.sections()...)
	for _, known := range q.Known {
		all[known.ID] = known
	}
	return all
}

// factScope is what a condition of the intake can name before any question was asked.
func (q *Questionnaire) factScope() scope {
	out := scope{FactAreas: q.Areas()}
	for _, fact := range sourceFacts {
		out[fact.ID] = fact
	}
	for _, known := range q.Known {
		if known.ID == FactAge || known.ID == FactSex {
			out[known.ID] = known
		}
	}
	return out
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
