package office_test

import (
	"net/http"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

func TestBranch_IsSavedOrMended(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b := s.SignedIn(t, servertest.Admin)
		a := b.Post("/office/branches/new", "name", "", "address", "見本県", "phone", "０３\x00", "zone", "Mars/Base", "access", "駅前", "phone_hours_en", "Weekdays").Want(http.StatusUnprocessableEntity)
		a.WantField("name", "")
		a.WantField("zone", "Mars/Base")
		if a.Find("#phone-error").Length() != 1 || a.Find("#phone_hours-error").Length() != 1 || a.Find("#phone_hours_en").AttrOr("value", "") != "Weekdays" || a.Find("#address-error").Length() != 0 || a.Find("#access").AttrOr("value", "") != "駅前" {
			t.Error("the wrong fields are marked, or something typed is lost")
		}
		if a.Find("title").Text()[:len("エラー")] != "エラー" {
			t.Errorf("the title is %q", a.Find("title").Text())
		}
		a = b.Post("/office/branches/new", "name", "見本クリニック 港院", "name_en", "Minato", "address", "見本県架空市9", "phone", "０３００００ー０００９", "phone_hours", "平日　9:00〜17:00",
			"id", "forged", "position", "-1", "created_at", "1999-01-01").Want(http.StatusSeeOther)
		b.Get(a.Location()).WantText("[role=status]", "保存しました")
		branches, err := s.Store.Branches(t.Context())
		servertest.Must(t, err)
		got := branches[len(branches)-1]
		if len(branches) != 3 || got.Name != "見本クリニック 港院" || got.Phone != "03-0000-0009" || got.Settings.PhoneHours != "平日 9:00〜17:00" || got.Zone != clinic.DefaultZone || got.ID == "forged" || got.Position != 3 || !got.CreatedAt.Equal(s.Clock.Now()) {
			t.Errorf("%d branches, the last %+v", len(branches), got)
		}
		b.Get("/office/branches").WantText("tbody tr:last-child", "9:00〜17:00")
		form := b.Get("/office/branches/" + got.ID).Want(http.StatusOK)
		if v := form.Find("#phone").AttrOr("value", ""); v != "03-0000-0009" || form.Find("#phone_hours").AttrOr("value", "") != "平日 9:00〜17:00" {
			t.Errorf("the form holds %q", v)
		}
		b.Post("/office/branches/"+got.ID, "name", "新しい名前", "address", "見本県", "phone", "0300000009", "phone_hours", "毎日", "id", s.Branch.ID, "seen-revision", form.Revision()).Want(http.StatusSeeOther)
		if first, err := s.Store.Branch(t.Context(), s.Branch.ID); err != nil || first.Name != s.Branch.Name || first.Phone != s.Branch.Phone {
			t.Errorf("another branch was changed: %+v, %v", first, err)
		}
		b.Get("/office/branches/nowhere").Want(http.StatusNotFound)
		b.Post("/office/branches/nowhere", "name", "名前", "address", "見本県", "phone", "0300000009", "phone_hours", "毎日").Want(http.StatusNotFound)
	})
}

// A form of a new branch that is sent twice makes one branch, and leads nobody to a branch that is not theirs.
func TestBranch_TheFormSentTwiceMakesOne(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		s.Employ(t, clinic.Staff{Role: clinic.Admin, Name: "院長 見本", Email: "here@example.jp", Branches: []string{s.Branch.ID}})
		for n, email := range []string{servertest.Admin, "here@example.jp"} {
			b := s.SignedIn(t, email)
			drawn := b.Get("/office/branches/new").Want(http.StatusOK).Find("input[name=drawn]").AttrOr("value", "")
			form := []string{"drawn", drawn, "seen-revision", "0", "name", "見本クリニック 新院", "address", "見本県架空市1-2-3", "phone", "03-0000-0003", "phone_hours", "平日 10:00–18:00", "live_bookings", "2", "zone", "Asia/Tokyo"}
			for range 2 {
				b.Post("/office/branches/new", form...).Want(http.StatusSeeOther)
			}
			branches, err := s.Store.Branches(t.Context())
			servertest.Must(t, err)
			if len(branches) != 3+n || branches[2+n].ID != drawn {
				t.Fatalf("there are %d branches", len(branches))
			}
			if _, err := s.Store.SaveBranch(t.Context(), storetest.Owner, clinic.Branch{ID: drawn, Zone: "Asia/Tokyo"}); !clinic.IsStale(err) {
				t.Errorf("the second at once: %v", err)
			}
			form[1] = s.Other.ID
			if n == 1 {
				b.Post("/office/branches/new", form...).Want(http.StatusNotFound)
			}
		}
	})
}
