package server

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store/storetest"
)

// house is a whole site on a database and a port of its own, at storetest.Begin.
type house struct {
	*page.Site
	storetest.Clinic
	URL     string // where it really listens; links begin with BaseURL
	Address string // of the database
	Clock   *storetest.Clock
	Journal *journal
	Alive   atomic.Bool // what the worker says
	handler http.Handler
}

// open opens a site on an engine. change may change it before it serves.
func open(t *testing.T, engine string, change ...func(*house)) *house {
	t.Helper()
	h := &house{Address: storetest.Engines[engine](t), Clock: storetest.NewClock(), Journal: &journal{}}
	h.Alive.Store(true)
	s := storetest.Open(t, h.Address, filepath.Join(t.TempDir(), "keys"), h.Clock.Now)
	h.Clinic = storetest.NewClinic(t, s)
	questions, err := config.Questionnaire()
	must(t, err)
	cautions, err := config.Cautions(questions)
	must(t, err)
	h.Site = &page.Site{
		Store: s, Questions: questions, Cautions: cautions, BaseURL: &url.URL{Scheme: "http", Host: "yoyaku.example.jp"},
		ClinicName: intake.Text{JA: "見本クリニック", EN: "Mihon Clinic"}, Holiday: config.Holiday, Now: h.Clock.Now,
		Log: slog.New(slog.NewTextHandler(h.Journal, nil)), Version: "test",
	}
	for _, c := range change {
		c(h)
	}
	if h.handler == nil {
		h.trust(t, nil)
	}
	server := httptest.NewUnstartedServer(nil)
	server.Config = NewHTTP(h.handler, h.Log)
	server.Start()
	t.Cleanup(server.Close)
	h.URL = server.URL
	return h
}

// trust builds the handler with proxies that are believed.
func (h *house) trust(t *testing.T, proxies []netip.Prefix) {
	t.Helper()
	var err error
	h.handler, err = New(h.Site, proxies, h.Alive.Load)
	must(t, err)
}

func (h *house) facts(t *testing.T) storetest.Facts {
	t.Helper()
	return storetest.Read(t, h.Address)
}

// unchanged fails the test when anything was written since.
func (h *house) unchanged(t *testing.T, since storetest.Facts) {
	t.Helper()
	if changed := h.facts(t).Changed(since); len(changed) > 0 {
		t.Errorf("rows were written in %v", changed)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// journal is a log that can be read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(line)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// visitor is a browser without JavaScript. It keeps cookies and stays where it is when it is sent on.
type visitor struct {
	house *house
	http  http.Client
}

func (h *house) visitor(t *testing.T, lang string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	v := &visitor{house: h, http: http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	v.post(t, "/language", url.Values{"lang": {lang}, "back": {"/"}}).expect(t, http.StatusSeeOther)
	return v
}

// answer is one answer of the site.
type answer struct {
	What   string // the request, for a failure's message
	Status int
	Header http.Header
	Body   []byte
}

func (v *visitor) send(t *testing.T, method, path string, body io.Reader, header http.Header) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, v.house.URL+path, body)
	must(t, err)
	for name, values := range header {
		r.Header[name] = values
	}
	r.Host = header.Get("Host")
	response, err := v.http.Do(r)
	must(t, err)
	defer func() { must(t, response.Body.Close()) }()
	text, err := io.ReadAll(response.Body)
	must(t, err)
	return answer{method + " " + path, response.StatusCode, response.Header, text}
}

func (v *visitor) get(t *testing.T, path string) answer {
	t.Helper()
	return v.send(t, http.MethodGet, path, nil, nil)
}

var formHeader = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}

func (v *visitor) post(t *testing.T, path string, form url.Values) answer {
	t.Helper()
	return v.send(t, http.MethodPost, path, strings.NewReader(form.Encode()), formHeader)
}

func (v *visitor) call(t *testing.T, body string) answer {
	t.Helper()
	return v.send(t, http.MethodPost, "/api/v1/bookings", strings.NewReader(body), http.Header{"Content-Type": {"application/json"}})
}

// expect fails the test unless the answer has this status.
func (a answer) expect(t *testing.T, status int) answer {
	t.Helper()
	if a.Status != status {
		t.Fatalf("%s answered %d, want %d:\n%.4000s", a.What, a.Status, status, a.Body)
	}
	return a
}

// to is the path that the answer sends on to.
func (a answer) to() string { return a.Header.Get("Location") }

func (a answer) page(t *testing.T) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(a.Body))
	must(t, err)
	return doc
}

