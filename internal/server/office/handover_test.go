package office_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
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

// TestHandover_KeepsTheReason: whatever keeps a chart from being handed over, the reason that was typed stands at its field, beside why.
func TestHandover_KeepsTheReason(t *testing.T) {
	const reason = "診察が長引いた" + marker
	type happening struct {
		do     func(t *testing.T, s *servertest.Site, a clinic.Appointment)
		to     bool // a colleague is chosen
		status int
		words  string
	}
	first := func(s *servertest.Site) clinic.Actor { return clinic.StaffActor(s.Staff[servertest.Doctor]) }
	for what, h := range map[string]happening{
		"nobody chosen": {func(*testing.T, *servertest.Site, clinic.Appointment) {}, false, http.StatusUnprocessableEntity, "選択してください"},
		"handed over already": {func(t *testing.T, s *servertest.Site, a clinic.Appointment) {
			t.Helper()
			servertest.Must(t, s.Store.HandOver(t.Context(), first(s), a.Booking.ID, s.Doctors[1].ID, ""))
		}, true, http.StatusNotFound, "見本 守 医師へ引き継がれました"},
		"moved to another doctor": {func(t *testing.T, s *servertest.Site, a clinic.Appointment) {
			t.Helper()
			servertest.Must(t, s.Store.MarkRead(t.Context(), first(s), a.Booking.ID, 1))
			_, err := s.Store.Move(t.Context(), storetest.Owner, a.Booking.ID, s.SlotOf(t, 1, 4).ID, false)
			servertest.Must(t, err)
		}, true, http.StatusNotFound, "ほかの枠へ変わり"},
		"cancelled": {func(t *testing.T, s *servertest.Site, a clinic.Appointment) {
			t.Helper()
			servertest.Must(t, s.Store.Cancel(t.Context(), storetest.Owner, a.Booking.ID))
		}, true, http.StatusConflict, "キャンセル"},
		"the last colleague cannot sign in any more": {func(t *testing.T, s *servertest.Site, _ clinic.Appointment) {
			t.Helper()
			servertest.Must(t, s.Store.SetAccountActive(t.Context(), storetest.Owner, s.Staff[servertest.Colleague].ID, false))
		}, true, http.StatusUnprocessableEntity, "引き継げる医師がいません"},
	} {
		t.Run(what, func(t *testing.T) {
			servertest.Each(t, func(t *testing.T, s *servertest.Site) {
				receipt, _ := openNoted(t, s)
				path := "/office/charts/" + receipt.BookingID + "/handover"
				b := s.SignedIn(t, servertest.Doctor)
				b.Get(path).Want(http.StatusOK)
				a, err := s.Store.Appointment(t.Context(), storetest.Owner, receipt.BookingID)
				servertest.Must(t, err)
				h.do(t, s, a)
				to := ""
				if h.to {
					to = s.Doctors[1].ID
				}
				answer := b.Post(path, "to", to, "reason", reason).Want(h.status)
				answer.WantText("main", h.words)
				answer.WantText("main .field label", "理由")
				answer.WantText("main textarea", reason)
				if h.status == http.StatusNotFound {
					for _, secret := range []string{"ワルファリン", "試験", "花子", receipt.Reference} {
						if strings.Contains(answer.Body, secret) {
							t.Errorf("the page says %q", secret)
						}
					}
				}
				if strings.Contains(answer.Header.Get("Location"), marker) {
					t.Error("what was typed stands in an address")
				}
			})
		})
	}
}

// TestHandover_AwayTellsNobodyElse: who never had a chart learns nothing by trying to hand it over, and keeps what they typed.
func TestHandover_AwayTellsNobodyElse(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt, _ := openNoted(t, s)
		b := s.SignedIn(t, servertest.Colleague)
		for _, form := range []string{"/handover", "/release"} {
			there := b.Post("/office/charts/"+receipt.BookingID+form, "to", s.Doctors[0].ID, "reason", "理由").Want(http.StatusNotFound)
			nowhere := b.Post("/office/charts/"+clinic.NewID()+form, "to", s.Doctors[0].ID, "reason", "理由").Want(http.StatusNotFound)
			if there.Text("main") != nowhere.Text("main") {
				t.Errorf("%s: %q, and of none there is %q", form, there.Text("main"), nowhere.Text("main"))
			}
			there.WantText("#typed", "理由")
		}
	})
}
