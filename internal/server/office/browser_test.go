package office_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"madoguchi/config"
	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(browsertest.Run(m)) }

// sight is a page that somebody sees, after a step on it, if there is one.
type sight struct {
	name, who, path string
	step            func(v *browsertest.Visitor)
}

// TestPages_InBrowser looks at every page of the office, also with errors, on a phone, a tablet and a desktop, in English on
// the phone alone, since long words show where it is narrow.
func TestPages_InBrowser(t *testing.T) {
	s := servertest.Open(t, "sqlite", func(s *servertest.Site) { s.Demo = true })
	visitors := map[string]*browsertest.Visitor{}
	for _, who := range []string{"", servertest.Admin, servertest.FrontDesk, servertest.Doctor} {
		visitors[who] = browsertest.Visit(t, s.URL, browsertest.Phone)
		if who != "" {
			visitors[who].SetCookie(page.SessionCookie, s.StartSession(t, who))
		}
	}
	for _, seen := range fill(t, s) {
		v := visitors[seen.who]
		for lang, widths := range map[string][]int64{"ja": {browsertest.Phone, browsertest.Tablet, browsertest.Desktop}, "en": {browsertest.Phone}} {
			v.SetCookie("lang", lang)
			v.Open(seen.path)
			if seen.step != nil {
				seen.step(v)
			}
			v.LookAt(seen.name+"-"+lang, widths...)
		}
	}
}

// attachTo chooses a file for a field.
func attachTo(t *testing.T, field, name string, content []byte) func(*browsertest.Visitor) {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	servertest.Must(t, os.WriteFile(file, content, 0o600))
	return func(v *browsertest.Visitor) { v.Attach(field, file) }
}

// attach sends the form of the clinic with a file in the place of its logo.
func attach(t *testing.T, name string, content []byte, status int64) func(*browsertest.Visitor) {
	t.Helper()
	choose := attachTo(t, "logo", name, content)
	return func(v *browsertest.Visitor) {
		choose(v)
		v.FollowAtTo(status, "[data-main]")
	}
}

// drawHours draws a week for the first doctor, of which somebody has booked a time that is wanted no more, and what differs from it.
func drawHours(t *testing.T, s *servertest.Site) {
	t.Helper()
	ctx, actor, today := t.Context(), storetest.Owner, clinic.DateOf(storetest.Begin, s.Branch.Location()).AddDays(3)
	week := clinic.TypedWeek{From: today.String()}
	for _, day := range []string{"1", "2", "3", "4", "5", "6"} {
		for _, span := range [][2]string{{"10:00", "13:00"}, {"14:00", "19:00"}} {
			week = week.With(clinic.TypedSpan{Weekday: day, TypedPattern: clinic.TypedPattern{From: span[0], Until: span[1], Minutes: "60", Room: "室1", Audience: "public"}})
		}
	}
	save := func(week clinic.TypedWeek, revision int) {
		w, errs := week.Read(s.Branch.ID, s.Doctors[0].ID, today)
		servertest.Must(t, errs.Err())
		w.Revision = revision
		_, err := s.Store.SaveWeek(ctx, actor, w, week.Keys(), nil, config.IsHoliday)
		servertest.Must(t, err)
	}
	save(week, 1)
	at := today.AddDays(5).In(s.Branch.Location())
	slots, err := s.Store.Slots(ctx, store.SlotQuery{BranchID: s.Branch.ID, DoctorID: s.Doctors[0].ID, From: at, Until: at.AddDate(0, 0, 1), For: actor})
	servertest.Must(t, err)
	s.Book(t, slots[len(slots)-1].Slot, 30)
	week.Spans[5].Until = "17:00"
	save(week, 2)
	for _, e := range []clinic.TypedException{
		{Kind: "away", Doctor: s.Doctors[0].ID, First: "2026-12-08", Reason: "私用", TypedPattern: clinic.TypedPattern{From: "0:00", Until: "12:00"}},
		{Kind: "extra", Doctor: s.Doctors[0].ID, First: "2026-12-12", TypedPattern: clinic.TypedPattern{From: "19:00", Until: "21:00", Minutes: "60"}},
		{Kind: "away", Doctor: s.Doctors[1].ID, First: "2026-11-25", Nth: "4", Weekday: "4", Reason: "学会"},
	} {
		read, errs := e.Read(s.Branch.ID, today)
		servertest.Must(t, errs.Err())
		_, err := s.Store.AddException(ctx, actor, read, nil, config.IsHoliday)
		servertest.Must(t, err)
	}
}

