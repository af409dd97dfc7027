package office_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// failAll has every letter fail that is due, for reasons in turn.
func failAll(t *testing.T, s *servertest.Site, failures ...string) {
	t.Helper()
	for _, failure := range failures {
		l := s.ClaimLetter(t)
		if failure == "" {
			servertest.Must(t, s.Store.LetterSent(t.Context(), l))
			continue
		}
		servertest.Must(t, s.Store.LetterFailed(t.Context(), l, failure, true))
	}
}

// TestLetters_OfAPeriod: all letters of some days, each with where it stands and why, narrowed by state, branch and reason.
func TestLetters_OfAPeriod(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		for n := range 4 {
			s.Clock.Advance(time.Minute)
			s.Book(t, s.SlotOf(t, 0, n), n+1)
		}
		failAll(t, s, "", "smtp 550 5.1.1", "smtp 550", "")
		b := s.SignedIn(t, servertest.FrontDesk)
		rows := func(query string, want ...string) {
			t.Helper()
			a := b.Get("/office/letters" + query).Want(http.StatusOK)
			found := a.Texts("#all tbody tr")
			if len(found) != len(want) {
				t.Errorf("%s lists %d letters, want %d", query, len(found), len(want))
				return
			}
			for i, text := range want {
				if !strings.Contains(found[i], text) {
					t.Errorf("%s lists %q, want %q in it", query, found[i], text)
				}
			}
		}
		rows("", "花子四", "花子三 様 来院 2026/11/25 12:00 届いていません 宛先のメールアドレスに届きませんでした。お電話でアドレスをご確認ください。", "花子二", "花子一")
		rows("?status=sent", "送信済み", "送信済み")
		rows("?status=failed&reason=address", "花子三", "花子二")
		rows("?reason=tls")
		rows("?branch=" + s.Other.ID)
		rows("?from=2026-11-25&until=2026-11-26")
		rows("?from=2026-11-01&until=2026-11-24&status=nonsense", "", "", "", "")
		for query, sentence := range map[string]string{"?from=2026-11-25&until=2026-11-24": "", "?from=2026-01-01&until=2026-11-24": "3か月"} {
			a := b.Get("/office/letters" + query).Want(http.StatusUnprocessableEntity)
			a.WantText("#until-error", sentence)
			if a.Find("input[name=until][aria-invalid]").Length() != 1 {
				t.Errorf("%s: the field is not marked", query)
			}
		}
	})
}

// TestLetters_PageByPage: a list that is longer than a page goes on where it ended, whatever comes meanwhile.
func TestLetters_PageByPage(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		s.Store.LiftLimits()
		slots := storetest.AddSlots(t, s.Store, s.Branch, s.Doctors[0], storetest.Begin.AddDate(0, 0, 10), 60)
		for n, slot := range slots {
			s.Book(t, slot.Slot, 100+n)
		}
		b := s.SignedIn(t, servertest.FrontDesk)
		a := b.Get("/office/letters").Want(http.StatusOK)
		seen := map[string]bool{}
		for _, want := range []int{50, 10} {
			links := a.Find("#all tbody a")
			for i := range links.Length() {
				seen[links.Eq(i).AttrOr("href", "")] = true
			}
			if links.Length() != want {
				t.Fatalf("a page of %d", links.Length())
			}
			if want == 50 {
				s.Clock.Advance(time.Minute)
				s.Book(t, s.SlotOf(t, 0, 0), 200)
				a = b.Get(strings.TrimSuffix(a.Find("#all p a.button").AttrOr("href", ""), "#all")).Want(http.StatusOK)
			}
		}
		if len(seen) != 60 {
			t.Errorf("%d letters were seen", len(seen))
		}
	})
}

// TestLetters_AreSentAgain: one from the list, which it leads back to; all of a reason, as many as was said, and once however often the form
// comes; never those of another branch.
func TestLetters_AreSentAgain(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		for n := range 4 {
			s.Clock.Advance(time.Minute)
			s.Book(t, s.SlotOf(t, 0, n), n+1)
		}
		failAll(t, s, "auth 535", "auth 535 5.7.8", "smtp 550 5.1.1", "auth 535")
		b := s.SignedIn(t, servertest.FrontDesk)
		a := b.Get("/office/letters").Want(http.StatusOK)
		a.WantText("#together li", "メールサーバーに認証されませんでした。メールの設定（ユーザー名・パスワード・認証方式）をご確認ください。 3通をすべて送り直す")
		hidden := func(name string) string {
			return a.Find("#together li").First().Find("input[name="+name+"]").AttrOr("value", "")
		}
		form := []string{"reason", hidden("reason"), "n", hidden("n"), "seen", hidden("seen")}

		row := a.Find("#all tbody tr").Eq(1).Find("form")
		one := b.Post(row.AttrOr("action", ""), "back", row.Find("input[name=back]").AttrOr("value", "")).Want(http.StatusSeeOther)
		if !strings.HasPrefix(one.Location(), "/office/letters?") {
			t.Errorf("it leads to %s", one.Location())
		}
		b.Get(one.Location()).WantText("[role=status]", "1通を送り直します")
		failAll(t, s, "")

		s.Employ(t, clinic.Staff{Role: clinic.FrontDesk, Name: "別院 見本", Email: "other@example.jp", Branches: []string{s.Other.ID}})
		if to := s.SignedIn(t, "other@example.jp").Post("/office/letters/resend", form...).Want(http.StatusSeeOther).Location(); to != "/office/letters?sent=0" {
			t.Errorf("the other branch is led to %s", to)
		}
		s.Clock.Advance(time.Minute)
		for _, want := range []int{3, 0} {
			to := b.Post("/office/letters/resend", form...).Want(http.StatusSeeOther).Location()
			if to != fmt.Sprintf("/office/letters?sent=%d", want) {
				t.Errorf("it leads to %s, want %d letters", to, want)
			}
			b.Get(to).WantText("[role=status]", map[int]string{3: "3通を送り直します", 0: "送り直すメールはありませんでした"}[want])
		}
		failAll(t, s, "auth 535", "auth 535", "auth 535")
		b.Post("/office/letters/resend", form...).Want(http.StatusSeeOther) // once more, though they failed again
		if l, due, err := s.Store.ClaimLetter(t.Context()); due || err != nil {
			t.Errorf("%s is sent by a form that was sent before (%v)", l.ID, err)
		}
		b.Post("/office/letters/resend", "reason", "auth", "n", "many", "seen", "now").Want(http.StatusUnprocessableEntity)
	})
}

// TestLetters_WhoSendsThem: each instance of the last day, and whether it is at work.
func TestLetters_WhoSendsThem(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b := s.SignedIn(t, servertest.FrontDesk)
		b.Get("/office/letters").WantText("#workers", "この1日に動いた送信係はありません")
		servertest.Must(t, s.Store.Beat(t.Context(), "first-worker-aaaaaa"))
		s.Clock.Advance(10 * time.Minute)
		servertest.Must(t, s.Store.Beat(t.Context(), "other-worker-bbbbbb"))
		a := b.Get("/office/letters").Want(http.StatusOK)
		a.WantText("#workers", "bbbbbb 動いています 2026/11/24 09:10 2026/11/24 09:10")
		a.WantText("#workers", "aaaaaa 止まっています 2026/11/24 09:00 2026/11/24 09:00")
	})
}
