package server_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
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

// What begins with theirs is the person's and stands in the file that is made for them; what begins with others is of somebody else, or of the work of the
// clinic, and stands in no file at all. The name of a member of staff is for the audit log.
const (
	theirs    = "鑞本人印"
	others    = "鑞他者印"
	otherMail = "quartz-mark-8814@example.jp"
	ofStaff   = "鑞職員印"
)

// TestMarkers_InNoOutput: what is said in any field by the patient, the doctor, the front desk and the browser is in no line of the log, no figure of the metrics, no
// entry of the audit log on its page or in its file, and no byte of the database; and all of the person's is in the file for the person, and nothing else.
func TestMarkers_InNoOutput(t *testing.T) {
	for engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			b := servertest.OpenBooked(t, engine, servertest.Saying{Request: theirs + "の要望", Answer: theirs + "の回答"})
			sayEverything(t, b)
			patient := b.Fill("/office/patients/:id")
			outputs := map[string]string{"the log": b.Journal.String(), "the metrics": metricsOf(t, b)}
			for name, path := range map[string]string{"the page of the audit log": "/office/audit", "the file of the audit log": "/office/audit.csv", "the numbers": "/office/numbers.csv"} {
				outputs[name] = b.Admin.Get(path).Want(http.StatusOK).Body
			}
			maps.Copy(outputs, databaseOf(t, b))
			for where, said := range map[string]string{
				"the log": "msg=request", "the metrics": "madoguchi_recent_bookings", "the page of the audit log": b.Staff[servertest.Admin].Name, "the file of the audit log": ofStaff,
			} {
				if !strings.Contains(outputs[where], said) {
					t.Errorf("%s has no %s: this test would notice nothing", where, said)
				}
			}
			for where, content := range outputs {
				for _, mark := range []string{theirs, others, "quartz-mark-8814"} {
					for form, text := range storetest.FormsOf(mark) { // an address, such as one that somebody asks for, is written in percents
						if at := strings.Index(content, string(text)); at >= 0 {
							t.Errorf("%s holds %s as %s: %.200q", where, mark, form, content[max(0, at-100):])
						}
					}
				}
				if strings.HasPrefix(where, "database") && strings.Contains(content, ofStaff) || where == "the log" && strings.Contains(content, ofStaff) {
					t.Errorf("%s holds the name of a member of staff", where)
				}
			}
			file := b.Admin.Get(patient + "/export.json").Want(http.StatusOK).Body
			for _, field := range []string{"の要望", "の回答", "の予約のメモ", "の方のメモ", "の解除の理由", "の所見", "の希望", "の提案", "の消去の返事"} {
				if !strings.Contains(file, theirs+field) {
					t.Errorf("the person's file lacks %s", field)
				}
			}
			if at := strings.Index(file, others); at >= 0 || strings.Contains(file, "quartz-mark-8814") {
				t.Errorf("the person's file has what is not theirs: %.200q", file[max(at-100, 0):])
			}
		})
	}
}

