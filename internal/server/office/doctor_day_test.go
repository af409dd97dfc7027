package office_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
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

// TestDoctorDay_KeepsItsDayWhenItBringsItselfUpToDate: in the evening the chart beside the list belongs to a later day. The list still begins
// today, with the notes that are to be signed.
func TestDoctorDay_KeepsItsDayWhenItBringsItselfUpToDate(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		today := storetest.AddSlots(t, s.Store, s.Branch, s.Doctors[0], s.Clock.Now().Add(time.Hour), 1)[0]
		s.Book(t, today.Slot, 1)
		tomorrow := s.Book(t, s.SlotOf(t, 0, 0), 2)
		s.Clock.Advance(3 * time.Hour)
		doctor := s.SignedIn(t, servertest.Doctor)
		a := doctor.Get("/office/doctor").Want(http.StatusOK)
		path := a.Find("#live").AttrOr("hx-get", "")
		if !strings.HasPrefix(path, "/office/charts/"+tomorrow.BookingID+"?") {
			t.Fatalf("it brings itself up to date from %s", path)
		}
		again := doctor.Get(path).Want(http.StatusOK)
		for _, part := range []string{"h1", ".agenda h2", ".visit", ".chart h2", "#live"} {
			if was, is := a.Texts(part), again.Texts(part); len(was) == 0 || !slices.Equal(was, is) {
				t.Errorf("%s: %q, brought up to date %q", part, was, is)
			}
		}
		if was, is := a.Find("#live").AttrOr("data-live", ""), again.Find("#live").AttrOr("data-live", ""); was != is {
			t.Errorf("it listened to %s, and then to %s", was, is)
		}
		// A day too far from the chart's is not drawn: the chart would not be in its list.
		for _, list := range []string{"0001-01-01", "2026-11-17", "2026-11-26", "9999-12-31", "x"} {
			if days := doctor.Get("/office/charts/" + tomorrow.BookingID + "?list=" + list).Want(http.StatusOK).Texts(".agenda h2"); days[0] != "11月25日（水）" {
				t.Errorf("?list=%s begins with %q", list, days)
			}
		}
	})
}
