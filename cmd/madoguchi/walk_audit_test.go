package main_test

import (
	"strings"
	"testing"

	"madoguchi/internal/browsertest"
)

// TestWalk_WhoSawThisRecord: somebody at the front desk and the doctor look at a patient; an administrator opens the patient's page and reads there who has, in
// plain words, with and without scripts.
func TestWalk_WhoSawThisRecord(t *testing.T) {
	d := openDemo(t, "sqlite")
	defer d.close(t)
	token := bookAndAnswer(t, d)
	booking := d.chart(t, token).Appointment.Booking
	desk := browsertest.Visit(t, d.URL, browsertest.Desktop)
	signIn(t, d, desk, "reception")
	desk.Open("/office/bookings/" + booking.ID)
	doctor := browsertest.Visit(t, d.URL, browsertest.Tablet)
	signIn(t, d, doctor, "doctor")
	doctor.Open("/office/charts/" + booking.ID)
	admin := browsertest.Visit(t, d.URL, browsertest.Desktop)
	signIn(t, d, admin, "admin")
	for _, scripts := range []bool{true, false} {
		if !scripts {
			admin.TurnScriptsOff()
		}
		admin.Open("/office/patients/" + booking.PatientID)
		admin.Follow("この記録を見た人")
		said := admin.Text("main")
		for _, word := range []string{"予約を見た", "カルテ（問診の回答）を見た", "受付", "医師", "患者の記録を見た"} {
			if !strings.Contains(said, word) {
				t.Errorf("the page does not say %q:\n%s", word, said)
			}
		}
		if scripts {
			admin.Look("audit-patient")
			admin.Open("/office/audit")
			admin.Look("audit")
		}
	}
}
