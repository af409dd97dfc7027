package office_test

import (
	"net/http"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// TestErasure_IsSeenAndSettled: the front desk finds the request beside the day, on the list and on the patient's page, and settles it with a
// reason where it refuses; who did, and when, stands there. A second one is told.
func TestErasure_IsSeenAndSettled(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{})
			b.FrontDesk.Get("/office/erasures").Want(http.StatusOK).WantText("main", "対応を待つ依頼はありません")
			b.Patient.Post("/booking/" + b.Token + "/erase").Want(http.StatusSeeOther)
			day := b.FrontDesk.Get("/office/day?branch=" + b.Branch.ID).Want(http.StatusOK)
			if text := day.Text(`.todo a[href="/office/erasures"]`); !strings.Contains(text, "データ削除の依頼") || !strings.Contains(text, "1") {
				t.Errorf("the day says %q", text)
			}
			list := b.FrontDesk.Get("/office/erasures").Want(http.StatusOK)
			patient, _, _ := strings.Cut(list.Find("main td.who a").AttrOr("href", ""), "#")
			page := b.FrontDesk.Get(patient).Want(http.StatusOK)
			page.WantText("#erasures", "受付済み・対応中")
			id := page.Find("#erasures [name=erasure]").AttrOr("value", "")
			wrong := b.FrontDesk.Post(patient+"/erasure", "erasure", id, "outcome", "refused", "reason", " ").Want(http.StatusUnprocessableEntity)
			wrong.WantText("#reason-error", "理由")
			b.Doctor.Post(patient+"/erasure", "erasure", id, "outcome", "done").Want(http.StatusForbidden)
			b.FrontDesk.Post(patient+"/erasure", "erasure", id, "outcome", "refused", "reason", "診療の記録のため").Want(http.StatusSeeOther)
			after := b.FrontDesk.Get(patient + "?done=settled").Want(http.StatusOK)
			for _, says := range []string{"お断り", "診療の記録のため", "受付 見本"} {
				after.WantText("#erasures", says)
			}
			if after.Find("#erasures form").Length() != 0 {
				t.Error("it can be settled twice")
			}
			b.FrontDesk.Post(patient+"/erasure", "erasure", id, "outcome", "done").Want(http.StatusConflict)
			b.Patient.Get("/booking/"+b.Token+"/erase").Want(http.StatusOK).WantText("#settled", "診療の記録のため")
			if b.FrontDesk.Get("/office/day?branch="+b.Branch.ID).Find(`.todo a[href="/office/erasures"]`).Length() != 0 {
				t.Error("the day still lists it")
			}
		})
	}
}

// TestTries_AreGivenByTheFrontDesk: after five wrong birth dates the booking's page says so; who may change bookings gives five new ones, and the
// patient gets in.
func TestTries_AreGivenByTheFrontDesk(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{})
			office := "/office/bookings/" + b.BookingID
			if b.FrontDesk.Get(office).Want(http.StatusOK).Find("#tries").Length() != 0 {
				t.Error("nobody has guessed")
			}
			v := b.Visitor(t)
			prove := func(day string) *servertest.Answer {
				return v.Post("/booking/"+b.Token+"/proof", "open-page", "contact", "birth_year", "1990", "birth_month", "4", "birth_day", day)
			}
			b.FrontDesk.Post(office + "/tries").Want(http.StatusConflict)
			for range clinic.MaxTries {
				prove("2")
			}
			prove("1").Want(http.StatusTooManyRequests)
			b.FrontDesk.Get(office).Want(http.StatusOK).WantText("#tries", "上限に達しています")
			b.Doctor.Post(office + "/tries").Want(http.StatusForbidden)
			to := b.FrontDesk.Post(office + "/tries").Want(http.StatusSeeOther).Location()
			done := b.FrontDesk.Get(to).Want(http.StatusOK)
			done.WantText("main", "もう一度5回試せるようにしました")
			done.WantText("#tries", "受付 見本")
			b.FrontDesk.Post(office + "/tries").Want(http.StatusConflict)
			prove("1").Want(http.StatusSeeOther)
		})
	}
}
