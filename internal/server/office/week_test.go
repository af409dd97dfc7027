package office_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/chromedp/chromedp/kb"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// TestWeek_ChangesChosenSlotsTogether: slots that are chosen in the week are changed as one act, which is undone as one; those that could
// not be changed are listed with the reason, and what is closed is one block that can be opened.
func TestWeek_ChangesChosenSlotsTogether(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		booked := s.Book(t, s.SlotOf(t, 0, 0), 1)
		s.Hold(t, s.SlotOf(t, 0, 1))
		desk := s.SignedIn(t, servertest.FrontDesk)
		desk.PostForm("/office/day/slots", url.Values{"branch": {s.Branch.ID}, "hold": {s.SlotOf(t, 0, 2).ID}, "date": {"2026-11-25"}}).Want(303)
		week := "/office/week?branch=" + s.Branch.ID + "&date=2026-11-25"
		a := desk.Get(week + "&choose=1").Want(200)
		if n := a.Find(`.weekly input[name=slot][form=cells]`).Length(); n != len(s.Slots)-3 {
			t.Errorf("%d slots can be chosen", n)
		}
		var all []string
		for i := range 6 {
			all = append(all, s.SlotOf(t, 0, i).ID)
		}
		a = desk.Get(desk.PostForm("/office/day/slots", url.Values{"branch": {s.Branch.ID}, "chosen": {"close"}, "slot": all, "back": {week}}).Want(303).Location()).Want(200)
		a.WantText(".undo", "3枠を閉じました。予約や仮押さえのある3枠は、そのままです")
		for i, want := range []string{
			"11月25日（水）10:00 見本 花 医師 試験 花子一 様の予約があります", "11月25日（水）11:00 見本 花 医師 オンラインで入力中の方がいます",
			"11月25日（水）12:00 見本 花 医師 受付 見本さんが電話の方のために押さえています",
		} {
			if got := a.Texts(".stayed li"); len(got) != 3 || got[i] != want {
				t.Errorf("line %d of %q is not %q", i, got, want)
			}
		}
		if link := a.Find(".stayed a").AttrOr("href", ""); link != "/office/bookings/"+booked.BookingID {
			t.Errorf("the booking is at %s", link)
		}
		a.WantText(".shut", "閉じています 13:00–16:00 開ける") // the afternoon
		open := a.Find(".shut button").AttrOr("value", "")
		if n := len(strings.Fields(open)); n != 3 {
			t.Errorf("%d slots are in the block", n)
		}
		undo := url.Values{}
		a.Find(".undo:not(.picked) input").Each(func(_ int, field *goquery.Selection) { undo.Add(field.AttrOr("name", ""), field.AttrOr("value", "")) })
		at := desk.PostForm("/office/day/undo", undo).Want(303).Location()
		if !strings.HasPrefix(at, "/office/week?") {
			t.Errorf("undoing leads to %s", at)
		}
		if a = desk.Get(at).Want(200); a.Find(".shut, .stayed").Length() != 0 {
			t.Error("something is still closed")
		}
		// Nothing could be changed: the week says so, and why.
		a = desk.PostForm("/office/day/slots", url.Values{"branch": {s.Branch.ID}, "chosen": {"close"}, "slot": all[:1], "back": {week}}).Want(409)
		a.WantText(".stayed", "試験 花子一 様の予約があります")
		if a.Find(".weekly").Length() != 1 {
			t.Error("it is not the week that says so")
		}
		// A doctor's day, from their name.
		form := a.Find(".weekly tbody form").Eq(1)
		if day := form.Find("[name=date]").AttrOr("value", ""); day != "2026-11-25" {
			t.Errorf("the day that can be closed is %q", day)
		}
		a = desk.Get(desk.PostForm("/office/day/slots", url.Values{"branch": {s.Branch.ID}, "close-all": {s.Doctors[1].ID}, "date": {"2026-11-25"}, "back": {week}}).Want(303).Location()).Want(200)
		a.WantText(".shut", "閉じています 10:00–16:00 開ける")
		// The day, from its head: nothing of it is left but what somebody has.
		a = desk.Get(desk.PostForm("/office/day/slots", url.Values{"branch": {s.Branch.ID}, "close-all": {"branch"}, "date": {"2026-11-25"}, "back": {week}}).Want(303).Location()).Want(200)
		a.WantText(".undo", "3枠を閉じました")
		// Somebody else's week says nothing of it.
		a = desk.Get("/office/week?branch=" + s.Branch.ID + "&did=close&id=x&at=2026-11-24T00:00:00Z&stay=x&stay=%27&stay=" + s.SlotOf(t, 0, 0).ID).Want(200)
		if n := len(a.Texts(".stayed li")); n != 1 {
			t.Errorf("%d lines", n)
		}
	})
}

