package server

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// secret stands in every free text of an intake. It may reach the patient and the doctor of the appointment.
const secret = "秘密の回答ＱＺ"

// medical are answers and cautions that only a doctor may read; each is looked for in whatever the others get.
var medical = []string{secret, "寒冷凝集素症", "ワルファリン", "保留", "医師が確認", "脂肪冷却", "60.4", "BMI"}

// guarded is a clinic with one answered booking, served, and a session for each kind of staff.
type guarded struct {
	storetest.Clinic

	t        *testing.T
	store    *store.Store
	server   *Server
	handler  http.Handler
	booking  clinic.Receipt
	sessions map[string]string
	able     map[string]clinic.Staff
}

func newGuarded(t *testing.T, s *store.Store, clock *storetest.Clock) *guarded {
	t.Helper()
	g := &guarded{Clinic: storetest.NewClinic(t, s), t: t, store: s, sessions: map[string]string{}, able: map[string]clinic.Staff{}}
	site := &page.Site{
		Store: s, BaseURL: &url.URL{Scheme: "http", Host: "clinic.example"},
		Holiday: config.Holiday, Now: clock.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	var err error
	g.handler, err = New(site, nil, func() bool { return true })
	ok(t, err)
	g.server = &Server{Site: site}
	for name, account := range map[string]clinic.Staff{
		"admin": {Role: clinic.Admin}, "reception": {Role: clinic.FrontDesk},
		"doctor": {Role: clinic.DoctorRole, DoctorID: g.Doctors[0].ID}, "colleague": {Role: clinic.DoctorRole, DoctorID: g.Doctors[1].ID},
	} {
		account.EveryBranch, account.Name, account.Email, account.PasswordHash = true, name, name+"@example.jp", "not used here"
		account, err := s.AddStaff(t.Context(), storetest.Owner, account)
		ok(t, err)
		g.sessions[name], err = s.StartSession(t.Context(), account, "")
		ok(t, err)
		g.able[name] = account
	}
	g.plant(g.Questions)
	return g
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// plant books a slot of the first doctor and answers the whole intake.
func (g *guarded) plant(questions *intake.Questionnaire) {
	g.t.Helper()
	slot := g.Slots[0].Slot
	for _, s := range g.Slots {
		if s.DoctorID == g.Doctors[0].ID {
			slot = s.Slot
			break
		}
	}
	g.booking = storetest.Book(g.t, g.store, storetest.Request(slot.ID, 1))
	_, err := g.store.AnswerIntake(g.t.Context(), clinic.PatientByLink(g.booking.Token), func(c store.Chart) (intake.Record, error) {
		record := c.Intake
		record.Version, record.Answers = questions.Version, intake.Answers{
			"height": {"158"}, "weight": {"60.4"}, "hx_cold": {"cad"}, "meds": {"warf"}, "med_names": {secret}, "worry": {secret},
			"tried": {"este"}, "bad_tx": {secret}, "allergy": {"food"}, "allergy_txt": {secret},
		}
		return record, nil
	})
	ok(g.t, err)
}

// fill puts real ids into a route's path.
func (g *guarded) fill(path string) string {
	id := g.booking.BookingID
	switch {
	case strings.HasPrefix(path, "/office/branches"):
		id = g.Branch.ID
	case strings.HasPrefix(path, "/office/doctors"):
		id = g.Doctors[0].ID
	case strings.HasPrefix(path, "/office/slots"):
		id = g.Slots[len(g.Slots)-1].ID
	}
	return strings.NewReplacer(":id", id, ":letter", storetest.LetterOf(g.t, g.store, g.booking.BookingID, clinic.Confirmation).ID, ":token", clinic.NewToken(), ":section", "medical", ":name", "x.eml").Replace(path)
}

func (g *guarded) request(method, path, who string) *httptest.ResponseRecorder {
	g.t.Helper()
	form := url.Values{"q": {"シケン"}, "branch": {g.Branch.ID}, "doctor": {g.Doctors[0].ID}, "date": {"2026-11-25"}}
	r := httptest.NewRequestWithContext(g.t.Context(), method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if who != "" {
		r.AddCookie(&http.Cookie{Name: page.SessionCookie, Value: g.sessions[who]}) //nolint:gosec // what a browser sends back
	}
	w := httptest.NewRecorder()
	g.handler.ServeHTTP(w, r)
	return w
}

// TestRoutes_AreOpenToWhomTheyAreFor asks for every route as everybody, with the ids of what really exists.
func TestRoutes_AreOpenToWhomTheyAreFor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		g := newGuarded(t, s, clock)
		office := 0
		for _, r := range g.server.routes() {
			if !r.who.staff || r.path == "/office/sign-out" {
				continue
			}
			office++
			for _, who := range []string{"", "admin", "reception", "doctor", "colleague"} {
				w := g.request(r.method, g.fill(r.path), who)
				may := who != "" && (r.who.ability == "" || g.able[who].Can(r.who.ability))
				got := w.Code
				switch {
				case who == "" && r.method == http.MethodGet:
					if got != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/office/sign-in?next=") {
						t.Errorf("nobody gets %d from %s %s", got, r.method, r.path)
					}
				case who == "":
					if got != http.StatusUnauthorized {
						t.Errorf("nobody gets %d from %s %s", got, r.method, r.path)
					}
				case !may:
					if got != http.StatusForbidden {
						t.Errorf("%s gets %d from %s %s", who, got, r.method, r.path)
					}
				case got == http.StatusUnauthorized || got == http.StatusForbidden || got >= http.StatusInternalServerError:
					t.Errorf("%s gets %d from %s %s", who, got, r.method, r.path)
				case who == "colleague" && r.path == "/office/charts/:id" && got != http.StatusNotFound:
					t.Errorf("the colleague gets %d from another doctor's chart", got)
				}
				if w.Header().Get("Cache-Control") != "no-store" {
					t.Errorf("%s %s as %q may be kept by a cache", r.method, r.path, who)
				}
			}
		}
		if office < 18 {
			t.Errorf("only %d routes for staff were asked for", office)
		}
	})
}

// TestAnswers_ReachTheirDoctorAlone asks for every page there is, of the patients and of the staff, as everybody who is not
// the doctor of the appointment, and looks for what that doctor reads.
func TestAnswers_ReachTheirDoctorAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		g := newGuarded(t, s, clock)
		chart := g.request(http.MethodGet, "/office/charts/"+g.booking.BookingID, "doctor").Body.String()
		for _, word := range medical {
			if !strings.Contains(chart, word) {
				t.Fatalf("the doctor's page does not say %q: this test would notice nothing", word)
			}
		}
		for _, r := range g.server.routes() {
			if r.path == "/office/sign-out" {
				continue // it would end the session that the next one needs
			}
			for _, who := range []string{"", "admin", "reception", "colleague"} {
				for _, query := range []string{"", "?date=2026-11-25&branch=" + g.Branch.ID + "&doctor=" + g.Doctors[0].ID + "&done=resent"} {
					w := g.request(r.method, g.fill(r.path)+query, who)
					words := medical
					if !r.who.staff {
						words = medical[:1] // a patient's own pages ask about illnesses by name
					}
					for _, word := range words {
						if strings.Contains(w.Body.String(), word) || strings.Contains(w.Header().Get("Location"), word) {
							t.Errorf("%q reads %q at %s %s%s", who, word, r.method, r.path, query)
						}
					}
				}
			}
		}
	})
}
