package office_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/browsertest"
	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/server/servertest"
	"madoguchi/internal/store/storetest"
)

// onPaper is somebody whose sheets are printed: who they are, and what they wrote that must be found on them.
type onPaper struct {
	reference, name, birth string
	wrote                  []string
}

// fullDay is a day of twenty patients of one doctor, among them whoever has the longest names, an English one, answers of 400 signs without a
// space or full of emoji, answers to nothing or not to all, a second record of the same person, one whose chart was handed over by a colleague,
// and two who are not printed: nobody came, or a colleague sees them.
func fullDay(t *testing.T, s *servertest.Site) (people map[string]onPaper, not []string) {
	t.Helper()
	people = map[string]onPaper{}
	first := time.Date(2026, time.November, 26, 0, 0, 0, 0, time.UTC)
	slots := storetest.AddSlots(t, s.Store, s.Branch, s.Doctors[0], first, 21)
	theirs := storetest.AddSlots(t, s.Store, s.Branch, s.Doctors[1], first, 1)
	me, colleague := clinic.StaffActor(s.Staff[servertest.Doctor]), clinic.StaffActor(s.Staff[servertest.Colleague])
	ids := map[int]string{}
	for n := range 22 {
		slot := theirs[0].ID
		if n < 21 {
			slot = slots[n].ID
		}
		r := storetest.Request(slot, n+1)
		var wrote []string
		switch n {
		case 1:
			r.Patient.FamilyName, r.Patient.GivenName = strings.Repeat("勅使河原", 5), strings.Repeat("寿限無", 6)
		case 2:
			r.Patient.FamilyName, r.Patient.GivenName = "Featherstonehaughcholmondeleymarjoribank", "Maximiliana"
		case 3:
			wrote = []string{strings.Repeat("あ", 400), strings.Repeat("x", 400)}
		case 4:
			wrote = []string{strings.Repeat("肌が😀かゆい🧑‍⚕️🏃‍♀️", 30), "👍🏽"}
		case 7:
			r.Patient = storetest.Request(slot, 7).Patient // comes twice, under a record of their own
			r.Patient.Phone = "09000009999"
		}
		receipt := storetest.Book(t, s.Store, r)
		ids[n] = receipt.BookingID
		if n%5 != 0 {
			sections := []int{}
			if n == 6 {
				sections = append(sections, 3)
			}
			said := with(grave)
			if len(wrote) > 0 {
				said = with(grave, "worry", wrote[0], "med_names", wrote[1])
			}
			s.AnswerIntake(t, receipt.Token, said, sections...)
		}
		people[receipt.Reference] = onPaper{
			receipt.Reference, r.Patient.FamilyName + r.Patient.GivenName, fmt.Sprintf("%d年%d月%d日", r.Patient.Birth.Year, r.Patient.Birth.Month, r.Patient.Birth.Day), wrote,
		}
	}
	patient := func(n int) string {
		a, err := s.Store.Appointment(t.Context(), storetest.Owner, ids[n])
		servertest.Must(t, err)
		return a.Booking.PatientID
	}
	_, err := s.Store.MergePatients(t.Context(), storetest.Owner, patient(6), patient(7))
	servertest.Must(t, err)
	s.Clock.Advance(first.Add(4 * time.Hour).Sub(s.Clock.Now()))
	servertest.Must(t, s.Store.HandOver(t.Context(), colleague, ids[21], s.Doctors[0].ID, ""))
	servertest.Must(t, s.Store.HandOver(t.Context(), me, ids[19], s.Doctors[1].ID, ""))
	servertest.Must(t, s.Store.Step(t.Context(), storetest.Owner, ids[18], clinic.Booked, clinic.NoShow))
	for _, n := range []int{18, 19} {
		a, err := s.Store.Appointment(t.Context(), storetest.Owner, ids[n])
		servertest.Must(t, err)
		not = append(not, a.Booking.Reference)
		delete(people, a.Booking.Reference)
	}
	return people, not
}

