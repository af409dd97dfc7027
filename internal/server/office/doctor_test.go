package office_test

import (
	"net/http"
	"slices"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
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
		a.WantText("tbody tr:last-child", "髙橋 架空 タカハシ カクウ アカウントなし 女性 見本クリニック 第1院、見本クリニック 第2院")
		// A form without branches takes them all away.
		revision := b.Get("/office/doctors/" + got.ID).Revision()
		b.Post("/office/doctors/"+got.ID, append(good[:12:12], "seen-revision", revision)...).Want(http.StatusSeeOther)
		b.Get("/office/doctors").WantText("tbody tr:last-child", "担当の院がありません")
		b.Get("/office/doctors/nobody").Want(http.StatusNotFound)
	})
}

// A form of a new doctor that is sent twice, by a double click or after going back, makes one doctor. What was typed differently the
// second time is shown beside what is stored, and nothing is lost.
func TestDoctor_TheFormSentTwiceMakesOne(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b := s.SignedIn(t, servertest.Admin)
		drawn := b.Get("/office/doctors/new").Want(http.StatusOK).Find("input[name=drawn]").AttrOr("value", "")
		form := []string{"drawn", drawn, "seen-revision", "0", "family_name", "架空", "given_name", "一", "family_kana", "カクウ", "given_kana", "ハジメ", "sex", "m", "branches", s.Branch.ID}
		wrong := b.Post("/office/doctors/new", form[:len(form)-4]...).Want(http.StatusUnprocessableEntity)
		if kept := wrong.Find("input[name=drawn]").AttrOr("value", ""); kept != drawn || drawn == "" {
			t.Errorf("the form with a mistake has %q, and had %q", kept, drawn)
		}
		for range 2 {
			b.Post("/office/doctors/new", form...).Want(http.StatusSeeOther)
		}
		doctors, err := s.Store.Doctors(t.Context())
		servertest.Must(t, err)
		if len(doctors) != 3 || doctors[2].ID != drawn {
			t.Fatalf("there are %d doctors", len(doctors))
		}
		changed := slices.Clone(form)
		changed[7] = "二"
		conflict := b.Post("/office/doctors/new", changed...).Want(http.StatusConflict)
		if conflict.Find(`form[action="/office/doctors/`+drawn+`"]`).Length() != 1 {
			t.Error("the choice does not lead to the doctor that was made")
		}
		// Two at once, as the database sees them: the second is told that there is one.
		_, err = s.Store.SaveDoctor(t.Context(), storetest.Owner, clinic.Doctor{
			ID: drawn, FamilyName: "架空", GivenName: "一", FamilyKana: "カクウ", GivenKana: "ハジメ", Sex: clinic.Male,
		}, nil)
		if !clinic.IsStale(err) {
			t.Errorf("the second at once: %v", err)
		}
	})
}
