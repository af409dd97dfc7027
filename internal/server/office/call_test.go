package office_test

import (
	"net/http"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// call is a form of a telephone booking that is complete but for what a test adds.
func call(s *servertest.Site, pairs ...string) []string {
	return append([]string{"call", "a call", "branch", s.Branch.ID, "kana", "ウタガワ リツ", "phone", "090-0000-4321", "memo", "お母さまから"}, pairs...)
}

// claims are those of kind staff, as they are stored.
func staffClaims(t *testing.T, s *servertest.Site) (rows []string) {
	t.Helper()
	for _, row := range s.Facts(t)["claims"] {
		if strings.Contains(row, "holder_kind=staff") {
			rows = append(rows, row)
		}
	}
	return rows
}

// TestCall_HoldsOneTimeAndBooksIt: choosing a time holds it under the name of the member of staff and frees the one before; the booking
// came by telephone, bears the memo, and sends no letter to somebody without a mail address.
func TestCall_HoldsOneTimeAndBooksIt(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		desk, first, second := s.SignedIn(t, servertest.FrontDesk), s.SlotOf(t, 0, 0), s.SlotOf(t, 0, 1)
		before := s.Facts(t)
		desk.Get("/office/phone?slot=" + first.ID).Want(http.StatusOK)
		s.WantUnchanged(t, before)
		for _, slot := range []clinic.Slot{first, second} {
			a := desk.Post("/office/phone", call(s, "slot", slot.ID)...).Want(http.StatusOK)
			if rows := staffClaims(t, s); len(rows) != 1 || !strings.Contains(rows[0], "slot_id="+slot.ID) || strings.Contains(rows[0], "staff_id=<nil>") {
				t.Errorf("held is %q", rows)
			}
			a.WantText(".hit:has(:checked) .hit-past", "確保 10分")
		}
		a := s.Visitor(t).PostForm("/book", servertest.BookingForm(second.ID))
		if a.Status != http.StatusConflict {
			t.Errorf("a visitor gets %d for what is held", a.Status)
		}
		booked := desk.Post("/office/phone", call(s, "slot", second.ID, "do", "book")...).Want(http.StatusSeeOther)
		again := desk.Post("/office/phone", call(s, "slot", second.ID, "do", "book")...).Want(http.StatusSeeOther)
		if booked.Location() != again.Location() {
			t.Errorf("sent twice it leads to %s and %s", booked.Location(), again.Location())
		}
		other := desk.Post("/office/phone", call(s, "slot", first.ID, "do", "book")...).Want(http.StatusUnprocessableEntity)
		if key, _ := other.Find("[name=call]").Attr("value"); key == "a call" || key == "" { // another press books it
			t.Errorf("a form that has booked something else goes on as %q", key)
		}
		id := strings.TrimPrefix(booked.Location(), "/office/phone?booked=")
		booking, err := s.Store.Appointment(t.Context(), storetest.Owner, id)
		servertest.Must(t, err)
		letters, err := s.Store.Letters(t.Context(), storetest.Owner, id)
		servertest.Must(t, err)
		memo, err := s.Store.BookingMemo(t.Context(), storetest.Owner, id)
		servertest.Must(t, err)
		if booking.Booking.Channel != clinic.ByTelephone || booking.Slot.ID != second.ID || booking.Patient.Name() != "ウタガワ リツ" || len(letters) != 0 || memo.Text != "お母さまから" {
			t.Errorf("booked is %+v with %d letters and the memo %q", booking, len(letters), memo.Text)
		}
		page := desk.Get(booked.Location()).Want(http.StatusOK)
		spelled := clinic.Spelled(booking.Booking.Reference)
		page.WantText("#call-reference", spelled[0]+" "+spelled[1])
		if len(staffClaims(t, s)) != 0 {
			t.Error("something is still held")
		}
		desk.Post("/office/bookings/" + id + "/cancel").Want(http.StatusSeeOther)
		desk.Get("/office/bookings/" + id).Want(http.StatusOK)
	})
}

