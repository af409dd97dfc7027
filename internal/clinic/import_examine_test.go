package clinic

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// importNow is a Tuesday morning in Tokyo.
var importNow = time.Date(2026, time.November, 24, 0, 0, 0, 0, time.UTC)

// knownClinic is a clinic as the facts of an import are read from it. Its blind indexes are the words themselves.
type knownClinic struct {
	people []ImportPerson
	at     map[string][]string
	became map[string][]string
	booked map[string]bool
	own    []Appointment
	visits []ImportVisit
	slots  []KnownSlot
}

func newKnownClinic() *knownClinic {
	return &knownClinic{at: map[string][]string{}, became: map[string][]string{}, booked: map[string]bool{}}
}

func termsOfPerson(p Patient) []string {
	out := []string{"phone " + p.Phone}
	if p.Email != "" {
		out = append(out, "email "+p.Email)
	}
	return out
}

func (k *knownClinic) facts() ImportFacts {
	f := ImportFacts{People: map[string][]ImportPerson{}, At: k.at, Became: k.became, Booked: k.booked, Own: k.own, Visits: k.visits, Slots: k.slots}
	for _, p := range k.people {
		for _, term := range termsOfPerson(p.Patient) {
			f.People[term] = append(f.People[term], p)
		}
	}
	return f
}

func (k *knownClinic) know(p Patient, id, kept string, branches ...string) {
	p.ID = id
	k.people = append(k.people, NewImportPerson(p, p.Identity(), kept))
	k.at[kept] = append(k.at[kept], branches...)
}

// do does what a line comes to, as the import itself does.
func (k *knownClinic) do(f ImportFile, c ImportCase, o ImportOutcome) {
	if !o.Adds() {
		return
	}
	id := o.Person
	if id == "" {
		id = fmt.Sprintf("line %03d", o.Line.N)
		k.know(o.Line.Patient, id, id)
	}
	if !slices.Contains(k.at[id], c.Branch.ID) {
		k.at[id] = append(k.at[id], c.Branch.ID)
	}
	if f.Import.Kind == ImportPatients {
		k.became[c.Origins[0]] = []string{id}
		return
	}
	k.booked[c.Origins[0]] = true
	k.visits = append(k.visits, ImportVisit{id, o.Slot.DoctorID, o.Slot.StartsAt})
	if o.Does == ImportNewSlot {
		made := o.Slot
		made.ID = fmt.Sprintf("made by %d", o.Line.N)
		k.slots = append(k.slots, KnownSlot{Slot: made, Booked: true})
		return
	}
	k.slots[slices.IndexFunc(k.slots, func(s KnownSlot) bool { return s.ID == o.Slot.ID })].Booked = true
}

func importPlaceOfTests() ImportPlace {
	hana, mamoru := Doctor{ID: "hana", FamilyName: "見本", GivenName: "花"}, Doctor{ID: "mamoru", FamilyName: "見本", GivenName: "守"}
	return ImportPlace{
		Branches: []Branch{{ID: "1", Name: "中央院", Zone: DefaultZone}, {ID: "2", Name: "北院", Zone: DefaultZone}},
		Doctors:  map[string][]Doctor{"1": {hana, mamoru}, "2": {hana}}, Default: "1",
	}
}

func importFileOfTests(t interface{ Fatalf(string, ...any) }, kind ImportKind, text string) ImportFile {
	admin := StaffActor(Staff{ID: "admin", Role: Admin, Active: true, Branches: []string{"1", "2"}})
	f, wrong := ReadImportFile(Import{Kind: kind, Source: "見本予約", Minutes: 60, Text: text}, admin, importPlaceOfTests(), importNow)
	if wrong != nil {
		t.Fatalf("%v of\n%s", wrong, text)
	}
	return f
}

func caseOfTests(f ImportFile, line ImportLine) ImportCase {
	c := f.Case(line, importNow)
	if origin := f.Import.Origin(line, c.Branch.ID, c.Slot); origin != "" {
		c.Origins = []string{origin}
	}
	if line.Patient.Phone != "" {
		c.Identities, c.Terms = []string{line.Patient.Identity()}, termsOfPerson(line.Patient)
	}
	return c
}

// dryRun says what the lines of a file come to while nothing is done.
func dryRun(f ImportFile, k *knownClinic) (out []ImportOutcome) {
	before := NewImportAhead()
	for _, line := range f.Lines {
		out = append(out, f.Examine(caseOfTests(f, line), k.facts(), before, importNow))
	}
	return out
}

