package main_test

import (
	"database/sql"
	"flag"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
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

// everyPoint has TestFaults_KillPoints kill at each write instead of at some.
var everyPoint = flag.Bool("every-point", false, "kill at every write")

// somePoints is how many of a flow's writes are tried unless all are.
const somePoints = 6

// flowWorld is a clinic in which something is about to be done, and the browser that is about to do it.
type flowWorld struct {
	settings settings
	clinic   smallClinic
	cookies  http.CookieJar
	token    string // of the link of a booking
	booking  string // its id
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

// flows are what people do, and what the worker does. Each is prepared before the clinic is copied; what it posts is read from its page, and
// whether that had its effect is said by the answer. A flow without a request is done by the server itself.
var flows = map[string]struct {
	prepare func(t *testing.T, w *flowWorld, p *process)
	request func(t *testing.T, w *flowWorld, v *visitor) (path string, form url.Values)
}{
	"booking": {
		func(*testing.T, *flowWorld, *process) {},
		func(_ *testing.T, w *flowWorld, _ *visitor) (string, url.Values) {
			return "/book", servertest.BookingForm(w.clinic.slots[1])
		},
	},
	"moving": {
		bookFirst,
		func(t *testing.T, w *flowWorld, v *visitor) (string, url.Values) {
			path := "/booking/" + w.token + "/confirm"
			return path, hidden(t, v.get(path+"?slot="+w.clinic.slots[1]))
		},
	},
	"cancelling": {
		bookFirst,
		func(t *testing.T, w *flowWorld, v *visitor) (string, url.Values) {
			path := "/booking/" + w.token + "/cancel"
			return path, hidden(t, v.get(path))
		},
	},
	"answering": {
		bookFirst,
		func(t *testing.T, w *flowWorld, v *visitor) (string, url.Values) {
			questions, err := config.Questionnaire()
			must(t, err)
			section := questions.Intake[0]
			path := "/intake/" + w.token + "/" + section.ID
			return path, with(servertest.SectionForm(section, servertest.Answers()), "seen-revision", hidden(t, v.get(path)).Get("seen-revision"))
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
			password := addStaff(t, w.settings, "doctor", "doctor@example.jp", "見本 守", w.clinic.doctor.ID)
			if a := w.browser(t, p).post("/office/sign-in", url.Values{"email": {"doctor@example.jp"}, "password": {password}}); a.Status != http.StatusSeeOther {
				t.Fatalf("signing in answers %d", a.Status)
			}
		},
		func(t *testing.T, w *flowWorld, v *visitor) (string, url.Values) {
			path := "/office/charts/" + w.booking + "/note"
			form := hiddenIn(t, v.get(path), "form#note")
			form.Set("proposal", "運動を週2回。")
			return path, with(form, "do", "sure")
		},
	},
	"sending": {bookFirst, nil},
}

// bookFirst books the first slot by the pages.
func bookFirst(t *testing.T, w *flowWorld, p *process) {
	t.Helper()
	a := w.browser(t, p).post("/book", servertest.BookingForm(w.clinic.slots[0]))
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

// effects are what is stored of a flow: how many rows there are, and in which states. What the worker does in its own time is left out.
func effects(t *testing.T, s settings) map[string]int {
	t.Helper()
	facts := storetest.Read(t, s["MADOGUCHI_DATABASE"])
	out := map[string]int{}
	for _, table := range []string{"bookings", "claims", "letters", "patients", "links", "intakes", "intake_versions", "notes", "note_versions"} {
		for _, row := range facts[table] {
			what := table
			for field := range strings.FieldsSeq(row) {
				if name, value, _ := strings.Cut(field, "="); name == "kind" || table == "bookings" && (name == "status" || name == "slot_id") {
					what += " " + value
				}
			}
			out[what]++
		}
	}
	return out
}

// TestFaults_KillPoints: wherever the program is killed while somebody books, moves, cancels, answers or signs, or while the worker sends, at each
// write to the database and in the middle of one: what was answered is there after the restart, what was not is there whole or not at all,
// and done once more it has one effect. The letter arrives, twice only under one Message-ID.
func TestFaults_KillPoints(t *testing.T) {
	library, err := faultsLibrary()
	must(t, err)
	for name := range flows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newFlowWorld(t, name)
			file := strings.TrimPrefix(w.settings["MADOGUCHI_DATABASE"], "sqlite:")
			before, err := os.ReadFile(file)
			must(t, err)
			cell := newCell(t)
			under := maps.Clone(w.settings)
			under["LD_PRELOAD"], under["FAULTS_CELL"], under["FAULTS_PATH"] = library, cell.file, file
			none := effects(t, w.settings)

			fresh := func() {
				for _, end := range []string{"-wal", "-shm"} {
					must(t, os.RemoveAll(file+end))
				}
				must(t, os.WriteFile(file, before, 0o600)) //nolint:gosec // a folder of this test
			}
			// do does the flow with a server that dies at the n-th write, or later, and says whether it was answered and how many writes there were.
			do := func(n int64, torn bool) (answered bool, writes int64) {
				fresh()
				if flows[name].request == nil {
					cell.begin(n, torn)
				}
				p, alive := startFragile(t, command(t, under, "serve"))
				if alive {
					answered = w.act(t, p, name, func() { cell.begin(n, torn) })
					if flows[name].request == nil {
						w.waitSent(t, p)
					}
				}
				writes = atomic.LoadInt64(cell.written)
				p.kill(t)
				return answered, writes
			}
			answered, writes := do(0, false)
			whole := effects(t, w.settings)
			if !answered || writes < 3 || name != "sending" && maps.Equal(none, whole) {
				t.Fatalf("undisturbed it answers %v after %d writes, with %v", answered, writes, whole)
			}
			step := int64(1)
			if !*everyPoint {
				step = max(1, writes/somePoints)
			}
			for n := int64(1); n <= writes; n += step {
				sent := len(w.mails.Messages())
				answered, _ := do(n, n%2 == 0)
				now := effects(t, w.settings)
				if !maps.Equal(now, whole) && (answered && name != "sending" || !maps.Equal(now, none)) {
					t.Errorf("killed at write %d of %d, answered %v: there is %v", n, writes, answered, now)
				}
				wholeDatabase(t, file)
				makeDue(t, w.settings)
				p := serve(t, w.settings)
				if !w.act(t, p, name, func() {}) && !maps.Equal(now, whole) {
					t.Errorf("killed at write %d of %d, it cannot be done once more", n, writes)
				}
				w.waitSent(t, p)
				p.stop(t)
				if after := effects(t, w.settings); !maps.Equal(after, whole) {
					t.Errorf("killed at write %d of %d and done once more: there is %v instead of %v", n, writes, after, whole)
				}
				ids := map[string]int{}
				for _, m := range w.mails.Messages()[sent:] {
					ids[messageID(t, m)]++
				}
				if len(ids) > len(lettersOf(t, w.settings)) || slices.Max(append(slices.Collect(maps.Values(ids)), 1)) > 2 {
					t.Errorf("killed at write %d of %d: the letters that arrived are %v", n, writes, ids)
				}
			}
			t.Logf("%d writes", writes)
		})
	}
}

