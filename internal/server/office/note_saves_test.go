package office_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
)

// courier stands between a browser and a site. meet is asked what becomes of each save of a note, the first of which is 1: it may hold it back, and
// answers whether it goes on to the site. What is held back goes on also when the browser has given it up, as it may in a network.
func courier(t *testing.T, s *servertest.Site, meet func(w http.ResponseWriter, n int, form url.Values) bool) (address string) {
	t.Helper()
	site, err := url.Parse(s.URL)
	servertest.Must(t, err)
	proxy := httputil.NewSingleHostReverseProxy(site)
	saves := make(chan int, 1)
	saves <- 0
	listening := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(context.WithoutCancel(r.Context()))
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/note") {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return // the browser has left before it had said all
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			if form, err := url.ParseQuery(string(body)); err == nil && form.Get("do") == "auto" {
				n := <-saves + 1
				saves <- n
				if !meet(w, n, form) {
					return
				}
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(listening.Close)
	return listening.URL
}

// eventually waits until something holds, and asks again and again.
func eventually(t *testing.T, what string, ask func() bool) {
	t.Helper()
	patient, ticks := time.After(30*time.Second), time.NewTicker(20*time.Millisecond)
	defer ticks.Stop()
	for !ask() {
		select {
		case <-ticks.C:
		case <-patient:
			t.Fatal("it never happened that " + what)
		}
	}
}

// hide makes a page believe that its tab is hidden, or shown again.
func hide(v *browsertest.Visitor, hidden bool) {
	state := map[bool]string{true: "hidden", false: "visible"}[hidden]
	browsertest.Read[string](v, fmt.Sprintf(`(() => {
		Object.defineProperty(document, "visibilityState", { configurable: true, get: () => %q });
		document.dispatchEvent(new Event("visibilitychange"));
		return "";
	})()`, state))
}

// writing is a site with a courier, and a doctor who has a note open.
func writing(t *testing.T, meet func(w http.ResponseWriter, n int, form url.Values) bool) (s *servertest.Site, v *browsertest.Visitor, receipt clinic.Receipt, path string) {
	t.Helper()
	s = servertest.Open(t, "sqlite")
	receipt, path = openNoted(t, s)
	v = browsertest.Visit(t, courier(t, s, meet), browsertest.Tablet)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Doctor))
	v.Open(path)
	return s, v, receipt, path
}

func noteDraftOf(t *testing.T, s *servertest.Site, receipt clinic.Receipt) clinic.Draft {
	t.Helper()
	n, err := s.Store.NoteFor(t.Context(), clinic.StaffActor(s.Staff[servertest.Doctor]), receipt.BookingID)
	servertest.Must(t, err)
	return n.Draft
}

// TestNote_SavesOneAfterAnother: the first save is held back on its way until the one that is sent when the tab is hidden has come, which
// overtakes it. All that was typed is stored, and nobody is told of a conflict with themselves.
func TestNote_SavesOneAfterAnother(t *testing.T) {
	first, second := make(chan struct{}), make(chan struct{})
	s, v, receipt, _ := writing(t, func(_ http.ResponseWriter, n int, _ url.Values) bool {
		if n == 1 {
			close(first)
			<-second
		}
		return true
	})
	v.Click("#proposal")
	v.Write("前半。")
	<-first
	v.Write("後半。")
	hide(v, true)
	eventually(t, "the save on leaving is stored", func() bool { return noteDraftOf(t, s, receipt).Proposal == "前半。後半。" })
	close(second)
	hide(v, false)
	s.Clock.Advance(time.Second)
	v.Write("三つ目。")
	eventually(t, "what is typed then is stored", func() bool { return noteDraftOf(t, s, receipt).Proposal == "前半。後半。三つ目。" })
	v.WaitFor("[data-note-state]:not([hidden]):not(:empty)")
	if v.Sees("[data-note-alarm]") || v.Sees("[data-note-compare]") {
		t.Errorf("the page says %q", v.Text("[data-note-alarm]"))
	}
	if d := noteDraftOf(t, s, receipt); d.Revision != 2 {
		t.Errorf("it was saved %d times: what came late has counted", d.Revision)
	}
}

// TestNote_SavesWhenLeft: who leaves the page while a save is on its way loses nothing.
func TestNote_SavesWhenLeft(t *testing.T) {
	first, second := make(chan struct{}), make(chan struct{})
	s, v, receipt, path := writing(t, func(_ http.ResponseWriter, n int, _ url.Values) bool {
		if n == 1 {
			close(first)
			<-second
		}
		return true
	})
	v.Click("#proposal")
	v.Write("前半。")
	<-first
	v.Write("後半。")
	v.Open("/office/phrases")
	eventually(t, "the save on leaving is stored", func() bool { return noteDraftOf(t, s, receipt).Proposal == "前半。後半。" })
	close(second)
	v.Open(path)
	if got := v.Values("proposal")[0]; got != "前半。後半。" || v.Sees("[data-draft-offer]") {
		t.Errorf("back again, it says %q", got)
	}
}

