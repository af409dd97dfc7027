package main_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	"madoguchi/internal/mail/mailtest"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// flowWorld is a clinic in which something is about to be done, and the browser that is about to do it.
type flowWorld struct {
	flow     flow
	settings settings
	clinic   smallClinic
	cookies  http.CookieJar
	token    string // of the link of a booking
	booking  string // its id
	password string // of the doctor
	mails    *mailtest.Server
}

// browser is the browser at a server, which may be another one than before. It follows no redirect: what answers a request has done it.
func (w *flowWorld) browser(t *testing.T, p *process) *visitor {
	t.Helper()
	v := newVisitor(t, p)
	v.http.Jar = w.cookies
	v.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return v
}

// hidden are the fields of a page's forms that nobody types.
func hidden(t *testing.T, a answer) url.Values {
	t.Helper()
	return hiddenIn(t, a, "main form")
}

// hiddenIn are those of one form.
func hiddenIn(t *testing.T, a answer, of string) url.Values {
	t.Helper()
	form := url.Values{}
	a.page(t).Find(of + " input[type=hidden]").Each(func(_ int, e *goquery.Selection) { form.Set(e.AttrOr("name", ""), e.AttrOr("value", "")) })
	return form
}

// with is a form with one field more.
func with(form url.Values, name, value string) url.Values {
	form = maps.Clone(form)
	form.Set(name, value)
	return form
}

// flow is how something is done. A request without a path says that it has been done already.
type flow struct {
	prepare func(t *testing.T, w *flowWorld, p *process)
	request func(t *testing.T, w *flowWorld, v *visitor) (path string, form url.Values)
}

// flows are what people do, and what the worker does. Each is prepared before the clinic is copied; what it posts is read from its page, and
// whether that had its effect is said by the answer. A flow without a request is done by the server itself.
var flows = map[string]flow{
	"booking": {
		func(*testing.T, *flowWorld, *process) {},
		func(_ *testing.T, w *flowWorld, v *visitor) (string, url.Values) {
			// The cookie by which a visitor finds their booking would have come with an answer. Without it the form's key is all there is.
			v.http.Jar = nil
			return "/book", servertest.BookingForm(w.clinic.slots[1])
		},
	},
	"moving": {
		bookFirst,
		func(t *testing.T, w *flowWorld, v *visitor) (string, url.Values) {
			path := "/booking/" + w.token + "/confirm"
			page := see(t, v, path+"?slot="+w.clinic.slots[1])
			if page.Status == http.StatusSeeOther { // it has this time
				return "", nil
			}
			return path, hidden(t, page)
		},
	},
	"cancelling": {
		bookFirst,
		func(t *testing.T, w *flowWorld, v *visitor) (string, url.Values) {
			path := "/booking/" + w.token + "/cancel"
			return path, hidden(t, see(t, v, path))
		},
	},
	"answering": {
		bookFirst,
		func(t *testing.T, w *flowWorld, v *visitor) (string, url.Values) {
			questions, err := config.Questionnaire()
			must(t, err)
			section := questions.Intake[0]
			path := "/intake/" + w.token + "/" + section.ID
			return path, with(servertest.SectionForm(section, servertest.Answers()), "seen-revision", hidden(t, see(t, v, path)).Get("seen-revision"))
		},
	},
	"signing": {
		func(t *testing.T, w *flowWorld, p *process) {
			t.Helper()
			// A note is written from the day of the counseling on, so that this one was yesterday.
			now := time.Now().UTC()
			withStoreAt(t, w.settings, func() time.Time { return now.Add(-48 * time.Hour) }, func(s *store.Store) {
				slot := storetest.AddSlots(t, s, w.clinic.branch, w.clinic.doctor, now.Add(-24*time.Hour).Truncate(time.Hour), 1)[0]
				receipt, err := s.Book(t.Context(), clinic.Visitor(clinic.NewToken(), "192.0.2.1"), storetest.Request(slot.ID, 1))
				must(t, err)
				w.booking = receipt.BookingID
			})
			w.password = addStaff(t, w.settings, "doctor", "doctor@example.jp", "見本 守", w.clinic.doctor.ID)
			w.signIn(t, w.browser(t, p))
		},
		func(t *testing.T, w *flowWorld, v *visitor) (string, url.Values) {
			path := "/office/charts/" + w.booking + "/note"
			page := see(t, v, path)
			if page.Status == http.StatusSeeOther { // to the sign-in: the session has ended since
				w.signIn(t, v)
				page = see(t, v, path)
			}
			form := hiddenIn(t, page, "form#note")
			form.Set("proposal", "運動を週2回。")
			return path, with(form, "do", "sure")
		},
	},
	"sending": {bookFirst, nil},
}

// signInForm is what the doctor sends to begin a session.
func (w *flowWorld) signInForm() url.Values {
	return url.Values{"email": {"doctor@example.jp"}, "password": {w.password}}
}

