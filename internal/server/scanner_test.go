package server_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
	"madoguchi/web"
	"madoguchi/web/letter"
)

// TestLinks_AreHarmlessToOpen: mail programs, scanners and the back button open every page behind a patient's link, and whatever any kind of letter
// leads to, again and again. Not one row of any table is other than before by it, in whatever way the booking stands.
func TestLinks_AreHarmlessToOpen(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{})
			confirm := "/booking/" + b.Token + "/confirm?" + url.Values{"slot": {b.Slots[6].ID}, "with-doctor": {"any"}}.Encode()
			open := func(how string) {
				t.Helper()
				before, opened := b.Facts(t), 0
				visit := func(path string) {
					t.Helper()
					for range 20 {
						for _, method := range []string{http.MethodGet, http.MethodHead} {
							for _, who := range []*servertest.Visitor{b.Patient, b.Visitor(t)} {
								opened++
								if a := who.Send(method, path, nil, nil); a.Status >= http.StatusInternalServerError {
									t.Errorf("%s, %s answered %d", how, a.Asked, a.Status)
								}
							}
						}
					}
				}
				for _, path := range pathsInLetters(t, b) {
					visit(path)
				}
				for _, r := range server.Routes() {
					if !strings.Contains(r.Path, ":token") || r.Method != http.MethodGet {
						continue
					}
					path := b.Fill(r.Path)
					if strings.HasSuffix(path, "/confirm") {
						path = confirm
					}
					visit(path)
				}
				b.WantUnchanged(t, before)
				if opened < 600 {
					t.Errorf("%s, only %d pages were opened", how, opened)
				}
			}
			open("booked")
			b.Patient.Post("/booking/"+b.Token+"/change", "slot", b.Slots[6].ID).Want(http.StatusSeeOther)
			open("while another time is held")
			b.Patient.Post("/booking/"+b.Token+"/confirm", "slot", b.Slots[6].ID, "seen-sequence", "0").Want(http.StatusSeeOther)
			open("moved")
			b.Patient.Post("/booking/"+b.Token+"/cancel", "cancel-reason", "").Want(http.StatusSeeOther)
			open("cancelled")
		})
	}
}

// pathsInLetters are the paths to which letters of all kinds that there are lead, about the booking as it is now. A letter of a kind that is new
// is among them as soon as there is one.
func pathsInLetters(t *testing.T, b *servertest.Booked) (paths []string) {
	t.Helper()
	a, err := b.Store.Appointment(t.Context(), storetest.Owner, b.BookingID)
	servertest.Must(t, err)
	settings, err := b.Store.Settings(t.Context())
	servertest.Must(t, err)
	leads := 0
	for _, kind := range clinic.LetterKinds {
		for _, lang := range web.Languages() {
			l := clinic.ConfirmationFor(settings, a, b.Token, b.Clock.Now())
			if l.Kind, l.Content.Lang = kind, lang; kind.Ends() {
				l.Content.Token = ""
			}
			written, err := letter.Write(l, b.BaseURL)
			servertest.Must(t, err)
			doc, err := goquery.NewDocumentFromReader(strings.NewReader(written.HTML))
			servertest.Must(t, err)
			links := doc.Find("a[href]").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("href", "") })
			for _, link := range append(links, linkInText.FindAllString(written.Text, -1)...) {
				path, ours := strings.CutPrefix(link, b.BaseURL.String())
				switch {
				case strings.HasPrefix(link, "tel:"):
				case !ours:
					t.Errorf("the %s leads to %s", kind, link)
				default:
					if path == "" {
						path = "/"
					}
					leads++
					if !slices.Contains(paths, path) {
						paths = append(paths, path)
					}
				}
			}
		}
	}
	if leads < 2*2*len(clinic.LetterKinds) { // in text and HTML, in both languages
		t.Errorf("%d kinds of letters have %d links", len(clinic.LetterKinds), leads)
	}
	return paths
}

var linkInText = regexp.MustCompile(`https?://[^\s]+`)
