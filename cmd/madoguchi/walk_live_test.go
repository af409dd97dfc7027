package main_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/web/ui"
)

// TestWalk_CalendarIsLive: a booking appears on the calendars that the front desk has open, in the day as in the week, without a new
// page: what somebody is typing meanwhile stays. On PostgreSQL the visitor is served by another process.
func TestWalk_CalendarIsLive(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			d := openDemo(t, engine)
			defer d.close(t)
			public := d.process
			if engine == "postgres" {
				another := maps.Clone(d.settings)
				another["MADOGUCHI_ADDR"] = "127.0.0.1:0"
				public = serve(t, another)
			}
			visitor := newVisitor(t, public)
			chosen := freeSlotOf(t, visitor, "見本 花")
			var slot clinic.Slot
			var branch clinic.Branch
			withStore(t, d.settings, func(s *store.Store) {
				var err error
				slot, err = s.Slot(t.Context(), chosen)
				must(t, err)
				branch, err = s.Branch(t.Context(), slot.BranchID)
				must(t, err)
			})
			date := clinic.DateOf(slot.StartsAt, branch.Location()).String()

			desk := browsertest.Visit(t, d.URL, browsertest.Desktop)
			signIn(t, d, desk, "reception")
			week := desk.Tab()
			for _, open := range []struct {
				on   *browsertest.Visitor
				path string
			}{{desk, "/office/day"}, {week, "/office/week"}} {
				open.on.Open(ui.Link(open.path, "branch", branch.ID, "date", date))
				open.on.WaitFor(`#live-state[data-state="on"]`)
				open.on.Keys("/")
				open.on.WaitFor("header [name=q]:focus")
				open.on.Write("シケ")
			}

			visitor.post("/hold", url.Values{"slot": {chosen}}).expect(t, http.StatusOK, "/book")
			form := url.Values{
				"slot": {chosen}, "family_name": {"例示"}, "given_name": {"澄"}, "family_kana": {"レイジ"}, "given_kana": {"スミ"}, "sex": {"f"},
				"birth_year": {"1990"}, "birth_month": {"4"}, "birth_day": {"1"}, "phone": {"090-0000-5678"}, "email": {patientOfDoctor},
			}
			for id, values := range bookingTells {
				form[id] = values
			}
			booked := visitor.post("/book", form).expect(t, http.StatusOK, "/booking/")
			id := d.chart(t, strings.TrimPrefix(booked.URL.Path, "/booking/")).Appointment.Booking.ID
			for _, open := range []*browsertest.Visitor{desk, week} {
				open.WaitFor(`#live a[href="/office/bookings/` + id + `"][data-new]`)
				open.WaitFor("#news:not(:empty)") // a calendar that asked for another reason shows the booking before it is told
				if said := open.Text("#news"); !strings.Contains(said, "オンラインで") || strings.Contains(said, "例示") {
					t.Errorf("of the booking is said %q", said)
				}
				if typed := open.Values("q"); len(typed) != 1 || typed[0] != "シケ" {
					t.Errorf("what was being typed is now %q", typed)
				}
			}
			desk.Look("live-day")
			week.Look("live-week")
		})
	}
}
