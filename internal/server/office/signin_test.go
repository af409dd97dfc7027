package office_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store/storetest"
)

const session = "session"

func TestSignIn_LeadsEverybodyToTheirPage(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		for mail, page := range map[string]string{
			adminMail: "/office/day", receptionMail: "/office/day", doctorMail: "/office/doctor", "DOCTOR@Example.jp": "/office/doctor",
		} {
			b := o.browser()
			a := b.signIn(mail, password).want(http.StatusSeeOther)
			cookie := a.header.Get("Set-Cookie")
			if a.location != "/office" || !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") || strings.Contains(cookie, "Max-Age") {
				t.Errorf("%s goes to %s with the cookie %s", mail, a.location, cookie)
			}
			if a := b.get("/office").want(http.StatusSeeOther); a.location != page {
				t.Errorf("%s works at %s, want %s", mail, a.location, page)
			}
			if a := b.get(page).want(http.StatusOK); a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s may be kept: %s", page, a.header.Get("Cache-Control"))
			}
		}
	})
}

func TestSignIn_TellsNobodyWhichAccountsExist(t *testing.T) {
	eachCounter(t, func(_ *testing.T, o *counter) {
		known := o.browser().signIn(receptionMail, "not the password").want(http.StatusUnprocessableEntity)
		unknown := o.browser().signIn("nobody@example.jp", "not the password").want(http.StatusUnprocessableEntity)
		known.wantText(".notice", "違います")
		if strings.ReplaceAll(known.body, receptionMail, "X") != strings.ReplaceAll(unknown.body, "nobody@example.jp", "X") {
			o.t.Error("the two answers differ")
		}
		if v, _ := known.Find("#email").Attr("value"); v != receptionMail {
			o.t.Errorf("the address typed became %q", v)
		}
		if v := known.Find("#password").AttrOr("value", ""); v != "" {
			o.t.Error("the page holds the password")
		}
		empty := o.browser().signIn(" ", "").want(http.StatusUnprocessableEntity)
		if empty.Find("#email-error, #password-error").Length() != 2 {
			o.t.Error("empty fields are not marked")
		}
	})
}

func TestSignIn_IsThrottledByAccount(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		b := o.browser()
		for n := range clinic.SignInsPerAccount {
			b.address = fmt.Sprintf("192.0.2.%d:1", n) // a throttle by address alone would not notice
			b.signIn(receptionMail, "wrong").want(http.StatusUnprocessableEntity)
		}
		a := b.signIn(" RECEPTION@example.jp", password).want(http.StatusTooManyRequests)
		a.wantText("[role=alert]", "15分")
		if a.header.Get("Retry-After") != "900" || a.Find("form #password").Length() != 1 || b.cookies[session] != "" {
			t.Error("the page says too little, or lets in")
		}
		b.signIn(doctorMail, password).want(http.StatusSeeOther)
		o.clock.Advance(clinic.SignInWindow)
		b.signIn(receptionMail, password).want(http.StatusSeeOther)
		b.signIn(receptionMail, "wrong").want(http.StatusUnprocessableEntity) // the success took the count back
	})
}

func TestSignIn_IsThrottledByAddress(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		b := o.browser()
		for n := range clinic.SignInsPerAddress - 1 { // as the form does, without the time that passwords take
			_, err := o.store.TrySignIn(t.Context(), clinic.Visitor("", "192.0.2.1"), fmt.Sprintf("nobody%d@example.jp", n))
			check(t, err)
		}
		b.signIn("nobody@example.jp", "wrong").want(http.StatusUnprocessableEntity)
		b.signIn(receptionMail, password).want(http.StatusTooManyRequests)
		b.address = "192.0.2.2:1"
		b.signIn(receptionMail, password).want(http.StatusSeeOther)
	})
}