// newFlowWorld is a clinic on SQLite that is ready for a flow, and stands still.
func newFlowWorld(t *testing.T, name string) *flowWorld {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	w := &flowWorld{cookies: jar, mails: mailtest.Start(t, mailtest.Script{})}
	w.settings = newSettings(t, "sqlite")
	if name != "sending" { // the letters of what was prepared are gone; those of the flow itself arrive
		w.settings.mailTo(w.mails, "")
	}
	w.clinic = openClinic(t, w.settings, 3)
	p := serve(t, w.settings)
	flows[name].prepare(t, w, p)
	if name == "sending" {
		p.stop(t)
		storetest.Exec(t, w.settings["MADOGUCHI_DATABASE"], "UPDATE letters SET status = 'waiting', sent_at = NULL, attempts = 0, due_at = ?", time.Now().UTC().Add(-time.Second))
		w.settings.mailTo(w.mails, "")
		return w
	}
	w.waitSent(t, p)
	p.stop(t)
	return w
}

// act does a flow, and says whether it was answered as done. ready is called once its page is read.
func (w *flowWorld) act(t *testing.T, p *process, name string, ready func()) (answered bool) {
	t.Helper()
	if flows[name].request == nil {
		return true
	}
	v := w.browser(t, p)
	path, form := flows[name].request(t, w, v)
	ready()
	a, err := v.do(http.MethodPost, path, "application/x-www-form-urlencoded", form.Encode(), nil)
	if err == nil && a.Status >= http.StatusBadRequest {
		t.Logf("%s answers %d", path, a.Status)
	}
	return err == nil && a.Status == http.StatusSeeOther
}

// waitSent waits until no letter is due any more, or the server has died.
func (w *flowWorld) waitSent(t *testing.T, p *process) {
	t.Helper()
	eventually(t, "the letters are sent", func() bool {
		select {
		case <-p.ended:
			return true
		default:
		}
		return !slices.ContainsFunc(lettersOf(t, w.settings), func(row string) bool {
			return strings.Contains(row, "status=waiting") || strings.Contains(row, "status=sending")
		})
	})
}

func lettersOf(t *testing.T, s settings) []string {
	t.Helper()
	return storetest.Read(t, s["MADOGUCHI_DATABASE"])["letters"]
}

// wholeDatabase fails the test unless SQLite finds its file in order.
func wholeDatabase(t *testing.T, file string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+file)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	var said string
	must(t, db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&said))
	var broken int
	must(t, db.QueryRowContext(t.Context(), "SELECT count(*) FROM pragma_foreign_key_check").Scan(&broken))
	if said != "ok" || broken > 0 {
		t.Errorf("the database says %s, and has %d broken references", said, broken)
	}
}
