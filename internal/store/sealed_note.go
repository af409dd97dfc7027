package store

import "madoguchi/internal/clinic"

// These are sealed like those of sealed.go, and belong to the same format.

// storedNote is the content of a draft or of a signed version: the note, why the version before was changed, and who signed it as they were
// called then.
type storedNote struct {
	Format    format            `json:"format"`
	Author    string            `json:"author,omitempty"`
	Reason    string            `json:"reason,omitempty"`
	Findings  []storedFinding   `json:"findings"`
	Other     string            `json:"other"`
	Explained []storedExplained `json:"explained"`
	Wish      string            `json:"wish"`
	Proposal  string            `json:"proposal"`
	Next      string            `json:"next"`
	NextOn    string            `json:"next_on,omitempty"`
	Ask       []string          `json:"ask"`
}

type storedFinding struct {
	Area      string `json:"area"`
	Fat       string `json:"fat,omitempty"`
	Muscle    string `json:"muscle,omitempty"`
	Sagging   string `json:"sagging,omitempty"`
	Thickness string `json:"thickness,omitempty"`
	Skin      string `json:"skin,omitempty"`
	Pain      string `json:"pain,omitempty"`
}

type storedExplained struct {
	ID   string `json:"id"`
	Text string `json:"text,omitempty"`
}

func storeNote(n clinic.Note, reason, author string) storedNote {
	out := storedNote{
		Format: newestFormat, Author: author, Reason: reason, Other: n.Other, Wish: n.Wish, Proposal: n.Proposal, Next: n.Next, NextOn: n.NextOn, Ask: n.Ask,
	}
	for _, f := range n.Findings {
		out.Findings = append(out.Findings, storedFinding{f.Area, f.Fat, f.Muscle, f.Sagging, f.Thickness, f.Skin, f.Pain})
	}
	for _, e := range n.Explained {
		out.Explained = append(out.Explained, storedExplained{e.ID, e.Text})
	}
	return out
}

func (n storedNote) note() clinic.Note {
	out := clinic.Note{Other: n.Other, Wish: n.Wish, Proposal: n.Proposal, Next: n.Next, NextOn: n.NextOn, Ask: n.Ask}
	for _, f := range n.Findings {
		out.Findings = append(out.Findings, clinic.Finding{Area: f.Area, Fat: f.Fat, Muscle: f.Muscle, Sagging: f.Sagging, Thickness: f.Thickness, Skin: f.Skin, Pain: f.Pain})
	}
	for _, e := range n.Explained {
		out.Explained = append(out.Explained, clinic.Explained{ID: e.ID, Text: e.Text})
	}
	return out
}

func (n storedNote) signed() clinic.Signed {
	return clinic.Signed{Note: n.note(), Reason: n.Reason, Author: n.Author}
}

// storedPhrases is the List of a doctor's phrases.
type storedPhrases struct {
	Format format         `json:"format"`
	List   []storedPhrase `json:"phrases"`
}

type storedPhrase struct {
	Shortcut string `json:"shortcut"`
	Text     string `json:"text"`
}

func storePhrases(p clinic.Phrases) storedPhrases {
	out := storedPhrases{Format: newestFormat}
	for _, phrase := range p.List {
		out.List = append(out.List, storedPhrase{phrase.Shortcut, phrase.Text})
	}
	return out
}

func (p storedPhrases) phrases() (out clinic.Phrases) {
	for _, phrase := range p.List {
		out.List = append(out.List, clinic.Phrase{Shortcut: phrase.Shortcut, Text: phrase.Text})
	}
	return out
}

// storedHandover is the Reason of a handover.
type storedHandover struct {
	Format format `json:"format"`
	Reason string `json:"reason"`
}

func storeHandover(reason string) storedHandover { return storedHandover{newestFormat, reason} }

func (h storedHandover) reason() string { return h.Reason }
