package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store/storetest"
)

// TestFailure_Panic: a bug of ours is a failure like any other. What was panicked with may be a patient's, so the log gets
// its type and the place.
func TestFailure_Panic(t *testing.T) {
	var log bytes.Buffer
	s := &Server{Site: &page.Site{
		BaseURL: &url.URL{Scheme: "http", Host: "yoyaku.example.jp"},
		Store:   storetest.Open(t, storetest.SQLiteURL(t), filepath.Join(t.TempDir(), "keys"), storetest.NewClock().Now),
		Now:     storetest.NewClock().Now, Log: slog.New(slog.NewTextHandler(&log, nil)),
	}}
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(s.identify, s.recoverPanics, s.speak)
	engine.GET("/", s.serve(func(*gin.Context) error { panic("試験 花子") }))
	engine.GET("/half", s.serve(func(c *gin.Context) error {
		c.String(http.StatusOK, "half")
		panic(fmt.Errorf("試験 花子"))
	}))
	engine.GET("/broken", s.serve(func(c *gin.Context) error {
		c.String(http.StatusOK, "half")
		return errors.New("the rest cannot be read")
	}))
	for path, status := range map[string]int{"/": http.StatusInternalServerError, "/half": http.StatusOK, "/broken": http.StatusOK} {
		w := httptest.NewRecorder()
		cut := func() (cut error) {
			defer func() { cut, _ = recover().(error) }()
			engine.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
			return nil
		}()
		if half := path != "/"; (cut != nil) != half || half && !errors.Is(cut, http.ErrAbortHandler) {
			t.Errorf("%s ended with %v: an answer that has begun must be cut off, and no other", path, cut)
		}
		if w.Code != status || path == "/" && !strings.Contains(w.Body.String(), w.Header().Get("X-Request-Id")) {
			t.Errorf("%s answered %d:\n%s", path, w.Code, w.Body)
		}
		if path != "/" && w.Body.String() != "half" {
			t.Errorf("a second page was written after the first: %s", w.Body)
		}
	}
	if strings.Contains(log.String(), "花子") || strings.Count(log.String(), "panic of type") != 2 || !strings.Contains(log.String(), "the rest cannot be read") || !strings.Contains(log.String(), "guard_test.go") {
		t.Errorf("the log:\n%s", log.String())
	}
}

// TestGone_OrAFailure: whatever a store says of work that was cut off with the connection is no failure; the same words for
// somebody who still waits are one, and so is a bug, even when nobody waits any more.
func TestGone_OrAFailure(t *testing.T) {
	var log bytes.Buffer
	s := &Server{Site: &page.Site{Log: slog.New(slog.NewTextHandler(&log, nil))}}
	gone, leave := context.WithCancel(t.Context())
	leave()
	unavailable := errors.Join(&clinic.Error{Code: clinic.Unavailable, Message: "error.unavailable"}, errors.New("the transaction has ended"))
	for _, c := range []struct {
		ctx    context.Context
		err    error
		status int
	}{
		{gone, fmt.Errorf("query: %w", context.Canceled), page.StatusGone},
		{gone, unavailable, page.StatusGone},
		{gone, errors.New("a bug"), http.StatusInternalServerError},
		{gone, &clinic.Error{Code: clinic.NotFound}, http.StatusNotFound},
		{t.Context(), fmt.Errorf("query: %w", context.Canceled), http.StatusInternalServerError},
		{t.Context(), unavailable, http.StatusServiceUnavailable},
	} {
		before := strings.Count(log.String(), "level=ERROR msg=failure")
		if got := s.status(c.ctx, c.err); got != c.status {
			t.Errorf("%v, gone %t: %d, want %d", c.err, c.ctx == gone, got, c.status)
		}
		if logged := strings.Count(log.String(), "level=ERROR msg=failure") > before; logged != (c.status >= http.StatusInternalServerError) {
			t.Errorf("%v, gone %t: logged %t", c.err, c.ctx == gone, logged)
		}
	}
}
