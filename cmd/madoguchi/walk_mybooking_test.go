package main_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
)

// TestWalk_PatientChangesAndCancels: somebody whose plans change opens the letter on their phone, takes another time and then gives it up, while the
// front desk's day is open. The same way goes without scripts.
func TestWalk_PatientChangesAndCancels(t *testing.T) {
	d := openDemo(t, "sqlite")
	defer d.close(t)
	desk := browsertest.Visit(t, d.URL, browsertest.Desktop)
	signIn(t, d, desk, "reception")
	for n, scripts := range []bool{true, false} {
		name := map[bool]string{true: "own", false: "own-plain"}[scripts]
		email := name + "@example.jp"
		form := goodForm(d.freeLater(t, n))
		form.Set("email", email)
		form.Set("phone", []string{"090-0000-7001", "090-0000-7002"}[n])
		form.Set("birth_day", []string{"11", "12"}[n])
		newVisitor(t, d.process).post("/book", form).expect(t, http.StatusOK, "/booking/")
		link := regexp.MustCompile(`/booking/[a-z0-9]{26}`).FindString(d.letterTo(t, email, 1).Text)
		token := strings.TrimPrefix(link, "/booking/")
		v := browsertest.Visit(t, d.URL, browsertest.Phone)
		if !scripts {
			v.TurnScriptsOff()
		}
		v.Open(link)
		v.LookAt(name, 320, browsertest.Phone, browsertest.Tablet)
		firstScreen(t, v)
		moveByTheLetter(t, d, v, name, token)
		wantLetter(t, d, email, 2, "日時変更", token, "PUBLISH", "1")
		a := d.chart(t, token).Appointment
		desk.Open("/office/day?branch=" + a.Branch.ID + "&date=" + clinic.DateOf(a.Slot.StartsAt, a.Branch.Location()).String() + "&cancelled=1")
		desk.WaitFor(`#live-state[data-state="on"]`)
		if !strings.Contains(desk.Text("main"), a.Patient.FamilyName) {
			t.Error("the front desk does not see the booking on its new day")
		}
		cancelByTheLetter(t, d, v, name, token)
		wantLetter(t, d, email, 3, "キャンセル", token, "CANCEL", "2")
		desk.WaitFor("[data-by-patient]") // by itself
		desk.Look(name + "-desk")
	}
}

// wantLetter reads the n-th letter to an address, and its calendar entry.
func wantLetter(t *testing.T, d *demoClinic, email string, n int, about, token, method, sequence string) {
	t.Helper()
	l := d.letterTo(t, email, n)
	if !strings.Contains(l.Subject, about) {
		t.Errorf("letter %d is headed %q", n, l.Subject)
	}
	calendar, event := readEvent(t, l.Entry.File)
	wantEvent(t, event, d.chart(t, token))
	if got := calendar.Props.Get("METHOD").Value; got != method || event.Props.Get("SEQUENCE").Value != sequence {
		t.Errorf("the entry of letter %d says %s in %s", n, got, event.Props.Get("SEQUENCE").Value)
	}
}

// freeLater is a free slot about two weeks ahead.
func (d *demoClinic) freeLater(t *testing.T, n int) (slotID string) {
	t.Helper()
	withStore(t, d.settings, func(s *store.Store) {
		branches, err := s.Branches(t.Context())
		must(t, err)
		from := time.Now().AddDate(0, 0, 12+n)
		slots, err := s.Slots(t.Context(), store.SlotQuery{BranchID: branches[0].ID, From: from, Until: from.AddDate(0, 0, 7), FreeOnly: true, For: clinic.Visitor("", "")})
		must(t, err)
		if len(slots) == 0 {
			t.Fatal("nothing is free")
		}
		slotID = slots[0].ID
	})
	return slotID
}

