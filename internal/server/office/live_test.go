package office_test

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// listener hears the stream of a calendar.
type listener struct {
	*bufio.Scanner
	tb   testing.TB
	stop context.CancelFunc
}

// listen opens the stream of a branch's days as a member of staff.
func listen(t *testing.T, s *servertest.Site, who, query string) *listener {
	t.Helper()
	return listenAt(t, s, who, "/office/changes?"+query)
}

// listenAt opens a stream as a member of staff.
func listenAt(t *testing.T, s *servertest.Site, who, path string) *listener {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, http.NoBody)
	servertest.Must(t, err)
	r.Header.Set("Accept", page.EventStream)
	r.AddCookie(&http.Cookie{Name: page.SessionCookie, Value: s.StartSession(t, who)}) //nolint:gosec // what a browser sends back
	answer, err := http.DefaultClient.Do(r)
	servertest.Must(t, err)
	t.Cleanup(func() { servertest.Must(t, answer.Body.Close()) })
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != page.EventStream {
		t.Fatalf("answered %d, %s", answer.StatusCode, answer.Header.Get("Content-Type"))
	}
	l := &listener{bufio.NewScanner(answer.Body), t, stop}
	l.want("changed") // because of what changed while the page was on its way
	return l
}

// want waits for the next event but for the signs of life.
func (l *listener) want(event string) {
	l.tb.Helper()
	for l.Scan() {
		if name, ok := strings.CutPrefix(l.Text(), "event: "); ok && name != "beat" {
			if name != event {
				l.tb.Fatalf("heard %q, want %q", name, event)
			}
			return
		}
	}
	l.tb.Fatalf("the stream ended before %q: %v", event, l.Err())
}

// TestChanges_OfTheShownDays: each change of a shown day is heard, whoever causes it, and those of other days and branches are not.
func TestChanges_OfTheShownDays(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		day := "branch=" + s.Branch.ID + "&first=2026-11-25&last=2026-11-25"
		shown, next := listen(t, s, servertest.FrontDesk, day), listen(t, s, servertest.FrontDesk, "branch="+s.Branch.ID+"&first=2026-11-26&last=2026-12-02")
		s.Hold(t, s.SlotOf(t, 0, 0))
		shown.want("changed")
		booked := s.Book(t, s.SlotOf(t, 0, 1), 1)
		shown.want("changed")
		s.Cancel(t, booked.BookingID)
		shown.want("changed")
		// The other days' stream hears its own change first.
		slots, errs := clinic.DaySlots{Date: "2026-11-27", From: "10:00", Minutes: "60"}.Slots(s.Branch, s.Doctors[0].ID, s.Clock.Now())
		servertest.Must(t, errs.Err())
		servertest.Must(t, s.Store.AddSlots(t.Context(), clinic.Job("test"), slots))
		next.want("changed")
	})
}

// TestChanges_KeepNoSessionGoing: whoever left the desk is signed out, however much happens on the calendar that they left open.
func TestChanges_KeepNoSessionGoing(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b := s.SignedIn(t, servertest.FrontDesk)
		path := "/office/day?branch=" + s.Branch.ID + "&date=2026-11-25"
		b.Get(path).Want(http.StatusOK)
		for range 14 {
			s.Clock.Advance(time.Minute)
			b.Send(http.MethodGet, path, nil, http.Header{page.LiveHeader: {"1"}}).Want(http.StatusOK)
			b.Send(http.MethodGet, "/office/changes?first=2026-11-25", nil, http.Header{"Accept": {page.EventStream}}).Want(http.StatusNotFound) // it lacks a day: nothing stays open
		}
		s.Clock.Advance(2 * time.Minute)
		b.Send(http.MethodGet, path, nil, http.Header{page.LiveHeader: {"1"}}).Want(http.StatusSeeOther)
		again := s.SignedIn(t, servertest.FrontDesk)
		for range 3 {
			s.Clock.Advance(14 * time.Minute)
			again.Get(path).Want(http.StatusOK)
		}
	})
}

// TestChanges_EndWithTheRight: once somebody is signed out, or may not see the branch any more, they hear of nothing that happens there.
func TestChanges_EndWithTheRight(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, s *servertest.Site){
		"signed out": func(_ *testing.T, s *servertest.Site) { s.Clock.Advance(clinic.SessionIdle + time.Minute) },
		"no longer of the branch": func(t *testing.T, s *servertest.Site) {
			t.Helper()
			storetest.Exec(t, s.Address, "DELETE FROM staff_branches WHERE branch_id = '"+s.Branch.ID+"'")
		},
		"no longer of the clinic": func(t *testing.T, s *servertest.Site) {
			t.Helper()
			storetest.Exec(t, s.Address, "UPDATE staff SET active = false")
		},
	} {
		t.Run(name, func(t *testing.T) {
			servertest.Each(t, func(t *testing.T, s *servertest.Site) {
				s.Employ(t, clinic.Staff{Role: clinic.FrontDesk, Branches: []string{s.Branch.ID, s.Other.ID}, Name: "受付 両院", Email: "both@example.jp"})
				listening := listen(t, s, "both@example.jp", "branch="+s.Branch.ID+"&first=2026-11-25&last=2026-11-25")
				s.Book(t, s.SlotOf(t, 0, 0), 1)
				listening.want("changed")
				end(t, s)
				s.Book(t, s.SlotOf(t, 0, 1), 2)
				listening.want("ended")
			})
		})
	}
}

