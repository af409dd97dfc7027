package office_test

import (
	"fmt"
	"net/http"
	"testing"

	"madoguchi/internal/server/office"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
)

// TestStreams_AreBounded: one session has so many streams open and no more; another has its own, and each that ends makes room.
func TestStreams_AreBounded(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	path := "/office/changes?branch=" + s.Branch.ID + "&first=2026-11-25&last=2026-11-25"
	listen := func(v *servertest.Visitor) *servertest.Stream {
		return v.Listen(path, http.Header{"Accept": {page.EventStream}})
	}
	desk, other := s.SignedIn(t, servertest.FrontDesk), s.SignedIn(t, servertest.FrontDesk)
	var open []*servertest.Stream
	for range office.StreamsOfSession {
		open = append(open, listen(desk).Want(http.StatusOK))
	}
	refused := listen(desk).Want(http.StatusServiceUnavailable)
	if refused.Header.Get("Retry-After") == "" {
		t.Error("it does not say when to ask again")
	}
	listen(other).Want(http.StatusOK).Close()
	desk.Get("/office/day?branch=" + s.Branch.ID).Want(http.StatusOK)
	open[0].Close()
	for { // the server notices in its own time
		again := listen(desk)
		if again.Status == http.StatusOK {
			break
		}
		again.Close()
	}
}

// TestStreams_OfAll: whoever opens one too many of all is refused, and nothing is counted twice or kept.
func TestStreams_OfAll(t *testing.T) {
	var leaves []func()
	var s office.Streams
	for n := 0; len(leaves) < office.StreamsOfAll; n++ {
		leave, ok := s.Enter(fmt.Sprint(n / office.StreamsOfSession))
		if !ok {
			t.Fatalf("number %d is refused", n)
		}
		leaves = append(leaves, leave)
	}
	if _, ok := s.Enter("another"); ok {
		t.Error("one too many was let in")
	}
	for _, leave := range leaves {
		leave()
	}
	if all, sessions := s.Count(); all != 0 || sessions != 0 {
		t.Errorf("%d streams and %d sessions are kept", all, sessions)
	}
}
