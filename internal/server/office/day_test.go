package office_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

func TestDay_ShowsWhoHasWhichSlot(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		answered := o.book(o.slotOf(0, 0), 1)
		o.answer(answered, allSections)
		o.book(o.slotOf(1, 0), 2)
		gone := o.book(o.slotOf(1, 1), 3)
		check(t, o.store.Cancel(t.Context(), storetest.Owner, gone.BookingID))
		_, err := o.store.Hold(t.Context(), clinic.Visitor(clinic.NewToken(), "192.0.2.9"), o.slotOf(0, 2).ID)
		check(t, err)
		o.clock.Advance(3*time.Minute + time.Second)

		a := o.signedIn(receptionMail).get("/office/day?branch=" + o.Branch.ID + "&date=2026-11-25").want(http.StatusOK)
		a.wantText("h1", "2026年11月25日（水）")
		if got := a.texts(".calendar thead th"); !slices.Equal(got, []string{"時刻", "見本 花", "見本 守"}) {
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
		want := []string{"見本 花 試験 花子1 シケン ハナコ 確定 背中、裏もも 問診 回答済み", "見本 守 試験 花子2 シケン ハナコ 確定 背中、裏もも 問診 未回答"}
		if got := a.texts(".calendar td:has(a)"); !slices.Equal(got, want) {
			t.Errorf("bookings %q", got)
		}
		a.wantText(".entry.held", "仮押さえ 残り7分")
		a.wantText(".counts", "予約 2 仮押さえ 1 空き 9")
		a.wantText(`section[aria-labelledby="cancelled"]`, "11:00 試験 花子3 様 見本 守 医師")

		en := o.signedIn(receptionMail)
		en.cookies["lang"] = "en"
		en.get("/office/day?date=2026-11-25").want(http.StatusOK).wantText(".entry.held", "On hold 7 min left")
	})
}

func TestDay_MovesByDaysAndBranches(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		b := o.signedIn(receptionMail)
		a := b.get("/office/day?branch=" + o.Branch.ID + "&date=2026-11-25")
		var links []string
		for _, n := range a.Find(".moves a").Nodes {
			links = append(links, n.Attr[0].Val)
		}
		day := "/office/day?branch=" + o.Branch.ID + "&date="
		if !slices.Equal(links, []string{day + "2026-11-24", day + "2026-11-24", day + "2026-11-26"}) {
			t.Errorf("links %q", links)
		}
		// Without or with unreadable wishes: today at the first branch.
		for _, path := range []string{"/office/day", "/office/day?date=2026-02-30&branch=nowhere"} {
			a := b.get(path).want(http.StatusOK)
			a.wantText("h1", "2026年11月24日（火）")
			a.wantText(".empty", "この日の枠は、まだありません。")
			if v, _ := a.Find("#branch option[selected]").Attr("value"); v != o.Branch.ID {
				t.Errorf("%s shows the branch %s", path, v)
			}
			if a.Find(`.empty a[href^="/office/slots"]`).Length() != 0 {
				t.Error("reception is offered to open slots")
			}
		}
		a = o.signedIn(adminMail).get("/office/day?branch=" + o.Other.ID)
		if a.Find(`.empty a[href^="/office/slots"]`).Length() != 1 {
			t.Error("the administrator is not offered to open slots")
		}
		holiday := b.get("/office/day?date=2026-11-23").want(http.StatusOK)
		holiday.wantText("main", "勤労感謝の日")
	})
}

func TestDay_KnowsNowAndThePast(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		o.clock.Advance(o.slotOf(0, 1).StartsAt.Sub(o.clock.Now()) + time.Minute)
		a := o.signedIn(receptionMail).get("/office/day?date=2026-11-25").want(http.StatusOK)
		a.wantText("tr.now th", "11:00 いま")
		if over, free := a.Find(".entry.over").Length(), a.Find(".entry.free").Length(); over != 4 || free != 8 {
			t.Errorf("%d slots are over and %d free", over, free)
		}
	})
}

func TestDay_WarnsOfLettersThatNobodyGot(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		b := o.signedIn(receptionMail)
		receipt := o.book(o.slotOf(0, 0), 1)
		if a := b.get("/office/day"); a.Find(".warning").Length() != 0 {
			t.Error("there is a warning before anything failed")
		}
		o.failLetter()
		// Whatever the branch and the day: nobody else will do something about it.
		a := b.get("/office/day?branch=" + o.Other.ID + "&date=2026-12-24").want(http.StatusOK)
		a.wantText(".warning", "メールが1通、届いていません。 試験 花子1 様 11月25日（水）10:00 予約確認")
		if href, _ := a.Find(".warning a").Attr("href"); href != "/office/bookings/"+receipt.BookingID+"#letters" {
			t.Errorf("the warning leads to %s", href)
		}
		check(t, o.store.Resend(t.Context(), storetest.Owner, receipt.BookingID, storetest.LetterOf(t, o.store, receipt.BookingID, clinic.Confirmation).ID))
		if a := b.get("/office/day"); a.Find(".warning").Length() != 0 {
			t.Error("the warning stays")
		}
	})
}

// A clinic that has just been set up has an administrator and nothing else.
func TestDay_OfANewClinic(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		o := serve(t, &counter{t: t, store: s, clock: clock})
		_, err := s.AddStaff(t.Context(), storetest.Owner, clinic.Staff{EveryBranch: true, Role: clinic.Admin, Name: "管理 見本", Email: adminMail, PasswordHash: "x"})
		check(t, err)
		b := o.signedIn(adminMail)
		for _, path := range []string{"/office/day", "/office/slots", "/office/branches"} {
			a := b.get(path).want(http.StatusOK)
			if a.Find(".empty").Length() != 1 || a.Find(`a[href="/office/branches/new"]`).Length() == 0 {
				t.Errorf("%s does not lead to the first branch", path)
			}
		}
		b.get("/office/doctors").want(http.StatusOK)
		b.get("/office/doctors/new").want(http.StatusOK)
	})
}
