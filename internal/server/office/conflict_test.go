package office_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
)

// sides are both values of a field on the page of a conflict.
func sides(a *servertest.Answer, field string) []string {
	return a.Texts(`label:has([name="choice-` + field + `"]) .answer`)
}

// Of two who edit the same, the second is shown both values and chooses; whatever they do not choose stays.
func TestBranch_TwoWhoEditAtOnce(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		here, there := s.SignedIn(t, servertest.Admin), s.SignedIn(t, servertest.Admin)
		path := "/office/branches/" + s.Branch.ID
		old := here.Get(path).Want(http.StatusOK)
		there.PostForm(path, there.Get(path).Form("phone", "03-0000-7777", "access", "見本駅 すぐ")).Want(http.StatusSeeOther)
		before := s.Facts(t)

		late := here.PostForm(path, old.Form("phone", "03-0000-8888", "address", "見本県例示市8", "name_en", s.Branch.NameEn)).Want(http.StatusConflict)
		if got := sides(late, "phone"); !slices.Equal(got, []string{"03-0000-7777", "03-0000-8888"}) {
			t.Errorf("side by side stand %q", got)
		}
		if got := sides(late, "access"); len(got) != 2 || got[0] != "見本駅 すぐ" || late.Find(`[name="choice-name"], [name="choice-zone"]`).Length() != 0 {
			t.Errorf("side by side stand %q; and what does not differ is asked about", got)
		}
		late.WantText("h1", "ほかの人が、先に変更しました")

		// Sent without a choice, it asks again, and says where.
		again := here.PostForm(path, late.Form("choice-phone", "typed")).Want(http.StatusConflict)
		if again.Find("#wrongs a[href='#choice-access']").Length() != 1 || again.Find("#choice-access-error").Length() != 1 {
			t.Error("it does not say what is still to be chosen")
		}
		s.WantUnchanged(t, before)

		here.PostForm(path, late.Form("choice-phone", "typed", "choice-access", "stored", "choice-address", "typed")).Want(http.StatusSeeOther)
		got, err := s.Store.Branch(t.Context(), s.Branch.ID)
		servertest.Must(t, err)
		if got.Phone != "03-0000-8888" || got.Access != "見本駅 すぐ" || got.Address != "見本県例示市8" || got.Name != s.Branch.Name {
			t.Errorf("stored is %+v", got)
		}

		// Whoever has chosen about what was saved meanwhile once more is asked once more.
		there.PostForm(path, there.Get(path).Form("phone", "03-0000-9999")).Want(http.StatusSeeOther)
		late = here.PostForm(path, late.Form("choice-phone", "typed", "choice-access", "stored", "choice-address", "typed")).Want(http.StatusConflict)
		if got := sides(late, "phone"); !slices.Equal(got, []string{"03-0000-9999", "03-0000-8888"}) {
			t.Errorf("side by side stand %q", got)
		}
		// A page that does not say what it has seen has seen nothing; one that says the same changes nothing.
		form := here.Get(path).Form("phone", "03-0000-1111")
		form.Del("seen-revision")
		here.PostForm(path, form).Want(http.StatusConflict)
		form = old.Form("phone", "03-0000-9999", "access", "見本駅 すぐ", "address", "見本県例示市8")
		here.PostForm(path, form).Want(http.StatusSeeOther)
		// What is wrong is said first, and the form is as old as it was.
		wrong := here.PostForm(path, old.Form("name", "", "phone", "03-0000-1111")).Want(http.StatusUnprocessableEntity)
		if wrong.Revision() != old.Revision() {
			t.Errorf("the form that was wrong has become one of revision %s", wrong.Revision())
		}
	})
}