// TestCall_ATimeThatIsGone keeps all that was typed and offers two times near it; what is wrong is said at its field.
func TestCall_ATimeThatIsGone(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		desk, gone := s.SignedIn(t, servertest.FrontDesk), s.SlotOf(t, 0, 2)
		s.Book(t, gone, 1)
		for _, do := range []string{"", "book"} {
			a := desk.Post("/office/phone", call(s, "slot", gone.ID, "do", do, "wish", "水曜")...).Want(http.StatusConflict)
			a.WantText("#call-alert b", "11/25（水）12:00 見本 花 医師は、いま予約が入りました。")
			if n := a.Find("[data-call-list=near] .hit").Length(); n != 2 {
				t.Errorf("%d times are offered", n)
			}
			for name, typed := range map[string]string{"kana": "ウタガワ リツ", "phone": "090-0000-4321", "memo": "お母さまから", "wish": "水曜"} {
				if got, _ := a.Find("[name=" + name + "]").Attr("value"); got != typed {
					t.Errorf("%s became %q", name, got)
				}
			}
		}
		before := s.Facts(t)
		a := desk.Post("/office/phone", "call", "another", "do", "book", "branch", s.Branch.ID, "phone", "03").Want(http.StatusUnprocessableEntity)
		for _, field := range []string{"slot", "kana", "phone"} {
			if a.Find("#"+field+"-error").Length() != 1 {
				t.Errorf("nothing is said at %s", field)
			}
		}
		s.WantUnchanged(t, before)
	})
}

// TestCall_KnowsWhoCalls: choosing somebody fills in how they are reached, and their booking is marked before anything is booked; a patient of
// no branch of the reader is not there for them.
func TestCall_KnowsWhoCalls(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		desk := s.SignedIn(t, servertest.FrontDesk)
		known := patientOf(t, s, s.Book(t, s.SlotOf(t, 0, 0), 1))
		a := desk.Post("/office/phone", "call", "a call", "branch", s.Branch.ID, "q", "しけん").Want(http.StatusOK)
		a.WantText("#call-found", "登録のある方 1人 ↓ Enter 選ぶ さがす")
		a = desk.Post("/office/phone", "call", "a call", "branch", s.Branch.ID, "q", "しけん", "patient", known).Want(http.StatusOK)
		if phone, _ := a.Find("#phone").Attr("value"); phone != "090-0000-0001" {
			t.Errorf("filled in is %q", phone)
		}
		a.WantText("label[for=phone] i", "前回と同じ")
		if mark := a.Text("#call-mark"); !strings.Contains(mark, "2件目") {
			t.Errorf("marked is %q", mark)
		}
		booked := desk.Post("/office/phone", "call", "a call", "branch", s.Branch.ID, "patient", known, "filled", known, "kana", "シケン ハナコ", "name", "試験 花子一", "phone", "090-0000-7777",
			"email", "patient1@example.jp", "letter", "1", "letter-shown", "1", "birth", "1990/4/2", "slot", s.SlotOf(t, 0, 1).ID, "do", "book").Want(http.StatusSeeOther)
		id := strings.TrimPrefix(booked.Location(), "/office/phone?booked=")
		booking, err := s.Store.Appointment(t.Context(), storetest.Owner, id)
		servertest.Must(t, err)
		record, err := s.Store.Patient(t.Context(), storetest.Owner, known)
		servertest.Must(t, err)
		if booking.Booking.PatientID != known || record.Patient.Phone != "09000007777" || booking.Patient.Sex != clinic.Female {
			t.Errorf("booked for %s, who has %s", booking.Booking.PatientID, record.Patient.Phone)
		}
		if letter := storetest.LetterOf(t, s.Store, id, clinic.Confirmation); letter.Status != clinic.LetterWaiting {
			t.Errorf("the letter is %s", letter.Status)
		}
		s.Employ(t, clinic.Staff{Role: clinic.FrontDesk, Name: "港 受付", Email: "minato@example.jp", Active: true, Branches: []string{s.Other.ID}})
		elsewhere := s.SignedIn(t, "minato@example.jp")
		a = elsewhere.Post("/office/phone", "call", "a call", "branch", s.Branch.ID, "q", "しけん", "patient", known, "slot", s.SlotOf(t, 0, 3).ID)
		if strings.Contains(a.Body, "090-0000") || strings.Contains(a.Body, "花子") || len(staffClaims(t, s)) != 0 {
			t.Errorf("from another branch it says %s", a.Text("#call"))
		}
		for _, path := range []string{"/office/patients/" + known, "/office/patients/" + known + "/merge?with=" + known} {
			elsewhere.Get(path).Want(http.StatusNotFound)
		}
		for path, pairs := range map[string][]string{"": {"phone", "03-0000-0001"}, "/memo": {"memo", "x"}, "/online": {"closed", "1"}, "/merge": {"with", known}, "/undo": {"merge", known}} {
			elsewhere.Post("/office/patients/"+known+path, pairs...).Want(http.StatusNotFound)
		}
		if found := elsewhere.Post("/office/patients", "q", "しけん").Want(http.StatusOK); strings.Contains(found.Body, "花子") {
			t.Error("another branch finds them")
		}
	})
}