// doneRun does each line before the next is looked at.
func doneRun(f ImportFile, k *knownClinic) (out []ImportOutcome) {
	for _, line := range f.Lines {
		c := caseOfTests(f, line)
		o := f.Examine(c, k.facts(), NewImportAhead(), importNow)
		k.do(f, c, o)
		out = append(out, o)
	}
	return out
}

func importWord(o ImportOutcome) string {
	word := string(o.Does)
	if o.Person != "" {
		word += " " + o.Person
	}
	if o.As != 0 {
		word += fmt.Sprintf(" as %d", o.As)
	}
	if o.Alike {
		word += " alike"
	}
	for _, wrong := range o.Line.Errors {
		word += " " + wrong.Field + ":" + strings.TrimPrefix(wrong.Message, "error.")
		if span := wrong.Args["From"]; span != "" {
			word += " " + span + "-" + wrong.Args["Until"]
		}
		if line := wrong.Args["Line"]; line != "" {
			word += " " + line
		}
	}
	return word
}

const (
	headsOfPatients = "氏名,フリガナ,電話,メール,生年月日,院\n"
	headsOfBookings = "予約番号,日時,終了,担当,院,部屋,状態,氏名,フリガナ,電話\n"
)

// slotAt is a slot of a doctor on the day of the tests, from an hour for so many minutes.
func slotAt(id, branch, doctor, room string, hour, minutes int) KnownSlot {
	start := time.Date(2026, time.November, 25, hour-9, 0, 0, 0, time.UTC)
	return KnownSlot{Slot: Slot{ID: id, BranchID: branch, DoctorID: doctor, Room: room, StartsAt: start, EndsAt: start.Add(time.Duration(minutes) * time.Minute)}}
}

// examinedClinic is a clinic in which each answer has its reason.
func examinedClinic() *knownClinic {
	k := newKnownClinic()
	hanako := Patient{FamilyName: "試験", GivenName: "花子", FamilyKana: "シケン", GivenKana: "ハナコ", Phone: "09000000001", Birth: Date{1990, time.April, 1}}
	k.know(hanako, "hanako", "hanako", "1")
	merged := hanako
	merged.GivenName, merged.GivenKana, merged.Phone = "統合", "トウゴウ", "09000000002"
	k.know(merged, "merged", "hanako")
	hidden := hanako
	hidden.GivenName, hidden.GivenKana, hidden.Phone = "他院", "タイン", "09000000003"
	k.know(hidden, "hidden", "hidden", "3")
	k.became["1\x00"+Patient{FamilyKana: "キュウ", GivenKana: "セイ", Phone: "09000000004"}.Identity()] = []string{"hanako"}
	k.slots = []KnownSlot{
		slotAt("free", "1", "hana", "", 10, 60), slotAt("taken", "1", "hana", "", 11, 60), slotAt("held", "1", "hana", "", 12, 60),
		slotAt("elsewhere", "2", "hana", "", 13, 60), slotAt("room", "1", "mamoru", "室1", 18, 60),
	}
	k.slots[1].Booked, k.slots[2].Held = true, true
	k.visits = []ImportVisit{{"hanako", "hana", k.slots[1].StartsAt}}
	k.booked["number\x001\x00見本予約\x00OLD-1"] = true
	reference, _ := ParseReference("M7K-4Q2P")
	k.own = []Appointment{{Booking: Booking{Reference: reference}, Patient: hanako, Slot: k.slots[1].Slot}}
	return k
}

