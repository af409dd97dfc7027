package server_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// auditOf is the whole audit log of a site.
func auditOf(t *testing.T, b *servertest.Booked) (all []clinic.AuditEntry) {
	t.Helper()
	servertest.Must(t, b.Store.EachAuditEntry(t.Context(), func(_ int64, _ []byte, e clinic.AuditEntry) error {
		all = append(all, e)
		return nil
	}))
	return all
}

// emptyAudit lets a test begin anew with an empty audit log, past its triggers.
func emptyAudit(t *testing.T, b *servertest.Booked) {
	t.Helper()
	storetest.Exec(t, b.Address, "DELETE FROM audit_entries")
}

// showsPatient reports whether an entry says that somebody was shown, or was sent, a patient of a booking: by name, or among the days of a branch.
func showsPatient(e clinic.AuditEntry, staffID string, a clinic.Appointment) bool {
	day := clinic.DateOf(a.Slot.StartsAt, a.Branch.Location())
	among := e.First != (clinic.Date{}) && e.Branch == a.Branch.ID && !day.Before(e.First) && !e.Last.Before(day) && (e.Action.OfDays() || e.Action == clinic.Exported)
	return e.Who == staffID && e.Result == clinic.AuditDone && (e.Patient == a.Booking.PatientID || among)
}

// TestRoutes_SayWhoSawWhom asks for every route of the staff as everybody, with and without a form: whatever shows or sends something of the patient
// has left an entry in the audit log by then that names who asked and the patient, or the branch and the days.
func TestRoutes_SayWhoSawWhom(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{Request: "受付も読む文", Answer: secret})
	a, err := b.Store.Appointment(t.Context(), storetest.Owner, b.BookingID)
	servertest.Must(t, err)
	for _, trigger := range []string{"audit_entries_stay_delete", "audit_entries_stay_update"} {
		storetest.Exec(t, b.Address, "DROP TRIGGER "+trigger)
	}
	p := a.Patient
	markers := []string{p.Name(), p.Kana(), p.FamilyKana, p.Phone, clinic.FormatPhone(p.Phone), p.Email, a.Booking.Reference, "受付も読む文", secret}
	day := clinic.DateOf(a.Slot.StartsAt, a.Branch.Location())
	form := url.Values{
		"q": {p.FamilyKana}, "branch": {a.Branch.ID}, "doctor": {a.Doctor.ID}, "date": {day.String()}, "until": {day.String()}, "booking": {a.Booking.ID}, "with": {a.Booking.PatientID},
		"patient": {a.Booking.PatientID}, "do": {"look"}, "text": {"文"},
	}
	var shown []string
	for _, r := range server.Routes() {
		if !r.Staff || r.Path == "/office/sign-out" || strings.HasSuffix(r.Path, "/changes") { // the streams name nobody: news_test.go
			continue
		}
		for email, v := range map[string]*servertest.Visitor{servertest.Admin: b.Admin, servertest.FrontDesk: b.FrontDesk, servertest.Doctor: b.Doctor, servertest.Colleague: b.Colleague} {
			for _, asked := range []url.Values{{}, form} {
				path := b.Fill(r.Path)
				if r.Method == http.MethodGet {
					path += "?" + asked.Encode()
				}
				emptyAudit(t, b)
				answer := v.Send(r.Method, path, strings.NewReader(asked.Encode()), servertest.FormHeader())
				log := auditOf(t, b)
				staff := b.Staff[email]
				saw := slices.ContainsFunc(log, func(e clinic.AuditEntry) bool { return showsPatient(e, staff.ID, a) })
				told := slices.IndexFunc(markers, func(m string) bool { return strings.Contains(answer.Body, m) })
				if told < 0 {
					continue
				}
				if !saw {
					t.Errorf("%s reads %q at %s (%d), and the audit log says only %v", email, markers[told], answer.Asked, answer.Status, log)
					continue
				}
				if e := log[len(log)-1]; e.From == "" || e.Request == "" {
					t.Errorf("%s does not say where it came from: %+v", answer.Asked, e)
				}
				shown = append(shown, r.Method+" "+r.Path)
			}
		}
	}
	slices.Sort(shown)
	shown = slices.Compact(shown)
	for _, route := range []string{
		"GET /office/day", "GET /office/week", "GET /office/list", "GET /office/list.csv", "GET /office/bookings/:id", "GET /office/patients/:id", "POST /office/patients", "POST /office/search",
		"GET /office/charts/:id", "GET /office/charts/:id/paper", "GET /office/charts/:id/note", "GET /office/charts/:id/response.json", "GET /office/phone",
		"GET /office/bookings/:id/move", "GET /office/letters",
	} {
		if !slices.Contains(shown, route) {
			t.Errorf("%s shows nothing of the patient here: this test would notice nothing", route)
		}
	}
	if len(shown) < 20 {
		t.Errorf("only %d routes showed anything of the patient: this test would notice little\n%s", len(shown), strings.Join(shown, "\n"))
	}
}

// TestRoutes_SayWhoWasDenied: a page that is not for somebody, and one of a patient who is not theirs, leaves an entry with who, which page and whom it
// would have been about. A HEAD shows nobody and leaves none of being shown.
func TestRoutes_SayWhoWasDenied(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{})
			a, err := b.Store.Appointment(t.Context(), storetest.Owner, b.BookingID)
			servertest.Must(t, err)
			want := func(email, route string, code clinic.Code, of clinic.Subject) {
				t.Helper()
				log := auditOf(t, b)
				if !slices.ContainsFunc(log, func(e clinic.AuditEntry) bool {
					return e.Action == clinic.Denied && e.Who == b.Staff[email].ID && e.Route == route && e.Result == string(code) && e.Subject == of
				}) {
					t.Errorf("nothing says that %s was denied %s", email, route)
				}
			}
			b.Colleague.Get("/office/charts/" + b.BookingID)
			want(servertest.Colleague, "GET /office/charts/:id", clinic.NotFound, clinic.AboutBooking(a))
			b.FrontDesk.Get("/office/charts/" + b.BookingID)
			want(servertest.FrontDesk, "GET /office/charts/:id", clinic.Forbidden, clinic.AboutBooking(a))
			b.FrontDesk.Get("/office/clinic")
			want(servertest.FrontDesk, "GET /office/clinic", clinic.Forbidden, clinic.Subject{})
			b.FrontDesk.Get("/office/bookings/" + clinic.NewID())
			want(servertest.FrontDesk, "GET /office/bookings/:id", clinic.NotFound, clinic.Subject{})
			before := len(auditOf(t, b))
			b.FrontDesk.Send(http.MethodHead, "/office/bookings/"+b.BookingID, nil, nil)
			if after := len(auditOf(t, b)); after != before {
				t.Errorf("a HEAD left %d entries", after-before)
			}
			for _, e := range auditOf(t, b) {
				if e.Action == clinic.SignIn && (e.Who == "" || e.Role == "") {
					t.Errorf("a sign-in says %+v", e)
				}
			}
		})
	}
}
