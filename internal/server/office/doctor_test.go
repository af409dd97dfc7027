package office_test

import (
	"net/http"
	"slices"
	"testing"

	"madoguchi/internal/server/servertest"
)

func TestDoctor_IsSavedOrMended(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b := s.SignedIn(t, servertest.Admin)
		good := []string{
			"family_name", "髙橋", "given_name", "架空", "family_kana", "たかはし", "given_kana", "ｶｸｳ", "sex", "f", "career", "2010年 卒業\r\n2012年 病院",
			"branches", s.Branch.ID, "branches", s.Other.ID, "created_at", "1999-01-01", "position", "-1", "id", "forged",
		}
		a := b.Post("/office/doctors/new", "family_name", "髙橋", "family_kana", "髙橋", "branches", s.Other.ID, "career", "2010年 卒業").Want(http.StatusUnprocessableEntity)
		a.WantField("family_kana", "髙橋")
		a.WantField("given_name", "")
		if a.Find(`input[name=branches][checked]`).AttrOr("value", "") != s.Other.ID || a.Text("#career") != "2010年 卒業" || a.Find("#sex-error").Length() != 1 {
			t.Error("something typed is lost")
		}
		a = b.Post("/office/doctors/new", append(good, "branches", "nowhere")...).Want(http.StatusUnprocessableEntity)
		if a.Find("#branches-error").Length() != 1 {
			t.Error("an unknown branch is not refused at its field")
		}
		b.Post("/office/doctors/new", good...).Want(http.StatusSeeOther)
		doctors, err := s.Store.Doctors(t.Context())
		servertest.Must(t, err)
		got := doctors[len(doctors)-1]
		if len(doctors) != 3 || got.Name("ja") != "髙橋 架空" || got.Kana() != "タカハシ カクウ" || got.Position != 3 || got.ID == "forged" ||
			got.Career != "2010年 卒業\n2012年 病院" {
			t.Errorf("%d doctors, the last %+v", len(doctors), got)
		}
		_, at, err := s.Store.Doctor(t.Context(), got.ID)
		servertest.Must(t, err)
		want := []string{s.Branch.ID, s.Other.ID}
		slices.Sort(want)
		if !slices.Equal(at, want) {
			t.Errorf("the doctor works at %v", at)
		}
		a = b.Get("/office/doctors").Want(http.StatusOK)
		if a.Find("tbody tr").Length() != 3 || a.Find("tbody svg.avatar").Length() != 3 {
			t.Error("the list does not show three doctors")
		}
		a.WantText("tbody tr:last-child", "髙橋 架空 タカハシ カクウ 女性 見本クリニック 第1院、見本クリニック 第2院")
		// A form without branches takes them all away.
		revision := b.Get("/office/doctors/" + got.ID).Revision()
		b.Post("/office/doctors/"+got.ID, append(good[:12:12], "seen-revision", revision)...).Want(http.StatusSeeOther)
		b.Get("/office/doctors").WantText("tbody tr:last-child", "担当の院がありません")
		b.Get("/office/doctors/nobody").Want(http.StatusNotFound)
	})
}
