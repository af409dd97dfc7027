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
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// atDesk is a member of staff of the front desk, at a window as wide as a desktop.
func atDesk(t *testing.T, s *servertest.Site) *browsertest.Visitor {
	t.Helper()
	v := browsertest.Visit(t, s.URL, browsertest.Desktop)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.FrontDesk))
	return v
}

func entryOf(r clinic.Receipt) string { return `a.entry[href="/office/bookings/` + r.BookingID + `"]` }

// TestWalk_VisitFromArrivalToDone walks a booking to its end by keys and by clicks, takes a step back, and is told when somebody else
// was quicker.
func TestWalk_VisitFromArrivalToDone(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	first, second := s.Book(t, s.SlotOf(t, 0, 1), 1), s.Book(t, s.SlotOf(t, 1, 0), 2)
	s.AnswerIntake(t, first.Token, answers)
	s.Hold(t, s.SlotOf(t, 1, 3))
	s.Clock.Advance(s.SlotOf(t, 0, 1).StartsAt.Sub(s.Clock.Now()) + 2*time.Minute)
	status := func(r clinic.Receipt) clinic.Status {
		t.Helper()
		a, err := s.Store.Appointment(t.Context(), storetest.Owner, r.BookingID)
		servertest.Must(t, err)
		return a.Booking.Status
	}
	v := atDesk(t, s)
	v.Open("/office/day?branch=" + s.Branch.ID)
	v.LookAt("day", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	v.Click(entryOf(first))
	v.WaitFor("#panel .acts")
	if !strings.Contains(v.Path(), "booking="+first.BookingID) || !v.Sees("#panel .tel") {
		t.Errorf("the panel is not part of the address %s", v.Path())
	}
	v.LookAt("day-panel", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)

	v.KeyTo(200, "a") // 来院
	if status(first) != clinic.Arrived || !strings.Contains(v.Text(".undo"), "「来院」にしました") {
		t.Fatalf("it is %s, and the page says %q", status(first), v.Text(".undo"))
	}
	v.Look("arrived")
	v.KeyTo(200, "z")
	if status(first) != clinic.Booked || !strings.Contains(v.Text(".undo"), "元に戻しました") {
		t.Fatalf("it is %s, and the page says %q", status(first), v.Text(".undo"))
	}
	v.Follow("来院にする")
	v.Follow("カウンセリングを始める")
	if status(first) != clinic.InProgress || !v.Sees(".entry.in-progress") {
		t.Fatalf("it is %s", status(first))
	}
	v.Follow("完了にする")
	v.Look("fulfilled")
	if status(first) != clinic.Fulfilled || v.Sees("#panel .big") {
		t.Fatalf("it is %s", status(first))
	}

	// A key pressed while a text is typed is a letter of the text.
	v.Click("#memo")
	v.Key("ad")
	v.WaitFor("#memo-state .done-text") // it saves itself
	memo, err := s.Store.BookingMemo(t.Context(), storetest.Owner, first.BookingID)
	servertest.Must(t, err)
	if memo.Text != "ad" || status(first) != clinic.Fulfilled {
		t.Errorf("the memo says %q and the booking is %s", memo.Text, status(first))
	}
	v.Look("memo")

	// The other one did not come. A colleague has noticed it, and that they came after all.
	v.Click(entryOf(second))
	v.WaitFor(`#panel form[action*="` + second.BookingID + `"]`)
	colleague, err := s.Store.AddStaff(t.Context(), storetest.Owner, clinic.Staff{Role: clinic.FrontDesk, EveryBranch: true, Name: "受付 試験", Email: "second@example.jp", PasswordHash: "-"})
	servertest.Must(t, err)
	servertest.Must(t, s.Store.Step(t.Context(), clinic.StaffActor(colleague), second.BookingID, clinic.Booked, clinic.Arrived))
	v.KeyTo(409, "d")
	v.Look("outrun")
	if alert := v.Text("main [role=alert]"); status(second) != clinic.Arrived || !strings.Contains(alert, "受付 試験 が 11:02 に「来院」にしました") || !strings.Contains(alert, "まだ入っていません") {
		t.Errorf("it is %s, and the page says %q", status(second), alert)
	}
	v.Follow("いまのままにする")
	v.WaitFor("#panel .acts")

	// Slots are closed, held and opened again.
	free := `.cell[data-slot="` + s.SlotOf(t, 0, 4).ID + `"]`
	v.Click(free + " summary")
	v.WaitFor(free + "[open] .cell-acts")
	v.Look("cell")
	v.KeyTo(200, "x")
	if slot, err := s.Store.Slot(t.Context(), s.SlotOf(t, 0, 4).ID); err != nil || slot.ClosedAt == nil || !strings.Contains(v.Text(".undo"), "1枠を閉じました") {
		t.Errorf("the slot is %+v (%v), the page says %q", slot, err, v.Text(".undo"))
	}
	v.KeyTo(200, "z")
	if slot, err := s.Store.Slot(t.Context(), s.SlotOf(t, 0, 4).ID); err != nil || slot.ClosedAt != nil {
		t.Errorf("the slot is still %+v (%v)", slot, err)
	}
	v.Click(free + " summary")
	v.KeyTo(200, "h")
	if !strings.Contains(v.Text(".entry.held"), "電話の方") || !strings.Contains(v.Text(".entry.held"), "受付 見本") {
		t.Errorf("the hold says %q", v.Text(".entry.held"))
	}
	v.Key(kb.Escape)
	v.Key("?")
	v.WaitFor("#keys[open]")
	v.Look("keys")
}

// TestWalk_DragsABooking carries a booking to another doctor with the mouse, is asked, and undoes it; and does the same with keys and
// links alone.
func TestWalk_DragsABooking(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	receipt := s.Book(t, s.SlotOf(t, 0, 1), 1)
	letter := s.ClaimLetter(t)
	servertest.Must(t, s.Store.LetterSent(t.Context(), letter))
	at := func() clinic.Appointment {
		t.Helper()
		a, err := s.Store.Appointment(t.Context(), storetest.Owner, receipt.BookingID)
		servertest.Must(t, err)
		return a
	}
	v := atDesk(t, s)
	v.Open("/office/day?branch=" + s.Branch.ID + "&date=2026-11-25")
	v.Drag(entryOf(receipt), `.cell[data-slot="`+s.SlotOf(t, 1, 3).ID+`"]`)
	v.WaitFor("#ask[open] .from-to")
	v.Look("ask")
	if asked := v.Text("#ask"); !strings.Contains(asked, "11:00") || !strings.Contains(asked, "13:00") || !strings.Contains(asked, "医師が変わります") {
		t.Errorf("it asks %q", asked)
	}
	if at().Slot.ID != s.SlotOf(t, 0, 1).ID {
		t.Fatal("it moved before anybody agreed")
	}
	v.KeyTo(200, kb.Enter)
	if got := at(); got.Slot.ID != s.SlotOf(t, 1, 3).ID || got.Booking.Sequence != 1 || got.Booking.Reference != receipt.Reference {
		t.Fatalf("it is at %+v", got.Slot)
	}
	v.Look("moved")
	change := s.ClaimLetter(t)
	if change.Kind != clinic.Change || !change.Content.StartsAt.Equal(s.SlotOf(t, 1, 3).StartsAt) || change.Sequence != 1 {
		t.Errorf("the letter is %s about %v", change.Kind, change.Content.StartsAt)
	}
	servertest.Must(t, s.Store.LetterSent(t.Context(), change))
	v.KeyTo(200, "z")
	if got := at(); got.Slot.ID != s.SlotOf(t, 0, 1).ID || got.Booking.Sequence != 2 {
		t.Errorf("undone, it is at %+v", got.Slot)
	}

	// The twin without a mouse: M, a time of the list, Enter.
	v.Click(entryOf(receipt))
	v.WaitFor("#panel .acts")
	v.Key("m")
	v.WaitFor("#ask[open] .near")
	v.Look("near")
	v.Key(kb.Enter)
	v.WaitFor("#ask[open] .from-to")
	v.KeyTo(200, kb.Enter)
	if got := at(); got.Slot.ID == s.SlotOf(t, 0, 1).ID || got.Booking.Sequence != 3 {
		t.Errorf("with keys alone it is at %+v", got.Slot)
	}

	// And without a script at all.
	plain := browsertest.Visit(t, s.URL, browsertest.Phone)
	plain.TurnScriptsOff()
	plain.SetCookie(page.SessionCookie, s.StartSession(t, servertest.FrontDesk))
	plain.Open("/office/day?branch=" + s.Branch.ID + "&date=2026-11-25")
	plain.FollowAt(entryOf(receipt))
	plain.Look("plain-booking")
	plain.Follow("日時を変える")
	plain.Look("plain-near")
	plain.FollowAt(".near a")
	plain.Look("plain-ask")
	plain.FollowAt(".ask button")
	if got := at(); got.Booking.Sequence != 4 || !strings.Contains(plain.Text(".undo"), "移しました") {
		t.Errorf("without a script it is at %+v, and the page says %q", got.Slot, plain.Text(".undo"))
	}
}

// The desk's forms lead back to pages of the office and nowhere else, and what they undo is only what they may.
func TestDesk_LeadsBackToTheOffice(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		s.Clock.Advance(s.SlotOf(t, 0, 0).StartsAt.Sub(s.Clock.Now()))
		desk := s.SignedIn(t, servertest.FrontDesk)
		for _, back := range []string{"", "//elsewhere.example.jp/office/", "https://elsewhere.example.jp", "/office/../slots", "/slots"} {
			a := desk.PostForm("/office/bookings/"+receipt.BookingID+"/memo", url.Values{"memo": {"x"}, "seen-revision": {"0"}, "back": {back}})
			if a.Status == 303 && !strings.HasPrefix(a.Location(), "/office/") {
				t.Errorf("from %q it leads to %s", back, a.Location())
			}
		}
		// Two texts: nobody's is lost.
		path := "/office/bookings/" + receipt.BookingID
		a := desk.PostForm(path+"/memo", url.Values{"memo": {"もう一つ"}, "seen-revision": {"0"}}).Want(409)
		a.WantText(".two-texts", "もう一つ")
		a = desk.PostForm(path+"/memo", url.Values{"memo": {"もう一つ"}, "both": {"1"}}).Want(303)
		memo, err := s.Store.BookingMemo(t.Context(), storetest.Owner, receipt.BookingID)
		servertest.Must(t, err)
		if memo.Text != "x\nもう一つ" {
			t.Errorf("the memo says %q (%s)", memo.Text, a.Location())
		}
		desk.PostForm(path+"/memo", url.Values{"memo": {strings.Repeat("長", clinic.MaxMemo+1)}, "seen-revision": {"2"}}).Want(422).WantText("#memo-state", "1000")
		desk.PostForm("/office/day/slots", url.Values{"branch": {s.Branch.ID}, "date": {"2026-11-25"}, "close-all": {"branch"}, "from-branch": {"nine"}}).Want(422)
		desk.PostForm("/office/day/slots", url.Values{"branch": {s.Other.ID}, "close": {s.SlotOf(t, 0, 3).ID}}).Want(404)
		desk.PostForm(path+"/cancel", url.Values{"reason": {"no reason"}}).Want(422)
		a = desk.PostForm("/office/day/slots", url.Values{"branch": {s.Branch.ID}, "date": {"2026-11-25"}, "close-all": {s.Doctors[1].ID}, "from-" + s.Doctors[1].ID: {"12:00"}, "until-" + s.Doctors[1].ID: {"15:00"}, "back": {"/office/day?branch=" + s.Branch.ID}}).Want(303)
		day := desk.Get(a.Location()).Want(200)
		day.WantText(".undo", "3枠を閉じました")
		day.WantText(".entry.closed", "閉じています 12:00–15:00")
		// After ten minutes the page says why it cannot be undone.
		s.Clock.Advance(clinic.UndoFor + time.Second)
		desk.Get(a.Location()).Want(200).WantText(".undo", "10分を過ぎた")
	})
}

