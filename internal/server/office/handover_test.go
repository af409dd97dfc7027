package office_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
)

// TestHandover_NamesWhoReceives: after a handover paper and charts name who talks to the patient, a signed record who signed it, the front desk
// both; the patient is told of the doctor whose time they booked.
func TestHandover_NamesWhoReceives(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt, path := openNoted(t, s)
		chart := "/office/charts/" + receipt.BookingID
		first, second := s.SignedIn(t, servertest.Doctor), s.SignedIn(t, servertest.Colleague)
		mine, theirs := s.Doctors[0].Name("ja"), s.Doctors[1].Name("ja")
		doctors := func(b *servertest.Visitor, address string) (out []string) {
			t.Helper()
			a := b.Get(address).Want(http.StatusOK)
			return a.Texts(".paper .doc .top dl > div:nth-of-type(5) dd")
		}
		if got := doctors(first, chart+"/paper"); len(got) != 2 || !strings.Contains(got[0], mine) || !strings.Contains(got[1], mine) {
			t.Fatalf("before, paper names %q", got)
		}
		first.Post(chart+"/handover", "to", s.Doctors[1].ID).Want(http.StatusSeeOther)
		for _, address := range []string{chart + "/paper", "/office/doctor/paper?date=2026-11-25"} {
			for i, name := range doctors(second, address) {
				if !strings.Contains(name, theirs) || strings.Contains(name, mine) {
					t.Errorf("%s, sheet %d names %q", address, i+1, name)
				}
			}
		}
		second.Get(chart).WantText(".chart-head, #patient", mine+" 医師から引き継ぎ")
		second.Get("/office/doctor?date=2026-11-25").WantText(".visit [data-handed]", mine+" 医師から引き継ぎ")
		desk := s.SignedIn(t, servertest.FrontDesk)
		both := mine + " 医師（引き継ぎ " + theirs + " 医師）"
		a, err := s.Store.Intake(t.Context(), clinic.PatientByLink(receipt.Token))
		servertest.Must(t, err)
		desk.Get("/office/patients/"+a.Appointment.Booking.PatientID).WantText("main", both)
		desk.Post("/office/search", "q", a.Appointment.Patient.Phone).WantText("[data-bookings]", both)
		list := "/office/list?" + url.Values{"branch": {s.Branch.ID}, "from": {"2026-11-25"}, "until": {"2026-11-25"}}.Encode()
		desk.Get(list).WantText("main", mine+"（引き継ぎ "+theirs+"）")
		if csv := s.SignedIn(t, servertest.Admin).Get(strings.Replace(list, "/office/list?", "/office/list.csv?", 1)).Want(http.StatusOK).Body; !strings.Contains(csv, mine+"（引き継ぎ "+theirs+"）") {
			t.Errorf("the CSV says %s", csv)
		}
		patient := s.Visitor(t).Get("/booking/" + receipt.Token).Want(http.StatusOK)
		patient.WantText("main", mine+" 医師")
		if strings.Contains(patient.Body, theirs) {
			t.Error("the patient's page names the colleague")
		}
		// Whoever signed stands on the record, also when somebody else reads it later.
		b := second.Get(path)
		second.PostForm(path, typed(b, "do", "sure", "proposal", "運動")).Want(http.StatusSeeOther)
		second.Post(chart+"/handover", "to", s.Doctors[0].ID).Want(http.StatusSeeOther)
		if got := doctors(first, chart+"/paper"); !strings.Contains(got[0], theirs) || !strings.Contains(got[1], mine) {
			t.Errorf("signed, paper names %q", got)
		}
	})
}
