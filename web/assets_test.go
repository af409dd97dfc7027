package web_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"madoguchi/web"
)

func get(t *testing.T, method, path, encoding string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	web.Assets().ServeHTTP(w, r)
	return w
}

func TestAssets(t *testing.T) {
	for path, kind := range map[string]string{
		web.Script("patient"): "text/javascript; charset=utf-8", web.Style("office"): "text/css; charset=utf-8", web.Icon(): "image/svg+xml", web.TouchIcon(): "image/png", web.SharePicture(): "image/png",
	} {
		plain, packed, head := get(t, http.MethodGet, path, ""), get(t, http.MethodGet, path, "br, gzip"), get(t, http.MethodHead, path, "gzip")
		unpacked, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatal(path, err)
		}
		a, errA := io.ReadAll(plain.Body)
		b, errB := io.ReadAll(unpacked)
		c, errC := io.ReadAll(head.Body)
		if errA != nil || errB != nil || errC != nil || len(a) == 0 || string(a) != string(b) || len(c) != 0 {
			t.Errorf("%s: %d bytes plain, %d unpacked, %d for HEAD; %v %v %v", path, len(a), len(b), len(c), errA, errB, errC)
		}
		for _, r := range []*httptest.ResponseRecorder{plain, packed, head} {
			if r.Code != http.StatusOK || r.Header().Get("Content-Type") != kind || r.Header().Get("Vary") != "Accept-Encoding" ||
				!strings.Contains(r.Header().Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %d %v", path, r.Code, r.Header())
			}
		}
	}
}

func TestAssetsServeNothingElse(t *testing.T) {
	for _, path := range []string{"/assets/", "/assets/manifest.json", "/assets/patient.js", "/assets/../assets.go", web.Script("patient") + ".gz", "/"} {
		if r := get(t, http.MethodGet, path, "gzip"); r.Code != http.StatusNotFound || r.Header().Get("Cache-Control") != "" {
			t.Errorf("%s: %d %v", path, r.Code, r.Header())
		}
	}
	if r := get(t, http.MethodPost, web.Script("patient"), ""); r.Code != http.StatusNotFound {
		t.Errorf("POST: %d", r.Code)
	}
}

// TestPatientsLoadLittle holds what a phone must load for the patients' pages.
func TestPatientsLoadLittle(t *testing.T) {
	sizes := web.Sizes()
	if js, css := sizes["patient.js"], sizes["patient.css"]; js == 0 || js > 60<<10 || css == 0 || css > 25<<10 {
		t.Errorf("patient.js has %d bytes and patient.css %d (gzip)", js, css)
	}
}
