package office_test

import (
	"net/http"
	"strings"
	"testing"

	"madoguchi/internal/server/servertest"
)

// TestHandover_IsToldToBoth: who receives a chart finds who gave it and why in the list, in the menu and over the chart, and it stays new until they
// have read it; who gave it is led back to the list, which says what they did and takes it back until then.
func TestHandover_IsToldToBoth(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt, note := openNoted(t, s)
		chart, day := "/office/charts/"+receipt.BookingID, "/office/doctor?date=2026-11-25"
		first, second := s.SignedIn(t, servertest.Doctor), s.SignedIn(t, servertest.Colleague)
		mine, theirs := s.Doctors[0].Name("ja")+" 医師", s.Doctors[1].Name("ja")+" 医師"
		none := func(a *servertest.Answer, selector string) {
			t.Helper()
			if a.Want(http.StatusOK).Find(selector).Length() != 0 {
				t.Errorf("there is %q", a.Text(selector))
			}
		}
		hand := func() *servertest.Answer {
			t.Helper()
			to := first.Post(chart+"/handover", "to", s.Doctors[1].ID, "reason", "診察が長引いた"+marker).Want(http.StatusSeeOther).Location()
			if to != "/office/doctor?date=2026-11-25&handed="+receipt.BookingID {
				t.Errorf("who gave it is led to %s", to)
			}
			return first.Get(to).Want(http.StatusOK)
		}
		a := hand()
		a.WantText("[data-handed-given] [role=status]", "様のカルテを、"+theirs+"に引き継ぎました。")
		a.WantText("[data-handed-given] form", "まだ読まれていません 元に戻す")
		if strings.Contains(a.Text("[data-handed-given]"), marker) || strings.Contains(a.Text("nav.agenda ol"), "試験") {
			t.Error("who gave it finds the reason, or the chart, in their list")
		}
		if live := a.Find("#live").AttrOr("hx-get", ""); !strings.Contains(live, "handed="+receipt.BookingID) {
			t.Errorf("the list that brings itself up to date forgets what was done: %s", live)
		}
		isNew := func() {
			t.Helper()
			for _, path := range []string{"/office/doctor", day, "/office/doctor?date=2026-12-01"} {
				list := second.Get(path).Want(http.StatusOK)
				list.WantText("[data-handed-new]", mine+"から（2026/11/25 11:00）")
				list.WantText("[data-handed-new] .why", "引き継ぎの理由：診察が長引いた"+marker)
			}
			second.Get(day).WantText(".visit .tags", "引き継ぎ 新着")
			second.Get("/office/unsigned").WantText(".topnav", "本日 1 件 新しい引き継ぎ")
			none(first.Get("/office/unsigned"), ".topnav a[href='/office/doctor'] .badge")
		}
		isNew()
		read := second.Get(chart).Want(http.StatusOK)
		read.WantText("[data-handed-why]", "引き継ぎ 新着 "+mine+"から引き継ぎ 2026/11/25 11:00 引き継ぎの理由：診察が長引いた"+marker)
		isNew() // to look at it changes nothing
		// Taken back, it is as if nothing had been.
		back := first.Post(chart+"/handover/undo", "date", "2026-11-25").Want(http.StatusSeeOther).Location()
		first.Get(back).Want(http.StatusOK).WantText("[role=status]", "引き継ぎを取り消しました")
		first.Get(chart).Want(http.StatusOK)
		second.Get(chart).Want(http.StatusNotFound)
		none(second.Get(day), "[data-handed-new]")
		// The page that was open then does not read what is given later.
		sent := func(a *servertest.Answer) []string {
			return []string{"revision", a.Find("form[data-read] [name=revision]").AttrOr("value", ""), "handover", a.Find("form[data-read] [name=handover]").AttrOr("value", "")}
		}
		hand()
		second.Post(chart+"/read", sent(read)...).Want(http.StatusSeeOther)
		isNew()
		// Who has signed goes on reading that, and no answer.
		first.Post(chart+"/handover/undo", "date", "2026-11-25").Want(http.StatusSeeOther)
		first.PostForm(note, typed(first.Get(note), "do", "sure", "proposal", "運動を週3回。")).Want(http.StatusSeeOther)
		own := hand().Find("[data-handed-given] a").AttrOr("href", "")
		if own != note {
			t.Fatalf("the way to the own note leads to %q", own)
		}
		wrote := first.Get(own).Want(http.StatusOK)
		wrote.WantText(".note-main", "運動を週3回。")
		if strings.Contains(wrote.Body, "ワルファリン") || wrote.Find("[data-chart-text]").Length() != 0 {
			t.Error("who gave the chart reads answers")
		}
		// Read, it is neither new nor to be taken back, and says so.
		second.Post(chart+"/read", sent(second.Get(chart))...).Want(http.StatusSeeOther)
		none(second.Get(day), "[data-handed-new], form[data-read]")
		second.Get(chart).WantText("[data-handed-why]", mine+"から引き継ぎ")
		first.Post(chart+"/handover/undo", "date", "2026-11-25").Want(http.StatusConflict).WantText("main", "もう読んでいるため、元に戻せません")
		first.Get(day).WantText("[data-handed-given]", "2026/11/25 11:00に読まれました")
		none(first.Get(day), "[data-handed-given] form")
		s.SignedIn(t, servertest.FrontDesk).Post(chart+"/handover/undo", "date", "2026-11-25").Want(http.StatusForbidden)
		second.Post(chart + "/handover/undo").Want(http.StatusNotFound)
	})
}
