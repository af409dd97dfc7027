package server_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// What stands in the reason of a release, in an answer and in a note. Each may reach the doctor who reads the chart alone.
const (
	releaseSecret = "秘密の解除理由ＱＺ"
	answerSecret  = "秘密の回答ＱＺ"
	paperNote     = "秘密の所見ＱＺ"
)

// release releases what holds fat cooling on the booking's chart, and says where that leads.
func release(t *testing.T, b *servertest.Booked, reason string) *servertest.Answer {
	t.Helper()
	chart, err := b.Store.ChartFor(t.Context(), storetest.DoctorActor(b.Doctors[0].ID), b.BookingID)
	servertest.Must(t, err)
	q, err := b.Store.CurrentQuestionnaire(t.Context())
	servertest.Must(t, err)
	return b.Doctor.Post("/office/charts/"+b.BookingID+"/release", "fact", "cold", "treatment", "cool", "revision", strconv.Itoa(chart.Intake.Revision), "set", strconv.Itoa(q.Set.Number), "reason", reason)
}

// wantUnread sends every route as others and looks for what they must not read, in pages, lists, files and addresses. only are the routes that are
// looked at; none for all.
func wantUnread(t *testing.T, b *servertest.Booked, others map[string]*servertest.Visitor, secrets []string, only ...string) {
	t.Helper()
	looked := 0
	for _, r := range server.Routes() {
		if r.Path == "/office/sign-out" || r.Path == "/office/changes" || r.Path == "/office/doctor/changes" || len(only) > 0 && !slices.Contains(only, r.Path) {
			continue
		}
		for who, v := range others {
			if who == "admin" && strings.HasPrefix(r.Path, "/office/patients/:id/export") {
				continue // what is given to the person has all of it, and is written down each time: ADR 52
			}
			for _, query := range []string{"", "?date=2026-11-25&branch=" + b.Branch.ID + "&doctor=" + b.Doctors[0].ID} {
				looked++
				a := v.Send(r.Method, b.Fill(strings.ReplaceAll(r.Path, ":token", b.Token))+query, strings.NewReader(asked(b).Encode()), servertest.FormHeader())
				for _, secret := range secrets {
					if said, _ := url.QueryUnescape(a.Location()); strings.Contains(a.Body, secret) || strings.Contains(said, secret) {
						t.Errorf("the %s reads %s at %s", who, secret, a.Asked)
					}
				}
			}
		}
	}
	if looked == 0 {
		t.Error("no route was looked at")
	}
}

// TestMarkers_InTheReasonOfARelease: what a doctor writes when they release a hold reaches nobody but whoever reads the chart: no page of others, no
// list, file, letter or address, not the log, and no byte of the database.
func TestMarkers_InTheReasonOfARelease(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{})
			chart := "/office/charts/" + b.BookingID
			located := []string{
				b.Doctor.Post(chart+"/release", "fact", "cold", "treatment", "cool", "revision", "999", "set", "1", "reason", releaseSecret+"0").Want(http.StatusConflict).Location(),
				release(t, b, strings.Repeat(releaseSecret, 60)).Want(http.StatusUnprocessableEntity).Location(),
				release(t, b, releaseSecret+"1").Want(http.StatusSeeOther).Location(),
			}
			stored, err := b.Store.ChartFor(t.Context(), storetest.DoctorActor(b.Doctors[0].ID), b.BookingID)
			servertest.Must(t, err)
			located = append(located, b.Doctor.Post(chart+"/release", "withdraw", stored.Releases[0].ID).Want(http.StatusSeeOther).Location())
			located = append(located, release(t, b, releaseSecret+"2").Want(http.StatusSeeOther).Location())
			if !strings.Contains(b.Doctor.Get(chart).Body, releaseSecret+"2") {
				t.Fatal("the doctor's own page does not say it: this test would notice nothing")
			}
			secrets := []string{releaseSecret}
			wantUnread(t, b, map[string]*servertest.Visitor{"nobody": b.Visitor(t), "patient": b.Patient, "admin": b.Admin, "front desk": b.FrontDesk, "colleague": b.Colleague}, secrets)
			letters, err := b.Store.Letters(t.Context(), storetest.Owner, b.BookingID)
			servertest.Must(t, err)
			if len(letters) == 0 {
				t.Error("no letter was looked at")
			}
			for _, l := range letters {
				if strings.Contains(textOfLetter(l), releaseSecret) {
					t.Errorf("the %s says it", l.Kind)
				}
			}
			for _, location := range located {
				if said, _ := url.QueryUnescape(location); strings.Contains(said, releaseSecret) {
					t.Errorf("an address says it: %s", location)
				}
			}
			if strings.Contains(b.Journal.String(), releaseSecret) {
				t.Error("the log says it")
			}
			if file, ok := strings.CutPrefix(b.Address, "sqlite:"); ok { // and no byte of the database does
				kept, err := filepath.Glob(file + "*")
				servertest.Must(t, err)
				for _, name := range kept {
					content, err := os.ReadFile(name)
					servertest.Must(t, err)
					if strings.Contains(string(content), releaseSecret) {
						t.Errorf("%s holds it unsealed", filepath.Base(name))
					}
				}
			}
		})
	}
}

