package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/web"
)

// callMistake is one mistake in servertest.CallBody.
type callMistake struct {
	path, location string // location: path, after "body."
	value          any
	message        string // key of the sentence; empty where the library itself refuses the type
	args           map[string]string
	lang           string // of the callers for whom it is one; empty for all
}

var callMistakes = func() []callMistake {
	all := []callMistake{
		{"patient.birth_date", "", "", "error.birth.empty", nil, ""},
		{"patient.birth_date", "", "1990/04/01", "error.date", nil, ""},
		{"patient.birth_date", "", "1990-4-1", "error.date", nil, ""},
		{"patient.birth_date", "", "H002-04-01", "error.date", nil, ""},
		{"patient.birth_date", "", "1990-02-30", "error.birth.impossible", nil, ""},
		{"patient.birth_date", "", "1990-13-01", "error.birth.impossible", nil, ""},
		{"patient.birth_date", "", "2027-01-01", "error.birth.future", nil, ""},
		{"patient.birth_date", "", "1890-01-01", "error.birth.old", nil, ""},
		{"patient.birth_date", "", "2011-11-25", "error.birth.young", nil, ""},
		{"patient.birth_date", "", "2010-01-01", "error.guardian.online", nil, ""},
		{"patient.birth_date", "", "1990-04-01T00:00:00Z", "error.date", nil, ""},
		{"areas", "", []string{}, "error.choose", nil, ""},
		{"areas", "", []string{"back", "tail"}, "error.choose", nil, ""},
		{"consents.privacy", "", false, "error.agree", nil, ""},
		{"consents.cancellation", "", false, "error.agree", nil, ""},
		{"slot_id", "", clinic.NewID(), "error.slot.unknown", nil, ""},
		{"slot_id", "", "", "error.slot.unknown", nil, ""},
		{"slot_id", "", "\x00", "error.slot.unknown", nil, ""},
		// Another type, or nothing at all, is refused before any rule is asked.
		{"patient.family_name", "", 7, "", nil, ""},
		{"patient.email", "", []string{"a@example.jp"}, "", nil, ""},
		{"patient.email", "body.patient", nil, "", nil, ""},
		{"patient", "body", nil, "", nil, ""},
		{"areas", "", "back", "", nil, ""},
		{"consents.privacy", "", "yes", "", nil, ""},
		{"slot_id", "", strings.Repeat("a", 65), "", nil, ""},
		{"patient.role", "", "admin", "", nil, ""}, // nothing that is not asked for is taken
		{"status", "", "fulfilled", "", nil, ""},
	}
	// What the pages refuse in a field of the patient, the API refuses in the same words.
	for _, m := range servertest.BookingMistakes() {
		field := m.Field
		values := m.Typed[field]
		if len(values) != 1 || slices.Contains([]string{"contact", "visited", "areas", "request", "guardian"}, field) || strings.HasPrefix(field, "c_") {
			continue
		}
		if values[0] != strings.ToValidUTF8(values[0], "") {
			continue // JSON cannot say it
		}
		all = append(all, callMistake{"patient." + field, "", values[0], m.Message, m.Args, m.Lang})
	}
	return all
}()

// TestBadInput_API makes the mistakes over the API: 422, each at its field, in the caller's language, and nothing written.
func TestBadInput_API(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v := s.Visitor(t)
		before := s.Facts(t)
		for _, m := range callMistakes {
			for _, lang := range web.Languages() {
				if m.lang != "" && m.lang != lang {
					continue
				}
				value, err := json.Marshal(m.value)
				servertest.Must(t, err)
				t.Run(lang+" "+m.path+" "+string(value[:min(len(value), 40)]), func(t *testing.T) {
					a := v.For(t).Call(servertest.CallBodyWith(s.Slots[0].ID, m.path, m.value), "Accept-Language", lang, "Idempotency-Key", "one for all")
					p := a.Want(http.StatusUnprocessableEntity).Problem()
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
		s.WantUnchanged(t, before)
		v.Call(servertest.CallBody(s.Slots[0].ID), "Idempotency-Key", "one for all").Want(http.StatusCreated)
	})
}

// TestBadInput_APISlotsAndKeys: slots that cannot be had, and keys that come back with something else.
func TestBadInput_APISlotsAndKeys(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v := s.Visitor(t)
		other := s.Visitor(t)
		held, booked := s.Slots[0].ID, s.Slots[1].ID
		other.Book(booked)
		other.Post("/hold", "slot", held).Want(http.StatusSeeOther)
		first := v.Call(servertest.CallBody(s.Slots[2].ID), "Idempotency-Key", "mine").Want(http.StatusCreated)
		before := s.Facts(t)

		again := v.Call(servertest.CallBody(s.Slots[2].ID), "Idempotency-Key", "mine").Want(http.StatusCreated)
		if first.Body != again.Body {
			t.Errorf("the same key answers %s and then %s", first.Body, again.Body)
		}
		for _, c := range []struct {
			what, body string
			status     int
			code       string
		}{
			{"the key with another patient", servertest.CallBodyWith(s.Slots[2].ID, "patient.given_name", "澪"), http.StatusUnprocessableEntity, "key_reused"},
			{"the key with another slot", servertest.CallBody(s.Slots[3].ID), http.StatusUnprocessableEntity, "key_reused"},
		} {
			if p := v.Call(c.body, "Idempotency-Key", "mine").Want(c.status).Problem(); p.Code != c.code {
				t.Errorf("%s: %s", c.what, p.Code)
			}
		}
		for slot, code := range map[string]string{held: "slot_taken", booked: "slot_taken"} {
			if p := v.Call(servertest.CallBody(slot)).Want(http.StatusConflict).Problem(); p.Code != code {
				t.Errorf("%s instead of %s", p.Code, code)
			}
		}
		s.Clock.Advance(28 * time.Hour)
		if p := v.Call(servertest.CallBody(s.Slots[4].ID)).Want(http.StatusConflict).Problem(); p.Code != "slot_past" {
			t.Errorf("a past slot: %s", p.Code)
		}
		s.WantUnchanged(t, before)
	})
}
