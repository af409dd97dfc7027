package server_test

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
)

// A page is packed for a browser that says it can unpack it, unpacks into the same page, and its packed length differs from
// answer to answer, so that it tells nothing about a secret on the page.
func TestCompression(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{Lang: "ja"})
	ask := func(path, accept string) (http.Header, []byte) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.URL+path, http.NoBody)
		servertest.Must(t, err)
		r.Header.Set("Accept-Encoding", accept)
		answer, err := http.DefaultTransport.RoundTrip(r)
		servertest.Must(t, err)
		body, err := io.ReadAll(answer.Body)
		servertest.Must(t, err)
		servertest.Must(t, answer.Body.Close())
		return answer.Header, body
	}
	path := "/slots?branch=" + b.Branch.ID
	head, plain := ask(path, "identity")
	if head.Get("Content-Encoding") != "" || !strings.Contains(string(plain), "空き") {
		t.Fatalf("without: %s, %d bytes", head.Get("Content-Encoding"), len(plain))
	}
	head, packed := ask(path, "gzip, br")
	if head.Get("Content-Encoding") != "gzip" || !strings.Contains(head.Get("Vary"), "Accept-Encoding") || len(packed) > len(plain)*2/3 {
		t.Fatalf("with: %v, %d of %d bytes", head, len(packed), len(plain))
	}
	reader, err := gzip.NewReader(strings.NewReader(string(packed)))
	servertest.Must(t, err)
	unpacked, err := io.ReadAll(reader)
	servertest.Must(t, err)
	if drawn.ReplaceAllString(string(unpacked), "") != drawn.ReplaceAllString(string(plain), "") {
		t.Error("it unpacks into another page")
	}
	lengths := map[int]bool{}
	for i := range 40 {
		_, packed := ask(path+"&article="+strings.Repeat("a", i), "gzip")
		lengths[len(packed)%33] = true
	}
	if len(lengths) < 5 {
		t.Errorf("the lengths of forty answers are %v: nothing is padded", lengths)
	}
	// What is no page stays as it is.
	if head, _ := ask("/booking/"+b.Token+"/calendar.ics", "gzip"); head.Get("Content-Encoding") != "" {
		t.Error("the calendar file is packed")
	}
}

// What calendars that are open ask for is packed once for all of them, unpacks into what others get, and is drawn anew after a change.
func TestCompression_OfALiveCalendar(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		session := s.StartSession(t, servertest.FrontDesk)
		first := s.SlotOf(t, 0, 0)
		path := s.URL + "/office/week?branch=" + s.Branch.ID + "&date=" + clinic.DateOf(first.StartsAt, s.Branch.Location()).String()
		ask := func(accept string) string {
			t.Helper()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
			servertest.Must(t, err)
			r.Header.Set("Accept-Encoding", accept)
			r.Header.Set(page.LiveHeader, "1")
			r.AddCookie(&http.Cookie{Name: page.SessionCookie, Value: session}) //nolint:gosec // what a browser sends back
			answer, err := http.DefaultTransport.RoundTrip(r)
			servertest.Must(t, err)
			body, err := io.ReadAll(answer.Body)
			servertest.Must(t, errors.Join(err, answer.Body.Close()))
			head := answer.Header
			if answer.StatusCode != http.StatusOK || head.Get("Vary") == "" || (head.Get("Content-Encoding") == "gzip") != strings.HasPrefix(accept, "gzip, ") {
				t.Fatalf("%q is answered %d, %v", accept, answer.StatusCode, head)
			}
			return string(body)
		}
		packed := ask("gzip, deflate, br")
		if again := ask("gzip, br"); again != packed {
			t.Error("it is packed once more, though nothing has changed")
		}
		reader, err := gzip.NewReader(strings.NewReader(packed))
		servertest.Must(t, err)
		unpacked, err := io.ReadAll(reader)
		servertest.Must(t, err)
		for _, accept := range []string{"identity", "gzip;q=0", "br, gzip;q=0.0"} {
			if plain := ask(accept); plain != string(unpacked) {
				t.Errorf("%q gets another calendar", accept)
			}
		}
		s.Book(t, first, 1)
		if after := ask("gzip, br"); after == packed {
			t.Error("it is as it was before somebody booked")
		}
	})
}

// The switch of language returns to where the reader is, from a page that says what is wrong as well.
func TestLanguage_ReturnsFromAProblem(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{Lang: "ja"})
	v := b.Visitor(t)
	back := func(a *servertest.Answer) string {
		return a.Find("form[action='/language'] [name=back]").AttrOr("value", "")
	}
	if got := back(v.Get("/no-such-page?a=b").Want(http.StatusNotFound)); got != "/no-such-page?a=b" {
		t.Errorf("from a missing page to %q", got)
	}
	for referer, want := range map[string]string{
		b.BaseURL.String() + "/book?x=1":           "/book?x=1",
		"https://elsewhere.example/book":           "/",
		b.BaseURL.String() + "//elsewhere.example": "/",
		"":     "/",
		"::::": "/",
	} {
		v := b.Visitor(t)
		if referer != "" {
			v.Header.Set("Referer", referer)
		}
		a := v.Post("/no-such-page", "slot", "none") // a form of which we know no page
		if a.Status < 400 || back(a) != want {
			t.Errorf("from the answer %d to a form sent from %q to %q, want %q", a.Status, referer, back(a), want)
		}
	}
}

// The first page says what it is, in its title and wherever a link to it is shown.
func TestHome_Preview(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{Lang: "ja"})
	a := b.Visitor(t).Get("/?area=back").Want(http.StatusOK)
	want := map[string]string{
		"og:title": "医師による無料カウンセリングのご予約 | 見本クリニック", "og:site_name": "見本クリニック", "og:type": "website", "og:locale": "ja_JP", "og:url": b.BaseURL.String() + "/",
	}
	for property, content := range want {
		if got := a.Find("meta[property='"+property+"']").AttrOr("content", ""); got != content {
			t.Errorf("%s is %q, want %q", property, got, content)
		}
	}
	if got := a.Text("title"); got != want["og:title"] {
		t.Errorf("the title is %q", got)
	}
	for _, picture := range []string{a.Find("meta[property='og:image']").AttrOr("content", ""), a.Find("link[rel=apple-touch-icon]").AttrOr("href", "")} {
		shown := b.Visitor(t).Get(strings.TrimPrefix(picture, b.BaseURL.String())).Want(http.StatusOK)
		if shown.Header.Get("Content-Type") != "image/png" {
			t.Errorf("%s is %s", picture, shown.Header.Get("Content-Type"))
		}
	}
	if a := b.Visitor(t).Get("/booking/" + b.Token); a.Find("meta[property^='og:']").Length() != 0 {
		t.Error("a page of one person has a preview")
	}
}