// sayEverything lets everybody type into whatever takes words, also where it is refused.
func sayEverything(t *testing.T, b *servertest.Booked) {
	t.Helper()
	ctx := t.Context()
	patient, booking, chart := b.Fill("/office/patients/:id"), "/office/bookings/"+b.BookingID, "/office/charts/"+b.BookingID
	b.FrontDesk.PostForm(booking+"/memo", url.Values{"memo": {theirs + "の予約のメモ"}, "seen-revision": {"0"}}).Want(http.StatusSeeOther)
	b.FrontDesk.Post(patient+"/memo", "seen-revision", "0", "memo", theirs+"の方のメモ").Want(http.StatusSeeOther)
	b.FrontDesk.Post(patient+"/memo", "seen-revision", "1", "memo", strings.Repeat(others, clinic.MaxMemo)).Want(http.StatusUnprocessableEntity)
	b.FrontDesk.Post("/office/search", "q", others)
	release(t, b, theirs+"の解除の理由").Want(http.StatusSeeOther)
	b.Admin.Post("/office/staff/new", "name", ofStaff, "email", otherMail, "role", "reception", "every", "all").Want(http.StatusOK)

	link := clinic.PatientByLink(b.Token)
	servertest.Must(t, b.Store.AskErasure(ctx, link))
	asked, err := b.Store.OwnErasure(ctx, link)
	servertest.Must(t, err)
	servertest.Must(t, b.Store.SettleErasure(ctx, storetest.Owner, strings.TrimPrefix(patient, "/office/patients/"), asked.ID, clinic.ErasureRefused, theirs+"の消去の返事"))

	// Somebody else, who waits, one who was taken over, and a browser that says whatever it likes.
	r := storetest.Request("", 77)
	r.Patient.FamilyName, r.Patient.Email = others, otherMail
	day := clinic.DateOf(b.Clock.Now(), b.Branch.Location())
	wish := clinic.Wish{First: day.AddDays(1), Last: day.AddDays(20), From: 600, Until: 1200, At: -1}
	servertest.Must(t, b.Store.GetInLine(ctx, clinic.Visitor("a cookie", "192.0.2.77"), clinic.WaitingRequest{BranchID: b.Branch.ID, Wish: wish, Patient: r.Patient, Lang: "ja", Token: clinic.NewToken()}))
	file := clinic.Import{Kind: clinic.ImportPatients, BranchID: b.Branch.ID, Source: "見本予約", Minutes: 60, Text: "氏名,フリガナ,電話\n" + others + " 一子,トリコミ イチコ,09000000801\n" + others + ",,x\n"}
	id, err := b.Store.KeepImport(ctx, storetest.Owner, file)
	servertest.Must(t, err)
	_, err = b.Store.RunImport(ctx, storetest.Owner, id)
	servertest.Must(t, err)
	browser := b.Visitor(t)
	browser.Header.Set("User-Agent", others+"のブラウザ")
	browser.Header.Set("Referer", "https://"+url.PathEscape(others)+".example.jp/")
	browser.Header.Set("X-Forwarded-For", others)
	form := servertest.BookingForm(b.Slots[3].ID)
	form.Set("family_name", others+"\u202e")
	form.Set("email", otherMail+"@")
	browser.PostForm("/book", form).Want(http.StatusUnprocessableEntity)
	browser.PostForm("/office/sign-in", url.Values{"email": {otherMail}, "password": {others}}).Want(http.StatusUnprocessableEntity)
	browser.Get("/" + url.PathEscape(others) + "?q=" + url.QueryEscape(others)).Want(http.StatusNotFound)

	// The day of the counseling, and what the doctor writes.
	b.Clock.Advance(26 * time.Hour)
	b.Doctor, b.Admin = b.SignedIn(t, servertest.Doctor), b.SignedIn(t, servertest.Admin)
	note := url.Values{"do": {"sure"}, "seen-revision": {"0"}, "seen-version": {"0"}, "other": {theirs + "の所見"}, "wish": {theirs + "の希望"}, "proposal": {theirs + "の提案"}}
	b.Doctor.PostForm(chart+"/note", note).Want(http.StatusSeeOther)
	b.Doctor.PostForm(chart+"/note/correct", url.Values{"seen-version": {"1"}, "reason": {others + "の訂正の理由"}}).Want(http.StatusSeeOther) // of a draft, which is nobody's yet
	b.Doctor.Post("/office/phrases", "do", "save", "n", "-1", "seen-revision", "0", "shortcut", "ひみつ", "text", others+"の定型句").Want(http.StatusSeeOther)
	b.Doctor.PostForm(chart+"/note", url.Values{"do": {"auto"}, "proposal": {strings.Repeat(others, 4000)}})
	b.Doctor.Post(chart+"/handover", "to", b.Doctors[1].ID, "reason", others+"の引き継ぎの理由")
	servertest.Must(t, b.Store.ChainAudit(ctx))
}

func metricsOf(t *testing.T, b *servertest.Booked) string {
	t.Helper()
	var answers server.Answers
	w := httptest.NewRecorder()
	server.Metrics(b.Site.Site, &answers).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

// databaseOf is every row there is, and every byte of the files of SQLite.
func databaseOf(t *testing.T, b *servertest.Booked) map[string]string {
	t.Helper()
	out := map[string]string{}
	for table, rows := range b.Facts(t) {
		out["database: "+table] = strings.Join(rows, "\n")
	}
	if file, ok := strings.CutPrefix(b.Address, "sqlite:"); ok {
		files, err := filepath.Glob(file + "*")
		servertest.Must(t, err)
		for _, name := range files {
			content, err := os.ReadFile(name)
			servertest.Must(t, err)
			out[fmt.Sprint("database file ", filepath.Base(name))] = string(content)
		}
	}
	return out
}