// TestNote_SaysWhatIsNotSaved: whatever keeps a save from being answered, the page says so in red and since when, keeps what was typed, and
// saves it once it can.
func TestNote_SaysWhatIsNotSaved(t *testing.T) {
	status := make(chan int, 1)
	gone := make(chan struct{}, 100)
	s, v, receipt, path := writing(t, func(w http.ResponseWriter, _ int, _ url.Values) bool {
		answer := <-status
		status <- answer
		switch answer {
		case 0: // the network is gone
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_ = conn.Close() // that is what is meant
			}
		case http.StatusOK:
			return true
		default:
			http.Error(w, "out of order", answer)
		}
		gone <- struct{}{}
		return false
	})
	status <- http.StatusOK
	set := func(answer int) { <-status; status <- answer }
	text := ""
	for i, answer := range []int{0, http.StatusRequestEntityTooLarge, http.StatusInternalServerError, http.StatusBadGateway, http.StatusForbidden, http.StatusTooManyRequests} {
		set(answer)
		v.Click("#proposal")
		v.Write(fmt.Sprintf("文%d。", i))
		text += fmt.Sprintf("文%d。", i)
		<-gone
		v.WaitFor("[data-note-alarm]:not([hidden])")
		if said := v.Text("[data-note-alarm]"); !strings.HasPrefix(said, "保存できていません（") || !strings.Contains(said, "このブラウザにあります") || v.Sees("[data-note-state]") {
			t.Errorf("answered with %d, the page says %q", answer, said)
		}
		if got := v.Values("proposal")[0]; got != text {
			t.Errorf("answered with %d, the page has %q", answer, got)
		}
		if i == 0 {
			v.Forgive()
			v.Meant("net::ERR_EMPTY_RESPONSE") // the page goes on trying
			v.LookAt("unsaved", browsertest.Phone, browsertest.Tablet)
			// Whoever reloads the page is offered what is not saved.
			v.Open(path)
			v.WaitFor("[data-draft-offer]:not([hidden])")
			v.Click("[data-draft-use]")
		}
		set(http.StatusOK)
		v.Meant("")
		browsertest.Read[bool](v, `window.dispatchEvent(new Event("online"))`)
		eventually(t, "what was typed is stored", func() bool { return noteDraftOf(t, s, receipt).Proposal == text })
		v.WaitFor("[data-note-state]:not([hidden]):not(:empty)")
		if v.Sees("[data-note-alarm]") {
			t.Errorf("after %d all is saved, and the page says %q", answer, v.Text("[data-note-alarm]"))
		}
		v.Forgive()
	}
}

// TestNote_TakenAwayOnScreen: a note that is open while its chart is handed over says so, takes the answers off the screen, and gives out what was
// typed and nothing else.
func TestNote_TakenAwayOnScreen(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	receipt, path := openNoted(t, s)
	v := browsertest.Visit(t, s.URL, browsertest.Tablet)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Doctor))
	v.Open(path)
	v.WaitFor("[data-note-others]:not(:empty)")
	if !v.Sees("[data-chart-text]") {
		t.Fatal("there is nothing to be taken away")
	}
	servertest.Must(t, s.Store.HandOver(t.Context(), clinic.StaffActor(s.Staff[servertest.Doctor]), receipt.BookingID, s.Doctors[1].ID, ""))
	v.Click("#proposal")
	v.Write("運動を週2回。")
	v.WaitFor("[data-note-copy]:not([hidden])")
	if said := v.Text("[data-note-alarm]"); !strings.Contains(said, "見本 守 医師へ引き継がれました") || strings.Contains(said, "別の画面") {
		t.Errorf("the page says %q", said)
	}
	if v.Sees(".note-follows") {
		t.Error("what follows from the answers is still there")
	}
	if v.Sees("[data-chart-text]") || v.Values("proposal")[0] != "運動を週2回。" {
		t.Error("the answers are still there, or what was typed is not")
	}
	v.Forgive()
	v.LookAt("away-note", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	v.FollowAtTo(http.StatusNotFound, "[data-note-copy]")
	v.Forgive()
	v.LookAt("away", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	if got := v.Values("typed"); len(got) > 0 {
		t.Errorf("the text is a field of a form: %q", got)
	}
	if got := browsertest.Read[string](v, `document.getElementById("typed").value`); got != "提案：運動を週2回。" {
		t.Errorf("the text is %q", got)
	}
}
