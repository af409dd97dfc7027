package office_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

func TestBooking_ShowsTheFrontDeskWhatItNeeds(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		request := storetest.Request(s.SlotOf(t, 0, 0).ID, 1)
		request.Details.Answers["visited"], request.Details.Answers["request"] = []string{"first"}, []string{"駐車場はありますか。\n<script>alert(1)</script>"}
		request.Details.Attribution.Campaign = "autumn"
		receipt := storetest.Book(t, s.Store, request)

		a := s.SignedIn(t, servertest.FrontDesk).Get("/office/bookings/" + receipt.BookingID).Want(http.StatusOK)
		a.WantText("h1 ruby:first-of-type", "試験 （ シケン ）")
		a.WantText("main", receipt.Reference)
		var facts []string
		a.Find("dl.facts dt").Each(func(i int, _ *goquery.Selection) {
			facts = append(facts, a.Texts("dl.facts dt")[i]+"="+a.Texts("dl.facts dd")[i])
		})
		want := []string{
			"来院歴=初めて", "部位=背中、裏もも", "ご質問・ご要望=駐車場はありますか。 <script>alert(1)</script>", "きっかけ（リンク）=背中（back-fat）、autumn", "案内の言語=日本語", "受付=2026/11/24 09:00",
		}
		if !slices.Equal(facts, want) {
			t.Errorf("facts\n%q, want\n%q", facts, want)
		}
		a.WantText(".panel-head .line", "2026年11月25日（水）10:00〜11:00・見本 花 医師・見本クリニック 第1院")
		a.WantText(".identity", "本人確認 090-0000-0001 1990年4月2日（平成2年）生まれ・ 36歳 予約番号 "+receipt.Reference+" 女性 patient1@example.jp")
		if a.Find(`a[href="tel:09000000001"]`).Length() != 1 || a.Find("main script").Length() != 0 {
			t.Error("the number cannot be called, or a text became a script")
		}
		if got := a.Texts("section ul li small"); !slices.Equal(got, []string{"2026/11/24 09:00（文面 1）", "2026/11/24 09:00（文面 1）"}) {
			t.Errorf("consents %q", got)
		}
		if got := a.Texts(".panel-head .tag"); !slices.Equal(got, []string{"確定", "問診 未回答"}) {
			t.Errorf("tags %q", got)
		}
		a.WantText("#letters", "予約確認 送信待ち")
		if a.Find("#letters button").Length() != 0 {
			t.Error("a letter that is on its way is offered to be sent again")
		}
	})
}

func TestBooking_TellsWhyALetterCameBack(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		s.FailLetter(t)
		b := s.SignedIn(t, servertest.FrontDesk)
		path := "/office/bookings/" + receipt.BookingID
		a := b.Get(path).Want(http.StatusOK)
		a.WantText("#letters", "予約確認 届いていません 試行 1回 宛先のメールアドレスに届きませんでした")
		a.WantText("#letters", "試行 1回")
		action, _ := a.Find("#letters form").Attr("action")
		again := b.Post(action).Want(http.StatusSeeOther)
		if again.Location() != path+"?done=resent" {
			t.Errorf("sent again, the way leads to %s", again.Location())
		}
		a = b.Get(again.Location())
		a.WantText("[role=status]", "もう一度送ります")
		a.WantText("#letters", "予約確認 送信待ち")

		// One that waits for its next try is hurried.
		letter := s.ClaimLetter(t)
		a = b.Post(action).Want(http.StatusConflict)
		a.WantText("[role=alert]", "いま送信している")
		servertest.Must(t, s.Store.LetterFailed(t.Context(), letter, "connect", false))
		a = b.Get(path)
		a.WantText("#letters", "次の送信 2026/11/24 09:01")
		b.Post(action).Want(http.StatusSeeOther)
		if _, due, err := s.Store.ClaimLetter(t.Context()); err != nil || !due {
			t.Errorf("the hurried letter is not due: %v", err)
		}
		b.Post(path + "/letters/invoice/resend").Want(http.StatusNotFound)
	})
}

