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
	Lang    string // of the readers for whom it is one; empty for all
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

// In is the same mistake for readers of one language only.
func (m Mistake) In(lang string) Mistake {
	m.Lang = lang
	return m
}

// controls are characters that belong in no line: they end lines, of a mail's header above all, or turn the direction. The second
// is how the sentence names it, for those that nobody sees.
var controls = [][2]string{
	{"\r\nBcc: x@example.jp", "U+000D"},
	{"\n", "U+000A"},
	{"\x1b[31m", "U+001B"},
	{"\u0085", "U+0085"},
	{"\u2028", "U+2028"},
	{"\u2029", "U+2029"},
	{"\u202e", "U+202E"},
	{"\v", "U+000B"},
	{"\x00", ""},
	{"\xff", ""},
}

// BookingMistakes are mistakes in BookingForm, of every kind in every field.
func BookingMistakes() []Mistake {
	all := []Mistake{
		Wrong("family_name", "error.name.empty", "").In("ja"),
		Wrong("family_name", "error.name.empty").In("ja"),
		Wrong("family_name", "error.name.empty", " 　 ").In("ja"),
		Wrong("family_name", "error.name.empty", "\u3164\uffa0\u115f").In("ja"),
		Wrong("given_name", "error.name.empty", "").In("ja"),
		Wrong("family_name", "error.long", strings.Repeat("髙", clinic.MaxName/2+1)).WithArgs(map[string]string{"Max": "20"}),
		Wrong("given_name", "error.long", strings.Repeat("あ", 5000)).WithArgs(map[string]string{"Max": "20"}),
		Wrong("given_name", "error.long", strings.Repeat("a", clinic.MaxName+1)).WithArgs(map[string]string{"Max": "40"}),
		Wrong("given_name", "error.name.letters", "evil.com"),
		Wrong("given_name", "error.name.letters", "花\u0301\u0302\u0303子"),
		Wrong("family_name", "error.name.letters", "試験１"),
		Wrong("given_name", "error.name.letters", "<script>alert(1)</script>"),
		Wrong("given_name", "error.name.letters", "花子 http://example.com"),
		Wrong("given_name", "error.name.letters", "= 2"),
		Wrong("family_kana", "error.kana.empty", "").In("ja"),
		Wrong("given_kana", "error.kana.empty", "").In("ja"),
		Wrong("family_kana", "error.kana.letters", "試験"),
		Wrong("given_kana", "error.kana.letters", "Hanako").In("ja"),
		Wrong("given_kana", "error.kana.letters", "・・・・").In("ja"),
		Wrong("given_kana", "error.kana.letters", "ハナコ1"),
		Wrong("family_kana", "error.long", strings.Repeat("ア", clinic.MaxName+1)).WithArgs(map[string]string{"Max": "40"}),

		{Typed: typed("birth_year", ""), Field: "birth_date", Message: "error.birth.empty"},
		{Typed: typed("birth_month", ""), Field: "birth_date", Message: "error.birth.empty"},
		{Typed: typed("birth_day", ""), Field: "birth_date", Message: "error.birth.empty"},
		{Typed: typed("birth_year", "九〇"), Field: "birth_date", Message: "error.birth.number"},
		{Typed: typed("birth_year", "90"), Field: "birth_date", Message: "error.birth.number"},
		{Typed: typed("birth_month", "April"), Field: "birth_date", Message: "error.birth.number"},
		{Typed: typed("birth_day", "1\x00"), Field: "birth_date", Message: "error.birth.number"},
		{Typed: url.Values{"birth_month": {"2"}, "birth_day": {"30"}}, Field: "birth_date", Message: "error.birth.impossible"},
		{Typed: url.Values{"birth_year": {"2001"}, "birth_month": {"2"}, "birth_day": {"29"}}, Field: "birth_date", Message: "error.birth.impossible"},
		{Typed: typed("birth_month", "13"), Field: "birth_date", Message: "error.birth.impossible"},
		{Typed: typed("birth_day", "0"), Field: "birth_date", Message: "error.birth.impossible"},
		{Typed: typed("birth_day", "-1"), Field: "birth_date", Message: "error.birth.impossible"},
		{Typed: url.Values{"birth_year": {"昭和64"}, "birth_month": {"1"}, "birth_day": {"8"}}, Field: "birth_date", Message: "error.birth.era"},
		{Typed: url.Values{"birth_year": {"平成1"}, "birth_month": {"1"}, "birth_day": {"7"}}, Field: "birth_date", Message: "error.birth.era"},
		{Typed: typed("birth_year", "平成0"), Field: "birth_date", Message: "error.birth.number"},
		{Typed: typed("birth_year", "2026"), Field: "birth_date", Message: "error.birth.young"},
		{Typed: url.Values{"birth_year": {"2026"}, "birth_month": {"11"}, "birth_day": {"25"}}, Field: "birth_date", Message: "error.birth.future"},
		{Typed: typed("birth_year", "3000"), Field: "birth_date", Message: "error.birth.future"},
		{Typed: typed("birth_year", "1890"), Field: "birth_date", Message: "error.birth.old"},
		{Typed: url.Values{"birth_year": {"2011"}, "birth_month": {"11"}, "birth_day": {"25"}}, Field: "birth_date", Message: "error.birth.young"}, // 15 tomorrow
		{Typed: url.Values{"birth_year": {"2011"}, "birth_month": {"11"}, "birth_day": {"24"}}, Field: "guardian", Message: "error.choose"},        // 15 today
		{Typed: url.Values{"birth_year": {"2009"}, "guardian": {"maybe"}}, Field: "guardian", Message: "error.choose"},

		Wrong("sex", "error.choose"),
		Wrong("sex", "error.choose", "x"),
		Wrong("phone", "error.phone.empty", ""),
		Wrong("phone", "error.phone.letters", "090-0000-000O"),
		Wrong("phone", "error.phone.letters", "電話はありません"),
		Wrong("phone", "error.phone.length", "090-0000-000"+"00"),
		Wrong("phone", "error.phone.length", "03-0000"),
		Wrong("phone", "error.phone.length", "190-0000-0000"),
		Wrong("phone", "error.phone.length", strings.Repeat("0", 5000)),
		Wrong("phone", "error.phone.length", "00000000000"),
		Wrong("phone", "error.phone.length", "090-1234-567"),
		Wrong("phone", "error.phone.length", "03-12345-6789"),
		Wrong("phone", "error.phone.abroad", "+1 555"),
		Wrong("email", "error.email.empty", ""),
		Wrong("email", "error.email.form", "hanako"),
		Wrong("email", "error.email.form", "hanako@@example.jp"),
		Wrong("email", "error.email.form", "hanako@example"),
		Wrong("email", "error.email.unreachable", "a@127.0.0.1"),
		Wrong("email", "error.email.unreachable", "root@localhost.localdomain"),
		Wrong("email", "error.email.unreachable", "hanako@mac.local"),
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
		Wrong("request", "error.sign", "見え\u202eない").WithArgs(map[string]string{"Sign": "U+202E", "N": "3"}),
		Wrong("request", "error.control", "見え\x00ない"),
		Wrong("c_privacy", "error.agree"),
		Wrong("c_privacy", "error.choose", "no"),
		Wrong("c_cancel", "error.agree"),
		Wrong("c_ads", "error.choose", "perhaps"),
	}
	for _, c := range controls {
		for _, field := range []string{"family_name", "given_name", "family_kana", "given_kana"} {
			word := map[bool]string{true: "シ%sケン", false: "試%s験"}[strings.HasSuffix(field, "kana")]
			m := Wrong(field, "error.control", fmt.Sprintf(word, c[0]))
			if c[1] != "" {
				m.Message, m.Args = "error.sign", map[string]string{"Sign": c[1], "N": "2"}
			}
			all = append(all, m)
		}
		all = append(all, Wrong("email", "error.email.form", "hanako@example.jp"+c[0]+"x"))
		if strings.TrimSpace(c[0]) != "" { // between digits, a line end does no harm
			all = append(all, Wrong("phone", "error.phone.letters", "090-0000"+c[0]+"-0001"))
		}
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