// firstScreen: on a phone, without scrolling, one sees that it is booked, when and where, both ways to change it, and until when.
func firstScreen(t *testing.T, v *browsertest.Visitor) {
	t.Helper()
	for _, part := range []string{"h1", "#booking .num", "#booking .facts", ".both a:first-child", ".both a:last-child", "#booking .until"} {
		if bottom := browsertest.Read[float64](v, `document.querySelector("`+part+`").getBoundingClientRect().bottom`); bottom > 780 {
			t.Errorf("%s ends at %v pixels", part, bottom)
		}
	}
}

func moveByTheLetter(t *testing.T, d *demoClinic, v *browsertest.Visitor, name, token string) {
	t.Helper()
	before := d.chart(t, token).Appointment
	v.Follow("日時を変える")
	v.LookAt(name+"-change", 320, browsertest.Phone, browsertest.Tablet)
	if !strings.Contains(v.Text(".now-booked"), "新しい日時が決まるまで、そのままです") {
		t.Error("the present booking is not in sight")
	}
	v.FollowAt("button.time")
	v.LookAt(name+"-confirm", 320, browsertest.Phone, browsertest.Tablet)
	if now := d.chart(t, token).Appointment; now.Slot.ID != before.Slot.ID {
		t.Fatal("it has moved before it was confirmed")
	}
	question := v.Path()
	v.Follow("この日時に変える")
	v.Look(name + "-moved")
	after := d.chart(t, token).Appointment
	if after.Slot.ID == before.Slot.ID || after.Booking.Reference != before.Booking.Reference || after.Booking.Sequence != 1 || after.Doctor.ID != before.Doctor.ID {
		t.Errorf("it is %+v with %s", after.Booking, after.Doctor.ID)
	}
	if h1 := v.Text("h1"); h1 != "ご予約の日時を変えました" {
		t.Errorf("the page says %q", h1)
	}
	// Neither a reload nor the way back does it again.
	v.Reload()
	v.Back()
	v.Open(question)
	if at := v.Path(); at != "/booking/"+token {
		t.Errorf("going back leads to %s", at)
	}
	if again := d.chart(t, token).Appointment; again.Slot.ID != after.Slot.ID || again.Booking.Sequence != 1 {
		t.Error("going back moved it once more")
	}
}

func cancelByTheLetter(t *testing.T, d *demoClinic, v *browsertest.Visitor, name, token string) {
	t.Helper()
	v.Follow("キャンセルする")
	v.LookAt(name+"-cancel", 320, browsertest.Phone, browsertest.Tablet)
	if chosen := v.Values("cancel-reason"); !slices.Equal(chosen, []string{""}) {
		t.Errorf("chosen is %v", chosen)
	}
	v.Follow("予約を残す")
	v.Follow("キャンセルする")
	v.Choose("cancel-reason", "worried")
	v.Follow("キャンセルする")
	v.LookAt(name+"-cancelled", 320, browsertest.Phone, browsertest.Tablet)
	a := d.chart(t, token).Appointment
	if b := a.Booking; b.Status != clinic.Cancelled || b.CancelledBy != clinic.ActorPatient || b.CancelReason != clinic.Worried || b.Sequence != 2 {
		t.Errorf("it is %+v", b)
	}
	v.Reload()
	v.OpenTo(http.StatusOK, "/booking/"+token+"/cancel")
	if h1 := v.Text("h1"); h1 != "ご予約をキャンセルしました" || v.Path() != "/booking/"+token {
		t.Errorf("an old page says %q at %s", h1, v.Path())
	}
	file, entry := v.Download("カレンダーの予定を消す")
	calendar, event := readEvent(t, entry)
	wantEvent(t, event, d.chart(t, token))
	if method := calendar.Props.Get("METHOD").Value; file != "yoyaku.ics" || method != "CANCEL" || event.Props.Get("SEQUENCE").Value != "2" {
		t.Errorf("the calendar file says %s in %s", method, event.Props.Get("SEQUENCE").Value)
	}
}
