package main_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/intake"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

const patientOfDoctor = "sakura.reiji@example.jp"

// bookingTells and doctorTells are what the patient of this walk answers with the booking and in the intake.
var (
	bookingTells = answers{
		"contact": {"email", "tel"}, "visited": {"first"}, "areas": {"back", "thigh_b"}, "request": {"駐車場はありますか。"},
		"c_privacy": {"yes"}, "c_cancel": {"yes"},
	}
	doctorTells = answers{
		"look": {"fat", "line"}, "height": {"158"}, "weight": {"60.4"}, "goal_w": {"55"}, "by_when": {"m3"}, "tried": {"diet", "este"}, "result": {"part"},
		"tx_react": {"yes"}, "bad_tx": {"昨年、架空のサロンで4回。"},
		"sit_h": {"h9p"}, "phone_h": {"h3p"}, "posture": {"hunch"}, "scapula": {"hard"}, "cold": {"stiff", "chill"}, "thigh": {"back_stiff", "pain"},
		"pain": {"back"}, "pain_lv": {"8"}, "ex30": {"w1"}, "level": {"beginner"}, "trained": {"core"}, "trouble": {"pain", "bounce", "no_rest"},
		"meals": {"m3"}, "late": {"yes"}, "carb_fat": {"carb", "sweet"}, "protein": {"daily"}, "fast": {"fast"},
		"preg": {"no"}, "hx_group": {"none"}, "body": {"cold"}, "med_any": {"yes"}, "med_names": {"ワルファリン見本錠"}, "allergy_any": {"no"},
		"hx_cold": {"cad"}, "meds": {"warf"},
		"sleep": {"h6"}, "alcohol": {"w1"}, "binge": {"stress"}, "fam": {"dm"}, "interest": {"cool", "life"}, "worry": {"後ろ姿が気になります。"},
	}
)

// doctorCautions are what config/cautions.txt says about doctorTells, worked out by hand, one line for each fact and the gravest first, with what
// it means for cooling, an injection and a drug.
var doctorCautions = []string{
	"寒冷凝集素症: 保留 規則なし 規則なし",
	"ワルファリン: 確認 確認 確認",
	"痛み：腰、痛みの強さ 8/10、前屈で痛む、腰やひざが痛む: 確認 確認 確認",
}

func TestWalk_DoctorReadsAnswers(t *testing.T) {
	d := openDemo(t, "sqlite")
	defer d.close(t)
	token := bookAndAnswer(t, d)
	chart := d.chart(t, token)

	doctor := browsertest.Visit(t, d.URL, browsertest.Tablet)
	signIn(t, d, doctor, "doctor")
	readChart(t, doctor, chart)
	keepOthersOut(t, d, doctor, chart)

	frontDesk := browsertest.Visit(t, d.URL, browsertest.Desktop)
	signIn(t, d, frontDesk, "reception")
	seeNoAnswers(t, frontDesk, chart)
	resendAndCancel(t, d, frontDesk, chart)

	doctor.Open("/office/doctor")
	if doctor.Sees(`a.visit[href$="` + chart.Appointment.Booking.ID + `"]`) {
		t.Error("the doctor still expects a patient whose booking was cancelled")
	}
	patient := browsertest.Visit(t, d.URL, browsertest.Phone)
	patient.Open("/booking/" + token)
	patient.Look("booked-cancelled")
	if title := patient.Text("h1"); title != "このご予約はキャンセルされています" {
		t.Errorf("the patient reads %q", title)
	}
}

// bookAndAnswer books the first free time of the doctor who signs in, and answers everything, over HTTP as the pages do.
// It returns the token of the patient's links.
func bookAndAnswer(t *testing.T, d *demoClinic) (token string) {
	t.Helper()
	token = bookOnly(t, d)
	v := answerAll(t, d, token)
	v.get("/intake/"+token+"/done").expect(t, http.StatusOK, "/intake/"+token+"/done")
	return token
}

// freeSlotOf asks the API for the first free time of a doctor at the first branch.
func freeSlotOf(t *testing.T, v *visitor, doctor string) string {
	t.Helper()
	var branches []struct{ ID string }
	must(t, json.Unmarshal(v.get("/api/v1/branches").Body, &branches))
	var free struct {
		Slots []struct {
			ID     string
			Doctor struct{ Name string }
		}
	}
	must(t, json.Unmarshal(v.get("/api/v1/slots?days=7&branch="+branches[0].ID).Body, &free))
	for _, s := range free.Slots {
		if s.Doctor.Name == doctor {
			return s.ID
		}
	}
	t.Fatalf("%s has no free time", doctor)
	return ""
}

