package ui

import (
	"context"
	"io"
	"regexp"
	"strings"

	"github.com/a-h/templ"
)

// Unbroken is a text in which no line ends within a number and what it counts, such as 3か月以内 or 158 cm. Browsers break Japanese between
// any two signs, and those that know better do not all know it.
func Unbroken(text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		at := 0
		if !strings.ContainsAny(text, digits) { // most have none, and the expression is slow
			_, err := io.WriteString(w, templ.EscapeString(text))
			return err
		}
		for _, counted := range counted.FindAllStringIndex(text, -1) {
			part := templ.EscapeString(text[at:counted[0]]) + `<span class="counted">` + templ.EscapeString(text[counted[0]:counted[1]]) + "</span>"
			if _, err := io.WriteString(w, part); err != nil {
				return err
			}
			at = counted[1]
		}
		_, err := io.WriteString(w, templ.EscapeString(text[at:]))
		return err
	})
}

// digits are those that counted begins with.
const digits = "0123456789０１２３４５６７８９"

// counted is a number, or two as in 3〜6, with what it counts and how much of that is meant.
var counted = regexp.MustCompile(`[0-9０-９]+(?:[.．/〜～–-][0-9０-９]+)*[ ]?` +
	`(?:(?:か月|ヶ月|カ月|ヵ月|年|週間|週|日間|日|時間|時|分|歳|回|合|件|個|錠|包|本|杯|型|点|cm|kg|mg|mL|ml|g|%|％)(?:に[0-9０-９]+(?:[〜～–-][0-9０-９]+)?(?:回|日))?(?:以内|以上|以下|未満|前|後|くらい)?)`)
