package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
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
	"/typed":    {"hold": {}},
	"/book": {
		"home-page": {},
		"hold":      {}, "doctor": {}, "women": {}, "another": {}, "slot": {}, "key": {}, "change_slot": {}, "area": {}, "article": {}, "campaign": {},
		"family_name": {"error.control"}, "given_name": {"error.control"}, "family_kana": {"error.control"}, "given_kana": {"error.control"},
		"birth_year": {"error.birth.number", "birth_date"}, "birth_month": {"error.birth.number", "birth_date"}, "birth_day": {"error.birth.number", "birth_date"},
		"sex": {"error.choose"}, "phone": {"error.phone.letters"}, "email": {"error.email.form"}, "contact": {"error.choose"}, "visited": {"error.choose"},
		"areas": {"error.choose"}, "request": {"error.control"}, "c_privacy": {"error.choose"}, "c_cancel": {"error.choose"},
		"c_ads": {"error.choose"},
	},
	"/intake/:token/:section": {
		"asked": {}, "next": {}, "seen-revision": {}, "seen-shown": {}, "choice-height": {}, "preg": {"error.choose"}, "hx_group": {"error.choose"}, "med_names": {"error.control"},
	},
	"/lost": {
		"lost-by": {}, "booking-reference": {"error.lost.reference"}, "birth-era": {}, "birth_year": {}, "birth_month": {}, "birth_day": {}, "email": {}, "email-asked": {},
	},
	"/waiting": {
		"home-page": {},
		"key":       {}, "branch": {}, "wait-days": {"error.choose"}, "wait-parts": {"error.choose"}, "doctor": {"error.choose"}, "women": {}, "wait-until": {"error.date"}, "email-asked": {},
		"family_name": {"error.control"}, "given_name": {"error.control"}, "family_kana": {"error.control"}, "given_kana": {"error.control"},
		"phone": {"error.phone.letters"}, "email": {"error.email.form"},
	},
	"/booking/:token/waiting": {
		"key": {}, "wait-on": {}, "wait-do": {}, "wait-days": {"error.choose"}, "wait-parts": {"error.choose"}, "doctor": {"error.choose"}, "women": {}, "wait-until": {"error.date"},
	},
	"/waiting/:token/leave":    {},
	"/waiting/:token/decline":  {"wait-offer": {}},
	"/waiting/:token/accept":   {"wait-offer": {}},
	"/waiting/:token/book":     {"slot": {}, "key": {}, "family_name": {}, "birth_year": {}, "areas": {}, "request": {}}, // of a place that is none
	"/office/waiting/:id":      {"do": {}, "slot": {}, "all": {}, "quiet": {}},
	"/booking/:token/erase":    {},
	"/booking/:token/language": {"letter-lang": {}},
	"/booking/:token/proof":    {"open-page": {}, "birth-era": {}, "birth_year": {}, "birth_month": {}, "birth_day": {}, "phone-digits": {}},
	"/booking/:token/change":   {"slot": {}, "with-doctor": {}, "week": {}},
	"/booking/:token/confirm":  {"slot": {}, "with-doctor": {}, "seen-sequence": {}},
	"/booking/:token/cancel":   {"cancel-reason": {"error.choose"}},
	"/booking/:token/email":    {"next": {}, "email-asked": {}, "email": {"error.email.form"}},
	"/office/bookings/:id/contact": {
		"seen-revision": {}, "seen-shown": {}, "choice-email": {}, "email-asked": {}, "family_name": {"error.control"}, "given_name": {"error.control"}, "family_kana": {"error.control"}, "given_kana": {"error.control"},
		"phone": {"error.phone.letters"}, "email": {"error.email.form"},
	},
	"/office/sign-in":  {"next": {}, "email": {"error.control"}, "password": {}},
	"/office/sign-out": {},
	"/office/search":   {"q": {"error.control"}},
	"/office/patients": {"q": {"error.control"}},
	"/office/patients/:id": {
		"seen-revision": {}, "seen-shown": {}, "choice-email": {}, "email-asked": {}, "family_name": {"error.control"}, "given_name": {"error.control"}, "family_kana": {"error.control"}, "given_kana": {"error.control"},
		"phone": {"error.phone.letters"}, "email": {"error.email.form"}, "birth": {"error.birth.number"},
	},
	"/office/patients/:id/memo":    {"memo": {"error.control"}, "do": {}, "seen-revision": {}},
	"/office/patients/:id/online":  {"closed": {}},
	"/office/patients/:id/merge":   {"with": {}},
	"/office/patients/:id/erasure": {"erasure": {}, "outcome": {}, "reason": {"error.control"}},
	"/office/patients/:id/erase":   {"sure": {}},
	"/office/bookings/:id/tries":   {},
	"/office/patients/:id/undo":    {"merge": {}},
	"/office/phone": {
		"call": {}, "branch": {}, "do": {}, "filled": {}, "patient": {}, "after": {}, "last": {}, "slot": {}, "outside": {}, "women": {}, "letter": {}, "letter-shown": {}, "email-asked": {},
		"date": {}, "from": {}, "minutes": {}, "doctor": {}, "room": {}, "q": {"error.control"}, "wish": {"error.control"}, "kana": {"error.control"}, "name": {"error.control"}, "phone": {"error.phone.letters"},
		"email": {"error.email.form"}, "birth": {"error.birth.number"}, "memo": {"error.control"},
	},
	"/office/letters/resend":     {"reason": {}, "n": {}, "seen": {}},
	"/office/import":             {"kind": {"error.choose"}, "branch": {"error.choose"}, "source": {"error.control"}, "minutes": {"error.minutes"}, "letters": {}},
	"/office/import/:id":         {"do": {}},
	"/office/clinic":             {"name": {"error.control"}, "name_en": {"error.control"}, "remove_logo": {}, "seen-revision": {}, "seen-shown": {}},
	"/office/branches/:id/photo": {"seen-photo": {}, "crop": {}, "do": {}},
	"/office/branches/:id/place": {"do": {}},
	"/office/doctors/:id/photo":  {"seen-photo": {}, "crop": {}, "do": {}},
	"/office/doctors/:id/place":  {"do": {}},
	"/office/setup/branch": {
		"drawn": {}, "name": {"error.control"}, "address": {"error.control"}, "phone": {"error.phone.letters"}, "phone_hours": {"error.control"},
	},
	"/office/setup/doctors": {
		"branch": {}, "also": {}, "drawn-0": {}, "family_name-0": {"error.control"}, "given_name-0": {"error.control"}, "family_kana-0": {"error.control"},
		"given_kana-0": {"error.control"}, "sex-0": {"error.choose"},
	},
	"/office/setup/holidays": {"branch": {}, "branch-revision": {}, "drawn": {}, "holidays": {}, "year_end": {}},
	"/office/setup/mail":     {"branch": {}},
	"/office/setup/hours": {
		"branch": {}, "do": {}, "doctor": {"error.choose"}, "shape": {"error.choose"}, "from": {"error.clock"}, "until": {"error.clock"}, "lunch_from": {"error.clock"},
		"lunch_until": {"error.clock"}, "minutes": {"error.minutes"}, "pause": {"error.hours.pause"}, "valid_from": {"error.date"},
	},
	"/office/branches/:id": {
		"name": {"error.control"}, "name_en": {"error.control"}, "address": {"error.control"}, "address_en": {"error.control"}, "access": {"error.control"},
		"access_en": {"error.control"}, "phone": {"error.phone.letters"}, "phone_hours": {"error.control"}, "phone_hours_en": {"error.control"},
		"zone": {"error.zone.unknown"},
	},
	"/office/branches/:id/letters/:kind": {
		"seen-revision": {}, "seen-shown": {}, "do": {}, "subject": {"error.control"}, "lead": {"error.control"}, "note": {"error.control"},
	},
	// They answer in a frame, beside the form.
	"/office/branches/:id/letters/:kind/preview": {"subject": {}, "lead": {}, "note": {}},
	"/office/branches/:id/letters/:kind/trial":   {"subject": {}, "lead": {}, "note": {}},
	"/office/branches/:id/rules": {
		"seen-revision": {}, "seen-shown": {}, "open_days": {"error.branch.open_days"}, "closes": {}, "closes_hours": {}, "closes_days": {"error.deadline.days"},
		"closes_at": {"error.clock"}, "changes": {}, "changes_hours": {"error.deadline.hours"}, "changes_days": {}, "changes_at": {}, "live_bookings": {"error.branch.live"},
		"approve_first": {}, "no_shows": {"error.branch.no_shows"}, "keep_answers": {"error.branch.keep"}, "keep_drafts": {"error.branch.keep"},
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
	"/office/day/slots":                         {"branch": {}, "date": {}, "back": {}, "close": {}, "open": {}, "hold": {}, "close-all": {}, "from-branch": {}, "chosen": {}, "slot": {}},
	"/office/day/undo":                          {"branch": {}, "back": {}, "did": {}, "id": {}, "was": {}, "at": {}, "more": {}, "told": {}, "stay": {}},
	"/office/bookings/:id/step":                 {"from": {}, "to": {}, "back": {}},
	"/office/bookings/:id/cancel":               {"back": {}, "asked": {}, "tell": {}, "reason": {"error.choose"}},
	"/office/bookings/:id/move":                 {"slot": {}, "tell": {}, "back": {}},
	"/office/bookings/:id/memo":                 {"seen-revision": {}, "back": {}, "both": {}, "mine": {}, "memo": {"error.control"}},
	"/office/bookings/:id/letters/:letter/told": {"back": {}},
	"/office/hours":                             hoursFields,
	"/office/hours/preview":                     hoursFields,
	"/office/hours/keep":                        {"branch": {}, "doctor": {}, "keep": {}},
	"/office/hours/exceptions": {
		"branch": {}, "doctor": {}, "drawn": {}, "keep": {}, "kind": {"error.choose"}, "who": {"error.slot.doctor"}, "first": {"error.date"}, "last": {"error.date"}, "nth": {"error.choose"},
		"weekday": {"error.choose"}, "from": {"error.clock"}, "until": {"error.clock"}, "minutes": {"error.minutes"}, "pause": {"error.hours.pause"}, "room": {"error.control"},
		"audience": {"error.choose"}, "reason": {"error.control"},
	},
	"/office/hours/exceptions/:id/remove":         {"doctor": {}},
	"/office/hours/holidays":                      {"branch": {}, "doctor": {}, "holidays": {}, "differ": {}, "branch-revision": {}, "keep": {}},
	"/office/bookings/:id/letters/:letter/resend": {},
	"/office/slots/:id/remove":                    {},
	"/office/flood":                               {"branch": {}, "online": {}},
	"/office/runs":                                {"booking": {}, "confirmed": {}, "tell": {}},
}

