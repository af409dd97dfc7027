package office_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// printed are the texts of the pages of a PDF, with nothing but their signs: Japanese has no spaces, and a reader of PDF puts some where letters
// stand apart. It checks that every page is A4. With MADOGUCHI_SCREENSHOTS it leaves the file and pictures of its pages there.
func printed(t *testing.T, name string, pdf []byte) (pages []string) {
	t.Helper()
	folder := t.TempDir()
	if out := os.Getenv("MADOGUCHI_SCREENSHOTS"); out != "" {
		folder = out
	}
	file := filepath.Join(folder, t.Name()+"-"+name+".pdf")
	servertest.Must(t, os.WriteFile(file, pdf, 0o600)) //nolint:gosec // who runs the tests names the folder
	run := func(program string, args ...string) string {
		t.Helper()
		var out, wrong bytes.Buffer
		cmd := exec.CommandContext(t.Context(), program, args...) //nolint:gosec // programs and files of this test
		cmd.Stdout, cmd.Stderr = &out, &wrong
		if err := cmd.Run(); err != nil {
			t.Fatalf("%s: %v %s", program, err, &wrong)
		}
		return out.String()
	}
	info := run("pdfinfo", "-l", "999", file)
	sizes := regexp.MustCompile(`Page +\d+ size: +([\d.]+) x ([\d.]+) pts \(A4\)`).FindAllString(info, -1)
	if os.Getenv("MADOGUCHI_SCREENSHOTS") != "" {
		run("pdftoppm", "-r", "80", "-png", file, strings.TrimSuffix(file, ".pdf"))
	}
	text := strings.TrimSuffix(run("pdftotext", "-raw", file, "-"), "\f")
	for _, p := range strings.Split(text, "\f") {
		pages = append(pages, signs(p))
	}
	if len(sizes) != len(pages) {
		t.Errorf("%s: of %d pages, %d are A4: %s", name, len(pages), len(sizes), info)
	}
	return pages
}

// signs is a text without white space.
func signs(s string) string { return strings.Join(strings.Fields(s), "") }

// wantHeads checks that every page says whose it is, and which of that person's pages, and nothing of somebody else.
func wantHeads(t *testing.T, name string, pages []string, a clinic.Appointment, others ...clinic.Appointment) {
	t.Helper()
	for i, text := range pages {
		for _, part := range []string{a.Patient.Name(), "1990年4月", a.Booking.Reference, a.Branch.Name, fmt.Sprintf("%s%d/%d", a.Booking.Reference, i+1, len(pages))} {
			if !strings.Contains(text, signs(part)) {
				t.Errorf("%s, page %d of %d does not say %q: %.300s", name, i+1, len(pages), part, text)
			}
		}
		for _, other := range others {
			for _, part := range []string{other.Patient.Name(), other.Booking.Reference} {
				if strings.Contains(text, signs(part)) {
					t.Errorf("%s, page %d tells of %s", name, i+1, part)
				}
			}
		}
	}
}

// wantAnswers checks that each question that was asked stands on one page together with all that was answered, and that no section that fits
// on a page stands on two.
func wantAnswers(t *testing.T, name string, pages []string, q *intake.Questionnaire, answers intake.Answers, facts intake.Facts, torn bool) {
	t.Helper()
	visible := q.Visible(answers, facts)
	for _, s := range append([]intake.Section{q.Booking}, q.Intake...) {
		on := map[int]bool{}
		for _, question := range s.Questions {
			values := answers[question.ID]
			if !visible[question.ID] || question.Kind == intake.Agree {
				continue
			}
			at := -1
			for i, text := range pages {
				if strings.Contains(text, signs(question.Label.JA)) {
					at = i
					break
				}
			}
			if at < 0 {
				t.Errorf("%s: %q is on no page", name, question.Label.JA)
				continue
			}
			on[at] = true
			for _, value := range values {
				said := value
				switch question.Kind {
				case intake.One, intake.Many, intake.Scale:
					said = "■" + strings.Join(question.Show([]string{value}, "ja"), "")
					if question.Kind == intake.Scale {
						said = "■" + value
					}
				case intake.Number:
					said = strings.Join(question.Show([]string{value}, "ja"), "")
				case intake.LongText, intake.Agree:
				}
				here := pages[at]
				if torn { // a text that is longer than a page goes on
					here = strings.Join(pages[at:], "")
				}
				if !torn && !strings.Contains(here, signs(said)) {
					t.Errorf("%s, page %d: the answer to %q does not say %q: %s", name, at+1, question.Label.JA, said, here)
				}
			}
			if len(values) == 0 && !strings.Contains(pages[at], "未回答（この用紙に") && strings.Contains(pages[0], "未回答（この用紙に") == strings.Contains(pages[at], "（未回答）") {
				t.Errorf("%s, page %d does not say that %q was not answered", name, at+1, question.Label.JA)
			}
		}
		if len(on) > 1 && !torn {
			t.Errorf("%s: the section %s stands on %d pages", name, s.Title.JA, len(on))
		}
	}
}

