package clinic

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxName is the longest family or given name, in Latin letters. A name in kanji or kana, which are twice as wide and say
// four times as much, may have half as many: a name that could hold a sentence would be read as one in a letter of ours.
const MaxName = 40

// nameSigns writes the signs of names that keyboards offer in other shapes: the accents that stand for an apostrophe, the wide
// full stop of an initial.
var nameSigns = strings.NewReplacer("．", ".", "＇", "'", "`", "'", "´", "'", "‘", "'", "′", "'", string(zwnj), "", string(zwj), "")

// readName tidies a name as it was typed. Its letters stay exactly as they are.
func readName(s string) string {
	return dashes(nameSigns.Replace(Tidy(s)), func(dash rune, before rune) rune {
		switch {
		case dash == '-' || dash == '‐' || dash == 'ー': // アン-マリー is written with it
			return dash
		case isKatakana(before) || unicode.Is(unicode.Hiragana, before):
			return 'ー'
		}
		return '-'
	})
}

// checkName accepts the letters of any script with the few signs that names have. Digits, slashes and colons are out, and a
// full stop ends a word or an initial, so that no link can travel in a name through our letters.
func checkName(errs Errors, field, s string) Errors {
	if s == "" {
		return append(errs, invalid(field, "error.name.empty"))
	}
	if problem := badName(field, s, 1); problem != nil {
		return append(errs, problem)
	}
	return errs
}

// FitForLetter reports whether a letter may show a full name: whether family and given name could have passed NewPatient.
func FitForLetter(name string) bool { return badName("", name, 2) == nil }

// badName says what is wrong with so many names, which stand one after the other.
func badName(field, s string, names int) *Error {
	if problem := BadSign(field, s); problem != nil {
		return problem
	}
	first, _ := utf8.DecodeRuneInString(s)
	switch {
	case nameWidth(s) > names*MaxName+names-1:
		most := MaxName
		if strings.ContainsFunc(s, wide) {
			most /= 2
		}
		return tooLong(field, most)
	case !strings.ContainsFunc(s, isNameLetter), !isNameLetter(first) && !strings.ContainsRune("'’ʻʼ", first),
		strings.ContainsFunc(s, notInName), !dotsEndWords(s), tooManyMarks(s):
		return invalid(field, "error.name.letters")
	}
	return nil
}

// isNameLetter leaves out the letters that only modify others, such as ー and ʼ, and those of no script. 〇 is a number to Unicode, and
// a kanji in names.
func isNameLetter(r rune) bool {
	return (unicode.IsLetter(r) && !unicode.Is(unicode.Lm, r) || r == '〇') && !invisible(r)
}

func notInName(r rune) bool {
	// Marks include the variation selectors that tell 葛󠄀 from 葛.
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.Is(unicode.Han, r) && !strings.ContainsRune(" .・･·'’-‐＝゠=", r) || invisible(r)
}

// wide reports a letter or sign as wide as a kanji.
func wide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo) || r >= '\u3000' && r <= '\u30ff' || r >= '！' && r <= '｠'
}

// nameWidth counts a wide letter twice and what stands over or under another not at all.
func nameWidth(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case wide(r):
			n += 2
		case !unicode.IsMark(r):
			n++
		}
	}
	return n
}

// dotsEndWords reports whether every full stop ends a word (St. John) or an initial (J.R.R.): evil.com is no name.
func dotsEndWords(s string) bool {
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '-' }) {
		parts := strings.Split(strings.TrimSuffix(word, "."), ".")
		for _, part := range parts {
			if part == "" || len(parts) > 1 && utf8.RuneCountInString(part) > 1 {
				return false
			}
		}
	}
	return true
}

// tooManyMarks reports a pile of marks that no language writes: more than two over one letter of a script that has letters of its
// own for most of them (Vietnamese takes two), more than four over any other. A mark without a letter is one too many.
func tooManyMarks(s string) bool {
	most, marks := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsMark(r):
			if marks++; marks > most {
				return true
			}
		case !unicode.IsLetter(r):
			most, marks = 0, 0
		case unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic) || wide(r):
			most, marks = 2, 0
		default:
			most, marks = 4, 0
		}
	}
	return false
}

// IsJapanese reports whether a name has letters of Japanese, so that a reading in kana belongs to it.
func IsJapanese(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) })
}

// fullName is a family and a given name, of which one may be missing.
func fullName(family, given string) string { return strings.TrimSpace(family + " " + given) }