// hoursFields are those of a week of opening hours with one span.
var hoursFields = map[string][2]string{
	"branch": {}, "doctor": {}, "stored": {}, "revision": {}, "picked": {}, "step": {}, "steps": {}, "span": {}, "same-0": {}, "keep": {}, "valid_from": {"error.date"}, "valid_until": {"error.date"},
	"weekday-0": {"error.choose"}, "from-0": {"error.clock"}, "until-0": {"error.clock"}, "minutes-0": {"error.minutes"}, "pause-0": {"error.hours.pause"}, "room-0": {"error.control"},
	"audience-0": {"error.choose"},
}

// whoSends is who may use a route, and good the form they would send.
func whoSends(t *testing.T, b *servertest.Booked, r server.Route, lang string) (who *servertest.Visitor, good url.Values) {
	t.Helper()
	good = sent(b, r)
	switch r.Path {
	case "/language":
		return b.Visitor(t).Speak(lang), good
	case "/booking/:token/email":
		return b.Patient, url.Values{} // a good address would end the link
	case "/office/sign-in":
		return b.Visitor(t).Speak(lang), url.Values{"email": {"nobody@example.jp"}, "password": {"a password of nobody"}}
	case "/office/clinic":
		return b.Admin, url.Values{"name": {"見本クリニック"}, "name_en": {"Mihon Clinic"}, "seen-revision": {"1"}}
	case "/office/import":
		return b.Admin, url.Values{"kind": {"patients"}, "branch": {b.Branch.ID}, "minutes": {"60"}}
	case "/office/patients/:id/erasure":
		good.Set("outcome", "refused")
	case "/office/branches/:id", "/office/doctors/:id":
		good.Set("seen-revision", "1")
	case "/office/branches/:id/rules":
		for _, pair := range [][2]string{{"closes", "day"}, {"closes_days", "1"}, {"closes_at", "18:00"}, {"changes", "hours"}} {
			good.Set(pair[0], pair[1])
		}
	case "/office/slots":
		good.Set("until", "15:00")
		good.Set("break_from", "12:00")
		good.Set("break_until", "13:00")
	}
	switch {
	case r.Ability == clinic.ReadAnswers, r.Ability == clinic.SignCautions:
		return b.Doctor, good
	case r.Ability == clinic.ManageClinic || r.Path == "/office/sign-out":
		return b.Admin, good
	case r.Staff:
		return b.FrontDesk, good
	}
	return b.Patient, good
}

