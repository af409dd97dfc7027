package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/office"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// smallClinic is a clinic with one branch, one doctor and free slots from tomorrow on.
type smallClinic struct {
	branch clinic.Branch
	doctor clinic.Doctor
	slots  []string // ids, in the order of their start
}

// openClinic puts a small clinic with n slots into an empty database. No connection of the tests stays open, so that what a
// killed process leaves behind is left alone.
func openClinic(t *testing.T, s settings, n int) smallClinic {
	t.Helper()
	var c smallClinic
	withStore(t, s, func(st *store.Store) {
		var err error
		c.branch, err = st.SaveBranch(t.Context(), storetest.Owner, clinic.Branch{
			Name: "見本クリニック", NameEn: "Mihon Clinic", Address: "見本県架空市1-2-3", AddressEn: "1-2-3 Kaku City", Phone: "03-0000-0000", Zone: clinic.DefaultZone,
		})
		must(t, err)
		c.doctor, err = st.SaveDoctor(t.Context(), storetest.Owner, clinic.Doctor{
			FamilyName: "見本", GivenName: "守", FamilyKana: "ミホン", GivenKana: "マモル", NameEn: "Mamoru Mihon", Sex: clinic.Male,
		}, []string{c.branch.ID})
		must(t, err)
		_, s[apiKey], err = st.AddAPIKey(t.Context(), storetest.Owner, "見本サイト")
		must(t, err)
		first := time.Now().UTC().Add(24 * time.Hour).Truncate(time.Hour)
		for _, slot := range storetest.AddSlots(t, st, c.branch, c.doctor, first, n) {
			c.slots = append(c.slots, slot.ID)
		}
	})
	return c
}

// withStore opens the database of a process for a moment.
func withStore(t *testing.T, s settings, use func(*store.Store)) {
	t.Helper()
	withStoreAt(t, s, time.Now, use)
}

// withStoreAt is withStore at another time.
func withStoreAt(t *testing.T, s settings, clock func() time.Time, use func(*store.Store)) {
	t.Helper()
	st, err := store.Open(t.Context(), s["MADOGUCHI_DATABASE"], clock)
	must(t, err)
	defer func() { must(t, st.Close()) }()
	_, err = st.Unlock(t.Context(), s["MADOGUCHI_KEYS"])
	must(t, err)
	use(st)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually asks again and again until the answer is yes; it is for what a process does by itself and tells nobody.
func eventually(t *testing.T, what string, ask func() bool) {
	t.Helper()
	patient, ticks := time.After(patience), time.NewTicker(20*time.Millisecond)
	defer ticks.Stop()
	for !ask() {
		select {
		case <-ticks.C:
		case <-patient:
			t.Fatal("it never happened that " + what)
		}
	}
}

// visitor is a browser without JavaScript: it keeps cookies, follows redirects and sends forms.
type visitor struct {
	t    *testing.T
	base string
	key  string // for the API
	http http.Client
}

func newVisitor(t *testing.T, p *process) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &visitor{t: t, base: p.URL, key: p.key, http: http.Client{Jar: jar}}
}

// answer is what came back at the end of all redirects.
type answer struct {
	Status int
	URL    *url.URL // of the page that answered
	Header http.Header
	Body   []byte
}

func (v *visitor) do(method, path, kind, body string, header http.Header) (answer, error) {
	return v.ask(v.t.Context(), method, path, kind, body, header)
}

// ask is do for who waits no longer than a context lasts.
func (v *visitor) ask(ctx context.Context, method, path, kind, body string, header http.Header) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, v.base+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if header != nil {
		r.Header = header
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if strings.HasPrefix(path, "/api/") {
		r.Header.Set("Authorization", "Bearer "+v.key)
	}
	response, err := v.http.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	text, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Request.URL, response.Header, text}, err
}

func (v *visitor) get(path string) answer {
	v.t.Helper()
	a, err := v.do(http.MethodGet, path, "", "", nil)
	must(v.t, err)
	return a
}

func (v *visitor) post(path string, form url.Values) answer {
	v.t.Helper()
	a, err := v.do(http.MethodPost, path, "application/x-www-form-urlencoded", form.Encode(), nil)
	must(v.t, err)
	return a
}

// expect fails the test unless the answer has this status and its page this path.
func (a answer) expect(t *testing.T, status int, path string) answer {
	t.Helper()
	if a.Status != status || !strings.HasPrefix(a.URL.Path, path) {
		t.Fatalf("%s answered %d, want %d at %s:\n%s", a.URL.Path, a.Status, status, path, a.Body)
	}
	return a
}

func (a answer) page(t *testing.T) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(a.Body))
	must(t, err)
	return doc
}

// bookingBody is a call that books a slot for the n-th of any number of patients.
func bookingBody(slotID string, n int) string {
	return fmt.Sprintf(`{"slot_id": %q, "patient": {"family_name": "試験", "given_name": "花子", "family_kana": "シケン", "given_kana": "ハナコ",
		"birth_date": "%d-04-%02d", "sex": "f", "phone": "0900000%04d", "email": "patient%d@example.jp"},
		"areas": ["back"], "consents": {"privacy": true, "cancellation": true}, "source": {"article": "back-fat"}}`, slotID, 1950+n/28, 1+n%28, n, n)
}

// callBooking books over the API, under a key of its own.
func (v *visitor) callBooking(slotID string, n int) (answer, error) {
	return v.do(http.MethodPost, "/api/v1/bookings", "application/json", bookingBody(slotID, n),
		http.Header{"Idempotency-Key": {fmt.Sprintf("key-%s-%d", slotID, n)}})
}

// mustBook books and returns the reference.
func (v *visitor) mustBook(slotID string, n int) string {
	v.t.Helper()
	a, err := v.callBooking(slotID, n)
	must(v.t, err)
	a.expect(v.t, http.StatusCreated, "/api/v1/bookings")
	var booked struct{ Reference string }
	must(v.t, json.Unmarshal(a.Body, &booked))
	return booked.Reference
}

// printedLink is what `staff add` says.
var printedLink = regexp.MustCompile(`chooses a password within 72 hours at (\S+/office/invitation/(\S+))`)

// addStaff makes an account by the command, chooses a password as its link does, and returns it.
func addStaff(t *testing.T, s settings, role, email, name, doctorID string) string {
	t.Helper()
	stdout, stderr, code := run(t, s, "staff", "add", "--role", role, "--email", email, "--name", name, "--doctor", doctorID)
	match := printedLink.FindStringSubmatch(stdout)
	if code != 0 || match == nil {
		t.Fatalf("staff add ended with %d: %s%s", code, stdout, stderr)
	}
	password := clinic.NewToken()
	hash, err := office.HashPassword(password)
	must(t, err)
	withStore(t, s, func(st *store.Store) {
		_, err := st.ChoosePassword(t.Context(), match[2], hash)
		must(t, err)
	})
	return password
}
