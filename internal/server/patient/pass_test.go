package patient_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// prove is a browser that has given the birth date of a booking by servertest.BookingForm.
func prove(t *testing.T, s *servertest.Site, token string) *servertest.Visitor {
	t.Helper()
	form := servertest.BookingForm("")
	v := s.Visitor(t)
	v.Post("/booking/"+token+"/proof", "open-page", "contact",
		"birth_year", form.Get("birth_year"), "birth_month", form.Get("birth_month"), "birth_day", form.Get("birth_day")).Want(http.StatusSeeOther)
	return v
}

// TestPass_AnswersAreShownToWhoProves: whoever has nothing but the link sees how far the questionnaire is answered, and no answer, no whole
// address and no whole number. The browser that booked is not asked, and one that has given the birth date is not asked again.
func TestPass_AnswersAreShownToWhoProves(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			const secret = "秘密の回答ＱＺ"
			b := servertest.OpenBooked(t, engine, servertest.Saying{Answer: secret})
			stranger, paths := b.Visitor(t), []string{"/intake/" + b.Token + "/review", "/intake/" + b.Token + "/goal", "/intake/" + b.Token + "/medical"}
			mine := stranger.Get("/booking/" + b.Token).Want(http.StatusOK)
			mine.WantText("#intake", "問診のご回答を受け取りました")
			for _, whole := range []string{"hanako@example.jp", "090-0000-0001", "09000000001"} {
				if strings.Contains(mine.Body, whole) {
					t.Errorf("the page shows %s", whole)
				}
			}
			for _, path := range append(paths, "/intake/"+b.Token, "/intake/"+b.Token+"/done") {
				a := stranger.Get(path).Want(http.StatusOK)
				if a.WantText("h1", "ご本人の確認"); strings.Contains(a.Body, secret) || strings.Contains(a.Body, "60.4") {
					t.Errorf("%s shows an answer", path)
				}
			}
			shown := func(who *servertest.Visitor, whose string) {
				t.Helper()
				if !strings.Contains(who.Get(paths[0]).Want(http.StatusOK).Body, secret) {
					t.Errorf("%s is not shown the answers", whose)
				}
				who.Get("/booking/"+b.Token).Want(http.StatusOK).WantText("#address", "hanako@example.jp")
			}
			shown(b.Patient, "the browser that booked")
			proof := "/booking/" + b.Token + "/proof"
			wrong := stranger.Post(proof, "open-page", paths[0], "birth_year", "1990", "birth_month", "4", "birth_day", "2").Want(http.StatusUnprocessableEntity)
			wrong.WantText("#birth_date-error", "あと4回")
			half := stranger.Post(proof, "open-page", paths[0], "birth_year", "1990").Want(http.StatusUnprocessableEntity)
			half.WantText("#birth_date-error", "入力してください")
			to := stranger.Post(proof, "open-page", paths[0], "birth-era", "平成", "birth_year", "2", "birth_month", "４", "birth_day", "1").Want(http.StatusSeeOther).Location()
			if to != paths[0]+"?proved=1" {
				t.Errorf("a right birth date leads to %s", to)
			}
			shown(stranger, "who gave the birth date")
			if away := b.Visitor(t).Post(proof, "open-page", "//evil.example/intake/", "birth_year", "1990", "birth_month", "4", "birth_day", "1").Want(http.StatusSeeOther).Location(); !strings.HasPrefix(away, "/intake/") {
				t.Errorf("it leads to %s", away)
			}
			// After five wrong ones only the telephone helps; who has proved before is not troubled.
			guesser := b.Visitor(t)
			for range clinic.MaxTries {
				guesser.Post(proof, "open-page", "intake", "birth_year", "1991", "birth_month", "4", "birth_day", "1")
			}
			last := guesser.Post(proof, "open-page", paths[0], "birth_year", "1990", "birth_month", "4", "birth_day", "1").Want(http.StatusTooManyRequests)
			last.WantText("#spent", b.Branch.Phone)
			if strings.Contains(guesser.Get(paths[0]).Body, secret) {
				t.Error("a right one after five is heard")
			}
			shown(stranger, "who gave it before")
			// Without cookies nothing can be kept, and the page says so.
			b.Visitor(t).Get(paths[0]+"?proved=1").Want(http.StatusOK).WantText("#cookies", "Cookie")
		})
	}
}

