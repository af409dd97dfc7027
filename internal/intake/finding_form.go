package intake

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"madoguchi/internal/clinic"
)

// CheckText finds what a text of a questionnaire cannot be: longer than MaxLabel, or with a sign that nobody can read.
func CheckText(field, typed string) *clinic.Error {
	text := clinic.TidyText(typed)
	if problem := clinic.BadSignInText(field, text); problem != nil {
		return problem
	}
	if utf8.RuneCountInString(text) > MaxLabel {
		return &clinic.Error{Code: clinic.Invalid, Field: field, Message: "error.long", Args: map[string]string{"Max": strconv.Itoa(MaxLabel)}}
	}
	return nil
}

// readable finds in a text what a form would have refused: a file says whatever it likes.
func (f *findings) readable(where Place, field, lang, text string) {
	switch problem := CheckText(field, text); {
	case problem == nil:
	case problem.Message == "error.long":
		f.add(true, LongWords, where, field, "Lang", lang, "Max", problem.Args["Max"])
	default:
		f.add(true, BadSign, where, field, "Lang", lang, "Sign", problem.Args["Sign"], "N", problem.Args["N"])
	}
}

// ids finds ids and codes that cannot be one, and those that stand twice.
func (f *findings) ids() {
	seen, sections := map[string]bool{}, map[string]bool{}
	id := func(where Place, part, item string, seen map[string]bool, reserved []string) {
		switch {
		case !isCode(item), slices.Contains(reserved, item):
			f.add(true, BadID, where, part, "Item", cut(clinic.Showable(item)))
		case seen[item]:
			f.add(true, IDTwice, where, part, "Item", item)
		}
		seen[item] = true
	}
	for _, known := range f.draft.Known {
		id(Place{}, "known", known.ID, seen, nil)
	}
	for n, s := range f.draft.sections() {
		reserved := ReservedSections
		if n == 0 {
			reserved = nil // the booking's section is no page of its own
		}
		id(Place{Section: s.ID}, "", s.ID, sections, reserved)
		for _, q := range s.Questions {
			id(Place{Section: s.ID, Question: q.ID}, "", q.ID, seen, ReservedQuestions)
			codes := map[string]bool{}
			for _, o := range q.Options {
				id(Place{Section: s.ID, Question: q.ID}, "options", o.Code, codes, nil)
			}
		}
	}
	for _, d := range f.draft.Derived {
		id(Place{}, "derived", d.ID, seen, nil)
	}
	told := map[string]bool{}
	for _, c := range f.draft.Cells {
		id(Place{}, "strip", c.ID, told, nil)
	}
	told = map[string]bool{}
	for _, c := range f.draft.Causes {
		id(Place{}, "causes", c.ID, told, nil)
	}
	told = map[string]bool{}
	for _, fact := range f.draft.Facts {
		id(Place{}, "facts", fact.ID, told, nil)
	}
	told = map[string]bool{}
	for _, c := range f.draft.Contradictions {
		id(Place{}, "contradictions", c.ID, told, nil)
	}
}

// answers finds what is wrong with how a question is answered.
func (f *findings) answers(where Place, q Question) {
	if !slices.Contains(Kinds, q.Kind) {
		f.add(true, BadKind, where, "type", "Item", cut(clinic.Showable(string(q.Kind))))
		return
	}
	if q.hasOptions() && len(q.Options) == 0 && q.OptionsOf == "" {
		f.add(true, NoOptions, where, "options")
	} else if q.Kind == Agree && (len(q.Options) != 1 || q.Options[0].Code != Agreed || len(q.Options[0].ShowIf.Any) > 0) {
		f.add(true, BadConsent, where, "options")
	}
	switch {
	case q.CanAnswer():
	case q.Kind == Scale:
		f.add(true, BadScale, where, "max", "Max", strconv.Itoa(MaxSteps))
	default:
		f.add(true, BadBounds, where, "min")
	}
	if q.Decimals < 0 || q.Decimals > 3 || q.Kind != Number && q.Decimals != 0 {
		f.add(true, BadDecimals, where, "decimals")
	}
	if q.Required && len(q.RequiredIf.Any) > 0 {
		f.add(true, RequiredTwice, where, "required_if")
	}
	for _, code := range q.Excludes {
		if q.Kind != Many || !f.draft.offers(q, code) {
			option := f.formerOption(q.ID, code)
			f.add(true, ExcludesGone, where, "options", "Item", cut(clinic.Showable(option.JA)), "ItemEn", cut(clinic.Showable(option.EN)))
		}
	}
}