// TestChanges_OfOtherBranchesAreNotTold: who may not see a branch's calendar hears nothing of it.
func TestChanges_OfOtherBranchesAreNotTold(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		s.Employ(t, clinic.Staff{Role: clinic.FrontDesk, Branches: []string{s.Other.ID}, Name: "他院 受付", Email: "elsewhere@example.jp"})
		b := s.SignedIn(t, "elsewhere@example.jp")
		b.Get("/office/changes?branch=" + s.Branch.ID + "&first=2026-11-25&last=2026-11-25").Want(http.StatusNotFound)
		s.SignedIn(t, servertest.Doctor).Get("/office/changes?branch=" + s.Branch.ID + "&first=2026-11-25&last=2026-11-25").Want(http.StatusForbidden)
	})
}

// TestDraw_ShowsEachChangeAtOnce: a calendar that was drawn before is never shown once something has changed, to whoever changed it
// least of all.
func TestDraw_ShowsEachChangeAtOnce(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b := s.SignedIn(t, servertest.FrontDesk)
		slot := s.SlotOf(t, 0, 0)
		var booked clinic.Receipt
		for _, step := range []struct {
			what string
			do   func()
			chip string // the first one of the week
			full string // what the month says of the day
		}{
			{"nothing", func() {}, "10:00 空 空き", "予約 0 /12 空き 12"},
			{"a hold", func() { s.Hold(t, slot) }, "10:00 押 仮押さえ", "予約 0 /12 空き 11"},
			{"the end of the hold", func() { s.Clock.Advance(clinic.HoldFor) }, "10:00 空 空き", "予約 0 /12 空き 12"},
			{"a booking", func() { booked = s.Book(t, slot, 1) }, "10:00 確 確定 試験", "予約 1 /12 空き 11"},
			{"a cancellation", func() { s.Cancel(t, booked.BookingID) }, "10:00 空 空き", "予約 0 /12 空き 12"},
			{"a closing", func() { servertest.Must(t, s.Store.CloseSlot(t.Context(), clinic.Job("test"), slot.ID)) }, "10:00 閉 閉じた枠", "予約 0 /11 空き 11"},
		} {
			step.do()
			for range 2 { // drawn, and as it was drawn
				week := b.Get("/office/week?branch=" + s.Branch.ID + "&date=2026-11-25").Want(http.StatusOK)
				if got := week.Texts(".weekly .chip")[0]; got != step.chip {
					t.Errorf("after %s the week shows %q, want %q", step.what, got, step.chip)
				}
				month := b.Get("/office/month?branch=" + s.Branch.ID + "&date=2026-11-25").Want(http.StatusOK)
				if got := month.Texts(".monthly td:not(.m-shut) .m-words"); len(got) != 1 || got[0] != step.full {
					t.Errorf("after %s the month shows %q, want %q", step.what, got, step.full)
				}
			}
		}
	})
}

// TestChanges_SayWhoDidWhat: an event says in a sentence what a colleague did, and that something was booked online; of what they did
// themselves nobody is told, and of no patient the name.
func TestChanges_SayWhoDidWhat(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		says := func(l *listener) (kind, sentence string) {
			t.Helper()
			l.want("changed")
			l.Scan()
			kind = strings.TrimSpace(strings.TrimPrefix(l.Text(), "data:"))
			l.Scan()
			return kind, strings.TrimPrefix(l.Text(), "data: ")
		}
		day, week := "&first=2026-11-25&last=2026-11-25", "&first=2026-11-23&last=2026-11-29"
		d, w := listen(t, s, servertest.FrontDesk, "branch="+s.Branch.ID+day), listen(t, s, servertest.Admin, "branch="+s.Branch.ID+week)
		post := func(who, act string, slots ...string) {
			t.Helper()
			s.SignedIn(t, who).PostForm("/office/day/slots", url.Values{"branch": {s.Branch.ID}, "date": {"2026-11-25"}, "chosen": {act}, "slot": slots}).Want(http.StatusSeeOther)
		}
		want := func(l *listener, kind, sentence string) {
			t.Helper()
			if k, said := says(l); k != kind || said != sentence {
				t.Errorf("it says %q, %q, want %q, %q", k, said, kind, sentence)
			}
		}
		s.Book(t, s.SlotOf(t, 0, 0), 1)
		want(d, "booked", "09:00 オンラインで 10:00 に予約が入りました")
		want(w, "booked", "09:00 オンラインで 11月25日（水）10:00 に予約が入りました")
		post(servertest.FrontDesk, "close", s.SlotOf(t, 0, 3).ID)
		want(d, "", "")
		want(w, "", "09:00 受付 見本さんが 11月25日（水）13:00 を閉じました")
		post(servertest.FrontDesk, "staff", s.SlotOf(t, 1, 4).ID, s.SlotOf(t, 1, 5).ID)
		want(d, "", "")
		want(w, "", "09:00 受付 見本さんが 11月25日（水）14:00など2枠 の公開・院内のみを変えました")
	})
}

