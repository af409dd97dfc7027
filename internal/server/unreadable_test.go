package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store/storetest"
	"madoguchi/web"
)

// unreadable are texts that PostgreSQL cannot hold, and that no page can show: a zero byte, and what is no UTF-8.
var unreadable = []string{"\x00", "a\x00b", "\xff", "\xc3(", "文\xed\xa0\x80", "\xe6\x96"}

// formFields are the fields of every form, with the sentence that stands at one whose text cannot be read, and the field
// that it stands at when that is another. Without a sentence nobody types the field, so that what cannot be read in it is
// left out, or means something that does not exist.
var formFields = map[string]map[string][2]string{
	"/language": {"lang": {}, "back": {}},
	"/hold":     {"slot": {}, "area": {}, "article": {}, "campaign": {}},
	"/book": {
		"slot": {}, "key": {}, "change_slot": {}, "area": {}, "article": {}, "campaign": {},
		"family_name": {"error.control"}, "given_name": {"error.control"}, "family_kana": {"error.control"}, "given_kana": {"error.control"},
		"birth_year": {"error.birth.number", "birth_date"}, "birth_month": {"error.birth.number", "birth_date"}, "birth_day": {"error.birth.number", "birth_date"},
		"sex": {"error.choose"}, "phone": {"error.phone.letters"}, "email": {"error.email.form"}, "contact": {"error.choose"}, "visited": {"error.choose"},
		"areas": {"error.choose"}, "found": {"error.choose"}, "request": {"error.control"}, "c_privacy": {"error.choose"}, "c_cancel": {"error.choose"},
		"c_ads": {"error.choose"},
	},
	"/intake/:token/:section": {
		"asked": {}, "next": {}, "preg": {"error.choose"}, "hx": {"error.choose"}, "med_names": {"error.control"}, "allergy_txt": {"error.control"},
	},
	"/office/sign-in":  {"next": {}, "email": {"error.control"}, "password": {}},
	"/office/sign-out": {},
	"/office/search":   {"q": {"error.control"}},
	"/office/branches/:id": {
		"name": {"error.control"}, "name_en": {"error.control"}, "address": {"error.control"}, "address_en": {"error.control"}, "access": {"error.control"},
		"access_en": {"error.control"}, "phone": {"error.control"}, "zone": {"error.zone.unknown"},
	},
	"/office/doctors/:id": {
		"family_name": {"error.control"}, "given_name": {"error.control"}, "family_kana": {"error.control"}, "given_kana": {"error.control"}, "name_en": {"error.control"},
		"sex": {"error.choose"}, "career": {"error.control"}, "career_en": {"error.control"}, "societies": {"error.control"}, "societies_en": {"error.control"},
		"branches": {"error.choose"},
	},
	"/office/slots": {
		"branch": {}, "doctor": {"error.slot.doctor"}, "date": {"error.date"}, "from": {"error.clock"}, "until": {"error.clock"}, "minutes": {"error.minutes"},
		"break_from": {"error.clock"}, "break_until": {"error.clock"},
	},
	"/office/bookings/:id/cancel":                 {},
	"/office/bookings/:id/letters/:letter/resend": {},
	"/office/slots/:id/remove":                    {},
}

// whoSends is who may use a route, and good the form they would send.
func (b *busy) whoSends(t *testing.T, r route, lang string) (who *visitor, good url.Values) {
	t.Helper()
	good = b.sent(r)
	switch r.path {
	case "/language":
		return b.visitor(t, lang), good
	case "/office/sign-in":
		return b.visitor(t, lang), url.Values{"email": {"nobody@example.jp"}, "password": {"a password of nobody"}}
	case "/office/slots":
		good.Set("until", "15:00")
		good.Set("break_from", "12:00")
		good.Set("break_until", "13:00")
	}
	switch {
	case r.who.ability == clinic.ReadAnswers:
		return b.theirs, good
	case r.who.ability == clinic.ManageClinic || r.path == "/office/sign-out":
		return b.admin, good
	case r.who.staff:
		return b.reception, good
	}
	return b.patient, good
}

