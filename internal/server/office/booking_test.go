package office_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store/storetest"
)

func TestBooking_ShowsTheDeskWhatItNeeds(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		request := storetest.Request(o.slotOf(0, 0).ID, 1)
		request.Details.Answers["visited"], request.Details.Answers["request"] = []string{"first"}, []string{"駐車場はありますか。\n<script>alert(1)</script>"}
		request.Details.Attribution.Campaign = "autumn"
		receipt := storetest.Book(t, o.store, request)

		a := o.signedIn(receptionMail).get("/office/bookings/" + receipt.BookingID).want(http.StatusOK)
		a.wantText("h1 ruby:first-of-type", "試験 （ シケン ）")
		a.wantText("main", receipt.Reference)
		var facts []string
		a.Find("dl.facts dt").Each(func(i int, _ *goquery.Selection) {
			facts = append(facts, a.texts("dl.facts dt")[i]+"="+a.texts("dl.facts dd")[i])
		})
		want := []string{
			"日時=2026年11月25日（水）10:00〜11:00", "院=見本クリニック 第1院", "医師=見本 花 医師", "電話=090-0000-0001", "メール=patient1@example.jp",
			"来院歴=初めて", "部位=背中、裏もも", "ご質問・ご要望=駐車場はありますか。 <script>alert(1)</script>", "きっかけ（リンク）=back-fat、autumn", "案内の言語=日本語", "受付=2026/11/24 09:00",
		}
		if !slices.Equal(facts, want) {
			t.Errorf("facts\n%q, want\n%q", facts, want)
		}
		if a.Find(`a[href="tel:09000000001"]`).Length() != 1 || a.Find("main script").Length() != 0 {
			t.Error("the number cannot be called, or a text became a script")
		}
		if got := a.texts("section ul li small"); !slices.Equal(got, []string{"2026/11/24 09:00（文面 1）", "2026/11/24 09:00（文面 1）"}) {
			t.Errorf("consents %q", got)
		}
		if got := a.texts("main > .flex .tag"); !slices.Equal(got, []string{"確定", "問診 未回答"}) {
			t.Errorf("tags %q", got)
		}
		a.wantText("#letters", "予約確認 送信待ち")
		if a.Find("#letters button").Length() != 0 {
			t.Error("a letter that is on its way is offered to be sent again")
		}
	})
}

func TestBooking_TellsWhyALetterCameBack(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		receipt := o.book(o.slotOf(0, 0), 1)
		o.failLetter()
		b := o.signedIn(receptionMail)
		path := "/office/bookings/" + receipt.BookingID
		a := b.get(path).want(http.StatusOK)
		a.wantText("#letters", "予約確認 届いていません 宛先のメールアドレスに届きませんでした")
		a.wantText("#letters", "試行 1回")
		action, _ := a.Find("#letters form").Attr("action")
		again := b.post(action).want(http.StatusSeeOther)
		if again.location != path+"?done=resent" {
			t.Errorf("sent again, the way leads to %s", again.location)
		}
		a = b.get(again.location)
		a.wantText("[role=status]", "もう一度送ります")
		a.wantText("#letters", "予約確認 送信待ち")

		// One that waits for its next try is hurried.
		letter, _, err := o.store.ClaimLetter(t.Context())
		check(t, err)
		a = b.post(action).want(http.StatusConflict)
		a.wantText("[role=alert]", "いま送信している")
		check(t, o.store.LetterFailed(t.Context(), letter, "connect", false))
		a = b.get(path)
		a.wantText("#letters", "次の送信 2026/11/24 09:01")
		b.post(action).want(http.StatusSeeOther)
		if _, due, err := o.store.ClaimLetter(t.Context()); err != nil || !due {
			t.Errorf("the hurried letter is not due: %v", err)
		}
		b.post(path + "/letters/invoice/resend").want(http.StatusNotFound)
	})
}

func TestBooking_IsCancelledOnce(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		receipt := o.book(o.slotOf(0, 0), 1)
		letter, _, err := o.store.ClaimLetter(t.Context())
		check(t, err)
		check(t, o.store.LetterSent(t.Context(), letter))
		b := o.signedIn(receptionMail)
		path := "/office/bookings/" + receipt.BookingID
		a := b.get(path)
		if a.Find("details form").Length() != 1 {
			t.Fatal("the booking cannot be cancelled, or without being asked once more")
		}
		action, _ := a.Find("details form").Attr("action")
		o.clock.Advance(time.Minute)
		a = b.post(action).want(http.StatusSeeOther)
		a = b.get(a.location).want(http.StatusOK)
		a.wantText("[role=status]", "キャンセルしました")
		a.wantText("main > .flex .tag", "キャンセル")
		a.wantText("#letters", "キャンセルのお知らせ 送信待ち")
		if a.Find("details form").Length() != 0 {
			t.Error("a cancelled booking can be cancelled")
		}
		// The confirmation of what no longer stands is not offered, and not sent either.
		confirmation := storetest.LetterOf(t, o.store, receipt.BookingID, clinic.Confirmation).ID
		if a.Find(`#letters form[action*="`+confirmation+`"]`).Length() != 0 {
			t.Error("the confirmation is offered to be sent again")
		}
		b.post(path+"/letters/"+confirmation+"/resend").want(http.StatusConflict).wantText("[role=alert]", "もう送れません")
		a = b.post(action).want(http.StatusConflict)
		a.wantText("[role=alert]", "キャンセルできません")
		a.wantText("h1", "試験")
		if back, _ := a.Find("form[action='/language'] input[name=back]").Attr("value"); back != path {
			t.Errorf("the language switch leads to %s", back)
		}
		// The slot is free again.
		o.book(o.slotOf(0, 0), 2)
		b.get("/office/bookings/nobody").want(http.StatusNotFound).wantText("h1", "ページが見つかりません")
	})
}
