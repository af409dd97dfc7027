package main_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/web/letter"
)

const patientMail = "hanako.shiken@example.jp"

// patientTells is what the patient of this walk answers. They change their mind about the medicine and the training on the
// way.
var patientTells = answers{
	"look": {"fat", "line"}, "height": {"１５８．５"}, "weight": {"60.4"}, "by_when": {"m3"}, "tried": {"diet", "este"}, "result": {"part"},
	"tx_react": {"yes"}, "bad_tx": {"昨年の夏、架空のサロンで肌が赤くなりました"},
	"sit_h": {"h9p"}, "phone_h": {"h3p"}, "posture": {"hunch", "roundsh"}, "scapula": {"hard"}, "cold": {"stiff", "chill"}, "pain": {"back"}, "pain_lv": {"4"},
	"ex30": {"w1"}, "level": {"beginner"}, "trained": {"back"}, "trouble": {"form"},
	"meals": {"m3"}, "late": {"yes"}, "carb_fat": {"sweet"}, "protein": {"daily"},
	"preg": {"no"}, "hx_group": {"none"}, "body": {"op"}, "med_any": {"yes"}, "med_names": {"見本錠"}, "allergy_any": {"pollen"},
	"surgery": {"old"}, "surg_site": {"limb"},
	"sleep": {"h6"}, "alcohol": {"w3"}, "alc_amt": {"g1"}, "binge": {"none"}, "fam": {"dm"},
	"interest": {"life"}, "worry": {"鏡に映る後ろ姿が気になります。\n運動は続けたいです。"},
}

func TestWalk_PatientBooksAndAnswers(t *testing.T) {
	d := openDemo(t, "sqlite", withPuzzles)
	defer d.close(t)
	v := browsertest.Visit(t, d.URL, browsertest.Phone)

	chooseTime(t, v)
	form := v.Path()
	bookWithMistakes(t, v)
	booked := v.Path()
	token := strings.TrimPrefix(booked, "/booking/")
	checkBooked(t, d, v, token)
	v.Open(form) // as the back button does
	v.Look("booked-again")
	if notice := v.Text("[data-again]"); v.Path() != booked+"?again=1" || !strings.Contains(notice, "すでに承っています") {
		t.Errorf("whoever goes back to the form after booking stands at %s and reads %q", v.Path(), notice)
	}
	v.Open(booked)
	intake := checkLetter(t, d, token)

	answerFirstSections(t, v)
	// Days later, from the letter, in another browser, which nobody knows: it is asked for the birth date before it shows an answer.
	later := browsertest.Visit(t, d.URL, browsertest.Phone)
	later.Open(intake)
	proveBirth(t, later)
	answerTheRest(t, d, later, token)
	checkAnswers(t, d, later, token)
}

// chooseTime comes from an article and goes to the grid, looking at another week and at another choice of doctors.
func chooseTime(t *testing.T, v *browsertest.Visitor) {
	t.Helper()
	v.Open("/?area=back&article=back-fat&campaign=autumn")
	v.Look("home")
	v.Follow("日時を選ぶ")
	v.Look("branches")
	v.Follow("この院で日時を選ぶ")
	v.Look("slots")
	if note := v.Text("main > p"); note != "背中 のご相談として承ります。" {
		t.Errorf("the page is about %q", note)
	}
	v.FollowAt("a.chip")
	v.Look("slots-woman")
	if lead := v.Text("h1 + p"); !strings.Contains(lead, "女性医師") {
		t.Errorf("the page says %q", lead)
	}
	v.Follow("次の週")
	v.Look("slots-next-week")
	v.FollowAt(`.week button[data-mark="free"]`)
}