// TestWeek_SaysWhyAHalfIsClosed: what an exception closes is one block with its reason.
func TestWeek_SaysWhyAHalfIsClosed(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	for i := 3; i < 6; i++ {
		servertest.Must(t, s.Store.CloseSlot(t.Context(), storetest.Owner, s.SlotOf(t, 0, i).ID))
	}
	storetest.Exec(t, s.Address, "UPDATE slots SET closed_by = 'hours' WHERE closed_at IS NOT NULL")
	storetest.Exec(t, s.Address, `INSERT INTO closures (id, branch_id, kind, first_day, last_day, from_minute, until_minute, reason, created_at)
		VALUES ('training', '`+s.Branch.ID+`', 'closed', '2026-11-25', '2026-11-25', 780, 960, '院内研修', '2026-11-01 00:00:00')`)
	a := s.SignedIn(t, servertest.FrontDesk).Get("/office/week?branch=" + s.Branch.ID + "&date=2026-11-25").Want(200)
	a.WantText(".shut", "休診 院内研修 13:00–16:00 開ける")
	if n := a.Find(".shut").Length(); n != 1 {
		t.Errorf("%d blocks are closed", n)
	}
}

// TestWalk_ChoosesSlotsOfTheWeek chooses slots with the mouse, by keys and, without a script, by boxes, and changes them together.
func TestWalk_ChoosesSlotsOfTheWeek(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	s.Book(t, s.SlotOf(t, 0, 1), 1)
	closed := func(doctor, i int) bool {
		t.Helper()
		slot, err := s.Store.Slot(t.Context(), s.SlotOf(t, doctor, i).ID)
		servertest.Must(t, err)
		return slot.ClosedAt != nil
	}
	chip := func(doctor, i int) string { return "#week-" + s.SlotOf(t, doctor, i).ID }
	v := atDesk(t, s)
	v.Open("/office/week?branch=" + s.Branch.ID + "&date=2026-11-25")
	v.WaitFor(`#live-state[data-state="on"]`)
	v.Look("week")
	v.Drag(chip(0, 0), chip(0, 2))
	v.WaitFor("#picked:not([hidden])")
	if said := v.Text("#picked"); !strings.HasPrefix(said, "2枠を選択中 見本 花 11/25 10:00・12:00 閉じる X 院内のみにする S やめる") {
		t.Errorf("the bar says %q", said)
	}
	v.Look("week-picked")
	v.Keys(kb.Escape)
	if v.Sees("#picked") || v.Sees("[data-picked]") {
		t.Error("something is still chosen")
	}
	// With keys: from a slot to the next ones.
	browsertest.Read[bool](v, `(() => { document.querySelector("`+chip(1, 3)+`").focus(); return true })()`)
	shift := func(key string) {
		t.Helper()
		browsertest.Read[bool](v, `document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "`+key+`", shiftKey: true, bubbles: true, cancelable: true }))`)
	}
	shift("ArrowDown")
	shift("ArrowDown")
	v.WaitFor(chip(1, 5) + "[data-picked]:focus")
	// What happens elsewhere leaves the choice alone, unless it is about what is chosen.
	s.Book(t, s.SlotOf(t, 1, 4), 2)
	v.WaitFor("#live a.chip.booked[title='試験 花子二']")
	v.WaitFor("#picked:not(:has([name=slot] ~ [name=slot] ~ [name=slot]))")
	v.WaitFor(chip(1, 5) + "[data-picked]:focus")
	if said := v.Text("#picked"); !strings.HasPrefix(said, "2枠を選択中 見本 守 11/25 13:00・15:00") {
		t.Errorf("the bar says %q", said)
	}
	v.KeyTo(200, "x")
	if !closed(1, 3) || !closed(1, 5) || closed(1, 4) || !strings.Contains(v.Text(".undo"), "2枠を閉じました") {
		t.Fatalf("the page says %q", v.Text(".undo"))
	}
	v.Look("week-closed")
	v.KeyTo(200, "z")
	if closed(1, 3) || closed(1, 5) {
		t.Error("they are still closed")
	}
	v.Key(kb.ArrowDown)
	v.WaitFor("#live [data-cell]:focus")
	v.KeyTo(200, kb.Enter) // nothing is chosen: the key opens the day
	if !strings.HasPrefix(v.Path(), "/office/day?") {
		t.Errorf("Enter leads to %s", v.Path())
	}

	plain := browsertest.Visit(t, s.URL, browsertest.Phone)
	plain.TurnScriptsOff()
	plain.SetCookie(page.SessionCookie, s.StartSession(t, servertest.FrontDesk))
	plain.Open("/office/week?branch=" + s.Branch.ID + "&date=2026-11-25")
	plain.Follow("枠をえらんで、まとめて変える")
	plain.Click(`.weekly input[value="` + s.SlotOf(t, 0, 2).ID + `"]`)
	plain.Look("week-plain")
	plain.FollowAt(`.chosen [value=staff]`)
	slot, err := s.Store.Slot(t.Context(), s.SlotOf(t, 0, 2).ID)
	servertest.Must(t, err)
	if slot.Audience != clinic.StaffOnly || !strings.Contains(plain.Text(".undo"), "1枠を院内のみにしました") {
		t.Errorf("it is for %s, the page says %q", slot.Audience, plain.Text(".undo"))
	}
	s.Clock.Advance(clinic.UndoFor + time.Minute)
}
