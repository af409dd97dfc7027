package office_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server"
	"madoguchi/internal/server/office"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

const password = "架空の合言葉です2026" // of every account in these tests

var passwordHash = sync.OnceValues(func() (string, error) { return office.HashPassword(password) })

// The accounts of these tests.
const (
	adminMail     = "admin@example.jp"
	receptionMail = "reception@example.jp"
	doctorMail    = "doctor@example.jp"    // the clinic's first doctor
	colleagueMail = "colleague@example.jp" // the second
)

// counter is a clinic with its staff, served: what its people see when they open a browser.
type counter struct {
	storetest.Clinic

	t       *testing.T
	store   *store.Store
	clock   *storetest.Clock
	handler http.Handler
	site    *page.Site
}

// eachCounter runs a test on both engines.
func eachCounter(t *testing.T, test func(t *testing.T, o *counter)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) { test(t, newCounter(t, s, clock)) })
}

func newCounter(t *testing.T, s *store.Store, clock *storetest.Clock) *counter {
	t.Helper()
	hash, err := passwordHash()
	check(t, err)
	o := serve(t, &counter{Clinic: storetest.NewClinic(t, s), t: t, store: s, clock: clock})
	for _, account := range []clinic.Staff{
		{EveryBranch: true, Role: clinic.Admin, Name: "管理 見本", Email: adminMail},
		{EveryBranch: true, Role: clinic.FrontDesk, Name: "受付 見本", Email: receptionMail},
		{EveryBranch: true, Role: clinic.DoctorRole, Name: "見本 花", Email: doctorMail, DoctorID: o.Doctors[0].ID},
		{EveryBranch: true, Role: clinic.DoctorRole, Name: "見本 守", Email: colleagueMail, DoctorID: o.Doctors[1].ID},
	} {
		account.PasswordHash = hash
		_, err := s.AddStaff(t.Context(), storetest.Owner, account)
		check(t, err)
	}
	return o
}

