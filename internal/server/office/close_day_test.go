package office_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
)

// TestMonth_ClosesADay: before a day is closed from the month, it is said what that changes and which bookings a person has to decide about;
// one undo opens it again.
func TestMonth_ClosesADay(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		booked := s.Book(t, s.SlotOf(t, 0, 0), 1)
		s.Hold(t, s.SlotOf(t, 0, 1))
		desk := s.SignedIn(t, servertest.FrontDesk)
		month := "/office/month?branch=" + s.Branch.ID + "&date=2026-11-25"
		link := desk.Get(month).Want(200).Find(`.monthly td[aria-current] ~ td .m-act`).AttrOr("href", "")
		a := desk.Get(link).Want(200)
		a.WantText(".ask .facts", "閉じる枠（予約なし） 10枠 仮押さえ中（そのまま） 1枠")
		a.WantText(".ask .stayed", "予約1件は、そのまま残ります")
		if at := a.Find(".ask .stayed a").AttrOr("href", ""); at != "/office/bookings/"+booked.BookingID || a.Find(`[name="open-all"]`).Length() != 0 {
			t.Errorf("the booking is at %s", at)
		}
		form := a.Form("close-all", "branch")
		a = desk.Get(desk.PostForm("/office/day/slots", form).Want(303).Location()).Want(200)
		a.WantText(".undo", "10枠を閉じました。予約や仮押さえのある2枠は、そのままです")
		a.WantText(".stayed", "試験 花子一 様の予約があります")
		if !strings.HasPrefix(a.Asked, "GET /office/month?") {
			t.Errorf("it leads to %s", a.Asked)
		}
		a = desk.Get(link).Want(200)
		a.WantText(".ask .facts", "閉じている枠 10枠")
		form = a.Form("open-all", "branch")
		form.Del("close-all")
		a = desk.Get(desk.PostForm("/office/day/slots", form).Want(303).Location()).Want(200)
		a.WantText(".undo", "10枠を開けました")
		// Only who may change bookings is asked, and of a branch that is theirs.
		s.SignedIn(t, servertest.Doctor).Get(link).Want(403)
		s.Employ(t, clinic.Staff{Role: clinic.FrontDesk, Branches: []string{s.Other.ID}, Name: "他院 受付", Email: "elsewhere@example.jp"})
		other := s.SignedIn(t, "elsewhere@example.jp").Get(link).Want(200)
		if strings.Contains(other.Body, "試験") || other.Find(`.ask [name="branch"]`).AttrOr("value", "") != s.Other.ID {
			t.Error("another branch's day is shown")
		}
		desk.Get("/office/day/close?date=nonsense&back=" + url.QueryEscape("//elsewhere.example.jp")).Want(200)
	})
}

// TestWalk_ClosesADayFromTheMonth does so with keys alone.
func TestWalk_ClosesADayFromTheMonth(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	s.Book(t, s.SlotOf(t, 0, 0), 1)
	v := atDesk(t, s)
	v.Open("/office/month?branch=" + s.Branch.ID + "&date=2026-11-25")
	v.WaitFor(`#live-state[data-state="on"]`)
	v.Look("month")
	day := `.monthly a[data-cell][href$="date=2026-11-25"]`
	browsertest.Read[bool](v, `(() => { document.querySelector('.monthly [href$="date=2026-11-24"][data-cell]').focus(); return true })()`)
	for _, step := range [][2]string{{kb.ArrowDown, "2026-12-01"}, {kb.ArrowUp, "2026-11-24"}, {kb.ArrowRight, "2026-11-25"}} {
		v.Key(step[0])
		v.WaitFor(`.monthly [href$="date=` + step[1] + `"][data-cell]:focus`)
	}
	v.Keys("c")
	v.WaitFor("#ask[open] .stayed")
	v.Look("month-ask")
	v.Keys(kb.Escape)
	v.WaitFor(day + ":focus")
	v.Keys("c")
	v.WaitFor("#ask[open] .button:focus")
	v.KeyTo(200, kb.Enter)
	if said := v.Text(".undo"); !strings.Contains(said, "11枠を閉じました") {
		t.Errorf("the month says %q", said)
	}
	v.Look("month-closed")
	v.KeyTo(200, "z")
	if said := v.Text(".undo"); !strings.Contains(said, "元に戻しました") {
		t.Errorf("the month says %q", said)
	}
}
