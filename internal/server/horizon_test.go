package server_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
	"madoguchi/web"
)

// beyond are days that nobody may look at, with the one before them that visitors or staff may.
const (
	lastPublic, beyondPublic = "2027-02-15", "2027-02-16" // storetest.Begin and 83 days, and 84
	lastStaff, beyondStaff   = "2028-11-24", "2028-11-25"
	firstStaff, beforeStaff  = "2016-11-24", "2016-11-23"
)

// openDay opens one slot at noon of a day, past the rule of how far ahead that may be done, and returns its id.
func openDay(t *testing.T, s *servertest.Site, day string) string {
	t.Helper()
	date, _ := clinic.ParseDate(day)
	starts := date.In(s.Branch.Location()).Add(12 * time.Hour)
	servertest.Must(t, s.Store.AddSlots(t.Context(), storetest.Owner, []clinic.Slot{
		{BranchID: s.Branch.ID, DoctorID: s.Doctors[0].ID, StartsAt: starts, EndsAt: starts.Add(time.Hour)},
	}))
	opened, err := s.Store.Slots(t.Context(), store.SlotQuery{BranchID: s.Branch.ID, From: starts, Until: starts.Add(time.Second), For: storetest.Owner})
	servertest.Must(t, err)
	return opened[0].ID
}

// TestHorizon_OfVisitors: the last day that can be booked is shown and booked, the day after it is neither, by whichever way.
func TestHorizon_OfVisitors(t *testing.T) {
	for engine := range storetest.Engines {
		for _, lang := range web.Languages() {
			t.Run(engine+"/"+lang, func(t *testing.T) {
				h := servertest.Open(t, engine)
				v := h.Visitor(t).Speak(lang)
				last, beyond := openDay(t, h, lastPublic), openDay(t, h, beyondPublic)
				before := h.Facts(t)

				// The grid: its last week ends with the last day, and leads no further.
				week := func(first string) *servertest.Answer {
					return v.Get("/slots?branch=" + h.Branch.ID + "&week=" + first).Want(http.StatusOK)
				}
				if doc := week("2027-02-09").Page(); doc.Find("[value='"+last+"']").Length() == 0 || doc.Find("[value='"+beyond+"'], a[href*='week=2027-02-16']").Length() > 0 {
					t.Error("the last week does not end with the last day")
				}
				for _, first := range []string{"2027-02-10", beyondPublic, "9999-12-31", "0000-01-01", "2026-11-23"} { // a link that is too old, or was made up: today
					if doc := week(first).Page(); doc.Find("a[href*='week=2026-12-01']").Length() == 0 || doc.Find("[value='"+beyond+"']").Length() > 0 {
						t.Errorf("the week from %s is not that of today", first)
					}
				}

				sentence := web.Find(lang).T("error.slot.early")
				if page := v.PostForm("/hold", url.Values{"slot": {beyond}, "branch": {h.Branch.ID}}).Want(http.StatusConflict); !strings.Contains(page.Page().Find(".notice").Text(), sentence) {
					t.Errorf("the hold says %s", page.Body)
				}
				doc := v.PostForm("/book", servertest.BookingForm(beyond)).Want(http.StatusConflict).Page()
				if !strings.Contains(doc.Find(".notice").Text(), sentence) || doc.Find("[name=change_slot]").Length() == 0 {
					t.Error("the form does not say why, or offers no other time")
				}
				doc = v.PostForm("/book", url.Values{"change_slot": {beyond}, "slot": {last}}).Want(http.StatusConflict).Page()
				if !strings.Contains(doc.Find(".notice").Text(), sentence) {
					t.Error("the other time is not refused")
				}
				p := v.Send(http.MethodPost, "/api/v1/bookings", strings.NewReader(servertest.CallBodyWith(beyond, "slot_id", beyond)),
					http.Header{"Content-Type": {"application/json"}, "Accept-Language": {lang}}).Want(http.StatusConflict).Problem()
				if p.Code != "slot_early" || p.Detail != sentence {
					t.Errorf("the API says %+v", p)
				}
				h.WantUnchanged(t, before)
				v.PostForm("/hold", url.Values{"slot": {last}}).Want(http.StatusSeeOther)
				v.PostForm("/book", servertest.BookingForm(last)).Want(http.StatusSeeOther)
				// A day later the day after it is the last.
				h.Clock.Advance(24 * time.Hour)
				v.Call(servertest.CallBodyWith(beyond, "slot_id", beyond)).Want(http.StatusCreated)
			})
		}
	}
}

