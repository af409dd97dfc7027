package main_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
	"madoguchi/internal/store/storetest"
)

// makeToday gives the slot of a booking the first half hour of today, so that its note can be written whenever the test runs.
func makeToday(t *testing.T, s settings, a clinic.Appointment) {
	t.Helper()
	start := clinic.DateOf(time.Now(), a.Branch.Location()).In(a.Branch.Location()).UTC()
	statement := "UPDATE slots SET starts_at = $1, ends_at = $2 WHERE id = $3"
	if strings.HasPrefix(s["MADOGUCHI_DATABASE"], "sqlite:") {
		statement = "UPDATE slots SET starts_at = ?, ends_at = ? WHERE id = ?"
	}
	storetest.Exec(t, s["MADOGUCHI_DATABASE"], statement, start, start.Add(30*time.Minute), a.Slot.ID)
}

// noteOf is what is stored of the note of a booking, as its doctor has it.
func noteOf(t *testing.T, s settings, a clinic.Appointment, doctorID string) (n store.Note) {
	t.Helper()
	withStore(t, s, func(st *store.Store) {
		var err error
		n, err = st.NoteFor(t.Context(), storetest.DoctorActor(doctorID), a.Booking.ID)
		must(t, err)
	})
	return n
}

// savedAfter waits until the page says that it has saved at a time, and at no other than before.
func savedAfter(v *browsertest.Visitor, before string) {
	v.WaitFor(fmt.Sprintf(`form[data-saved-at]:not([data-saved-at=%q]):not([data-saved-at=""])`, before))
}

// TestWalk_DoctorSignsNote: a doctor opens the note from the chart, writes it with phrases while it saves itself, loses the session and the
// server in the middle, writes on two screens at once, signs, corrects, reads side by side, and hands the patient over.
func TestWalk_DoctorSignsNote(t *testing.T) {
	d := openDemo(t, "sqlite")
	token := bookAndAnswer(t, d)
	makeToday(t, d.settings, d.chart(t, token).Appointment)
	a := d.chart(t, token).Appointment
	path := "/office/charts/" + a.Booking.ID + "/note"

	doctor := browsertest.Visit(t, d.URL, browsertest.Tablet)
	signIn(t, d, doctor, "doctor")
	addPhrase(t, doctor)
	doctor.Open("/office/charts/" + a.Booking.ID)
	doctor.KeyTo(http.StatusOK, "n")
	if at := doctor.Path(); at != path {
		t.Fatalf("the key leads to %s", at)
	}
	doctor.WaitFor("[data-note-others]:not(:empty)")
	doctor.Look("note")
	writeWithPhrase(t, d, doctor, a)
	typeWithoutPause(t, d, doctor, a)
	loseSession(t, d, doctor, a)
	loseServer(t, d, doctor, a)
	writeOnTwoScreens(t, doctor, path)
	signAndCorrect(t, doctor, path)
	handOver(t, d, doctor, a)
	d.close(t)
}

func addPhrase(t *testing.T, v *browsertest.Visitor) {
	t.Helper()
	v.Open("/office/phrases")
	for shortcut, text := range map[string]string{"うんどう": "肩甲骨まわりの運動を週2回。", "うんせ": "運動の説明書をお渡しした。"} {
		v.Type("shortcut", shortcut)
		v.Type("text", text)
		v.FollowAt("form.card [data-main]")
	}
	v.Look("phrases")
}

// writeWithPhrase fills the note in as a doctor does: a thumb for what was found, kana for what is often said.
func writeWithPhrase(t *testing.T, d *demoClinic, v *browsertest.Visitor, a clinic.Appointment) {
	t.Helper()
	v.Click(`label:has(> input[name="fat-back"][value=much])`)
	v.Click(`label:has(> input[name="fat-back"][value=middle])`)
	v.Click(`label:has(> input[name="muscle-back"][value=weak])`)
	v.Click(`label:has(> input[name="muscle-back"][value=weak])`) // and taken back
	v.Type("thickness-back", "24")
	v.Click("#proposal")
	v.Write("よく歩く。；うん")
	v.WaitFor("#proposal-phrases li:nth-child(2)")
	v.Key(kb.Escape)
	if v.Sees("#proposal-phrases") || v.Path() != "/office/charts/"+a.Booking.ID+"/note" {
		t.Error("Esc does not leave the text as it is")
	}
	v.Write("どう")
	v.WaitFor("#proposal-phrases li:only-child")
	v.Key(kb.Tab)
	if got := v.Values("proposal")[0]; got != "よく歩く。肩甲骨まわりの運動を週2回。" || v.Focused() != "proposal" {
		t.Errorf("the phrase makes %q, and the focus is in %q", got, v.Focused())
	}
	eventually(t, "what was written is stored", func() bool {
		n := noteOf(t, d.settings, a, a.Doctor.ID)
		return n.Draft.Proposal == "よく歩く。肩甲骨まわりの運動を週2回。" && n.Draft.Finding("back") == clinic.Finding{Area: "back", Fat: "middle", Thickness: "24"}
	})
	v.Look("note-written")
}

