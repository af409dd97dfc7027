package server_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"madoguchi/internal/server"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// wantGone waits until the log has the line of the n-th request for a route that nobody waited for, and nothing failed.
func wantGone(t *testing.T, s *servertest.Site, request string, n int) {
	t.Helper()
	line := regexp.MustCompile(fmt.Sprintf(`(?s)(msg=request [^\n]*%s [^\n]*status=499 .*?){%d}`, regexp.QuoteMeta(request), n))
	_, err := s.Journal.Wait(t.Context(), line, nil)
	servertest.Must(t, err)
	if failed := regexp.MustCompile(`(?m)^.*level=ERROR.*$`).FindAllString(s.Journal.String(), 3); len(failed) > 0 {
		t.Errorf("errors in the log:\n%s", failed)
	}
}

// TestGone_BeforeTheAnswer asks for every page as a client that is no longer there: the log says 499, and nothing failed.
func TestGone_BeforeTheAnswer(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{})
			handler, err := server.New(b.Site.Site, nil, b.Alive.Load)
			servertest.Must(t, err)
			gone, leave := context.WithCancel(t.Context())
			leave()
			count := 0
			for _, r := range server.Routes() {
				if r.Path == "/office/sign-out" || r.Path == "/language" {
					continue
				}
				for who, v := range b.Everybody() {
					count++
					request := httptest.NewRequestWithContext(gone, r.Method, b.Fill(r.Path), strings.NewReader(sent(b, r).Encode()))
					request.Header = http.Header{"Content-Type": servertest.FormHeader()["Content-Type"]}
					request.AddCookie(&http.Cookie{Name: page.SessionCookie, Value: v.Cookie(page.SessionCookie)}) //nolint:gosec // what a browser sends back
					w := httptest.NewRecorder()
					handler.ServeHTTP(w, request)
					if w.Code >= http.StatusInternalServerError {
						t.Errorf("%s %s to %s answered %d", r.Method, r.Path, who, w.Code)
					}
					if line := "id=" + w.Header().Get("X-Request-Id") + " method=" + r.Method + " route=" + r.Path + " status=499 "; !strings.Contains(b.Journal.String(), line) {
						t.Errorf("the log has no %s", line)
					}
				}
			}
			for _, path := range []string{"/api/v1/branches", "/api/v1/slots?branch=" + b.Branch.ID, "/nothing", "/assets/nothing"} {
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, httptest.NewRequestWithContext(gone, http.MethodGet, path, nil))
				if line := "id=" + w.Header().Get("X-Request-Id"); !regexp.MustCompile(line + ` .* status=499 `).MatchString(b.Journal.String()) {
					t.Errorf("the log has no 499 for %s", path)
				}
			}
			if log := b.Journal.String(); strings.Contains(log, "level=ERROR") || strings.Contains(log, "msg=failure") || count < 100 {
				t.Errorf("%d requests; errors in the log:\n%s", count, regexp.MustCompile(`(?m)^.*level=ERROR.*$`).FindAllString(log, 3))
			}
		})
	}
}

// TestGone_WhileSending: a connection that breaks off in the middle of a form or a call is 499 as well.
func TestGone_WhileSending(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	session := "\r\nCookie: " + page.SessionCookie + "=" + s.StartSession(t, servertest.Admin)
	before := s.Facts(t)
	for _, path := range []string{"/book", "/office/sign-in", "/api/v1/bookings", "/office/clinic"} {
		n := 0
		ways := map[string][2]string{
			"urlencoded": {"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000", "slot="},
			"chunked":    {"Content-Type: application/json\r\nTransfer-Encoding: chunked", "5\r\nslot=\r\n"},
		}
		if path == "/office/clinic" { // its form brings a file
			ways = map[string][2]string{
				"multipart": {"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000" + session, "--x\r\nContent-Disposition: form-data; name=\"logo\"; filename=\"a.png\"\r\n\r\na"},
			}
		}
		for what, sent := range ways {
			for _, reset := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s %s reset %t", path, what, reset), func(t *testing.T) {
					conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL, "http://"))
					servertest.Must(t, err)
					// The server asks for the body once it reads it.
					_, err = io.WriteString(conn, "POST "+path+" HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"+sent[0]+"\r\n\r\n")
					servertest.Must(t, err)
					if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
						t.Fatalf("%s, %v", line, err)
					}
					_, err = io.WriteString(conn, sent[1])
					servertest.Must(t, err)
					if tcp, ok := conn.(*net.TCPConn); reset && ok {
						servertest.Must(t, tcp.SetLinger(0)) // the connection is reset and not closed
					}
					servertest.Must(t, conn.Close())
					n++
					wantGone(t, s, "method=POST route="+path, n)
				})
			}
		}
	}
	s.WantUnchanged(t, before)
}

