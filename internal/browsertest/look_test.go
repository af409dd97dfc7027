package browsertest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"

	"madoguchi/internal/browsertest"
)

func TestMain(m *testing.M) { os.Exit(browsertest.Run(m)) }

// pages have one fault each, or none; fault is a part of what a look should say about it.
var pages = []struct{ body, fault string }{
	{`<p>sound</p>`, ""},
	{`<img src="/icon.svg">`, "axe image-alt"},
	{`<svg width="500" height="9" aria-hidden="true"></svg>`, "pixels wide"},
	{`<button>a</button>`, "a target of"},
	{`<img alt="a" src="/missing.svg">`, "missing.svg: 404"},
	{`<p style="color: red">a</p>`, "Content Security Policy"},
	{`<script src="/throws.js"></script>`, "thrown"},
}

// TestLookNoticesEveryFault looks at each page with and without scripts, so that a look cannot quietly stop seeing.
func TestLookNoticesEveryFault(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(showPage))
	t.Cleanup(site.Close)
	for _, scripts := range []bool{true, false} {
		l := &listener{TB: t}
		v := browsertest.Visit(l, site.URL, browsertest.Phone)
		if !scripts {
			v.TurnScriptsOff()
		}
		for i, page := range pages {
			if !scripts && page.fault == "thrown" {
				page.fault = "" // it does not run
			}
			l.said = ""
			v.Open(fmt.Sprintf("/%d", i))
			v.Look("page")
			if (page.fault == "") != (l.said == "") || !strings.Contains(l.said, page.fault) {
				t.Errorf("with scripts %v, %s is said to have: %s", scripts, page.body, l.said)
			}
		}
	}
}

// listener is a test that only writes down what it is told.
type listener struct {
	testing.TB

	said string
}

func (l *listener) Errorf(format string, args ...any) {
	l.said += fmt.Sprintf(format, args...) + "\n"
}

func showPage(w http.ResponseWriter, r *http.Request) {
	var kind, text string
	switch n, err := strconv.Atoi(strings.Trim(r.URL.Path, "/")); {
	case r.URL.Path == "/icon.svg":
		kind, text = "image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>`
	case r.URL.Path == "/throws.js":
		kind, text = "text/javascript", `throw new Error("thrown")`
	case err != nil || n >= len(pages):
		http.NotFound(w, r)
		return
	default:
		kind, text = "text/html; charset=utf-8", `<!doctype html><html lang="ja"><meta name="viewport" content="width=device-width"><link rel="icon" href="/icon.svg">
			<title>t</title><main><h1>t</h1>`+pages[n].body+`</main></html>`
	}
	w.Header().Set("Content-Security-Policy", "default-src 'self'")
	w.Header().Set("Content-Type", kind)
	if _, err := io.WriteString(w, text); err != nil {
		panic(http.ErrAbortHandler)
	}
}
