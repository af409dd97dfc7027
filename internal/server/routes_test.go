package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// secret stands in every free text of an intake. It may reach the patient and the doctor of the appointment.
const secret = "秘密の回答ＱＺ"

// medical are answers and cautions that only a doctor may read; each is looked for in whatever the others get.
var medical = []string{secret, "寒冷凝集素症", "ワルファリン", "保留", "医師が確認", "脂肪冷却", "60.4", "BMI"}

// asked is a form that most routes of the office understand.
func asked(b *servertest.Booked) url.Values {
	return url.Values{"q": {"シケン"}, "branch": {b.Branch.ID}, "doctor": {b.Doctors[0].ID}, "date": {"2026-11-25"}}
}

// TestRoutes_AreOpenToWhomTheyAreFor asks for every route as everybody, with the ids of what really exists.
func TestRoutes_AreOpenToWhomTheyAreFor(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{Answer: secret})
			office := 0
			for _, r := range server.Routes() {
				if !r.Staff || r.Path == "/office/sign-out" {
					continue
				}
				office++
				for email, v := range map[string]*servertest.Visitor{
					"": b.Visitor(t), servertest.Admin: b.Admin, servertest.FrontDesk: b.FrontDesk, servertest.Doctor: b.Doctor, servertest.Colleague: b.Colleague,
				} {
					a := v.Send(r.Method, b.Fill(r.Path), strings.NewReader(asked(b).Encode()), servertest.FormHeader())
					may := email != "" && (r.Ability == "" || b.Staff[email].Can(r.Ability))
					switch {
					case email == "" && r.Method == http.MethodGet:
						if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location(), "/office/sign-in?next=") {
							t.Errorf("nobody gets %d from %s", a.Status, a.Asked)
						}
					case email == "":
						if a.Status != http.StatusUnauthorized {
							t.Errorf("nobody gets %d from %s", a.Status, a.Asked)
						}
					case !may:
						if a.Status != http.StatusForbidden {
							t.Errorf("%s gets %d from %s", email, a.Status, a.Asked)
						}
					case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden || a.Status >= http.StatusInternalServerError:
						t.Errorf("%s gets %d from %s", email, a.Status, a.Asked)
					case v == b.Colleague && r.Path == "/office/charts/:id" && a.Status != http.StatusNotFound:
						t.Errorf("the colleague gets %d from another doctor's chart", a.Status)
					}
					if a.Header.Get("Cache-Control") != "no-store" {
						t.Errorf("%s as %q may be kept by a cache", a.Asked, email)
					}
				}
			}
			if office < 18 {
				t.Errorf("only %d routes for staff were asked for", office)
			}
		})
	}
}

// disclosed are the two routes at which an administrator, who has proved again who they are, gets all that is stored of a person, to hand it to them
// (ADR 52). TestExport_HasEverything says who gets it.
func disclosed(who string, r server.Route) bool {
	return who == "admin" && (r.Path == "/office/patients/:id/export" || r.Path == "/office/patients/:id/export.json")
}

// TestAnswers_ReachTheirDoctorAlone asks for every page there is, of the patients and of the staff, as everybody who is not
// the doctor of the appointment, and looks for what that doctor reads.
func TestAnswers_ReachTheirDoctorAlone(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{Answer: secret})
			chart := b.Doctor.Get("/office/charts/" + b.BookingID).Body
			for _, word := range medical {
				if !strings.Contains(chart, word) {
					t.Fatalf("the doctor's page does not say %q: this test would notice nothing", word)
				}
			}
			for _, r := range server.Routes() {
				if r.Path == "/office/sign-out" {
					continue // it would end the session that the next one needs
				}
				// Whoever has the patient's link may read what stands behind it; these do not.
				path := strings.ReplaceAll(r.Path, ":token", clinic.NewToken())
				for who, v := range map[string]*servertest.Visitor{"nobody": b.Visitor(t), "admin": b.Admin, "front desk": b.FrontDesk, "colleague": b.Colleague} {
					for _, query := range []string{"", "?date=2026-11-25&branch=" + b.Branch.ID + "&doctor=" + b.Doctors[0].ID + "&done=resent"} {
						a := v.Send(r.Method, b.Fill(path)+query, strings.NewReader(asked(b).Encode()), servertest.FormHeader())
						words := medical
						if !r.Staff || strings.HasPrefix(r.Path, "/office/cautions") || strings.HasPrefix(r.Path, "/office/questionnaire") {
							words = medical[:1] // the questions and the rules are about illnesses by name, whoever has them
						}
						for _, word := range words {
							if !disclosed(who, r) && strings.Contains(a.Body, word) || strings.Contains(a.Location(), word) {
								t.Errorf("the %s reads %q at %s", who, word, a.Asked)
							}
						}
					}
				}
			}
		})
	}
}