// bookingForm is the form of a visitor who makes no mistake.
func bookingForm(slotID string) url.Values {
	return url.Values{
		"slot": {slotID}, "key": {"key-" + slotID}, "family_name": {"試験"}, "given_name": {"花子"}, "family_kana": {"シケン"}, "given_kana": {"ハナコ"},
		"birth_year": {"1990"}, "birth_month": {"4"}, "birth_day": {"1"}, "sex": {"f"}, "phone": {"090-0000-0001"}, "email": {"hanako@example.jp"},
		"contact": {"email", "tel"}, "visited": {"first"}, "areas": {"back", "thigh_b"}, "found": {"article"}, "request": {"駐車場はありますか。"},
		"c_privacy": {"yes"}, "c_cancel": {"yes"}, "area": {"back"}, "article": {"back-fat"},
	}
}

// book books a slot by the pages and returns the token of the link.
func (v *visitor) book(t *testing.T, slotID string) string {
	t.Helper()
	v.post(t, "/hold", url.Values{"slot": {slotID}}).expect(t, http.StatusSeeOther)
	a := v.post(t, "/book", bookingForm(slotID)).expect(t, http.StatusSeeOther)
	token, ok := strings.CutPrefix(a.to(), "/booking/")
	if !ok {
		t.Fatalf("the booking leads to %s", a.to())
	}
	return token
}

// signedIn is a member of staff in front of a browser. Signing in itself is tested in package office.
func (h *house) signedIn(t *testing.T, lang string, account clinic.Staff) *visitor {
	t.Helper()
	account.Name, account.Email, account.PasswordHash = "職員 見本", strings.ToLower(clinic.NewID())+"@example.jp", "not used here"
	account, err := h.Store.AddStaff(t.Context(), account)
	must(t, err)
	token, err := h.Store.StartSession(t.Context(), account.ID, "")
	must(t, err)
	v := h.visitor(t, lang)
	base, err := url.Parse(h.URL)
	must(t, err)
	v.http.Jar.SetCookies(base, []*http.Cookie{{Name: page.SessionCookie, Value: token}}) //nolint:gosec // what a browser sends back
	return v
}

// busy is a house in which somebody has booked and answered, and everybody is there.
type busy struct {
	*house
	token                    string // of the patient's link
	booking                  string // its id
	patient                  *visitor
	admin, reception, theirs *visitor // theirs is the doctor of the booking
}

// openBusy fills a house. answers are put into every free text, on top of goodAnswers.
func openBusy(t *testing.T, engine, lang, freeText string, change ...func(*house)) *busy {
	t.Helper()
	b := &busy{house: open(t, engine, change...)}
	b.patient = b.visitor(t, lang)
	form := bookingForm(b.Slots[0].ID)
	form.Set("areas", "chin")
	form.Set("request", freeText)
	b.token = strings.TrimPrefix(b.patient.post(t, "/book", form).expect(t, http.StatusSeeOther).to(), "/booking/")
	for _, section := range b.Questions.Intake {
		form := sectionForm(section)
		for _, q := range section.Questions {
			if q.Kind == intake.LongText {
				form.Set(q.ID, freeText)
			}
		}
		b.patient.post(t, "/intake/"+b.token+"/"+section.ID, form).expect(t, http.StatusSeeOther)
	}
	a, err := b.Store.AppointmentByToken(t.Context(), b.token)
	must(t, err)
	b.booking = a.Booking.ID
	b.admin = b.signedIn(t, lang, clinic.Staff{Role: clinic.Admin})
	b.reception = b.signedIn(t, lang, clinic.Staff{Role: clinic.FrontDesk})
	b.theirs = b.signedIn(t, lang, clinic.Staff{Role: clinic.DoctorRole, DoctorID: a.Doctor.ID})
	return b
}

// fill puts the ids of what exists into a route's path.
func (b *busy) fill(path string) string {
	id := b.booking
	switch {
	case strings.HasPrefix(path, "/office/branches"):
		id = b.Branch.ID
	case strings.HasPrefix(path, "/office/doctors"):
		id = b.Doctors[0].ID
	case strings.HasPrefix(path, "/office/slots"):
		id = b.Slots[len(b.Slots)-1].ID
	}
	return strings.NewReplacer(":id", id, ":letter", string(clinic.Confirmation), ":token", b.token, ":section", "medical", ":name", "x.eml").Replace(path)
}

// everybody is who may ask.
func (b *busy) everybody() map[string]*visitor {
	return map[string]*visitor{"patient": b.patient, "admin": b.admin, "reception": b.reception, "doctor": b.theirs}
}

// list is the list of routes.
func (h *house) list() []route { return (&Server{Site: h.Site}).routes() }
