package patient_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
	"madoguchi/web"
)

// sentAgain is the form of a page as its browser would send it: the hidden fields of the page, and what was typed.
func sentAgain(doc *goquery.Document, typed url.Values) url.Values {
	form := url.Values{}
	for name, values := range typed {
		form[name] = values
	}
	doc.Find("form[action='/book'] input[type=hidden]").Each(func(_ int, s *goquery.Selection) {
		if name := s.AttrOr("name", ""); name != "asked" {
			form.Set(name, s.AttrOr("value", ""))
		}
	})
	return form
}

// withoutCookies is a visitor whose browser sends none: each request is that of a new one.
type withoutCookies struct {
	s *servertest.Site
}

func (w withoutCookies) get(t *testing.T, path string) *servertest.Answer {
	t.Helper()
	return w.s.Visitor(t).Get(path)
}

func (w withoutCookies) post(t *testing.T, path string, form url.Values) *servertest.Answer {
	t.Helper()
	return w.s.Visitor(t).PostForm(path, form)
}

// TestBook_WithoutCookies: the hold travels in the address and the form. It keeps the slot from others, moves with a change of the
// time, and survives a mistake.
func TestBook_WithoutCookies(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			s := servertest.Open(t, engine)
			w, slot, other := withoutCookies{s}, s.Slots[0].ID, s.Slots[6].ID
			form := w.post(t, "/hold", url.Values{"slot": {slot}}).Want(http.StatusSeeOther).Location()
			page := w.get(t, form).Want(http.StatusOK)
			if page.Find("[data-left]").Length() != 1 {
				t.Fatal("the form does not say that the time is kept")
			}
			if got := s.Visitor(t).Post("/hold", "slot", slot).Want(http.StatusConflict); got.Find("[data-left]").Length() != 0 {
				t.Error("somebody else gets the slot")
			}
			wrong := sentAgain(page.Page(), servertest.BookingForm(slot))
			wrong.Set("phone", "")
			page = w.post(t, "/book", wrong).Want(http.StatusUnprocessableEntity)
			if page.Find("[data-left]").Length() != 1 {
				t.Error("after a mistake the time is no longer kept")
			}
			// The way back to the times carries the hold as well: the own time is free there, and is let go of for another.
			back := page.Find(".held-bar a").AttrOr("href", "")
			week := w.get(t, back+"&doctor="+s.Slots[0].DoctorID).Want(http.StatusOK)
			if week.Find("button[name=slot][value='"+slot+"']").Length() == 0 {
				t.Error("the visitor's own time is not offered to them")
			}
			change := sentAgain(page.Page(), servertest.BookingForm(slot))
			change.Set("change_slot", other)
			page = w.post(t, "/book", change).Want(http.StatusOK)
			if page.Find("[data-left]").Length() != 1 || page.Find("[data-changed]").Length() != 1 {
				t.Error("another time is not kept, or nothing says that it is another")
			}
			s.Visitor(t).Post("/hold", "slot", slot).Want(http.StatusSeeOther)
			done := w.post(t, "/book", sentAgain(page.Page(), servertest.BookingForm(other)))
			w.get(t, "/booking/"+done.Token()).Want(http.StatusOK).WantText("#booking", web.Find("ja").Clock(s.Slots[6].StartsAt, s.Branch.Location()))
		})
	}
}

