package intake

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Quote is free text that stands beside a fact.
type Quote struct {
	Reason
	// About are the answers for which it was asked, where it speaks of more than the fact: side effects are asked of all treatments at
	// once. It is empty where the text is about the fact alone.
	About []Reason
}

// quotes are the free texts of some questions that speak of a fact with these items. One that was asked for other answers than those of the
// fact is left out: it stands among the answers, and beside another fact.
func (s *state) quotes(items []Item, questions []string) []Quote {
	var own []Reason
	for _, item := range items {
		own = append(append(own, item.Reason), s.askedFor(item.Question)...)
	}
	ofFact := func(question, value string) bool {
		return slices.ContainsFunc(own, func(r Reason) bool { return r.Question.ID == question && slices.Contains(r.Values, value) })
	}
	var out []Quote
	for _, id := range questions {
		values := s.kept[id]
		if len(values) == 0 {
			continue
		}
		question := s.q.named(id)
		about, mine, others := s.askedFor(question), 0, 0
		for _, r := range about {
			for _, v := range r.Values {
				if ofFact(r.Question.ID, v) {
					mine++
				} else {
					others++
				}
			}
		}
		switch {
		case len(about) == 0 && s.q.speaksOfMany(id) && !namesOne(values, items):
			// A list of all medicines beside one that it does not name would be read as its name. It stands whole in the strip.
		case others == 0:
			out = append(out, Quote{Reason: Reason{question, values}})
		case mine > 0:
			out = append(out, Quote{Reason{question, values}, about})
		}
	}
	return out
}

// speaksOfMany reports whether a free text may stand beside several facts.
func (q *Questionnaire) speaksOfMany(question string) bool {
	n := 0
	for _, fact := range q.Facts {
		if slices.Contains(fact.Words, question) {
			n++
		}
	}
	return n > 1
}

// leastName is how many letters a word of an option has that names it, such as ピル.
const leastName = 2

// namesOne reports whether a free text has a word of the name of one of some items, whatever the width and case of its letters and the kind of kana:
// ラシックス of 利尿薬（尿を出す薬、ラシックスなど）.
func namesOne(values []string, items []Item) bool {
	text := fold(strings.Join(values, "\n"))
	for _, item := range items {
		for _, o := range item.Question.Options {
			if !slices.Contains(item.Values, o.Code) {
				continue
			}
			for _, name := range []string{o.JA, o.EN, o.Short.JA, o.Short.EN} {
				for _, word := range strings.FieldsFunc(strings.ReplaceAll(name, "など", " "), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != 'ー' }) {
					word = fold(word)
					if utf8.RuneCountInString(word) >= leastName && !common[word] && strings.Contains(text, word) {
						return true
					}
				}
			}
		}
	}
	return false
}

// common are words of options that name nothing.
var common = map[string]bool{
	"or": true, "as": true, "by": true, "to": true, "for": true, "and": true, "any": true, "low": true, "such": true, "dose": true, "mouth": true, "water": true,
	"tablets": true, "medicine": true, "injections": true, "sleeping": true,
}

// askedFor are the options, of questions that let several be chosen, because of which a question is asked: directly, or by way of a
// question that has one answer, such as whether there was any trouble with them.
func (s *state) askedFor(question Question) []Reason {
	var out []Reason
	for _, all := range question.ShowIf.Any {
		if !all.holds(s) {
			continue
		}
		for _, t := range all {
			named := s.q.named(t.Question)
			if _, isFact := s.facts.values(t.Question); isFact || t.Op != Has {
				continue
			}
			if named.Kind != Many {
				out = append(out, s.askedFor(named)...)
				continue
			}
			out = append(out, s.reason(t))
		}
	}
	return out
}