func (w *flowWorld) signIn(t *testing.T, v *visitor) {
	t.Helper()
	if a := say(t, v, "/office/sign-in", w.signInForm()); a.Status != http.StatusSeeOther {
		t.Fatalf("signing in answers %d", a.Status)
	}
}

// bookFirst books the first slot by the pages.
func bookFirst(t *testing.T, w *flowWorld, p *process) {
	t.Helper()
	a := say(t, w.browser(t, p), "/book", servertest.BookingForm(w.clinic.slots[0]))
	token, ok := strings.CutPrefix(a.Header.Get("Location"), "/booking/")
	if !ok {
		t.Fatalf("booking answers %d:\n%s", a.Status, a.Body)
	}
	w.token = token
	withStore(t, w.settings, func(s *store.Store) {
		chart, err := s.Intake(t.Context(), clinic.PatientByLink(token))
		must(t, err)
		w.booking = chart.Appointment.Booking.ID
	})
}

// newFlowWorld is a clinic that is ready for a flow, and stands still.
func newFlowWorld(t *testing.T, engine, name string, mails mailtest.Script) *flowWorld {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	w := &flowWorld{flow: flows[name], cookies: jar, mails: mailtest.Start(t, mails)}
	w.settings = newSettings(t, engine)
	w.settings["MADOGUCHI_ADDR"] = ownAddress()
	if name != "sending" { // the letters of what was prepared are gone; those of the flow itself arrive
		w.settings.mailTo(w.mails, "")
	}
	w.clinic = openClinic(t, w.settings, 6)
	p := serve(t, w.settings)
	w.flow.prepare(t, w, p)
	if name == "sending" {
		p.stop(t)
		storetest.Exec(t, w.settings["MADOGUCHI_DATABASE"], "UPDATE letters SET status = 'waiting', sent_at = NULL, attempts = 0")
		makeDue(t, w.settings)
		w.settings.mailTo(w.mails, "")
		return w
	}
	w.waitSent(t, p)
	p.stop(t)
	return w
}

var addresses atomic.Int64

// ownAddress is where the servers of one clinic listen and no other's, so that who asks a server that has died asks nobody else who has got its port.
func ownAddress() string { return fmt.Sprintf("127.0.56.%d:0", addresses.Add(1)) }

// act does a flow, and says whether it was answered as done. ready is called once its page is read.
func (w *flowWorld) act(t *testing.T, p *process, ready func()) (answered bool) {
	t.Helper()
	if w.flow.request == nil {
		return true
	}
	v := w.browser(t, p)
	path, form := w.flow.request(t, w, v)
	if path == "" {
		return true // its page says that it has been done
	}
	ready()
	a, err := v.do(http.MethodPost, path, "application/x-www-form-urlencoded", form.Encode(), nil)
	if err == nil && a.Status != http.StatusSeeOther {
		t.Logf("%s answers %d: %s", path, a.Status, a.Body)
	}
	return err == nil && a.Status == http.StatusSeeOther
}

// actAgain is act by who tries once more where there is no answer, which happens on a machine that has too much to do.
func (w *flowWorld) actAgain(t *testing.T, p *process) (answered bool) {
	t.Helper()
	for range fewTries {
		if w.act(t, p, func() {}) {
			return true
		}
	}
	return false
}

// fewTries is how often something is tried that goes at once, but on a machine that has too much to do: there a server gives up an answer after a minute.
const fewTries = 3

// persist asks a server that is well until it answers.
func persist(t *testing.T, ask func() (answer, error)) (a answer) {
	t.Helper()
	var err error
	for range fewTries {
		if a, err = ask(); err == nil {
			return a
		}
	}
	t.Fatal(err)
	return a
}

// see reads a page of a server that is well.
func see(t *testing.T, v *visitor, path string) answer {
	t.Helper()
	return persist(t, func() (answer, error) { return v.do(http.MethodGet, path, "", "", nil) })
}

// say sends a form to a server that is well.
func say(t *testing.T, v *visitor, path string, form url.Values) answer {
	t.Helper()
	return persist(t, func() (answer, error) {
		return v.do(http.MethodPost, path, "application/x-www-form-urlencoded", form.Encode(), nil)
	})
}

// waitSent waits until no letter is due any more, or the server has died.
func (w *flowWorld) waitSent(t *testing.T, p *process) {
	t.Helper()
	eventually(t, "the letters are sent", func() bool {
		return p.hasEnded() || !slices.ContainsFunc(lettersOf(t, w.settings), func(row string) bool {
			return strings.Contains(row, "status=waiting") || strings.Contains(row, "status=sending")
		})
	})
}

func lettersOf(t *testing.T, s settings) []string {
	t.Helper()
	return storetest.ReadTable(t, s["MADOGUCHI_DATABASE"], "letters")
}