// TestBook_TravellingToken: an address with somebody's token gives nobody their cookie or their booking, and a browser that keeps
// cookies drops it.
func TestBook_TravellingToken(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	slot, token := s.Slots[0].ID, clinic.NewToken()
	address := "/book?" + url.Values{"slot": {slot}, "hold": {token}}.Encode()
	// Who is given an address with a token, and books, is not found by whoever made the token.
	victim, attacker := s.Visitor(t), s.Visitor(t)
	attacker.SetCookie("visitor", token)
	attacker.Post("/hold", "slot", slot).Want(http.StatusSeeOther)
	page := victim.Get(address).Want(http.StatusOK)
	victim.PostForm("/book", sentAgain(page.Page(), servertest.BookingForm(slot))).Token()
	if cookie := victim.Cookie("visitor"); cookie == token {
		t.Error("a token of an address has become a cookie")
	}
	if a := attacker.Get("/book?slot=" + slot); strings.HasPrefix(a.Location(), "/booking/") {
		t.Error("whoever made the token is led to the booking")
	}
	known := s.Visitor(t)
	known.Post("/hold", "slot", s.Slots[1].ID).Want(http.StatusSeeOther)
	if to := known.Get(address).Want(http.StatusSeeOther).Location(); strings.Contains(to, "hold=") || !strings.HasPrefix(to, "/book?") {
		t.Errorf("a browser with a cookie is sent on to %s", to)
	}
	// The first hold of a browser that keeps cookies: the token stays out of the address from then on.
	first := s.Visitor(t)
	to := first.Post("/hold", "slot", s.Slots[2].ID).Want(http.StatusSeeOther).Location()
	first.Get(first.Get(to).Want(http.StatusSeeOther).Location()).Want(http.StatusOK)
}

// TestBook_OwnBookingAgain: the back button, a reload, a second tab and a form that was sent and changed lead to the visitor's own
// booking, and make no second one.
func TestBook_OwnBookingAgain(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			s := servertest.Open(t, engine)
			v, slot := s.Visitor(t), s.Slots[0].ID
			v.Post("/hold", "slot", slot).Want(http.StatusSeeOther)
			address := v.Post("/hold", "slot", slot).Want(http.StatusSeeOther).Location()
			form := sentAgain(v.Get(address).Want(http.StatusOK).Page(), servertest.BookingForm(slot))
			token := v.PostForm("/book", form).Token()
			bookings := s.Facts(t)["bookings"]
			own := "/booking/" + token + "?again=1"
			if got := v.Get(address).Want(http.StatusSeeOther).Location(); got != own {
				t.Errorf("the form leads to %s", got)
			}
			changed, otherTab := url.Values{}, url.Values{}
			for name, values := range form {
				changed[name], otherTab[name] = values, values
			}
			changed.Set("phone", "090-0000-0099")
			otherTab.Set("key", "of another tab")
			if got := v.PostForm("/book", form).Token(); got != token {
				t.Errorf("the form sent again leads to %s", got)
			}
			for what, f := range map[string]url.Values{"changed": changed, "of another tab": otherTab} {
				if got := v.PostForm("/book", f).Want(http.StatusSeeOther).Location(); got != own {
					t.Errorf("the form %s leads to %s", what, got)
				}
			}
			// So do choosing the same time again, and changing the time of another form to it.
			if got := v.Post("/hold", "slot", slot).Want(http.StatusSeeOther).Location(); got != own {
				t.Errorf("choosing the time again leads to %s", got)
			}
			toOwn := url.Values{}
			for name, values := range otherTab {
				toOwn[name] = values
			}
			toOwn.Set("slot", s.Slots[6].ID)
			toOwn.Set("change_slot", slot)
			if got := v.PostForm("/book", toOwn).Want(http.StatusSeeOther).Location(); got != own {
				t.Errorf("changing another form to the time leads to %s", got)
			}
			// A browser without cookies has its form, too.
			toOwn.Set("key", form.Get("key"))
			if got := s.Visitor(t).PostForm("/book", toOwn).Want(http.StatusSeeOther).Location(); got != own {
				t.Errorf("without cookies, changing the form to the time leads to %s", got)
			}
			if got := s.Visitor(t).PostForm("/book", changed).Want(http.StatusSeeOther).Location(); got != own {
				t.Errorf("without cookies, the form leads to %s", got)
			}
			if !slices.Equal(s.Facts(t)["bookings"], bookings) {
				t.Error("there is another booking")
			}
			a := v.Get(own).Want(http.StatusOK)
			a.WantText("[data-again]", "すでに承っています")
			// For somebody else, it is somebody else's.
			stranger := s.Visitor(t).PostForm("/book", otherTab).Want(http.StatusConflict)
			stranger.WantText(".notice", web.Find("ja").T(clinic.MaybeOwn))
			// Cancelled, it is nobody's, and the time can be booked again.
			chart, err := s.Store.Intake(t.Context(), clinic.PatientByLink(token))
			servertest.Must(t, err)
			s.Cancel(t, chart.Appointment.Booking.ID)
			v.Get(address).Want(http.StatusOK)
			otherTab.Set("key", "of a third tab")
			if again := v.PostForm("/book", otherTab).Token(); again == token {
				t.Error("the cancelled booking is shown as the new one")
			}
		})
	}
}

