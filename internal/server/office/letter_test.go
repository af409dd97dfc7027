package office_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// officePages are pages of every kind that the front desk and administrators open.
func officePages(s *servertest.Site, bookingID string) map[string][]string {
	desk := []string{"/office/day", "/office/day?branch=" + s.Other.ID + "&date=2026-12-24", "/office/search", "/office/bookings/" + bookingID}
	return map[string][]string{
		servertest.FrontDesk: desk,
		servertest.Admin: append(slices.Clone(desk), "/office/slots", "/office/doctors", "/office/doctors/new", "/office/branches",
			"/office/branches/"+s.Branch.ID, "/office/clinic"),
	}
}

// A letter that could not be sent twice is on every page of whoever can do something about it, with the reason in words, long before
// it is given up.
func TestLetters_AreInTroubleAfterTheFirstFailures(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		fail := func() {
			servertest.Must(t, s.Store.LetterFailed(t.Context(), s.ClaimLetter(t), "smtp 451 4.7.1", false))
		}
		warned := func(want bool) {
			t.Helper()
			for email, paths := range officePages(s, receipt.BookingID) {
				b := s.SignedIn(t, email)
				for _, path := range paths {
					a := b.Get(path).Want(http.StatusOK)
					link := a.Find("#trouble a[href='/office/letters']")
					if (link.Length() == 1) != want || want && link.Text() != "届いていないメールが1通あります" {
						t.Errorf("%s says %q to %s", path, link.Text(), email)
					}
				}
			}
			if s.SignedIn(t, servertest.Doctor).Get("/office/doctor").Want(http.StatusOK).Find("#trouble").Length() != 0 {
				t.Error("a doctor is told of letters")
			}
		}
		warned(false)
		fail()
		warned(false) // which happens with every server that does not know us yet
		s.Clock.Advance(time.Minute)
		fail()
		warned(true)

		b := s.SignedIn(t, servertest.FrontDesk)
		a := b.Get("/office/letters").Want(http.StatusOK)
		a.WantText("tbody tr", "2026/11/25 10:00 試験 花子一 様 090-0000-0001 予約確認 送信待ち メールサーバーが一時的に受け付けませんでした。 次の送信 2026/11/24 09:06")
		if href := a.Find("tbody a").AttrOr("href", ""); href != "/office/bookings/"+receipt.BookingID+"#letters" {
			t.Errorf("the letter leads to %s", href)
		}
		if a.Find("#trouble").Length() != 0 {
			t.Error("the list is announced above itself")
		}
		letter := storetest.LetterOf(t, s.Store, receipt.BookingID, clinic.Confirmation)
		servertest.Must(t, s.Store.Resend(t.Context(), storetest.Owner, receipt.BookingID, letter.ID))
		warned(false)
		b.Get("/office/letters").WantText("main", "届いていないメールはありません")

		servertest.Must(t, s.Store.LetterSent(t.Context(), s.ClaimLetter(t)))
		if marked, err := s.Store.LetterBounced(t.Context(), letter.ID, 1, "bounce 5.1.1"); !marked || err != nil {
			t.Fatal(marked, err)
		}
		warned(true)
		b.Get("/office/letters").WantText("tbody tr", "戻ってきました 宛先のメールアドレスに届きませんでした。お電話でアドレスをご確認ください。")
		s.Clock.Advance(s.SlotOf(t, 0, 0).EndsAt.Sub(s.Clock.Now()))
		warned(false) // the counseling is over
	})
}

func TestLetters_OfAnotherBranchAreNobodysBusiness(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		s.Employ(t, clinic.Staff{Role: clinic.FrontDesk, Name: "別院 見本", Email: "other@example.jp", Branches: []string{s.Other.ID}})
		s.Book(t, s.SlotOf(t, 0, 0), 1)
		s.FailLetter(t)
		a := s.SignedIn(t, "other@example.jp").Get("/office/letters").Want(http.StatusOK)
		if a.Find("tbody tr, #trouble").Length() != 0 {
			t.Error("the other branch sees the letter")
		}
	})
}

// While no worker sends letters, every page says so, because bookings go on as if nothing were wrong.
func TestLetters_NobodySendsThem(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		says := func(want string) {
			t.Helper()
			for email, paths := range officePages(s, receipt.BookingID) {
				b := s.SignedIn(t, email)
				for _, path := range paths {
					if got := b.Get(path).Want(http.StatusOK).Find("#silent").Text(); want == "" && got != "" {
						t.Errorf("%s says %q", path, got)
					} else if want != "" {
						b.Get(path).WantText("#silent", want)
					}
				}
			}
		}
		says("")
		servertest.Must(t, s.Store.Beat(t.Context(), "one"))
		s.Clock.Advance(4 * time.Minute)
		servertest.Must(t, s.Store.Beat(t.Context(), "another"))
		s.Clock.Advance(4 * time.Minute)
		says("") // one of the two is enough
		s.Clock.Advance(3 * time.Minute)
		says("メールの送信係が7分動いていません")
		servertest.Must(t, s.Store.Beat(t.Context(), "one"))
		says("")
	})
}
