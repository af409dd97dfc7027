package server

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

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
	for path, status := range map[string]int{"/": http.StatusInternalServerError, "/half": http.StatusOK} {
		w := httptest.NewRecorder()
		engine.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if w.Code != status || path == "/" && !strings.Contains(w.Body.String(), w.Header().Get("X-Request-Id")) {
			t.Errorf("%s answered %d:\n%s", path, w.Code, w.Body)
		}
		if path == "/half" && w.Body.String() != "half" {
			t.Errorf("a second page was written after the first: %s", w.Body)
		}
	}
	if strings.Contains(log.String(), "花子") || strings.Count(log.String(), "panic of type") != 2 || !strings.Contains(log.String(), "guard_test.go") {
		t.Errorf("the log:\n%s", log.String())
	}
}
