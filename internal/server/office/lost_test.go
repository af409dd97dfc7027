package office_test

import (
	"testing"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
)

// TestLost_IsSaidAndNothingIsLost: where a part of a page cannot be brought up to date, because the session has ended, what stands there
// and what was typed stay, and the page says so; no page stands inside another.
func TestLost_IsSaidAndNothingIsLost(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	s.Book(t, s.SlotOf(t, 0, 0), 0)
	for path, part := range map[string]struct{ field, typed, found string }{
		"/office/patients":                    {"#q", "しけん", "#found tbody tr"},
		"/office/phone?branch=" + s.Branch.ID: {"#call-q", "しけん", "[data-call-list=slot] .hit"},
		"/office/hours?branch=" + s.Branch.ID: {"[name=valid_until]", "2027-03-01", "#hours #week"},
	} {
		v := browsertest.Visit(t, s.URL, browsertest.Desktop)
		v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Admin))
		v.Open(path)
		v.WaitFor(part.found)
		if v.Sees("#lost") {
			t.Errorf("%s says so before anything is lost", path)
		}
		s.Clock.Advance(clinic.SessionIdle + 1)
		browsertest.Read[bool](v, `(field => {
			field.value = "`+part.typed+`";
			for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, {bubbles: true}));
			return true;
		})(document.querySelector("`+part.field+`"))`)
		v.WaitFor("#lost:not([hidden])")
		if !v.Sees(part.found) || browsertest.Read[int](v, `document.querySelectorAll("main").length`) != 1 {
			t.Errorf("%s is no longer as it was", path)
		}
		if value := browsertest.Read[string](v, `document.querySelector("`+part.field+`").value`); value != part.typed {
			t.Errorf("%s shows %q of what was typed", path, value)
		}
	}
}
