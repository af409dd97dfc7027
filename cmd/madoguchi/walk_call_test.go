package main_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
)

// TestWalk_TelephoneBooking takes bookings on the telephone as the front desk does, with the keyboard alone: somebody new, of whom a name
// and a number are enough; then the same person again, who is found by the last digits, is marked, and whose form survives being
// closed; and a time outside the opening hours.
func TestWalk_TelephoneBooking(t *testing.T) {
	d := openDemo(t, "sqlite")
	defer d.close(t)
	v := browsertest.Visit(t, d.URL, browsertest.Desktop)
	signIn(t, d, v, "reception")

	v.Open("/office/phone")
	v.WaitFor("#call-q:focus")
	v.Write("ウタガワ　リツ")
	v.WaitFor("#call-found:not(:empty)")
	v.Keys(kb.Enter) // nobody is found, so somebody new is meant
	v.WaitFor("#call-patient-new:checked")
	v.WaitFor("#kana[value='ウタガワ リツ']")
	if v.Focused() != "call-wish" {
		t.Errorf("after the person the focus is on %q", v.Focused())
	}
	v.Write("午後 けむり")
	v.WaitFor("#call-read .unread")
	if read := v.Text("#call-read"); !strings.Contains(read, "12:00から") || !strings.Contains(read, "「けむり」は読めませんでした") {
		t.Errorf("the wish is read as %q", read)
	}
	v.Keys(kb.ArrowDown, "2")
	v.WaitFor(".at-time:nth-child(2) .done-text")
	v.WaitFor("#phone:focus")
	v.Write("090-0000-4321")
	eventually(t, "the number is read aloud", func() bool { return strings.Contains(v.Text("#call-aloud"), "090-0000-4321") })
	v.Look("call-new")
	doctor := strings.TrimSuffix(v.Text(".at-time:nth-child(2) .hit-name"), " 女性")
	if said := v.Text("#call-aloud"); !strings.Contains(said, "ウタガワ リツ 様、お電話は 090-0000-4321。") || !strings.Contains(said, "医師。") {
		t.Errorf("read aloud is %q", said)
	}
	v.CtrlEnter()
	v.WaitFor("#call-reference:focus")
	v.Look("call-new-booked")
	if booked := v.Text("section#call"); !strings.Contains(booked, doctor+" 医師") {
		t.Errorf("%s was read aloud, and booked is %q", doctor, booked)
	}
	first := v.Text("#call-reference")
	if told := v.Text("section#call"); !strings.Contains(told, "番号を読み上げてください") {
		t.Errorf("without a mail address it says %q", told)
	}

	// The same person calls again.
	eventually(t, "the caller is found by the last digits", func() bool {
		v.Open("/office/phone")
		v.WaitFor("#call-q:focus")
		v.Write("4321")
		v.WaitFor("#call-found:not(:empty)")
		v.WaitFor("form.call:not([aria-busy])")
		return v.Sees("[data-call-list=patient] .hit:nth-child(2)")
	})
	v.Keys(kb.Enter)
	v.WaitFor("#phone[value='090-0000-4321']")
	v.WaitFor(".call-mark")
	if mark := v.Text(".call-mark"); !strings.Contains(mark, "2件目") {
		t.Errorf("who has a booking is marked %q", mark)
	}
	v.Write("午前")
	v.Keys(kb.Enter)
	v.WaitFor("[data-call-list=slot] :focus")
	v.Keys(kb.ArrowDown, kb.Enter)
	v.WaitFor(".at-time:nth-child(2) .done-text")
	v.WaitFor("[data-call-book]:focus")
	v.Keys(kb.Escape)
	v.WaitFor("main h1")
	if path := v.Path(); !strings.HasPrefix(path, "/office/day") {
		t.Fatalf("closed, the form leads to %s", path)
	}
	v.Open("/office/phone")
	v.WaitFor("[data-call-restored]")
	v.WaitFor(".at-time .done-text")
	v.Look("call-again")
	v.CtrlEnter()
	v.WaitFor("#call-reference")
	if second := v.Text("#call-reference"); second == first || second == "" {
		t.Errorf("the second booking has the number %q", second)
	}

	// A time outside the opening hours.
	v.Open("/office/phone")
	v.WaitFor("#call-q:focus")
	v.Write("4321")
	v.WaitFor("[data-call-list=patient] .hit:nth-child(2)")
	v.Keys(kb.Enter)
	v.WaitFor("#phone[value='090-0000-4321']")
	v.Keys(kb.ArrowDown)
	v.WaitFor("[data-call-list=slot] :focus")
	v.Keys("o")
	v.WaitFor("#date:focus")
	day := browsertest.Read[string](v, `(() => { const d = new Date(Date.now() + 40 * 86400000); return [d.getFullYear(), String(d.getMonth() + 1).padStart(2, "0"), String(d.getDate()).padStart(2, "0")].join("-") })()`)
	browsertest.Read[string](v, `document.getElementById("date").value = "`+day+`"`) // its keys differ from browser to browser
	browsertest.Read[string](v, `document.getElementById("from").value = "21:30"`)
	v.Keys(kb.Tab, kb.Tab, kb.Tab, kb.Tab, kb.Tab, kb.Tab, kb.Tab)
	browsertest.Read[bool](v, `(() => { const d = document.getElementById("doctor"); d.selectedIndex = 1; d.focus(); return d.dispatchEvent(new Event("input", { bubbles: true })) })()`)
	v.WaitFor("#call-outside .done-text")
	v.Look("call-outside")
	v.CtrlEnter()
	v.WaitFor("#call-reference")
	if told := v.Text("section#call"); !strings.Contains(told, "21:30〜22:30") {
		t.Errorf("outside the hours it says %q", told)
	}

	// The doctor expects somebody of whom no birth date was asked.
	v.Follow("予約を開く")
	v.Look("call-booking")
	if title := v.Text("h1"); !strings.Contains(title, "ウタガワ") {
		t.Errorf("the booking is of %q", title)
	}
}

