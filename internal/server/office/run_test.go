package office_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// A run of bookings is said on the day, seen with all who are in it, and cancelled together once staff have confirmed it and said
// whether the patients are told. GET and the first POST change nothing.
func TestRuns_AreCancelledTogether(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		var ids []string
		for i := range clinic.RunLength + 1 {
			receipt, err := s.Store.Book(t.Context(), clinic.Visitor(clinic.NewToken(), "192.0.2.1"), storetest.Request(s.Slots[i].ID, 100+i))
			servertest.Must(t, err)
			ids = append(ids, receipt.BookingID)
		}
		other := s.Book(t, s.Slots[8].Slot, 200)
		before := s.Facts(t)
		desk := s.SignedIn(t, servertest.FrontDesk)
		desk.Get("/office/day").Want(http.StatusOK).WantText(`.warning a[href="/office/runs"]`, "1組")
		page := desk.Get("/office/runs").Want(http.StatusOK)
		if n := page.Find(`input[name="booking"][checked]`).Length(); n != len(ids) {
			t.Errorf("%d of %d bookings are shown", n, len(ids))
		}
		desk.Post("/office/runs").Want(http.StatusUnprocessableEntity).WantText("[role=alert]", "選択")
		chosen := url.Values{"booking": append([]string{"no-such-booking", ids[0]}, ids[:3]...)}
		sure := desk.PostForm("/office/runs", chosen).Want(http.StatusOK)
		if sure.Find(`input[name="booking"]`).Length() != 3 || sure.Find(`input[name="tell"]`).Length() != 2 || sure.Find(`input[name="tell"][checked]`).Length() != 0 {
			t.Errorf("the question shows\n%s", sure.Body)
		}
		chosen.Set("confirmed", "yes")
		desk.PostForm("/office/runs", chosen).Want(http.StatusUnprocessableEntity).WantText("#tell-error", "選択")
		for _, doctor := range []string{servertest.Doctor, servertest.Colleague} {
			s.SignedIn(t, doctor).PostForm("/office/runs", chosen).Want(http.StatusForbidden)
		}
		elsewhere := clinic.Staff{Role: clinic.FrontDesk, Name: "別院 見本", Email: "other@example.jp", Branches: []string{s.Other.ID}}
		s.Employ(t, elsewhere)
		chosen.Set("tell", "no")
		away := s.SignedIn(t, elsewhere.Email)
		away.PostForm("/office/runs", chosen).Want(http.StatusUnprocessableEntity)
		if away.Get("/office/runs").Want(http.StatusOK).Find(`input[name="booking"]`).Length() > 0 {
			t.Error("another branch sees them")
		}
		if changed := s.Facts(t).Changed(before); !slices.Equal(changed, []string{"sessions", "staff", "staff_branches"}) { // of the others
			t.Errorf("rows were written in %v", changed)
		}

		done := desk.PostForm("/office/runs", chosen).Want(http.StatusSeeOther)
		desk.Get(done.Location()).Want(http.StatusOK).WantText("[role=status]", "3件")
		chosen["booking"] = ids[3:]
		chosen.Set("tell", "yes")
		desk.PostForm("/office/runs", chosen).Want(http.StatusSeeOther)
		for i, want := range []int{1, 1, 1, 2, 2} {
			letters, err := s.Store.Letters(t.Context(), storetest.Owner, ids[i])
			servertest.Must(t, err)
			if len(letters) != want {
				t.Errorf("booking %d has %d letters, want %d", i, len(letters), want)
			}
		}
		a, err := s.Store.Appointment(t.Context(), storetest.Owner, other.BookingID)
		servertest.Must(t, err)
		if a.Booking.Status != clinic.Booked {
			t.Error("another booking was touched")
		}
		desk.Get("/office/runs").Want(http.StatusOK).WantText("main", "ありません")
	})
}

// A held letter is seen on the day and on the booking's page, with the reason, and is sent by hand.
func TestBooking_AHeldLetterIsSentByHand(t *testing.T) {
	s := servertest.Open(t, "sqlite", func(s *servertest.Site) { s.Limits = true })
	last := s.HoldLetter(t)
	desk := s.SignedIn(t, servertest.FrontDesk)
	desk.Get("/office/letters").Want(http.StatusOK).WantText(`tr:has(a[href="/office/bookings/`+last.BookingID+`#letters"])`, "送信を止めています")
	page := desk.Get("/office/bookings/" + last.BookingID).Want(http.StatusOK)
	page.WantText("#letters", "送信を止めています")
	page.WantText("#letters button", "送る")
	l := storetest.LetterOf(t, s.Store, last.BookingID, clinic.Confirmation)
	desk.Post("/office/bookings/" + last.BookingID + "/letters/" + l.ID + "/resend").Want(http.StatusSeeOther)
	if l := storetest.LetterOf(t, s.Store, last.BookingID, clinic.Confirmation); l.Status != clinic.LetterWaiting {
		t.Errorf("afterwards the letter is %s", l.Status)
	}
}