func TestDoctor_TwoWhoEditAtOnce(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		here, there := s.SignedIn(t, servertest.Admin), s.SignedIn(t, servertest.Admin)
		path := "/office/doctors/" + s.Doctors[0].ID
		old := here.Get(path).Want(http.StatusOK)
		more := there.Get(path).Form("career", "2010年 卒業\n2012年 病院")
		more.Add("branches", s.Other.ID)
		there.PostForm(path, more).Want(http.StatusSeeOther)

		late := here.PostForm(path, old.Form("career", "2011年 卒業", "sex", "m")).Want(http.StatusConflict)
		if got := sides(late, "branches"); len(got) != 2 || got[0] == got[1] || got[1] != s.Branch.Name {
			t.Errorf("the branches side by side are %q", got)
		}
		if got := sides(late, "career"); len(got) != 2 || got[1] != "2011年 卒業" {
			t.Errorf("the careers side by side are %q", got)
		}
		here.PostForm(path, late.Form("choice-branches", "stored", "choice-career", "typed", "choice-sex", "typed")).Want(http.StatusSeeOther)
		d, at, err := s.Store.Doctor(t.Context(), s.Doctors[0].ID)
		servertest.Must(t, err)
		if d.Career != "2011年 卒業" || len(at) != 2 || d.Sex != clinic.Male || d.FamilyName != s.Doctors[0].FamilyName {
			t.Errorf("stored is %+v at %v", d, at)
		}
	})
}

func TestClinic_TwoWhoEditAtOnce(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		here, there := s.SignedIn(t, servertest.Admin), s.SignedIn(t, servertest.Admin)
		const path = "/office/clinic"
		upload := func(v *servertest.Visitor, file []byte, form url.Values) *servertest.Answer {
			var pairs []string
			for name, values := range form {
				for _, value := range values {
					pairs = append(pairs, name, value)
				}
			}
			name := ""
			if file != nil {
				name = "ロゴ.png"
			}
			return v.Upload(path, "logo", name, file, pairs...)
		}
		old := here.Get(path).Want(http.StatusOK)
		upload(there, servertest.LogoFile(t, 300, 300), there.Get(path).Form("name", "架空クリニック")).Want(http.StatusSeeOther)
		stored := there.Get(path).Find(".logo-now img").AttrOr("src", "none")

		late := upload(here, servertest.LogoFile(t, 600, 100), old.Form("name", "例示クリニック")).Want(http.StatusConflict)
		if got := sides(late, "name"); !slices.Equal(got, []string{"架空クリニック", "例示クリニック"}) {
			t.Errorf("side by side stand %q", got)
		}
		late.WantText("#logo-help", "もう一度お選びください")
		if src := there.Get(path).Find(".logo-now img").AttrOr("src", ""); src != stored {
			t.Error("the logo was replaced unseen")
		}
		upload(here, servertest.LogoFile(t, 600, 100), late.Form("choice-name", "stored")).Want(http.StatusSeeOther)
		page := here.Get(path)
		if src := page.Find(".logo-now img").AttrOr("src", ""); src == stored || src == "" {
			t.Error("the logo that was chosen again is not there")
		}
		wantTyped(t, page, "name", "架空クリニック")

		// Taking a logo away is a choice as well.
		late = upload(here, nil, old.Form("name", "架空クリニック", "remove_logo", "yes")).Want(http.StatusConflict)
		if got := sides(late, "remove_logo"); len(got) != 2 || got[0] == got[1] || late.Find("[type=file]").Length() != 0 {
			t.Errorf("side by side stand %q", got)
		}
		upload(here, nil, late.Form("choice-remove_logo", "stored")).Want(http.StatusSeeOther)
		if here.Get(path).Find(".logo-now img").Length() != 1 {
			t.Error("the logo is gone all the same")
		}

		// Everything at once, with lines as a browser sends them.
		all := old.Form("name", "全部", "name_en", "All")
		for _, field := range []string{"operator", "address", "contact", "processors", "operator_en", "address_en", "contact_en", "processors_en"} {
			all.Set(field, "例示"+field)
		}
		all.Set("processors", "例示サーバー\r\n例示メール")
		late = upload(here, servertest.LogoFile(t, 600, 100), all).Want(http.StatusConflict)
		resent := late.Form()
		late.Find("[name^=choice-][value=typed]").Each(func(_ int, choice *goquery.Selection) { resent.Set(choice.AttrOr("name", ""), "typed") })
		upload(here, servertest.LogoFile(t, 600, 100), resent).Want(http.StatusSeeOther)
		if got, err := s.Store.Settings(t.Context()); err != nil || got.Name != "全部" || got.ContactEn != "例示contact_en" {
			t.Errorf("stored is %+v, %v", got, err)
		}
	})
}
