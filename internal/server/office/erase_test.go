package office_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
	view "madoguchi/web/office"
)

// recordURL is the page of the patient of a site.
func recordURL(t *testing.T, b *servertest.Booked) string {
	t.Helper()
	a, err := b.Store.Appointment(t.Context(), storetest.Owner, b.BookingID)
	servertest.Must(t, err)
	return "/office/patients/" + a.Booking.PatientID
}

// lastEntry is the newest entry of an action in the audit log.
func lastEntry(t *testing.T, b *servertest.Booked, action clinic.AuditAction) (last clinic.AuditEntry) {
	t.Helper()
	entries, err := b.Store.AuditEntries(t.Context(), storetest.Owner, store.AuditQuery{Action: action, Limit: 1})
	servertest.Must(t, err)
	if len(entries) > 0 {
		last = entries[0]
	}
	return last
}

// TestExport_HasEverything: the file of a person has what they typed, answered and agreed to in the words that they were shown, what the letters said without
// the links, and who saw it; the same stands on paper. It is for an administrator who has shown again who they are, and it is written down.
func TestExport_HasEverything(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{Request: "ひざが痛む", Answer: "答えの文"})
			patient := recordURL(t, b)
			b.FrontDesk.Post(patient+"/memo", "seen-revision", "0", "memo", "方のメモの文").Want(http.StatusSeeOther)
			for _, v := range []*servertest.Visitor{b.FrontDesk, b.Doctor} {
				v.Get(patient + "/export.json").Want(http.StatusForbidden)
				v.Get(patient + "/export").Want(http.StatusForbidden)
			}
			a := b.Admin.Get(patient + "/export.json").Want(http.StatusOK)
			if !strings.Contains(a.Header.Get("Content-Disposition"), "attachment") || !strings.Contains(a.Header.Get("Cache-Control"), "no-store") {
				t.Errorf("it comes with %v", a.Header)
			}
			var file view.PersonFile
			servertest.Must(t, json.Unmarshal([]byte(a.Body), &file))
			if file.Format != view.PersonFormat || len(file.Records) != 1 || len(file.Bookings) != 1 || len(file.Seen) == 0 || len(file.Memos) != 1 {
				t.Fatalf("the file has %d records, %d bookings, %d entries", len(file.Records), len(file.Bookings), len(file.Seen))
			}
			booking := file.Bookings[0]
			if len(booking.Consents) < 2 || booking.Consents[0].Wording == "" || booking.Consents[0].Terms == "" || booking.Consents[0].Asked == "" || len(booking.Answers) == 0 || len(booking.Said) == 0 || len(booking.Letters) == 0 || booking.Letters[0].Text == "" {
				t.Errorf("the booking has %+v", booking)
			}
			for _, answer := range booking.Answers[0].Answers {
				if answer.Question == "" || len(answer.Answer) == 0 {
					t.Errorf("%+v has no words", answer)
				}
			}
			for _, text := range []string{"答えの文", "ひざが痛む", "方のメモの文", booking.Reference, file.Records[0].FamilyName, file.Records[0].Phone} {
				if !strings.Contains(a.Body, text) {
					t.Errorf("the file has no %q", text)
				}
			}
			if strings.Contains(a.Body, b.Token) {
				t.Error("the file has the link")
			}
			if e := lastEntry(t, b, clinic.Exported); e.Who != b.Staff[servertest.Admin].ID || !strings.HasSuffix(patient, e.Patient) || e.Patient == "" {
				t.Errorf("the log says %+v", e)
			}
			sheet := b.Admin.Get(patient + "/export").Want(http.StatusOK)
			for _, text := range []string{"答えの文", "ひざが痛む", "方のメモの文", booking.Consents[0].Wording} {
				sheet.WantText("main", text)
			}
			b.Admin.Get(patient).Want(http.StatusOK).WantText("#consents", booking.Consents[0].Wording)
			b.Clock.Advance(clinic.ProofLife)
			if to := b.Admin.Get(patient + "/export.json").Want(http.StatusSeeOther).Location(); !strings.HasPrefix(to, "/office/prove") {
				t.Errorf("without a proof it leads to %q", to)
			}
		})
	}
}

// TestErasePage_SaysBeforeAndAfter: what goes and what stays stands there before anything is done; a booking to come and a box that was not ticked are said at
// their fields; afterwards the page says what went, and nobody finds the patient.
func TestErasePage_SaysBeforeAndAfter(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{Request: "ひざが痛む", Answer: "答えの文"})
			patient := recordURL(t, b)
			before := b.Facts(t)
			for _, v := range []*servertest.Visitor{b.FrontDesk, b.Doctor} {
				v.Get(patient + "/erase").Want(http.StatusForbidden)
				v.Post(patient+"/erase", "sure", "yes").Want(http.StatusForbidden)
			}
			page := b.Admin.Get(patient + "/erase").Want(http.StatusOK)
			page.WantText("[data-goes]", "問診の回答 1")
			page.WantText("[data-stays]", "法律により残る診療の記録はありません")
			page.WantText("#coming", "1件")
			b.Admin.Post(patient+"/erase").Want(http.StatusUnprocessableEntity).WantText("#sure-error", "チェック")
			b.Admin.Post(patient+"/erase", "sure", "yes").Want(http.StatusConflict).WantText("#coming-error", "キャンセル")
			b.WantUnchanged(t, before)
			servertest.Must(t, b.Store.Cancel(t.Context(), storetest.Owner, b.BookingID))
			b.Clock.Advance(time.Minute)
			done := b.Admin.Post(patient+"/erase", "sure", "yes").Want(http.StatusSeeOther).Location()
			after := b.Admin.Get(done).Want(http.StatusOK)
			after.WantText("[data-goes]", "問診の回答 1")
			if strings.Contains(after.Body, "ミホン") || strings.Contains(after.Body, "シケン") {
				t.Error("the page says of whom")
			}
			b.Admin.Get("/office/erasures").Want(http.StatusOK).WantText("main", "これまでの削除")
			for _, path := range []string{patient, patient + "/erase", patient + "/export.json", "/office/bookings/" + b.BookingID} {
				b.Admin.Get(path).Want(http.StatusNotFound)
			}
			b.FrontDesk.Get(done).Want(http.StatusForbidden)
			if status := b.Patient.Get("/booking/" + b.Token).Status; status != http.StatusNotFound && status != http.StatusGone {
				t.Errorf("the patient's link answers %d", status)
			}
			if e := lastEntry(t, b, "Erase"); e.Who != b.Staff[servertest.Admin].ID || e.Patient == "" {
				t.Errorf("the log says %+v", e)
			}
		})
	}
}