// TestMarkers_OnPaper: the sheets of the questionnaire and of the record, of one counseling and of a whole day, are read by the doctor of the
// counseling alone, and are kept by no browser or proxy.
func TestMarkers_OnPaper(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{Answer: answerSecret})
			release(t, b, releaseSecret).Want(http.StatusSeeOther)
			b.Clock.Advance(26 * time.Hour)
			b.Doctor, b.Colleague = b.SignedIn(t, servertest.Doctor), b.SignedIn(t, servertest.Colleague)
			b.Admin, b.FrontDesk = b.SignedIn(t, servertest.Admin), b.SignedIn(t, servertest.FrontDesk)
			b.Doctor.PostForm("/office/charts/"+b.BookingID+"/note", url.Values{"do": {"sure"}, "seen-revision": {"0"}, "seen-version": {"0"}, "proposal": {paperNote}}).Want(http.StatusSeeOther)
			secrets := []string{answerSecret, releaseSecret, paperNote}
			for _, path := range []string{"/office/charts/" + b.BookingID + "/paper", "/office/doctor/paper?date=2026-11-25"} {
				a := b.Doctor.Get(path).Want(http.StatusOK)
				for _, secret := range secrets {
					if !strings.Contains(a.Body, secret) {
						t.Errorf("%s does not say %s to the doctor: this test would notice nothing", path, secret)
					}
				}
				if a.Header.Get("Cache-Control") != "no-store" {
					t.Errorf("%s may be kept: %q", path, a.Header.Get("Cache-Control"))
				}
			}
			papers := []string{"/office/charts/:id/paper", "/office/doctor/paper"}
			others := map[string]*servertest.Visitor{"nobody": b.Visitor(t), "patient": b.Patient, "admin": b.Admin, "front desk": b.FrontDesk, "colleague": b.Colleague}
			wantUnread(t, b, others, secrets, papers...)
			// Whoever the chart is handed over to reads it from then on, and the former doctor's day has its answers no more.
			a, err := b.Store.Appointment(t.Context(), storetest.Owner, b.BookingID)
			servertest.Must(t, err)
			if a.Booking.Status != clinic.Booked {
				t.Fatalf("the booking is %s", a.Booking.Status)
			}
			b.Doctor.Post("/office/charts/"+b.BookingID+"/handover", "to", b.Doctors[1].ID, "reason", "交代").Want(http.StatusSeeOther)
			if !strings.Contains(b.Colleague.Get("/office/charts/"+b.BookingID+"/paper").Want(http.StatusOK).Body, answerSecret) {
				t.Error("the new doctor's paper lacks an answer")
			}
			wantUnread(t, b, map[string]*servertest.Visitor{"former doctor": b.Doctor, "admin": b.Admin, "front desk": b.FrontDesk, "patient": b.Patient}, []string{answerSecret, releaseSecret}, papers...)
		})
	}
}
