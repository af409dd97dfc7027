package server_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// TestReady: alive is not ready. The database must answer and have this program's shape, and the worker must be alive.
func TestReady(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v := s.Visitor(t)
		expect := func(status int, says string) {
			t.Helper()
			if a := v.Get("/readyz").Want(status); !strings.Contains(a.Body, says) {
				t.Errorf("it says %q, want %q", a.Body, says)
			}
			v.Get("/healthz").Want(http.StatusOK)
		}
		expect(http.StatusOK, "ready")
		s.Alive.Store(false)
		expect(http.StatusServiceUnavailable, "worker")
		s.Alive.Store(true)
		storetest.Exec(t, s.Address, "DELETE FROM schema_migrations WHERE version_id = (SELECT MAX(version_id) FROM schema_migrations)")
		expect(http.StatusServiceUnavailable, "not migrated")
		servertest.Must(t, s.Store.Close())
		expect(http.StatusServiceUnavailable, "does not answer")
	})
}

// TestSlowClients: those who never finish sending do not hold up the others, and none may stay for ever.
func TestSlowClients(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	for n := range 400 {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL, "http://"))
		servertest.Must(t, err)
		t.Cleanup(func() { servertest.Must(t, conn.Close()) })
		begun := "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "
		if n%2 == 0 {
			begun = "POST /book HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nslot="
		}
		_, err = io.WriteString(conn, begun)
		servertest.Must(t, err)
	}
	s.Visitor(t).Book(s.Slots[0].ID)

	listening := server.NewHTTP(http.NotFoundHandler())
	for what, limit := range map[string]time.Duration{"header": listening.ReadHeaderTimeout, "body": listening.ReadTimeout, "answer": listening.WriteTimeout, "idle": listening.IdleTimeout} {
		if limit <= 0 || limit > 2*time.Minute {
			t.Errorf("%s: %s", what, limit)
		}
	}
	if listening.MaxHeaderBytes <= 0 || listening.MaxHeaderBytes > 64<<10 {
		t.Errorf("headers of %d bytes are read", listening.MaxHeaderBytes)
	}
}