// Several slots that were chosen are changed as one, and what somebody has stays.
func TestDesk_ChangesChosenSlotsTogether(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		s.Book(t, s.SlotOf(t, 0, 0), 1)
		desk := s.SignedIn(t, servertest.FrontDesk)
		day := "/office/day?branch=" + s.Branch.ID + "&date=2026-11-25"
		a := desk.Get(day + "&choose=1").Want(200)
		if n := a.Find(`input[name=slot][form=cells]`).Length(); n != len(s.Slots)-1 {
			t.Errorf("%d slots can be chosen", n)
		}
		chosen := []string{s.SlotOf(t, 0, 0).ID, s.SlotOf(t, 0, 1).ID, s.SlotOf(t, 1, 2).ID}
		send := func(act string) *servertest.Answer {
			return desk.PostForm("/office/day/slots", url.Values{"branch": {s.Branch.ID}, "date": {"2026-11-25"}, "chosen": {act}, "slot": chosen, "back": {day}}).Want(303)
		}
		a = desk.Get(send("staff").Location()).Want(200)
		a.WantText(".undo", "3枠を院内のみにしました")
		if n := a.Find(".entry.staff").Length(); n != 2 {
			t.Errorf("%d free slots are for staff only", n)
		}
		a = desk.Get(send("close").Location()).Want(200)
		a.WantText(".undo", "2枠を閉じました。予約や仮押さえのある1枠は、そのままです")
		undo := url.Values{}
		a.Find(".undo input").Each(func(_ int, field *goquery.Selection) { undo.Add(field.AttrOr("name", ""), field.AttrOr("value", "")) })
		a = desk.Get(desk.PostForm("/office/day/undo", undo).Want(303).Location()).Want(200)
		a.WantText(".undo", "元に戻しました")
		if n := a.Find(".entry.closed").Length(); n != 0 {
			t.Errorf("%d are still closed", n)
		}
		// The same once more: nothing is left to be undone, and the page says so.
		desk.PostForm("/office/day/undo", undo).Want(409).WantText("[role=alert]", "そのあとに変更があった")
	})
}

