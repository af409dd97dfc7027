package servertest

import (
	"fmt"
	"maps"
	"net/url"
	"strings"

	"madoguchi/internal/clinic"
)

// Mistake is one mistake in a form that is good otherwise: what is typed instead, at which field it is marked, and which
// sentence says so.
type Mistake struct {
	Typed   url.Values // an empty list: the field is not sent
	Field   string
	Message string
	Args    map[string]string
}

func typed(name string, values ...string) url.Values { return url.Values{name: values} }

// Wrong is a mistake within one field.
func Wrong(field, message string, values ...string) Mistake {
	return Mistake{Typed: typed(field, values...), Field: field, Message: message}
}

// WithArgs is the same mistake whose sentence has arguments.
func (m Mistake) WithArgs(args map[string]string) Mistake {
	m.Args = args
	return m
}

// controls are characters that belong in no line: they end lines, of a mail's header above all, or turn the direction.
var controls = []string{"\r\nBcc: x@example.jp", "\n", "\t", "\x00", "\x1b[31m", "\u0085", "\u2028", "\u2029", "\u202e", "\u2066", "\ufeff", "\xff"}

// BookingMistakes are mistakes in BookingForm, of every kind in every field.
func BookingMistakes() []Mistake {
	all := []Mistake{
		Wrong("family_name", "error.name.empty", ""),
		Wrong("family_name", "error.name.empty"),
		Wrong("family_name", "error.name.empty", " 　 "),
		Wrong("given_name", "error.name.empty", ""),
		Wrong("family_name", "error.long", strings.Repeat("髙", clinic.MaxName+1)).WithArgs(map[string]string{"Max": "40"}),
		Wrong("given_name", "error.long", strings.Repeat("あ", 5000)).WithArgs(map[string]string{"Max": "40"}),
		Wrong("family_name", "error.name.letters", "試験１"),
		Wrong("given_name", "error.name.letters", "<script>alert(1)</script>"),
		Wrong("given_name", "error.name.letters", "花子 http://example.com"),
		Wrong("given_name", "error.name.letters", "= 2"),
		Wrong("family_kana", "error.kana.empty", ""),
		Wrong("given_kana", "error.kana.empty", ""),
		Wrong("family_kana", "error.kana.letters", "試験"),
		Wrong("given_kana", "error.kana.letters", "Hanako"),
		Wrong("given_kana", "error.kana.letters", "ハナコ1"),
		Wrong("family_kana", "error.long", strings.Repeat("ア", clinic.MaxName+1)).WithArgs(map[string]string{"Max": "40"}),

		{typed("birth_year", ""), "birth_date", "error.birth.empty", nil},
		{typed("birth_month", ""), "birth_date", "error.birth.empty", nil},
		{typed("birth_day", ""), "birth_date", "error.birth.empty", nil},
		{typed("birth_year", "九〇"), "birth_date", "error.birth.number", nil},
		{typed("birth_year", "90"), "birth_date", "error.birth.number", nil},
		{typed("birth_month", "April"), "birth_date", "error.birth.number", nil},
		{typed("birth_day", "1\x00"), "birth_date", "error.birth.number", nil},
		{url.Values{"birth_month": {"2"}, "birth_day": {"30"}}, "birth_date", "error.birth.impossible", nil},
		{url.Values{"birth_year": {"2001"}, "birth_month": {"2"}, "birth_day": {"29"}}, "birth_date", "error.birth.impossible", nil},
		{typed("birth_month", "13"), "birth_date", "error.birth.impossible", nil},
		{typed("birth_day", "0"), "birth_date", "error.birth.impossible", nil},
		{typed("birth_day", "-1"), "birth_date", "error.birth.impossible", nil},
		{url.Values{"birth_year": {"昭和64"}, "birth_month": {"1"}, "birth_day": {"8"}}, "birth_date", "error.birth.era", nil},
		{url.Values{"birth_year": {"平成1"}, "birth_month": {"1"}, "birth_day": {"7"}}, "birth_date", "error.birth.era", nil},
		{typed("birth_year", "平成0"), "birth_date", "error.birth.number", nil},
		{typed("birth_year", "2026"), "birth_date", "error.birth.young", nil},
		{url.Values{"birth_year": {"2026"}, "birth_month": {"11"}, "birth_day": {"25"}}, "birth_date", "error.birth.future", nil},
		{typed("birth_year", "3000"), "birth_date", "error.birth.future", nil},
		{typed("birth_year", "1890"), "birth_date", "error.birth.old", nil},
		{url.Values{"birth_year": {"2011"}, "birth_month": {"11"}, "birth_day": {"25"}}, "birth_date", "error.birth.young", nil}, // 15 tomorrow
		{url.Values{"birth_year": {"2011"}, "birth_month": {"11"}, "birth_day": {"24"}}, "guardian", "error.choose", nil},        // 15 today
		{url.Values{"birth_year": {"2009"}, "guardian": {"maybe"}}, "guardian", "error.choose", nil},

		Wrong("sex", "error.choose"),
		Wrong("sex", "error.choose", "x"),
		Wrong("phone", "error.phone.empty", ""),
		Wrong("phone", "error.phone.letters", "090-0000-000O"),
		Wrong("phone", "error.phone.letters", "電話はありません"),
		Wrong("phone", "error.phone.length", "090-0000-000"+"00"),
		Wrong("phone", "error.phone.length", "03-0000"),
		Wrong("phone", "error.phone.length", "190-0000-0000"),
		Wrong("phone", "error.phone.length", strings.Repeat("0", 5000)),
		Wrong("email", "error.email.empty", ""),
		Wrong("email", "error.email.form", "hanako"),
		Wrong("email", "error.email.form", "hanako@@example.jp"),
		Wrong("email", "error.email.form", "hanako@example"),
		Wrong("email", "error.email.form", "花子@example.jp"),
		Wrong("email", "error.email.form", "a@example.jp, b@example.jp"),
		Wrong("email", "error.email.form", "花子 <hanako@example.jp>"),
		Wrong("email", "error.email.long", strings.Repeat("a", 250)+"@example.jp"),

		Wrong("contact", "error.choose", "pigeon"),
		Wrong("visited", "error.choose"),
		Wrong("visited", "error.choose", "first", "again"),
		Wrong("areas", "error.choose"),
		Wrong("areas", "error.choose", "back", "tail"),
		Wrong("request", "error.long", strings.Repeat("長", clinic.MaxText+1)).WithArgs(map[string]string{"Max": "2000"}),
		Wrong("request", "error.control", "見え\u202eない"),
		Wrong("request", "error.control", "見え\x00ない"),
		Wrong("c_privacy", "error.agree"),
		Wrong("c_privacy", "error.choose", "no"),
		Wrong("c_cancel", "error.agree"),
		Wrong("c_ads", "error.choose", "perhaps"),
	}
	for _, c := range controls {
		for _, field := range []string{"family_name", "given_name", "family_kana", "given_kana"} {
			word := map[bool]string{true: "シ%sケン", false: "試%s験"}[strings.HasSuffix(field, "kana")]
			all = append(all, Wrong(field, "error.control", fmt.Sprintf(word, c)))
		}
		all = append(all,
			Wrong("email", "error.email.form", "hanako@example.jp"+c+"x"),
			Wrong("phone", "error.phone.letters", "090-0000"+c+"-0001"))
	}
	return all
}

// With is the good form with the mistake in it.
func (m Mistake) With(good url.Values) url.Values {
	form := maps.Clone(good)
	for name, values := range m.Typed {
		form[name] = values
	}
	return form
}

// Name names a subtest.
func (m Mistake) Name() string {
	name := m.Typed.Encode()
	return m.Field + " " + m.Message + " " + name[:min(len(name), 50)]
}