// bookWithMistakes fills the form in as people do, sends it with mistakes, corrects them and books.
func bookWithMistakes(t *testing.T, v *browsertest.Visitor) {
	t.Helper()
	v.Look("book")
	if left := v.Text("[data-left]"); left != "あと10分" {
		t.Errorf("the time is kept for %q", left)
	}
	v.Click("[name=email]") // far down the form, the time and the minutes are still in sight
	if top := browsertest.Read[float64](v, `document.querySelector(".held-bar").getBoundingClientRect().top`); top != 0 {
		t.Errorf("the bar with the minutes stands at %v pixels", top)
	}
	if bar := v.Text(".held-bar"); !regexp.MustCompile(`^\d+月\d+日（.）\d+:\d\d あと10分`).MatchString(bar) {
		t.Errorf("the bar says %q", bar)
	}
	if areas := v.Values("areas"); !slices.Equal(areas, []string{"back"}) {
		t.Errorf("the article's area is ticked: %v", areas)
	}
	typed := map[string]string{
		"family_name": "試験", "given_name": "花子", "family_kana": "しけん", "given_kana": "はなこ", "birth_year": "平成2", "birth_month": "２", "birth_day": "3",
		"phone": "０９０−００００−１２３４", "email": "hanako.shiken@", "request": "夜は電話に出られません。",
	}
	for name, text := range typed {
		v.Type(name, text)
	}
	if era := v.Text("[data-era]"); era != "（平成2年）" {
		t.Errorf("beside the year stands %q", era)
	}
	v.Type("birth_year", "令和2")
	if !v.Sees("[name=guardian]") {
		t.Error("a child's guardian is not asked for")
	}
	v.Type("birth_year", "平成2")
	if v.Sees("[name=guardian]") {
		t.Error("an adult's guardian is asked for")
	}
	v.Choose("sex", "f")
	v.Choose("contact", "email", "tel")
	v.Choose("areas", "thigh_b")
	stays := func(after string) {
		t.Helper()
		for name, text := range typed {
			if got := v.Values(name); !slices.Equal(got, []string{text}) {
				t.Errorf("after %s, %s holds %q instead of %q", after, name, got, text)
			}
		}
		if got := slices.Concat(v.Values("sex"), v.Values("contact"), v.Values("areas")); !slices.Equal(got, []string{"f", "email", "tel", "back", "thigh_b"}) {
			t.Errorf("after %s, chosen is %v", after, got)
		}
	}
	// What was typed is offered, and put back on request only. Going back, the browser may have put it back itself.
	const offer = "[data-draft-offer]:not([hidden])"
	v.Reload()
	if !v.Sees(offer) || v.Values("family_name")[0] != "" {
		t.Error("after a reload, what was typed is not offered, or is there unasked")
	}
	v.Click(offer + " [data-draft-use]")
	stays("a reload")
	v.Follow("日時を変える")
	v.Back()
	if v.Sees(offer) {
		v.Click(offer + " [data-draft-use]")
	}
	stays("the back button")

	v.FollowTo(422, "予約を確定する")
	v.Look("book-wrong")
	stays("an error")
	if title := v.Text("#wrongs-title"); !strings.Contains(title, "4件") {
		t.Errorf("the summary says %q", title)
	}
	for _, field := range []string{"email", "visited", "c_privacy", "c_cancel"} {
		if !v.Sees(".wrongs a[href='#"+field+"']") || !v.Sees("#"+field+"-error") {
			t.Errorf("nothing is said about %s", field)
		}
	}
	v.Click(".wrongs a[href='#email']")
	if at := browsertest.Read[string](v, `document.activeElement.id`); at != "email" {
		t.Errorf("the summary leads to %q", at)
	}
	v.Type("email", patientMail)
	v.Choose("visited", "first")
	v.Choose("c_privacy", "yes")
	v.Choose("c_cancel", "yes")
	v.Follow("予約を確定する")
}

var reference = regexp.MustCompile(`^[2-9A-HJ-NP-Z]{3}-[2-9A-HJ-NP-Z]{4}$`)

// checkBooked looks at the confirmation, its calendar file, and at what is stored.
func checkBooked(t *testing.T, d *demoClinic, v *browsertest.Visitor, token string) {
	t.Helper()
	v.Look("booked")
	chart := d.chart(t, token)
	a := chart.Appointment
	shown := v.Text("#reference")
	if !reference.MatchString(shown) || shown != a.Booking.Reference {
		t.Errorf("the reference reads %q, stored is %q", shown, a.Booking.Reference)
	}
	if kept := browsertest.Read[bool](v, `sessionStorage.getItem("draft:book") !== null`); kept {
		t.Error("what was typed is still in the browser after the booking")
	}
	want := clinic.Patient{
		FamilyName: "試験", GivenName: "花子", FamilyKana: "シケン", GivenKana: "ハナコ", Birth: clinic.Date{Year: 1990, Month: time.February, Day: 3},
		Sex: clinic.Female, Phone: "09000001234", Email: patientMail,
	}
	want.ID, want.CreatedAt = a.Patient.ID, a.Patient.CreatedAt
	if a.Patient != want {
		t.Errorf("stored is the patient %+v", a.Patient)
	}
	if got := a.Booking.Details.Attribution; got != (clinic.Attribution{Area: "back", Article: "back-fat", Campaign: "autumn"}) {
		t.Errorf("the booking came from %+v", got)
	}
	if a.Doctor.Sex != clinic.Female {
		t.Errorf("a woman was asked for, the doctor is %s", a.Doctor.Name("ja"))
	}
	name, file := v.Download("カレンダーに追加")
	calendar, event := readEvent(t, file)
	wantEvent(t, event, chart)
	if method := calendar.Props.Get("METHOD").Value; name != "yoyaku.ics" || method != "PUBLISH" {
		t.Errorf("the calendar file %s has the method %s", name, method)
	}
}

