package patient_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
)

func withPuzzles(s *servertest.Site) { s.Puzzles = true }

// solve fills in what a browser does for the form on a page.
func solve(t *testing.T, a *servertest.Answer, form url.Values) url.Values {
	t.Helper()
	text, _ := a.Find("input[name=guard-puzzle]").Attr("value")
	p, ok := clinic.ParsePuzzle(text)
	if !ok {
		t.Fatalf("the form has the puzzle %q", text)
	}
	form.Set("key", a.Find("input[name=key]").AttrOr("value", ""))
	form.Set("guard-puzzle", text)
	form.Set("guard-proof", p.Solve())
	return form
}

func noticed(s *servertest.Site, event clinic.FormEvent) int { return s.Store.CountedForms()[event] }

// TestGuard_Puzzle: a form that was solved books, once; another's, an old one, a replayed one and one of another time book nothing, and what was typed stays.
func TestGuard_Puzzle(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v := s.Visitor(t)
		slot, other := s.Slots[0].ID, s.Slots[1].ID
		v.Post("/hold", "slot", slot).Want(http.StatusSeeOther)
		shown := v.Get("/book?slot=" + slot).Want(http.StatusOK)
		form := solve(t, shown, servertest.BookingForm(slot))

		stranger := s.Visitor(t)
		stranger.Post("/hold", "slot", other).Want(http.StatusSeeOther)
		form.Set("slot", other)
		a := v.PostForm("/book", form).Want(http.StatusUnprocessableEntity)
		if a.Find("#family_name").AttrOr("value", "") != "試験" || !strings.Contains(a.Text("main"), "もう一度") {
			t.Errorf("of another time: %s", a.Text("main"))
		}
		form.Set("slot", slot)
		stranger.PostForm("/book", form).Want(http.StatusUnprocessableEntity) // the puzzle of another visitor
		if n := noticed(s, clinic.FormExpired); n != 2 {
			t.Errorf("%d were noticed", n)
		}
		s.Clock.Advance(clinic.PuzzleFor)
		v.PostForm("/book", form).Want(http.StatusUnprocessableEntity)
		form = solve(t, v.Get("/book?slot="+slot).Want(http.StatusOK), form)
		s.Clock.Advance(clinic.Hasty)
		token := v.PostForm("/book", form).Token()

		// The same again leads to the same booking, and with somebody else's name to none.
		if again := v.PostForm("/book", form).Want(http.StatusSeeOther); !strings.Contains(again.Header.Get("Location"), token) {
			t.Errorf("sent again it leads to %s", again.Header.Get("Location"))
		}
		v.Header.Set("Cookie", "visitor=") // a script that throws its cookie away
		form.Set("family_name", "別人")
		before := s.Facts(t)
		if v.PostForm("/book", form).Status == http.StatusSeeOther {
			t.Error("a proof has booked twice")
		}
		if got := len(s.Facts(t)["bookings"]); got != len(before["bookings"]) {
			t.Errorf("there are %d bookings", got)
		}
		if noticed(s, clinic.FormHasty) != 0 {
			t.Error("nobody was hasty")
		}
	}, withPuzzles)
}

// TestGuard_Hasty: a form that comes at once is counted and books.
func TestGuard_Hasty(t *testing.T) {
	s := servertest.Open(t, "sqlite", withPuzzles)
	v := s.Visitor(t)
	form := solve(t, v.Get("/book?slot="+s.Slots[0].ID).Want(http.StatusOK), servertest.BookingForm(s.Slots[0].ID))
	s.Clock.Advance(time.Second)
	v.PostForm("/book", form).Token()
	if n := noticed(s, clinic.FormHasty); n != 1 {
		t.Errorf("%d were noticed", n)
	}
}

