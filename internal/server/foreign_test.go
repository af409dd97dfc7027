package server_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// foreigners employs one of each role at the other branch alone, and signs them in.
func foreigners(t *testing.T, b *servertest.Booked) map[string]*servertest.Visitor {
	t.Helper()
	doctor, err := b.Store.SaveDoctor(t.Context(), storetest.Owner, clinic.Doctor{
		FamilyName: "別院", GivenName: "望", FamilyKana: "ベツイン", GivenKana: "ノゾミ", NameEn: "Betsuin", Sex: clinic.Female, Career: "架空医科大学 卒業",
	}, []string{b.Other.ID})
	servertest.Must(t, err)
	out := map[string]*servertest.Visitor{}
	for email, account := range map[string]clinic.Staff{
		"admin-2@example.jp":     {Role: clinic.Admin, Name: "管理 第2"},
		"frontdesk-2@example.jp": {Role: clinic.FrontDesk, Name: "受付 第2"},
		"doctor-2@example.jp":    {Role: clinic.DoctorRole, Name: "別院 望", DoctorID: doctor.ID},
	} {
		account.Email, account.Branches = email, []string{b.Other.ID}
		b.Employ(t, account)
		out[email] = b.SignedIn(t, email)
	}
	return out
}

// naming is a form that names everything of the first branch by which a page of the staff is asked for something.
func naming(t *testing.T, b *servertest.Booked) url.Values {
	t.Helper()
	a, err := b.Store.Appointment(t.Context(), storetest.Owner, b.BookingID)
	servertest.Must(t, err)
	form := url.Values{
		"date": {"2026-11-25"}, "from": {"13:00"}, "until": {"14:00"}, "minutes": {"60"}, "kind": {"away"}, "first": {"2026-11-25"}, "last": {"2026-11-25"},
		"kana": {"ミホン ハナコ"}, "phone": {"03-0000-0009"}, "step": {"arrived"}, "act": {"close"}, "by": {"patient"}, "reason": {"other"}, "memo": {"別の院"}, "holidays": {"open"},
		"name": {"別の院"}, "family_name": {"別"}, "given_name": {"院"}, "family_kana": {"ベツ"}, "given_kana": {"イン"}, "closed": {"yes"}, "q": {a.Patient.FamilyKana},
	}
	for _, name := range []string{"slot", "slots", "to"} {
		form.Set(name, b.Slots[3].ID)
	}
	for _, name := range []string{"booking", "bookings", "id"} {
		form.Set(name, b.BookingID)
	}
	for _, name := range []string{"patient", "other", "into", "with"} {
		form.Set(name, a.Booking.PatientID)
	}
	for _, name := range []string{"branch", "branches", "at"} {
		form.Set(name, b.Branch.ID)
	}
	for _, name := range []string{"doctor", "doctors"} {
		form.Set(name, b.Doctors[0].ID)
	}
	return form
}