// TestWalk_MergesAPatient: two records of one person are suggested, looked at, merged, and made two again.
func TestWalk_MergesAPatient(t *testing.T) {
	d := openDemo(t, "postgres")
	defer d.close(t)
	for _, phone := range []string{"090-0000-5551", "090-0000-5552"} {
		visitor := newVisitor(t, d.process)
		slot := freeSlotOf(t, visitor, "見本 花")
		form := url.Values{
			"slot": {slot}, "family_name": {"例示"}, "given_name": {"双葉"}, "family_kana": {"レイジ"}, "given_kana": {"フタバ"}, "sex": {"f"}, "another": {"yes"},
			"birth_year": {"1991"}, "birth_month": {"7"}, "birth_day": {"7"}, "phone": {phone}, "email": {"futaba@example.jp"},
		}
		for id, values := range bookingTells {
			form[id] = values
		}
		visitor.post("/book", form).expect(t, http.StatusOK, "/booking/")
	}
	v := browsertest.Visit(t, d.URL, browsertest.Desktop)
	signIn(t, d, v, "reception")
	v.Open("/office/patients")
	withStore(t, d.settings, func(s *store.Store) {
		eventually(t, "both are found by their given name", func() bool {
			found, err := s.SearchPatients(t.Context(), clinic.StaffActor(clinic.Staff{Role: clinic.FrontDesk, Active: true, EveryBranch: true}), "ふたば", 3)
			must(t, err)
			return len(found.Patients) == 2
		})
	})
	v.Type("q", "ふたば")
	v.FollowAt("main [role=search] button")
	if n := browsertest.Read[int](v, `document.querySelectorAll("#found tbody tr").length`); n != 2 {
		t.Errorf("%d are found by their given name", n)
	}
	v.Look("patients")
	v.Follow("例示 双葉")
	v.Look("patient")
	if bookings := browsertest.Read[int](v, `document.querySelectorAll("section[aria-labelledby=bookings] li").length`); bookings != 1 {
		t.Errorf("before, there are %d bookings", bookings)
	}
	kept := v.Text("dl.facts .num")
	v.Follow("統合する…")
	v.Look("merge")
	if side := v.Text(".kept-one"); !strings.Contains(side, kept) {
		t.Errorf("kept is %q, want %s", side, kept)
	}
	v.FollowAt("[data-main]")
	v.Look("merged")
	count := func() int {
		return browsertest.Read[int](v, `document.querySelectorAll("section[aria-labelledby=bookings] li").length`)
	}
	if n := count(); n != 2 || v.Sees("#duplicates") {
		t.Errorf("merged, there are %d bookings, and duplicates are suggested: %t", n, v.Sees("#duplicates"))
	}
	v.Follow("元に戻す")
	v.Look("merge-undone")
	if n := count(); n != 1 || !v.Sees("#duplicates") {
		t.Errorf("undone, there are %d bookings", n)
	}
}
