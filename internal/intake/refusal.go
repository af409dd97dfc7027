package intake

import (
	"errors"
	"fmt"
	"slices"
)

// Refusal is why Parse refuses a questionnaire: in words for whoever wrote the file, and what of it can be told in any language. A check begins with one
// that says only where it is, and returns it with what is wrong there.
type Refusal struct {
	Part              string // of the file, as the file calls it; empty for the whole
	Section, Question string // the one that it is about, where it is about one
	Items             []string
	words             string
}

func (r *Refusal) Error() string { return r.words }

// at is where an item of a part of the file is, called by a word for such items and its id.
func at(part, word, id string) Refusal { return Refusal{Part: part}.in(word+" ", id) }

func atSection(id string) Refusal {
	where := at("intake", "section", id)
	where.Section = id
	return where
}

func atQuestion(id string) Refusal {
	where := at("intake", "question", id)
	where.Question = id
	return where
}

// in is closer to what is wrong by some words, and by the id that they are of.
func (r Refusal) in(words string, ids ...string) Refusal {
	r.words += words
	for _, id := range ids {
		r.words += fmt.Sprintf("%q", id)
		r.Items = withItem(r.Items, id)
	}
	return r
}

// because is the refusal with what is wrong. The texts among the values are ids.
func (r Refusal) because(format string, values ...any) error {
	r.words += fmt.Sprintf(format, values...)
	for _, value := range values {
		if id, ok := value.(string); ok {
			r.Items = withItem(r.Items, id)
		}
	}
	return &r
}

// of is a refusal of something that may stand in many places, such as a condition, said of the place where it stands.
func (r Refusal) of(err error) error {
	var inner *Refusal
	if !errors.As(err, &inner) {
		return fmt.Errorf("%s: %w", r.words, err)
	}
	r.words += ": " + inner.words
	for _, id := range inner.Items {
		r.Items = withItem(r.Items, id)
	}
	return &r
}

// withItem adds an id that can be shown. What is none, such as a text with a sign that nobody can read, is only in the words.
func withItem(items []string, id string) []string {
	if !isCode(id) || slices.Contains(items, id) {
		return items
	}
	return append(slices.Clone(items), id)
}