// Attempts are counted before the password is looked at, so that many at once do not all pass.
func TestSignIn_IsThrottledAllAtOnce(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		var looked atomic.Int32
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				if o.browser().signIn(receptionMail, "wrong").status == http.StatusUnprocessableEntity {
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
	eachCounter(t, func(t *testing.T, o *counter) {
		b := o.browser()
		b.cookies[session] = "plantedplantedplantedplant"
		b.signIn(receptionMail, password)
		first := b.cookies[session]
		b.signIn(receptionMail, password)
		second := b.cookies[session]
		if first == second || first == "plantedplantedplantedplant" {
			t.Errorf("sessions %s, then %s", first, second)
		}
		stale := o.browser()
		stale.cookies[session] = first
		stale.get("/office/day").want(http.StatusSeeOther)
		b.get("/office/day").want(http.StatusOK)

		b.post("/office/sign-out").want(http.StatusSeeOther)
		if _, kept := b.cookies[session]; kept {
			t.Error("the cookie is kept after signing out")
		}
		b.cookies[session] = second
		b.get("/office/day").want(http.StatusSeeOther)
	})
}

func TestSession_EndsWhenIdle(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		receipt := o.book(o.slotOf(0, 0), 1)
		b := o.signedIn(receptionMail)
		for range 3 {
			o.clock.Advance(clinic.SessionIdle - time.Second)
			b.get("/office/day").want(http.StatusOK)
		}
		o.clock.Advance(clinic.SessionIdle)

		// Nothing is done for who is no longer known, and the way leads back to where they were.
		b.post("/office/bookings/"+receipt.BookingID+"/cancel").want(http.StatusUnauthorized).wantText("h1", "サインイン")
		if a, err := o.store.Appointment(t.Context(), storetest.Owner, receipt.BookingID); err != nil || !a.Booking.Status.Live() {
			t.Errorf("the booking is %v %v", a.Booking.Status, err)
		}
		asked := "/office/day?branch=" + o.Branch.ID + "&date=2026-11-25"
		a := b.get(asked).want(http.StatusSeeOther)
		form := b.get(a.location).want(http.StatusOK)
		form.wantText(".notice", "しばらく操作がなかったため")
		next, _ := form.Find("input[name=next]").Attr("value")
		if next != asked {
			t.Fatalf("the way back is %q", next)
		}
		if a := b.post("/office/sign-in", "email", receptionMail, "password", password, "next", next); a.location != asked {
			t.Errorf("signed in, the way leads to %s", a.location)
		}
		if a := b.get("/office/sign-in").want(http.StatusSeeOther); a.location != "/office" {
			t.Errorf("who is signed in is led to %s", a.location)
		}
		// Who was never signed in is not told that they were.
		if stranger := o.browser().get("/office/sign-in"); stranger.Find(".notice").Length() != 0 {
			t.Error("a stranger is told of a session")
		}
	})
}

func TestSession_EndsWithTheWorkingDay(t *testing.T) {
	eachCounter(t, func(_ *testing.T, o *counter) {
		b := o.signedIn(doctorMail)
		begun := o.clock.Now()
		for o.clock.Now().Add(10 * time.Minute).Before(begun.Add(clinic.SessionAbsolute)) {
			o.clock.Advance(10 * time.Minute)
			b.get("/office/doctor").want(http.StatusOK)
		}
		o.clock.Advance(10 * time.Minute)
		b.get("/office/doctor").want(http.StatusSeeOther)
	})
}

func TestSignIn_LeadsNowhereElse(t *testing.T) {
	eachCounter(t, func(t *testing.T, o *counter) {
		form := o.browser().get("/office/sign-in?next=" + url.QueryEscape("//evil.example/office/")).want(http.StatusOK)
		if next := form.Find("input[name=next]").AttrOr("value", "none"); next != "" {
			t.Errorf("the form carries %q", next)
		}
		a := o.browser().post("/office/sign-in", "email", receptionMail, "password", password, "next", `/\evil.example`)
		if a.location != "/office" {
			t.Errorf("signed in, the way leads to %q", a.location)
		}
	})
}
