package office_test

import (
	"net/http"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/office"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
)

// With every place taken, who comes hears at once that they should come again, keeps what they typed but for the password, and is
// not counted. A browser on which the person has signed in before has a place all the same.
func TestSignIn_SaysAtOnceThatTheQueueIsFull(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	known, stranger := s.Visitor(t), s.Visitor(t)
	known.SignIn(servertest.FrontDesk, servertest.Password).Want(http.StatusSeeOther)
	known.Post("/office/sign-out").Want(http.StatusSeeOther)
	office.FillPlaces(t)
	before := s.Facts(t)
	for range clinic.SignInsPerAccount + 1 {
		a := stranger.SignIn(servertest.FrontDesk, servertest.Password).Want(http.StatusServiceUnavailable)
		if a.Header.Get("Retry-After") != "5" || stranger.Cookie(page.SessionCookie) != "" || a.Find("#email").AttrOr("value", "") != servertest.FrontDesk {
			t.Errorf("Retry-After %q, the page:\n%s", a.Header.Get("Retry-After"), a.Body)
		}
		a.WantText("main", "混み合って")
	}
	s.WantUnchanged(t, before)
	if lines := strings.Count(s.Journal.String(), "status=503"); lines != 1 {
		t.Errorf("%d lines in the log tell of it", lines)
	}
	known.SignIn(servertest.Doctor, servertest.Password).Want(http.StatusServiceUnavailable) // another's account
	known.SignIn(servertest.FrontDesk, servertest.Password).Want(http.StatusSeeOther)
}
