package server

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store/storetest"
	"madoguchi/web"
)

// wrong is one mistake in a form that is good otherwise: what is typed instead, at which field it is marked, and which
// sentence says so.
type wrong struct {
	typed   url.Values // an empty list: the field is not sent
	field   string
	message string
	args    map[string]string
}

func typed(name string, values ...string) url.Values { return url.Values{name: values} }

// controls are characters that belong in no line: they end lines, of a mail's header above all, or turn the direction.
var controls = []string{"\r\nBcc: x@example.jp", "\n", "\t", "\x00", "\x1b[31m", "\u0085", "\u2028", "\u2029", "\u202e", "\u2066", "\ufeff", "\xff"}

var bookingMistakes = func() []wrong {
	all := []wrong{
		{typed("family_name", ""), "family_name", "error.name.empty", nil},
		{typed("family_name"), "family_name", "error.name.empty", nil},
		{typed("family_name", " 　 "), "family_name", "error.name.empty", nil},
		{typed("given_name", ""), "given_name", "error.name.empty", nil},
		{typed("family_name", strings.Repeat("髙", clinic.MaxName+1)), "family_name", "error.long", map[string]string{"Max": "40"}},
		{typed("given_name", strings.Repeat("あ", 5000)), "given_name", "error.long", map[string]string{"Max": "40"}},
		{typed("family_name", "試験１"), "family_name", "error.name.letters", nil},
		{typed("given_name", "<script>alert(1)</script>"), "given_name", "error.name.letters", nil},
		{typed("given_name", "花子 http://example.com"), "given_name", "error.name.letters", nil},
		{typed("given_name", "= 2"), "given_name", "error.name.letters", nil},
		{typed("family_kana", ""), "family_kana", "error.kana.empty", nil},
		{typed("given_kana", ""), "given_kana", "error.kana.empty", nil},
		{typed("family_kana", "試験"), "family_kana", "error.kana.letters", nil},
		{typed("given_kana", "Hanako"), "given_kana", "error.kana.letters", nil},
		{typed("given_kana", "ハナコ1"), "given_kana", "error.kana.letters", nil},
		{typed("family_kana", strings.Repeat("ア", clinic.MaxName+1)), "family_kana", "error.long", map[string]string{"Max": "40"}},

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

		{typed("sex"), "sex", "error.choose", nil},
		{typed("sex", "x"), "sex", "error.choose", nil},
		{typed("phone", ""), "phone", "error.phone.empty", nil},
		{typed("phone", "090-0000-000O"), "phone", "error.phone.letters", nil},
		{typed("phone", "電話はありません"), "phone", "error.phone.letters", nil},
		{typed("phone", "090-0000-000"+"00"), "phone", "error.phone.length", nil},
		{typed("phone", "03-0000"), "phone", "error.phone.length", nil},
		{typed("phone", "190-0000-0000"), "phone", "error.phone.length", nil},
		{typed("phone", strings.Repeat("0", 5000)), "phone", "error.phone.length", nil},
		{typed("email", ""), "email", "error.email.empty", nil},
		{typed("email", "hanako"), "email", "error.email.form", nil},
		{typed("email", "hanako@@example.jp"), "email", "error.email.form", nil},
		{typed("email", "hanako@example"), "email", "error.email.form", nil},
		{typed("email", "花子@example.jp"), "email", "error.email.form", nil},
		{typed("email", "a@example.jp, b@example.jp"), "email", "error.email.form", nil},
		{typed("email", "花子 <hanako@example.jp>"), "email", "error.email.form", nil},
		{typed("email", strings.Repeat("a", 250)+"@example.jp"), "email", "error.email.long", nil},

		{typed("contact"), "contact", "error.choose", nil},
		{typed("contact", "pigeon"), "contact", "error.choose", nil},
		{typed("visited"), "visited", "error.choose", nil},
		{typed("visited", "first", "again"), "visited", "error.choose", nil},
		{typed("areas"), "areas", "error.choose", nil},
		{typed("areas", "back", "tail"), "areas", "error.choose", nil},
		{typed("found", "stars"), "found", "error.choose", nil},
		{typed("request", strings.Repeat("長", clinic.MaxText+1)), "request", "error.long", map[string]string{"Max": "2000"}},
		{typed("request", "見え\u202eない"), "request", "error.control", nil},
		{typed("request", "見え\x00ない"), "request", "error.control", nil},
		{typed("c_privacy"), "c_privacy", "error.agree", nil},
		{typed("c_privacy", "no"), "c_privacy", "error.choose", nil},
		{typed("c_cancel"), "c_cancel", "error.agree", nil},
		{typed("c_ads", "perhaps"), "c_ads", "error.choose", nil},
	}
	for _, c := range controls {
		for _, field := range []string{"family_name", "given_name", "family_kana", "given_kana"} {
			word := map[bool]string{true: "シ%sケン", false: "試%s験"}[strings.HasSuffix(field, "kana")]
			all = append(all, wrong{typed(field, fmt.Sprintf(word, c)), field, "error.control", nil})
		}
		all = append(all,
			wrong{typed("email", "hanako@example.jp"+c+"x"), "email", "error.email.form", nil},
			wrong{typed("phone", "090-0000"+c+"-0001"), "phone", "error.phone.letters", nil})
	}
	return all
}()

