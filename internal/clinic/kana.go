package clinic

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// halfKana maps the half-width katakana U+FF61–U+FF9D to the full-width ones, in code point order.
var halfKana = []rune("。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン")

const (
	voiced     = 'ﾞ' // U+FF9E
	semiVoiced = 'ﾟ' // U+FF9F
)

// Katakana turns hiragana and half-width kana into full-width katakana, as the kana fields want them, and every kind of dash
// after a kana into ー. Other letters stay, so that a check can refuse them at the right field.
func Katakana(s string) string {
	out := make([]rune, 0, len(s))
	for _, r := range s {
		switch {
		case r >= 'ぁ' && r <= 'ゖ' || r == 'ゝ' || r == 'ゞ':
			out = append(out, r+'ァ'-'ぁ')
		case r >= '｡' && r <= 'ﾝ':
			out = append(out, halfKana[r-'｡'])
		case r == voiced || r == '゛' || r == '\u3099':
			out = addMark(out, voicedOf, '゛')
		case r == semiVoiced || r == '゜' || r == '\u309a':
			out = addMark(out, semiVoicedOf, '゜')
		default:
			out = append(out, r)
		}
	}
	return dashes(string(out), func(dash, before rune) rune {
		if isKatakana(before) {
			return 'ー'
		}
		return dash
	})
}

// dashes gives every dash to become what it should be, with the sign that stands before it by then. Keyboards, and programs that
// mend what was typed, have a dozen signs that look like ー.
func dashes(s string, become func(dash, before rune) rune) string {
	before := utf8.RuneError
	return strings.Map(func(r rune) rune {
		if isDash(r) {
			r = become(r, before)
		}
		before = r
		return r
	}, s)
}

func isDash(r rune) bool {
	switch r {
	case '゠', '〜', '〰': // a double hyphen joins two names, and a wave is no dash
		return false
	}
	return unicode.Is(unicode.Dash, r) || strings.ContainsRune("ーｰ─━⎯⏤ㅡ˗⁃", r)
}

// kanaJoints writes what joins the words of a reading as ・.
var kanaJoints = strings.NewReplacer("＝", "・", "゠", "・", "=", "・")

// readKana tidies the reading of a name as it was typed.
func readKana(s string) string {
	return Katakana(kanaJoints.Replace(Tidy(s)))
}

// addMark joins a separate voicing mark to the kana before it, or keeps the mark where nothing can bear it.
func addMark(out []rune, marked func(rune) (rune, bool), mark rune) []rune {
	if n := len(out); n > 0 {
		if r, ok := marked(out[n-1]); ok {
			out[n-1] = r
			return out
		}
	}
	return append(out, mark)
}

func voicedOf(r rune) (rune, bool) {
	switch {
	case r == 'ウ':
		return 'ヴ', true
	case strings.ContainsRune("カキクケコサシスセソタチツテトハヒフヘホ", r):
		return r + 1, true
	}
	return r, false
}

func semiVoicedOf(r rune) (rune, bool) {
	if strings.ContainsRune("ハヒフヘホ", r) {
		return r + 2, true
	}
	return r, false
}

func isKatakana(r rune) bool {
	return r >= 'ァ' && r <= 'ヺ' || r == 'ー' || r == '・' || r == 'ヽ' || r == 'ヾ'
}

// isReading reports whether a tidied text is read as it stands: kana, in words that are joined by a space or ・.
func isReading(s string) bool {
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '・' }) {
		for i, r := range word {
			if !isKatakana(r) || i == 0 && (r == 'ー' || r == 'ヽ' || r == 'ヾ') {
				return false
			}
		}
	}
	return strings.Trim(s, " ・") == s && s != "" && !strings.Contains(s, "・・")
}

// OneSpelling makes one of the spellings of a name in katakana or kanji that people and keyboards use for the same name: small ヶ and
// ヵ, the old kana ヰ, ヱ and ヲ, ヂ and ヅ, signs that repeat the one before, a long vowel written with ー, and variants of a kanji.
// It is for finding and comparing only: nothing that is shown is written so. The beginning of a name stays the beginning of it.
func OneSpelling(s string) string {
	out := make([]rune, 0, len(s))
	before := utf8.RuneError
	for _, r := range s {
		if unicode.Is(unicode.Variation_Selector, r) {
			continue
		}
		if len(out) > 0 && (r == 'ヽ' || r == '々') {
			r = before
		} else if len(out) > 0 && r == 'ヾ' {
			r, _ = voicedOf(before)
		}
		// オオノ is written オーノ as well, and a long o is searched for as ウ.
		if r == 'ー' || (r == 'オ' || r == 'ヲ') && vowelAfter(before) == 'ウ' && !strings.ContainsRune(uRow, before) {
			r = vowelAfter(before)
		}
		if other, ok := otherSpellings[r]; ok {
			r = other
		}
		out = append(out, r)
		before = r
	}
	return string(out)
}

// otherSpellings are signs and the one that is searched for in their place.
var otherSpellings = map[rune]rune{'ヶ': 'ケ', 'ヵ': 'カ', 'ヰ': 'イ', 'ヱ': 'エ', 'ヲ': 'オ', 'ヂ': 'ジ', 'ヅ': 'ズ', '髙': '高', '﨑': '崎'}

const uRow = "ウクグスズツヅヌフブプムユュルゥヴ"

// vowelAfter is the kana that makes the vowel of the one before long, as names have it: イ after e (ケイコ), ウ after o (コウイチ).
func vowelAfter(before rune) rune {
	for _, row := range []struct {
		kana string
		long rune
	}{
		{"アカガサザタダナハバパマヤャラワァヮ", 'ア'},
		{"イキギシジチヂニヒビピミリィエケゲセゼテデネヘベペメレェ", 'イ'},
		{uRow + "オコゴソゾトドノホボポモヨョロォ", 'ウ'},
	} {
		if strings.ContainsRune(row.kana, before) {
			return row.long
		}
	}
	return 'ー'
}

// checkKana checks the reading of a name.
func checkKana(errs Errors, field, s string) Errors {
	if s == "" {
		return append(errs, invalid(field, "error.kana.empty"))
	}
	if problem := BadSign(field, s); problem != nil {
		return append(errs, problem)
	}
	switch {
	case utf8.RuneCountInString(s) > MaxName:
		return append(errs, tooLong(field, MaxName))
	case !isReading(s):
		return append(errs, invalid(field, "error.kana.letters"))
	}
	return errs
}