// signIn signs a member of staff in, at the second attempt.
func signIn(t *testing.T, d *demoClinic, v *browsertest.Visitor, role string) {
	t.Helper()
	v.Open("/office")
	v.Look("sign-in")
	v.Type("email", d.logins[role].email)
	v.Type("password", "not the password")
	v.FollowAtTo(http.StatusUnprocessableEntity, "[data-main]")
	v.Look("sign-in-wrong")
	if got := v.Values("email"); !slices.Equal(got, []string{d.logins[role].email}) || v.Values("password")[0] != "" {
		t.Errorf("after a wrong password, the address is %v and the password stands in the page: %v", got, v.Values("password")[0] != "")
	}
	v.Type("password", d.logins[role].password)
	v.FollowAt("[data-main]")
}

// readChart finds the patient in the list and reads the chart.
func readChart(t *testing.T, v *browsertest.Visitor, chart store.Chart) {
	t.Helper()
	a := chart.Appointment
	v.Look("doctor-day")
	if at := v.Path(); at != "/office/doctor" || v.Text("h1") != "本日のカウンセリング" {
		t.Errorf("the doctor begins at %s, %s", at, v.Text("h1"))
	}
	v.FollowAt(`a.visit[href$="` + a.Booking.ID + `"]`)
	v.Look("chart")
	head := v.Text(".chart-name")
	for _, part := range []string{"例示", "澄", "レイジ", "女性", "初めて", "BMI 24.2", a.Booking.Reference} {
		if !strings.Contains(head, part) {
			t.Errorf("the chart's head does not have %s: %s", part, head)
		}
	}
	cautions := browsertest.Read[[]string](v, `[...document.querySelectorAll("#cautions .line")].map(e => e.querySelector(".fact > a").innerText + ": " + [...e.querySelectorAll("td")].map(d => d.innerText).join(" "))`)
	if !slices.Equal(cautions, doctorCautions) {
		t.Errorf("the chart has the cautions %q, want %q", cautions, doctorCautions)
	}
	if strip := v.Text(".strip"); !strings.Contains(strip, "ワルファリン見本錠") || !strings.Contains(strip, "寒冷凝集素症") {
		t.Errorf("the strip reads %s", strip)
	}
	if where := v.Text(".where"); !strings.Contains(where, "背中、裏もも") || !v.Sees(".where svg") {
		t.Errorf("the areas read %s", where)
	}
	checkEveryAnswer(t, v)
}

// checkEveryAnswer compares the answers on the chart with the questionnaire's questions and what was answered.
func checkEveryAnswer(t *testing.T, v *browsertest.Visitor) {
	t.Helper()
	shown := browsertest.Read[[][2]string](v, `[...document.querySelectorAll(".answers .answer")].map(e => [e.id, e.querySelector("dd").innerText])`)
	q := questionnaire(t)
	next := 0
	for _, section := range append([]intake.Section{q.Booking}, q.Intake...) {
		for _, question := range section.Questions {
			values := doctorTells[question.ID]
			if len(values) == 0 {
				values = bookingTells[question.ID]
			}
			at := slices.IndexFunc(shown, func(s [2]string) bool { return s[0] == "q-"+question.ID })
			if len(values) == 0 || at < 0 {
				if len(values) > 0 && question.Kind != intake.Agree {
					t.Errorf("the answer to %s is not on the chart", question.ID)
				}
				continue
			}
			if at < next {
				t.Errorf("the answer to %s is out of order", question.ID)
			}
			next = at
			if words := strings.Join(question.Show(values, "ja"), "、"); !strings.HasPrefix(shown[at][1], words) {
				t.Errorf("the answer to %s reads %q instead of %q", question.ID, shown[at][1], words)
			}
		}
	}
}

// keepOthersOut tries what is not the doctor's: another doctor's chart, and the front desk's pages.
func keepOthersOut(t *testing.T, d *demoClinic, v *browsertest.Visitor, chart store.Chart) {
	t.Helper()
	var other string
	withStore(t, d.settings, func(s *store.Store) {
		doctors, err := s.Doctors(t.Context())
		must(t, err)
		for _, doctor := range doctors {
			if doctor.ID == chart.Appointment.Doctor.ID {
				continue
			}
			charts, err := s.Charts(t.Context(), storetest.DoctorActor(doctor.ID), time.Now(), time.Now().AddDate(0, 0, 14))
			must(t, err)
			for _, c := range charts {
				other = c.Appointment.Booking.ID
			}
		}
	})
	if other == "" {
		t.Fatal("no other doctor has a booking")
	}
	v.OpenTo(http.StatusNotFound, "/office/charts/"+other)
	v.Look("doctor-not-found")
	v.OpenTo(http.StatusForbidden, "/office/day")
	v.OpenTo(http.StatusForbidden, "/office/bookings/"+chart.Appointment.Booking.ID)
	v.Look("doctor-forbidden")
}