// TestPaper_OfAFullDay: every page of a day of twenty says whose it is and which of theirs, no section is torn, all that was written is there, and
// nobody stands on a page of somebody else's.
func TestPaper_OfAFullDay(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	people, not := fullDay(t, s)
	v := browsertest.Visit(t, s.URL, browsertest.Desktop)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Doctor))
	v.Open("/office/doctor/paper?date=2026-11-26")
	pages := printed(t, "full", v.PDF())
	head := regexp.MustCompile(`予約番号([2-9A-HJ-NP-Z]{3}-[2-9A-HJ-NP-Z]{4})(\d+)/(\d+)`)
	of := map[string][]string{}
	last := ""
	for i, text := range pages {
		heads := head.FindAllStringSubmatch(text, -1)
		if len(heads) != 1 {
			t.Fatalf("page %d has %d heads: %.300s", i+1, len(heads), text)
		}
		reference, n := heads[0][1], heads[0][2]
		p, known := people[reference]
		if !known {
			t.Fatalf("page %d is of %s, who is not printed", i+1, reference)
		}
		of[reference] = append(of[reference], text)
		if want := fmt.Sprint(len(of[reference])); n != want || reference != last && n != "1" {
			t.Errorf("page %d is the %s of %s, want %s", i+1, n, reference, want)
		}
		last = reference
		whose, _, _ := strings.Cut(text, "予約番号")
		for _, part := range []string{p.name, p.birth} {
			if !strings.Contains(whose, part) {
				t.Errorf("the head of page %d, of %s, does not say %q: %.300s", i+1, reference, part, whose)
			}
		}
		for other := range people {
			if other != reference && strings.Contains(text, other) {
				t.Errorf("page %d, of %s, tells of %s", i+1, reference, other)
			}
		}
		if strings.Contains(text, "（続き）") {
			t.Errorf("page %d, of %s, begins with the rest of a section", i+1, reference)
		}
	}
	for reference, p := range people {
		sheets := of[reference]
		if len(sheets) == 0 {
			t.Errorf("%s is not printed", reference)
			continue
		}
		if _, total, _ := strings.Cut(head.FindString(sheets[0]), "/"); total != fmt.Sprint(len(sheets)) {
			t.Errorf("%s has %d pages and says %s", reference, len(sheets), total)
		}
		whole := strings.Join(sheets, "")
		for _, text := range p.wrote {
			if !strings.Contains(text, "😀") && !strings.Contains(text, "👍") && !strings.Contains(whole, text) {
				t.Errorf("%s: %.20s… is not whole on one page", reference, text)
			}
			if want := strings.Count(text, "かゆい"); strings.Count(whole, "かゆい") < want {
				t.Errorf("%s: of %d texts between emoji %d are there", reference, want, strings.Count(whole, "かゆい"))
			}
		}
	}
	if len(people) != 20 || len(not) != 2 {
		t.Errorf("%d are printed, %d not", len(people), len(not))
	}
	// The longest name leaves room for what the sheet is.
	if tall := browsertest.Read[[]string](v, `[...document.querySelectorAll(".running p:first-child b, .running .which")]
		.filter((e) => e.getClientRects().length > 2 || e.offsetHeight > 45).map((e) => e.textContent)`); len(tall) > 0 {
		t.Errorf("broken into many lines are %q", tall)
	}
	// What the rules say of a fact for the three treatments stands in one line.
	if broken := browsertest.Read[int](v, `[...document.querySelectorAll("td.marks")]
		.filter((cell) => new Set([...cell.querySelectorAll(".mark")].map((m) => m.offsetTop)).size > 1).length`); broken > 0 {
		t.Errorf("the marks of %d facts stand in several lines", broken)
	}
	// Nothing runs over the edge of a sheet, where a printer would cut it off.
	if cut := browsertest.Read[[]string](v, `[...document.querySelectorAll(".sheet")].flatMap((sheet) => {
		const edge = sheet.querySelector(".sheet-in").getBoundingClientRect();
		return [...sheet.querySelectorAll("td, th, p, b, span, dd")].filter((e) => {
			const box = e.getBoundingClientRect();
			return box.width > 0 && (box.right > edge.right + 1 || box.bottom > edge.bottom + 1);
		}).map((e) => e.textContent.slice(0, 30));
	})`); len(cut) > 0 {
		t.Errorf("over the edge of their sheets are %q", cut)
	}
}

// TestPaper_InEnglish: a doctor who reads English gets English sheets, whose heads say the same.
func TestPaper_InEnglish(t *testing.T) {
	s := servertest.Open(t, "sqlite")
	receipt := s.Book(t, s.SlotOf(t, 0, 0), 1)
	s.AnswerIntake(t, receipt.Token, grave)
	v := browsertest.Visit(t, s.URL, browsertest.Desktop)
	v.SetCookie(page.SessionCookie, s.StartSession(t, servertest.Doctor))
	v.SetCookie("lang", "en")
	v.Open("/office/charts/" + receipt.BookingID + "/paper")
	pages := printed(t, "english", v.PDF())
	for i, text := range pages {
		for _, part := range []string{"試験花子一", "1990", receipt.Reference, fmt.Sprintf("%d/%d", i+1, len(pages)), "MihonClinic1"} {
			if !strings.Contains(text, part) {
				t.Errorf("page %d of %d does not say %q: %.200s", i+1, len(pages), part, text)
			}
		}
	}
}