// TestGuard_Trap: whoever fills in what nobody sees reads that it was received, and nothing is written.
func TestGuard_Trap(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	v := s.Visitor(t)
	before := s.Facts(t)
	form := servertest.BookingForm(s.Slots[0].ID)
	form.Set("home-page", "https://example.com")
	a := v.PostForm("/book", form).Want(http.StatusOK)
	if text := a.Text("main"); !strings.Contains(text, "受け付けました") || !strings.Contains(text, s.Branch.Phone) {
		t.Errorf("it says %s", text)
	}
	v.Post("/waiting", "branch", s.Branch.ID, "home-page", "x").Want(http.StatusOK)
	s.WantUnchanged(t, before)
	if n := noticed(s, clinic.FormTrapped); n != 2 {
		t.Errorf("%d were noticed", n)
	}
	page := v.Get("/book?slot=" + s.Slots[0].ID).Want(http.StatusOK)
	trap := page.Find("#home-page")
	if trap.AttrOr("tabindex", "") != "-1" || trap.AttrOr("autocomplete", "") != "off" || trap.Closest("[aria-hidden=true].hidden").Length() != 1 {
		t.Error("the trap is in people's way")
	}
}

// TestGuard_Code: without scripts a code goes to the address, once; with it the form books, with a wrong one it comes back. Nothing is booked before.
func TestGuard_Code(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		v := s.Visitor(t)
		slot := s.Slots[0].ID
		v.Post("/hold", "slot", slot).Want(http.StatusSeeOther)
		form := servertest.BookingForm(slot)
		form.Set("key", v.Get("/book?slot="+slot).Find("input[name=key]").AttrOr("value", ""))
		a := v.PostForm("/book", form).Want(http.StatusUnprocessableEntity)
		if a.Find("#guard-code").Length() != 1 || a.Find("#family_name").AttrOr("value", "") != "試験" || len(s.Facts(t)["bookings"]) != 0 {
			t.Fatalf("it answers %s", a.Text("main"))
		}
		v.PostForm("/book", form).Want(http.StatusUnprocessableEntity)
		if n := len(s.Facts(t)["letters"]); n != 1 {
			t.Errorf("%d letters were written", n)
		}
		l, ok, err := s.Store.ClaimLetter(t.Context())
		servertest.Must(t, err)
		if !ok || l.Kind != clinic.CodeLetter || l.Content.To != form.Get("email") || l.Content.ToName != "" {
			t.Fatalf("the letter is %+v", l)
		}
		servertest.Must(t, s.Store.LetterSent(t.Context(), l))
		form.Set("guard-code", "0000 0000")
		if a := v.PostForm("/book", form).Want(http.StatusUnprocessableEntity); a.Find("#guard-code").AttrOr("aria-invalid", "") != "true" {
			t.Errorf("a wrong code: %s", a.Text("main"))
		}
		form.Set("guard-code", l.Content.Reference)
		s.Clock.Advance(2 * clinic.CodeEvery)
		v.PostForm("/book", form).Want(http.StatusUnprocessableEntity) // its time is over
		l, _, err = s.Store.ClaimLetter(t.Context())
		servertest.Must(t, err)
		form.Set("email", "somebody-else@example.jp")
		form.Set("guard-code", l.Content.Reference)
		v.PostForm("/book", form).Want(http.StatusUnprocessableEntity) // it is of another address
		form.Set("email", l.Content.To)
		form.Set("guard-code", "　"+strings.Map(func(r rune) rune {
			if r == ' ' {
				return r
			}
			return r - '0' + '０'
		}, l.Content.Reference))
		v.PostForm("/book", form).Token()
	}, withPuzzles)
}

// TestGuard_Waiting: the form of the waiting list is guarded in the same way.
func TestGuard_Waiting(t *testing.T) {
	s := servertest.Open(t, "sqlite", withPuzzles)
	v := s.Visitor(t)
	shown := v.Get("/waiting?branch=" + s.Branch.ID).Want(http.StatusOK)
	form := url.Values{
		"branch": {s.Branch.ID}, "wait-until": {shown.Find("#wait-until").AttrOr("value", "")}, "family_name": {"試験"}, "given_name": {"花子"},
		"family_kana": {"シケン"}, "given_kana": {"ハナコ"}, "phone": {"090-0000-0001"}, "email": {"hanako@example.jp"},
	}
	if a := v.PostForm("/waiting", form).Want(http.StatusUnprocessableEntity); a.Find("#guard-code").Length() != 1 {
		t.Errorf("without a proof: %s", a.Text("main"))
	}
	v.PostForm("/waiting", solve(t, shown, form)).Want(http.StatusSeeOther)
}