// TestAffectedPage_ListsThem: on the page and as a file, for administrators alone.
func TestAffectedPage_ListsThem(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	a, err := b.Store.Appointment(t.Context(), storetest.Owner, b.BookingID)
	servertest.Must(t, err)
	b.FrontDesk.Get("/office/bookings/" + b.BookingID).Want(http.StatusOK)
	of := "?staff=" + b.Staff[servertest.FrontDesk].ID
	b.Admin.Get("/office/audit/affected"+of).Want(http.StatusOK).WantText("main tbody", a.Patient.Name())
	b.Admin.Get("/office/audit/affected?staff="+b.Staff[servertest.Colleague].ID).Want(http.StatusOK).WantText("main", "患者はいません")
	file := b.Admin.Get("/office/audit/affected.csv" + of).Want(http.StatusOK)
	if !strings.Contains(file.Body, a.Patient.Name()) || !strings.Contains(file.Body, a.Patient.Email) {
		t.Errorf("the file says %s", file.Body)
	}
	b.FrontDesk.Get("/office/audit/affected").Want(http.StatusForbidden)
	if e := lastEntry(t, b, clinic.Exported); e.Who != b.Staff[servertest.Admin].ID || e.Patient != a.Booking.PatientID {
		t.Errorf("the log says %+v", e)
	}
	b.Clock.Advance(clinic.ProofLife)
	if to := b.Admin.Get("/office/audit/affected.csv" + of).Want(http.StatusSeeOther).Location(); !strings.HasPrefix(to, "/office/prove?") {
		t.Errorf("a while after the sign-in the file leads to %s", to)
	}
	b.Admin.Get("/office/audit/affected?from=2026-12-02&until=2026-12-01").Want(http.StatusUnprocessableEntity)
}

// TestAffectedPage_HasPages: however many they are, a page has some of them, each of them is on one page, and the file has all.
func TestAffectedPage_HasPages(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	slots := storetest.AddSlots(t, b.Store, b.Branch, b.Doctors[0], storetest.Begin.AddDate(0, 0, 4), 16)
	slots = append(slots, storetest.AddSlots(t, b.Store, b.Branch, b.Doctors[1], storetest.Begin.AddDate(0, 0, 4), 16)...)
	for n, slot := range slots {
		id := storetest.Book(t, b.Store, storetest.Request(slot.ID, 100+n)).BookingID
		b.FrontDesk.Get("/office/bookings/" + id).Want(http.StatusOK)
	}
	path := "/office/audit/affected?staff=" + b.Staff[servertest.FrontDesk].ID
	seen, pages := map[string]bool{}, 0
	for next := path; next != ""; pages++ {
		a := b.Admin.Get(next).Want(http.StatusOK)
		a.WantText("main [role=status]", "32人")
		rows := a.Find("main tbody tr a")
		if rows.Length() == 0 || rows.Length() > 25 {
			t.Errorf("page %d has %d people", pages+1, rows.Length())
		}
		rows.Each(func(_ int, link *goquery.Selection) {
			href := link.AttrOr("href", "")
			if seen[href] {
				t.Errorf("%s stands on two pages", href)
			}
			seen[href] = true
		})
		if prev := a.Find("a[rel=prev]").Length(); (prev == 1) != (pages > 0) {
			t.Errorf("page %d leads back: %d", pages+1, prev)
		}
		next = a.Find("a[rel=next]").AttrOr("href", "")
	}
	if pages != 2 || len(seen) != len(slots) {
		t.Errorf("%d pages have %d people", pages, len(seen))
	}
	for _, odd := range []string{"0", "-1", "x", "999999999999999999999", "2147483647"} {
		if shown := b.Admin.Get(path + "&page=" + odd).Want(http.StatusOK).Find("main tbody tr").Length(); shown != 25 {
			t.Errorf("page %s has %d people", odd, shown)
		}
	}
	if to := b.Admin.Get(path + "&page=9").Want(http.StatusSeeOther).Location(); !strings.Contains(to, "staff=") || strings.Contains(to, "page=") {
		t.Errorf("a page behind the last leads to %s", to)
	}
	if lines := strings.Count(b.Admin.Get(strings.Replace(path, "affected?", "affected.csv?", 1)).Want(http.StatusOK).Body, "\n"); lines != len(slots)+1 {
		t.Errorf("the file has %d lines", lines)
	}
}
