package patient_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// Whoever sees a slip in their address corrects it on the confirmation, and goes on under the new link.
func TestCorrectEmail_LeadsToThePageUnderTheNewLink(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v := s.Visitor(t)
		token := v.Book(s.Slots[0].ID)
		a := v.Get("/booking/" + token).Want(http.StatusOK)
		if strings.Count(a.Body, "hanako@example.jp") != 1 {
			t.Error("the address does not stand there once")
		}
		a.WantText("#letter", "数分たっても届かないときは")
		a.WantText("#letter", "差出人 yoyaku@clinic.example.jp")
		action, next := a.Find("#letter form").AttrOr("action", ""), a.Find("#letter input[name=next]").AttrOr("value", "")

		// What is wrong is said at the field, and stays.
		wrong := v.Post(action, "next", next, "email", "hana@").Want(http.StatusUnprocessableEntity)
		wrong.WantText("#email-error", "メールアドレスの形をご確認ください")
		if wrong.Find("details[open] #email").AttrOr("value", "") != "hana@" {
			t.Error("what was typed is lost")
		}
		if back := wrong.Find("form[action='/language'] input[name=back]").AttrOr("value", ""); back != "/booking/"+token {
			t.Errorf("the language switch leads to %s", back)
		}

		// A likely slip is asked about once, and nothing is written before that.
		asked := v.Post(action, "next", next, "email", "hana@gmial.com").Want(http.StatusUnprocessableEntity)
		asked.WantText("#email-error", "gmail.com ではありませんか")
		if asked.Find("[data-take=email]").AttrOr("data-value", "") != "hana@gmail.com" || asked.Find("[name=email-asked]").AttrOr("value", "") != "hana@gmial.com" {
			t.Error("what may have been meant is not offered")
		}
		v.Get("/booking/" + token).Want(http.StatusOK)

		to := v.Post(action, "next", next, "email", "hana@example.com").Want(http.StatusSeeOther).Location()
		if to != "/booking/"+next+"?done=email#letter" {
			t.Fatalf("it leads to %s", to)
		}
		a = v.Get(strings.TrimSuffix(to, "#letter")).Want(http.StatusOK)
		a.WantText("#letter [role=status]", "メールアドレスを直しました")
		a.WantText("#address", "hana@example.com")
		if strings.Contains(a.Body, "hanako@example.jp") {
			t.Error("the former address still stands there")
		}
		v.Get("/booking/"+token).Want(http.StatusGone).WantText("h1", "新しいものに替わりました")
		v.Get("/intake/" + token).Want(http.StatusGone)
		// A second click sends the form again, from a page whose link has ended.
		if again := v.Post(action, "next", next, "email", "hana@example.com").Want(http.StatusSeeOther).Location(); again != to {
			t.Errorf("sent twice, it leads to %s", again)
		}
		v.Post(action, "next", clinic.NewToken(), "email", "hana@example.com").Want(http.StatusGone)
		// The first correction was at once, the next ones are not.
		a = v.Post("/booking/"+next+"/email", "email", "x@example.com").Want(http.StatusTooManyRequests)
		a.WantText("#email-error", "1分ほどおいてから")

		letter := s.ClaimLetter(t)
		if letter.Content.To != "hana@example.com" || letter.Content.Token != next {
			t.Errorf("the letter is %+v", letter)
		}
		if _, due, err := s.Store.ClaimLetter(t.Context()); due || err != nil {
			t.Errorf("somebody else is written to (%v)", err)
		}
	})
}

// An address that looks like a slip is taken when it is sent again as it stands.
func TestCorrectEmail_TakesWhatIsMeant(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	v := s.Visitor(t)
	to := v.Post("/booking/"+v.Book(s.Slots[0].ID)+"/email", "email", "hana@gmial.com", "email-asked", "hana@gmial.com").Want(http.StatusSeeOther).Location()
	v.Get(strings.TrimSuffix(to, "#letter")).WantText("#address", "hana@gmial.com")
}

// The token of the new link comes from our page. What anybody else puts there does not become one.
func TestCorrectEmail_TakesNoTokenThatWeWouldNotDraw(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	v := s.Visitor(t)
	token := v.Book(s.Slots[0].ID)
	for _, next := range []string{"", "guess", "../../office", token, strings.Repeat("A", 26)} {
		to := v.Post("/booking/"+token+"/email", "next", next, "email", "hana@example.com").Want(http.StatusSeeOther).Location()
		token = strings.TrimSuffix(strings.TrimPrefix(to, "/booking/"), "?done=email#letter")
		if token == next || !clinic.IsToken(token) {
			t.Errorf("%q leads to %s", next, to)
		}
		s.Clock.Advance(time.Minute)
	}
}

func TestCorrectEmail_OfACancelledBooking(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	receipt := s.Book(t, s.Slots[0].Slot, 1)
	s.Cancel(t, receipt.BookingID)
	v := s.Visitor(t)
	if v.Get("/booking/"+receipt.Token).Want(http.StatusOK).Find("#letter").Length() != 0 {
		t.Error("the address can be corrected")
	}
	v.Post("/booking/"+receipt.Token+"/email", "email", "hana@example.com").Want(http.StatusConflict)
}

