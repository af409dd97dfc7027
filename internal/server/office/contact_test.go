package office_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// contactForm is the form of a page as a browser would send it.
func contactForm(a *servertest.Answer) (action string, form url.Values) {
	form = url.Values{}
	a.Find("#contact form input").Each(func(_ int, input *goquery.Selection) {
		form.Set(input.AttrOr("name", ""), input.AttrOr("value", ""))
	})
	return a.Find("#contact form").AttrOr("action", ""), form
}

func TestContact_IsCorrectedAndTheLetterGoesOutAgain(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		s.FailLetter(t)
		b := s.SignedIn(t, servertest.FrontDesk)
		path := "/office/bookings/" + receipt.BookingID
		action, form := contactForm(b.Get(path).Want(http.StatusOK))

		form.Set("email", "patient1@")
		form.Set("family_kana", "kanji")
		a := b.PostForm(action, form).Want(http.StatusUnprocessableEntity)
		a.WantText("#email-error", "メールアドレスの形をご確認ください")
		if a.Find("#contact[open] #email").AttrOr("value", "") != "patient1@" || a.Find("#family_kana-error").Length() != 1 {
			t.Error("what was typed is lost, or the other field is not named")
		}

		form.Set("email", "hana@gmial.com") // as it was understood on the telephone
		form.Set("family_kana", "さいとう")
		asked := b.PostForm(action, form).Want(http.StatusUnprocessableEntity)
		asked.WantText("#email-error", "gmail.com ではありませんか")
		if _, again := contactForm(asked); again.Get("email-asked") != "hana@gmial.com" || again.Get("email") != "hana@gmial.com" {
			t.Error("the question comes again")
		}

		form.Set("email", "hana@example.com")
		form.Set("family_name", "齋藤")
		form.Set("phone", "03-0000-0002")
		to := b.PostForm(action, form).Want(http.StatusSeeOther).Location()
		a = b.Get(to).Want(http.StatusOK)
		a.WantText("[role=status]", "連絡先を直しました")
		a.WantText("h1", "齋藤 （ サイトウ ）")
		a.WantText(".identity", "hana@example.com")
		a.WantText("#letters", "ご連絡先の訂正 送信待ち")
		if a.Find("#trouble").Length() != 0 {
			t.Error("the letter is still in trouble")
		}
		letter := s.ClaimLetter(t)
		if letter.Content.To != "hana@example.com" || letter.Content.ToName != "齋藤 花子一" || letter.Resends != 1 {
			t.Errorf("the letter is %+v", letter)
		}
		b.PostForm("/office/search", url.Values{"q": {"サイトウ"}}).WantText("tbody", "齋藤")

		// Nothing changed: nobody is written to.
		action, form = contactForm(a)
		b.PostForm(action, form).Want(http.StatusSeeOther)
		if _, due, err := s.Store.ClaimLetter(t.Context()); due || err != nil {
			t.Errorf("somebody is written to (%v)", err)
		}
	})
}

// The form asks for both names and their kana only where they are asked for: not in a booking in English, nor of a name without Japanese
// letters.
func TestContact_MarksWhatItAsks(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		japanese, english, latin := storetest.Request(s.Slots[0].ID, 0), storetest.Request(s.Slots[1].ID, 1), storetest.Request(s.Slots[2].ID, 2)
		english.Lang = "en"
		english.Patient.FamilyKana, english.Patient.GivenKana = "", ""
		latin.Patient.FamilyName, latin.Patient.GivenName, latin.Patient.FamilyKana, latin.Patient.GivenKana = "Suharto", "", "", ""
		b := s.SignedIn(t, servertest.FrontDesk)
		for i, want := range []int{6, 2, 2} { // the telephone and the address always
			receipt := storetest.Book(t, s.Store, []clinic.Request{japanese, english, latin}[i])
			path := "/office/bookings/" + receipt.BookingID
			a := b.Get(path).Want(http.StatusOK)
			if got := a.Find("#contact input[required]").Length(); got != want {
				t.Errorf("booking %d: %d fields are required, want %d", i, got, want)
			}
			action, form := contactForm(a)
			form.Set("given_name", "")
			form.Set("phone", "090-0000-0099")
			saved := map[bool]int{true: http.StatusUnprocessableEntity, false: http.StatusSeeOther}[i == 0]
			b.PostForm(action, form).Want(saved)
		}
	})
}

// Whoever saves a form that was drawn before another person saved theirs sees both values, and loses nothing.
func TestContact_OfAnOlderPageStandsBesideWhatIsStored(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		b := s.SignedIn(t, servertest.FrontDesk)
		path := "/office/bookings/" + receipt.BookingID
		action, mine := contactForm(b.Get(path))
		_, theirs := contactForm(b.Get(path))
		theirs.Set("phone", "090-0000-0099")
		b.PostForm(action, theirs).Want(http.StatusSeeOther)
		mine.Set("email", "hana@example.com")

		a := b.PostForm(action, mine).Want(http.StatusConflict)
		if a.Find("fieldset").Length() != 2 {
			t.Errorf("%d differences are shown, want those of the phone and the address", a.Find("fieldset").Length())
		}
		for field, want := range map[string][2]string{"phone": {"090-0000-0099", "090-0000-0001"}, "email": {"patient1@example.jp", "hana@example.com"}} {
			for i, choice := range []string{"stored", "typed"} {
				a.WantText("label:has([name=choice-"+field+"][value="+choice+"])", want[i])
			}
		}
		again := a.Form()
		b.PostForm(action, again).Want(http.StatusConflict).WantText(".error", "選択してください")
		again.Set("choice-phone", "stored")
		again.Set("choice-email", "typed")
		b.PostForm(action, again).Want(http.StatusSeeOther)
		stored, err := s.Store.Appointment(t.Context(), storetest.Owner, receipt.BookingID)
		servertest.Must(t, err)
		if stored.Patient.Phone != "09000000099" || stored.Patient.Email != "hana@example.com" {
			t.Errorf("stored %+v", stored.Patient)
		}
	})
}

func TestContact_OfAnotherBranch(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	s.Employ(t, clinic.Staff{Role: clinic.FrontDesk, Name: "別院 見本", Email: "other@example.jp", Branches: []string{s.Other.ID}})
	receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
	for email, want := range map[string]int{"other@example.jp": http.StatusNotFound, servertest.Doctor: http.StatusForbidden} {
		s.SignedIn(t, email).Post("/office/bookings/"+receipt.BookingID+"/contact", "seen-revision", "1", "email", "x@example.com").Want(want)
	}
}