// TestDesk_SaysWhatIsNew: a booking that appears is marked and moves nothing; who did what is said; what somebody does meanwhile is left
// alone; and when nothing is heard any more, what could act on the past cannot be pressed.
func TestDesk_SaysWhatIsNew(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	open := s.Book(t, s.SlotOf(t, 0, 0), 1)
	v := atDesk(t, s)
	v.Open("/office/day?branch=" + s.Branch.ID + "&date=2026-11-25")
	v.WaitFor(`#live-state[data-state="on"]`)
	if v.Sees(`.chime[aria-pressed="true"]`) {
		t.Error("it sounds without having been asked to")
	}
	s.Book(t, s.SlotOf(t, 1, 0), 2)
	v.WaitFor("a.entry[data-new]")
	v.WaitToSay("#news", "予約が入りました") // which comes by itself, and may come after the calendar
	title := browsertest.Read[string](v, `document.title`)
	if strings.HasPrefix(title, "(") {
		t.Errorf("the title counts unasked: %q", title)
	}
	v.Click(".chime")
	v.WaitFor(`.chime[aria-pressed="true"]`)
	v.Click(entryOf(open))
	v.WaitFor("#panel .acts")
	v.Click("#memo")
	v.Write("お母さまと")
	places := `JSON.stringify([...document.querySelectorAll("#live td")].map(e => { const b = e.getBoundingClientRect(); return [b.x, b.y, b.width, b.height] }))`
	before := browsertest.Read[string](v, places)
	third := s.Book(t, s.SlotOf(t, 1, 2), 3)
	v.WaitFor(entryOf(third) + "[data-new='新着']")
	v.WaitToSay("#news", "12:00 に予約が入りました")
	v.Look("new")
	if after := browsertest.Read[string](v, places); after != before {
		t.Errorf("the calendar moved from %s to %s", before, after)
	}
	if title := browsertest.Read[string](v, `document.title`); !strings.HasPrefix(title, "(1) ") {
		t.Errorf("the title is %q", title)
	}
	s.SignedIn(t, servertest.Admin).PostForm("/office/day/slots", url.Values{"branch": {s.Branch.ID}, "date": {"2026-11-25"}, "close": {s.SlotOf(t, 0, 5).ID}}).Want(http.StatusSeeOther)
	v.WaitFor("#slot-" + s.SlotOf(t, 0, 5).ID + " > .entry.closed")
	v.WaitToSay("#news", "さんが 15:00 を閉じました")
	if v.Focused() != "memo" || v.Values("memo")[0] != "お母さまと" || !v.Sees("#panel .acts") {
		t.Errorf("the focus is on %q, the memo says %q", v.Focused(), v.Values("memo"))
	}
	v.Key("!")
	if again := browsertest.Read[string](v, `document.title`); again != title {
		t.Errorf("seen, the title is %q", again)
	}
	// The connection is lost, and the clock of the page goes on by a minute.
	browsertest.Read[bool](v, `(() => {
		window.heard = window.EventSource;
		window.EventSource = class { addEventListener() {} close() {} };
		document.dispatchEvent(new Event("visibilitychange"));
		const now = performance.now.bind(performance);
		performance.now = () => now() + 60000;
		return true;
	})()`)
	v.WaitFor(`#live-state[data-state="stale"]`)
	v.Look("stale")
	if said := v.Text("#live-state"); !strings.HasSuffix(said, "のままです・つなぎ直しています") {
		t.Errorf("it says %q", said)
	}
	if !v.Sees("#live[inert]") || !v.Sees("#panel .acts[inert]") || v.Sees("#panel [inert] #memo") || v.Focused() != "memo" {
		t.Errorf("something can be pressed, or the memo cannot be typed: the focus is on %q", v.Focused())
	}
	missed := s.Book(t, s.SlotOf(t, 1, 3), 4)
	browsertest.Read[bool](v, `(() => { window.EventSource = window.heard; return document.dispatchEvent(new Event("visibilitychange")) })()`)
	v.WaitFor("#live:not([inert])")
	v.WaitFor(entryOf(missed))
	v.WaitFor("#panel .acts:not([inert])")
	// Switched on, it stays so in this browser.
	v.Reload()
	v.WaitFor(`.chime[aria-pressed="true"]`)
}