// TestBook_AsksBeforeAnother: whoever may have a booking is asked, by words that tell a stranger nothing about it, and books another
// with one button; sending the form by the Enter key only asks again.
func TestBook_AsksBeforeAnother(t *testing.T) {
	for _, lang := range web.Languages() {
		t.Run(lang, func(t *testing.T) {
			s := servertest.Open(t, "sqlite")
			booked := s.Slots[2]
			s.Visitor(t).Book(booked.ID)
			before := s.Facts(t)
			stranger, slot := s.Visitor(t).Speak(lang), s.Slots[6].ID
			form := servertest.BookingForm(slot)
			form.Set("family_kana", "タニン")
			form.Set("email", "tanin@example.jp")
			form.Set("birth_year", "1971")
			asked := stranger.PostForm("/book", form).Want(http.StatusConflict)
			l := web.Find(lang)
			asked.WantText("#another h2", l.T("patient.booking.another"))
			asked.WantText("#another .phone", s.Branch.Phone)
			loc := s.Branch.Location()
			for what, secret := range map[string]string{
				"day": l.ShortDay(clinic.DateOf(booked.StartsAt, loc), ""), "hour": l.Clock(booked.StartsAt, loc), "name": "花子", "mail": "hanako@example.jp",
			} {
				if strings.Contains(asked.Text("#another"), secret) {
					t.Errorf("the question tells the %s of the booking", what)
				}
			}
			if asked.Find("[name=another]").Length() != 1 || asked.Find("#another [name=another][value=yes]").Length() != 1 {
				t.Error("there is no button for another booking")
			}
			again := sentAgain(asked.Page(), form)
			stranger.PostForm("/book", again).Want(http.StatusConflict)
			s.WantUnchanged(t, before)
			again.Set("another", "yes")
			stranger.PostForm("/book", again).Token()
		})
	}
}

// TestBook_NearTimes: who loses a time is offered those near it, with the doctors they wished for, on the form and on the week.
func TestBook_NearTimes(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	for _, day := range []string{"2026-11-26", "2026-11-27"} {
		for _, d := range s.Doctors {
			slots, errs := clinic.DaySlots{Date: day, From: "10:00", Until: "16:00", Minutes: "60"}.Slots(s.Branch, d.ID, s.Clock.Now())
			servertest.Must(t, errs.Err())
			servertest.Must(t, s.Store.AddSlots(t.Context(), storetest.Owner, slots))
		}
	}
	woman := s.Doctors[0]
	lost := s.SlotOf(t, 0, 4) // 14:00
	v := s.Visitor(t)
	form := v.Post("/hold", "slot", lost.ID, "sex", "f").Want(http.StatusSeeOther).Location()
	page := v.Get(v.Get(form).Want(http.StatusSeeOther).Location()).Want(http.StatusOK)
	s.Clock.Advance(clinic.HoldFor)
	s.Book(t, lost, 1)
	want := []string{"11月25日（水）13:00 60分", "11月25日（水）15:00 60分", "11月26日（木）14:00 60分", "11月27日（金）14:00 60分"}
	check := func(where string, a *servertest.Answer, name string) {
		t.Helper()
		got := a.Texts("button.time[name=" + name + "] b")
		if !slices.Equal(got, want) {
			t.Errorf("%s offers %q, want %q", where, got, want)
		}
		for _, who := range a.Texts("button.time[name=" + name + "] .text-sm") {
			if !strings.Contains(who, woman.Name("ja")) {
				t.Errorf("%s offers %s to who asked for a woman", where, who)
			}
		}
	}
	sent := v.PostForm("/book", sentAgain(page.Page(), servertest.BookingForm(lost.ID))).Want(http.StatusConflict)
	check("the form", sent, "change_slot")
	check("the form opened again", v.Get("/book?slot="+lost.ID+"&women=f").Want(http.StatusConflict), "change_slot")
	week := s.Visitor(t).Post("/hold", "slot", lost.ID, "branch", s.Branch.ID, "sex", "f").Want(http.StatusConflict)
	check("the week", week, "slot")
	week.WantText("#next", web.Find("ja").T("patient.near"))

	// Another time is said to be another, with the one before it.
	change := sentAgain(sent.Page(), servertest.BookingForm(lost.ID))
	change.Set("change_slot", sent.Find("[name=change_slot]").First().AttrOr("value", ""))
	changed := v.PostForm("/book", change).Want(http.StatusOK)
	changed.WantText("[data-changed]", "日時が変わりました")
	changed.WantText("[data-changed]", "11月25日（水）14:00")
	changed.WantText("section p.num", "13:00")
}

