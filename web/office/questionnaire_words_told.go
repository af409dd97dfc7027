package office

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"madoguchi/internal/intake"
	"madoguchi/web"
)

// What is told a doctor of the answers, in the words of whoever edits it: the strip, the causes, the facts and the contradictions.

// rowsWords are the rows of a condition of a form.
func rowsWords(l web.Locale, prefix string, form url.Values, d *intake.Questionnaire) []string {
	out := []string{}
	for n, id := range form[prefix] {
		at := "-" + strconv.Itoa(n)
		if id != "" {
			out = append(out, testWords(l, intake.Test{Question: id, Op: intake.Op(form.Get(prefix + "-op" + at)), Values: form[prefix+"-value"+at]}, d))
		}
	}
	return out
}

// partWords is an answer, or some of its options.
func partWords(l web.Locale, p intake.Part, all ...*intake.Questionnaire) string {
	name := questionName(l, p.Question, all...)
	if len(p.Codes) == 0 {
		return name
	}
	options := make([]string, len(p.Codes))
	for i, code := range p.Codes {
		options[i] = optionName(l, p.Question, code, all...)
	}
	return l.T("office.questionnaire.told.part", "Name", name, "Options", l.List(options))
}

func partsWords(l web.Locale, parts []intake.Part, all ...*intake.Questionnaire) string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = partWords(l, p, all...)
	}
	return l.List(out)
}

// signWords is a question with the points of its options, in the order of the options.
func signWords(l web.Locale, s intake.Sign, all ...*intake.Questionnaire) string {
	var codes []string
	for _, q := range all {
		question, _ := q.Question(s.Question)
		for _, o := range q.WithOptions(question).Options {
			if s.Points[o.Code] > 0 && !slices.Contains(codes, o.Code) {
				codes = append(codes, o.Code)
			}
		}
	}
	points := make([]string, len(codes))
	for i, code := range codes {
		points[i] = optionName(l, s.Question, code, all...) + " " + strconv.Itoa(s.Points[code])
	}
	return l.T("office.questionnaire.cause.sign", "Name", questionName(l, s.Question, all...), "Points", l.List(points), "Most", strconv.Itoa(s.Most))
}

// cellPieces, causePieces, factPieces and contradictionPieces are what there is to say of each, piece by piece, so that of a change only those are told that are
// others.
func cellPieces(l web.Locale, c intake.Cell, all ...*intake.Questionnaire) (out []string) {
	out = append(out, labelWords(l, c.Label))
	for _, p := range c.Questions {
		out = append(out, partWords(l, p, all...))
	}
	return append(out, l.T("office.questionnaire.strip.none", "When", conditionWords(l, c.None, all...)))
}

func causePieces(l web.Locale, c intake.Cause, all ...*intake.Questionnaire) (out []string) {
	out = append(out, labelWords(l, c.Label))
	for _, s := range c.Signs {
		out = append(out, signWords(l, s, all...))
	}
	return out
}

func factPieces(l web.Locale, f intake.Fact, all ...*intake.Questionnaire) (out []string) {
	out = append(out, labelWords(l, f.Label))
	for _, p := range f.Of {
		out = append(out, partWords(l, p, all...))
	}
	for _, id := range f.Words {
		out = append(out, questionName(l, id, all...))
	}
	return out
}

func contradictionPieces(l web.Locale, c intake.ContradictionRule, all ...*intake.Questionnaire) (out []string) {
	out = append(out, labelWords(l, c.Label), conditionWords(l, c.When, all...))
	for _, id := range c.Questions {
		out = append(out, questionName(l, id, all...))
	}
	return append(out, c.Mentions...)
}

// labelWords is a label in both languages.
func labelWords(l web.Locale, t intake.Text) string {
	if t == (intake.Text{}) {
		return ""
	}
	return l.T("office.questionnaire.told.labels", "Ja", t.JA, "En", t.EN)
}

// factWords are the answers of a fact.
func factWords(l web.Locale, f intake.Fact, all ...*intake.Questionnaire) string {
	words := partsWords(l, f.Of, all...)
	if label := f.Label.In(l.Lang()); label != "" {
		return l.T("office.questionnaire.fact.words", "Name", label, "Parts", words)
	}
	return words
}

// contradictionWords are what is told, and of which answers.
func contradictionWords(l web.Locale, c intake.ContradictionRule, all ...*intake.Questionnaire) string {
	return l.T("office.questionnaire.contradiction.words", "Name", c.Label.In(l.Lang()), "When", conditionWords(l, c.When, all...))
}

// toldName is what a field of a finding or a change is called: strip.medicines, causes.posture.
func toldName(l web.Locale, field string, all ...*intake.Questionnaire) string {
	part, id, _ := strings.Cut(field, ".")
	for _, q := range all {
		switch part {
		case "strip":
			if c, ok := q.Cell(id); ok {
				return l.T("office.questionnaire.strip.of", "Name", c.Label.In(l.Lang()))
			}
		case "causes":
			if c, ok := q.Cause(id); ok {
				return l.T("office.questionnaire.cause.of", "Name", c.Label.In(l.Lang()))
			}
		case "facts":
			return l.T("office.questionnaire.facts")
		case "contradictions":
			return l.T("office.questionnaire.contradictions")
		}
	}
	return partWord(l, part)
}

// toldChange is a change of what is told a doctor.
func toldChange(l web.Locale, part string, c intake.Edit, before, after *intake.Questionnaire) ChangeWords {
	name := toldName(l, c.Field, after, before)
	if c.Kind == intake.Moved {
		return ChangeWords{Sentence: l.T("office.questionnaire.change.told.moved", "Name", name)}
	}
	pieces := func(value string, all ...*intake.Questionnaire) []string {
		switch {
		case value == "":
			return nil
		case part == "strip":
			return piecesOf(value, func(c intake.Cell) []string { return cellPieces(l, c, all...) })
		case part == "causes":
			return piecesOf(value, func(c intake.Cause) []string { return causePieces(l, c, all...) })
		case part == "facts":
			return piecesOf(value, func(f intake.Fact) []string { return factPieces(l, f, all...) })
		}
		return piecesOf(value, func(c intake.ContradictionRule) []string { return contradictionPieces(l, c, all...) })
	}
	old, now := pieces(c.Old, before, after), pieces(c.New, after, before)
	gone, added := without(old, now), without(now, old)
	if len(gone) == 0 && len(added) == 0 { // the same in another order
		gone, added = old, now
	}
	return ChangeWords{l.T("office.questionnaire.change.told", "Name", name), listOrNothing(l, gone), listOrNothing(l, added), nil}
}

// without are the pieces that are not among others.
func without(pieces, others []string) []string {
	return slices.DeleteFunc(slices.Clone(pieces), func(piece string) bool { return piece == "" || slices.Contains(others, piece) })
}

func listOrNothing(l web.Locale, pieces []string) string {
	if len(pieces) == 0 {
		return l.T("office.questionnaire.nothing")
	}
	return l.List(pieces)
}

// piecesOf puts a value that is written as JSON into words; one that is something else is shown as it is.
func piecesOf[T any](value string, words func(T) []string) []string {
	var thing T
	if err := json.Unmarshal([]byte(value), &thing); err != nil {
		return []string{value}
	}
	return words(thing)
}
