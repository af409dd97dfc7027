package office_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// TestDesk_TakesACallBesideTheCalendar: the form of a telephone booking opens beside the calendar with its first field ready, closes with
// Esc without losing what was typed, and leads the focus back; where there is no room for both it is a page.
func TestDesk_TakesACallBesideTheCalendar(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	v := atDesk(t, s)
	slot := s.SlotOf(t, 0, 2)
	cell := "#slot-" + slot.ID
	v.Open("/office/day?branch=" + s.Branch.ID + "&date=2026-11-25")
	v.WaitFor(`#live-state[data-state="on"]`)
	v.Click(cell + " > summary")
	v.WaitFor(cell + "[open] .first:focus")
	v.Keys("n")
	v.WaitFor("#panel #call-q:focus")
	v.WaitFor("#call-slot-" + slot.ID + ":checked")
	v.WaitFor(cell + " > .entry.held") // at once, for everybody
	if !strings.HasPrefix(v.Path(), "/office/day?") {
		t.Fatalf("the calendar has gone to %s", v.Path())
	}
	v.Write("ウタガワ　リツ")
	v.WaitFor("#call-found:not(:empty)")
	v.Keys(kb.Enter)
	v.WaitFor("#kana[value='ウタガワ リツ']")
	v.WaitFor(".call:not([aria-busy])")
	v.WaitFor("[data-number='2']")
	v.LookAt("day-call", browsertest.Tablet, 1024, browsertest.Desktop)
	v.Keys(kb.Escape)
	v.WaitFor("#panel[hidden]:not(:has(*)), .desk.no-panel")
	v.WaitFor(cell + " > summary:focus")
	if v.Sees("[data-number]") {
		t.Error("the numbers are still in the calendar")
	}

	// From the page, by its key: what was typed is there again.
	v.Keys("n")
	v.WaitFor("#panel #call-q:focus")
	v.WaitFor("#kana[value='ウタガワ リツ']")
	v.WaitFor(".call:not([aria-busy])")
	v.Click("#phone")
	v.WaitFor("#phone:focus")
	v.Write("090-0000-4321")
	if phone := v.Values("phone"); phone[0] != "090-0000-4321" {
		t.Errorf("the field says %q", phone)
	}
	v.WaitFor(".call:not([aria-busy])")
	v.CtrlEnter()
	v.WaitFor("#panel #call-reference:focus")
	v.WaitFor("#live a.entry.booked")
	v.Look("day-call-booked")
	v.Keys("n")
	v.WaitFor("#panel #call-q:focus")
	v.Keys(kb.Escape)
	v.WaitFor(".tools a[data-call-open]:focus")

	for _, path := range []string{"/office/week", "/office/month"} {
		v.Open(path + "?branch=" + s.Branch.ID + "&date=2026-11-25")
		v.Keys("n")
		v.WaitFor("#panel #call-q:focus")
		v.Look("call-at" + strings.ReplaceAll(path, "/", "-"))
		v.Keys(kb.Escape)
		v.WaitFor(".tools a[data-call-open]:focus")
	}

	plain := browsertest.Visit(t, s.URL, browsertest.Phone)
	plain.SetCookie(page.SessionCookie, s.StartSession(t, servertest.FrontDesk))
	plain.Open("/office/day?branch=" + s.Branch.ID + "&date=2026-11-25")
	plain.FollowAt(".tools a[data-call-open]")
	if !strings.HasPrefix(plain.Path(), "/office/phone?") {
		t.Errorf("on a telephone the form is at %s", plain.Path())
	}
}

// TestDesk_TakesACallOfAPatient: from a patient's page the form begins with that patient, in the browser with the wish.
func TestDesk_TakesACallOfAPatient(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	patient := patientOf(t, s, s.Book(t, s.SlotOf(t, 0, 0), 1))
	v := atDesk(t, s)
	v.Open("/office/patients/" + patient)
	v.KeyTo(200, "n")
	v.WaitFor("#call-wish:focus")
	v.WaitFor("#call-patient-" + patient + ":checked")
	if phone := v.Values("phone"); len(phone) != 1 || phone[0] != "090-0000-0001" {
		t.Errorf("the telephone is %q", phone)
	}
	v.Look("call-of-patient")
	desk := s.SignedIn(t, servertest.FrontDesk)
	desk.Get("/office/phone?patient=nobody").Want(200)
}

// TestDesk_HoldBecomesTheBooking: what a member of staff holds at the front desk is theirs to book or to move a booking to; a colleague is
// told who holds it, and until when.
func TestDesk_HoldBecomesTheBooking(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		desk := s.SignedIn(t, servertest.FrontDesk)
		held, other := s.SlotOf(t, 0, 1), s.SlotOf(t, 0, 2)
		booked := s.Book(t, s.SlotOf(t, 1, 0), 5)
		for _, slot := range []clinic.Slot{held, other} {
			desk.PostForm("/office/day/slots", url.Values{"branch": {s.Branch.ID}, "hold": {slot.ID}, "date": {"2026-11-25"}}).Want(303)
		}
		call := url.Values{"call": {"one"}, "branch": {s.Branch.ID}, "slot": {held.ID}, "patient": {"new"}, "filled": {"new"}, "kana": {"ウタガワ リツ"}, "phone": {"090-0000-4321"}}
		colleague := s.SignedIn(t, servertest.Admin)
		said := "この時間は、受付 見本さんが電話の方のために09:15まで押さえています。"
		colleague.PostForm("/office/phone", call).Want(409).WantText("#call-alert", said)
		move := "/office/bookings/" + booked.BookingID + "/move"
		colleague.PostForm(move, url.Values{"slot": {other.ID}}).Want(409).WantText("[role=alert]", said)
		colleague.PostForm("/office/day/slots", url.Values{"branch": {s.Branch.ID}, "hold": {held.ID}, "date": {"2026-11-25"}}).Want(409).WantText("[role=alert]", said)

		call.Set("do", "book")
		desk.PostForm("/office/phone", call).Want(303)
		desk.PostForm(move, url.Values{"slot": {other.ID}}).Want(303)
		a, err := s.Store.Appointment(t.Context(), storetest.Owner, booked.BookingID)
		servertest.Must(t, err)
		if a.Slot.ID != other.ID {
			t.Errorf("it is at %v", a.Slot.StartsAt)
		}
		call.Set("call", "another")
		colleague.PostForm("/office/phone", call).Want(409).WantText("#call-alert", "いま予約が入りました")
	})
}
