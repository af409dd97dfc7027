package main_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// TestWalk_Erasure: a patient asks that their data be deleted; an administrator takes the file, sees what goes and what stays, deletes it and reads what went;
// the patient's link opens nothing any more, and the doctor still reads the note that they have signed.
func TestWalk_Erasure(t *testing.T) {
	d := openDemo(t, "sqlite")
	defer d.close(t)
	token := bookAndAnswer(t, d)
	a := d.chart(t, token).Appointment
	start := clinic.DateOf(time.Now(), a.Branch.Location()).AddDays(-1).In(a.Branch.Location()).UTC()
	storetest.Exec(t, d.settings["MADOGUCHI_DATABASE"], "UPDATE slots SET starts_at = ?, ends_at = ? WHERE id = ?", start, start.Add(30*time.Minute), a.Slot.ID)
	const proposal = "続けられる運動から始めます。"
	withStore(t, d.settings, func(st *store.Store) {
		must(t, st.AskErasure(t.Context(), clinic.PatientByLink(token)))
		note := clinic.Note{Explained: []clinic.Explained{{ID: "cost"}}, Proposal: proposal, Next: string(clinic.NextQuarter)}
		doctor := storetest.DoctorActor(a.Slot.DoctorID)
		doctor.Staff.ID = "" // it has no account of that id
		_, err := st.SignNote(t.Context(), doctor, a.Booking.ID, clinic.Screen{}, note, "", clinic.Signing{Sure: true, Open: 99})
		must(t, err)
	})
	patient := "/office/patients/" + a.Booking.PatientID

	admin := browsertest.Visit(t, d.URL, browsertest.Desktop)
	signIn(t, d, admin, "admin")
	admin.Open("/office/erasures")
	if !strings.Contains(admin.Text("main"), a.Patient.Name()) {
		t.Error("the request is not listed")
	}
	admin.Open(patient)
	admin.LookAt("erasure-patient", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	admin.Follow("開示用に印刷する")
	if text := admin.Text("main"); !strings.Contains(text, proposal) || !strings.Contains(text, a.Patient.Name()) {
		t.Error("the sheet lacks the note or the name")
	}
	admin.LookAt("erasure-sheet", browsertest.Tablet, browsertest.Desktop)
	admin.Open(patient + "/erase")
	said := admin.Text("main")
	for _, words := range []string{"削除の依頼が届いています", "医師法第24条", "問診の回答"} {
		if !strings.Contains(said, words) {
			t.Errorf("before, the page does not say %q:\n%s", words, said)
		}
	}
	admin.LookAt("erasure-before", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	admin.FollowAtTo(http.StatusUnprocessableEntity, "main form .button.danger")
	admin.LookAt("erasure-unsure", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	admin.Click("#sure")
	admin.FollowAt("main form .button.danger")
	if h1 := admin.Text("h1"); h1 != "データを削除しました" {
		t.Errorf("afterwards the page is headed %q", h1)
	}
	if strings.Contains(admin.Text("main"), a.Patient.FamilyName) {
		t.Error("the page says whose data it was")
	}
	admin.LookAt("erasure-after", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)
	admin.OpenTo(http.StatusNotFound, patient)
	admin.Open("/office/audit/affected")
	admin.LookAt("erasure-affected", browsertest.Phone, browsertest.Tablet, browsertest.Desktop)

	v := browsertest.Visit(t, d.URL, browsertest.Phone)
	v.OpenTo(http.StatusNotFound, "/booking/"+token)

	withStore(t, d.settings, func(st *store.Store) {
		n, err := st.NoteFor(t.Context(), storetest.DoctorActor(a.Slot.DoctorID), a.Booking.ID)
		must(t, err)
		if n.Newest().Proposal != proposal || n.Appointment.Patient.Name() != a.Patient.Name() {
			t.Errorf("the doctor reads %q of %q", n.Newest().Proposal, n.Appointment.Patient.Name())
		}
	})
}
