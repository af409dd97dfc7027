package intake

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var editionLine = regexp.MustCompile(`(?m)^#[ \t]*edition[ \t]+(\d{1,9})[ \t]*\r?$`)

// Edition is the number that the rules bear in a line "# edition 4". Whoever ships other cautions raises it. Without the line it is 0.
func (c Cautions) Edition() int {
	found := editionLine.FindSubmatch(c.Rules)
	if found == nil {
		return 0
	}
	n, err := strconv.Atoi(string(found[1]))
	if err != nil {
		return 0 // nine digits are a number
	}
	return n
}

// Delivers reports whether the cautions that a program ships for a version take the place of those that were delivered for it last: other ones,
// and none of an older edition, which an older program brings that is started after a newer one.
func Delivers(last, shipped Cautions) bool {
	same := bytes.Equal(last.Rules, shipped.Rules) && bytes.Equal(last.Sources, shipped.Sources)
	return !same && shipped.Edition() >= last.Edition()
}

// Stem is the program's version whose cautions a draft has when it is published: the one that the draft was made from where it brought them
// along, or else that of the version that is asked, whose cautions it takes over. It is empty for cautions that came with a questionnaire from
// outside: nothing that the program ships replaces them.
func (d *Draft) Stem(asked string) string {
	switch {
	case d.Cautions == nil:
		return asked
	case strings.Contains(d.Base, "."): // a version of the clinic's, which the program ships nothing for
		return ""
	}
	return d.Base
}

// Misfit is a rule that cannot be applied to a version, because that does not ask what the rule is about.
type Misfit struct {
	Rule  Rule
	Lacks []Lack
}

// Lack is what a version lacks for a rule.
type Lack struct {
	Question string
	Option   string // empty where it is the question itself
	Other    bool   // the question is there, and is answered in another way than the rule compares
}

// Fitting are the cautions without the rules that name what a questionnaire lacks, and those rules. A rule that cannot be read at all is an error.
func (c Cautions) Fitting(q *Questionnaire) (fitting Cautions, misfits []Misfit, err error) {
	known, err := parseSources(c.Sources)
	if err != nil {
		return Cautions{}, nil, fmt.Errorf("sources: %w", err)
	}
	nameable := q.nameable()
	fitting.Sources = c.Sources
	n := 0
	for line := range strings.Lines(string(c.Rules)) {
		n++
		if text := strings.TrimSpace(line); text != "" && !strings.HasPrefix(text, "#") {
			rule, err := parseRule(text, known, nil)
			if err != nil {
				return Cautions{}, nil, fmt.Errorf("cautions line %d: %w", n, err)
			}
			if lacks := rule.When.lacks(nameable); len(lacks) > 0 {
				misfits = append(misfits, Misfit{rule, lacks})
				continue
			}
		}
		fitting.Rules = append(fitting.Rules, line...)
	}
	return fitting, misfits, nil
}

// lacks are what a condition names and a questionnaire lacks.
func (c Condition) lacks(nameable scope) (out []Lack) {
	for _, t := range c.Tests() {
		if t.checkNames(nameable) == nil {
			continue
		}
		named, asked := nameable[t.Question]
		found := Lack{Question: t.Question, Other: asked}
		if asked && (t.Op == Has || t.Op == HasNot) {
			for _, v := range t.Values {
				if !named.option(v) {
					out, found.Other = append(out, Lack{Question: t.Question, Option: v}), false
				}
			}
		}
		if !asked || found.Other {
			out = append(out, found)
		}
	}
	return slices.Compact(out)
}

// SameRules reports whether two lists of rules say the same: they are applied to the same answers, as gravely, in the same words and by the same
// sources.
func SameRules(a, b []Rule) bool {
	return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual(a, b))
}

// RuleChange is how a rule of one list of cautions differs from the same one of another.
type RuleChange struct {
	Before, After *Rule // nil where there is none
}

// RuleChanges are what makes one list of rules of another: new and changed ones in their order, then those that are gone.
func RuleChanges(before, after []Rule) (out []RuleChange) {
	was, is := map[string]*Rule{}, map[string]bool{}
	for i := range before {
		was[before[i].Key()] = &before[i]
	}
	for i := range after {
		key := after[i].Key()
		is[key] = true
		if old := was[key]; old == nil || !reflect.DeepEqual(*old, after[i]) {
			out = append(out, RuleChange{old, &after[i]})
		}
	}
	for i := range before {
		if !is[before[i].Key()] {
			out = append(out, RuleChange{&before[i], nil})
		}
	}
	return out
}