// readable fails the test when an ANSWER is an error of ours, or holds what no browser can show.
func readable(t *testing.T, a *servertest.Answer, what string) {
	t.Helper()
	if a.Status >= http.StatusInternalServerError {
		t.Errorf("%q: %s answered %d", what, a.Asked, a.Status)
	}
	kind := a.Header.Get("Content-Type")
	if text := strings.HasPrefix(kind, "text/") || strings.Contains(kind, "json"); text && (!utf8.ValidString(a.Body) || strings.ContainsRune(a.Body, 0)) {
		t.Errorf("%q: %s answered with what cannot be read", what, a.Asked)
	}
	for name, values := range a.Header {
		if value := strings.Join(values, ""); !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
			t.Errorf("%q: the header %s of %s is %q", what, name, a.Asked, value)
		}
	}
}

// TestUnreadable_InForms: each field of each form. Somebody is told at the field, what was typed stays as far as it can be shown, and nothing is written.
func TestUnreadable_InForms(t *testing.T) {
	for engine := range storetest.Engines {
		for _, lang := range web.Languages() {
			if (engine == "postgres") != (lang == "en") {
				continue // the words are the same on either engine; each once is enough
			}
			t.Run(engine+"/"+lang, func(t *testing.T) {
				booked, noted := servertest.OpenBooked(t, engine, servertest.Saying{Lang: lang}), openNoted(t, engine, lang)
				forms := 0
				for _, r := range server.Routes() {
					if r.Method != http.MethodPost {
						continue
					}
					fields, listed := fieldsOf(r.Path)
					if !listed {
						t.Errorf("the fields of %s are not in this test", r.Path)
					}
					forms++
					b := booked
					switch {
					case strings.HasPrefix(r.Path, "/office/charts/"):
						b = noted
					case strings.HasPrefix(r.Path, "/office/questionnaire/"):
						needDraft(t, b)
					}
					who, good := whoSends(t, b, r, lang)
					send := func(field, text string) (a *servertest.Answer, what string) {
						t.Helper()
						form := maps.Clone(good)
						form[field] = []string{text}
						besides(form, field)
						if field == "branches" { // the doctor has slots at the first, which would come first
							form[field] = append(form[field], good[field]...)
						}
						if server.Uploads[r.Path] > 0 { // its form brings a file
							a = postMultipart(t, who, r.Path, form)
						} else {
							a = who.PostForm(b.Fill(r.Path), form)
						}
						what = fmt.Sprintf("%s=%q", field, text)
						readable(t, a, what)
						return a, what
					}
					if r.Path == "/office/patients/:id/erasure" {
						servertest.Must(t, b.Store.AskErasure(t.Context(), clinic.PatientByLink(b.Token)))
					}
					if r.Path == "/book" {
						who.Post("/typed").Want(http.StatusNoContent) // or the first form would say so
					}
					before := b.Facts(t)
					for field, says := range fields {
						for _, text := range unreadable {
							if says[0] == "" {
								continue
							}
							if a, what := send(field, text); a.Status == http.StatusUnprocessableEntity {
								checkSaid(t, a, what, lang, field, text, says)
							} else {
								t.Errorf("%s: %s answered %d", what, a.Asked, a.Status)
							}
						}
					}
					b.WantUnchanged(t, before)
					for field, says := range fields {
						for _, text := range unreadable {
							if says[0] == "" {
								send(field, text)
							}
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
func checkSaid(t *testing.T, a *servertest.Answer, what, lang, field, typed string, says [2]string) {
	t.Helper()
	doc, at := a.Page(), says[1]
	if at == "" {
		at = field
	}
	sentence := web.Find(lang).T(says[0])
	if said := servertest.Words(doc.Find("#" + at + "-error, .wrongs li:has(a[href='#" + at + "'])")); !strings.Contains(said, sentence) {
		t.Errorf("%s: %s says %q at %s, want %q", what, a.Asked, said, at, sentence)
	}
	if kept := doc.Find("main form[method=post] [name='" + field + "']"); kept.Length() == 1 {
		switch goquery.NodeName(kept) {
		case "textarea":
			if got := kept.Text(); got != clinic.Showable(typed) {
				t.Errorf("%s: %s holds %q", what, a.Asked, got)
			}
		case "input":
			if kind := kept.AttrOr("type", "text"); kind != "hidden" && kind != "checkbox" && kind != "radio" && kind != "password" && kept.AttrOr("value", "") != clinic.Showable(typed) {
				t.Errorf("%s: %s holds %q", what, a.Asked, kept.AttrOr("value", ""))
			}
		}
	}
}

func postMultipart(t *testing.T, v *servertest.Visitor, path string, form url.Values) *servertest.Answer {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range form {
		for _, value := range values {
			servertest.Must(t, w.WriteField(name, value))
		}
	}
	servertest.Must(t, w.Close())
	return v.Send(http.MethodPost, path, &body, http.Header{"Content-Type": {w.FormDataContentType()}})
}

// TestUnreadable_InAddresses: in a path it is something that does not exist, in a query it is as good as nothing.
func TestUnreadable_InAddresses(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{})
			before := b.Facts(t)
			names := []string{"area", "article", "campaign", "branch", "doctor", "week", "sex", "slot", "date", "q", "done", "next", "later", "from", "days", "lang", "back"}
			for _, r := range server.Routes() {
				who, good := whoSends(t, b, r, "ja")
				for _, text := range unreadable {
					for _, parameter := range []string{":id", ":token", ":letter", ":section", ":name", ":logo", ":photo", ":rule", ":version", ":file"} {
						if !strings.Contains(r.Path, parameter) {
							continue
						}
						path := b.Fill(strings.Replace(r.Path, parameter, url.PathEscape(text), 1))
						a := who.Send(r.Method, path, strings.NewReader(good.Encode()), servertest.FormHeader())
						readable(t, a, text)
						a.Want(http.StatusNotFound)
					}
					if r.Method != http.MethodGet {
						continue
					}
					for _, name := range names {
						query := "?" + url.Values{name: {text}}.Encode()
						readable(t, who.Get(b.Fill(r.Path)+query), query)
					}
				}
			}
			for _, text := range unreadable {
				for _, name := range []string{"branch", "from", "days"} {
					query := url.Values{"branch": {b.Branch.ID}}
					query.Set(name, text)
					a := b.Patient.Get("/api/v1/slots?" + query.Encode())
					readable(t, a, name)
					if want := map[bool]int{true: http.StatusNotFound, false: http.StatusUnprocessableEntity}[name == "branch"]; a.Status != want {
						t.Errorf("%s answered %d, want %d", a.Asked, a.Status, want)
					}
				}
				// A browser cannot have such a cookie; whoever sends one is nobody.
				for _, name := range []string{"lang", "visitor", "session"} {
					header := http.Header{"Cookie": {name + "=" + strings.ReplaceAll(text, "\x00", "%00") + strings.Repeat("a", 26-len(text))}}
					for _, path := range []string{"/", "/book", "/office/day", "/slots?branch=" + b.Branch.ID} {
						readable(t, b.Visitor(t).Send(http.MethodGet, path, nil, header), name)
					}
				}
			}
			b.WantUnchanged(t, before)
		})
	}
}

// TestUnreadable_InTheAPI: JSON can say a zero byte in words, and what is no UTF-8 is read as the sign for that. Every text
// of a call is refused at its field.
func TestUnreadable_InTheAPI(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			h := servertest.Open(t, engine)
			v := h.Visitor(t)
			before := h.Facts(t)
			for _, path := range []string{
				"slot_id", "areas", "patient.family_name", "patient.given_name", "patient.family_kana", "patient.given_kana", "patient.birth_date", "patient.sex",
				"patient.phone", "patient.email",
			} {
				for _, text := range []string{`\u0000`, `a\u0000b`, "\xff", `\ud800`} {
					value := any("MARK")
					if path == "areas" {
						value = []string{"MARK"}
					}
					body := strings.ReplaceAll(servertest.CallBodyWith(h.Slots[0].ID, path, value), "MARK", text)
					a := v.Send(http.MethodPost, "/api/v1/bookings", strings.NewReader(body), http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {"a\xff"}})
					readable(t, a, path+" "+text)
					if p := a.Want(http.StatusUnprocessableEntity).Problem(); len(p.Errors) != 1 || p.Errors[0].Location != "body."+path {
						t.Errorf("%s %q: %s", path, text, a.Body)
					}
				}
			}
			h.WantUnchanged(t, before)
			// Where a visitor came from is a courtesy: what cannot be read in it is left out.
			body := strings.ReplaceAll(servertest.CallBodyWith(h.Slots[0].ID, "source.article", "MARK"), "MARK", `\u0000`)
			v.Call(body).Want(http.StatusCreated)
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
			b := servertest.OpenBooked(t, engine, servertest.Saying{})
			before := b.Facts(t)
			var huge strings.Builder // which no database can compress
			for huge.Len() < 100_000 {
				huge.WriteString(clinic.NewToken())
			}
			for _, r := range server.Routes() {
				for _, field := range []string{"slot", "change_slot", "branch", "doctor", "branches"} {
					fields, _ := fieldsOf(r.Path)
					if _, ok := fields[field]; !ok || r.Method != http.MethodPost {
						continue
					}
					who, form := whoSends(t, b, r, "ja")
					form[field] = []string{huge.String()}
					refusals := []int{http.StatusUnprocessableEntity, http.StatusNotFound}
					if r.Path == "/book" && field == "doctor" { // a wish, by which times are offered in place of one that is taken
						form.Set("slot", b.Slots[0].ID)
						refusals = []int{http.StatusConflict}
					}
					if a := who.PostForm(b.Fill(r.Path), form); !slices.Contains(refusals, a.Status) {
						t.Errorf("%s: %s answered %d", field, a.Asked, a.Status)
					}
				}
			}
			b.WantUnchanged(t, before)
		})
	}
}