// with is the good form with the mistake in it.
func (w wrong) with(good url.Values) url.Values {
	form := maps.Clone(good)
	for name, values := range w.typed {
		form[name] = values
	}
	return form
}

func (w wrong) name() string {
	name := w.typed.Encode()
	return w.field + " " + w.message + " " + name[:min(len(name), 50)]
}

// TestBadInput_Booking makes every mistake in the booking form, in both languages: 422, the field is marked in words, for
// the eye and for a screen reader, everything typed stays, and nothing was written.
func TestBadInput_Booking(t *testing.T) {
	for engine := range storetest.Engines {
		for _, lang := range web.Languages() {
			if engine == "postgres" && lang == "ja" {
				continue // the words are the same on either engine; once each is enough
			}
			t.Run(engine+"/"+lang, func(t *testing.T) {
				h := open(t, engine)
				v := h.visitor(t, lang)
				slot := h.Slots[0].ID
				v.post(t, "/hold", url.Values{"slot": {slot}}).expect(t, http.StatusSeeOther)
				before := h.facts(t)
				for _, w := range bookingMistakes {
					t.Run(w.name(), func(t *testing.T) {
						form := w.with(bookingForm(slot))
						doc := v.post(t, "/book", form).expect(t, http.StatusUnprocessableEntity).page(t)
						checkMarked(t, doc, lang, w)
						checkKept(t, doc, form)
						if doc.Find("[data-left]").Length() != 1 {
							t.Error("the time is no longer kept")
						}
					})
				}
				h.unchanged(t, before)
				// The same form without a mistake is good.
				v.post(t, "/book", bookingForm(slot)).expect(t, http.StatusSeeOther)
			})
		}
	}
}

// TestBadInput_EverythingAtOnce: an empty form names every field at once, in the order of the page.
func TestBadInput_EverythingAtOnce(t *testing.T) {
	h := open(t, "sqlite")
	before := h.facts(t)
	doc := h.visitor(t, "ja").post(t, "/book", url.Values{"slot": {h.Slots[0].ID}}).expect(t, http.StatusUnprocessableEntity).page(t)
	var got []string
	doc.Find(".wrongs a").Each(func(_ int, s *goquery.Selection) { got = append(got, s.AttrOr("href", "")) })
	want := []string{
		"#family_name", "#given_name", "#family_kana", "#given_kana", "#birth_date", "#sex", "#phone", "#email", "#contact", "#visited", "#areas", "#c_privacy", "#c_cancel",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the summary leads to %v, want %v", got, want)
	}
	h.unchanged(t, before)
}

// checkMarked: the summary has one line that leads to the field, the field says the sentence, and is invalid for a screen
// reader; no other field is.
func checkMarked(t *testing.T, doc *goquery.Document, lang string, w wrong) {
	t.Helper()
	sentence := web.Find(lang).Sentence(&clinic.Error{Message: w.message, Args: w.args})
	lines := doc.Find(".wrongs li")
	if lines.Length() != 1 || lines.Find("a[href='#"+w.field+"']").Length() != 1 || !strings.Contains(lines.Text(), sentence) {
		t.Errorf("the summary says %q, want %q at #%s", text(lines), sentence, w.field)
	}
	if doc.Find("#"+w.field).Length() != 1 {
		t.Error("the summary leads nowhere")
	}
	shown := doc.Find(".error")
	if shown.Length() != 1 || shown.AttrOr("id", "") != w.field+"-error" || !strings.Contains(text(shown), sentence) {
		t.Errorf("marked is %q: %q, want %q", shown.AttrOr("id", ""), text(shown), sentence)
	}
	if shown.Closest("[hidden]").Length() > 0 {
		t.Error("the field is hidden")
	}
	box := shown.Closest(".wrong")
	invalid := doc.Find("[aria-invalid=true]")
	if invalid.Length() == 0 {
		t.Error("nothing is invalid for a screen reader")
	}
	invalid.Each(func(_ int, s *goquery.Selection) {
		if s.Closest(".wrong").Get(0) != box.Get(0) {
			t.Errorf("%s is invalid as well", s.AttrOr("id", "?"))
		}
	})
	if doc.Find("[aria-describedby~='"+w.field+"-error']").Length() == 0 {
		t.Error("the sentence is not tied to the control")
	}
	if title := doc.Find("title").Text(); !strings.HasPrefix(title, web.Find(lang).T("ui.wrong.title")) {
		t.Errorf("the title is %q", title)
	}
}

