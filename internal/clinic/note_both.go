package clinic

import (
	"cmp"
	"slices"
	"strings"
)

// KeepBoth puts two texts of one note together so that nothing of either is lost: of texts that differ both stand below one another, boxes
// are ticked where one has them ticked, and a choice that only one has made counts. Where the two have chosen differently, mine stays in the
// field, and lost says what the other had, to be written down beside.
func KeepBoth(theirs, mine Note) (both Note, lost []NoteChange) {
	both, theirs = mine.Tidied(), theirs.Tidied()
	both.Other, both.Wish, both.Proposal = bothTexts(theirs.Other, both.Other), bothTexts(theirs.Wish, both.Wish), bothTexts(theirs.Proposal, both.Proposal)
	for _, e := range theirs.Explained {
		if !both.HasExplained(e.ID) {
			both.Explained = append(both.Explained, e)
		}
	}
	for _, ask := range theirs.Ask {
		if !slices.Contains(both.Ask, ask) {
			both.Ask = append(both.Ask, ask)
		}
	}
	both.Findings = slices.Clone(both.Findings)
	for _, f := range theirs.Findings {
		i := slices.IndexFunc(both.Findings, func(own Finding) bool { return own.Area == f.Area })
		if i < 0 {
			both.Findings = append(both.Findings, f)
			continue
		}
		own := &both.Findings[i]
		for _, name := range FindingFields {
			switch was, now := f.Word(name), own.Word(name); {
			case was == "" || was == now:
			case now == "":
				*own.field(name) = was
			default:
				lost = append(lost, NoteChange{Field: name, Area: f.Area, Before: was, After: now})
			}
		}
	}
	switch was, now := theirs.nextWords(), both.nextWords(); {
	case was == "" || was == now:
	case now == "":
		both.Next, both.NextOn = theirs.Next, theirs.NextOn
	default:
		lost = append(lost, NoteChange{Field: FieldNext, Before: was, After: now})
	}
	return both, lost
}

// nextWords is how it goes on, in one word: the day itself where there is one.
func (n Note) nextWords() string {
	if n.Next == string(NextDay) {
		return cmp.Or(n.NextOn, n.Next)
	}
	return n.Next
}

// bothTexts leaves a text out only where the other has it in whole lines: 圧痛あり is a part of 圧痛ありません, and says something else.
func bothTexts(theirs, mine string) string {
	holds := func(text, part string) bool { return strings.Contains("\n"+text+"\n", "\n"+part+"\n") }
	switch {
	case theirs == "" || holds(mine, theirs):
		return mine
	case mine == "" || holds(theirs, mine):
		return theirs
	}
	return theirs + "\n" + mine
}
