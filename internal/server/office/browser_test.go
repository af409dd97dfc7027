package office_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/store/storetest"
	"madoguchi/web"
)

// sight is a page that somebody sees, after a step on it, if there is one.
type sight struct {
	name, who, path string
	step            func(v *browsertest.Visitor)
}

// TestPages_InBrowser looks at every page of the office, also with errors, on a phone, a tablet and a desktop, in English on
// the phone as well.
func TestPages_InBrowser(t *testing.T) {
	clock := storetest.NewClock()
	s := storetest.Open(t, storetest.SQLiteURL(t), filepath.Join(t.TempDir(), "keys"), clock.Now)
	o := newCounter(t, s, clock)
	o.site.Demo = true
	sights := o.furnish()

	// The browser has no session of its own: the server is told whose page to show.
	var who *browser
	var lang string
	served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.AddCookie(&http.Cookie{Name: "lang", Value: lang}) //nolint:gosec // what a browser sends
		for name, value := range who.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: value}) //nolint:gosec // what a browser sends
		}
		o.handler.ServeHTTP(w, r)
	}))
	t.Cleanup(served.Close)
	for _, width := range []int64{browsertest.Phone, browsertest.Tablet, browsertest.Desktop} {
		v := browsertest.Visit(t, served.URL, width)
		for _, seen := range sights {
			if who = o.browser(); seen.who != "" {
				who = o.signedIn(seen.who)
			}
			for _, lang = range web.Languages() {
				if lang == "en" && width != browsertest.Phone {
					continue // long words show where it is narrow
				}
				v.Open(seen.path)
				if seen.step != nil {
					seen.step(v)
				}
				v.Look(seen.name + "-" + lang)
			}
		}
	}
}

// furnish fills the clinic so that every kind of thing is on some page, and lists the pages.
func (o *counter) furnish() []sight {
	o.t.Helper()
	answered, begun, silent := o.book(o.slotOf(0, 0), 1), o.book(o.slotOf(0, 1), 2), o.book(o.slotOf(0, 2), 3)
	o.answer(answered, allSections)
	o.answer(begun, 3)
	o.failLetter()
	_, err := o.store.Hold(o.t.Context(), clinic.Visitor(clinic.NewToken(), "192.0.2.9"), o.slotOf(1, 3).ID)
	check(o.t, err)
	gone := o.book(o.slotOf(1, 0), 4)
	check(o.t, o.store.Cancel(o.t.Context(), storetest.Owner, gone.BookingID))
	failed, err := o.store.FailedLetters(o.t.Context(), storetest.Owner)
	check(o.t, err)
	at := "?branch=" + o.Branch.ID + "&doctor=" + o.Doctors[0].ID + "&date=2026-11-25"
	send := func(status int64, button string) func(*browsertest.Visitor) {
		return func(v *browsertest.Visitor) { v.FollowAtTo(status, button) }
	}
	open := func(v *browsertest.Visitor) { v.Click("summary") }
	return []sight{
		{"sign-in", "", "/office/sign-in", nil},
		{"sign-in-wrong", "", "/office/sign-in", send(422, "[data-main]")},
		{"day", receptionMail, "/office/day" + at, nil},
		{"day-empty", adminMail, "/office/day?date=2026-12-24", nil},
		{"search", receptionMail, "/office/search", func(v *browsertest.Visitor) {
			v.Type("q", "シケン")
			v.FollowAt("[role=search] button")
		}},
		{"booking", receptionMail, "/office/bookings/" + failed[0].BookingID, open},
		{"booking-cancelled", receptionMail, "/office/bookings/" + gone.BookingID, nil},
		{"doctor", doctorMail, "/office/doctor" + at, nil},
		{"chart", doctorMail, "/office/charts/" + answered.BookingID, open},
		{"chart-begun", doctorMail, "/office/charts/" + begun.BookingID, nil},
		{"chart-silent", doctorMail, "/office/charts/" + silent.BookingID, nil},
		{"branches", adminMail, "/office/branches?done=saved", nil},
		{"branch-wrong", adminMail, "/office/branches/new", send(422, "[data-main]")},
		{"doctors", adminMail, "/office/doctors", nil},
		{"doctor-form", adminMail, "/office/doctors/" + o.Doctors[0].ID, nil},
		{"doctor-wrong", adminMail, "/office/doctors/new", send(422, "[data-main]")},
		{"slots", adminMail, "/office/slots" + at, nil},
		{"slots-wrong", adminMail, "/office/slots" + at, send(409, "[data-main]")},
		{"no-page", doctorMail, "/office/charts/" + answered.BookingID, func(v *browsertest.Visitor) { v.OpenTo(403, "/office/day") }},
	}
}
