package office_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// openNoted is a site on the day of a counseling, whose patient has answered.
func openNoted(t *testing.T, s *servertest.Site) (receipt clinic.Receipt, path string) {
	t.Helper()
	receipt = s.Book(t, s.SlotOf(t, 0, 0), 1)
	s.AnswerIntake(t, receipt.Token, answers)
	s.Clock.Advance(26 * time.Hour)
	return receipt, "/office/charts/" + receipt.BookingID + "/note"
}

// typed is a note as a form sends it, over what its page has seen.
func typed(a *servertest.Answer, pairs ...string) url.Values {
	form := url.Values{}
	a.Find("form#note input[type=hidden]").Each(func(_ int, e *goquery.Selection) { form.Set(e.AttrOr("name", ""), e.AttrOr("value", "")) })
	for pair := range slices.Chunk(pairs, 2) {
		form.Add(pair[0], pair[1])
	}
	return form
}

// TestNote_IsWrittenAndSigned without a script: a draft, what is wrong at its field, the question, and the signed version.
func TestNote_IsWrittenAndSigned(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		_, path := openNoted(t, s)
		b := s.SignedIn(t, servertest.Doctor)
		a := b.Get(path).Want(http.StatusOK)
		if rows := a.Texts(".note-findings > fieldset legend b"); len(rows) != 2 || rows[0] != "背中" || rows[1] != "裏もも" {
			t.Errorf("the rows are %q", rows)
		}
		if a.Find("form#note :checked, form#note [selected]").Length() > 0 {
			t.Error("something was chosen beforehand")
		}
		// What follows from this patient's answers: warfarin. Nobody said that they are interested in cooling.
		a.WantText(".note-follows", "抗凝固薬と内出血")
		a.WantText(".note-follows", "薬の使用中と中止後の避妊")
		if strings.Contains(a.Text(".note-follows"), "PAH") {
			t.Error("a box follows from what nobody answered")
		}
		a = b.PostForm(path, typed(a, "do", "save", "fat-back", "", "fat-back", "middle", "thickness-back", "２４.５", "pain-back", "2", "explained", "cost", "explained", "anticoagulant", "explained", "made-up",
			"proposal", "運動を週2回。")).Want(http.StatusSeeOther)
		a = b.Get(a.Location()).Want(http.StatusOK)
		a.WantText("[role=status].mb-4", "下書きを保存しました。")
		if a.Find("[name=fat-back][value=middle][checked]").Length() != 1 || a.Find("#thickness-back").AttrOr("value", "") != "24.5" {
			t.Error("the draft is not shown as it was typed")
		}
		wrong := b.PostForm(path, typed(a, "do", "sign", "thickness-back", "たくさん", "pain-back", "11", "next", "day", "next-on", "2026-11-25", "proposal", "運動を週2回。")).Want(http.StatusUnprocessableEntity)
		for field, sentence := range map[string]string{"thickness-back": "0から300", "pain-back": "0から10", "next-on": "明日から"} {
			wrong.WantText("#"+field+"-error", sentence)
		}
		if wrong.Find("#thickness-back").AttrOr("value", "") != "たくさん" || wrong.Text("#proposal") != "運動を週2回。" {
			t.Error("what was typed is lost")
		}
		asked := b.PostForm(path, typed(wrong, "do", "sign", "proposal", "運動を週2回。")).Want(http.StatusUnprocessableEntity)
		asked.WantText("#wrongs", "「説明したこと」に印がありません")
		signed := b.PostForm(path, typed(asked, "do", "sure", "proposal", "運動を週2回。")).Want(http.StatusSeeOther)
		a = b.Get(signed.Location()).Want(http.StatusOK)
		a.WantText(".note-signed", "第1版（確定） 見本 花 医師 2026/11/25 11:00 署名 提案 運動を週2回。")
		if a.Find("form#note").Length() > 0 {
			t.Error("a signed note has fields")
		}
		// A change asks for its reason first.
		b.PostForm(path+"/correct", url.Values{"seen-version": {"1"}}).Want(http.StatusUnprocessableEntity).WantText("#reason-error", "訂正の理由")
		a = b.Get(b.PostForm(path+"/correct", url.Values{"seen-version": {"1"}, "reason": {"回数の書きまちがい"}}).Want(http.StatusSeeOther).Location())
		a = b.Get(b.PostForm(path, typed(a, "do", "sure", "reason", "回数の書きまちがい", "proposal", "運動を週3回。水分も。")).Want(http.StatusSeeOther).Location())
		a.WantText(".note-versions", "第2版 2026/11/25 11:00 見本 花 訂正：回数の書きまちがい")
		a = b.Get(path + "/versions").Want(http.StatusOK)
		a.WantText("ins", "追加 運動を週3回。水分も。")
		a.WantText("del", "削除 運動を週2回。")
		// On a phone the heads of the columns are out of sight: each text that differs says of which version it is, and the others that they are the same.
		for i, row := range a.Find(".note-compared tbody tr").EachIter() {
			left := "変更なし"
			if row.HasClass("differs") {
				left = "第1版"
			}
			if named := row.Find(".of-version").Map(func(_ int, s *goquery.Selection) string { return s.Text() }); !slices.Equal(named, []string{left, "第2版"}) {
				t.Errorf("row %d is of %q", i, named)
			}
		}
		a.WantText(".note-compared caption", fmt.Sprintf("ちがう欄は%dつです。", a.Find(".note-compared tr.differs").Length()))
		b.Get(path+"/versions?left=2&right=2").WantText(".note-compared caption", "ちがいはありません。")
	})
}

