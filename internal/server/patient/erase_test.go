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

// TestErase_IsAskedByTheirOwnBrowser: whoever has nothing but the link is asked for the birth date first, and a guess asks for nothing. Then the
// page says what is deleted and what stays; a POST that is repeated leads to the page that says it is done.
func TestErase_IsAskedByTheirOwnBrowser(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		token := s.Visitor(t).Book(s.Slots[0].ID)
		path := "/booking/" + token + "/erase"
		stranger := s.Visitor(t)
		if stranger.Get("/booking/"+token).Want(http.StatusOK).Find(`a[href="`+path+`"]`).Length() != 1 {
			t.Error("the patient's page does not lead there")
		}
		before := s.Facts(t)
		stranger.Get(path).Want(http.StatusOK).WantText("h1", "ご本人の確認")
		stranger.Post(path).Want(http.StatusForbidden).WantText("h1", "ご本人の確認")
		s.WantUnchanged(t, before)
		form := []string{"open-page", path, "birth_year", "1990", "birth_month", "4"}
		wrong := stranger.Post("/booking/"+token+"/proof", append(form, "birth_day", "2")...).Want(http.StatusUnprocessableEntity)
		wrong.WantText("#birth_date-error", "あと4回")
		if wrong.Find("[name=open-page]").AttrOr("value", "") != path {
			t.Error("after a slip it leads elsewhere")
		}
		if to := stranger.Post("/booking/"+token+"/proof", append(form, "birth_day", "1")...).Want(http.StatusSeeOther).Location(); to != path+"?proved=1" {
			t.Errorf("the proof leads to %s", to)
		}
		a := stranger.Get(path).Want(http.StatusOK)
		for _, says := range []string{"削除を求めますか", "問診の回答", "医師法第24条", "5年間", "ご予約が残っています", s.Branch.Phone} {
			a.WantText("main", says)
		}
		if n := len(s.Facts(t)["erasure_requests"]); n != 0 {
			t.Fatalf("%d requests are there", n)
		}
		for range 3 {
			if to := stranger.Post(path).Want(http.StatusSeeOther).Location(); to != path {
				t.Errorf("it leads to %s", to)
			}
			done := stranger.Get(path).Want(http.StatusOK)
			done.WantText("h1", "受け付けました")
			done.WantText("#asked", "2026年11月24日")
			if done.Find("main form").Length() != 0 {
				t.Error("it asks once more")
			}
		}
		if n := len(s.Facts(t)["erasure_requests"]); n != 1 {
			t.Errorf("%d requests are there", n)
		}
		chart, err := s.Store.Intake(t.Context(), clinic.PatientByLink(token))
		servertest.Must(t, err)
		if !chart.Appointment.Booking.Status.Live() {
			t.Error("asking cancels the booking")
		}
	})
}

// TestErase_SaysHowItWasSettled: done, or why not; and may be asked again. After the visit the link ends as every page behind it does.
func TestErase_SaysHowItWasSettled(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v := s.Visitor(t)
		token := v.Book(s.Slots[0].ID)
		path := "/booking/" + token + "/erase"
		settle := func(outcome clinic.ErasureOutcome, reason string) *servertest.Answer {
			t.Helper()
			s.Clock.Advance(time.Minute)
			v.Post(path).Want(http.StatusSeeOther)
			open, err := s.Store.OpenErasures(t.Context(), storetest.Owner)
			servertest.Must(t, err)
			a, err := s.Store.Appointment(t.Context(), storetest.Owner, open[0].BookingID)
			servertest.Must(t, err)
			servertest.Must(t, s.Store.SettleErasure(t.Context(), storetest.Owner, a.Booking.PatientID, open[0].ID, outcome, reason))
			return v.Get(path).Want(http.StatusOK)
		}
		refused := settle(clinic.ErasureRefused, "診療の記録のため <b>5年</b>")
		refused.WantText("#settled", "診療の記録のため <b>5年</b>")
		if refused.Find("main form button").Length() != 1 {
			t.Error("it cannot be asked again")
		}
		settle(clinic.ErasureDone, "").WantText("#settled", "対応済み")
		s.Clock.Advance(24 * time.Hour)
		v.Post("/booking/"+token+"/cancel", "cancel-reason", "")
		v.Get(path).Want(http.StatusOK) // of a cancelled booking as well
		s.Clock.Advance(400 * 24 * time.Hour)
		for _, a := range []*servertest.Answer{v.Get(path), v.Post(path)} {
			if a.Want(http.StatusGone); !strings.Contains(a.Text("h1"), "期限が過ぎました") {
				t.Errorf("it says %s", a.Text("h1"))
			}
		}
	})
}
