package fhir

import (
	"slices"
	"strings"

	"madoguchi/internal/intake"
)

// lose notes something of an item that cannot be taken over.
func (r *reader) lose(what intake.LostKind, it item, detail string) {
	label := it.Text
	if english := it.TextMore.english(); r.english && english != "" {
		label = english
	}
	r.lost = append(r.lost, intake.Lost{What: what, Item: clip(it.LinkID, 60), Label: clip(label, 80), Question: it.LinkID, Detail: clip(detail, 60)})
}

// said is what was lost, each once, with what the items have become.
func (r *reader) said() []intake.Lost {
	var out []intake.Lost
	for _, each := range r.lost {
		each.Question = r.ids[each.Question]
		if !slices.Contains(out, each) && len(out) < intake.MaxLost {
			out = append(out, each)
		}
	}
	return out
}

// loseDetails notes what of a question has no counterpart here.
func (r *reader) loseDetails(it item) {
	if len(it.Initial) > 0 {
		r.lose(intake.LostInitial, it, "")
	}
	if it.MaxLength > 0 {
		r.lose(intake.LostLength, it, "")
	}
	if it.AnswerValueSet != "" {
		r.lose(intake.LostOptions, it, "")
	}
	displays := 0
	for _, below := range it.Item {
		if below.Type == "display" {
			if displays++; displays > 1 { // the first is the help
				r.lose(intake.LostText, below, "")
			}
		}
	}
	for _, e := range it.Extension {
		if _, _, isOurs := strings.Cut(e.URL, ours); !isOurs && !slices.Contains(understood, e.URL) {
			r.lose(intake.LostExtension, it, e.URL[strings.LastIndex(e.URL, "/")+1:])
		}
	}
}

// understood are the extensions of FHIR that are read.
var understood = []string{translation, optionExclusive, itemControl, itemUnit, minValue, maxValue, maxDecimalPlaces}

// loseGroup notes what of a group within a group cannot be kept: its heading, and when it is asked.
func (r *reader) loseGroup(group item) {
	if group.Text != "" {
		r.lose(intake.LostGroup, group, "")
	}
	if len(group.EnableWhen) > 0 {
		r.lose(intake.LostCondition, group, "")
	}
}