// TestNote_SavesItself: the page is told the time to the second, and what it may not keep.
func TestNote_SavesItself(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		_, path := openNoted(t, s)
		b := s.SignedIn(t, servertest.Doctor)
		a := b.Get(path)
		type saved struct {
			Revision int
			Saved    string
			Errors   map[string]string
		}
		auto := func(form url.Values, status int) (out saved) {
			t.Helper()
			form.Set("do", "auto")
			answer := b.PostForm(path, form).Want(status)
			servertest.Must(t, json.Unmarshal([]byte(answer.Body), &out))
			return out
		}
		s.Clock.Advance(7 * time.Second)
		if out := auto(typed(a, "wish", "手術はこわい。"), http.StatusOK); out.Revision != 1 || out.Saved != "11:00:07" {
			t.Errorf("the answer is %+v", out)
		}
		if out := auto(typed(a, "proposal", strings.Repeat("長", clinic.MaxNoteText+1)), http.StatusUnprocessableEntity); !strings.Contains(out.Errors["proposal"], "2000") {
			t.Errorf("too long: %+v", out)
		}
		other := b.Get(path)
		auto(typed(other, "wish", "別の画面から。"), http.StatusOK)
		auto(typed(a, "wish", "手術はこわい。注射も。"), http.StatusConflict)
		// The same, sent by its button, shows both and loses neither.
		conflict := b.PostForm(path, typed(a, "do", "save", "wish", "手術はこわい。注射も。", "fat-back", "much")).Want(http.StatusConflict)
		conflict.WantText("ins", "こちらだけ 手術はこわい。注射も。")
		conflict.WantText("del", "こちらだけ 別の画面から。")
		if first := conflict.Find("form button").FilterFunction(func(_ int, e *goquery.Selection) bool { return e.AttrOr("name", "") == "do" }).First(); first.AttrOr("value", "") != "both" {
			t.Error("to keep both does not come first")
		}
		form := url.Values{}
		conflict.Find("main form input[type=hidden]").Each(func(_ int, e *goquery.Selection) { form.Add(e.AttrOr("name", ""), e.AttrOr("value", "")) })
		form.Set("do", "both")
		a = b.Get(b.PostForm(path, form).Want(http.StatusSeeOther).Location())
		if got := a.Find("#wish").Text(); got != "別の画面から。\n手術はこわい。注射も。" || a.Find("[name=fat-back][value=much][checked]").Length() != 1 {
			t.Errorf("both are %q", got)
		}
		if words := b.Post(path+"/open", "screen", "a").Want(http.StatusOK).Body; !strings.Contains(words, "あなただけ") {
			t.Errorf("open: %s", words)
		}
		if words := b.Post(path+"/open", "screen", "b").Want(http.StatusOK).Body; !strings.Contains(words, "もう一つの画面") {
			t.Errorf("open twice: %s", words)
		}
	})
}

