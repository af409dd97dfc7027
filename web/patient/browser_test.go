package patient_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/web"
)

func TestMain(m *testing.M) { os.Exit(browsertest.Run(m)) }

// policy is as strict as the server's: nothing inline may be needed.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'"

// siteOf serves the pages of a clinic as /page/LANG/NAME, with its logo and the assets.
func siteOf(t *testing.T, settings clinic.Settings) *httptest.Server {
	t.Helper()
	all := pages()
	mux := http.NewServeMux()
	mux.Handle("/assets/", web.Assets())
	mux.HandleFunc("/clinic/{logo}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		if _, err := w.Write(settings.Logo.PNG); err != nil {
			t.Log(err)
		}
	})
	mux.HandleFunc("/page/{lang}/{name}", func(w http.ResponseWriter, r *http.Request) {
		page, ok := all[r.PathValue("name")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		var b bytes.Buffer
		if err := page.Render(web.WithClinic(web.WithLocale(r.Context(), r.PathValue("lang")), settings), &b); err != nil {
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
	site := siteOf(t, mihon)
	v := browsertest.Visit(t, site.URL, browsertest.Phone)
	for name := range pages() {
		v.Open("/page/ja/" + name)
		v.LookAt("ja-"+name, browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
		v.Open("/page/en/" + name)
		v.Look("en-" + name)
	}
}

// TestClinicMark_InBrowser: however long a clinic's name is and whatever form its logo has, the page's head holds together on
// a phone: nothing is wider than the window, the switch of language stays in its corner, and the picture takes no more room than was kept for it.
func TestClinicMark_InBrowser(t *testing.T) {
	const head = `(() => {
		const box = e => e.getBoundingClientRect(), bar = box(document.querySelector("header.bar")), mark = box(document.querySelector(".clinic"));
		const lang = box(document.querySelector(".bar form button")), img = document.querySelector(".clinic img");
		const wrong = [];
		if (bar.height > 96) wrong.push("the head is " + bar.height + " pixels high");
		if (lang.left < mark.right || lang.right > innerWidth || lang.height > 60) wrong.push("the switch of language is pushed away or broken");
		if (img && (img.naturalWidth === 0 || Math.abs(box(img).width - img.getAttribute("width")) > 0.5 || mark.height !== 44)) wrong.push("the picture moves the page: " + JSON.stringify(box(img)));
		return wrong;
	})()`
	logo := func(width, height int) clinic.Settings {
		s := mihon
		s.Logo, _ = clinic.NewLogo(servertest.LogoFile(t, width, height))
		return s
	}
	for name, settings := range map[string]clinic.Settings{
		"long-name":   {Name: "医療法人社団見本会 見本クリニック美容皮膚科・形成外科 架空中央総合センター分院", NameEn: "Mihon Clinic for Dermatology and Medical Slimming, Kaku Chuo"},
		"broken-name": {Name: strings.Repeat("院", clinic.MaxClinicName), NameEn: strings.Repeat("W", clinic.MaxClinicNameEn)},
		"wide-logo":   logo(2000, 100), "logo": logo(600, 160), "square-logo": logo(400, 400), "high-logo": logo(100, 2000), "small-logo": logo(60, 20),
	} {
		t.Run(name, func(t *testing.T) {
			v := browsertest.Visit(t, siteOf(t, settings).URL, browsertest.Phone)
			for _, lang := range web.Languages() {
				v.Open("/page/" + lang + "/mybooking")
				if wrong := browsertest.Read[[]string](v, head); len(wrong) > 0 {
					t.Errorf("%s: %q", lang, wrong)
				}
				v.LookAt("mark-"+name+"-"+lang, browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
			}
		})
	}
}