// TestHorizon_OfTheAPI: days that cannot be booked are refused at the field, and no answer reaches beyond the last one.
func TestHorizon_OfTheAPI(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			h := servertest.Open(t, engine)
			v := h.Visitor(t)
			last, beyond := openDay(t, h, lastPublic), openDay(t, h, beyondPublic)
			ask := func(from, lang string) *servertest.Answer {
				return v.Send(http.MethodGet, "/api/v1/slots?branch="+h.Branch.ID+"&days=60&from="+from, nil, http.Header{"Accept-Language": {lang}})
			}
			for _, from := range []string{beyondPublic, "9999-12-31", "0000-01-01", "2026-11-23"} {
				for _, lang := range web.Languages() {
					p := ask(from, lang).Want(http.StatusUnprocessableEntity).Problem()
					want := web.Find(lang).T("error.date.range", "First", "2026-11-24", "Last", lastPublic)
					if len(p.Errors) != 1 || p.Errors[0].Location != "query.from" || p.Errors[0].Message != want {
						t.Errorf("from %s: %+v", from, p)
					}
				}
			}
			for _, from := range []string{lastPublic, "2027-01-01"} {
				var found struct{ Slots []struct{ ID string } }
				servertest.Must(t, json.Unmarshal([]byte(ask(from, "ja").Want(http.StatusOK).Body), &found))
				if len(found.Slots) != 1 || found.Slots[0].ID != last {
					t.Errorf("from %s: %+v, want %s and not %s", from, found, last, beyond)
				}
			}
			ask("2026-11-24", "ja").Want(http.StatusOK)
		})
	}
}

// TestHorizon_OfStaff: every page of the office that takes a day refuses one beyond it, says why, keeps the day that was
// asked for in the picker and shows today instead; no slot is opened there.
func TestHorizon_OfStaff(t *testing.T) {
	for engine := range storetest.Engines {
		for _, lang := range web.Languages() {
			t.Run(engine+"/"+lang, func(t *testing.T) {
				b := servertest.OpenBooked(t, engine, servertest.Saying{Lang: lang})
				before := b.Facts(t)
				want := web.Find(lang).T("error.date.range", "First", firstStaff, "Last", lastStaff)
				pages := map[string]*servertest.Visitor{
					"/office/day?date=": b.FrontDesk, "/office/doctor?date=": b.Doctor,
					"/office/slots?branch=" + b.Branch.ID + "&doctor=" + b.Doctors[0].ID + "&date=": b.Admin,
				}
				for path, who := range pages {
					for _, day := range []string{firstStaff, lastStaff, "2026-11-24", ""} {
						if doc := who.Get(path + day).Want(http.StatusOK).Page(); doc.Find("[role=alert]:not([hidden]), .error").Length() > 0 {
							t.Errorf("%s%s complains", path, day)
						}
					}
					for _, day := range []string{beforeStaff, beyondStaff, "9999-12-31", "0000-01-01"} {
						a := who.Get(path + day)
						doc := a.Want(http.StatusUnprocessableEntity).Page()
						if said := servertest.Words(doc.Find("#day-error")); !strings.Contains(said, want) {
							t.Errorf("%s says %q, want %q", a.Asked, said, want)
						}
						today := web.Find(lang).ShortDay(clinic.Date{Year: 2026, Month: time.November, Day: 24}, "")
						if !strings.Contains(doc.Find("main").Text(), today) && !strings.Contains(doc.Find("main").Text(), web.Find(lang).Day(clinic.Date{Year: 2026, Month: time.November, Day: 24}, "")) {
							t.Errorf("%s does not show today", a.Asked)
						}
						if strings.Contains(path, "doctor?") { // it has no picker
							continue
						}
						if picker := doc.Find("form[method=get] [name=date]"); picker.AttrOr("value", "") != day || picker.AttrOr("aria-invalid", "") != "true" || doc.Find("#"+picker.AttrOr("aria-describedby", "none")).Length() != 1 {
							t.Errorf("%s: the picker is not marked, or holds %q", a.Asked, picker.AttrOr("value", ""))
						}
					}
				}
				form := url.Values{"branch": {b.Branch.ID}, "doctor": {b.Doctors[0].ID}, "from": {"10:00"}, "minutes": {"60"}}
				for _, day := range []string{beyondStaff, "9999-12-31", "0000-01-01"} {
					form.Set("date", day)
					doc := b.Admin.PostForm("/office/slots", form).Want(http.StatusUnprocessableEntity).Page()
					if said := servertest.Words(doc.Find(".error")); !strings.Contains(said, want) || doc.Find("#date").AttrOr("value", "") != day || doc.Find("#date").AttrOr("aria-invalid", "") != "true" {
						t.Errorf("opening %s says %q at a field with %q", day, said, doc.Find("#date").AttrOr("value", ""))
					}
				}
				b.WantUnchanged(t, before)
				form.Set("date", lastStaff)
				b.Admin.PostForm("/office/slots", form).Want(http.StatusSeeOther)
			})
		}
	}
}