// TestNote_OfTwoDoctors: one begins, hands over, and both sign: the second is shown both texts.
func TestNote_OfTwoDoctors(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt, path := openNoted(t, s)
		first, second := s.SignedIn(t, servertest.Doctor), s.SignedIn(t, servertest.Colleague)
		second.Get(path).Want(http.StatusNotFound)
		mine := first.Get(path)
		first.PostForm(path, typed(mine, "do", "save", "proposal", "前の医師の提案。", "fat-back", "much")).Want(http.StatusSeeOther)
		chart := "/office/charts/" + receipt.BookingID
		first.Post(chart+"/handover", "to", s.Doctors[0].ID).Want(http.StatusUnprocessableEntity)
		first.Post(chart+"/handover", "to", s.Doctors[1].ID, "reason", "診察が長引いた"+marker).Want(http.StatusSeeOther)
		first.Get(chart).Want(http.StatusNotFound)
		second.Get(chart).Want(http.StatusOK)
		if day := second.Get("/office/doctor?date=2026-11-25").Body; !strings.Contains(day, "試験") {
			t.Error("the colleague's day lacks the patient")
		}
		// Who has written may end it, and reads no answers.
		a := first.Get(path).Want(http.StatusOK)
		if strings.Contains(a.Body, marker) || strings.Contains(a.Body, "ワルファリン") {
			t.Error("the former doctor reads answers, or the reason")
		}
		theirs := second.Get(path).Want(http.StatusOK)
		second.PostForm(path, typed(theirs, "do", "sure", "proposal", "後の医師の提案。", "fat-back", "little")).Want(http.StatusSeeOther)
		conflict := first.PostForm(path, typed(a, "do", "sure", "proposal", "前の医師の提案。続き。", "fat-back", "much")).Want(http.StatusConflict)
		conflict.WantText("main", "見本 守 医師が第1版を確定しました")
		form := url.Values{}
		conflict.Find("main form input[type=hidden]").Each(func(_ int, e *goquery.Selection) { form.Add(e.AttrOr("name", ""), e.AttrOr("value", "")) })
		form.Set("do", "both")
		a = first.Get(first.PostForm(path, form).Want(http.StatusSeeOther).Location())
		if got := a.Find("#proposal").Text(); got != "後の医師の提案。\n前の医師の提案。続き。" || !strings.Contains(a.Find("#other").Text(), "背中の脂肪：少") {
			t.Errorf("both are %q and %q", got, a.Find("#other").Text())
		}
		first.PostForm(path, typed(a, "do", "sure", "proposal", "両方。")).Want(http.StatusUnprocessableEntity).WantText("#reason-error", "訂正の理由")
		first.PostForm(path, typed(a, "do", "sure", "reason", "両方を残す", "proposal", "両方。")).Want(http.StatusSeeOther)
		second.Get(path).WantText(".note-versions", "第2版")
		// The front desk sees to whom, and nothing else.
		desk := s.SignedIn(t, servertest.FrontDesk)
		booking := desk.Get("/office/bookings/" + receipt.BookingID).Want(http.StatusOK)
		booking.WantText("[data-handed]", "引き継ぎ 見本 守 医師（2026/11/25 11:00）")
		day := desk.Get("/office/day?branch=" + s.Branch.ID + "&date=2026-11-25").Want(http.StatusOK)
		day.WantText(".entry [data-handed]", "引き継ぎ 見本 守 医師")
		if strings.Contains(booking.Body+day.Body, marker) || strings.Contains(booking.Body, "提案") {
			t.Error("the front desk reads the reason or the note")
		}
	})
}

// TestUnsigned_CountsWhatIsOwed: in the menu as on the page.
func TestUnsigned_CountsWhatIsOwed(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		_, path := openNoted(t, s)
		b := s.SignedIn(t, servertest.Doctor)
		a := b.Get("/office/unsigned").Want(http.StatusOK)
		a.WantText("td", "試験") // the counseling has ended, and nobody wrote
		a.WantText("main", "記録なし")
		a.WantText(".topnav", "未署名 1 件 未署名")
		a = b.Get(path)
		b.PostForm(path, typed(a, "do", "save", "proposal", "運動")).Want(http.StatusSeeOther)
		b.Get("/office/unsigned").WantText("main", "下書き 自動保存 2026/11/25 11:00")
		a = b.Get(path)
		b.PostForm(path, typed(a, "do", "sure", "proposal", "運動")).Want(http.StatusSeeOther)
		a = b.Get("/office/unsigned")
		a.WantText(".empty", "未署名の記録はありません")
		if a.Find(".topnav a[href='/office/unsigned'] .badge").Length() > 0 {
			t.Error("the menu counts what is signed")
		}
	})
}

