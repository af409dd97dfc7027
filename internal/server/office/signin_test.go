package office_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

func TestSignIn_LeadsEverybodyToTheirPage(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		for mail, start := range map[string]string{
			servertest.Admin: "/office/day", servertest.FrontDesk: "/office/day", servertest.Doctor: "/office/doctor", "DOCTOR@Example.jp": "/office/doctor",
		} {
			b := s.Visitor(t)
			a := b.SignIn(mail, servertest.Password).Want(http.StatusSeeOther)
			var cookie string
			for _, line := range a.Header.Values("Set-Cookie") {
				if strings.HasPrefix(line, page.SessionCookie+"=") {
					cookie = line
				}
			}
			if a.Location() != "/office" || !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") || strings.Contains(cookie, "Max-Age") {
				t.Errorf("%s goes to %s with the cookie %s", mail, a.Location(), cookie)
			}
			if a := b.Get("/office").Want(http.StatusSeeOther); a.Location() != start {
				t.Errorf("%s works at %s, want %s", mail, a.Location(), start)
			}
			if a := b.Get(start).Want(http.StatusOK); a.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s may be kept: %s", start, a.Header.Get("Cache-Control"))
			}
		}
	})
}

func TestSignIn_TellsNobodyWhichAccountsExist(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		known := s.Visitor(t).SignIn(servertest.FrontDesk, "not the password").Want(http.StatusUnprocessableEntity)
		unknown := s.Visitor(t).SignIn("nobody@example.jp", "not the password").Want(http.StatusUnprocessableEntity)
		known.WantText(".notice", "違います")
		if strings.ReplaceAll(known.Body, servertest.FrontDesk, "X") != strings.ReplaceAll(unknown.Body, "nobody@example.jp", "X") {
			t.Error("the two answers differ")
		}
		if v, _ := known.Find("#email").Attr("value"); v != servertest.FrontDesk {
			t.Errorf("the address typed became %q", v)
		}
		if v := known.Find("#password").AttrOr("value", ""); v != "" {
			t.Error("the page holds the password")
		}
		empty := s.Visitor(t).SignIn(" ", "").Want(http.StatusUnprocessableEntity)
		if empty.Find("#email-error, #password-error").Length() != 2 {
			t.Error("empty fields are not marked")
		}
	})
}

// behindProxy lets the tests choose the visitors' network addresses.
func behindProxy(s *servertest.Site) {
	s.Trusted = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
}

func TestSignIn_IsThrottledByAccount(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b := s.Visitor(t)
		for n := range clinic.SignInsPerAccount {
			b.Header.Set("X-Forwarded-For", fmt.Sprintf("192.0.2.%d", n)) // a throttle by address alone would not notice
			b.SignIn(servertest.FrontDesk, "wrong").Want(http.StatusUnprocessableEntity)
		}
		a := b.SignIn(" "+strings.ToUpper(servertest.FrontDesk), servertest.Password).Want(http.StatusTooManyRequests)
		a.WantText("[role=alert]", "15分")
		if a.Header.Get("Retry-After") != "900" || a.Find("form #password").Length() != 1 || b.Cookie(page.SessionCookie) != "" {
			t.Error("the page says too little, or lets in")
		}
		b.SignIn(servertest.Doctor, servertest.Password).Want(http.StatusSeeOther)
		s.Clock.Advance(clinic.SignInWindow)
		b.SignIn(servertest.FrontDesk, servertest.Password).Want(http.StatusSeeOther)
		b.SignIn(servertest.FrontDesk, "wrong").Want(http.StatusUnprocessableEntity) // the success took the count back
	}, behindProxy)
}

func TestSignIn_IsThrottledByAddress(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b := s.Visitor(t)
		b.Header.Set("X-Forwarded-For", "192.0.2.1")
		for n := range clinic.SignInsPerAddress - 1 { // as the form does, without the time that passwords take
			_, err := s.Store.TrySignIn(t.Context(), clinic.Visitor("", "192.0.2.1"), fmt.Sprintf("nobody%d@example.jp", n), "")
			servertest.Must(t, err)
		}
		b.SignIn("nobody@example.jp", "wrong").Want(http.StatusUnprocessableEntity)
		b.SignIn(servertest.FrontDesk, servertest.Password).Want(http.StatusTooManyRequests)
		b.Header.Set("X-Forwarded-For", "192.0.2.2")
		b.SignIn(servertest.FrontDesk, servertest.Password).Want(http.StatusSeeOther)
	}, behindProxy)
}

