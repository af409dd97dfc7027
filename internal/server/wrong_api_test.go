package server

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store/storetest"
	"madoguchi/web"
)

// call is a call of the API without a mistake.
func goodCall(slotID string) map[string]any {
	return map[string]any{
		"slot_id": slotID,
		"patient": map[string]any{
			"family_name": "試験", "given_name": "花子", "family_kana": "シケン", "given_kana": "ハナコ", "birth_date": "1990-04-01", "sex": "f",
			"phone": "090-0000-0001", "email": "hanako@example.jp",
		},
		"areas": []string{"back"}, "consents": map[string]any{"privacy": true, "cancellation": true},
		"source": map[string]any{"article": "back-fat", "campaign": "autumn"},
	}
}

// callWith is a good call in which one thing is different; nil leaves it out.
func callWith(slotID, path string, value any) string {
	call := goodCall(slotID)
	at := call
	group, name, nested := strings.Cut(path, ".")
	if inner, ok := call[group].(map[string]any); ok && nested {
		at = inner
	} else {
		name = group
	}
	if at[name] = value; value == nil {
		delete(at, name)
	}
	body, err := json.Marshal(call)
	if err != nil {
		panic(err)
	}
	return string(body)
}

type callMistake struct {
	path, location string // location: path, after "body."
	value          any
	message        string // key of the sentence; empty where the library itself refuses the type
	args           map[string]string
}

var callMistakes = func() []callMistake {
	all := []callMistake{
		{"patient.birth_date", "", "", "error.birth.empty", nil},
		{"patient.birth_date", "", "1990/04/01", "error.birth.number", nil},
		{"patient.birth_date", "", "1990-4-1", "error.birth.number", nil},
		{"patient.birth_date", "", "1990-02-30", "error.birth.impossible", nil},
		{"patient.birth_date", "", "1990-13-01", "error.birth.impossible", nil},
		{"patient.birth_date", "", "2027-01-01", "error.birth.future", nil},
		{"patient.birth_date", "", "1890-01-01", "error.birth.old", nil},
		{"patient.birth_date", "", "2011-11-25", "error.birth.young", nil},
		{"patient.birth_date", "", "2010-01-01", "error.guardian.online", nil},
		{"patient.birth_date", "", "1990-04-01T00:00:00Z", "error.birth.number", nil},
		{"areas", "", []string{}, "error.choose", nil},
		{"areas", "", []string{"back", "tail"}, "error.choose", nil},
		{"consents.privacy", "", false, "error.agree", nil},
		{"consents.cancellation", "", false, "error.agree", nil},
		{"slot_id", "", clinic.NewID(), "error.slot.unknown", nil},
		{"slot_id", "", "", "error.slot.unknown", nil},
		{"slot_id", "", "\x00", "error.slot.unknown", nil},
		// Another type, or nothing at all, is refused before any rule is asked.
		{"patient.family_name", "", 7, "", nil},
		{"patient.email", "", []string{"a@example.jp"}, "", nil},
		{"patient.email", "body.patient", nil, "", nil},
		{"patient", "body", nil, "", nil},
		{"areas", "", "back", "", nil},
		{"consents.privacy", "", "yes", "", nil},
		{"slot_id", "", strings.Repeat("a", 65), "", nil},
		{"patient.role", "", "admin", "", nil}, // nothing that is not asked for is taken
		{"status", "", "fulfilled", "", nil},
	}
	// What the pages refuse in a field of the patient, the API refuses in the same words.
	for _, w := range bookingMistakes {
		field := w.field
		values := w.typed[field]
		if len(values) != 1 || slices.Contains([]string{"contact", "visited", "areas", "found", "request", "guardian"}, field) || strings.HasPrefix(field, "c_") {
			continue
		}
		if values[0] != strings.ToValidUTF8(values[0], "") {
			continue // JSON cannot say it
		}
		all = append(all, callMistake{"patient." + field, "", values[0], w.message, w.args})
	}
	return all
}()

// problem is what the API answers to a mistake.
type problem struct {
	Status int
	Code   string
	Detail string
	Errors []struct{ Location, Message string }
}

