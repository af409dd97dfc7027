package clinic

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	zwnj = '\u200c' // between letters of Persian and of Indian scripts
	zwj  = '\u200d' // within emoji
	// overrideRL is the one direction sign whose removal changes what is read: the text after it is stored backwards.
	overrideRL = '\u202e'
)

// invisible reports a sign that comes along when text is copied from elsewhere, shows nothing and means nothing: direction
// signs around a number, zero-width spaces, soft hyphens, blanks that count as letters (U+3164), and the place of a picture
// (U+FFFC).
func invisible(r rune) bool {
	switch r {
	case zwnj, zwj, overrideRL:
		return false
	case '\ufffc':
		return true
	}
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// visible removes what is invisible, and makes every space, the one that does not break included, a plain one.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case invisible(r):
			return -1
		case unicode.Is(unicode.Zs, r):
			return ' '
		}
		return r
	}, s)
}

// Narrow makes full-width ASCII narrow (０９０ → 090, ＠ → @), removes what is invisible and makes every space a plain one.
// Everything else, the kanji of a name above all, is left exactly as typed.
func Narrow(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		return r
	}, visible(s))
}

// Tidy trims a typed line, removes what is invisible in it, and makes every run of spaces, wide ones and tabs included, one plain
// space. Line ends within it stay, so that BadSign finds them.
func Tidy(s string) string {
	space := func(r rune) bool { return r == ' ' || r == '\t' }
	return strings.Join(strings.FieldsFunc(strings.TrimSpace(visible(s)), space), " ")
}

// lineEnds are all the ways to end a line. The vertical tab and U+2028 are what word processors and slides copy out.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// TidyText trims a typed text of several lines, removes what is invisible in it and ends its lines with \n, whatever they
// ended with.
func TidyText(s string) string {
	return strings.TrimSpace(visible(lineEnds.Replace(s)))
}

// Showable puts U+FFFD, the sign for a character that could not be read, where no text can stand: for a zero byte and for what
// is no UTF-8. PostgreSQL refuses to be asked for either, a page cannot show them, and HasControl refuses the sign.
func Showable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, string(unicode.ReplacementChar)), "\x00", string(unicode.ReplacementChar))
}

// HasControl reports characters that have no place in one line of text: they break mail headers and log lines
// (CR, LF, NUL), end lines elsewhere (U+2028, U+2029, NEL) or turn the reading direction around (bidi controls).
func HasControl(s string) bool { return strings.ContainsFunc(s, control) }

func control(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) || r == unicode.ReplacementChar || r == '\ufeff'
}

// BadSign refuses a tidied line that holds what HasControl finds. As nobody sees such a sign, the sentence names it and says
// where it is; U+FFFD, which stands where a zero byte was (see Showable), is seen.
func BadSign(field, s string) *Error {
	n := 0
	for _, r := range s {
		n++
		switch {
		case r == unicode.ReplacementChar || r == 0:
			return invalid(field, "error.control")
		case control(r):
			return &Error{Code: Invalid, Field: field, Message: "error.sign", Args: map[string]string{"Sign": fmt.Sprintf("U+%04X", r), "N": strconv.Itoa(n)}}
		}
	}
	return nil
}

// BadSignInText is BadSign for a text of several lines.
func BadSignInText(field, s string) *Error {
	return BadSign(field, asOneLine(s))
}

// spaceForBreaks is made once, because a long file has many cells.
var spaceForBreaks = strings.NewReplacer("\n", " ", "\t", " ")

// asOneLine puts a space for each end of a line, and for a tab.
func asOneLine(s string) string { return spaceForBreaks.Replace(lineEnds.Replace(s)) }

// checkLine checks one line of free text.
func checkLine(errs Errors, field, s string, required bool, most int) Errors {
	if s == "" && required {
		return append(errs, invalid(field, "error.empty"))
	}
	if problem := BadSign(field, s); problem != nil {
		return append(errs, problem)
	}
	if utf8.RuneCountInString(s) > most {
		return append(errs, tooLong(field, most))
	}
	return errs
}

// checkTitle checks the name under which something is known to people. One of signs only, such as ・・・ or the blank U+2800, names nothing.
func checkTitle(errs Errors, field, s string, required bool, most int) Errors {
	before := len(errs)
	errs = checkLine(errs, field, s, required, most)
	if len(errs) == before && s != "" && !strings.ContainsFunc(s, func(r rune) bool { return isNameLetter(r) || unicode.IsNumber(r) }) {
		return append(errs, invalid(field, "error.title"))
	}
	return errs
}

// checkText checks free text of several lines.
func checkText(errs Errors, field, s string, most int) Errors {
	return checkLine(errs, field, asOneLine(s), false, most)
}

func tooLong(field string, most int) *Error {
	return &Error{Code: Invalid, Field: field, Message: "error.long", Args: map[string]string{"Max": strconv.Itoa(most)}}
}