// serve builds the server of a counter.
func serve(t *testing.T, o *counter) *counter {
	t.Helper()
	o.site = &page.Site{
		Store: o.store, BaseURL: &url.URL{Scheme: "http", Host: "clinic.example"},
		ClinicName: intake.Text{JA: "見本クリニック", EN: "Mihon Clinic"}, Holiday: config.Holiday, Now: o.clock.Now,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	var err error
	o.handler, err = server.New(o.site, nil, func() bool { return true })
	check(t, err)
	return o
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// slotOf is a slot of the clinic's n-th doctor, the i-th of the day after the clock's beginning.
func (o *counter) slotOf(doctor, i int) clinic.Slot {
	o.t.Helper()
	for _, s := range o.Slots {
		if s.DoctorID == o.Doctors[doctor].ID {
			if i == 0 {
				return s.Slot
			}
			i--
		}
	}
	o.t.Fatal("the doctor has fewer slots")
	return clinic.Slot{}
}

// book books a slot for the n-th patient.
func (o *counter) book(slot clinic.Slot, n int) clinic.Receipt {
	o.t.Helper()
	return storetest.Book(o.t, o.store, storetest.Request(slot.ID, n))
}

// marker stands in every free text of a planted intake; it may reach its doctor and nobody else.
const marker = "秘密の回答ＱＺ"

// answers are those of a patient with something for every severity.
var answers = map[string][]string{
	"area_main": {"back"}, "look": {"fat", "line"}, "height": {"158"}, "weight": {"60.4"}, "goal_w": {"55"}, "sit_h": {"h9p"}, "phone_h": {"h3p"},
	"posture": {"hunch", "roundsh"}, "scapula": {"hard"}, "cold": {"stiff", "chill"}, "flex": {"pain"}, "pain": {"back"}, "pain_lv": {"4"}, "pain_care": {"no"},
	"ex30": {"w1"}, "level": {"beginner"}, "stretch": {"bounce"}, "meals": {"m3"}, "late": {"yes"}, "carb_fat": {"carb"}, "protein": {"daily"},
	"sleep": {"h6"}, "alcohol": {"rare"}, "smoke": {"no"}, "tried": {"diet", "este"}, "result": {"part"}, "bad_tx": {marker + "エステ"},
	"preg": {"no"}, "hx_cold": {"cad"}, "hx": {"none"}, "fam": {"none"}, "meds": {"warf"}, "med_names": {marker + "錠"}, "allergy": {"none"},
	"implant": {"none"}, "site": {"none"}, "surgery": {"no"}, "worry": {marker + "が不安です。"}, "c_true": {"yes"},
}

// answer sends the first sections of the intake behind a booking, all of them for a large number.
func (o *counter) answer(r clinic.Receipt, sections int) {
	o.t.Helper()
	_, err := o.store.AnswerIntake(o.t.Context(), clinic.PatientByLink(r.Token), func(c store.Chart) (intake.Record, error) {
		record, facts := c.Intake, o.Questions.FactsFor(c.Appointment)
		for i, section := range o.Questions.Asked(record, facts) {
			if i == sections {
				break
			}
			var errs clinic.Errors
			if record, errs = o.Questions.Answer(record, section, answers, facts, o.clock.Now()); len(errs) > 0 {
				return record, errs
			}
		}
		return record, nil
	})
	check(o.t, err)
}

const allSections = 99

// fail makes the letter of the only booking so far come back.
func (o *counter) failLetter() {
	o.t.Helper()
	letter, ok, err := o.store.ClaimLetter(o.t.Context())
	check(o.t, err)
	if !ok {
		o.t.Fatal("no letter is due")
	}
	check(o.t, o.store.LetterFailed(o.t.Context(), letter, "smtp 550 5.1.1", true))
}

// browser is one browser in front of the counter. It keeps cookies and follows nothing.
type browser struct {
	t       *testing.T
	handler http.Handler
	cookies map[string]string
	address string // of the network
}

func (o *counter) browser() *browser {
	return &browser{t: o.t, handler: o.handler, cookies: map[string]string{}, address: "192.0.2.1:1234"}
}

// signedIn is a browser in which somebody has signed in. The password is left out, because comparing one takes long.
func (o *counter) signedIn(mail string) *browser {
	o.t.Helper()
	b := o.browser()
	staff, err := o.store.StaffByEmail(o.t.Context(), mail)
	check(o.t, err)
	b.cookies[session], err = o.store.StartSession(o.t.Context(), staff, "")
	check(o.t, err)
	return b
}

func (b *browser) signIn(mail, word string) *answered {
	b.t.Helper()
	return b.post("/office/sign-in", "email", mail, "password", word)
}

// answered is what a browser got.
type answered struct {
	*goquery.Document

	t        *testing.T
	status   int
	location string
	header   http.Header
	body     string
}

func (b *browser) get(path string) *answered {
	b.t.Helper()
	return b.do(httptest.NewRequestWithContext(b.t.Context(), http.MethodGet, path, nil))
}

// post sends a form of names and values in turn.
func (b *browser) post(path string, pairs ...string) *answered {
	b.t.Helper()
	form := url.Values{}
	for pair := range slices.Chunk(pairs, 2) {
		form.Add(pair[0], pair[1])
	}
	r := httptest.NewRequestWithContext(b.t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

func (b *browser) do(r *http.Request) *answered {
	b.t.Helper()
	r.RemoteAddr = b.address
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value}) //nolint:gosec // what a browser sends back
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	result := w.Result()
	defer func() { check(b.t, result.Body.Close()) }()
	for _, c := range result.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	a := &answered{t: b.t, status: w.Code, location: w.Header().Get("Location"), header: w.Header(), body: w.Body.String()}
	var err error
	a.Document, err = goquery.NewDocumentFromReader(strings.NewReader(a.body))
	check(b.t, err)
	return a
}

// want checks the status and returns the answer.
func (a *answered) want(status int) *answered {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, a.text("main"))
	}
	return a
}

// text is what a selector finds, its pieces of text with one space between them.
func (a *answered) text(selector string) string { return words(a.Find(selector)) }

// texts are the texts of each element that a selector finds.
func (a *answered) texts(selector string) []string {
	return a.Find(selector).Map(func(_ int, s *goquery.Selection) string { return words(s) })
}

func words(s *goquery.Selection) string {
	var pieces []string
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			pieces = append(pieces, strings.Fields(n.Data)...)
		}
		for child := range n.ChildNodes() {
			walk(child)
		}
	}
	for _, n := range s.Nodes {
		walk(n)
	}
	return strings.Join(pieces, " ")
}

// wantText checks that what a selector finds says something.
func (a *answered) wantText(selector, want string) {
	a.t.Helper()
	if got := a.text(selector); !strings.Contains(got, want) {
		a.t.Errorf("%s says %q, want %q in it", selector, got, want)
	}
}

// wantField checks that a field of a form is marked with an error and still holds what was typed.
func (a *answered) wantField(name, typed string) {
	a.t.Helper()
	control := a.Find("#" + name)
	if a.Find("#"+name+"-error").Length() != 1 {
		a.t.Errorf("the field %s is not marked", name)
	}
	if value, _ := control.Attr("value"); value != typed {
		a.t.Errorf("the field %s holds %q, want %q", name, value, typed)
	}
	if a.Find(`#wrongs a[href="#`+name+`"]`).Length() != 1 {
		a.t.Errorf("the summary does not lead to %s", name)
	}
}
