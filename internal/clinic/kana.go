package clinic

import (
	"strings"
	"unicode"
)

// halfKana maps the half-width katakana U+FF61–U+FF9D to the full-width ones, in code point order.
var halfKana = []rune("。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン")

const (
	voiced     = 'ﾞ' // U+FF9E
	semiVoiced = 'ﾟ' // U+FF9F
)

// Narrow makes full-width ASCII narrow (０９０ → 090, ＠ → @) and the ideographic space a plain one. Everything else,
// the kanji of a name above all, is left exactly as typed.
func Narrow(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '　':
			return ' '
		}
		return r
	}, s)
}

// Katakana turns hiragana and half-width kana into full-width katakana, as the kana fields want them. Other letters
// stay, so that a check can refuse them at the right field.
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
		case r == 'ｰ' || r == '‐' || r == '－' || r == '―':
			out = append(out, 'ー')
		default:
			out = append(out, r)
		}
	}
	return string(out)
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

// Tidy trims a typed line and makes every run of spaces, wide ones included, one plain space. Line ends and tabs within it
// are no spaces: they stay, so that HasControl finds them.
func Tidy(s string) string {
	space := func(r rune) bool { return unicode.Is(unicode.Zs, r) }
	return strings.Join(strings.FieldsFunc(strings.TrimSpace(s), space), " ")
}

func isKatakana(r rune) bool {
	return r >= 'ァ' && r <= 'ヺ' || r == 'ー' || r == '・' || r == 'ヽ' || r == 'ヾ'
}

// Showable puts U+FFFD, the sign for a character that could not be read, where no text can stand: for a zero byte and for what
// is no UTF-8. PostgreSQL refuses to be asked for either, a page cannot show them, and HasControl refuses the sign.
func Showable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, string(unicode.ReplacementChar)), "\x00", string(unicode.ReplacementChar))
}

// HasControl reports characters that have no place in one line of text: they break mail headers and log lines
// (CR, LF, NUL), end lines elsewhere (U+2028, U+2029, NEL) or turn the reading direction around (bidi controls).
func HasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) ||
			r == unicode.ReplacementChar || r == '\ufeff'
	})
}