// TestPaper_OfOneCounseling prints the sheets of three charts in Chromium and reads them back: A4, whose they are and n/N on every page, no section torn, all
// that was answered, the cautions on the doctor's sheet and on no other.
func TestPaper_OfOneCounseling(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	full, healthy, begun, silent := threeCharts(t, s)
	v := browsertest.Visit(t, s.URL, browsertest.Desktop)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Doctor))
	var all []clinic.Appointment
	charts := map[string]clinic.Receipt{"grave": full, "healthy": healthy, "begun": begun, "unanswered": silent}
	for _, receipt := range charts {
		chart, err := s.Store.Intake(t.Context(), clinic.PatientByLink(receipt.Token))
		servertest.Must(t, err)
		all = append(all, chart.Appointment)
	}
	for name, receipt := range charts {
		chart, err := s.Store.Intake(t.Context(), clinic.PatientByLink(receipt.Token))
		servertest.Must(t, err)
		v.Open("/office/charts/" + receipt.BookingID + "/paper")
		v.LookAt(name, browsertest.Tablet, browsertest.Desktop)
		pages := printed(t, name, v.PDF())
		var others []clinic.Appointment
		for _, a := range all {
			if a.Booking.ID != receipt.BookingID {
				others = append(others, a)
			}
		}
		wantHeads(t, name, pages, chart.Appointment, others...)
		answers := intake.Answers(chart.Appointment.Booking.Details.Answers)
		for id, values := range chart.Intake.Answers {
			answers[id] = values
		}
		wantAnswers(t, name, pages, s.Questions, answers, s.Questions.FactsFor(chart.Appointment), false)
		wantApart(t, name, pages, name == "grave")
		if len(pages) > 5 {
			t.Errorf("%s takes %d pages", name, len(pages))
		}
	}
}

// wantApart checks that what only the doctor may read is on their sheets, which come last, and that both kinds can be signed.
func wantApart(t *testing.T, name string, pages []string, held bool) {
	t.Helper()
	record := -1
	for i, text := range pages {
		if strings.Contains(text, "医師署名") {
			record = i
		}
		if strings.HasPrefix(text, "問診票") && regexp.MustCompile(`規則なし|保留|注意「`).MatchString(text) {
			t.Errorf("%s, page %d: a caution stands on the patient's sheet", name, i+1)
		}
	}
	doctors := ""
	for _, text := range pages {
		if strings.HasPrefix(text, "記録") {
			doctors += text
		}
	}
	for _, part := range []string{"医師署名", "この注意の規則には、まだ院の医師の署名がありません。", "まだ確定していません"} {
		if !strings.Contains(doctors, part) {
			t.Errorf("%s: the record does not say %q", name, part)
		}
	}
	if got := strings.Contains(doctors, "保留"); got != held {
		t.Errorf("%s: something is held: %v", name, got)
	}
	if !strings.Contains(strings.Join(pages, ""), "ご署名") || record != len(pages)-1 {
		t.Errorf("%s: nobody can sign, or the doctor signs on page %d", name, record+1)
	}
}

