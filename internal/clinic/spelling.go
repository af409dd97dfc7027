package clinic

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// PlainName writes a name or a reading the one way in which it is searched for and compared, in whichever of its spellings it was typed.
func PlainName(s string) string { return OneSpelling(Plain(s)) }

// Plain writes kana as katakana, Latin letters in lower case and without accents, nothing between them.
func Plain(s string) string {
	letters := strings.Map(func(r rune) rune {
		if r >= '\u0300' && r <= '\u036f' || !isWordSign(r) { // the accents of Latin letters
			return -1
		}
		return r
	}, norm.NFD.String(strings.ToLower(Narrow(Katakana(s)))))
	return norm.NFC.String(plainLetters.Replace(letters))
}

func isWordSign(r rune) bool { return unicode.In(r, unicode.L, unicode.M, unicode.N) }

// plainLetters writes the Latin letters whose accent is a part of them.
var plainLetters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ð", "d", "ł", "l", "ı", "i", "þ", "th")

// PlainWords are the words of a name or of what is searched for, each as PlainName writes it: Mary and Jane, de, la and Cruz.
func PlainWords(name string) []string {
	var out []string
	for _, word := range strings.FieldsFunc(Narrow(name), func(r rune) bool { return !isWordSign(r) && !strings.ContainsRune("'’‘", r) }) {
		if word = PlainName(word); word != "" {
			out = append(out, word)
		}
	}
	return out
}

// HasKana reports a reading in kana; what is missing needs none.
func HasKana(reading string) bool {
	return !strings.ContainsFunc(reading, func(r rune) bool { return unicode.IsLetter(r) && !unicode.In(r, unicode.Katakana, unicode.Lm) })
}

// PlainReadings are what a patient's name may be looked for as, each as PlainName writes it: the kana; where a part has none, the other
// order as well; and a name in other letters than those of Japanese in both orders.
func (p Patient) PlainReadings() []string {
	family, given := p.Readings()
	out := []string{PlainName(family + given)}
	add := func(reading string) {
		if !slices.Contains(out, reading) {
			out = append(out, reading)
		}
	}
	if !HasKana(family) || !HasKana(given) {
		add(PlainName(given + family))
	}
	if name := p.FamilyName + p.GivenName; !IsJapanese(name) {
		add(PlainName(name))
		add(PlainName(p.GivenName + p.FamilyName))
	}
	return out
}

// spellings are what one person's name is compared with another's by.
type spellings struct {
	readings []string
	name     string
}

func (p Patient) spellings() spellings {
	return spellings{readings: p.PlainReadings(), name: PlainName(p.Name())}
}

func (s spellings) same(other spellings) bool {
	if slices.ContainsFunc(s.readings, func(reading string) bool { return reading != "" && slices.Contains(other.readings, reading) }) {
		return true
	}
	return s.name != "" && s.name == other.name
}

// SameName reports whether two people are called the same, in kana or in kanji, in whichever spelling.
func SameName(a, b Patient) bool { return a.spellings().same(b.spellings()) }
