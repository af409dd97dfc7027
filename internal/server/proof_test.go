package server_test

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
)

// visitorOf is somebody of the staff who may open a route.
func visitorOf(b *servertest.Booked, r server.Route) *servertest.Visitor {
	if r.Ability == "" || b.Staff[servertest.Admin].Can(r.Ability) {
		return b.Admin
	}
	return b.Doctor
}

// TestRoutes_WantASecondFactor asks for every route of the staff without the second factor that the clinic wants: nothing but what sets one
// up, and the way out, can be opened.
func TestRoutes_WantASecondFactor(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{Answer: secret})
	b.Admin.Post("/office/staff", "second_factor", "yes").Want(http.StatusSeeOther)
	half := map[string]bool{}
	for _, r := range server.Routes() {
		if !r.Staff || r.Path == "/office/sign-out" {
			continue
		}
		if r.Half {
			half[r.Path] = true
			continue
		}
		a := visitorOf(b, r).Send(r.Method, b.Fill(r.Path), strings.NewReader(asked(b).Encode()), servertest.FormHeader())
		if r.Method == http.MethodGet && (a.Status != http.StatusSeeOther || a.Location() != "/office/me/second") || r.Method == http.MethodPost && a.Status != http.StatusForbidden {
			t.Errorf("%s answers %d and leads to %q", a.Asked, a.Status, a.Location())
		}
	}
	for path := range half {
		if !strings.HasPrefix(path, "/office/me/second") && path != "/office/prove" && path != "/office/prove/ask" {
			t.Errorf("%s is open without a second factor", path)
		}
	}
}

// TestProof_IsSeen: no link that wants a proof is one that a browser saves without a look, because it would save the page that asks for it under the
// name of the file.
func TestProof_IsSeen(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{Answer: secret})
	fresh := map[string]*regexp.Regexp{}
	for _, r := range server.Routes() {
		if r.Fresh && r.Method == http.MethodGet {
			fresh[r.Path] = regexp.MustCompile("^" + regexp.MustCompile(":[a-z]+").ReplaceAllString(regexp.QuoteMeta(r.Path), "[^/?]+") + `(\?|$)`)
		}
	}
	linked := map[string]bool{}
	for what, a := range everyPage(t, b) {
		if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			continue
		}
		a.Find("a[href]").Each(func(_ int, link *goquery.Selection) {
			for path, is := range fresh {
				if !is.MatchString(link.AttrOr("href", "")) {
					continue
				}
				linked[path] = true
				if _, saved := link.Attr("download"); saved {
					t.Errorf("%s: the browser saves whatever %s answers", what, path)
				}
			}
		})
	}
	for _, path := range []string{"/office/list.csv", "/office/numbers.csv", "/office/charts/:id/response.json"} {
		if !linked[path] {
			t.Errorf("no page links to %s: this test would notice nothing; linked are %v", path, slices.Sorted(maps.Keys(linked)))
		}
	}
}

// TestRoutes_WantAProof asks for every route whose list entry says so a while after the sign-in: nothing happens before whoever asks has
// shown who they are again. The list itself is written out once more.
func TestRoutes_WantAProof(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{Answer: secret})
	b.Clock.Advance(clinic.ProofLife)
	b.Admin.Get("/office/staff").Want(http.StatusOK) // and that they were seen is written down
	b.Doctor.Get("/office/doctor").Want(http.StatusOK)
	before := b.Facts(t)
	want := map[string]bool{
		"GET /office/list.csv": true, "GET /office/charts/:id/response.json": true, "GET /office/numbers.csv": true, "POST /office/questionnaire/publish": true,
		"GET /office/patients/:id/export": true, "GET /office/patients/:id/export.json": true, "POST /office/patients/:id/erase": true, "GET /office/audit/affected.csv": true, "GET /office/audit.csv": true,
		"POST /office/staff": true, "POST /office/staff/:id": true, "POST /office/staff/:id/link": true, "POST /office/staff/:id/active": true,
		"POST /office/staff/:id/unlock": true, "POST /office/staff/:id/second": true,
		"POST /office/me/second/app": true, "POST /office/me/second/app/confirm": true, "POST /office/me/second/app/remove": true, "POST /office/me/second/codes": true,
		"GET /office/me/second/passkey": true, "POST /office/me/second/passkey": true, "POST /office/me/second/passkey/ask": true, "POST /office/me/second/passkey/remove": true, "POST /office/me/second/passkeys/:id": true,
	}
	for _, r := range server.Routes() {
		line := r.Method + " " + r.Path
		if r.Fresh != want[line] {
			t.Errorf("%s wants a proof: %t", line, r.Fresh)
		}
		delete(want, line)
		if !r.Fresh {
			continue
		}
		a := visitorOf(b, r).Send(r.Method, b.Fill(r.Path), strings.NewReader(asked(b).Encode()), servertest.FormHeader())
		if r.Method == http.MethodGet && !strings.HasPrefix(a.Location(), "/office/prove?next=") || r.Method == http.MethodPost && (a.Status != http.StatusForbidden || a.Find("#proof-password").Length() != 1) {
			t.Errorf("%s answers %d and leads to %q", a.Asked, a.Status, a.Location())
		}
	}
	for line := range want {
		t.Errorf("there is no %s", line)
	}
	b.WantUnchanged(t, before)
}