// checkLetter reads the confirmation as it arrived at the mail server, and returns its link to the questionnaire.
func checkLetter(t *testing.T, d *demoClinic, token string) (intake string) {
	t.Helper()
	l := d.letterTo(t, patientMail, 1)
	chart := d.chart(t, token)
	a := chart.Appointment
	loc := a.Branch.Location()
	when := letter.When(a.Slot.StartsAt, a.Slot.EndsAt, loc, "ja")
	headed := "【" + a.Branch.Name + "】" + a.Slot.StartsAt.In(loc).Format("1/2")
	if !strings.HasPrefix(l.Subject, headed) || !strings.HasSuffix(l.Subject, a.Slot.StartsAt.In(loc).Format("15:04")+" ご予約の確認") || l.Lang != "ja" || !strings.HasPrefix(l.From, a.Branch.Name+" <") {
		t.Errorf("the letter is headed %q in %s from %s", l.Subject, l.Lang, l.From)
	}
	intake = d.URL + "/intake/" + token
	for what, text := range map[string]string{"text": l.Text, "HTML": l.HTML} {
		for _, part := range []string{"試験 花子 様", a.Booking.Reference, when, a.Branch.Name, a.Branch.Address, a.Branch.Phone + " ／ 受付 " + a.Branch.Settings.PhoneHours, a.Doctor.Name("ja"), intake, d.URL + "/booking/" + token} {
			if !strings.Contains(text, part) {
				t.Errorf("the letter's %s does not have %q", what, part)
			}
		}
	}
	for what, text := range map[string]string{"text": l.Text, "HTML": l.HTML, "calendar": string(l.Entry.File), "subject": l.Subject} {
		for _, secret := range []string{"背中", "裏もも", "夜は電話", "初めて"} {
			if strings.Contains(text, secret) {
				t.Errorf("the letter's %s tells the answer %q", what, secret)
			}
		}
		for _, link := range regexp.MustCompile(`https?://[^/"\s<]+`).FindAllString(text, -1) {
			if link != d.URL {
				t.Errorf("the letter's %s leads to %s", what, link)
			}
		}
	}
	calendar, event := readEvent(t, l.Entry.File)
	wantEvent(t, event, chart)
	if method := calendar.Props.Get("METHOD").Value; method != "PUBLISH" || l.Entry.Method != method {
		t.Errorf("the calendar entry's method is %s, its part says %s", method, l.Entry.Method)
	}
	return intake
}

// answerFirstSections answers until the pain, and leaves the rest for later.
func answerFirstSections(t *testing.T, v *browsertest.Visitor) {
	t.Helper()
	questions := questionnaire(t)
	v.Follow("問診に答える")
	v.Look("goal")
	goal, _ := questions.Section("goal")
	fill(v, goal, patientTells)
	v.Type("weight", "六十")
	v.FollowTo(422, "保存して次へ")
	v.Look("goal-wrong")
	if got := v.Values("weight"); !slices.Equal(got, []string{"六十"}) || !v.Sees("#weight-error") {
		t.Errorf("a weight that is no number became %v", got)
	}
	v.Type("weight", "60.4")
	v.Follow("保存して次へ")

	v.Choose("pain", "knee")
	if !v.Sees("[name=pain_lv]") {
		t.Error("a pain's strength is not asked for")
	}
	v.Choose("pain_lv", "8")
	v.Choose("pain", "none")
	if got := v.Values("pain"); !slices.Equal(got, []string{"none"}) || v.Sees("[name=pain_lv]") {
		t.Errorf("without a pain, chosen is %v", got)
	}
	v.Look("posture")
	v.Choose("sit_h", "h9p")
	v.Follow("保存して、あとで続ける")
	v.Look("review-later")
	if at := v.Path(); !strings.HasSuffix(at, "/review?later=1") {
		t.Errorf("putting the rest off leads to %s", at)
	}
}

