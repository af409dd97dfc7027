package office_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store/storetest"
	"madoguchi/web"
)

// faults are what a look at a page finds wrong: axe's violations, a page wider than its window, and targets too small for
// a finger.
const faults = `(async () => {
	const found = [];
	const {violations} = await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]});
	for (const v of violations) found.push("axe " + v.id + ": " + v.nodes.map(n => n.target.join(" ") + " " + n.failureSummary).join(" | "));
	if (document.documentElement.scrollWidth > innerWidth) found.push("wider than the window: " + document.documentElement.scrollWidth);
	for (const e of document.querySelectorAll("button, .choice, summary, a.button, input:not([type=hidden], [type=checkbox], [type=radio]), select")) {
		const {width, height} = e.getBoundingClientRect();
		if (e.checkVisibility() && (height < 44 || width < 24)) found.push("small target: " + e.outerHTML.slice(0, 80) + " " + width + "×" + height);
	}
	return found;
})()`

// sight is a page that somebody sees, after a script has been run on it, if there is one.
type sight struct{ who, path, script string }

// TestPages_InBrowser opens every page of the office, also with errors, in both languages on a phone, a tablet and a
// desktop, under the server's own content security policy.
func TestPages_InBrowser(t *testing.T) {
	clock := storetest.NewClock()
	s := storetest.Open(t, storetest.SQLiteURL(t), t.TempDir()+"/keys", clock.Now)
	o := newCounter(t, s, clock)
	o.site.Demo = true
	sights := o.furnish()

	// The browser has no session of its own: the server is told whose page to show.
	var who *browser
	var lang string
	served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.AddCookie(&http.Cookie{Name: "lang", Value: lang}) //nolint:gosec // what a browser sends
		for name, value := range who.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: value}) //nolint:gosec // what a browser sends
		}
		o.handler.ServeHTTP(w, r)
	}))
	t.Cleanup(served.Close)
	axe, err := os.ReadFile("../../../web/node_modules/axe-core/axe.min.js")
	check(t, err)
	tab := chromium(t)
	for _, seen := range sights {
		if who = o.browser(); seen.who != "" {
			who = o.signedIn(seen.who)
		}
		for _, lang = range web.Languages() {
			for _, width := range []int64{390, 1024, 1280} {
				check(t, chromedp.Do(tab, chromedp.EmulateViewport(width, 800), chromedp.Navigate(served.URL+seen.path)))
				if seen.script != "" {
					check(t, chromedp.Do(tab, chromedp.Evaluate[chromedp.Void](seen.script+";0"), chromedp.WaitVisible(".wrongs, .error, table, [role=alert], details[open]")))
				}
				check(t, chromedp.Do(tab, chromedp.Evaluate[chromedp.Void](string(axe)+";0")))
				found, err := chromedp.Run(tab, chromedp.Evaluate[[]string](faults, chromedp.EvalAwaitPromise))
				check(t, err)
				for _, f := range found {
					t.Errorf("%s in %s at %d: %s", seen.path, lang, width, strings.Join(strings.Fields(f), " "))
				}
			}
		}
	}
}

// furnish fills the clinic so that every kind of thing is on some page, and lists the pages.
func (o *counter) furnish() []sight {
	o.t.Helper()
	answered, begun, silent := o.book(o.slotOf(0, 0), 1), o.book(o.slotOf(0, 1), 2), o.book(o.slotOf(0, 2), 3)
	o.answer(answered, allSections)
	o.answer(begun, 3)
	o.failLetter()
	_, err := o.store.Hold(o.t.Context(), o.slotOf(1, 3).ID, clinic.NewToken(), "192.0.2.9")
	check(o.t, err)
	gone := o.book(o.slotOf(1, 0), 4)
	check(o.t, o.store.Cancel(o.t.Context(), gone.BookingID))
	letters, err := o.store.FailedLetters(o.t.Context())
	check(o.t, err)
	at := "?branch=" + o.Branch.ID + "&doctor=" + o.Doctors[0].ID + "&date=2026-11-25"
	send := func(form string) string { return `document.querySelector('` + form + `').requestSubmit()` }
	return []sight{
		{"", "/office/sign-in", ""},
		{"", "/office/sign-in", send("form.card")},
		{receptionMail, "/office/day" + at, ""},
		{adminMail, "/office/day?date=2026-12-24", ""},
		{receptionMail, "/office/search", `document.querySelector('#q').value = 'シケン'; ` + send("[role=search]")},
		{receptionMail, "/office/bookings/" + letters[0].BookingID, `document.querySelector('details').open = true`},
		{receptionMail, "/office/bookings/" + gone.BookingID, ""},
		{receptionMail, "/office/doctor", ""}, // not for reception
		{doctorMail, "/office/doctor" + at, ""},
		{doctorMail, "/office/charts/" + answered.BookingID, `document.querySelector('details').open = true`},
		{doctorMail, "/office/charts/" + begun.BookingID, ""},
		{doctorMail, "/office/charts/" + silent.BookingID, ""},
		{adminMail, "/office/branches?done=saved", ""},
		{adminMail, "/office/branches/new", send("main form")},
		{adminMail, "/office/doctors", ""},
		{adminMail, "/office/doctors/" + o.Doctors[0].ID, ""},
		{adminMail, "/office/doctors/new", send("main form")},
		{adminMail, "/office/slots" + at, ""},
		{adminMail, "/office/slots" + at, send("main form[novalidate]")},
	}
}

// chromium starts a browser for a test.
func chromium(t *testing.T) context.Context {
	t.Helper()
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.NoSandbox, chromedp.Flag("lang", "ja"), chromedp.Env("LANGUAGE=ja"))
	if path := os.Getenv("MADOGUCHI_TEST_CHROMIUM"); path != "" {
		options = append(options, chromedp.ExecPath(path))
	}
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	tab, stopTab := chromedp.NewContext(allocator)
	t.Cleanup(stopTab)
	return tab
}