// TestPaper_OfASignedNote: the record bears the newest version with its author, time and reason, and says of a draft that it is not printed.
func TestPaper_OfASignedNote(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	full, healthy, _, _ := threeCharts(t, s)
	s.Clock.Advance(s.SlotOf(t, 0, 0).EndsAt.Sub(s.Clock.Now()))
	doctor := storetest.DoctorActor(s.Doctors[0].ID)
	doctor.Staff.ID = "" // who has no account here
	note := clinic.Note{
		Findings:  []clinic.Finding{{Area: "back", Fat: "middle", Muscle: "weak", Sagging: "light", Thickness: "24", Skin: "clear", Pain: "2"}},
		Explained: []clinic.Explained{{ID: "content"}, {ID: "doing_nothing"}}, Wish: "冷却の話を聞いてから決めたい。", Proposal: "まず運動を週2回。\n次回に相談。", Next: "month1",
	}
	_, err := s.Store.SignNote(t.Context(), doctor, full.BookingID, clinic.Screen{}, note, "", clinic.Signing{Sure: true})
	servertest.Must(t, err)
	servertest.Must(t, s.Store.CorrectNote(t.Context(), doctor, full.BookingID, 1, "厚みを測り直した"))
	written, err := s.Store.NoteFor(t.Context(), doctor, full.BookingID)
	servertest.Must(t, err)
	note.Findings[0].Thickness = "22"
	_, err = s.Store.SignNote(t.Context(), doctor, full.BookingID, clinic.Screen{Revision: written.Draft.Revision, Base: 1}, note, "厚みを測り直した", clinic.Signing{Sure: true})
	servertest.Must(t, err)
	_, err = s.Store.SaveDraft(t.Context(), doctor, healthy.BookingID, clinic.Screen{}, clinic.Note{Proposal: "書きかけの提案"}, "")
	servertest.Must(t, err)

	// A hold that was released stays on the record, with who did it and why.
	chart, err := s.Store.ChartFor(t.Context(), doctor, full.BookingID)
	servertest.Must(t, err)
	answers := intake.Answers(chart.Appointment.Booking.Details.Answers)
	maps.Copy(answers, chart.Intake.Answers)
	q, err := s.Store.Questionnaire(t.Context(), chart.Appointment.Booking.QuestionnaireVersion)
	servertest.Must(t, err)
	held := q.Digest(answers, q.FactsFor(chart.Appointment)).Lines[0]
	_, err = s.Store.ReleaseHold(t.Context(), doctor, full.BookingID, chart.Intake.Revision, 1, held.ID, held.Marks[0].Treatment, "紹介状で確かめた")
	servertest.Must(t, err)

	v := browsertest.Visit(t, s.URL, browsertest.Desktop)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Doctor))
	for name, want := range map[string]struct {
		receipt  clinic.Receipt
		has, not []string
	}{
		"signed": {full, []string{"：解除済み", "解除済み2026/11/25", "「紹介状で確かめた」", "第2版（確定）", "見本花医師", "厚みを測り直した", "22mm", "2/10", "説明したこと", "冷却の話を聞いてから決めたい。", "まず運動を週2回。次回に相談。", "医師署名"}, []string{"24mm", "まだ確定していません"}},
		"draft":  {healthy, []string{"まだ確定していません", "確定していない書きかけがあります"}, []string{"書きかけの提案", "冷却の話"}},
	} {
		v.Open("/office/charts/" + want.receipt.BookingID + "/paper")
		v.Look(name)
		record, form := "", ""
		for _, text := range printed(t, name, v.PDF()) {
			if strings.HasPrefix(text, "記録") {
				record += text
			} else {
				form += text
			}
		}
		for _, part := range want.has {
			if !strings.Contains(record, part) {
				t.Errorf("%s: the record does not say %q: %s", name, part, record)
			}
		}
		for _, part := range append(want.not, "提案") {
			if strings.Contains(form, part) || part != "提案" && strings.Contains(record, part) {
				t.Errorf("%s: %q is printed", name, part)
			}
		}
	}
}

