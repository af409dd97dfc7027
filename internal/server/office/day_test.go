package office_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

func TestDay_ShowsWhoHasWhichSlot(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		answered := s.Book(t, s.SlotOf(t, 0, 0), 1)
		s.AnswerIntake(t, answered.Token, answers)
		s.Book(t, s.SlotOf(t, 1, 0), 2)
		gone := s.Book(t, s.SlotOf(t, 1, 1), 3)
		s.Cancel(t, gone.BookingID)
		s.Hold(t, s.SlotOf(t, 0, 2))
		s.Clock.Advance(3*time.Minute + time.Second)

		a := s.SignedIn(t, servertest.FrontDesk).Get("/office/day?branch=" + s.Branch.ID + "&date=2026-11-25").Want(http.StatusOK)
		a.WantText("h1", "2026年11月25日（水）")
		if got := a.Texts(".calendar thead .who b"); !slices.Equal(got, []string{"見本 花", "見本 守"}) {
			t.Errorf("columns %q", got)
		}
		if rows := a.Find(".calendar tbody tr").Length(); rows != 6 {
			t.Errorf("%d rows", rows)
		}
		first := a.Find(".calendar tbody tr").First()
		if got := first.Find("a.entry.booked").Length(); got != 2 {
			t.Errorf("%d bookings at ten", got)
		}
		if href, _ := first.Find("a.entry").First().Attr("href"); href != "/office/bookings/"+answered.BookingID {
			t.Errorf("the first leads to %s", href)
		}
		want := []string{"見本 花 試験 花子一 シケン ハナコ 確定 背中、裏もも 問診 回答済み", "見本 守 試験 花子二 シケン ハナコ 確定 背中、裏もも 問診 未回答"}
		if got := a.Texts(".calendar td:has(a.entry)"); !slices.Equal(got, want) {
			t.Errorf("bookings %q", got)
		}
		a.WantText(".entry.held", "仮押さえ 残り7分")
		a.WantText(".counts", "予約 2 来院 0 空き 9 仮押さえ 1")
		a = s.SignedIn(t, servertest.FrontDesk).Get("/office/day?branch=" + s.Branch.ID + "&date=2026-11-25&cancelled=1").Want(http.StatusOK)
		a.WantText(`section[aria-labelledby="cancelled"]`, "11:00 試験 花子三 様 見本 守 医師")

		en := s.SignedIn(t, servertest.FrontDesk)
		en.Speak("en")
		en.Get("/office/day?date=2026-11-25").Want(http.StatusOK).WantText(".entry.held", "On hold 7 min left")
	})
}

func TestDay_MovesByDaysAndBranches(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b := s.SignedIn(t, servertest.FrontDesk)
		a := b.Get("/office/day?branch=" + s.Branch.ID + "&date=2026-11-25")
		var links []string
		for _, n := range a.Find(".moves a").Nodes {
			links = append(links, n.Attr[0].Val)
		}
		day := "/office/day?branch=" + s.Branch.ID + "&date="
		if !slices.Equal(links, []string{day + "2026-11-24", day + "2026-11-24", day + "2026-11-26"}) {
			t.Errorf("links %q", links)
		}
		// Without or with unreadable wishes: today at the first branch.
		for _, path := range []string{"/office/day", "/office/day?date=2026-02-30&branch=nowhere"} {
			a := b.Get(path).Want(http.StatusOK)
			a.WantText("h1", "2026年11月24日（火）")
			a.WantText(".empty", "この日の枠は、まだありません。")
			if v, _ := a.Find(".rail [name=branch]").Attr("value"); v != s.Branch.ID {
				t.Errorf("%s shows the branch %s", path, v)
			}
			if a.Find(`.empty a[href^="/office/slots"]`).Length() != 0 {
				t.Error("the front desk is offered to open slots")
			}
		}
		admin := s.SignedIn(t, servertest.Admin)
		for path, to := range map[string]string{
			"/office/day?date=2026-12-24&branch=" + s.Branch.ID: "/office/hours?branch=" + s.Branch.ID, // there are slots on other days
			"/office/day?branch=" + s.Other.ID:                  "/office/setup?branch=" + s.Other.ID,  // there are none
			"/office/week?branch=" + s.Other.ID:                 "/office/setup?branch=" + s.Other.ID,
		} {
			a = admin.Get(path).Want(http.StatusOK)
			if got := a.Find(".empty a.button").First().AttrOr("href", ""); got != to || a.Find(`.empty a[href^="/office/slots"]`).Length() != 1 {
				t.Errorf("the administrator is led from the empty %s to %q, want %q", path, got, to)
			}
		}
		holiday := b.Get("/office/day?date=2026-11-23").Want(http.StatusOK)
		holiday.WantText("main", "勤労感謝の日")
	})
}

func TestDay_KnowsNowAndThePast(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		s.Clock.Advance(s.SlotOf(t, 0, 1).StartsAt.Sub(s.Clock.Now()) + time.Minute)
		a := s.SignedIn(t, servertest.FrontDesk).Get("/office/day?date=2026-11-25").Want(http.StatusOK)
		a.WantText("tr.now th", "11:00 いま")
		if over, free := a.Find(".entry.over").Length(), a.Find(".entry.free").Length(); over != 4 || free != 8 {
			t.Errorf("%d slots are over and %d free", over, free)
		}
	})
}

// A clinic that has just been set up has an administrator and nothing else.
func TestDay_OfANewClinic(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			s := servertest.OpenNew(t, engine)
			b := s.SignedIn(t, servertest.Admin)
			for _, path := range []string{"/office/day", "/office/slots", "/office/branches"} {
				a := b.Get(path).Want(http.StatusOK)
				if a.Find(".empty").Length() != 1 || a.Find(`main a[href="/office/setup"], main a[href="/office/branches/new"]`).Length() == 0 {
					t.Errorf("%s does not lead to the first branch", path)
				}
			}
			b.Get("/office/doctors").Want(http.StatusOK)
			b.Get("/office/doctors/new").Want(http.StatusOK)
		})
	}
}