// TestCorrectEmail_TooLateKeepsWhatWasTyped: once the booking is cancelled or over, or where the browser must prove first, the page says why the
// address stays, with the one that was typed, also where that one would be asked about.
func TestCorrectEmail_TooLateKeepsWhatWasTyped(t *testing.T) {
	for what, late := range map[string]struct {
		do   func(t *testing.T, b *servertest.Booked)
		says string
	}{
		"cancelled": {func(t *testing.T, b *servertest.Booked) { t.Helper(); b.Cancel(t, b.BookingID) }, "終了したか、キャンセルされている"},
		"over":      {func(_ *testing.T, b *servertest.Booked) { b.Clock.Advance(b.Slots[0].EndsAt.Sub(b.Clock.Now())) }, "終了したか、キャンセルされている"},
	} {
		t.Run(what, func(t *testing.T) {
			b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
			path := "/booking/" + b.Token + "/email"
			unproved := b.Visitor(t).Post(path, "email", "hana@example.com").Want(http.StatusForbidden)
			unproved.WantText("#refused [data-typed]", "hana@example.com")
			late.do(t, b)
			before := b.Facts(t)
			for _, v := range []*servertest.Visitor{b.Patient, b.Visitor(t)} {
				for _, email := range []string{"hana@example.com", "hana@gmial.com"} {
					a := v.Post(path, "email", email).Want(http.StatusConflict)
					a.WantText("#not-mended", late.says)
					a.WantText("#not-mended [data-typed]", email)
				}
			}
			b.WantUnchanged(t, before)
		})
	}
}

// After their own correction the browser that booked, and its form, lead to the new link, however often it was corrected. After one by
// reception they lead to none, and the page says that the booking stands.
func TestCorrectEmail_TheBrowserThatBookedFindsTheNewLink(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v, slot := s.Visitor(t), s.Slots[0].ID
		token := v.Book(slot)
		for _, email := range []string{"hana@example.com", "hanae@example.com"} {
			next := clinic.NewToken()
			s.Visitor(t).Post("/booking/"+token+"/email", "next", next, "email", email).Want(http.StatusForbidden) // whoever has nothing but the link
			prove(t, s, token).Post("/booking/"+token+"/email", "next", next, "email", email).Want(http.StatusSeeOther)
			token = next
			s.Clock.Advance(time.Minute)
			if got := v.Get("/book?slot=" + slot).Want(http.StatusSeeOther).Location(); got != "/booking/"+token+"?again=1" {
				t.Errorf("the form leads to %s", got)
			}
			if got := v.PostForm("/book", servertest.BookingForm(slot)).Token(); got != token {
				t.Errorf("the form sent again leads to %s", got)
			}
		}
		v.Get("/booking/" + token).Want(http.StatusOK)

		chart, err := s.Store.Intake(t.Context(), clinic.PatientByLink(token))
		servertest.Must(t, err)
		corrected := chart.Appointment.Patient
		corrected.Email = "hanako@example.com"
		servertest.Must(t, s.Store.CorrectContact(t.Context(), storetest.Owner, chart.Appointment.Booking.ID, chart.Appointment.Booking.Revision, corrected))
		for what, a := range map[string]*servertest.Answer{
			"opened":      v.Get("/book?slot=" + slot),
			"sent again":  v.PostForm("/book", servertest.BookingForm(slot)),
			"chosen anew": v.Post("/hold", "slot", slot),
		} {
			a.Want(http.StatusConflict)
			a.WantText("h1", "ご予約は、承っています")
			a.WantText("main", s.Branch.Phone)
			if a.Find("[name=change_slot], button.time").Length() != 0 {
				t.Errorf("%s, the page offers other times", what)
			}
		}
		// The patient who corrects it by the newest letter does not lead the former links on.
		newest := s.ClaimLetter(t).Content.Token
		s.Clock.Advance(time.Minute)
		prove(t, s, newest).Post("/booking/"+newest+"/email", "email", "hana@example.com").Want(http.StatusSeeOther)
		v.Get("/book?slot=" + slot).Want(http.StatusConflict)
	})
}

// Answers that were being typed when the address was corrected are not lost to the browser that booked, and to no other is the new link
// given.
func TestCorrectEmail_AnswersGoOnUnderTheNewLink(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v, stranger := s.Visitor(t), s.Visitor(t)
		token, next := v.Book(s.Slots[0].ID), clinic.NewToken()
		other := servertest.BookingForm(s.Slots[1].ID)
		other.Set("another", "yes")
		stranger.PostForm("/book", other).Token()
		section := s.Questions.Intake[0]
		path := "/intake/" + token + "/" + section.ID + "?edit=1"
		form := servertest.SectionForm(section, servertest.Answers())
		form.Set("seen-revision", v.Get(path).Want(http.StatusOK).Revision())
		v.Post("/booking/"+token+"/email", "next", next, "email", "hana@example.com").Want(http.StatusSeeOther)

		stranger.PostForm(path, form).Want(http.StatusGone)
		s.Visitor(t).PostForm(path, form).Want(http.StatusGone)
		to := v.PostForm(path, form).Want(http.StatusTemporaryRedirect).Location()
		if want := "/intake/" + next + "/" + section.ID + "?edit=1"; to != want {
			t.Fatalf("the answers go to %s, want %s", to, want)
		}
		v.PostForm(to, form).Want(http.StatusSeeOther)
		// Reception's correction ends it for all.
		chart, err := s.Store.Intake(t.Context(), clinic.PatientByLink(next))
		servertest.Must(t, err)
		corrected := chart.Appointment.Patient
		corrected.Email = "hanako@example.com"
		servertest.Must(t, s.Store.CorrectContact(t.Context(), storetest.Owner, chart.Appointment.Booking.ID, chart.Appointment.Booking.Revision, corrected))
		v.PostForm(path, form).Want(http.StatusGone)
		v.PostForm(to, form).Want(http.StatusGone)
	})
}
