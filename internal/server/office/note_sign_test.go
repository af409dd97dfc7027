package office_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
)

// TestNote_AsksBeforeSigning: before the counseling begins, and with a line for each hold that nobody has released and each risk that is not ticked; it
// is signed all the same by who says so, and nothing is asked where nothing is open.
func TestNote_AsksBeforeSigning(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		s.AnswerIntake(t, receipt.Token, answers)
		s.Clock.Advance(24*time.Hour + 59*time.Minute)
		b, path := s.SignedIn(t, servertest.Doctor), "/office/charts/"+receipt.BookingID+"/note"
		asked := b.PostForm(path, typed(b.Get(path), "do", "sign", "explained", "cost", "proposal", "運動")).Want(http.StatusUnprocessableEntity)
		asked.WantText("#wrongs", "このまま確定しますか。")
		asked.WantText("[data-open]", "カウンセリングは、まだ始まっていません（11月25日（水）10:00から）。")
		lines := strings.Join(asked.Texts("[data-open] li"), "\n")
		for _, want := range []string{"保留が残っています：冷却 × 寒冷凝集素症", "説明した印がありません：危険", "説明した印がありません：抗凝固薬と内出血"} {
			if !strings.Contains(lines, want) {
				t.Errorf("%q is not asked: %s", want, lines)
			}
		}
		if strings.Contains(lines, "「説明したこと」に印がありません") || asked.Text("#proposal") != "運動" {
			t.Errorf("asked is %s; the text is %q", lines, asked.Text("#proposal"))
		}
		s.Clock.Advance(time.Minute) // it begins
		asked = b.PostForm(path, typed(asked, "do", "sign", "explained", "cost", "explained", "risk", "explained", "anticoagulant", "proposal", "運動")).Want(http.StatusUnprocessableEntity)
		lines = strings.Join(asked.Texts("[data-open] li"), "\n")
		if strings.Contains(lines, "まだ始まって") || strings.Contains(lines, "：危険") || strings.Contains(lines, "抗凝固薬と内出血") || !strings.Contains(lines, "保留が残っています") {
			t.Errorf("begun and explained, it still asks %s", lines)
		}
		b.PostForm(path, typed(asked, "do", "sure", "explained", "cost", "proposal", "運動")).Want(http.StatusSeeOther)

		silent := s.Book(t, s.SlotOf(t, 0, 1), 2)
		s.Clock.Advance(2 * time.Hour)
		b = s.SignedIn(t, servertest.Doctor)
		path = "/office/charts/" + silent.BookingID + "/note"
		b.PostForm(path, typed(b.Get(path), "do", "sign", "explained", "risk", "explained", "contraception", "proposal", "運動")).Want(http.StatusSeeOther)
	})
}

// TestNote_AsksBeforeSigningInBrowser: with scripts it asks just the same, by the key as well, and a second press signs.
func TestNote_AsksBeforeSigningInBrowser(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
	s.AnswerIntake(t, receipt.Token, answers)
	s.Clock.Advance(23 * time.Hour)
	v := browsertest.Visit(t, s.URL, browsertest.Tablet)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Doctor))
	v.Open("/office/charts/" + receipt.BookingID + "/note")
	v.Type("proposal", "運動を週2回。")
	v.FollowAtTo(http.StatusUnprocessableEntity, "[data-main]")
	v.WaitFor("#wrongs [data-open] li")
	v.Look("note-ask")
	v.FollowAt("#wrongs [data-note-sign]")
	if said := v.Text(".note-signed"); !strings.Contains(said, "運動を週2回。") {
		t.Errorf("signed is %q", said)
	}
}
