package office_test

import (
	"slices"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
	"madoguchi/web"
	view "madoguchi/web/office"
)

// TestAudit_EveryActionHasItsWord: whatever can stand in the log is said in both languages.
func TestAudit_EveryActionHasItsWord(t *testing.T) {
	for _, lang := range []string{"ja", "en"} {
		for _, action := range slices.Concat(clinic.AuditWords, store.Operations) {
			if view.AuditWord(web.Find(lang), action) == "" {
				t.Errorf("%s has no word for %s", lang, action)
			}
		}
	}
}

// TestAudit_SaysWhoSawARecord: an administrator reads in plain words who has opened a patient's booking, chart and calendar, and takes the same as a file; others
// are not shown the page. That the log was read stands in it.
func TestAudit_SaysWhoSawARecord(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{})
			a, err := b.Store.Appointment(t.Context(), storetest.Owner, b.BookingID)
			servertest.Must(t, err)
			b.FrontDesk.Get("/office/bookings/" + b.BookingID)
			b.FrontDesk.Get("/office/day?date=" + clinic.DateOf(a.Slot.StartsAt, a.Branch.Location()).String())
			b.FrontDesk.Get("/office/day?date=" + clinic.DateOf(a.Slot.StartsAt, a.Branch.Location()).AddDays(5).String())
			b.Doctor.Get("/office/charts/" + b.BookingID)
			b.Colleague.Get("/office/charts/" + b.BookingID)
			asked := "?from=2026-11-01&until=2026-12-31&patient=" + a.Booking.PatientID
			page := b.Admin.Get("/office/audit" + asked)
			text := page.Text("main")
			for _, word := range []string{"予約を見た", "予約表を見た", "カルテ（問診の回答）を見た", "開こうとして断られた", "予約した", b.Staff[servertest.FrontDesk].Name, b.Staff[servertest.Doctor].Name, b.Staff[servertest.Colleague].Name} {
				if !strings.Contains(text, word) {
					t.Errorf("the page does not say %q:\n%s", word, text)
				}
			}
			if n := strings.Count(page.Body, `data-entry="read.calendar"`); n != 1 {
				t.Errorf("%d calendars are shown, want that of the day of the booking alone", n)
			}
			if strings.Contains(text, a.Patient.FamilyName+a.Patient.GivenName) {
				t.Error("the page names the patient")
			}
			file := b.Admin.Get("/office/audit.csv" + asked)
			if file.Status != 200 || !strings.Contains(file.Body, "カルテ（問診の回答）を見た") {
				t.Errorf("the file is %d: %s", file.Status, file.Body)
			}
			if again := b.Admin.Get("/office/audit" + asked).Text("main"); !strings.Contains(again, "閲覧と操作の記録を見た") || !strings.Contains(again, "ファイルに書き出した") {
				t.Errorf("that the log was read and taken away does not stand in it:\n%s", again)
			}
			for _, v := range []*servertest.Visitor{b.FrontDesk, b.Doctor} {
				if status := v.Get("/office/audit" + asked).Status; status != 403 {
					t.Errorf("somebody else gets %d", status)
				}
			}
		})
	}
}