// Nobody else's wrong passwords keep somebody out of a browser on which they have signed in before, be it by the account or by the
// address; what is typed wrong there counts for itself. It is the browser of that account only, and what somebody makes up is none.
func TestSignIn_KnowsTheBrowser(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		desk := s.Visitor(t)
		desk.Header.Set("X-Forwarded-For", "192.0.2.1")
		cookies := strings.Join(desk.SignIn(servertest.FrontDesk, servertest.Password).Want(http.StatusSeeOther).Header.Values("Set-Cookie"), "\n")
		var name string
		for line := range strings.SplitSeq(cookies, "\n") {
			if strings.HasPrefix(line, "device-") {
				name, _, _ = strings.Cut(line, "=")
				if !strings.Contains(line, "HttpOnly") || !strings.Contains(line, "SameSite=Lax") || !strings.Contains(line, "Max-Age=") {
					t.Errorf("the cookie is %s", line)
				}
			}
		}
		if name == "" || strings.Contains(cookies, "frontdesk") {
			t.Fatalf("the cookies are %s", cookies)
		}
		device := desk.Cookie(name)
		flipped := "z"
		if strings.HasPrefix(device, flipped) {
			flipped = "y"
		}
		desk.Post("/office/sign-out").Want(http.StatusSeeOther)
		for _, email := range []string{servertest.FrontDesk, servertest.Doctor} {
			for n := range clinic.SignInsPerAddress { // as the form does, without the time that passwords take
				_, err := s.Store.TrySignIn(t.Context(), clinic.Visitor("", []string{"192.0.2.1", "192.0.2.2"}[n%2]), email, "")
				servertest.Must(t, err)
			}
		}
		for what, cookie := range map[string]string{
			"none": "", "made up": strings.Repeat("a", len(device)), "cut": device[:len(device)-1], "longer": device + "0", "changed": flipped + device[1:],
		} {
			other := s.Visitor(t)
			other.SetCookie(name, cookie)
			if a := other.SignIn(servertest.FrontDesk, servertest.Password); a.Status != http.StatusTooManyRequests {
				t.Errorf("a browser whose cookie is %s: %d", what, a.Status)
			}
		}
		desk.SignIn(servertest.Doctor, servertest.Password).Want(http.StatusTooManyRequests) // another account's
		for range clinic.SignInsPerAccount - 1 {
			desk.SignIn(servertest.FrontDesk, "wrong").Want(http.StatusUnprocessableEntity)
		}
		desk.SignIn(" "+strings.ToUpper(servertest.FrontDesk), servertest.Password).Want(http.StatusSeeOther)
		if desk.Cookie(name) == device {
			t.Error("the browser keeps the same cookie for ever")
		}
		copied, renewed := s.Visitor(t), desk.Cookie(name)
		copied.SetCookie(name, device)
		if a := copied.SignIn(servertest.FrontDesk, servertest.Password); a.Status != http.StatusTooManyRequests {
			t.Errorf("a copy of what was replaced: %d", a.Status)
		}
		desk.Post("/office/sign-out").Want(http.StatusSeeOther)
		for range clinic.SignInsPerAccount {
			desk.SignIn(servertest.FrontDesk, "wrong").Want(http.StatusUnprocessableEntity)
		}
		desk.SignIn(servertest.FrontDesk, servertest.Password).Want(http.StatusTooManyRequests) // its own count
		for _, c := range []struct {
			after time.Duration
			known bool
		}{{0, true}, {clinic.DeviceLife, true}, {time.Second, false}} {
			s.Clock.Advance(c.after)
			if known, err := s.Store.KnowsDevice(t.Context(), servertest.FrontDesk, renewed); err != nil || known != c.known {
				t.Errorf("%s later it is known: %t (%v)", c.after, known, err)
			}
		}
	}, behindProxy)
}