// TestBook_WithoutAHold: over the limit, the visitor goes on without a hold, is told so with the telephone number, and books.
func TestBook_WithoutAHold(t *testing.T) {
	for _, lang := range web.Languages() {
		s := servertest.Open(t, "sqlite")
		most := len(s.Slots)/3 + 1
		for _, slot := range s.Slots[:most] {
			s.Visitor(t).Post("/hold", "slot", slot.ID).Want(http.StatusSeeOther)
		}
		v, slot := s.Visitor(t).Speak(lang), s.Slots[most].ID
		to := v.Post("/hold", "slot", slot).Want(http.StatusSeeOther).Location()
		page := v.Get(v.Get(to).Want(http.StatusSeeOther).Location()).Want(http.StatusOK)
		page.WantText("[data-unheld]", web.Find(lang).T("patient.booking.unheld"))
		page.WantText("[data-unheld] .phone", s.Branch.Phone)
		if page.Find("[data-left], [name=change_slot]").Length() != 0 {
			t.Error("the page counts minutes, or offers other times")
		}
		v.PostForm("/book", sentAgain(page.Page(), servertest.BookingForm(slot))).Token()
	}
}

// TestBook_AfterTheHold: a hold that has run out takes nothing away while the time is free: the form goes on with the same time.
func TestBook_AfterTheHold(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	v, slot := s.Visitor(t), s.Slots[0].ID
	v.Post("/hold", "slot", slot).Want(http.StatusSeeOther)
	s.Clock.Advance(clinic.HoldFor + time.Second)
	page := v.Get("/book?slot=" + slot).Want(http.StatusOK)
	if page.Find("[data-unheld]").Length() != 1 || page.Find("[name=change_slot]").Length() != 0 {
		t.Error("a time that is free is not shown as free")
	}
	if got := page.Find("[name=slot]").AttrOr("value", ""); got != slot {
		t.Errorf("the form is for the slot %s", got)
	}
	v.PostForm("/book", sentAgain(page.Page(), servertest.BookingForm(slot))).Token()
}

// TestTyped: the browser's word that somebody types is safe to say: by anybody, twice, and without a hold.
func TestTyped(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	v := s.Visitor(t)
	v.Post("/hold", "slot", s.Slots[0].ID).Want(http.StatusSeeOther)
	before := s.Facts(t)
	s.Visitor(t).Post("/typed").Want(http.StatusNoContent)
	s.Visitor(t).Post("/typed", "hold", clinic.NewToken()).Want(http.StatusNoContent)
	v.Get("/typed").Want(http.StatusMethodNotAllowed)
	s.WantUnchanged(t, before)
	v.Post("/typed").Want(http.StatusNoContent)
	after := s.Facts(t)
	v.Post("/typed").Want(http.StatusNoContent)
	s.WantUnchanged(t, after)
	if slices.Equal(before["claims"], after["claims"]) {
		t.Error("nothing was noted")
	}
}