func text(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

// checkKept: what was typed is still there, the wrong as well as the good. Of an option that does not exist nothing can be.
func checkKept(t *testing.T, doc *goquery.Document, form url.Values) {
	t.Helper()
	for name, values := range form {
		controls := doc.Find("form [name='" + name + "']").Not("form[action='/language'] *")
		first := controls.First()
		switch kind := first.AttrOr("type", goquery.NodeName(first)); kind {
		case "radio", "checkbox":
			var got, want []string
			controls.Filter("[checked]").Each(func(_ int, s *goquery.Selection) { got = append(got, s.AttrOr("value", "")) })
			for _, v := range values {
				if controls.Filter("[value='"+v+"']").Length() > 0 {
					want = append(want, v)
				}
			}
			if slices.Sort(got); kind == "radio" && len(want) > 1 { // not to be chosen by a person
				continue
			}
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s: chosen is %v, want %v", name, got, want)
			}
		case "textarea":
			if got := first.Text(); asShown(got) != asShown(values[0]) {
				t.Errorf("%s holds %.80q, want %.80q", name, got, values[0])
			}
		default:
			typed := append(values, "")[0]
			if got, _ := first.Attr("value"); asShown(got) != asShown(typed) {
				t.Errorf("%s holds %.80q, want %.80q", name, got, typed)
			}
		}
	}
}

// asShown is a text as a page can hold it: NUL cannot be written in HTML, and line ends are one character.
func asShown(s string) string {
	return strings.NewReplacer("\x00", "\ufffd", "\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, "\ufffd"))
}

// TestBadInput_Slot: a slot that was tampered with, or that is somebody else's, or past. The form comes back as it was
// typed, with the next free times to choose from.
func TestBadInput_Slot(t *testing.T) {
	for engine := range storetest.Engines {
		for _, lang := range web.Languages() {
			t.Run(engine+"/"+lang, func(t *testing.T) {
				h := open(t, engine)
				other, v := h.visitor(t, "ja"), h.visitor(t, lang)
				held, booked, past := h.Slots[0].ID, h.Slots[1].ID, h.Slots[2].ID
				other.book(t, booked)
				other.post(t, "/hold", url.Values{"slot": {held}}).expect(t, http.StatusSeeOther)
				before := h.facts(t)
				for _, c := range []struct {
					name, slot string
					status     int
					message    string
				}{
					{"unknown", clinic.NewID(), http.StatusUnprocessableEntity, "error.slot.unknown"},
					{"empty", "", http.StatusUnprocessableEntity, "error.slot.unknown"},
					{"SQL", "' OR 1=1 --", http.StatusUnprocessableEntity, "error.slot.unknown"},
					{"NUL", "\x00", http.StatusUnprocessableEntity, "error.slot.unknown"},
					{"no UTF-8", "\xff", http.StatusUnprocessableEntity, "error.slot.unknown"},
					{"huge", strings.Repeat("a", 100_000), http.StatusUnprocessableEntity, "error.slot.unknown"},
					{"another's hold", held, http.StatusConflict, "error.slot.taken"},
					{"booked", booked, http.StatusConflict, "error.slot.taken"},
					{"past", past, http.StatusConflict, "error.slot.past"},
				} {
					t.Run(c.name, func(t *testing.T) {
						if c.name == "past" {
							h.Clock.Advance(28 * time.Hour) // 13:00 on the day of the slots
							defer h.Clock.Advance(-28 * time.Hour)
						}
						form := bookingForm(c.slot)
						form.Set("key", "of this case") // or the answer of the booking above is given again
						doc := v.post(t, "/book", form).expect(t, c.status).page(t)
						form.Del("slot")
						form.Del("key")
						checkKept(t, doc, form)
						if said := text(doc.Find(".notice")); !strings.Contains(said, web.Find(lang).T(c.message)) {
							t.Errorf("the page says %q", said)
						}
						if doc.Find("[name=change_slot]").Length() == 0 {
							t.Error("no other time is offered")
						}
						// The hold itself is refused the same way.
						v.post(t, "/hold", url.Values{"slot": {c.slot}}).expect(t, c.status)
					})
				}
				h.unchanged(t, before)
			})
		}
	}
}