// Attempts are counted before the password is looked at, so that many at once do not all pass. The account is one that does
// not exist: comparing its password takes as long as in a real clinic.
func TestSignIn_IsThrottledAllAtOnce(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		var looked atomic.Int32
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				if s.Visitor(t).SignIn("nobody@example.jp", "wrong").Status == http.StatusUnprocessableEntity {
					looked.Add(1)
				}
			})
		}
		wg.Wait()
		if looked.Load() != clinic.SignInsPerAccount {
			t.Errorf("the password was looked at %d times", looked.Load())
		}
	})
}

func TestSession_IsNewAfterSigningIn(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b := s.Visitor(t)
		b.SetCookie(page.SessionCookie, "plantedplantedplantedplant")
		b.SignIn(servertest.FrontDesk, servertest.Password)
		first := b.Cookie(page.SessionCookie)
		b.SignIn(servertest.FrontDesk, servertest.Password)
		second := b.Cookie(page.SessionCookie)
		if first == second || first == "plantedplantedplantedplant" {
			t.Errorf("sessions %s, then %s", first, second)
		}
		stale := s.Visitor(t)
		stale.SetCookie(page.SessionCookie, first)
		stale.Get("/office/day").Want(http.StatusSeeOther)
		b.Get("/office/day").Want(http.StatusOK)

		b.Post("/office/sign-out").Want(http.StatusSeeOther)
		if b.Cookie(page.SessionCookie) != "" {
			t.Error("the cookie is kept after signing out")
		}
		b.SetCookie(page.SessionCookie, second)
		b.Get("/office/day").Want(http.StatusSeeOther)
	})
}

func TestSession_EndsWhenIdle(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		b := s.SignedIn(t, servertest.FrontDesk)
		for range 3 {
			s.Clock.Advance(clinic.SessionIdle - time.Second)
			b.Get("/office/day").Want(http.StatusOK)
		}
		s.Clock.Advance(clinic.SessionIdle)

		// Nothing is done for who is no longer known, and the way leads back to where they were.
		b.Post("/office/bookings/"+receipt.BookingID+"/cancel").Want(http.StatusUnauthorized).WantText("h1", "サインイン")
		if a, err := s.Store.Appointment(t.Context(), storetest.Owner, receipt.BookingID); err != nil || !a.Booking.Status.Live() {
			t.Errorf("the booking is %v %v", a.Booking.Status, err)
		}
		asked := "/office/day?branch=" + s.Branch.ID + "&date=2026-11-25"
		a := b.Get(asked).Want(http.StatusSeeOther)
		form := b.Get(a.Location()).Want(http.StatusOK)
		form.WantText(".notice", "しばらく操作がなかったため")
		next, _ := form.Find("input[name=next]").Attr("value")
		if next != asked {
			t.Fatalf("the way back is %q", next)
		}
		if a := b.Post("/office/sign-in", "email", servertest.FrontDesk, "password", servertest.Password, "next", next); a.Location() != asked {
			t.Errorf("signed in, the way leads to %s", a.Location())
		}
		if a := b.Get("/office/sign-in").Want(http.StatusSeeOther); a.Location() != "/office" {
			t.Errorf("who is signed in is led to %s", a.Location())
		}
		// Who was never signed in is not told that they were.
		if stranger := s.Visitor(t).Get("/office/sign-in"); stranger.Find(".notice").Length() != 0 {
			t.Error("a stranger is told of a session")
		}
	})
}

func TestSession_EndsWithTheWorkingDay(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		b := s.SignedIn(t, servertest.Doctor)
		begun := s.Clock.Now()
		for s.Clock.Now().Add(10 * time.Minute).Before(begun.Add(clinic.SessionAbsolute)) {
			s.Clock.Advance(10 * time.Minute)
			b.Get("/office/doctor").Want(http.StatusOK)
		}
		s.Clock.Advance(10 * time.Minute)
		b.Get("/office/doctor").Want(http.StatusSeeOther)
	})
}

func TestSignIn_LeadsNowhereElse(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		form := s.Visitor(t).Get("/office/sign-in?next=" + url.QueryEscape("//evil.example/office/")).Want(http.StatusOK)
		if next := form.Find("input[name=next]").AttrOr("value", "none"); next != "" {
			t.Errorf("the form carries %q", next)
		}
		a := s.Visitor(t).Post("/office/sign-in", "email", servertest.FrontDesk, "password", servertest.Password, "next", `/\evil.example`)
		if a.Location() != "/office" {
			t.Errorf("signed in, the way leads to %q", a.Location())
		}
	})
}