// readable fails the test when an answer is an error of ours, or holds what no browser can show.
func (a answer) readable(t *testing.T, what string) {
	t.Helper()
	if a.Status >= http.StatusInternalServerError {
		t.Errorf("%q: %s answered %d", what, a.What, a.Status)
	}
	kind := a.Header.Get("Content-Type")
	if text := strings.HasPrefix(kind, "text/") || strings.Contains(kind, "json"); text && (!utf8.Valid(a.Body) || bytes.ContainsRune(a.Body, 0)) {
		t.Errorf("%q: %s answered with what cannot be read", what, a.What)
	}
	for name, values := range a.Header {
		if value := strings.Join(values, ""); !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
			t.Errorf("%q: the header %s of %s is %q", what, name, a.What, value)
		}
	}
}

// TestUnreadable_InForms: each field of each form, sent in either way that browsers know. Somebody is told at the field,
// what was typed stays as far as it can be shown, and nothing is written.
func TestUnreadable_InForms(t *testing.T) {
	for engine := range storetest.Engines {
		for i, lang := range web.Languages() {
			t.Run(engine+"/"+lang, func(t *testing.T) {
				b := openBusy(t, engine, lang, "文")
				forms := 0
				for _, r := range b.list() {
					if r.method != http.MethodPost {
						continue
					}
					fields, listed := formFields[r.path]
					if !listed {
						t.Errorf("the fields of %s are not in this test", r.path)
					}
					forms++
					for field, says := range fields {
						who, good := b.whoSends(t, r, lang)
						before, refused := b.facts(t), 0
						for n, text := range unreadable {
							form := maps.Clone(good)
							form[field] = []string{text}
							var a answer
							if (n+i)%2 == 0 {
								a = who.post(t, b.fill(r.path), form)
							} else {
								a = who.postMultipart(t, b.fill(r.path), form)
							}
							what := fmt.Sprintf("%s=%q", field, text)
							a.readable(t, what)
							if says[0] == "" {
								continue
							}
							if a.Status != http.StatusUnprocessableEntity {
								t.Errorf("%s: %s answered %d", what, a.What, a.Status)
								continue
							}
							refused++
							checkSaid(t, a, what, lang, field, text, says)
						}
						if refused == len(unreadable) {
							b.unchanged(t, before)
						}
					}
				}
				if forms < 12 {
					t.Errorf("only %d forms were sent", forms)
				}
			})
		}
	}
}

// checkSaid: the sentence is at the field, and the field holds what was typed, as far as a page can.
func checkSaid(t *testing.T, a answer, what, lang, field, typed string, says [2]string) {
	t.Helper()
	doc, at := a.page(t), says[1]
	if at == "" {
		at = field
	}
	sentence := web.Find(lang).T(says[0])
	if said := text(doc.Find("#" + at + "-error, .wrongs li:has(a[href='#" + at + "'])")); !strings.Contains(said, sentence) {
		t.Errorf("%s: %s says %q at %s, want %q", what, a.What, said, at, sentence)
	}
	if kept := doc.Find("main form[method=post] [name='" + field + "']"); kept.Length() == 1 {
		switch goquery.NodeName(kept) {
		case "textarea":
			if got := kept.Text(); got != asShown(typed) {
				t.Errorf("%s: %s holds %q", what, a.What, got)
			}
		case "input":
			if kind := kept.AttrOr("type", "text"); kind != "hidden" && kind != "checkbox" && kind != "password" && kept.AttrOr("value", "") != asShown(typed) {
				t.Errorf("%s: %s holds %q", what, a.What, kept.AttrOr("value", ""))
			}
		}
	}
}

func (v *visitor) postMultipart(t *testing.T, path string, form url.Values) answer {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range form {
		for _, value := range values {
			must(t, w.WriteField(name, value))
		}
	}
	must(t, w.Close())
	return v.send(t, http.MethodPost, path, &body, http.Header{"Content-Type": {w.FormDataContentType()}})
}

