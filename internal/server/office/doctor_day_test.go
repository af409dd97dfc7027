package office_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"madoguchi/internal/server/servertest"
)

func TestDoctorDay_BeginsWithTheNextPatient(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		first, second, third := s.Book(t, s.SlotOf(t, 0, 0), 1), s.Book(t, s.SlotOf(t, 0, 2), 2), s.Book(t, s.SlotOf(t, 0, 4), 3)
		s.Book(t, s.SlotOf(t, 1, 1), 4) // the colleague's
		s.AnswerIntake(t, second.Token, answers)
		s.Cancel(t, third.BookingID)

		b := s.SignedIn(t, servertest.Doctor)
		a := b.Get("/office/doctor").Want(http.StatusOK) // the day before
		a.WantText("h1", "本日のカウンセリング")
		if got := a.Texts(".agenda h2"); !slices.Equal(got, []string{"11月24日（火）", "11月25日（水）"}) {
			t.Errorf("days %q", got)
		}
		a.WantText(".agenda section:first-of-type p", "予定はありません")
		a.WantText(".chart h2", "花子一")

		s.Clock.Advance(s.SlotOf(t, 0, 2).StartsAt.Add(-time.Minute).Sub(s.Clock.Now()))
		b = s.SignedIn(t, servertest.Doctor)
		a = b.Get("/office/doctor").Want(http.StatusOK)
		want := []string{"10:00 試験 花子一 背中、裏もも 記録 未署名", "12:00 試験 花子二 次 背中、裏もも 保留 1 確認 1 未読"}
		if got := a.Texts(".visit"); !slices.Equal(got, want) {
			t.Errorf("list %q, want %q", got, want)
		}
		a.WantText(".chart h2", "花子二")
		if href, _ := a.Find(`.visit[aria-current="true"]`).Attr("href"); href != "/office/charts/"+second.BookingID {
			t.Errorf("the marked one leads to %s", href)
		}
		s.Clock.Advance(2 * time.Minute)
		b.Get("/office/doctor").WantText(".visit .tag.info", "いま")
		s.Clock.Advance(2 * time.Hour)
		b = s.SignedIn(t, servertest.Doctor)
		a = b.Get("/office/doctor")
		a.WantText(".chart-side .empty", "このあとのカウンセリングはありません")
		b.Get("/office/charts/" + first.BookingID).Want(http.StatusOK) // what is over can still be read
	})
}