func TestBooking_IsCancelledOnce(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		letter := s.ClaimLetter(t)
		servertest.Must(t, s.Store.LetterSent(t.Context(), letter))
		b := s.SignedIn(t, servertest.FrontDesk)
		path := "/office/bookings/" + receipt.BookingID
		a := b.Get(path)
		if a.Find("details.confirm form").Length() != 1 {
			t.Fatal("the booking cannot be cancelled, or without being asked once more")
		}
		action, _ := a.Find("details.confirm form").Attr("action")
		s.Clock.Advance(time.Minute)
		a = b.Post(action).Want(http.StatusSeeOther)
		a = b.Get(a.Location()).Want(http.StatusOK)
		a.WantText("[role=status]", "キャンセルしました")
		a.WantText(".panel-head .tag", "キャンセル")
		a.WantText("#letters", "キャンセルのお知らせ 送信待ち")
		if a.Find("details.confirm form").Length() != 0 {
			t.Error("a cancelled booking can be cancelled")
		}
		// The confirmation of what no longer stands is not offered, and not sent either.
		confirmation := storetest.LetterOf(t, s.Store, receipt.BookingID, clinic.Confirmation).ID
		if a.Find(`#letters form[action*="`+confirmation+`"]`).Length() != 0 {
			t.Error("the confirmation is offered to be sent again")
		}
		b.Post(path+"/letters/"+confirmation+"/resend").Want(http.StatusConflict).WantText("[role=alert]", "もう送れません")
		a = b.Post(action).Want(http.StatusConflict)
		a.WantText("[role=alert]", "キャンセルできません")
		a.WantText("h1", "試験")
		if back, _ := a.Find("form[action='/language'] input[name=back]").Attr("value"); back != path {
			t.Errorf("the language switch leads to %s", back)
		}
		// The slot is free again.
		s.Book(t, s.SlotOf(t, 0, 0), 2)
		b.Get("/office/bookings/nobody").Want(http.StatusNotFound).WantText("h1", "ページが見つかりません")
	})
}

// The link to a patient's mailbox names that mailbox and adds nothing: no subject, no other recipient.
func TestBooking_EscapesTheMailAddress(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		request := storetest.Request(s.SlotOf(t, 0, 0).ID, 1)
		request.Patient.Email = "a?bcc=b&c%d@example.jp"
		receipt := storetest.Book(t, s.Store, request)
		a := s.SignedIn(t, servertest.FrontDesk).Get("/office/bookings/" + receipt.BookingID).Want(http.StatusOK)
		a.WantText("a[href^='mailto:']", "a?bcc=b&c%d@example.jp")
		if link := a.Find("a[href^='mailto:']").AttrOr("href", ""); link != "mailto:a%3Fbcc%3Db%26c%25d@example.jp" {
			t.Errorf("the link is %s", link)
		}
	})
}

// TestBooking_OfOneWhoHasAnother: the booking page and the day say that the same person has another booking to come, and lead to it
// where the reader may see it; once it is cancelled nothing is said any more.
func TestBooking_OfOneWhoHasAnother(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		first, second := s.Book(t, s.SlotOf(t, 0, 0), 1), s.Book(t, s.SlotOf(t, 1, 3), 1)
		desk := s.SignedIn(t, servertest.FrontDesk)
		page := desk.Get("/office/bookings/" + first.BookingID).Want(http.StatusOK)
		page.WantText(".marks", "2件目の予約")
		page.WantText("[data-others]", "11月25日（水）13:00")
		if got := page.Find("[data-others] a").AttrOr("href", ""); got != "/office/bookings/"+second.BookingID {
			t.Errorf("the other booking leads to %q", got)
		}
		day := desk.Get("/office/day?branch=" + s.Branch.ID + "&date=2026-11-25").Want(http.StatusOK)
		if got := len(slices.DeleteFunc(day.Texts(".entry .asked"), func(s string) bool { return s != "2件目" })); got != 2 {
			t.Errorf("%d of the day's two bookings are marked", got)
		}
		s.Cancel(t, second.BookingID)
		if page := desk.Get("/office/bookings/" + first.BookingID).Want(http.StatusOK); page.Find("[data-others]").Length() != 0 || strings.Contains(page.Text("main"), "件目") {
			t.Error("a cancelled booking is counted")
		}
	})
}