// TestPhrases_AreAddedChangedAndRemoved, with what is wrong at its field, and told when another screen came first.
func TestPhrases_AreAddedChangedAndRemoved(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		_, path := openNoted(t, s)
		b := s.SignedIn(t, servertest.Doctor)
		save := func(n, revision, shortcut, text string) *servertest.Answer {
			return b.Post("/office/phrases", "do", "save", "n", n, "seen-revision", revision, "shortcut", shortcut, "text", text)
		}
		wrong := save("-1", "0", "う ん", "").Want(http.StatusUnprocessableEntity)
		wrong.WantText("#shortcut-error", "1語")
		wrong.WantText("#text-error", "入力")
		save("-1", "0", "うんどう", "運動を週2回。").Want(http.StatusSeeOther)
		save("-1", "1", "うんどう", "二つ目").Want(http.StatusUnprocessableEntity).WantText("#shortcut-error", "ほかの定型句")
		save("0", "1", "うんどう", "運動を週3回。").Want(http.StatusSeeOther)
		stale := save("-1", "1", "すいぶん", "水分を。").Want(http.StatusConflict)
		if stale.Find("#shortcut").AttrOr("value", "") != "すいぶん" || !strings.Contains(stale.Text("main"), "運動を週3回。") {
			t.Error("what was typed is lost, or the list is old")
		}
		if a := b.Get(path); a.Find(`[data-phrase-list] [data-shortcut="うんどう"]`).Text() != "運動を週3回。" {
			t.Error("the note does not have the phrase")
		}
		if a := s.SignedIn(t, servertest.Colleague).Get("/office/phrases"); strings.Contains(a.Body, "運動") {
			t.Error("a colleague reads it")
		}
		b.Post("/office/phrases", "do", "remove", "n", "0", "seen-revision", "2").Want(http.StatusSeeOther)
		b.Get("/office/phrases").WantText(".empty", "まだありません")
	})
}

// TestNote_IsNotBegunBeforeTheDay: the page says why there is no form.
func TestNote_IsNotBegunBeforeTheDay(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := storetest.Book(t, s.Store, storetest.Request(s.SlotOf(t, 0, 0).ID, 1))
		path := "/office/charts/" + receipt.BookingID + "/note"
		b := s.SignedIn(t, servertest.Doctor)
		a := b.Get(path).Want(http.StatusOK)
		a.WantText("[role=alert]", "当日から")
		if a.Find("form#note").Length() > 0 {
			t.Error("there is a form")
		}
		b.Post(path, "do", "save", "proposal", "早い").Want(http.StatusConflict)
	})
}

// TestNote_IsKeptWhenErasureIsAsked: whoever settles the request is told until when there is a record, and reads nothing of it.
func TestNote_IsKeptWhenErasureIsAsked(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt, path := openNoted(t, s)
		servertest.Must(t, s.Store.AskErasure(t.Context(), clinic.PatientByLink(receipt.Token)))
		a, err := s.Store.Appointment(t.Context(), storetest.Owner, receipt.BookingID)
		servertest.Must(t, err)
		desk, page := s.SignedIn(t, servertest.FrontDesk), "/office/patients/"+a.Booking.PatientID
		if desk.Get(page).Want(http.StatusOK).Find("[data-notes-kept]").Length() > 0 {
			t.Error("there is no record yet")
		}
		b := s.SignedIn(t, servertest.Doctor)
		b.PostForm(path, typed(b.Get(path), "do", "sure", "proposal", marker)).Want(http.StatusSeeOther)
		told := desk.Get(page).Want(http.StatusOK)
		told.WantText("[data-notes-kept]", "2031年11月25日")
		if strings.Contains(told.Body, marker) {
			t.Error("the front desk reads the note")
		}
		servertest.Must(t, s.Store.SettleErasure(t.Context(), storetest.Owner, a.Booking.PatientID, openErasure(t, s, a.Booking.PatientID), clinic.ErasureDone, ""))
		b.Get(path).Want(http.StatusOK).WantText(".note-signed", marker)
	})
}

func openErasure(t *testing.T, s *servertest.Site, patientID string) string {
	t.Helper()
	all, err := s.Store.ErasuresOf(t.Context(), storetest.Owner, patientID)
	servertest.Must(t, err)
	return all[0].ID
}