// TestCall_OutsideTheHours makes the slot with the booking, and says at once where the doctor or the room is not free.
func TestCall_OutsideTheHours(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		desk := s.SignedIn(t, servertest.FrontDesk)
		at := func(from, doctor, room string, more ...string) []string {
			return call(s, append([]string{"outside", "1", "date", "2026-11-25", "from", from, "minutes", "60", "doctor", doctor, "room", room}, more...)...)
		}
		first, second := s.Doctors[0].ID, s.Doctors[1].ID
		desk.Post("/office/phone", at("19:00", first, "室1")...).Want(http.StatusOK).WantText("#call-outside [role=status]", "医師も部屋も空いています。予約と同時に枠を作ります。")
		desk.Post("/office/phone", at("15:30", first, "室1")...).Want(http.StatusOK).WantText("#from-error", "この医師には、その時間に重なる枠があります。")
		before := s.Facts(t)
		desk.Post("/office/phone", at("15:30", first, "室1", "do", "book")...).Want(http.StatusConflict)
		s.WantUnchanged(t, before)
		booked := desk.Post("/office/phone", at("19:00", first, "室1", "do", "book")...).Want(http.StatusSeeOther)
		a, err := s.Store.Appointment(t.Context(), storetest.Owner, strings.TrimPrefix(booked.Location(), "/office/phone?booked="))
		servertest.Must(t, err)
		slot, err := s.Store.Slot(t.Context(), a.Slot.ID)
		servertest.Must(t, err)
		if slot.Origin != clinic.ByPhone || slot.Audience != clinic.StaffOnly || slot.Room != "室1" {
			t.Errorf("the slot is %+v", slot)
		}
		desk.Post("/office/phone", at("19:30", second, "室1")...).Want(http.StatusOK).WantText("#room-error", "この部屋は、その時間に使われています。")
		conflict := append(at("19:30", second, "室1", "do", "book"), "call", "another call")
		conflict[1] = "another call"
		desk.Post("/office/phone", conflict...).Want(http.StatusConflict)
	})
}

// TestCall_AnswersAPart: to htmx it answers the form alone.
func TestCall_AnswersAPart(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	desk := s.SignedIn(t, servertest.FrontDesk)
	desk.Header.Set("HX-Request", "true")
	a := desk.Get("/office/phone?branch=" + s.Branch.ID).Want(http.StatusOK)
	if !strings.HasPrefix(strings.TrimSpace(a.Body), "<form") || strings.Contains(a.Body, "<html") || a.Header.Get("Vary") == "" {
		t.Errorf("it answers %.80s", a.Body)
	}
}

// TestPatient_ClosedOnline: who is closed is asked to call when they book on the site, in both languages, and may book again once opened.
func TestPatient_ClosedOnline(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		desk := s.SignedIn(t, servertest.FrontDesk)
		form := servertest.BookingForm(s.SlotOf(t, 0, 0).ID)
		booked := s.Visitor(t).PostForm("/book", form).Token()
		chart, err := s.Store.Intake(t.Context(), clinic.PatientByLink(booked))
		servertest.Must(t, err)
		path := "/office/patients/" + chart.Appointment.Booking.PatientID
		desk.Post(path+"/online", "closed", "1").Want(http.StatusSeeOther)
		form = servertest.BookingForm(s.SlotOf(t, 0, 1).ID)
		form.Set("another", "yes")
		for lang, sentence := range map[string]string{"ja": "03-0000-0001 までお電話ください。", "en": "Please call us on 03-0000-0001."} {
			a := s.Visitor(t).Speak(lang).PostForm("/book", form).Want(http.StatusConflict)
			if !strings.Contains(a.Text("main"), sentence) {
				t.Errorf("in %s it says %q", lang, a.Text(".wrongs, [role=alert]"))
			}
		}
		desk.Get(path).Want(http.StatusOK).WantText("h1 + .patient-marks .tag:last-child", "オンライン予約 停止中")
		desk.Post(path + "/online").Want(http.StatusSeeOther)
		s.Visitor(t).PostForm("/book", form).Want(http.StatusSeeOther)
	})
}

