package api_test

import (
	"net/http"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
	"madoguchi/web"
)

// TestAPIKey_IsWanted: nobody books over the API without a key that is not revoked; reading is open. What is wrong with the key is
// said before anything about the call, in the caller's language.
func TestAPIKey_IsWanted(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		_, revoked, err := s.Store.AddAPIKey(t.Context(), storetest.Owner, "以前のサイト")
		servertest.Must(t, err)
		servertest.Must(t, s.Store.RevokeAPIKey(t.Context(), storetest.Owner, "以前のサイト"))
		v := s.Visitor(t)
		v.APIKey = ""
		before := s.Facts(t)
		for _, header := range []string{
			"", "Bearer", "Bearer ", "Bearer " + revoked, "Bearer " + s.APIKey + "a", s.APIKey, "Basic " + s.APIKey, "Token " + s.APIKey,
			"Bearer " + strings.ToUpper(s.APIKey), "Bearer " + s.APIKey + " " + s.APIKey, "Bearer \x80", "Bearer " + strings.Repeat("a", 8000),
		} {
			for _, body := range []string{servertest.CallBody(s.Slots[0].ID), "{", ""} {
				a := v.Call(body, "Authorization", header, "Accept-Language", "en").Want(http.StatusUnauthorized)
				if p := a.Problem(); p.Code != "unauthorized" || p.Detail != web.Find("en").T("error.api_key") || a.Header.Get("WWW-Authenticate") != "Bearer" {
					t.Errorf("%.40q: %+v", header, p)
				}
			}
		}
		s.WantUnchanged(t, before)
		v.Get("/api/v1/branches").Want(http.StatusOK)
		v.Get("/api/v1/slots?branch=" + s.Branch.ID).Want(http.StatusOK)
		for i, scheme := range []string{"Bearer ", "bearer ", "BEARER  "} { // RFC 9110, 11.1
			v.Call(servertest.CallBody(s.Slots[i].ID), "Authorization", scheme+s.APIKey).Want(http.StatusCreated)
		}
		if description := v.Get("/api/openapi.json").Want(http.StatusOK).Body; !strings.Contains(description, `"scheme":"bearer"`) || !strings.Contains(description, `"security":[{"apiKey":[]}]`) {
			t.Error("the description does not say that a key is wanted")
		}
	})
}

// TestAPIKey_HasItsOwnIdempotencyKeys: two programs may choose the same one.
func TestAPIKey_HasItsOwnIdempotencyKeys(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		_, other, err := s.Store.AddAPIKey(t.Context(), storetest.Owner, "別のサイト")
		servertest.Must(t, err)
		v := s.Visitor(t)
		first := v.Call(servertest.CallBody(s.Slots[0].ID), "Idempotency-Key", "1").Want(http.StatusCreated)
		v.APIKey = other
		if second := v.Call(servertest.CallBody(s.Slots[1].ID), "Idempotency-Key", "1").Want(http.StatusCreated); second.Body == first.Body {
			t.Error("another program's answer came back")
		}
	})
}

// TestAPI_ReplayAfterCancellation says that the booking is cancelled, and books nothing.
func TestAPI_ReplayAfterCancellation(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v := s.Visitor(t)
		call := func() string {
			return v.Call(servertest.CallBody(s.Slots[0].ID), "Idempotency-Key", "mine").Want(http.StatusCreated).Body
		}
		booked := call()
		_, err := s.Store.CancelTogether(t.Context(), storetest.Owner, []string{s.BookingAt(t, s.Slots[0].ID)}, false)
		servertest.Must(t, err)
		before := s.Facts(t)
		if again := call(); again != strings.Replace(booked, `"status":"booked"`, `"status":"`+string(clinic.Cancelled)+`"`, 1) {
			t.Errorf("after the cancellation: %s", again)
		}
		s.WantUnchanged(t, before)
	})
}

// TestBadInput_SaidTwice: a call that says something twice, or in another case, means two things and is refused where it does.
func TestBadInput_SaidTwice(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v, before := s.Visitor(t), s.Facts(t)
		body := servertest.CallBody(s.Slots[0].ID)
		for what, c := range map[string]struct{ body, location string }{
			"slot":           {strings.Replace(body, `"slot_id":`, `"slot_id":"x","slot_id":`, 1), "body.slot_id"},
			"the same value": {strings.Replace(body, `"sex":"f"`, `"sex":"f","sex":"f"`, 1), "body.patient.sex"},
			"escaped":        {strings.Replace(body, `"sex":"f"`, `"sex":"m","\u0073ex":"f"`, 1), "body.patient.sex"},
			"an object":      {strings.Replace(body, `"source":`, `"source":{},"source":`, 1), "body.source"},
			"in an unknown":  {strings.Replace(body, `"source":`, `"x":[1,{"a":1,"a":2}],"source":`, 1), "body.x[1].a"},
			"another case":   {strings.Replace(body, `"slot_id":`, `"Slot_ID":`, 1), ""},
			"both cases":     {strings.Replace(body, `"slot_id":`, `"SLOT_ID":"x","slot_id":`, 1), "body.SLOT_ID"},
			"case within":    {strings.Replace(body, `"phone":`, `"Phone":`, 1), ""},
			"the long s":     {strings.Replace(body, `"sex":`, `"ſex":`, 1), ""}, // folds to s
			"very deep":      {strings.Replace(body, `"source":`, `"x":`+strings.Repeat("[", 20000)+strings.Repeat("]", 20000)+`,"source":`, 1), "-"},
		} {
			a := v.Call(c.body)
			if c.location == "-" {
				if a.Status != http.StatusUnprocessableEntity && a.Status != http.StatusBadRequest {
					t.Errorf("%s: %d", what, a.Status)
				}
				continue
			}
			p := a.Want(http.StatusUnprocessableEntity).Problem()
			if p.Code != "invalid" || len(p.Errors) == 0 || c.location != "" && p.Errors[0].Location != c.location {
				t.Errorf("%s: %s", what, a.Body)
			}
		}
		for _, path := range []string{"&days=1&days=2", "&branch=x", "&from=2026-11-25&from=2026-11-26"} {
			v.Get("/api/v1/slots?branch=" + s.Branch.ID + path).Want(http.StatusUnprocessableEntity).Problem()
		}
		a := v.Send(http.MethodPost, "/api/v1/bookings", strings.NewReader(body), http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {"one", "two"}})
		if p := a.Want(http.StatusUnprocessableEntity).Problem(); p.Errors[0].Location != "header.Idempotency-Key" {
			t.Errorf("two idempotency keys: %s", a.Body)
		}
		s.WantUnchanged(t, before)
		v.Call(body).Want(http.StatusCreated)
	})
}
