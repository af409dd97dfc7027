package server_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
	"madoguchi/web"
)

// TestFailure_Inside takes a table away, so that the server really fails in the middle of its work: a whole page says so
// with the request's id, the log has the cause under the same id, and nothing is half done.
func TestFailure_Inside(t *testing.T) {
	for engine := range storetest.Engines {
		for _, lang := range web.Languages() {
			t.Run(engine+"/"+lang, func(t *testing.T) {
				b := servertest.OpenBooked(t, engine, servertest.Saying{Lang: lang})
				another := servertest.BookingForm(b.Slots[5].ID)
				another.Set("another", "yes")
				for _, c := range []struct {
					what, table string
					send        func(b *servertest.Booked) *servertest.Answer
				}{
					{"a booking whose letter cannot be written", "letters", func(b *servertest.Booked) *servertest.Answer {
						return b.Patient.PostForm("/book", another)
					}},
					{"a booking over the API", "idempotency_keys", func(b *servertest.Booked) *servertest.Answer {
						return b.Patient.Send(http.MethodPost, "/api/v1/bookings", strings.NewReader(servertest.CallBody(b.Slots[5].ID)),
							http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {"a"}})
					}},
					{"an answer", "intakes", func(b *servertest.Booked) *servertest.Answer {
						return b.Patient.Post("/intake/"+b.Token+"/wish", "c_true", "yes")
					}},
					{"a patient's page", "claims", func(b *servertest.Booked) *servertest.Answer { return b.Patient.Get("/slots?branch=" + b.Branch.ID) }},
					{"a cancellation", "letters", func(b *servertest.Booked) *servertest.Answer {
						return b.FrontDesk.Post("/office/bookings/" + b.BookingID + "/cancel")
					}},
					{"the doctor's day", "intakes", func(b *servertest.Booked) *servertest.Answer { return b.Doctor.Get("/office/doctor?date=2026-11-25") }},
					{"a doctor's form", "doctor_branches", func(b *servertest.Booked) *servertest.Answer {
						return b.Admin.PostForm("/office/doctors/"+b.Doctors[0].ID, url.Values{"family_name": {"改"}, "given_name": {"名"}, "family_kana": {"カイ"}, "given_kana": {"メイ"}, "sex": {"f"}, "branches": {b.Branch.ID}})
					}},
				} {
					t.Run(c.what, func(t *testing.T) {
						before := b.Facts(t)
						storetest.Exec(t, b.Address, "ALTER TABLE "+c.table+" RENAME TO away")
						a := c.send(b.For(t))
						storetest.Exec(t, b.Address, "ALTER TABLE away RENAME TO "+c.table)
						b.WantUnchanged(t, before)
						a.Want(http.StatusInternalServerError)
						id := a.Header.Get("X-Request-Id")
						cause := regexp.MustCompile(`level=ERROR msg=failure id=` + id + ` cause=.*` + c.table)
						if id == "" || !cause.MatchString(b.Journal.String()) {
							t.Errorf("the log does not tell the cause of %q:\n%s", id, b.Journal)
						}
						told := strings.ReplaceAll(a.Body, `"/office/letters"`, "") // a page of the menu
						if strings.Contains(told, c.table) || strings.Contains(a.Body, "SQL") {
							t.Error("the answer tells the cause")
						}
						if strings.HasPrefix(c.what, "a booking over") {
							a.Problem()
							return
						}
						doc := a.Page()
						if !strings.Contains(doc.Find("main").Text(), id) || doc.Find("html").AttrOr("lang", "") != lang || doc.Find("h1").Length() != 1 ||
							!strings.HasSuffix(strings.TrimSpace(a.Body), "</html>") || strings.Count(a.Body, "<html") != 1 {
							t.Errorf("half a page, or one without the id %s:\n%s", id, a.Body)
						}
					})
				}
				// It recovers without a restart.
				b.Patient.PostForm("/book", another).Want(http.StatusSeeOther)
			})
		}
	}
}

// TestFailure_WhatIsNotThere: paths and methods that there are not, and links that are none, each with a page or a problem.
func TestFailure_WhatIsNotThere(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/nothing", http.StatusNotFound},
		{http.MethodGet, "/office/nothing", http.StatusNotFound},
		{http.MethodGet, "/assets/nothing.js", http.StatusNotFound},
		{http.MethodGet, "/assets/../../go.mod", http.StatusNotFound},
		{http.MethodGet, "/assets/", http.StatusNotFound},
		{http.MethodGet, "/.env", http.StatusNotFound},
		{http.MethodGet, "/api/v1/nothing", http.StatusNotFound},
		{http.MethodGet, "/dev/letters", http.StatusNotFound},
		{http.MethodGet, "/dev/letters/x.eml", http.StatusNotFound},
		{http.MethodGet, "/intake/" + b.Token + "/nothing", http.StatusNotFound},
		{http.MethodGet, "/booking/" + strings.Repeat("a", 26), http.StatusNotFound},
		{http.MethodGet, "/booking/%00", http.StatusNotFound},
		{http.MethodGet, "/booking/%FF", http.StatusNotFound},
		{http.MethodGet, "/intake/" + b.BookingID, http.StatusNotFound}, // the id is no token
		{http.MethodPost, "/", http.StatusMethodNotAllowed},
		{http.MethodGet, "/hold", http.StatusMethodNotAllowed},
		{http.MethodPut, "/book", http.StatusMethodNotAllowed},
		{http.MethodDelete, "/office/day", http.StatusMethodNotAllowed},
		{http.MethodPatch, "/api/v1/bookings", http.StatusMethodNotAllowed},
		{http.MethodOptions, "/book", http.StatusMethodNotAllowed},
		{http.MethodTrace, "/", http.StatusMethodNotAllowed},
		{"BREW", "/book", http.StatusMethodNotAllowed},
	} {
		a := b.Patient.Send(c.method, c.path, nil, nil)
		if a.Status != c.status {
			t.Errorf("%s answered %d, want %d", a.Asked, a.Status, c.status)
			continue
		}
		if c.status == http.StatusMethodNotAllowed && a.Header.Get("Allow") == "" {
			t.Errorf("%s does not say what is allowed", a.Asked)
		}
		switch {
		case strings.HasPrefix(c.path, "/api/"):
			a.Problem()
		case !strings.HasPrefix(c.path, "/assets/"):
			if doc := a.Page(); doc.Find("h1").Length() != 1 || doc.Find("main a").Length() == 0 {
				t.Errorf("%s shows no way on:\n%s", a.Asked, a.Body)
			}
		}
	}
	for _, path := range []string{"/office/bookings/%00", "/office/bookings/%FF", "/office/bookings/" + b.Token, "/office/bookings/' OR 1=1 --"} {
		b.FrontDesk.Get(strings.ReplaceAll(path, " ", "%20")).Want(http.StatusNotFound)
	}
}
