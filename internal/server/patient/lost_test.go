package patient_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// lostForm is what somebody sends who has lost the link of a booking: by mail, or by reference and birth date.
func lostForm(reference, day, email string) []string {
	if email != "" {
		return []string{"lost-by", "email", "email", email}
	}
	return []string{"lost-by", "reference", "booking-reference", reference, "birth_year", "1990", "birth_month", "4", "birth_day", day}
}

// TestLost_SaysTheSameToEverybody: byte for byte, whether there is such a booking, was one, or never will be; from the form and from the page
// to which it leads.
func TestLost_SaysTheSameToEverybody(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		const day = "1"
		book := func(n int, email string) clinic.Receipt {
			t.Helper()
			r := storetest.Request(s.Slots[n].ID, 40+n)
			r.Patient.Birth, r.Patient.Email = clinic.Date{Year: 1990, Month: time.April, Day: 1}, email
			receipt, err := s.Store.Book(t.Context(), storetest.Owner, r)
			servertest.Must(t, err)
			return receipt
		}
		booked, cancelled, nomail, merged := book(0, "one@example.jp"), book(2, "two@example.jp"), book(4, ""), book(6, "three@example.jp")
		s.Cancel(t, cancelled.BookingID)
		patientOf := func(r clinic.Receipt) string {
			a, err := s.Store.Appointment(t.Context(), storetest.Owner, r.BookingID)
			servertest.Must(t, err)
			return a.Patient.ID
		}
		_, err := s.Store.MergePatients(t.Context(), storetest.Owner, patientOf(booked), patientOf(merged))
		servertest.Must(t, err)
		asks := map[string][]string{
			"booked": lostForm(booked.Reference, day, ""), "booked, by mail": lostForm("", "", "one@example.jp"),
			"merged": lostForm(merged.Reference, day, ""), "merged, by mail": lostForm("", "", "three@example.jp"),
			"cancelled": lostForm(cancelled.Reference, day, ""), "cancelled, by mail": lostForm("", "", "two@example.jp"),
			"no mail": lostForm(nomail.Reference, day, ""), "wrong birth date": lostForm(booked.Reference, "2", ""),
			"nobody": lostForm("M7K-4Q2P", day, ""), "nobody, by mail": lostForm("", "", "nobody@example.jp"),
		}
		first := ""
		ask := func(about string) {
			t.Helper()
			for _, name := range slices.Sorted(maps.Keys(asks)) {
				v := s.Visitor(t)
				sent := v.Post("/lost", asks[name]...).Want(http.StatusSeeOther)
				led := v.Get(sent.Location()).Want(http.StatusOK)
				got := answered(sent) + answered(led)
				if first == "" {
					first = got
				}
				if differ := cmp.Diff(first, got); differ != "" {
					t.Errorf("%s, %s is answered otherwise: %s", about, name, differ)
				}
			}
		}
		ask("to come")
		servertest.Must(t, s.Store.AnswerLost(t.Context()))
		ask("after the letters")
		s.Clock.Advance(40 * 24 * time.Hour)
		ask("past")
	})
}

// answered is all of an answer but for what differs each time: its date, and the number of the request.
func answered(a *servertest.Answer) string {
	header := a.Header.Clone()
	for name := range header {
		if name == "Date" || name == "X-Request-Id" || strings.HasPrefix(name, "X-Ratelimit-") {
			header.Del(name)
		}
	}
	var out strings.Builder
	for _, name := range slices.Sorted(maps.Keys(header)) {
		out.WriteString(name + ": " + strings.Join(header[name], ", ") + "\n")
	}
	return a.Asked + "\n" + out.String() + a.Body
}

// TestLost_SaysWhatIsWrong: at its field, with what was typed, and nothing is written down.
func TestLost_SaysWhatIsWrong(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v := s.Visitor(t)
		before := s.Facts(t)
		a := v.Post("/lost", "lost-by", "reference", "booking-reference", "M7K", "birth_year", "1990", "birth_month", "13", "birth_day", "1").Want(http.StatusUnprocessableEntity)
		a.WantText("#booking-reference-error", "M7K-4Q2P")
		if a.Find("#booking-reference").AttrOr("value", "") != "M7K" || a.Find("[name=birth_month]").AttrOr("value", "") != "13" || a.Text("#birth_date-error") == "" {
			t.Errorf("what was typed is lost: %s", a.Text("main"))
		}
		a = v.Post("/lost", "lost-by", "email", "email", "hanako@").Want(http.StatusUnprocessableEntity)
		if a.Text("#email-error") == "" || a.Text("#booking-reference-error") != "" || a.Find("#email").AttrOr("value", "") != "hanako@" {
			t.Errorf("it says %s", a.Text("main"))
		}
		asked := v.Post("/lost", "lost-by", "email", "email", "hanako@gmial.com").Want(http.StatusUnprocessableEntity)
		asked.WantText("#email-error", "gmail.com")
		s.WantUnchanged(t, before)
		v.Post("/lost", "lost-by", "email", "email", "hanako@gmial.com", "email-asked", "hanako@gmial.com").Want(http.StatusSeeOther)
	})
}

// TestLost_TooOften: the same refusal for what there is and what there is not, on the form, with whom to call.
func TestLost_TooOften(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b := s.Book(t, s.SlotOf(t, 0, 0), 1)
		var said []string
		for _, reference := range []string{b.Reference, clinic.NewReference()} {
			v := s.Visitor(t)
			for range clinic.LostPerDay {
				v.Post("/lost", lostForm(reference, "9", "")...).Want(http.StatusSeeOther)
			}
			a := v.Post("/lost", lostForm(reference, "1", "")...).Want(http.StatusTooManyRequests)
			a.WantText("#refused", "お電話ください")
			a.WantText("main", s.Branch.Phone)
			said = append(said, strings.ReplaceAll(answered(a), reference, "THE-REFERENCE"))
		}
		if differ := cmp.Diff(said[0], said[1]); differ != "" {
			t.Errorf("it says two things: %s", differ)
		}
	}, func(s *servertest.Site) { s.Limits = true })
}

// TestLost_IsReached: from the first page, the form, and every link that opens nothing.
func TestLost_IsReached(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v := s.Visitor(t)
		b := s.Book(t, s.SlotOf(t, 0, 0), 1)
		v.Post("/hold", "slot", s.Slots[2].ID).Want(http.StatusSeeOther)
		leads := func(path string, status int) {
			t.Helper()
			if v.Get(path).Want(status).Find(`main a[href="/lost"]`).Length() != 1 {
				t.Errorf("%s does not lead there", path)
			}
		}
		leads("/", http.StatusOK)
		leads("/book?slot="+s.Slots[2].ID, http.StatusOK)
		leads("/booking/"+clinic.NewToken(), http.StatusNotFound)
		servertest.Must(t, s.Store.CorrectEmail(t.Context(), clinic.PatientByLink(b.Token), "other@example.jp", clinic.NewToken()))
		leads("/booking/"+b.Token, http.StatusGone)
		s.Clock.Advance(400 * 24 * time.Hour)
		leads("/booking/"+b.Token, http.StatusGone)
	})
}
