package clinic

import (
	"slices"
	"strings"
)

// NoteChange is a field in which two versions of a note differ.
type NoteChange struct {
	Field  NoteField // as the form names it, without the area: fat, other, explained, next
	Area   string    // of a finding; "" for what is about no area
	Before string    // a code, a number or a text; "" where there was nothing
	After  string
}

// NoteChanges are the fields in which one note differs from another, in the order of the form. What was explained or asked is one change
// for each box.
func NoteChanges(before, after Note) (out []NoteChange) {
	before, after = before.Tidied(), after.Tidied()
	add := func(field NoteField, area, was, now string) {
		if was != now {
			out = append(out, NoteChange{field, area, was, now})
		}
	}
	for _, area := range areasOf(before, after) {
		for _, name := range FindingFields {
			add(name, area, before.Finding(area).Word(name), after.Finding(area).Word(name))
		}
	}
	add(FieldOther, "", before.Other, after.Other)
	box := func(field NoteField, before, after []string) {
		for _, id := range before {
			if !slices.Contains(after, id) {
				add(field, "", id, "")
			}
		}
		for _, id := range after {
			if !slices.Contains(before, id) {
				add(field, "", "", id)
			}
		}
	}
	box(FieldExplained, before.explainedIDs(), after.explainedIDs())
	add(FieldWish, "", before.Wish, after.Wish)
	add(FieldProposal, "", before.Proposal, after.Proposal)
	add(FieldNext, "", before.nextWords(), after.nextWords())
	box(FieldAsk, before.Ask, after.Ask)
	return out
}

func (n Note) explainedIDs() (ids []string) {
	for _, e := range n.Explained {
		ids = append(ids, e.ID)
	}
	return ids
}

// areasOf are the areas at which either note has found something, in order.
func areasOf(notes ...Note) (areas []string) {
	for _, n := range notes {
		for _, f := range n.Findings {
			if !slices.Contains(areas, f.Area) {
				areas = append(areas, f.Area)
			}
		}
	}
	return areas
}

// TextPart is a piece of a text that was compared with another.
type TextPart struct {
	Text    string
	Added   bool // stands in the later text alone
	Removed bool // stands in the earlier text alone
}

// maxCompared is how many sentences two texts may have to be compared sentence by sentence.
const maxCompared = 400

// CompareTexts takes two texts apart into their sentences and says which were added and which removed. What is not marked is in both, in
// the same order; the later text is the parts without those that were removed, and the earlier one those without what was added.
func CompareTexts(before, after string) (parts []TextPart) {
	was, now := sentences(before), sentences(after)
	if len(was) > maxCompared || len(now) > maxCompared {
		return []TextPart{{Text: before, Removed: true}, {Text: after, Added: true}}
	}
	// common[i][j] is the length of the longest run of sentences that was[i:] and now[j:] have in common.
	common := make([][]int, len(was)+1)
	for i := range common {
		common[i] = make([]int, len(now)+1)
	}
	for i := len(was) - 1; i >= 0; i-- {
		for j := len(now) - 1; j >= 0; j-- {
			if common[i][j] = max(common[i+1][j], common[i][j+1]); was[i] == now[j] {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	add := func(p TextPart) {
		if last := len(parts) - 1; last >= 0 && parts[last].Added == p.Added && parts[last].Removed == p.Removed {
			parts[last].Text += p.Text
			return
		}
		parts = append(parts, p)
	}
	i, j := 0, 0
	for i < len(was) || j < len(now) {
		switch {
		case i < len(was) && j < len(now) && was[i] == now[j]:
			add(TextPart{Text: was[i]})
			i, j = i+1, j+1
		case j == len(now) || i < len(was) && common[i+1][j] >= common[i][j+1]:
			add(TextPart{Text: was[i], Removed: true})
			i++
		default:
			add(TextPart{Text: now[j], Added: true})
			j++
		}
	}
	return parts
}

// sentences are the pieces of a text that end with a stop or a line.
func sentences(s string) (out []string) {
	for s != "" {
		end := strings.IndexAny(s, "。\n")
		if end < 0 {
			return append(out, s)
		}
		for end++; end < len(s) && s[end]&0xC0 == 0x80; end++ { // to the end of the sign
		}
		out, s = append(out, s[:end]), s[end:]
	}
	return out
}