// sendImports sends files of another system: one that waits, one that has been begun, and one that is done.
func sendImports(t *testing.T, s *servertest.Site) (bookings, running, ended string) {
	t.Helper()
	actor := clinic.StaffActor(s.Staff[servertest.Admin])
	keep := func(kind clinic.ImportKind, text string) string {
		id, err := s.Store.KeepImport(t.Context(), actor, clinic.Import{Kind: kind, BranchID: s.Branch.ID, Source: "見本予約", Minutes: 60, Text: text})
		servertest.Must(t, err)
		return id
	}
	bookings = keep(clinic.ImportBookings, "予約番号,予約日時,担当,お客様名,フリガナ,電話番号,メール,生年月日,会員ランク,コース\n"+
		"R-1,2026/12/15 10:00,見本 花,取込 一子,トリコミ イチコ,9000000801,ichiko@example.jp,平成2年4月1日,金,カウンセリング\n"+
		"R-2,2026年12月15日(火) 11:00〜12:00,見本 守,取込 二子,,090-0000-0802,,,,\n"+
		"R-3,2026/11/25 10:00,見本 花,取込 三子,トリコミ サンコ,090-0000-0803,,,,\n"+
		"R-4,2026/11/20 10:00,見本 花,取込 四子,トリコミ ヨンコ,090-0000,sanko@,1990/2/30,,\n"+
		"R-5,12/15 あさ,例示 翼,取込 五子,トリコミ ゴコ,9.01235E+10,a-very-long-address-that-nobody-has.and-that-goes-on@example..jp,1990/2/30,,\n")
	var text strings.Builder
	text.WriteString("氏名,フリガナ,電話\n")
	for n := range 700 {
		fmt.Fprintf(&text, "並行 子,ヘイコウ コ,080%08d\n", n)
	}
	running = keep(clinic.ImportPatients, text.String())
	_, err := s.Store.RunImport(t.Context(), actor, running)
	servertest.Must(t, err)
	ended = keep(clinic.ImportPatients, "氏名,フリガナ,電話\n取込 六子,トリコミ ロクコ,09000000806\n取込 七子,トリコミ ナナコ,090\n")
	_, err = s.Store.RunImport(t.Context(), actor, ended)
	servertest.Must(t, err)
	return bookings, running, ended
}

// patientOf is the patient of a booking.
func patientOf(t *testing.T, s *servertest.Site, r clinic.Receipt) string {
	t.Helper()
	a, err := s.Store.Appointment(t.Context(), storetest.Owner, r.BookingID)
	servertest.Must(t, err)
	return a.Booking.PatientID
}