// TestImportFile_Examine: each thing that a line may come to, and each reason for which it is refused, at its column.
func TestImportFile_Examine(t *testing.T) {
	const hanako = "試験 花子,シケン ハナコ,09000000001"
	const somebody = "取込 一子,トリコミ イチコ,09000000801"
	const another = "取込 二子,トリコミ ニコ,09000000802"
	const own = "M7K-4Q2P"
	for _, c := range []struct {
		kind  ImportKind
		lines []string
		want  string // of the last line
	}{
		{ImportPatients, []string{somebody + ",,,"}, "new"},
		{ImportPatients, []string{hanako + ",,,"}, "there hanako"},
		{ImportPatients, []string{hanako + ",,1990/4/1,北院"}, "known hanako"},
		{ImportPatients, []string{hanako + ",,1962/1/1,"}, "new alike"},
		{ImportPatients, []string{"試験 太郎,シケン タロウ,09000000001,,,"}, "new alike"},
		{ImportPatients, []string{"試験 統合,シケン トウゴウ,09000000002,,,"}, "there hanako"},
		{ImportPatients, []string{"試験 他院,シケン タイン,09000000003,,,"}, "new"},
		{ImportPatients, []string{",キュウ セイ,09000000004,,,"}, "there hanako"},
		{ImportPatients, []string{somebody + ",,,", somebody + ",,,"}, "there as 2"},
		{ImportPatients, []string{somebody + ",,,", somebody + ",,,北院"}, "known as 2"},
		{ImportPatients, []string{somebody + ",,,東院"}, "refused branch:import.branch"},
		{ImportPatients, []string{"取込 一子,トリコミ イチコ,なし,,,"}, "refused phone:phone.letters"},
		{ImportPatients, []string{"見本 花子,ミホン ハナコ,090-0000-0000,hanako@example.jp,1990/04/01,"}, "new"}, // says no sex
		{ImportBookings, []string{",2026/11/25 10:00,,見本 花,,,," + somebody}, "on_slot"},
		{ImportBookings, []string{",2026/11/25 10:00,10:30,見本 花,,,," + hanako}, "on_slot hanako"},
		{ImportBookings, []string{",2026/11/25 16:00,,見本 花,,,," + somebody}, "new_slot"},
		{ImportBookings, []string{",2026/11/25 9:00,,見本 花,,,," + somebody}, "new_slot"}, // ends when the next begins
		{ImportBookings, []string{"OLD-1,2026/12/25 16:00,,見本 花,,,," + somebody}, "there"},
		{ImportBookings, []string{own + ",2026/12/25 16:00,,見本 守,,,," + hanako}, "there"},
		{ImportBookings, []string{own + ",2026/11/25 11:00,,見本 花,,,," + somebody}, "there"},
		{ImportBookings, []string{own + ",2026/11/25 10:00,,見本 花,,,," + somebody}, "on_slot"},
		{ImportBookings, []string{",2026/11/25 11:00,,見本 花,,,," + hanako}, "there hanako"},
		{ImportBookings, []string{",2026/11/25 11:00,,見本 花,,,キャンセル," + hanako}, "there"},
		{ImportBookings, []string{",2026/11/25 16:00,,見本 花,,,キャンセル," + hanako}, "refused status:import.cancelled"},
		{ImportBookings, []string{",2026/11/20 16:00,,見本 花,,,," + hanako}, "refused date:import.past"},
		{ImportBookings, []string{",2026/11/25 11:00,,見本 花,,,," + somebody}, "refused start:import.taken"},
		{ImportBookings, []string{",2026/11/25 12:00,,見本 花,,,," + somebody}, "refused start:import.held"},
		{ImportBookings, []string{",2026/11/25 13:00,,見本 花,,,," + somebody}, "refused start:import.elsewhere 13:00-14:00"},
		{ImportBookings, []string{",2026/11/25 10:00,11:30,見本 花,,,," + somebody}, "refused end:import.longer 10:00-11:00"},
		{ImportBookings, []string{",2026/11/25 9:30,,見本 花,,,," + somebody}, "refused start:import.overlap 10:00-11:00"},
		{ImportBookings, []string{",2026/11/25 9:30,14:00,見本 花,,,," + somebody}, "refused start:import.overlap 13:00-14:00"},
		{ImportBookings, []string{",2026/11/25 18:30,,見本 花,,室1,," + somebody}, "refused room:import.room 18:00-19:00"},
		{ImportBookings, []string{",2026/11/25 18:30,,見本 花,北院,室1,," + somebody}, "new_slot"},
		{ImportBookings, []string{",2026/11/25 16:00,,例示,,,," + somebody}, "refused doctor:import.doctor.unknown"},
		{ImportBookings, []string{",2026/11/25 16:00,,見本 花,東院,,," + somebody}, "refused branch:import.branch"},
		{ImportBookings, []string{",2026/11/25 10:00,,見本 花,,,," + somebody, ",2026/11/25 10:00,,見本 花,,,," + another}, "refused start:import.twice 2"},
		{ImportBookings, []string{",2026/11/25 16:00,,見本 花,,,," + somebody, ",2026/11/25 16:30,,見本 花,,,," + another}, "refused start:import.twice 2"},
		{ImportBookings, []string{",2026/11/25 16:00,,見本 花,,室2,," + somebody, ",2026/11/25 16:30,,見本 守,,室2,," + another}, "refused room:import.twice 2"},
		{ImportBookings, []string{",2026/11/25 16:00,,見本 花,,,," + somebody, ",2026/11/25 16:00,,見本 花,,,," + somebody}, "there"},
		{ImportBookings, []string{",2026/11/25 16:00,,見本 花,,,," + somebody, ",2026/11/25 17:00,,見本 花,,,," + somebody}, "new_slot as 2"},
		{ImportBookings, []string{"A,2026/11/25 16:00,,見本 花,,,," + somebody, "A,2026/11/25 17:00,,見本 花,,,," + another}, "refused reference:import.number 2"},
		{ImportBookings, []string{"A,2026/11/25 16:00,,見本 花,,,キャンセル," + somebody, "A,2026/11/25 17:00,,見本 花,,,," + another}, "new_slot"},
		{ImportBookings, []string{"A,2026/11/25 16:00,,見本 花,,,," + somebody, "A,2026/11/25 16:00,,見本 花,,,," + somebody}, "there"},
	} {
		heads := headsOfPatients
		if c.kind == ImportBookings {
			heads = headsOfBookings
		}
		all := dryRun(importFileOfTests(t, c.kind, heads+strings.Join(c.lines, "\n")+"\n"), examinedClinic())
		if got := importWord(all[len(all)-1]); got != c.want {
			t.Errorf("%s\ncomes to %s, want %s", strings.Join(c.lines, "\n"), got, c.want)
		}
	}
}