// TestPaper_AsksWhat: of a chart as of a day, both, the questionnaire or the record; the record lies on top once it is signed, and says why they came.
func TestPaper_AsksWhat(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt, path := openNoted(t, s)
		b, chart := s.SignedIn(t, servertest.Doctor), "/office/charts/"+receipt.BookingID
		sheets := func(address string) string {
			t.Helper()
			a := b.Get(address).Want(http.StatusOK)
			var out []string
			a.Find(".paper .top h2").Each(func(_ int, e *goquery.Selection) { out = append(out, e.Text()) })
			return strings.Join(out, " ")
		}
		for _, address := range []string{chart + "/paper?", "/office/doctor/paper?date=2026-11-25&"} {
			for what, want := range map[string]string{"": "問診票 記録", "what=form": "問診票", "what=record": "記録", "what=nonsense": "問診票 記録"} {
				if got := sheets(address + what); got != want {
					t.Errorf("%s%s prints %q", address, what, got)
				}
			}
			a := b.Get(address + "what=form").Want(http.StatusOK)
			a.WantText(".desk nav [aria-current]", "問診票")
			for i, want := range []string{"問診票 記録", "問診票", "記録"} {
				to, _ := a.Find(".desk nav a").Eq(i).Attr("href")
				if got := sheets(to); got != want {
					t.Errorf("choice %d leads to %s, which prints %q", i+1, to, got)
				}
			}
		}
		record := b.Get(chart + "/paper?what=record")
		record.WantText("[data-why]", "ご来院の理由と目標")
		for _, want := range []string{"背中", "ＱＺが不安です。", "目標"} {
			record.WantText("[data-why]", want)
		}
		b.PostForm(path, typed(b.Get(path), "do", "sure", "proposal", "運動")).Want(http.StatusSeeOther)
		if got := sheets(chart + "/paper"); got != "記録 問診票" {
			t.Errorf("signed, it prints %q", got)
		}
		// Each person of a day by what is signed of them.
		s.Book(t, s.SlotOf(t, 0, 3), 2)
		if got := sheets("/office/doctor/paper?date=2026-11-25"); got != "記録 問診票 問診票 記録" {
			t.Errorf("a day of one signed and one unsigned note prints %q", got)
		}
	})
}

// TestPaper_OfARelease: what a doctor released is printed as released, by whom, when and why; what was taken back, or was released of other answers, is
// printed as held.
func TestPaper_OfARelease(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
		s.AnswerIntake(t, receipt.Token, answers)
		b, chart := s.SignedIn(t, servertest.Doctor), "/office/charts/"+receipt.BookingID
		release := func() {
			t.Helper()
			stored, err := s.Store.ChartFor(t.Context(), storetest.DoctorActor(s.Doctors[0].ID), receipt.BookingID)
			servertest.Must(t, err)
			b.Post(chart+"/release", "fact", "cold", "treatment", "cool", "revision", strconv.Itoa(stored.Intake.Revision), "set", "1", "reason", "主治医に確認しました。").Want(http.StatusSeeOther)
		}
		want := func(when string, released, told bool) {
			t.Helper()
			for _, address := range []string{chart + "/paper?what=record", "/office/doctor/paper?date=2026-11-25&what=record"} {
				a := b.Get(address).Want(http.StatusOK)
				if got := a.Find(".mark.released").Length() > 0; got != released {
					t.Errorf("%s, %s marks a hold as released: %v", when, address, got)
				}
				if got := strings.Contains(a.Text(".paper"), "解除済み 2026/11/24 09:00 見本 花（冷却） 「主治医に確認しました。」"); got != told {
					t.Errorf("%s, %s says who released it, when and why: %v", when, address, got)
				}
			}
		}
		want("before", false, false)
		release()
		want("released", true, true)
		b.Post(chart+"/release", "withdraw", b.Get(chart).Find("#line-cold .released input[name=withdraw]").AttrOr("value", "")).Want(http.StatusSeeOther)
		want("taken back", false, false)
		release()
		s.AnswerIntake(t, receipt.Token, with(answers, "hx_cold", "cryo"))
		want("answered otherwise", false, true)
		b.Get(chart+"/paper?what=record").WantText(".paper", "また保留です")
	})
}

