package patient

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
)

func post(query, body string, most int64) *gin.Context {
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	c.Request = httptest.NewRequest(http.MethodPost, "/book"+query, nil)
	c.Request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	c.Request.Body = http.MaxBytesReader(c.Writer, http.NoBody, most)
	if body != "" {
		c.Request.Body = http.MaxBytesReader(c.Writer, readCloser{strings.NewReader(body)}, most)
	}
	return c
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

func TestForm(t *testing.T) {
	sent, err := form(post("", "family_name=%E8%A9%A6%E9%A8%93", 100))
	if err != nil || sent.Get("family_name") != "試験" {
		t.Errorf("a good form: %v, %v", sent, err)
	}
	for name, c := range map[string]*gin.Context{
		"a wrong escape": post("", "family_name=%zz", 100), "a semicolon": post("", "a=1;b=2", 100), "a wrong query": post("?%zz", "a=1", 100),
	} {
		if _, err := form(c); clinic.CodeOf(err) != clinic.Invalid || strings.Contains(err.Error(), "%zz") {
			t.Errorf("%s: %v", name, err)
		}
	}
	var large *http.MaxBytesError
	if _, err := form(post("", strings.Repeat("a", 101), 100)); !errors.As(err, &large) {
		t.Errorf("a large form: %v", err)
	}
}
