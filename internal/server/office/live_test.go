package office_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
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
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/office/changes?"+query, http.NoBody)
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
