package intake

import (
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
