package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
	"madoguchi/web"
)

// TestEveryPatientPage_IsTheClinics: whichever page a patient sees, also one with errors and one for what goes wrong, it bears
// the clinic's name or logo, names the program in one small line at its foot and nowhere else, and has no telephone number
// without its hours.
func TestEveryPatientPage_IsTheClinics(t *testing.T) {
	for _, lang := range web.Languages() {
		for _, withLogo := range []bool{false, true} {
			name := map[string]string{"ja": "架空クリニック", "en": "Kaku Clinic"}[lang]
			t.Run(fmt.Sprintf("%s/logo=%t", lang, withLogo), func(t *testing.T) {
				b := servertest.OpenBooked(t, "sqlite", servertest.Saying{Lang: lang})
				servertest.Must(t, b.Store.ChangeSettings(t.Context(), storetest.Owner, func(now clinic.Settings) clinic.Settings {
					now.Name, now.NameEn = "架空クリニック", "Kaku Clinic"
					if withLogo {
						now.Logo, _ = clinic.NewLogo(servertest.LogoFile(t, 600, 100))
					}
					return now
				}))
				pages, phones := 0, 0
				for what, a := range everyPage(t, b) {
					if !a.IsPage() || a.Page().Find("body.patient").Length() != 1 {
						continue
					}
					pages++
					t.Run(what, func(t *testing.T) {
						doc := a.Page()
						checkMark(t, b, doc, name, withLogo)
						if made := doc.Find("footer [data-made]"); made.Length() != 1 || !namesProduct(made.Text()) {
							t.Errorf("%d lines say what the page was made with: %q", made.Length(), made.Text())
						}
						doc.Find("[data-made]").Remove()
						html, err := doc.Html()
						servertest.Must(t, err)
						if namesProduct(html) {
							t.Error("the program is named elsewhere")
						}
						phones += checkPhones(t, doc, lang)
					})
				}
				if pages < 40 || phones < 20 {
					t.Errorf("only %d pages and %d telephone numbers were looked at", pages, phones)
				}
			})
		}
	}
}

func namesProduct(text string) bool {
	return strings.Contains(text, "まどぐち") || strings.Contains(strings.ToLower(text), "madoguchi")
}

// checkMark looks at what stands over a page, and at its title.
func checkMark(t *testing.T, b *servertest.Booked, doc *goquery.Document, name string, withLogo bool) {
	t.Helper()
	if title := doc.Find("head title").Text(); title != name && !strings.HasSuffix(title, " | "+name) {
		t.Errorf("the title is %q", title)
	}
	mark := doc.Find("header a.clinic[href='/']")
	img := mark.Find("img")
	switch {
	case mark.Length() != 1:
		t.Errorf("the clinic stands over the page %d times", mark.Length())
	case !withLogo && (img.Length() != 0 || strings.TrimSpace(mark.Text()) != name):
		t.Errorf("over the page stands %q", mark.Text())
	case withLogo && (img.AttrOr("alt", "") != name || img.AttrOr("width", "") != "200" || img.AttrOr("height", "") != "33" || strings.TrimSpace(mark.Text()) != ""):
		t.Errorf("over the page stands %q of %s × %s", img.AttrOr("alt", ""), img.AttrOr("width", ""), img.AttrOr("height", ""))
	case withLogo:
		if a := b.Patient.Get(img.AttrOr("src", "")).Want(http.StatusOK); a.Header.Get("Content-Type") != "image/png" {
			t.Errorf("the logo is of type %s", a.Header.Get("Content-Type"))
		}
	}
}

// checkPhones looks for the hours beside each telephone number and returns how many numbers there are.
func checkPhones(t *testing.T, doc *goquery.Document, lang string) int {
	t.Helper()
	hours := map[string]string{"ja": "受付 平日 10:00–18:00", "en": "Weekdays 10:00–18:00"}[lang]
	numbers := doc.Find("a[href^='tel:']")
	numbers.Each(func(_ int, s *goquery.Selection) {
		if got := servertest.Words(s.Parent().Find(".hours")); !s.Parent().Is(".phone") || got != hours {
			t.Errorf("beside the number %s stands %q", s.Text(), got)
		}
	})
	if in := strings.Count(doc.Find("main").Text(), "03-0000-0001"); in != numbers.Length() {
		t.Errorf("a number is no link: %d of %d are", numbers.Length(), in)
	}
	return numbers.Length()
}

// TestFailure_WithoutSettings: when not even the settings can be read, the page for that still says whose it is and whom to
// call.
func TestFailure_WithoutSettings(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			s := servertest.Open(t, engine)
			v := s.Visitor(t)
			v.Get("/").Want(http.StatusOK)
			storetest.Exec(t, s.Address, "ALTER TABLE change_counters RENAME TO away")
			a := v.Get("/slots").Want(http.StatusInternalServerError)
			storetest.Exec(t, s.Address, "ALTER TABLE away RENAME TO change_counters")
			a.WantText("header .clinic", "見本クリニック")
			if got := a.Texts(".phone"); len(got) != 2 || got[0] != "03-0000-0001 受付 平日 10:00–18:00" {
				t.Errorf("whom to call is %q", got)
			}
			v.Get("/slots").Want(http.StatusOK)
		})
	}
}
