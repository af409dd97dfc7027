package patient_test

import (
	"bytes"
	"context"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"madoguchi/web"
)

// With -pictures DIR the browser test leaves a picture of every page at every width (English on the phone):
//
//	go test ./web/patient -run TestPagesInBrowser -pictures /tmp/pages
var pictures = flag.String("pictures", "", "folder for pictures of the pages")

// widths are a phone, a tablet and a desktop, in CSS pixels.
var widths = []int64{390, 1024, 1280}

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

// openBrowser starts Chromium for a test.
func openBrowser(t *testing.T) context.Context {
	t.Helper()
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.NoSandbox)
	if path := os.Getenv("MADOGUCHI_TEST_CHROMIUM"); path != "" {
		options = append(options, chromedp.ExecPath(path))
	}
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, stopTab := chromedp.NewContext(allocator)
	t.Cleanup(stopTab)
	return ctx
}

// faults are what a look at a page finds wrong: axe's violations, a page wider than its window, and targets smaller than
// a finger (44 pixels high; WCAG 2.2 asks for 24, and links within text are excepted).
const faults = `(async () => {
	const found = [];
	const {violations} = await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]});
	for (const v of violations) found.push("axe " + v.id + ": " + v.nodes.map(n => n.target.join(" ") + " " + n.failureSummary).join(" | "));
	if (document.documentElement.scrollWidth > innerWidth) found.push("wider than the window: " + document.documentElement.scrollWidth);
	for (const e of document.querySelectorAll("button, .choice, .scale label, summary, a.button, input:not([type=hidden], [type=checkbox], [type=radio]), select")) {
		const {width, height} = e.getBoundingClientRect();
		if (height && height < 44 || width && width < 24) found.push("small target: " + e.outerHTML.slice(0, 80) + " " + width + "×" + height);
	}
	return found;
})()`

func TestPagesInBrowser(t *testing.T) {
	axe, err := os.ReadFile("../node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	site, ctx := siteOf(t), openBrowser(t)
	for name := range pages() {
		for _, lang := range web.Languages() {
			url := site.URL + "/page/" + lang + "/" + name
			if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
				t.Fatal(url, err)
			}
			if _, err := chromedp.Run(ctx, chromedp.Evaluate[any](string(axe)+";0")); err != nil {
				t.Fatal(url, err)
			}
			for _, width := range widths {
				if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900)); err != nil {
					t.Fatal(url, err)
				}
				found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](faults, chromedp.EvalAwaitPromise))
				if err != nil {
					t.Fatal(url, err)
				}
				for _, f := range found {
					t.Errorf("%s/%s at %d: %s", lang, name, width, strings.Join(strings.Fields(f), " "))
				}
				takePicture(ctx, t, lang+"-"+name+"-"+strconv.FormatInt(width, 10))
				if lang != "ja" {
					break // what differs by width does not differ by language
				}
			}
		}
	}
}

func takePicture(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	if *pictures == "" {
		return
	}
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(name, err)
	}
	if err := os.WriteFile(filepath.Join(*pictures, name+".png"), png, 0o600); err != nil {
		t.Fatal(err)
	}
}