// seeNoAnswers finds the booking as the front desk does, and looks for answers wherever it may look.
func seeNoAnswers(t *testing.T, v *browsertest.Visitor, chart store.Chart) {
	t.Helper()
	a := chart.Appointment
	v.Look("frontdesk-today")
	v.Open("/office/day?branch=" + a.Branch.ID + "&date=" + a.Slot.StartsAt.In(a.Branch.Location()).Format(time.DateOnly))
	v.Look("frontdesk-day")
	link := `a[href$="` + a.Booking.ID + `"]`
	if !v.Sees(link) {
		t.Error("the front desk does not see the booking on its day")
	}
	day := v.Text("main")
	v.Open("/office/search")
	v.Type("q", "ﾚｲｼﾞ　す")
	v.FollowAt("main form button")
	v.Look("frontdesk-search")
	search := v.Text("main")
	v.FollowAt(link)
	v.Look("frontdesk-booking")
	booking := v.Text("main")
	for _, part := range []string{a.Patient.FamilyName, a.Patient.GivenName, a.Booking.Reference, "090-0000-5678", patientOfDoctor, "背中、裏もも", "駐車場はありますか。", "問診 回答済み", "予約確認"} {
		if !strings.Contains(booking, part) {
			t.Errorf("the booking does not have %s: %s", part, booking)
		}
	}
	for where, text := range map[string]string{"day": day, "search": search, "booking": booking} {
		for _, secret := range []string{"寒冷凝集素症", "ワルファリン", "60.4", "24.2", "保留", "注意", "後ろ姿", "サロン", "猫背", "痛"} {
			if strings.Contains(text, secret) {
				t.Errorf("the front desk reads %q on the page %s", secret, where)
			}
		}
	}
	for _, path := range []string{"/office/charts/" + a.Booking.ID, "/office/doctor", "/office/slots"} {
		v.OpenTo(http.StatusForbidden, path)
	}
	v.Look("frontdesk-forbidden")
}

// resendAndCancel has the confirmation sent once more and then cancels the booking, watching the letters arrive.
func resendAndCancel(t *testing.T, d *demoClinic, v *browsertest.Visitor, chart store.Chart) {
	t.Helper()
	booking := "/office/bookings/" + chart.Appointment.Booking.ID
	first := d.messageTo(t, patientOfDoctor, 1)
	eventually(t, "the front desk sees that the letter was sent", func() bool {
		v.Open(booking)
		return strings.Contains(v.Text("#letters"), "送信済み")
	})
	v.Follow("もう一度送る")
	if notice := v.Text("main [role=status]"); !strings.Contains(notice, "もう一度送ります") {
		t.Errorf("after the wish to send it again stands %q", notice)
	}
	again := d.messageTo(t, patientOfDoctor, 2)
	if a, b := messageID(t, first), messageID(t, again); a == "" || b != strings.Replace(a, "@", "-1@", 1) {
		t.Errorf("the letter's id was %q, then %q", a, b)
	}
	eventually(t, "the front desk sees that it was sent again", func() bool {
		v.Open(booking)
		return strings.Contains(v.Text("#letters"), "送信済み")
	})

	v.Press("キャンセル…")
	v.Look("frontdesk-cancel")
	v.Follow("キャンセルを確定する")
	v.Look("frontdesk-cancelled")
	if !strings.Contains(v.Text("main [role=status]"), "予約をキャンセルしました") || v.Sees("details.confirm") {
		t.Errorf("after the cancellation the page says %q", v.Text("main [role=status]"))
	}
	cancellation := d.letterTo(t, patientOfDoctor, 3)
	if !strings.Contains(cancellation.Subject, "キャンセル") || !strings.Contains(cancellation.Text, chart.Appointment.Booking.Reference) {
		t.Errorf("the letter is headed %q:\n%s", cancellation.Subject, cancellation.Text)
	}
	calendar, event := readEvent(t, cancellation.Entry.File)
	wantEvent(t, event, chart)
	status, sequence := event.Props.Get("STATUS").Value, event.Props.Get("SEQUENCE").Value
	if method := calendar.Props.Get("METHOD").Value; method != "CANCEL" || cancellation.Entry.Method != method || status != "CANCELLED" || sequence == "0" {
		t.Errorf("the calendar entry has the method %s, the status %s and the sequence %s", method, status, sequence)
	}
	// The time is offered again, and first.
	if free := freeSlotOf(t, newVisitor(t, d.process), "見本 花"); free != chart.Appointment.Slot.ID {
		t.Errorf("the first free time is %s instead of %s", free, chart.Appointment.Slot.ID)
	}
}