// TestImportLine_IsSample: the line of the file to begin with is left out as it stands there, also on another day, and takes nothing from
// the others; whoever changes it means it.
func TestImportLine_IsSample(t *testing.T) {
	const heads = "予約番号,日付,開始,終了,院,担当,氏名,フリガナ,電話,メール,生年月日,性別,メモ\n"
	sample := "A-0001,2026/12/01,20:00,21:00,中央院,見本 守,見本 花子,ミホン ハナコ,090-0000-0000,hanako@example.jp,1990/04/01,女,\n"
	for text, want := range map[string]string{
		sample: "sample",
		strings.Replace(sample, "2026/12/01", "2026/11/01", 1):                     "sample", // fetched long ago
		strings.Replace(sample, "1990/04/01", "1990/4/1", 1):                       "sample", // as a spreadsheet writes it
		strings.Replace(sample, "中央院,見本 守", "東院,例示 翼", 1):                          "sample", // fetched by somebody of another branch
		strings.Replace(sample, "花子", "華子", 1):                                     "new_slot",
		strings.Replace(sample, "A-0001", "A-0002", 1):                             "new_slot",
		strings.Replace(sample, "20:00,21:00", "19:00,20:00", 1):                   "new_slot",
		strings.Replace(sample, "女,", "女,初回", 1):                                   "new_slot",
		sample + "A-0001,2026/12/02,10:00,,,見本 守,取込 一子,トリコミ イチコ,09000000801,,,,\n": "sample new_slot",
	} {
		var words []string
		all := dryRun(importFileOfTests(t, ImportBookings, heads+text), newKnownClinic())
		for _, o := range all {
			words = append(words, importWord(o))
		}
		if got := strings.Join(words, " "); got != want {
			t.Errorf("%s comes to %s, want %s", text, got, want)
		}
		noted := slices.ContainsFunc(Examined{Outcomes: all}.Notes(), func(n ImportNote) bool {
			return n.Note.Message == "error.import.sample" && slices.Equal(n.Lines, []int{2})
		})
		if noted != strings.HasPrefix(want, "sample") {
			t.Errorf("of %s a note says that it is left out: %t", text, noted)
		}
	}
	const patients = "氏名,フリガナ,電話,メール,生年月日,性別,メモ\n見本 花子,ミホン ハナコ,090-0000-0000,hanako@example.jp,1990/04/01,Female,\n"
	if all := dryRun(importFileOfTests(t, ImportPatients, patients), newKnownClinic()); all[0].Does != ImportSample || all[0].Adds() {
		t.Errorf("as a patient it comes to %s", all[0].Does)
	}
}
