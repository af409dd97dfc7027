package main_test

import (
	"fmt"
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

// TestWalk_WaitingListOffer: a doctor is booked out. Two people get in line, one of them without scripts, and so does somebody who would like to
// come earlier than they are booked. A booking is cancelled, the first in line gets a letter and passes, the second books what they are offered,
// and what they give up again goes to the third, whose booking moves. The front desk sees the line all the while.
func TestWalk_WaitingListOffer(t *testing.T) {
	d := openDemo(t, "sqlite")
	defer d.close(t)
	w := bookOut(t, d)
	desk := browsertest.Visit(t, d.URL, browsertest.Desktop)
	signIn(t, d, desk, "reception")

	first := w.join(t, d, 0, true)
	second := w.join(t, d, 1, false)
	w.joinEarlier(t, d)
	desk.Open("/office/waiting?branch=" + w.branch.ID)
	desk.LookAt("waiting-desk", browsertest.Tablet, browsertest.Desktop)
	if rows := browsertest.Read[int](desk, `document.querySelectorAll("tbody tr").length`); rows != 3 {
		t.Errorf("%d are in line", rows)
	}
	desk.Open("/office/day?branch=" + w.branch.ID)
	if todo := desk.Text(".todo"); !strings.Contains(todo, "順番待ち") {
		t.Errorf("what is to be done is %q", todo)
	}

	w.cancel(t, d, w.early) // and somebody's time comes free
	link := w.offered(t, d, 0, 2)
	first.Open(link)
	first.LookAt("waiting-offer", 320, browsertest.Phone, browsertest.Tablet)
	desk.Open("/office/waiting?branch=" + w.branch.ID)
	if !strings.Contains(desk.Text("tbody tr:first-child"), "案内中") {
		t.Error("the front desk does not see the offer")
	}
	first.Follow("この日時で予約する")
	first.LookAt("waiting-book", browsertest.Phone, browsertest.Tablet)
	first.Open(link)
	first.Follow("今回は見送る")
	first.Look("waiting-declined")

	link = w.offered(t, d, 1, 2)
	second.Open(link)
	second.LookAt("waiting-offer-plain", 320, browsertest.Phone)
	second.Follow("この日時で予約する")
	second.FollowTo(http.StatusUnprocessableEntity, "予約を確定する")
	second.Look("waiting-book-wrong")
	second.Type("birth_year", "1991")
	second.Type("birth_month", "4")
	second.Type("birth_day", "5")
	second.Choose("sex", "f")
	second.Choose("contact", "email")
	second.Choose("visited", "first")
	second.Choose("areas", "chin")
	second.Choose("c_privacy", "yes")
	second.Choose("c_cancel", "yes")
	second.Follow("予約を確定する")
	if at := second.Path(); !strings.HasPrefix(at, "/booking/") {
		t.Fatalf("accepting leads to %s", at)
	}
	taken := strings.TrimPrefix(second.Path(), "/booking/")
	if a := d.chart(t, taken).Appointment; a.Slot.ID != w.slots[0].ID || a.Patient.Phone != "09000007302" {
		t.Errorf("booked is %+v", a.Slot)
	}
	wantLetter(t, d, waiterMail(1), 3, "予約", taken, "PUBLISH", "0")
	second.Open(link)
	second.Look("waiting-accepted")
	second.Follow("ご予約の確認・変更")

	first.Follow("順番待ちをやめる")
	first.LookAt("waiting-left", 320, browsertest.Phone)

	w.cancel(t, d, taken)
	third := browsertest.Visit(t, d.URL, browsertest.Phone)
	third.Open(w.offered(t, d, 2, 3))
	third.LookAt("waiting-offer-move", 320, browsertest.Phone, browsertest.Tablet)
	third.Follow("この日時に変更する")
	third.Look("waiting-moved")
	if a := d.chart(t, w.late).Appointment; a.Slot.ID != w.slots[0].ID || a.Booking.Sequence != 1 {
		t.Errorf("it is %+v", a.Booking)
	}
	wantLetter(t, d, waiterMail(2), 4, "日時変更", w.late, "PUBLISH", "1")
	desk.Open("/office/waiting?branch=" + w.branch.ID)
	desk.Look("waiting-desk-none")
	w.byHand(t, d, desk)
}

// bookedOut is a doctor whose two times are booked.
type bookedOut struct {
	branch      clinic.Branch
	doctor      clinic.Doctor
	slots       []clinic.SlotWithState
	early, late string // what opens the bookings
}

func waiterMail(n int) string { return fmt.Sprintf("waits%d@example.jp", n) }

func bookOut(t *testing.T, d *demoClinic) (w bookedOut) {
	t.Helper()
	owner := clinic.Job("test")
	withStore(t, d.settings, func(s *store.Store) {
		branches, err := s.Branches(t.Context())
		must(t, err)
		w.branch = branches[0]
		w.branch.Settings.Waiting.QuietFrom, w.branch.Settings.Waiting.QuietUntil = clinic.NoQuiet, clinic.NoQuiet // the walk may be taken at night
		w.branch, err = s.SaveBranch(t.Context(), owner, w.branch)
		must(t, err)
		w.doctor, err = s.SaveDoctor(t.Context(), owner, clinic.Doctor{
			FamilyName: "満員", GivenName: "御礼", FamilyKana: "マンイン", GivenKana: "オンレイ", NameEn: "Full House", Sex: clinic.Female, Career: "架空医科大学 卒業",
		}, []string{w.branch.ID})
		must(t, err)
		var slots []clinic.Slot
		for _, days := range []int{5, 9} {
			start := clinic.DateOf(time.Now(), w.branch.Location()).AddDays(days).In(w.branch.Location()).Add(13 * time.Hour)
			slots = append(slots, clinic.Slot{BranchID: w.branch.ID, DoctorID: w.doctor.ID, StartsAt: start, EndsAt: start.Add(time.Hour)})
		}
		must(t, s.AddSlots(t.Context(), owner, slots))
		w.slots, err = s.Slots(t.Context(), store.SlotQuery{BranchID: w.branch.ID, DoctorID: w.doctor.ID, From: time.Now(), Until: time.Now().AddDate(0, 0, 20), For: owner})
		must(t, err)
	})
	for n, email := range []string{"booked@example.jp", waiterMail(2)} {
		form := goodForm(w.slots[n].ID)
		form.Set("email", email)
		form.Set("phone", "090-0000-720"+string(rune('1'+n)))
		form.Set("birth_day", "2"+string(rune('1'+n)))
		newVisitor(t, d.process).post("/book", form).expect(t, http.StatusOK, "/booking/")
		link := regexp.MustCompile(`/booking/[a-z0-9]{26}`).FindString(d.letterTo(t, email, 1).Text)
		*[]*string{&w.early, &w.late}[n] = strings.TrimPrefix(link, "/booking/")
	}
	return w
}

// join goes from the choice of a time, where nothing is free, into the line.
func (w bookedOut) join(t *testing.T, d *demoClinic, n int, scripts bool) *browsertest.Visitor {
	t.Helper()
	v := browsertest.Visit(t, d.URL, browsertest.Phone)
	name := "waiting"
	if !scripts {
		v.TurnScriptsOff()
		name = "waiting-plain"
	}
	v.Open("/slots?branch=" + w.branch.ID + "&doctor=" + w.doctor.ID)
	v.FollowAt("#wait a")
	v.LookAt(name+"-join", 320, browsertest.Phone, browsertest.Tablet)
	if chosen := v.Values("doctor"); !slices.Equal(chosen, []string{w.doctor.ID}) {
		t.Errorf("the doctor is %v", chosen)
	}
	v.FollowTo(http.StatusUnprocessableEntity, "順番待ちに申し込む")
	v.Look(name + "-wrong")
	for field, text := range map[string]string{
		"family_name": "順番", "given_name": []string{"待子", "町子"}[n], "family_kana": "じゅんばん", "given_kana": "まちこ",
		"phone": fmt.Sprintf("０９０-0000-730%d", n+1), "email": waiterMail(n),
	} {
		v.Type(field, text)
	}
	v.Choose("wait-parts", "afternoon", "evening")
	v.Follow("順番待ちに申し込む")
	v.LookAt(name+"-joined", 320, browsertest.Phone, browsertest.Tablet)
	if !strings.Contains(v.Text("main"), "午後") || !strings.HasPrefix(v.Path(), "/waiting/") {
		t.Errorf("at %s stands %q", v.Path(), v.Text("main"))
	}
	return v
}

// joinEarlier goes into the line from the page of the booking.
func (w bookedOut) joinEarlier(t *testing.T, d *demoClinic) {
	t.Helper()
	v := browsertest.Visit(t, d.URL, browsertest.Phone)
	v.Open("/booking/" + w.late)
	v.Follow("もっと早い日時を待つ")
	v.LookAt("waiting-earlier", 320, browsertest.Phone, browsertest.Tablet)
	v.Choose("wait-parts", "afternoon")
	// Any other doctor would be free at once.
	browsertest.Read[bool](v, `(document.querySelector("[name=doctor]").value = "`+w.doctor.ID+`") !== ""`)
	v.Follow("順番待ちに申し込む")
	v.Look("waiting-earlier-joined")
	v.Open("/booking/" + w.late + "/waiting")
	v.Look("waiting-earlier-again")
	if chosen := v.Values("wait-parts"); !slices.Equal(chosen, []string{"afternoon"}) {
		t.Errorf("what they wait for is %v", chosen)
	}
}

func (w bookedOut) cancel(t *testing.T, d *demoClinic, token string) {
	t.Helper()
	withStore(t, d.settings, func(s *store.Store) {
		must(t, s.CancelOwn(t.Context(), clinic.PatientByLink(token), ""))
	})
}

// offered waits for the letter that offers a time, which is their n-th, and is where it leads.
func (w bookedOut) offered(t *testing.T, d *demoClinic, who, n int) string {
	t.Helper()
	l := d.letterTo(t, waiterMail(who), n)
	link := regexp.MustCompile(`/waiting/[a-z0-9]{26}`).FindString(l.Text)
	if !strings.Contains(l.Subject, "空きのご案内") || link == "" {
		t.Fatalf("letter %d is headed %q", n, l.Subject)
	}
	return link
}

// byHand: the front desk puts a caller in line, offers them a slot by hand and takes them out again.
func (w bookedOut) byHand(t *testing.T, d *demoClinic, desk *browsertest.Visitor) {
	t.Helper()
	withStore(t, d.settings, func(s *store.Store) { // so that nothing is offered by itself
		branch, err := s.Branch(t.Context(), w.branch.ID)
		must(t, err)
		branch.Settings.Waiting.Off = true
		_, err = s.SaveBranch(t.Context(), clinic.Job("test"), branch)
		must(t, err)
	})
	desk.TurnScriptsOff()
	desk.Open("/office/phone?branch=" + w.branch.ID)
	desk.Type("wish", "来週 午後")
	desk.Type("kana", "デンワ タロウ")
	desk.Type("phone", "090-0000-7399")
	desk.Type("email", waiterMail(9))
	desk.Follow("順番待ちに入れる")
	desk.Look("waiting-desk-caller")
	desk.Follow("枠を案内する")
	desk.LookAt("waiting-desk-offer", browsertest.Tablet, browsertest.Desktop)
	slot := desk.Values("slot")
	if len(slot) != 0 && slot[0] != "" {
		t.Errorf("chosen already is %v", slot)
	}
	desk.FollowTo(http.StatusUnprocessableEntity, "メールで案内する")
	desk.Click(`label:has(> input[name=slot])`)
	desk.Follow("メールで案内する")
	w.offered(t, d, 9, 2)
	desk.Reload()
	desk.Look("waiting-desk-offered")
	desk.Follow("案内を取り消す")
	desk.Follow("外す")
	if !strings.Contains(desk.Text("main"), "お待ちの方はいません") {
		t.Error("the caller is still in line")
	}
}
