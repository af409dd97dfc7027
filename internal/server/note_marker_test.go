package server_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// noteSecret stands in every free text of a note, a correction, a handover and a phrase. It may reach the doctors of the note alone.
const noteSecret = "秘密の記録ＱＺ"

// TestNotes_ReachTheirDoctorsAlone plants it, and looks for it in every page of everybody else, in letters, in lists, in addresses and in the log.
func TestNotes_ReachTheirDoctorsAlone(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{})
			b.Clock.Advance(26 * time.Hour)
			b.Doctor, b.Colleague = b.SignedIn(t, servertest.Doctor), b.SignedIn(t, servertest.Colleague)
			b.Admin, b.FrontDesk = b.SignedIn(t, servertest.Admin), b.SignedIn(t, servertest.FrontDesk)
			path := "/office/charts/" + b.BookingID + "/note"
			form := url.Values{"do": {"sure"}, "seen-revision": {"0"}, "seen-version": {"0"}, "other": {noteSecret + "1"}, "wish": {noteSecret + "2"}, "proposal": {noteSecret + "3"}}
			located := []string{b.Doctor.PostForm(path, form).Want(http.StatusSeeOther).Location()}
			located = append(located, b.Doctor.PostForm(path+"/correct", url.Values{"seen-version": {"1"}, "reason": {noteSecret + "4"}}).Want(http.StatusSeeOther).Location())
			located = append(located, b.Doctor.Post("/office/phrases", "do", "save", "n", "-1", "seen-revision", "0", "shortcut", "ひみつ", "text", noteSecret+"5").Want(http.StatusSeeOther).Location())
			for _, wrong := range []url.Values{
				{"do": {"auto"}, "proposal": {strings.Repeat(noteSecret, 400)}}, {"do": {"sign"}, "seen-version": {"0"}, "proposal": {noteSecret}}, {"do": {"both"}, "seen-revision": {"0"}, "wish": {noteSecret}},
			} {
				located = append(located, b.Doctor.PostForm(path, wrong).Location())
			}
			if !strings.Contains(b.Doctor.Get(path).Body, noteSecret) {
				t.Fatal("the doctor's own page does not say it: this test would notice nothing")
			}
			look := func(when string, others map[string]*servertest.Visitor) {
				t.Helper()
				for _, r := range server.Routes() {
					if r.Path == "/office/sign-out" || r.Path == "/office/changes" {
						continue
					}
					for who, v := range others {
						for _, query := range []string{"", "?date=2026-11-25&branch=" + b.Branch.ID + "&doctor=" + b.Doctors[0].ID} {
							a := v.Send(r.Method, b.Fill(strings.ReplaceAll(r.Path, ":token", b.Token))+query, strings.NewReader(asked(b).Encode()), servertest.FormHeader())
							if !disclosed(who, r) && strings.Contains(a.Body, noteSecret) || strings.Contains(a.Location(), noteSecret) {
								t.Errorf("%s, the %s reads it at %s", when, who, a.Asked)
							}
						}
					}
				}
			}
			nobody := b.Visitor(t)
			look("before it is handed over", map[string]*servertest.Visitor{"nobody": nobody, "patient": b.Patient, "admin": b.Admin, "front desk": b.FrontDesk, "colleague": b.Colleague})
			b.Admin, b.FrontDesk = b.SignedIn(t, servertest.Admin), b.SignedIn(t, servertest.FrontDesk)
			a, err := b.Store.Appointment(t.Context(), storetest.Owner, b.BookingID)
			servertest.Must(t, err)
			if a.Booking.Status.Live() {
				located = append(located, b.Doctor.Post("/office/charts/"+b.BookingID+"/handover", "to", b.Doctors[1].ID, "reason", noteSecret+"6").Location())
				look("after it was handed over", map[string]*servertest.Visitor{"patient": b.Patient, "admin": b.Admin, "front desk": b.FrontDesk})
			}
			letters, err := b.Store.Letters(t.Context(), storetest.Owner, b.BookingID)
			servertest.Must(t, err)
			for _, l := range letters {
				if strings.Contains(textOfLetter(l), noteSecret) {
					t.Errorf("the %s says it", l.Kind)
				}
			}
			for _, location := range located {
				if said, _ := url.QueryUnescape(location); strings.Contains(said, noteSecret) {
					t.Errorf("an address says it: %s", location)
				}
			}
			if strings.Contains(b.Journal.String(), noteSecret) {
				t.Error("the log says it")
			}
			if file, ok := strings.CutPrefix(b.Address, "sqlite:"); ok { // and no byte of the database does
				kept, err := filepath.Glob(file + "*")
				servertest.Must(t, err)
				for _, name := range kept {
					content, err := os.ReadFile(name)
					servertest.Must(t, err)
					if strings.Contains(string(content), noteSecret) {
						t.Errorf("%s holds it unsealed", filepath.Base(name))
					}
				}
			}
		})
	}
}

func textOfLetter(l clinic.Letter) string {
	c := l.Content
	return strings.Join([]string{c.ToName, c.Text.Subject, c.Text.Lead, c.Text.Note, c.DoctorName}, "\n")
}