// TestUnreadable_InAddresses: in a path it is something that does not exist, in a query it is as good as nothing.
func TestUnreadable_InAddresses(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := openBusy(t, engine, "ja", "文")
			before := b.facts(t)
			names := []string{"area", "article", "campaign", "branch", "doctor", "week", "sex", "slot", "date", "q", "done", "next", "later", "from", "days", "lang", "back"}
			for _, r := range b.list() {
				who, good := b.whoSends(t, r, "ja")
				for _, text := range unreadable {
					for _, parameter := range []string{":id", ":token", ":letter", ":section", ":name"} {
						if !strings.Contains(r.path, parameter) {
							continue
						}
						path := b.fill(strings.Replace(r.path, parameter, url.PathEscape(text), 1))
						a := who.send(t, r.method, path, strings.NewReader(good.Encode()), formHeader)
						a.readable(t, text)
						if want := map[bool]int{true: http.StatusGone, false: http.StatusNotFound}[parameter == ":token"]; a.Status != want {
							t.Errorf("%s answered %d, want %d", a.What, a.Status, want)
						}
					}
					if r.method != http.MethodGet {
						continue
					}
					for _, name := range names {
						query := "?" + url.Values{name: {text}}.Encode()
						who.get(t, b.fill(r.path)+query).readable(t, query)
					}
				}
			}
			for _, text := range unreadable {
				for _, name := range []string{"branch", "from", "days"} {
					query := url.Values{"branch": {b.Branch.ID}}
					query.Set(name, text)
					a := b.patient.get(t, "/api/v1/slots?"+query.Encode())
					a.readable(t, name)
					if want := map[bool]int{true: http.StatusNotFound, false: http.StatusUnprocessableEntity}[name == "branch"]; a.Status != want {
						t.Errorf("%s answered %d, want %d", a.What, a.Status, want)
					}
				}
				// A browser cannot have such a cookie; whoever sends one is nobody.
				for _, name := range []string{"lang", "visitor", "session"} {
					header := http.Header{"Cookie": {name + "=" + strings.ReplaceAll(text, "\x00", "%00") + strings.Repeat("a", 26-len(text))}}
					for _, path := range []string{"/", "/book", "/office/day", "/slots?branch=" + b.Branch.ID} {
						b.visitor(t, "ja").send(t, http.MethodGet, path, nil, header).readable(t, name)
					}
				}
			}
			b.unchanged(t, before)
		})
	}
}

// TestUnreadable_InTheAPI: JSON can say a zero byte in words, and what is no UTF-8 is read as the sign for that. Every text
// of a call is refused at its field.
func TestUnreadable_InTheAPI(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			h := open(t, engine)
			v := h.visitor(t, "ja")
			before := h.facts(t)
			for _, path := range []string{
				"slot_id", "areas", "patient.family_name", "patient.given_name", "patient.family_kana", "patient.given_kana", "patient.birth_date", "patient.sex",
				"patient.phone", "patient.email",
			} {
				for _, text := range []string{`\u0000`, `a\u0000b`, "\xff", `\ud800`} {
					value := any("MARK")
					if path == "areas" {
						value = []string{"MARK"}
					}
					body := strings.ReplaceAll(callWith(h.Slots[0].ID, path, value), "MARK", text)
					a := v.send(t, http.MethodPost, "/api/v1/bookings", strings.NewReader(body), http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {"a\xff"}})
					a.readable(t, path+" "+text)
					if p := a.expect(t, http.StatusUnprocessableEntity).problem(t); len(p.Errors) != 1 || p.Errors[0].Location != "body."+path {
						t.Errorf("%s %q: %s", path, text, a.Body)
					}
				}
			}
			h.unchanged(t, before)
			// Where a visitor came from is a courtesy: what cannot be read in it is left out.
			body := strings.ReplaceAll(callWith(h.Slots[0].ID, "source.article", "MARK"), "MARK", `\u0000`)
			v.call(t, body).expect(t, http.StatusCreated)
			if !json.Valid([]byte(body)) {
				t.Error("the call was no JSON")
			}
		})
	}
}

// TestBadInput_HugeIDs: an id that is longer than a database can look for, or index, is one that does not exist.
func TestBadInput_HugeIDs(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := openBusy(t, engine, "ja", "文")
			before := b.facts(t)
			var huge strings.Builder // which no database can compress
			for huge.Len() < 100_000 {
				huge.WriteString(clinic.NewToken())
			}
			for _, r := range b.list() {
				for _, field := range []string{"slot", "change_slot", "branch", "doctor", "branches"} {
					if _, ok := formFields[r.path][field]; !ok || r.method != http.MethodPost {
						continue
					}
					who, form := b.whoSends(t, r, "ja")
					form[field] = []string{huge.String()}
					if a := who.post(t, b.fill(r.path), form); a.Status != http.StatusUnprocessableEntity && a.Status != http.StatusNotFound {
						t.Errorf("%s: %s answered %d", field, a.What, a.Status)
					}
				}
			}
			b.unchanged(t, before)
		})
	}
}