// TestRoutes_OfAnotherBranch asks for every route of the staff as everybody of another branch: what stands in its path is as if it did
// not exist, no page says anything of the patient, and nothing is written, whatever of the first branch the form names.
func TestRoutes_OfAnotherBranch(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{Request: "受付も読む文", Answer: secret})
			a, err := b.Store.Appointment(t.Context(), storetest.Owner, b.BookingID)
			servertest.Must(t, err)
			p := a.Patient
			private := []string{p.Name(), p.Kana(), p.Phone, p.Email, a.Booking.Reference, b.Token, "受付も読む文", secret}
			desk := b.FrontDesk.Get("/office/bookings/" + b.BookingID).Body
			for _, word := range []string{p.FamilyName, "受付も読む文"} {
				if !strings.Contains(desk, word) {
					t.Fatalf("the front desk's own page does not say %q: this test would notice nothing", word)
				}
			}
			others, form := foreigners(t, b), naming(t, b)
			// A session's last use, and the limits on requests, are written by every page.
			before := b.Facts(t)
			written := func() (tables []string) {
				now := b.Facts(t)
				tables = slices.DeleteFunc(now.Changed(before), func(table string) bool { return strings.Contains(table, "session") })
				before = now
				return tables
			}
			asked := 0
			for _, r := range server.Routes() {
				if !r.Staff || r.Path == "/office/sign-out" || strings.HasSuffix(r.Path, "/changes") {
					continue // the one ends the session, the others have tests of their own: they do not end
				}
				for email, v := range others {
					path := b.Fill(r.Path)
					if r.Method == http.MethodGet {
						path += "?" + form.Encode()
					}
					answer := v.Send(r.Method, path, strings.NewReader(form.Encode()), servertest.FormHeader())
					asked++
					may := b.Staff[email].Can(r.Ability) || r.Ability == ""
					switch {
					case !may || r.Everywhere:
						if answer.Status != http.StatusForbidden {
							t.Errorf("%s gets %d from %s", email, answer.Status, answer.Asked)
						}
					case strings.HasPrefix(r.Path, "/office/doctors/:id"):
						// A doctor belongs to the clinic: what the page says is public, and whoever manages a branch may have them work there.
					case strings.HasPrefix(r.Path, "/office/cautions/:rule"):
						// The cautions are the whole clinic's, and tell nothing of any patient.
					case strings.Contains(r.Path, "/:"):
						if answer.Status != http.StatusNotFound {
							t.Errorf("%s gets %d from %s", email, answer.Status, answer.Asked)
						}
						missing := v.Send(r.Method, strings.NewReplacer(":id", clinic.NewID(), ":letter", clinic.NewID()).Replace(r.Path), strings.NewReader(form.Encode()), servertest.FormHeader())
						if missing.Status != answer.Status || missing.Text("main") != answer.Text("main") {
							t.Errorf("%s learns from %s that it is there: %d, and missing %d", email, answer.Asked, answer.Status, missing.Status)
						}
					case answer.Status >= http.StatusInternalServerError:
						t.Errorf("%s gets %d from %s", email, answer.Status, answer.Asked)
					}
					for _, word := range private {
						if strings.Contains(answer.Body, word) {
							t.Errorf("%s reads %q at %s %s", email, word, r.Method, r.Path)
						}
					}
				}
				if changed := written(); len(changed) > 0 && !strings.HasPrefix(r.Path, "/office/me/") { // one's own account is one's own
					t.Errorf("somebody of another branch writes %v by %s %s", changed, r.Method, r.Path)
				}
			}
			if asked < 150 {
				t.Errorf("only %d answers were looked at", asked)
			}
		})
	}
}

// saysThatItIsGone are the routes of the questionnaire's draft. What an id names there may have been retired a moment ago, so that a form of it is
// answered with what was typed, where it could be an id at all.
var saysThatItIsGone = []string{
	"/office/questionnaire/sections/:id", "/office/questionnaire/questions/:id", "/office/questionnaire/strip/:id", "/office/questionnaire/causes/:id",
}

// TestRoutes_OfWhatIsMissing asks for every route that names something, as everybody who may, by an id that never was: it is not found.
func TestRoutes_OfWhatIsMissing(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{})
			form := naming(t, b)
			before := b.Facts(t)
			for _, r := range server.Routes() {
				if !r.Staff || !strings.Contains(r.Path, "/:") {
					continue
				}
				for email, v := range map[string]*servertest.Visitor{servertest.Admin: b.Admin, servertest.FrontDesk: b.FrontDesk, servertest.Doctor: b.Doctor} {
					if !b.Staff[email].Can(r.Ability) {
						continue
					}
					for _, id := range []string{clinic.NewID(), "x", "%00", "%ff", "' or 1=1", strings.Repeat("あ", 300)} {
						path := strings.NewReplacer(":id", url.PathEscape(id), ":letter", url.PathEscape(id)).Replace(r.Path)
						if strings.HasPrefix(id, "%") {
							path = strings.NewReplacer(":id", id, ":letter", id).Replace(r.Path)
						}
						answer := v.Send(r.Method, path, strings.NewReader(form.Encode()), servertest.FormHeader())
						want := http.StatusNotFound
						if r.Method == http.MethodPost && slices.Contains(saysThatItIsGone, r.Path) && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789") == "" {
							want = http.StatusConflict
						}
						if answer.Status != want {
							t.Errorf("%s gets %d from %s", email, answer.Status, answer.Asked)
						}
					}
				}
			}
			if changed := slices.DeleteFunc(b.Facts(t).Changed(before), func(table string) bool { return strings.Contains(table, "session") }); len(changed) > 0 {
				t.Errorf("rows were written in %v", changed)
			}
		})
	}
}
