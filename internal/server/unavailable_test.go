package server_test

import (
	"database/sql"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
	"madoguchi/web"
)

// TestUnavailable_SaysWhenToAskAgain: without its database every page and the API answer 503 and say when to try again, in
// the reader's language, and nothing is called a failure of theirs.
func TestUnavailable_SaysWhenToAskAgain(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{})
			servertest.Must(t, b.Store.Close())
			without := map[string]bool{"/healthz": true, "/robots.txt": true, "/language": true, "/privacy": true, "/dev/letters": true, "/dev/letters/:name": true, "/clinic/:logo": true}
			for _, r := range server.Routes() {
				who, good := whoSends(t, b, r, "ja")
				a := who.Send(r.Method, b.Fill(r.Path), strings.NewReader(good.Encode()), servertest.FormHeader())
				switch {
				case without[r.Path]:
					if a.Status >= http.StatusInternalServerError {
						t.Errorf("%s answered %d", a.Asked, a.Status)
					}
				case a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") != "30":
					t.Errorf("%s answered %d, Retry-After %q", a.Asked, a.Status, a.Header.Get("Retry-After"))
				case r.Path != "/readyz":
					if title := a.Page().Find("h1").Text(); title != web.Find("ja").T("patient.problem.unavailable") && title != web.Find("ja").T("office.problem.unavailable") {
						t.Errorf("%s says %q", a.Asked, title)
					}
				}
			}
			for _, a := range []*servertest.Answer{
				b.Patient.Get("/api/v1/branches"), b.Patient.Get("/api/v1/slots?branch=" + b.Branch.ID), b.Patient.Call(servertest.CallBodyWith(b.Slots[5].ID, "slot_id", b.Slots[5].ID)),
			} {
				if p := a.Want(http.StatusServiceUnavailable).Problem(); p.Code != string(clinic.Unavailable) || a.Header.Get("Retry-After") != "30" {
					t.Errorf("%s: %+v, Retry-After %q", a.Asked, p, a.Header.Get("Retry-After"))
				}
			}
		})
	}
}

// TestUnavailable_BrokenConnections: connections to PostgreSQL that somebody ends, again and again and at any moment, make it
// unavailable, which is never a failure inside.
func TestUnavailable_BrokenConnections(t *testing.T) {
	s := servertest.Open(t, "postgres")
	db, err := sql.Open("pgx", s.Address)
	servertest.Must(t, err)
	t.Cleanup(func() { servertest.Must(t, db.Close()) })
	v := s.Visitor(t)
	done := make(chan struct{})
	ended := make(chan error)
	go func() {
		for {
			_, err := db.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()") //nolint:noctx // ends with the test
			select {
			case <-done:
				ended <- err
				return
			default:
			}
		}
	}()
	statuses := map[int]int{}
	for n := range 100 {
		slot := s.Slots[n%len(s.Slots)].ID
		for _, a := range []*servertest.Answer{
			v.Get("/slots?branch=" + s.Branch.ID), v.PostForm("/hold", url.Values{"slot": {slot}}), v.PostForm("/book", servertest.BookingForm(slot)), v.Call(servertest.CallBodyWith(slot, "slot_id", slot)),
			v.Get("/office/day"),
		} {
			statuses[a.Status]++
			if a.Status >= http.StatusInternalServerError && (a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "") {
				t.Errorf("%s answered %d", a.Asked, a.Status)
			}
		}
	}
	close(done)
	servertest.Must(t, <-ended)
	if statuses[http.StatusServiceUnavailable] == 0 {
		t.Errorf("nothing was interrupted: %v", statuses)
	}
	if t.Failed() {
		for _, line := range regexp.MustCompile(`(?m)msg=failure id=\w+ (.*)$`).FindAllStringSubmatch(s.Journal.String(), -1) {
			if !strings.Contains(line[1], "unavailable: ") {
				t.Log(line[1])
			}
		}
	}
}
