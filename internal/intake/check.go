package intake

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"madoguchi/internal/clinic"
)

// CheckSection checks the form of one section as it was sent. raw holds the typed values by question id; before holds
// what was answered until now, this section included.
//
// It is lenient in what it reads: full-width digits, a comma as decimal sign, a unit behind the number, spaces around,
// any line ends. It returns before with this section's answers replaced by the good ones, in their stored form and
// pruned of everything that they hide, in this section or another. Every visible question with a wrong answer is named,
// in order; what was sent for a hidden one is dropped without a word.
func (q *Questionnaire) CheckSection(s Section, raw map[string][]string, before Answers, f Facts) (Answers, clinic.Errors) {
	answers, errs := q.state(before, f).checkOver(s, raw, before, nil)
	return q.Prune(answers, f), errs
}

// checkOver is CheckSection in the state of what was answered until now, where a question with a wrong answer has that of instead, if any, and where
// nothing is pruned: what is hidden now is still there. Of the section's own questions that is a good answer that was sent for a hidden one, and the options that were chosen
// before and are not offered just now, where they go with those that are chosen now.
//
// Afterwards the state is that of the good answers of the section; it is as it was where raw are the answers of before and none of them is wrong.
func (now *state) checkOver(s Section, raw map[string][]string, before, instead Answers) (Answers, clinic.Errors) {
	var errs clinic.Errors
	answers := maps.Clone(before)
	if answers == nil {
		answers = Answers{}
	}
	visible := now.kept
	for _, question := range s.Questions {
		delete(answers, question.ID)
		delete(visible, question.ID)
	}
	for _, question := range s.Questions {
		id, drawn := question.ID, now.draw(question)
		if !question.ShowIf.holds(now) || len(drawn.Options) == 0 && len(question.Options) > 0 {
			if values, problem := question.Check(raw[id]); problem == nil && len(values) > 0 {
				answers[id] = values
			}
			continue
		}
		gone := func(v string) bool { return question.option(v) && !drawn.option(v) && slices.Contains(before[id], v) }
		values, problem := drawn.Check(slices.DeleteFunc(slices.Clone(raw[id]), gone))
		if problem != nil {
			errs = append(errs, problem)
			values = instead[id]
		}
		if len(values) > 0 {
			answers[id], visible[id] = values, values
		}
		if aside := slices.DeleteFunc(slices.Clone(before[id]), func(v string) bool { return !gone(v) }); len(aside) > 0 {
			if both, problem := question.Check(slices.Concat(values, aside)); problem == nil {
				answers[id] = both
			}
		}
	}
	return answers, errs
}

// Check turns what was typed for a visible question into its stored form, or says what is wrong with it. An optional
// question that was left out has neither.
func (q Question) Check(raw []string) ([]string, *clinic.Error) {
	var typed []string
	for _, v := range raw {
		if len(typed) > len(q.Options) {
			break // more answers than there are options: it is wrong by now, and a flood of them costs no more time
		}
		if v = strings.TrimSpace(v); v != "" && !slices.Contains(typed, v) {
			typed = append(typed, v)
		}
	}
	if len(typed) == 0 {
		return nil, q.missing()
	}
	switch q.Kind {
	case One, Agree:
		if len(typed) > 1 || !q.option(typed[0]) {
			return nil, q.wrong("error.choose")
		}
		return typed, nil
	case Many:
		return q.readMany(typed)
	case Number, Scale:
		return q.readNumber(typed[0])
	case LongText:
		return q.readText(typed[0])
	}
	return nil, q.wrong("error.choose")
}

func (q Question) missing() *clinic.Error {
	if !q.Required {
		return nil
	}
	switch q.Kind {
	case One, Many:
		return q.wrong("error.choose")
	case Agree:
		return q.wrong("error.agree")
	case Number, Scale, LongText:
	}
	return q.wrong("error.empty")
}

func (q Question) wrong(message string) *clinic.Error {
	return &clinic.Error{Code: clinic.Invalid, Field: q.ID, Message: message}
}

// readMany returns the chosen codes in the order of the options.
func (q Question) readMany(typed []string) ([]string, *clinic.Error) {
	var chosen []string
	for _, o := range q.Options {
		if slices.Contains(typed, o.Code) {
			chosen = append(chosen, o.Code)
		}
	}
	switch {
	case len(chosen) != len(typed): // typed has no duplicates, so something in it is no option
		return nil, q.wrong("error.choose")
	case len(chosen) > 1 && slices.ContainsFunc(chosen, q.Exclusive):
		return nil, q.wrong("error.exclusive")
	}
	return chosen, nil
}

// decimalSigns are what a Japanese keyboard offers where a point is meant.
var decimalSigns = strings.NewReplacer(",", ".", "、", ".", "。", ".", "・", ".", "．", ".", "｡", ".", "､", ".", "･", ".")

func (q Question) readNumber(typed string) ([]string, *clinic.Error) {
	s := strings.ToLower(clinic.Narrow(typed))
	s = strings.NewReplacer("㎝", "cm", "㎏", "kg").Replace(s)
	s = strings.TrimSpace(strings.TrimSuffix(s, q.Unit))
	s = decimalSigns.Replace(s)
	n, ok := parseNumber(s)
	if !ok {
		return nil, q.wrong("error.number")
	}
	rounded := round(n, q.Decimals)
	if rounded < q.Min || rounded > q.Max || q.Kind == Scale && rounded != n {
		problem := q.wrong("error.range")
		least, most := q.Bounds()
		problem.Args = map[string]string{"Min": least, "Max": most, "Unit": q.Unit}
		return nil, problem
	}
	return []string{plain(rounded)}, nil
}

func (q Question) readText(typed string) ([]string, *clinic.Error) {
	s := clinic.TidyText(typed)
	if problem := clinic.BadSignInText(q.ID, s); problem != nil {
		return nil, problem
	}
	switch {
	case s == "":
		return nil, q.missing()
	case utf8.RuneCountInString(s) > clinic.MaxText:
		problem := q.wrong("error.long")
		problem.Args = map[string]string{"Max": strconv.Itoa(clinic.MaxText)}
		return nil, problem
	}
	return []string{s}, nil
}