// fill fills the clinic so that every kind of thing is on some page, and lists the pages.
func fill(t *testing.T, s *servertest.Site) []sight {
	t.Helper()
	answered, begun, silent := s.Book(t, s.SlotOf(t, 0, 0), 1), s.Book(t, s.SlotOf(t, 0, 1), 2), s.Book(t, s.SlotOf(t, 0, 2), 3)
	s.AnswerIntake(t, answered.Token, answers)
	s.AnswerIntake(t, begun.Token, answers, 3)
	s.FailLetter(t)
	s.Hold(t, s.SlotOf(t, 1, 3))
	gone := s.Book(t, s.SlotOf(t, 1, 0), 4)
	s.Cancel(t, gone.BookingID)
	failed, err := s.Store.LettersInTrouble(t.Context(), storetest.Owner)
	servertest.Must(t, err)
	var run clinic.Receipt
	for n, slot := range storetest.AddSlots(t, s.Store, s.Branch, s.Doctors[1], storetest.Begin.AddDate(0, 0, 3), clinic.RunLength+1) {
		run, err = s.Store.Book(t.Context(), clinic.Visitor(clinic.NewToken(), "192.0.2.1"), storetest.Request(slot.ID, 10+n))
		servertest.Must(t, err)
	}
	storetest.Exec(t, s.Address, "UPDATE letters SET status = 'held' WHERE booking_id = '"+run.BookingID+"'")
	at := "?branch=" + s.Branch.ID + "&doctor=" + s.Doctors[0].ID + "&date=2026-11-25"
	send := func(status int64, button string) func(*browsertest.Visitor) {
		return func(v *browsertest.Visitor) { v.FollowAtTo(status, button) }
	}
	patient := patientOf(t, s, answered)
	again := storetest.Request(s.SlotOf(t, 0, 3).ID, 1)
	again.Patient.Phone = "09000009999"
	twin := patientOf(t, s, storetest.Book(t, s.Store, again))
	kept := patientOf(t, s, silent)
	_, err = s.Store.MergePatients(t.Context(), storetest.Owner, kept, patientOf(t, s, begun))
	servertest.Must(t, err)
	servertest.Must(t, s.Store.SavePatientMemo(t.Context(), storetest.Owner, patient, 0, "お母さまと来院。駐車場は北側をご案内ずみ。"))
	servertest.Must(t, s.Store.CloseOnline(t.Context(), storetest.Owner, kept, true))
	unfold := func(v *browsertest.Visitor) { v.Click("summary") }
	open := func(v *browsertest.Visitor) {
		v.Click("#contact summary")
		v.Click(".confirm summary")
	}
	guessed := s.Book(t, s.SlotOf(t, 1, 1), 5)
	for range clinic.MaxTries {
		_ = s.Store.Prove(t.Context(), clinic.PatientByLink(guessed.Token), clinic.ProofInput{BirthYear: "1901", BirthMonth: "1", BirthDay: "1"}) // which is wrong
	}
	servertest.Must(t, s.Store.AskErasure(t.Context(), clinic.PatientByLink(guessed.Token)))
	asking := "/office/patients/" + patientOf(t, s, guessed)
	hours := "/office/hours?branch=" + s.Branch.ID + "&doctor=" + s.Doctors[0].ID
	photo, errs := clinic.PhotoFor(s.Doctors[1].ID, servertest.PhotoFile(t, 900, 1200), clinic.CropTop)
	servertest.Must(t, errs.Err())
	servertest.Must(t, s.Store.SetDoctorPhoto(t.Context(), storetest.Owner, s.Doctors[1].ID, "", photo))
	setup := "/office/setup?branch=" + s.Other.ID + "&step="
	drawHours(t, s)
	bookings, running, ended := sendImports(t, s)
	return []sight{
		{"imports", servertest.Admin, "/office/import", nil},
		{"imports-wrong", servertest.Admin, "/office/import", send(422, "[data-main]")},
		{"import-check", servertest.Admin, "/office/import/" + bookings, func(v *browsertest.Visitor) { v.Click("main details summary") }},
		{"import-goes-on", servertest.Admin, "/office/import/" + running, func(v *browsertest.Visitor) { v.WaitFor("#result") }}, // by itself
		{"import-done", servertest.Admin, "/office/import/" + ended, nil},
		{"hours", servertest.Admin, hours, nil},
		{"hours-empty", servertest.Admin, "/office/hours?branch=" + s.Branch.ID + "&doctor=" + s.Doctors[1].ID, nil},
		{"hours-changed", servertest.Admin, hours, func(v *browsertest.Visitor) {
			v.Click("[data-bar='5']")
			v.Type("until-5", "16:00")
			v.Click("#minutes-5")
			v.WaitFor(".hours-preview .unsaved")
		}},
		{"hours-wrong", servertest.Admin, hours, func(v *browsertest.Visitor) {
			v.Type("until-0", "9:00")
			v.FollowAtTo(422, "#preview-panel [data-main]")
		}},
		{"hours-read", servertest.FrontDesk, hours, nil},
		{"sign-in", "", "/office/sign-in", nil},
		{"sign-in-wrong", "", "/office/sign-in", send(422, "[data-main]")},
		{"day", servertest.FrontDesk, "/office/day" + at, nil},
		{"week", servertest.FrontDesk, "/office/week" + at, nil},
		{"month", servertest.FrontDesk, "/office/month" + at, nil},
		{"list", servertest.FrontDesk, "/office/list" + at, nil},
		{"list-wrong", servertest.FrontDesk, "/office/list" + at, func(v *browsertest.Visitor) {
			v.OpenTo(422, "/office/list"+at+"&until=2026-11-01")
		}},
		{"runs", servertest.FrontDesk, "/office/runs", nil},
		{"runs-sure", servertest.FrontDesk, "/office/runs", send(200, "main form button")},
		{"runs-sure-wrong", servertest.FrontDesk, "/office/runs", func(v *browsertest.Visitor) {
			v.FollowAtTo(200, "main form button")
			v.FollowAtTo(422, "main form button")
		}},
		{"booking-held", servertest.FrontDesk, "/office/bookings/" + run.BookingID, nil},
		{"day-empty", servertest.Admin, "/office/day?date=2026-12-24", nil},
		{"search", servertest.FrontDesk, "/office/search", func(v *browsertest.Visitor) {
			v.Type("q", "シケン")
			v.FollowAt("main [role=search] button")
		}},
		{"letters", servertest.FrontDesk, "/office/letters", nil},
		{"patients", servertest.FrontDesk, "/office/patients", nil},
		{"patients-found", servertest.FrontDesk, "/office/patients", func(v *browsertest.Visitor) {
			v.Type("q", "しけん")
			v.FollowAt("main [role=search] button")
		}},
		{"patient", servertest.FrontDesk, "/office/patients/" + patient, nil},
		{"patient-wrong", servertest.FrontDesk, "/office/patients/" + patient, func(v *browsertest.Visitor) {
			v.Click("#contact summary")
			v.Type("phone", "03")
			v.Type("birth", "いつか")
			send(422, "#contact form button")(v)
		}},
		{"erasures", servertest.FrontDesk, "/office/erasures", nil},
		{"patient-erasure", servertest.FrontDesk, asking, nil},
		{"patient-erasure-wrong", servertest.FrontDesk, asking, func(v *browsertest.Visitor) {
			v.Click("#erasures summary")
			v.FollowAtTo(422, "#erasures [value=refused]")
		}},
		{"booking-tries", servertest.FrontDesk, "/office/bookings/" + guessed.BookingID, nil},
		{"merge", servertest.FrontDesk, "/office/patients/" + patient + "/merge?with=" + twin, nil},
		{"merged", servertest.FrontDesk, "/office/patients/" + kept + "?done=merged", nil},
		{"call", servertest.FrontDesk, "/office/phone?branch=" + s.Branch.ID, nil},
		{"call-filled", servertest.FrontDesk, "/office/phone?branch=" + s.Branch.ID, func(v *browsertest.Visitor) {
			v.Type("q", "シケン　ハ")
			v.WaitFor("[data-call-list=patient] .hit:nth-child(3)")
			v.Click("[data-call-list=patient] .hit:first-child")
			v.WaitFor("#kana[value]")
			v.Type("wish", "水曜の午後 けむり")
			v.WaitFor("#call-read .unread")
			v.Click("[data-call-list=slot] .hit:first-child")
			v.WaitFor(".aloud")
			v.WaitFor("form.call:not([aria-busy])")
		}},
		{"call-wrong", servertest.FrontDesk, "/office/phone?branch=" + s.Branch.ID, func(v *browsertest.Visitor) {
			browsertest.Read[bool](v, "sessionStorage.clear(), true") // or what was typed before comes back
			v.Open("/office/phone?branch=" + s.Branch.ID)
			v.Click("[data-call-book]")
			v.WaitFor("#kana-error")
		}},
		{"call-outside", servertest.FrontDesk, "/office/phone?outside=1&branch=" + s.Branch.ID, nil},
		{"call-booked", servertest.FrontDesk, "/office/phone?booked=" + begun.BookingID, nil},
		{"booking", servertest.FrontDesk, "/office/bookings/" + failed[0].BookingID, open},
		{"booking-conflict", servertest.FrontDesk, "/office/bookings/" + begun.BookingID, func(v *browsertest.Visitor) {
			v.Click("#contact summary")
			a, err := s.Store.Appointment(t.Context(), storetest.Owner, begun.BookingID)
			servertest.Must(t, err)
			corrected := a.Patient
			corrected.Phone = fmt.Sprintf("0900000%04d", 7000+a.Booking.Revision) // the page is drawn for several widths
			servertest.Must(t, s.Store.CorrectContact(t.Context(), storetest.Owner, begun.BookingID, a.Booking.Revision, corrected))
			v.Type("phone", "09000008888")
			send(409, "#contact form button")(v)
		}},
		{"booking-cancelled", servertest.FrontDesk, "/office/bookings/" + gone.BookingID, nil},
		{"doctor", servertest.Doctor, "/office/doctor" + at, nil},
		{"chart", servertest.Doctor, "/office/charts/" + answered.BookingID, unfold},
		{"chart-begun", servertest.Doctor, "/office/charts/" + begun.BookingID, nil},
		{"chart-silent", servertest.Doctor, "/office/charts/" + silent.BookingID, nil},
		{"branches", servertest.Admin, "/office/branches?done=saved", nil},
		{"rules", servertest.Admin, "/office/branches/" + s.Branch.ID + "/rules?done=saved", nil},
		{"rules-wrong", servertest.Admin, "/office/branches/" + s.Branch.ID + "/rules", func(v *browsertest.Visitor) {
			v.Type("open_days", "百")
			send(422, "[data-main]")(v)
		}},
		{"branch-wrong", servertest.Admin, "/office/branches/new", send(422, "[data-main]")},
		{"branch-conflict", servertest.Admin, "/office/branches/" + s.Other.ID, func(v *browsertest.Visitor) {
			saved, err := s.Store.Branch(t.Context(), s.Other.ID)
			servertest.Must(t, err)
			saved.Phone, saved.Access = "03-0000-7777", "見本駅 北口より徒歩2分（"+clinic.NewID()[:4]+"）"
			_, err = s.Store.SaveBranch(t.Context(), storetest.Owner, saved)
			servertest.Must(t, err)
			v.Type("phone", "03-0000-8888")
			send(409, "[data-main]")(v)
		}},
		{"clinic", servertest.Admin, "/office/clinic", nil},
		{"clinic-wrong", servertest.Admin, "/office/clinic", attach(t, "logo.svg", []byte("<svg/>"), 422)},
		{"clinic-logo", servertest.Admin, "/office/clinic", attach(t, "logo.png", servertest.LogoFile(t, 1200, 240), 200)},
		{"doctors", servertest.Admin, "/office/doctors", nil},
		{"doctor-form", servertest.Admin, "/office/doctors/" + s.Doctors[0].ID, nil},
		{"doctor-photo", servertest.Admin, "/office/doctors/" + s.Doctors[1].ID, nil},
		{"doctor-photo-wrong", servertest.Admin, "/office/doctors/" + s.Doctors[1].ID, func(v *browsertest.Visitor) {
			attachTo(t, "photo", "face.svg", []byte("<svg/>"))(v)
			v.FollowAtTo(422, "#photo-form [data-main]")
		}},
		{"setup", servertest.Admin, "/office/setup?branch=new", nil},
		{"setup-wrong", servertest.Admin, "/office/setup?branch=new", send(422, "[data-main]")},
		{"setup-doctors", servertest.Admin, setup + "doctors", nil},
		{"setup-doctors-wrong", servertest.Admin, setup + "doctors", func(v *browsertest.Visitor) {
			v.Type("family_name-0", "見本")
			send(422, "[data-main]")(v)
		}},
		{"setup-holidays", servertest.Admin, setup + "holidays", nil},
		{"setup-mail", servertest.Admin, setup + "mail", nil},
		{"setup-nobody", servertest.Admin, setup + "hours", nil},
		{"setup-hours", servertest.Admin, "/office/setup?step=hours&branch=" + s.Branch.ID, func(v *browsertest.Visitor) {
			for _, d := range s.Doctors {
				if !v.Sees("[name=doctor][value='" + d.ID + "']:checked") {
					v.Click("[name=doctor][value='" + d.ID + "']")
					v.WaitFor("[name=doctor][value='" + d.ID + "']:checked")
				}
			}
		}},
		{"setup-hours-wrong", servertest.Admin, "/office/setup?step=hours&branch=" + s.Branch.ID, func(v *browsertest.Visitor) {
			v.Type("from", "早め")
			send(422, "[data-main]")(v)
		}},
		{"setup-done", servertest.Admin, "/office/setup?step=done&branch=" + s.Branch.ID, nil},
		{"doctor-wrong", servertest.Admin, "/office/doctors/new", send(422, "[data-main]")},
		{"slots", servertest.Admin, "/office/slots" + at, nil},
		{"slots-wrong", servertest.Admin, "/office/slots" + at, send(409, "[data-main]")},
		{"no-page", servertest.Doctor, "/office/charts/" + answered.BookingID, func(v *browsertest.Visitor) { v.OpenTo(403, "/office/day") }},
	}
}