// brokenPipe is a connection over which nothing can be sent any more, as after the other side has closed it.
type brokenPipe struct{ net.Conn }

func (brokenPipe) Write([]byte) (int, error) { return 0, syscall.EPIPE }

type brokenListener struct{ net.Listener }

func (l brokenListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return brokenPipe{conn}, err
}

// TestGone_WhileReceiving: an answer that cannot be written is 499, too, a page as well as the API's. (Of what is
// shorter than a buffer of net/http nobody hears how it went.)
func TestGone_WhileReceiving(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	handler, err := server.New(s.Site, nil, s.Alive.Load)
	servertest.Must(t, err)
	broken := httptest.NewUnstartedServer(nil)
	broken.Config = server.NewHTTP(handler, s.Log)
	broken.Listener = brokenListener{broken.Listener}
	broken.Start()
	t.Cleanup(broken.Close)
	for _, path := range []string{"/slots?branch=" + s.Branch.ID, "/privacy", "/api/openapi.json"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, broken.URL+path, nil)
		servertest.Must(t, err)
		r.Header.Set("Accept-Encoding", "identity") // a page that is compressed is shorter than the buffer
		if answer, err := broken.Client().Do(r); err == nil {
			servertest.Must(t, answer.Body.Close())
			t.Errorf("%s was answered over a broken connection", path)
		}
		route, _, _ := strings.Cut(path, "?")
		wantGone(t, s, "method=GET route="+route, 1)
	}
}

// TestGone_WhileTheDatabaseWorks: what waits in the database is cut off with the connection, at whatever statement of it, and
// that is no failure.
func TestGone_WhileTheDatabaseWorks(t *testing.T) {
	s := servertest.Open(t, "postgres")
	db, err := sql.Open("pgx", s.Address)
	servertest.Must(t, err)
	t.Cleanup(func() { servertest.Must(t, db.Close()) })
	for _, c := range []struct{ method, path, table, body, kind string }{
		{http.MethodGet, "/slots?branch=" + s.Branch.ID, "slots", "", ""},
		{http.MethodPost, "/hold", "claims", "slot=" + s.Slots[0].ID, servertest.FormHeader().Get("Content-Type")},
		{http.MethodPost, "/book", "letters", servertest.BookingForm(s.Slots[0].ID).Encode(), servertest.FormHeader().Get("Content-Type")},
		{http.MethodGet, "/api/v1/slots?branch=" + s.Branch.ID, "slots", "", ""},
		{http.MethodPost, "/api/v1/bookings", "patients", servertest.CallBodyWith(s.Slots[1].ID, "slot_id", s.Slots[1].ID), "application/json"},
	} {
		t.Run(c.method+" "+c.path+" at "+c.table, func(t *testing.T) {
			before := s.Facts(t)
			held, err := db.BeginTx(t.Context(), nil)
			servertest.Must(t, err)
			_, err = held.ExecContext(t.Context(), "LOCK TABLE "+c.table+" IN ACCESS EXCLUSIVE MODE")
			servertest.Must(t, err)
			asking, leave := context.WithCancel(t.Context())
			answered := make(chan error)
			go func() {
				r, err := http.NewRequestWithContext(asking, c.method, s.URL+c.path, strings.NewReader(c.body))
				if err == nil {
					r.Header.Set("Content-Type", c.kind)
					r.Header.Set("Authorization", "Bearer "+s.APIKey) // which only the API reads
					var a *http.Response
					if a, err = http.DefaultClient.Do(r); err == nil {
						err = errors.Join(a.Body.Close(), errors.New("it was answered: "+a.Status))
					}
				}
				answered <- err
			}()
			for waiting := 0; waiting == 0; {
				select {
				case err := <-answered:
					t.Fatalf("nothing waits for %s: %v", c.table, err)
				default:
				}
				servertest.Must(t, db.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())").Scan(&waiting))
			}
			leave()
			if err := <-answered; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			route, _, _ := strings.Cut(c.path, "?")
			wantGone(t, s, "method="+c.method+" route="+route, 1)
			servertest.Must(t, held.Rollback())
			s.WantUnchanged(t, before)
		})
	}
}