func (a answer) problem(t *testing.T) problem {
	t.Helper()
	if kind := a.Header.Get("Content-Type"); kind != "application/problem+json" {
		t.Fatalf("%s answered with %q:\n%.1000s", a.What, kind, a.Body)
	}
	var p problem
	must(t, json.Unmarshal(a.Body, &p))
	if p.Status != a.Status {
		t.Errorf("the problem says %d, the answer %d", p.Status, a.Status)
	}
	return p
}

// TestBadInput_API makes the mistakes over the API: 422, each at its field, in the caller's language, and nothing written.
func TestBadInput_API(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			h := open(t, engine)
			v := h.visitor(t, "ja")
			before := h.facts(t)
			for _, m := range callMistakes {
				for _, lang := range web.Languages() {
					value, err := json.Marshal(m.value)
					must(t, err)
					t.Run(lang+" "+m.path+" "+string(value[:min(len(value), 40)]), func(t *testing.T) {
						a := v.send(t, http.MethodPost, "/api/v1/bookings", strings.NewReader(callWith(h.Slots[0].ID, m.path, m.value)),
							http.Header{"Content-Type": {"application/json"}, "Accept-Language": {lang}, "Idempotency-Key": {"one for all"}})
						p := a.expect(t, http.StatusUnprocessableEntity).problem(t)
						location := m.location
						if location == "" {
							location = "body." + m.path
						}
						if p.Code != "invalid" || len(p.Errors) != 1 || p.Errors[0].Location != location || p.Errors[0].Message == "" {
							t.Fatalf("%s", a.Body)
						}
						if m.message == "" {
							return
						}
						if want := web.Find(lang).Sentence(&clinic.Error{Message: m.message, Args: m.args}); p.Errors[0].Message != want {
							t.Errorf("it says %q, want %q", p.Errors[0].Message, want)
						}
					})
				}
			}
			h.unchanged(t, before)
			v.send(t, http.MethodPost, "/api/v1/bookings", strings.NewReader(callWith(h.Slots[0].ID, "slot_id", h.Slots[0].ID)),
				http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {"one for all"}}).expect(t, http.StatusCreated)
		})
	}
}

// TestBadInput_APISlotsAndKeys: slots that cannot be had, keys that come back with something else, queries that make no
// sense.
func TestBadInput_APISlotsAndKeys(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			h := open(t, engine)
			v := h.visitor(t, "ja")
			other := h.visitor(t, "ja")
			held, booked := h.Slots[0].ID, h.Slots[1].ID
			other.book(t, booked)
			other.post(t, "/hold", url.Values{"slot": {held}}).expect(t, http.StatusSeeOther)
			key := http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {"mine"}}
			first := v.send(t, http.MethodPost, "/api/v1/bookings", strings.NewReader(callWith(h.Slots[2].ID, "slot_id", h.Slots[2].ID)), key).expect(t, http.StatusCreated)
			before := h.facts(t)

			again := v.send(t, http.MethodPost, "/api/v1/bookings", strings.NewReader(callWith(h.Slots[2].ID, "slot_id", h.Slots[2].ID)), key).expect(t, http.StatusCreated)
			if !bytes.Equal(first.Body, again.Body) {
				t.Errorf("the same key answers %s and then %s", first.Body, again.Body)
			}
			for _, c := range []struct {
				what, body string
				status     int
				code       string
			}{
				{"the key with another patient", callWith(h.Slots[2].ID, "patient.given_name", "澪"), http.StatusUnprocessableEntity, "key_reused"},
				{"the key with another slot", callWith(h.Slots[3].ID, "slot_id", h.Slots[3].ID), http.StatusUnprocessableEntity, "key_reused"},
			} {
				if p := v.send(t, http.MethodPost, "/api/v1/bookings", strings.NewReader(c.body), key).expect(t, c.status).problem(t); p.Code != c.code {
					t.Errorf("%s: %s", c.what, p.Code)
				}
			}
			for slot, code := range map[string]string{held: "slot_taken", booked: "slot_taken"} {
				if p := v.call(t, callWith(slot, "slot_id", slot)).expect(t, http.StatusConflict).problem(t); p.Code != code {
					t.Errorf("%s instead of %s", p.Code, code)
				}
			}
			h.Clock.Advance(28 * time.Hour)
			if p := v.call(t, callWith(h.Slots[4].ID, "slot_id", h.Slots[4].ID)).expect(t, http.StatusConflict).problem(t); p.Code != "slot_past" {
				t.Errorf("a past slot: %s", p.Code)
			}
			for query, status := range map[string]int{
				"": 422, "branch=" + clinic.NewID(): 404, "branch=%00": 404, "branch=%FF": 404, "branch=" + h.Branch.ID + "&days=0": 422, "branch=" + h.Branch.ID + "&days=61": 422,
				"branch=" + h.Branch.ID + "&days=x": 422, "branch=" + h.Branch.ID + "&from=2026-02-30": 422, "branch=" + h.Branch.ID + "&from=soon": 422,
				"branch=" + h.Branch.ID + "&from=9999-12-31&days=60": 422, "branch=" + h.Branch.ID + "&from=2027-02-15&days=60": 200,
			} {
				if a := v.get(t, "/api/v1/slots?"+query).expect(t, status); status != 200 {
					a.problem(t)
				}
			}
			h.unchanged(t, before)
		})
	}
}