// typeWithoutPause: somebody who never stops typing is saved all the same.
func typeWithoutPause(t *testing.T, d *demoClinic, v *browsertest.Visitor, a clinic.Appointment) {
	t.Helper()
	v.Click("#wish")
	before := noteOf(t, d.settings, a, a.Doctor.ID).Draft.Revision
	eventually(t, "what is typed without a pause is stored", func() bool {
		v.Write("や")
		return noteOf(t, d.settings, a, a.Doctor.ID).Draft.Revision > before+1
	})
}

// loseSession ends the session in the middle of a sentence: the text is in the browser, and is taken up after the sign-in.
func loseSession(t *testing.T, d *demoClinic, v *browsertest.Visitor, a clinic.Appointment) {
	t.Helper()
	v.Meant(": 401") // the page goes on saving, and asking who else has it open
	defer v.Meant("")
	storetest.Exec(t, d.settings["MADOGUCHI_DATABASE"], "DELETE FROM sessions")
	v.Type("wish", "まず自分でできることから。")
	v.WaitFor("[data-note-signin]:not([hidden])")
	if said := v.Text("[data-note-alarm]"); !strings.Contains(said, "保存できていません") || !strings.Contains(said, "このブラウザにあります") {
		t.Errorf("the page says %q", said)
	}
	v.Look("note-expired")
	v.FollowAt("[data-note-signin]")
	v.Type("email", d.logins["doctor"].email)
	v.Type("password", d.logins["doctor"].password)
	v.FollowAt("[data-main]")
	v.WaitFor("[data-draft-offer]:not([hidden])")
	v.Look("note-offer")
	before := browsertest.Read[string](v, `document.querySelector("form[data-note]").dataset.savedAt`)
	v.Click("[data-draft-use]")
	eventually(t, "what was typed without a session is stored", func() bool {
		return noteOf(t, d.settings, a, a.Doctor.ID).Draft.Wish == "まず自分でできることから。"
	})
	savedAfter(v, before) // the page has heard of it, so that what it says next is of what is typed next
}

// loseServer kills the server while somebody types. What the page called saved is there; the rest is said not to be, and is saved once there
// is a server again.
func loseServer(t *testing.T, d *demoClinic, v *browsertest.Visitor, a clinic.Appointment) {
	t.Helper()
	before := browsertest.Read[string](v, `document.querySelector("form[data-note]").dataset.savedAt`)
	v.Type("wish", "まず自分でできることから。3か月で様子を見たい。")
	savedAfter(v, before)
	d.kill(t)
	if got := noteOf(t, d.settings, a, a.Doctor.ID).Draft.Wish; got != "まず自分でできることから。3か月で様子を見たい。" {
		t.Errorf("the page said that it was saved, and stored is %q", got)
	}
	v.Click("#wish")
	v.Write("注射はこわい。")
	v.WaitFor("[data-note-alarm]:not([hidden])")
	if said := v.Text("[data-note-alarm]"); !strings.HasPrefix(said, "保存できていません（") {
		t.Errorf("without a server, the page says %q", said)
	}
	v.Forgive()
	d.process = serve(t, d.settings)
	v.WaitFor("[data-note-state]:not([hidden]):not(:empty)")
	if got := noteOf(t, d.settings, a, a.Doctor.ID).Draft.Wish; !strings.Contains(got, "注射はこわい。") || !strings.Contains(got, "3か月で様子を見たい。") {
		t.Errorf("after all that, stored is %q", got)
	}
	v.Forgive()
}

// writeOnTwoScreens: the second of two screens that save is told, and shown both texts.
func writeOnTwoScreens(t *testing.T, v *browsertest.Visitor, path string) {
	t.Helper()
	other := v.Tab()
	other.Open(path)
	other.WaitFor("[data-note-others]:not(:empty)")
	if said := other.Text("[data-note-others]"); !strings.Contains(said, "もう一つの画面") {
		t.Errorf("the second screen says %q", said)
	}
	other.Type("other", "前屈で腰が痛む。")
	savedAfter(other, "")
	other.WaitFor("[data-note-state]:not([hidden]):not(:empty)")
	v.Type("other", "肩甲骨の動きが小さい。")
	v.WaitFor("[data-note-compare]:not([hidden])")
	v.Forgive()
	v.Look("note-stale")
	v.FollowAtTo(http.StatusConflict, "[data-note-compare]")
	v.Look("note-conflict")
	v.Follow("両方を残す")
	if got := v.Values("other")[0]; got != "前屈で腰が痛む。\n肩甲骨の動きが小さい。" {
		t.Errorf("both are %q", got)
	}
}

