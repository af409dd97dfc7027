package browsertest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"madoguchi/internal/browsertest"
)

// TestVisitors_ShareNothing: they share a process, but neither cookies nor storage, history, downloads, windows, faults, nor
// whether scripts run. A second tab of one has a history and a
// session of its own.
func TestVisitors_ShareNothing(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(showVisit))
	t.Cleanup(site.Close)
	one, other := browsertest.Visit(t, site.URL, browsertest.Phone), browsertest.Visit(t, site.URL, browsertest.Desktop)
	other.TurnScriptsOff()
	one.SetCookie("name", "one")
	one.Open("/")
	browsertest.Read[bool](one, `(() => { localStorage.setItem("kept", "one"); sessionStorage.setItem("kept", "one"); return true; })()`)
	one.Open("/again")
	other.Open("/")
	tab := one.Tab()
	tab.Open("/")

	const seen = `document.querySelector("p").textContent + " " + localStorage.getItem("kept") + " " + sessionStorage.getItem("kept") + " " + history.length + " " + innerWidth`
	for want, v := range map[string]*browsertest.Visitor{"one one one 3 390": one, "none null null 2 1280": other, "one one null 2 390": tab} {
		if got := browsertest.Read[string](v, seen); got != want {
			t.Errorf("a visitor sees %q, want %q", got, want)
		}
	}
	if one.Text("b") != "scripts run" || other.Text("b") != "no scripts" {
		t.Errorf("one has %q, the other %q", one.Text("b"), other.Text("b"))
	}
	for _, v := range []*browsertest.Visitor{one, other} {
		if name, file := v.Download("download"); name != "who.txt" || string(file) != v.Text("p") {
			t.Errorf("the download %s says %q, want %q", name, file, v.Text("p"))
		}
	}

	// What is wrong with a page is noticed by who has it open.
	careless, careful := &listener{TB: t}, &listener{TB: t}
	wrong, right := browsertest.Visit(careless, site.URL, browsertest.Phone), browsertest.Visit(careful, site.URL, browsertest.Phone)
	right.Open("/")
	wrong.Open("/wrong")
	right.Look("right")
	wrong.Look("wrong")
	if careful.said != "" || !strings.Contains(careless.said, "thrown") {
		t.Errorf("of a fault on another's page is said %q, of one's own %q", careful.said, careless.said)
	}
}

func showVisit(w http.ResponseWriter, r *http.Request) {
	name := "none"
	if cookie, err := r.Cookie("name"); err == nil {
		name = cookie.Value
	}
	kind, text := "text/html; charset=utf-8", fmt.Sprintf(`<!doctype html><html lang="ja"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
		<title>t</title><main><h1>t</h1><p>%s</p><b>no scripts</b><a href="/who.txt" download>download</a></main><script src="/run.js"></script></html>`, name)
	switch r.URL.Path {
	case "/who.txt":
		kind, text = "text/plain", name
		w.Header().Set("Content-Disposition", "attachment; filename=who.txt")
	case "/run.js":
		kind, text = "text/javascript", `document.querySelector("b").textContent = "scripts run"; if (location.pathname === "/wrong") throw new Error("thrown")`
	}
	w.Header().Set("Content-Type", kind)
	if _, err := io.WriteString(w, text); err != nil { //nolint:gosec // the test chose the name
		panic(http.ErrAbortHandler)
	}
}