// proveBirth gives the birth date of the patient of this walk, after a slip.
func proveBirth(t *testing.T, v *browsertest.Visitor) {
	t.Helper()
	v.Look("pass")
	if h1 := v.Text("h1"); h1 != "ご本人の確認" {
		t.Fatalf("another browser is shown %q", h1)
	}
	birth := func(day string) {
		v.Type("birth_year", "1990")
		v.Type("birth_month", "2")
		v.Type("birth_day", day)
	}
	birth("4")
	v.FollowTo(422, "確かめて、続きを開く")
	v.Look("pass-wrong")
	if wrong := v.Text("#birth_date-error"); !strings.Contains(wrong, "あと4回") {
		t.Errorf("a wrong birth date is answered by %q", wrong)
	}
	birth("3")
	v.Follow("確かめて、続きを開く")
}

// answerTheRest goes on where the other browser stopped.
func answerTheRest(t *testing.T, d *demoClinic, v *browsertest.Visitor, token string) {
	t.Helper()
	if got := v.Values("sit_h"); !strings.HasSuffix(v.Path(), "/posture#q-phone_h") || !slices.Equal(got, []string{"h9p"}) {
		t.Errorf("the link leads to %s, where %v is still answered", v.Path(), got)
	}
	v.Choose("pain", "back") // unticks none
	for _, section := range questionnaire(t).Intake[1:] {
		if section.ID == "medicine" { // in the end there is none
			continue
		}
		if at, _, _ := strings.Cut(v.Path(), "#"); at != "/intake/"+token+"/"+section.ID {
			t.Fatalf("after the sections so far comes %s instead of %s", at, section.ID)
		}
		fill(v, section, patientTells)
		switch section.ID {
		case "habits": // what is trained is answered, then its question goes away
			v.Choose("level", "none")
			if v.Sees("[name=trained]") {
				t.Error("what somebody trains is asked of who does not")
			}
		case "medical":
			v.Look("medical-medicine")
			v.Choose("med_any", "no")
			if v.Sees("[name=med_names]") {
				t.Error("the names are asked of somebody without medicine")
			}
		}
		v.Look(section.ID)
		if section.ID == "wish" {
			v.Follow("保存して確認へ")
		} else {
			v.Follow("保存して次へ")
		}
	}
	v.Look("review-complete")
	if at := v.Path(); at != "/intake/"+token+"/review" {
		t.Errorf("the last section leads to %s", at)
	}
	v.Follow("回答を終える")
	v.Look("done")
	if chart := d.chart(t, token); chart.Intake.CompletedAt == nil || !chart.Appointment.Answered {
		t.Error("the intake is not completed")
	}
}

// checkAnswers reads what is stored and what the patient is shown of it, and corrects an answer.
func checkAnswers(t *testing.T, d *demoClinic, v *browsertest.Visitor, token string) {
	t.Helper()
	stored := d.chart(t, token).Intake.Answers
	for id, want := range patientTells {
		switch id {
		case "trained", "med_names":
			if got, ok := stored[id]; ok {
				t.Errorf("the hidden question %s is stored with %v", id, got)
			}
			continue
		case "level":
			want = []string{"none"}
		case "med_any":
			want = []string{"no"}
		case "height":
			want = []string{"158.5"}
		}
		if got := stored[id]; !slices.Equal(got, want) {
			t.Errorf("%s is stored as %q instead of %q", id, got, want)
		}
	}
	v.Follow("回答を見る・直す")
	v.Look("review")
	review := v.Text("main")
	for _, part := range []string{"158.5", "厚みがある、下着の段差", "初心者", "見本錠"} {
		if shown := strings.Contains(review, part); shown != (part != "初心者" && part != "見本錠") {
			t.Errorf("the review shows %q: %v", part, shown)
		}
	}
	v.FollowAt(`a[href*="/goal"]`)
	v.Type("weight", "59")
	v.Follow("保存して確認へ")
	if at := v.Path(); at != "/intake/"+token+"/review" {
		t.Errorf("a change leads to %s", at)
	}
	if got := d.chart(t, token).Intake.Answers["weight"]; !slices.Equal(got, []string{"59"}) {
		t.Errorf("the corrected weight is %v", got)
	}
	v.Open("/booking/" + token)
	v.Look("booked-answered")
}