// TestPass_WhatWasTypedIsNotLost: a browser that typed the first answers sees those, until another has saved some; what it sends then waits for
// the birth date and goes through with it.
func TestPass_WhatWasTypedIsNotLost(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		r := s.Book(t, s.Slots[0].Slot, 1)
		first, second := s.Visitor(t), s.Visitor(t)
		section := s.Questions.Intake[0]
		path := "/intake/" + r.Token + "/" + section.ID
		form := servertest.SectionForm(section, servertest.Answers())
		form.Set("seen-revision", first.Get(path).Want(http.StatusOK).Revision())
		stale := maps.Clone(form)
		first.PostForm(path, form).Want(http.StatusSeeOther)
		first.Get(path).Want(http.StatusOK).WantText("h1", section.Title.JA)
		second.Get(path).Want(http.StatusOK).WantText("h1", "ご本人の確認")

		asked := second.PostForm(path, stale).Want(http.StatusForbidden)
		carried := url.Values{}
		asked.Find("form[action='" + path + "'] input[type=hidden]").Each(func(_ int, s *goquery.Selection) {
			carried.Add(s.AttrOr("name", ""), s.AttrOr("value", ""))
		})
		if carried.Get("height") != form.Get("height") {
			t.Fatalf("what was typed is not carried: %v", carried)
		}
		a, err := s.Store.Intake(t.Context(), clinic.PatientByLink(r.Token))
		servertest.Must(t, err)
		birth := a.Appointment.Patient.Birth
		carried.Set("seen-revision", "1") // as of a page drawn since
		carried.Set("birth_year", "1901")
		carried.Set("birth_month", strconv.Itoa(int(birth.Month)))
		carried.Set("birth_day", strconv.Itoa(birth.Day))
		again := second.PostForm(path, carried).Want(http.StatusUnprocessableEntity)
		if again.Find("input[type=hidden][name=height]").AttrOr("value", "") != form.Get("height") {
			t.Error("after a wrong birth date it is lost")
		}
		carried.Set("birth_year", strconv.Itoa(birth.Year))
		carried.Set("height", "171")
		second.PostForm(path, carried).Want(http.StatusSeeOther)
		if a, err = s.Store.Intake(t.Context(), clinic.PatientByLink(r.Token)); err != nil || !slices.Equal(a.Intake.Answers["height"], []string{"171"}) {
			t.Errorf("stored is %v, %v", a.Intake.Answers["height"], err)
		}
		first.Get(path).Want(http.StatusOK).WantText("h1", "ご本人の確認") // somebody else's answers are there now
		second.Get(path).Want(http.StatusOK).WantText("h1", section.Title.JA)
	})
}

// TestPass_OfACaller: a caller whom nobody asked for a birth date gives the last four digits of their number.
func TestPass_OfACaller(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	r := storetest.Request(s.Slots[0].ID, 1)
	r.Patient.Birth = clinic.Date{}
	receipt, err := s.Store.Book(t.Context(), storetest.Owner, r)
	servertest.Must(t, err)
	proof, digits := "/booking/"+receipt.Token+"/proof", r.Patient.Phone[len(r.Patient.Phone)-4:]
	v := s.Visitor(t)
	v.Get("/booking/"+receipt.Token).Want(http.StatusOK).WantText("#contact", "下4けた")
	v.Post(proof, "open-page", "contact", "phone-digits", "12").Want(http.StatusUnprocessableEntity).WantText("#phone-digits-error", "4けた")
	v.Post(proof, "open-page", "contact", "phone-digits", digits).Want(http.StatusSeeOther)
	v.Get("/booking/"+receipt.Token).Want(http.StatusOK).WantText("#address", r.Patient.Email)
}