// endless is a body without an announced length, as a chunked one.
type endless struct{ io.Reader }

// TestBadInput_Size: what is too large, or is no form at all, is refused by its size, whoever asks, and changes nothing.
func TestBadInput_Size(t *testing.T) {
	const huge = 11 << 20
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			h := open(t, engine)
			v := h.visitor(t, "ja")
			token := v.book(t, h.Slots[0].ID)
			before := h.facts(t)
			for _, path := range []string{"/book", "/hold", "/language", "/intake/" + token + "/goal", "/office/sign-in", "/api/v1/bookings"} {
				header := formHeader
				body := "family_name=" + strings.Repeat("a", huge)
				if strings.HasPrefix(path, "/api/") {
					header = http.Header{"Content-Type": {"application/json"}}
					body = callWith(h.Slots[1].ID, "patient.family_name", strings.Repeat("a", huge))
				}
				for what, reader := range map[string]io.Reader{"announced": strings.NewReader(body), "chunked": endless{strings.NewReader(body)}} {
					t.Run(path+" "+what, func(t *testing.T) {
						a := v.send(t, http.MethodPost, path, reader, header).expect(t, http.StatusRequestEntityTooLarge)
						if strings.HasPrefix(path, "/api/") {
							a.problem(t)
							return
						}
						side, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
						if side != "office" {
							side = "patient"
						}
						if title := a.page(t).Find("h1").Text(); title != web.Find("ja").T(side+".problem.large") {
							t.Errorf("the page says %q", title)
						}
					})
				}
				if strings.HasPrefix(path, "/api/") {
					continue
				}
				for what, body := range map[string]string{"no form": "family_name=%zz&x=%", "semicolons": "a=1;b=2", "10,001 fields": strings.Repeat("a=1&", 10_000) + "b=2"} {
					t.Run(path+" "+what, func(t *testing.T) {
						v.send(t, http.MethodPost, path, strings.NewReader(body), formHeader).expect(t, http.StatusUnprocessableEntity)
					})
				}
			}
			for what, body := range map[string]string{"no JSON": "{", "another JSON": "[]", "nothing": "", "deep": strings.Repeat(`{"a":`, 5_000) + "1" + strings.Repeat("}", 5_000)} {
				t.Run("API "+what, func(t *testing.T) {
					if p := v.call(t, body).problem(t); p.Status != http.StatusBadRequest && p.Status != http.StatusUnprocessableEntity {
						t.Errorf("%d %s", p.Status, p.Detail)
					}
				})
			}
			h.unchanged(t, before)
			t.Run("10,000 fields", func(t *testing.T) {
				form := bookingForm(h.Slots[1].ID).Encode() + "&email=" // the second mail is not looked at
				form += strings.Repeat("&areas=back", 9_900)
				v.send(t, http.MethodPost, "/book", strings.NewReader(form), formHeader).expect(t, http.StatusSeeOther)
			})
		})
	}
}
