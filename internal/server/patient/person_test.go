package patient_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
)

// with is a good form with other values in it.
func with(form url.Values, pairs ...string) url.Values {
	for pair := range slices.Chunk(pairs, 2) {
		form.Set(pair[0], pair[1])
	}
	return form
}

// patientOf is who is stored with the booking to which an answer leads.
func patientOf(t *testing.T, s *servertest.Site, a *servertest.Answer) clinic.Patient {
	t.Helper()
	intake, err := s.Store.Intake(t.Context(), clinic.PatientByLink(strings.TrimPrefix(a.Want(http.StatusSeeOther).Location(), "/booking/")))
	servertest.Must(t, err)
	return intake.Appointment.Patient
}

// A likely slip in the domain is asked about once, with the address as it may have been meant; sent again as it is, it is taken.
func TestBooking_AsksAboutALikelySlip(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		for lang, sentence := range map[string]string{"ja": "gmail.com ではありませんか", "en": "Did you mean gmail.com"} {
			v := s.Visitor(t).Speak(lang)
			form := with(servertest.BookingForm(s.Slots[map[string]int{"ja": 0, "en": 1}[lang]].ID), "email", " hanako@gmial.com")
			a := v.PostForm("/book", form).Want(http.StatusUnprocessableEntity)
			a.WantText("#email-error", sentence)
			a.WantText("[data-take=email][data-value='hanako@gmail.com']", "hanako@gmail.com")
			asked, _ := a.Find("[name=email-asked]").Attr("value")

			// Another slip is another question, and another mistake keeps the answer.
			v.PostForm("/book", with(form, "email", "hanako@gmai.com", "email-asked", asked)).Want(http.StatusUnprocessableEntity).WantText("#email-error", "gmail.com")
			a = v.PostForm("/book", with(form, "email", " hanako@gmial.com", "email-asked", asked, "phone", "110")).Want(http.StatusUnprocessableEntity)
			if a.Find("#email-error").Length() != 0 {
				t.Error("the question comes twice")
			}
			asked, _ = a.Find("[name=email-asked]").Attr("value")
			booked := v.PostForm("/book", with(form, "email-asked", asked, "phone", "090-0000-0009", "another", "yes"))
			if got := patientOf(t, s, booked); got.Email != "hanako@gmial.com" {
				t.Errorf("stored is %s", got.Email)
			}
		}
	})
}

// What comes along with copied text, and what people have who are not Japanese, is booked like anything else.
func TestBooking_TakesPeopleAsTheyAre(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		for i, c := range []struct {
			lang  string
			pairs []string
			want  clinic.Patient
		}{
			{
				"ja",
				[]string{"phone", "\u202d090-0000-0001\u202c", "family_name", "\u200e髙﨑\u00a0", "family_kana", "たか—さき\u2028", "birth_year", "㍻2", "email", "a..b.@docomo.ne.jp", "request", "一行目\v二行目\ufffc"},
				clinic.Patient{FamilyName: "髙﨑", GivenName: "花子", FamilyKana: "タカーサキ", GivenKana: "ハナコ", Phone: "09000000001", Email: "a..b.@docomo.ne.jp"},
			},
			{
				"ja",
				[]string{"birth-era", "平成", "birth_year", "2", "given_name", "ジャン＝ポール", "given_kana", ""},
				clinic.Patient{FamilyName: "試験", GivenName: "ジャン＝ポール", FamilyKana: "シケン", GivenKana: "ジャン・ポール", Phone: "09000000001", Email: "hanako@example.jp"},
			},
			{
				"en",
				[]string{"family_name", "St. John", "given_name", "Anna Maria", "family_kana", "", "given_kana", "", "phone", "+82 010-1234-5678"},
				clinic.Patient{FamilyName: "St. John", GivenName: "Anna Maria", Phone: "+821012345678", Email: "hanako@example.jp"},
			},
			{
				"en",
				[]string{"family_name", "Suharto", "given_name", "", "family_kana", "", "given_kana", ""},
				clinic.Patient{FamilyName: "Suharto", Phone: "09000000001", Email: "hanako@example.jp"},
			},
		} {
			got := patientOf(t, s, s.Visitor(t).Speak(c.lang).PostForm("/book", with(servertest.BookingForm(s.Slots[i].ID), append(c.pairs, "another", "yes")...)))
			c.want.ID, c.want.CreatedAt, c.want.Birth, c.want.Sex = got.ID, got.CreatedAt, clinic.Date{Year: 1990, Month: 4, Day: 1}, clinic.Female
			if got != c.want {
				t.Errorf("%q: stored is %+v", c.pairs, got)
			}
		}
	})
}

// In Japanese the era can be chosen, because the digits of a telephone's keyboard cannot type it; it comes back as it was chosen.
func TestBooking_EraCanBeChosen(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	form := with(servertest.BookingForm(s.Slots[0].ID), "birth-era", "昭和", "birth_year", "99")
	a := s.Visitor(t).PostForm("/book", form).Want(http.StatusUnprocessableEntity)
	a.WantText("#birth_date-error", "元号と日付が合っていません")
	if era, _ := a.Find("[name=birth-era] option[selected]").Attr("value"); era != "昭和" || a.Find("[name=birth-era] option").Length() != 5 {
		t.Errorf("chosen is %q", era)
	}
	if s.Visitor(t).Speak("en").PostForm("/book", with(form, "birth_year", "")).Want(http.StatusUnprocessableEntity).Find("[name=birth-era]").Length() != 0 {
		t.Error("an English page asks for an era")
	}
}