// signAndCorrect signs by the keyboard: asked once, because nothing was explained. Then a mistake is mended.
func signAndCorrect(t *testing.T, v *browsertest.Visitor, path string) {
	t.Helper()
	v.CtrlEnter()
	v.WaitFor("#wrongs [value=sure]")
	v.Look("note-unexplained")
	v.Click(`label:has(> input[name=explained][value=anticoagulant])`)
	v.CtrlEnter()
	v.WaitFor(".note-signed")
	v.Look("note-signed")
	if said := v.Text(".note-signed"); !strings.Contains(said, "第1版（確定）") || !strings.Contains(said, "抗凝固薬と内出血") {
		t.Errorf("signed is %q", said)
	}
	v.Type("reason", "厚みの書きまちがい")
	v.Follow("訂正を始める")
	v.Type("thickness-back", "21")
	v.FollowAtTo(http.StatusUnprocessableEntity, "[data-main]") // what is held is still held
	v.Follow("このまま確定する")
	if said := v.Text(".note-versions"); !strings.Contains(said, "第2版") || !strings.Contains(said, "訂正：厚みの書きまちがい") {
		t.Errorf("the versions are %q", said)
	}
	v.Follow("並べて読む")
	v.Look("note-versions")
	if removed, added := v.Text("del"), v.Text("ins"); !strings.Contains(removed, "削除") || !strings.Contains(added, "追加") || !strings.Contains(added, "21") {
		t.Errorf("side by side: %q and %q", removed, added)
	}
	v.Open(path)
	v.Key(kb.Escape) // there is no form any more, so the key is not the note's
}

// handOver gives the chart to a colleague, who reads it. The front desk sees to whom.
func handOver(t *testing.T, d *demoClinic, v *browsertest.Visitor, a clinic.Appointment) {
	t.Helper()
	var other clinic.Doctor
	withStore(t, d.settings, func(s *store.Store) {
		doctors, err := s.DoctorsAt(t.Context(), a.Branch.ID)
		must(t, err)
		for _, doctor := range doctors {
			if doctor.ID != a.Doctor.ID {
				other = doctor
			}
		}
	})
	v.Open("/office/charts/" + a.Booking.ID + "/handover")
	v.Look("handover")
	v.Choose("to", other.ID)
	v.Type("reason", "前の診察が長引いたため")
	v.FollowAt("[data-main]")
	v.Look("handed")
	v.FollowAt("[data-handed-given] form button")
	v.Open("/office/charts/" + a.Booking.ID + "/handover")
	v.Choose("to", other.ID)
	v.Type("reason", "前の診察が長引いたため")
	v.FollowAt("[data-main]")
	v.OpenTo(http.StatusNotFound, "/office/charts/"+a.Booking.ID)

	colleague := newVisitor(t, d.process)
	colleague.post("/office/sign-in", url.Values{"email": {d.logins["colleague"].email}, "password": {d.logins["colleague"].password}}).expect(t, http.StatusOK, "/office/doctor")
	if said := colleague.get("/office/doctor").page(t).Find("[data-handed-new]").Text(); !strings.Contains(said, "前の診察が長引いたため") {
		t.Errorf("the colleague is told %q", said)
	}
	colleague.get("/office/charts/"+a.Booking.ID).expect(t, http.StatusOK, "/office/charts/")
	page := colleague.get("/office/charts/"+a.Booking.ID+"/note").expect(t, http.StatusOK, "/office/charts/").page(t)
	if said := page.Find(".note-signed").Text(); !strings.Contains(said, "第2版") {
		t.Errorf("the colleague reads %q", said)
	}
	desk := newVisitor(t, d.process)
	desk.post("/office/sign-in", url.Values{"email": {d.logins["reception"].email}, "password": {d.logins["reception"].password}}).expect(t, http.StatusOK, "/office/day")
	booking := desk.get("/office/bookings/"+a.Booking.ID).expect(t, http.StatusOK, "/office/bookings/")
	if said := booking.page(t).Find("[data-handed]").Text(); !strings.Contains(said, other.Name("ja")) || strings.Contains(string(booking.Body), "長引いた") {
		t.Errorf("the front desk reads %q", said)
	}
}

// TestWalk_NoteWithoutScript: the note is a plain form with two buttons.
func TestWalk_NoteWithoutScript(t *testing.T) {
	d := openDemo(t, "sqlite")
	token := bookAndAnswer(t, d)
	makeToday(t, d.settings, d.chart(t, token).Appointment)
	doctor := browsertest.Visit(t, d.URL, browsertest.Phone)
	doctor.TurnScriptsOff()
	signIn(t, d, doctor, "doctor")
	doctor.Open("/office/charts/" + d.chart(t, token).Appointment.Booking.ID + "/note")
	doctor.Click(`label:has(> input[name="fat-back"][value=much])`)
	doctor.Type("proposal", "よく歩く。")
	doctor.Follow("下書きを保存")
	if doctor.Values("proposal")[0] != "よく歩く。" || doctor.Values("fat-back")[0] != "much" {
		t.Error("the draft was not saved")
	}
	doctor.Click(`label:has(> input[name="fat-back"][value=""])`) // and taken back
	doctor.Look("note-plain")
	doctor.FollowAtTo(http.StatusUnprocessableEntity, ".note-bar [data-main]")
	doctor.Follow("このまま確定する")
	if said := doctor.Text(".note-signed"); !strings.Contains(said, "よく歩く。") || strings.Contains(said, "脂肪") {
		t.Errorf("signed is %q", said)
	}
	d.close(t)
}
