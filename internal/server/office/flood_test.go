package office_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// TestFlood_StaffSeeItAndEndIt: a flood is said on the pages of the office; an administrator stops online booking, patients are asked to call, and it is
// taken up again.
func TestFlood_StaffSeeItAndEndIt(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	admin, desk := s.SignedIn(t, servertest.Admin), s.SignedIn(t, servertest.FrontDesk)
	if admin.Get("/office/flood").Want(http.StatusOK).Find("#flood, #stopped").Length() != 0 {
		t.Error("there is a flood of nothing")
	}
	var slots []clinic.SlotWithState
	for day := 3; len(slots) < clinic.FloodLeast; day++ {
		slots = append(slots, storetest.AddSlots(t, s.Store, s.Branch, s.Doctors[day%2], storetest.Begin.AddDate(0, 0, day), 12)...)
	}
	for n, slot := range slots[:clinic.FloodLeast] {
		_, err := s.Store.Book(t.Context(), clinic.Visitor(clinic.NewToken(), fmt.Sprintf("198.51.100.%d", n)), storetest.Request(slot.ID, n))
		servertest.Must(t, err)
	}
	s.Clock.Advance(10 * time.Second)
	if desk.Get("/office/day").Want(http.StatusOK).Find("#flood").Length() != 1 {
		t.Error("the front desk is not told")
	}
	desk.Get("/office/flood").Want(http.StatusForbidden)
	a := admin.Get("/office/flood").Want(http.StatusOK)
	if text := a.Text("main"); !strings.Contains(text, "予約が殺到しています") || !strings.Contains(text, "40") {
		t.Errorf("it says %s", text)
	}
	if links := admin.Get("/office/runs").Want(http.StatusOK).Find("input[name=booking]").Length(); links != clinic.FloodLeast {
		t.Errorf("%d bookings can be cancelled together", links)
	}
	admin.Post("/office/flood", "branch", s.Branch.ID, "online", "stop").Want(http.StatusSeeOther)
	slots1 := s.Visitor(t).Get("/slots?branch=" + s.Branch.ID).Want(http.StatusOK)
	if text := slots1.Text("main"); !strings.Contains(text, "一時止めています") || !strings.Contains(text, s.Branch.Phone) || slots1.Find("button[name=slot]").Length() != 0 {
		t.Errorf("patients read %s", text)
	}
	if desk.Get("/office/day").Want(http.StatusOK).Find("#stopped").Length() != 1 {
		t.Error("nobody is reminded that it is stopped")
	}
	admin.Post("/office/flood", "branch", s.Branch.ID, "online", "resume").Want(http.StatusSeeOther)
	if s.Visitor(t).Get("/slots?branch="+s.Branch.ID).Find("button[name=slot]").Length() == 0 {
		t.Error("it was not taken up again")
	}
}

// TestMetrics: the figures are those of the site, in the format of Prometheus, and hold nobody's name, address or id.
func TestMetrics(t *testing.T) {
	var answers server.Answers
	s := servertest.Open(t, "sqlite", func(s *servertest.Site) { s.Answered = answers.Count })
	v := s.Visitor(t)
	v.Get("/healthz").Want(http.StatusOK)
	v.Get("/nowhere").Want(http.StatusNotFound)
	v.PostForm("/book", servertest.BookingForm(s.Slots[0].ID)).Token()
	w := httptest.NewRecorder()
	server.Metrics(s.Site, &answers).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	body := w.Body.String()
	for _, line := range []string{`madoguchi_answers_total{class="4xx"} 1`, `madoguchi_form_events_total{event="trapped"} 0`, "madoguchi_flood 0", "madoguchi_recent_bookings 1", "# TYPE madoguchi_flood gauge"} {
		if !strings.Contains(body, line+"\n") {
			t.Errorf("%q is not in\n%s", line, body)
		}
	}
	for _, secret := range []string{"試験", "example.jp", "127.0.0.1", s.Branch.ID, s.Slots[0].ID} {
		if strings.Contains(body, secret) {
			t.Errorf("it names %s", secret)
		}
	}
	v.Get("/metrics").Want(http.StatusNotFound)
}