// A letter in trouble stands above the calendar of its branch, and is settled by a call.
func TestDesk_SettlesALetterByTelephone(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		s.FailLetter(t)
		desk := s.SignedIn(t, servertest.FrontDesk)
		a := desk.Get("/office/day?branch=" + s.Branch.ID).Want(200)
		a.WantText("#trouble", "試験 花子一 様・11月25日（水）10:00・予約確認")
		a.WantText("#trouble", "090-0000-0001")
		action, _ := a.Find("#trouble form").Attr("action")
		desk.PostForm(action, url.Values{"back": {"/office/day?branch=" + s.Branch.ID}}).Want(303)
		if a := desk.Get("/office/day?branch=" + s.Branch.ID).Want(200); a.Find("#trouble, .topnav .badge").Length() != 0 {
			t.Error("it is still in trouble")
		}
		desk.PostForm(action, nil).Want(409)
		if l := storetest.LetterOf(t, s.Store, receipt.BookingID, clinic.Confirmation); l.Status != clinic.LetterWithdrawn {
			t.Errorf("the letter is %s", l.Status)
		}
		s.SignedIn(t, servertest.Admin).PostForm("/office/bookings/"+receipt.BookingID+"/letters/nothing/told", nil).Want(404)
	})
}

// TestDay_FillsOneScreen: a whole day of four doctors, with everything that a cell can be, needs no scrolling of the page where there is a
// mouse, and rows are as high as they are long.
func TestDay_FillsOneScreen(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	ctx := t.Context()
	doctors := []clinic.Doctor{s.Doctors[0], s.Doctors[1]}
	for _, name := range []string{"翠", "葵"} {
		d, err := s.Store.SaveDoctor(ctx, storetest.Owner, clinic.Doctor{
			FamilyName: "架空", GivenName: name, FamilyKana: "カクウ", GivenKana: "イシ", NameEn: "Kaku", Sex: clinic.Female,
		}, []string{s.Branch.ID})
		servertest.Must(t, err)
		doctors = append(doctors, d)
	}
	day := "2026-11-27"
	for i, d := range doctors {
		minutes := []string{"60", "60", "45", "60"}[i]
		slots, errs := clinic.DaySlots{Date: day, From: "10:00", Until: "19:00", Minutes: minutes, BreakFrom: "13:00", BreakUntil: "14:00"}.Slots(s.Branch, d.ID, s.Clock.Now())
		servertest.Must(t, errs.Err())
		for n := range slots {
			slots[n].Room = "室" + string(rune('1'+i))
		}
		servertest.Must(t, s.Store.AddSlots(ctx, storetest.Owner, slots))
	}
	from := time.Date(2026, 11, 27, 0, 0, 0, 0, s.Branch.Location())
	all, err := s.Store.Slots(ctx, store.SlotQuery{BranchID: s.Branch.ID, From: from, Until: from.AddDate(0, 0, 1), For: storetest.Owner})
	servertest.Must(t, err)
	n := 20
	for i, slot := range all {
		switch {
		case i%5 == 4:
		case slot.DoctorID == doctors[3].ID && slot.StartsAt.Before(from.Add(13*time.Hour)):
			servertest.Must(t, s.Store.CloseSlot(ctx, storetest.Owner, slot.ID))
		case i%11 == 3:
			_, err := s.Store.OfferSlots(ctx, storetest.Owner, s.Branch.ID, []string{slot.ID}, clinic.StaffOnly)
			servertest.Must(t, err)
		default:
			n++
			request := storetest.Request(slot.ID, n)
			if i == 7 {
				request.Patient.Birth = clinic.Date{Year: 2010, Month: 1, Day: 2}
			}
			storetest.Book(t, s.Store, request)
		}
	}
	storetest.Exec(t, s.Address, "UPDATE bookings SET status = 'pending' WHERE slot_id = '"+all[len(all)-1].ID+"' OR slot_id = '"+all[len(all)-2].ID+"'")
	s.Clock.Advance(from.Add(14*time.Hour + 22*time.Minute).Sub(s.Clock.Now()))
	entries, _, err := s.Store.Day(ctx, storetest.Owner, s.Branch, clinic.Date{Year: 2026, Month: 11, Day: 27})
	servertest.Must(t, err)
	var beside string
	for _, e := range entries {
		a := e.Appointment
		switch {
		case a == nil || a.Booking.Status != clinic.Booked:
		case a.Slot.EndsAt.Before(s.Clock.Now()):
			to := clinic.Fulfilled
			if len(beside) == 0 {
				to = clinic.NoShow
			}
			beside = a.Booking.ID
			servertest.Must(t, s.Store.Step(ctx, storetest.Owner, a.Booking.ID, clinic.Booked, to))
		case a.Slot.StartsAt.Before(s.Clock.Now()) && a.Doctor.ID == doctors[0].ID:
			servertest.Must(t, s.Store.Step(ctx, storetest.Owner, a.Booking.ID, clinic.Booked, clinic.InProgress))
		case a.Slot.StartsAt.Before(s.Clock.Now()) && a.Doctor.ID == doctors[2].ID:
			servertest.Must(t, s.Store.Step(ctx, storetest.Owner, a.Booking.ID, clinic.Booked, clinic.Arrived))
		case a.Slot.StartsAt.After(s.Clock.Now()):
			beside = a.Booking.ID
		}
	}
	v := atDesk(t, s)
	v.Open("/office/day?branch=" + s.Branch.ID + "&date=" + day + "&booking=" + beside)
	v.LookAt("full", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	if high := browsertest.Read[[]float64](v, `[document.documentElement.scrollHeight, innerHeight]`); high[0] > high[1] {
		t.Errorf("the page is %v pixels high in a window of %v", high[0], high[1])
	}
	hours := browsertest.Read[[]float64](v, `[...document.querySelectorAll("a.entry")].slice(0, 9).map(e => e.closest("td").getBoundingClientRect().height)`)
	for i, height := range hours {
		if height < 53 || height > 74 {
			t.Errorf("the cell %d is %v pixels high", i, height)
		}
	}
	v.Open("/office/day?branch=" + s.Branch.ID + "&date=" + day + "&choose=1")
	v.LookAt("choose", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	v.Open("/office/day?branch=" + s.Branch.ID + "&date=" + day + "&free=1")
	v.Click(".menu.of-doctor summary")
	v.LookAt("menu", browsertest.Tablet, browsertest.Desktop)
}