// TestPatientMemo_TwoAtOnce: a memo that somebody else has saved since is shown beside what was typed, and both can be kept.
func TestPatientMemo_TwoAtOnce(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	desk := s.SignedIn(t, servertest.FrontDesk)
	path := "/office/patients/" + patientOf(t, s, s.Book(t, s.SlotOf(t, 0, 0), 1)) + "/memo"
	desk.Post(path, "seen-revision", "0", "memo", "駐車場は北側").Want(http.StatusSeeOther)
	a := desk.Post(path, "seen-revision", "0", "memo", "耳が遠い方").Want(http.StatusConflict)
	a.WantText(".side-by-side", "保存されている内容 駐車場は北側 この画面の内容 耳が遠い方")
	revision, _ := a.Find("#memo-part [name=seen-revision]").Attr("value")
	desk.Post(path, "seen-revision", revision, "memo", "耳が遠い方", "do", "both").Want(http.StatusSeeOther)
	desk.Get(strings.TrimSuffix(path, "/memo")).WantText("#memo", "駐車場は北側 耳が遠い方")
}

// TestCall_OfWhoWasCorrectedMeanwhile: what a colleague corrects of a patient during a call is not written over by what the form had shown
// before. The form shows it, and another press books; sent twice, it is one booking.
func TestCall_OfWhoWasCorrectedMeanwhile(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		desk := s.SignedIn(t, servertest.FrontDesk)
		known := patientOf(t, s, s.Book(t, s.SlotOf(t, 0, 0), 1))
		shown := desk.Post("/office/phone", "call", "a call", "branch", s.Branch.ID, "patient", known).Want(http.StatusOK)
		book := func(shown *servertest.Answer, phone string) *servertest.Answer {
			t.Helper()
			pairs := []string{"call", "a call", "branch", s.Branch.ID, "patient", known, "slot", s.SlotOf(t, 0, 1).ID, "do", "book"}
			for _, name := range []string{"filled", "filled-revision", "kana", "name", "phone", "email", "birth"} {
				value, _ := shown.Find("[name=" + name + "]").Attr("value")
				if name == "phone" && phone != "" {
					value = phone
				}
				pairs = append(pairs, name, value)
			}
			return desk.Post("/office/phone", pairs...)
		}
		record, err := s.Store.Patient(t.Context(), storetest.Owner, known)
		servertest.Must(t, err)
		record.Patient.Email = "corrected@example.jp"
		servertest.Must(t, s.Store.CorrectPatient(t.Context(), storetest.Owner, known, record.Revision, record.Patient))

		shown = book(shown, "").Want(http.StatusConflict)
		shown.WantText("#call-alert", "別の画面で直され")
		if email, _ := shown.Find("[name=email]").Attr("value"); email != "corrected@example.jp" {
			t.Errorf("filled in is %q", email)
		}
		booked := book(shown, "090-0000-7777").Want(http.StatusSeeOther)
		if again := book(shown, "090-0000-7777").Want(http.StatusSeeOther); again.Location() != booked.Location() {
			t.Errorf("sent twice it leads to %s and %s", booked.Location(), again.Location())
		}
		record, err = s.Store.Patient(t.Context(), storetest.Owner, known)
		servertest.Must(t, err)
		if record.Patient.Email != "corrected@example.jp" || record.Patient.Phone != "09000007777" {
			t.Errorf("stored are %s and %s", record.Patient.Email, record.Patient.Phone)
		}
	})
}