// TestBook_AWithdrawnTime: whoever has the form open of a time that the clinic withdraws is told so, is offered times near it at the
// same branch, and is told that the time they then choose is another.
func TestBook_AWithdrawnTime(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		doctor, err := s.Store.SaveDoctor(t.Context(), storetest.Owner, clinic.Doctor{FamilyName: "別院", GivenName: "遥", Sex: clinic.Female}, []string{s.Other.ID})
		servertest.Must(t, err)
		at := time.Date(2026, time.November, 27, 14, 0, 0, 0, s.Other.Location())
		slots := storetest.AddSlots(t, s.Store, s.Other, doctor, at.Add(-4*time.Hour), 48)
		lost := slots[24]
		v := s.Visitor(t)
		address := "/book?slot=" + lost.ID
		page := v.Get(address).Want(http.StatusOK)
		servertest.Must(t, s.Store.CloseSlot(t.Context(), storetest.Owner, lost.ID))
		want := []string{"11月27日（金）13:40 10分", "11月27日（金）13:50 10分", "11月27日（金）14:10 10分", "11月27日（金）14:20 10分"}
		check := func(where string, a *servertest.Answer, name string) {
			t.Helper()
			a.WantText(".notice", "この時間は、もうご案内していません")
			a.WantText("main", s.Other.Name)
			if got := a.Texts("button.time[name=" + name + "] b"); !slices.Equal(got, want) {
				t.Errorf("%s offers %q, want %q", where, got, want)
			}
		}
		check("the form opened again", v.Get(address).Want(http.StatusUnprocessableEntity), "change_slot")
		check("the choice of a time", v.Post("/hold", "slot", lost.ID, "branch", s.Other.ID).Want(http.StatusUnprocessableEntity), "slot")
		sent := v.PostForm("/book", sentAgain(page.Page(), servertest.BookingForm(lost.ID))).Want(http.StatusUnprocessableEntity)
		check("the form", sent, "change_slot")
		change := sentAgain(sent.Page(), servertest.BookingForm(lost.ID))
		change.Set("change_slot", slots[25].ID)
		changed := v.PostForm("/book", change).Want(http.StatusOK)
		changed.WantText("[data-changed]", "日時が変わりました")
		changed.WantText("[data-changed]", "11月27日（金）14:00")
		changed.WantText("[data-changed]", "別院 遥")
		changed.WantText("section p.num", "14:10")
		// What never was says nothing about any branch.
		if to := v.Get("/book?slot=" + clinic.NewID()).Want(http.StatusSeeOther).Location(); to != "/slots?" {
			t.Errorf("a time that never was leads to %s", to)
		}
	})
}

// TestBook_TakenWithoutCookies: whoever cannot be known is not told that their own booking is somebody else's.
func TestBook_TakenWithoutCookies(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		w, slot := withoutCookies{s}, s.Slots[0].ID
		address := w.post(t, "/hold", url.Values{"slot": {slot}}).Want(http.StatusSeeOther).Location()
		page := w.get(t, address).Want(http.StatusOK)
		form := sentAgain(page.Page(), servertest.BookingForm(slot))
		w.post(t, "/book", form).Token()
		other := sentAgain(page.Page(), form)
		other.Set("key", "of another tab")
		change := sentAgain(page.Page(), servertest.BookingForm(s.Slots[6].ID))
		change.Set("key", "of a third tab")
		change.Set("slot", s.Slots[6].ID)
		change.Set("change_slot", slot)
		for what, a := range map[string]*servertest.Answer{
			"opened":      w.get(t, address),
			"chosen anew": w.post(t, "/hold", url.Values{"slot": {slot}, "branch": {s.Branch.ID}, "hold": {form.Get("hold")}}),
			"sent again":  w.post(t, "/book", other),
			"changed to":  w.post(t, "/book", change),
		} {
			a.Want(http.StatusConflict)
			a.WantText(".notice", "ご自身のご予約がお済みの方は、確認メールをご覧ください")
			a.WantText(".notice .phone", s.Branch.Phone)
			if strings.Contains(a.Text("main"), "ほかの方のご予約が先に") {
				t.Errorf("%s, the booking is said to be somebody else's", what)
			}
		}
		// Who is known has no booking of the time.
		known := s.Visitor(t)
		known.Post("/hold", "slot", s.Slots[6].ID).Want(http.StatusSeeOther)
		known.Get("/book?slot="+slot).Want(http.StatusConflict).WantText(".notice", "ほかの方のご予約が先に入りました")
	})
}
