package patient_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"madoguchi/internal/browsertest"
	"madoguchi/web"
)

func TestMain(m *testing.M) { os.Exit(browsertest.Run(m)) }

// policy is as strict as the server's: nothing inline may be needed.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"

// siteOf serves the pages as /page/LANG/NAME, with the assets.
func siteOf(t *testing.T) *httptest.Server {
	t.Helper()
	all := pages()
	mux := http.NewServeMux()
	mux.Handle("/assets/", web.Assets())
	mux.HandleFunc("/page/{lang}/{name}", func(w http.ResponseWriter, r *http.Request) {
		page, ok := all[r.PathValue("name")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		var b bytes.Buffer
		if err := page.Render(web.WithSite(web.WithLocale(r.Context(), r.PathValue("lang")), "見本クリニック"), &b); err != nil {
			t.Error(err)
		}
		if _, err := b.WriteTo(w); err != nil {
			t.Log(err) // the browser may close a tab before it has read everything
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// TestPagesInBrowser looks at every page at every width. What differs by width does not differ by language, so that English
// is looked at on the phone only.
func TestPagesInBrowser(t *testing.T) {
	site := siteOf(t)
	v := browsertest.Visit(t, site.URL, browsertest.Phone)
	for name := range pages() {
		v.Open("/page/ja/" + name)
		v.LookAt("ja-"+name, browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
		v.Open("/page/en/" + name)
		v.Look("en-" + name)
	}
}
