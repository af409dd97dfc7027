package clinic

import (
	"strconv"
	"unicode"
)

// The longest texts of a phrase, in characters, and how many a doctor may have.
const (
	MaxPhrases        = 100
	MaxPhraseShortcut = 20
	MaxPhraseText     = 500
)

// Phrase (定型句) is a text of a doctor's own that a few kana after a semicolon insert into a note.
type Phrase struct {
	Shortcut string // うんどう
	Text     string
}

// Phrases are all phrases of one doctor, in their order.
type Phrases struct {
	List     []Phrase
	Revision int // how often they were saved; 0 where there are none yet
}

// ChangePhrase puts a phrase as it was typed into a list: in the place of the one at an index, or at the end where that is -1. The shortcut
// is one word that no other phrase has.
func ChangePhrase(list []Phrase, at int, typed Phrase) ([]Phrase, Errors) {
	p := Phrase{Shortcut: Tidy(typed.Shortcut), Text: TidyText(typed.Text)}
	errs := checkLine(nil, "shortcut", p.Shortcut, true, MaxPhraseShortcut)
	if len(errs) == 0 && !isShortcut(p.Shortcut) {
		errs = append(errs, invalid("shortcut", "error.phrase.shortcut"))
	}
	for i, other := range list {
		if i != at && other.Shortcut == p.Shortcut && len(errs) == 0 {
			errs = append(errs, invalid("shortcut", "error.phrase.twice"))
		}
	}
	if p.Text == "" {
		errs = append(errs, invalid("text", "error.empty"))
	}
	errs = checkText(errs, "text", p.Text, MaxPhraseText)
	out := append([]Phrase{}, list...)
	switch {
	case at >= len(list):
		return list, append(errs, invalid("shortcut", "error.stale"))
	case at >= 0:
		out[at] = p
	case len(list) >= MaxPhrases:
		return list, append(errs, &Error{Code: Invalid, Field: "shortcut", Message: "error.phrase.many", Args: map[string]string{"Max": strconv.Itoa(MaxPhrases)}})
	default:
		out = append(out, p)
	}
	if len(errs) > 0 {
		return list, errs
	}
	return out, nil
}

// isShortcut reports one word of letters and digits: a blank or a sign would end it while it is typed.
func isShortcut(s string) bool {
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.Is(unicode.Mn, r) && r != 'ー' {
			return false
		}
	}
	return true
}