// TestPaper_OfADay prints the sheets of a whole day: each person's are counted by themselves, and no sheet is of two.
func TestPaper_OfADay(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	threeCharts(t, s)
	v := browsertest.Visit(t, s.URL, browsertest.Desktop)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Doctor))
	v.Open("/office/doctor/paper?date=2026-11-25")
	v.Look("day")
	pages := printed(t, "day", v.PDF())
	counted := regexp.MustCompile(`予約番号([2-9A-HJ-NP-Z]{3}-[2-9A-HJ-NP-Z]{4})(\d+)/(\d+)`)
	next, of, whose := 1, 0, ""
	people := 0
	for i, text := range pages {
		heads := counted.FindAllStringSubmatch(text, -1)
		if len(heads) != 1 {
			t.Fatalf("page %d has %d heads: %.200s", i+1, len(heads), text)
		}
		if next == 1 {
			whose, of = heads[0][1], 0
			people++
			_, err := fmt.Sscan(heads[0][3], &of)
			servertest.Must(t, err)
		}
		if want := fmt.Sprintf("%d/%d", next, of); heads[0][1] != whose || heads[0][2]+"/"+heads[0][3] != want {
			t.Errorf("page %d is %s of %s, want %s of %s", i+1, heads[0][2]+"/"+heads[0][3], heads[0][1], want, whose)
		}
		if next++; next > of {
			next = 1
		}
	}
	if people != 4 || next != 1 {
		t.Errorf("%d people, and the last has sheets missing: %v", people, next != 1)
	}
}

// TestPaper_LongestAnswers: everything was asked and every text is as long as it may be, also of many short lines. Nothing of it is lost, and each page
// has its head.
func TestPaper_LongestAnswers(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
	answers := servertest.Answers()
	n := 0
	var texts []string
	for _, section := range s.Questions.Intake {
		for _, q := range section.Questions {
			if q.Kind != intake.LongText {
				continue
			}
			n++
			text := ""
			for i := 0; len([]rune(text)) < clinic.MaxText-12; i++ {
				text += fmt.Sprintf("第%d文の%d。", n, i)
				if n%2 == 0 {
					text += "\n"
				}
			}
			answers.Set(q.ID, text)
			texts = append(texts, text)
		}
	}
	s.AnswerIntake(t, receipt.Token, answers)
	chart, err := s.Store.Intake(t.Context(), clinic.PatientByLink(receipt.Token))
	servertest.Must(t, err)
	v := browsertest.Visit(t, s.URL, browsertest.Desktop)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Doctor))
	v.Open("/office/charts/" + receipt.BookingID + "/paper")
	v.Look("long")
	pages := printed(t, "long", v.PDF())
	wantHeads(t, "long", pages, chart.Appointment)
	whole := strings.Join(pages, "")
	for _, text := range texts {
		for _, sentence := range strings.SplitAfter(text, "。") {
			if sentence = signs(sentence); sentence != "" && !strings.Contains(whole, sentence) && !isCut(pages, sentence) {
				t.Errorf("%q is on no page", sentence)
			}
		}
	}
	if !strings.Contains(whole, "（続き）") {
		t.Error("a text that is longer than a page does not say that it goes on")
	}
}

// isCut reports whether a sentence begins at the end of one page and ends on the next.
func isCut(pages []string, sentence string) bool {
	for i := range pages[1:] {
		for k := range sentence {
			if k > 0 && strings.HasSuffix(pages[i], sentence[:k]) && strings.Contains(pages[i+1], "（続き）"+sentence[k:]) {
				return true
			}
		}
	}
	return false
}

// TestPaper_WithoutScripts: the head repeats on every page all the same, and the browser counts.
func TestPaper_WithoutScripts(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
	s.AnswerIntake(t, receipt.Token, servertest.Answers())
	chart, err := s.Store.Intake(t.Context(), clinic.PatientByLink(receipt.Token))
	servertest.Must(t, err)
	v := browsertest.Visit(t, s.URL, browsertest.Desktop)
	v.TurnScriptsOff()
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Doctor))
	v.Open("/office/charts/" + receipt.BookingID + "/paper")
	pages := printed(t, "plain", v.PDF())
	for i, text := range pages {
		for _, part := range []string{chart.Appointment.Patient.Name(), chart.Appointment.Booking.Reference, fmt.Sprintf("%d/%d", i+1, len(pages))} {
			if !strings.Contains(text, signs(part)) {
				t.Errorf("page %d of %d does not say %q: %s", i+1, len(pages), part, text)
			}
		}
	}
}

// TestPaper_IsTheDoctorsAlone: nobody else of the staff gets the sheets, and a colleague finds neither a chart's nor anybody's in their own day.
func TestPaper_IsTheDoctorsAlone(t *testing.T) {
	b := servertest.OpenBooked(t, "sqlite", servertest.Saying{})
	for _, path := range []string{"/office/charts/" + b.BookingID + "/paper", "/office/doctor/paper?date=2026-11-25"} {
		b.Doctor.Get(path).Want(http.StatusOK).WantText("main", "試験 花子")
		b.Admin.Get(path).Want(http.StatusForbidden)
		b.FrontDesk.Get(path).Want(http.StatusForbidden)
	}
	b.Colleague.Get("/office/charts/" + b.BookingID + "/paper").Want(http.StatusNotFound)
	if day := b.Colleague.Get("/office/doctor/paper?date=2026-11-25").Want(http.StatusOK); strings.Contains(day.Body, "花子") {
		t.Error("a colleague's day has somebody else's patient")
	}
}

// TestPaper_OfAWideScale: a version may be published that asks from 0 to 1000, as one was before there was a limit. The patient types the number,
// and on paper it is written, or a line is left for it; nobody draws a thousand boxes.
func TestPaper_OfAWideScale(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Site) {
		s.Clock.Advance(time.Minute)
		on := ""
		q, err := s.Store.PublishQuestionnaire(t.Context(), storetest.Owner, storetest.NextVersion(t, "5", func(q *intake.Questionnaire) {
			for _, section := range q.Intake {
				for i := range section.Questions {
					if section.Questions[i].ID == "pain_lv" {
						section.Questions[i].Max, on = 1000, section.ID
					}
				}
			}
		}))
		servertest.Must(t, err)
		s.Questions = q
		request := storetest.Request(s.SlotOf(t, 0, 0).ID, 1)
		request.QuestionnaireVersion = q.Version
		receipt := storetest.Book(t, s.Store, request)
		doctor, chart := s.SignedIn(t, servertest.Doctor), "/office/charts/"+receipt.BookingID
		row := func() *goquery.Selection {
			a := doctor.Get(chart + "/paper").Want(http.StatusOK)
			return a.Find(".paper tr").FilterFunction(func(_ int, e *goquery.Selection) bool { return strings.HasPrefix(e.Text(), "痛みの強さ") })
		}
		patient, path := s.Visitor(t), "/intake/"+receipt.Token+"/"+on
		asked := patient.Get(path).Want(http.StatusOK)
		if fields := asked.Find("[name=pain_lv]"); fields.Length() != 1 || fields.AttrOr("type", "") != "text" {
			t.Errorf("the patient finds %d fields", fields.Length())
		}
		asked.WantText("#pain_lv-help", "0（まったくない）から1000（いちばん強い）までの数字")
		section, _ := q.Section(on)
		form := servertest.SectionForm(section, with(servertest.Answers(), "pain_lv", ""))
		form.Set("next", "later")
		form.Set("seen-revision", asked.Revision())
		patient.PostForm(path, form).Want(http.StatusSeeOther)
		if r := row(); r.Find(".blank").Length() != 1 || r.Find(".option").Length() != 0 || !strings.Contains(r.Text(), "（0〜1000）") {
			t.Errorf("to be filled in by hand, it says %q", r.Text())
		}
		v := browsertest.Visit(t, s.URL, browsertest.Phone)
		v.Open("/booking/" + receipt.Token)
		for name, part := range map[string]string{"birth_year": "1990", "birth_month": "4", "birth_day": "2"} {
			v.Type(name, part)
		}
		v.FollowAt(`form[action$="/proof"] button`)
		v.Open(path)
		v.LookAt("asked", browsertest.Phone, browsertest.Desktop)
		s.AnswerIntake(t, receipt.Token, with(servertest.Answers(), "pain_lv", "４５６"))
		if r := row(); r.Find(".option").Length() != 1 || !strings.Contains(r.Text(), "456/1000") {
			t.Errorf("answered, it says %q", r.Text())
		}
		doctor.Get(chart).WantText("#q-pain_lv dd", "456/1000")
	})
}
