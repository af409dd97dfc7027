package storetest

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/store"
)

// Owner is whoever sets a clinic up, and may see and do everything.
var Owner = clinic.Job("test")

// DoctorActor is the doctor of an id, who has signed in.
func DoctorActor(doctorID string) clinic.Actor {
	return clinic.StaffActor(clinic.Staff{ID: "staff-" + doctorID, Role: clinic.DoctorRole, DoctorID: doctorID, Active: true, EveryBranch: true})
}

// LetterOf is the letter of a kind that a booking has.
func LetterOf(tb testing.TB, s *store.Store, bookingID string, kind clinic.LetterKind) clinic.Letter {
	tb.Helper()
	letters, err := s.Letters(tb.Context(), Owner, bookingID)
	must(tb, err)
	for _, l := range letters {
		if l.Kind == kind {
			return l
		}
	}
	tb.Fatalf("the booking has no %s", kind)
	return clinic.Letter{}
}

// Clinic is a small clinic in a database: two branches, two doctors at the first, and slots. It asks what the program is
// built with.
type Clinic struct {
	Branch    clinic.Branch
	Other     clinic.Branch
	Doctors   [2]clinic.Doctor
	Slots     []clinic.SlotWithState // of the first branch, in order: those of both doctors on the day after Begin, six each
	Questions *intake.Questionnaire
}

// Settings are those of every clinic in tests.
var Settings = clinic.Settings{Name: "見本クリニック", NameEn: "Mihon Clinic"}

// NewClinic puts a Clinic into an empty database whose clock stands at Begin.
func NewClinic(tb testing.TB, s *store.Store) Clinic {
	tb.Helper()
	ctx := tb.Context()
	must(tb, s.SeedSettings(ctx, Settings))
	var c Clinic
	for i, b := range []*clinic.Branch{&c.Branch, &c.Other} {
		var err error
		*b, err = s.SaveBranch(ctx, Owner, clinic.Branch{
			Name: fmt.Sprintf("見本クリニック 第%d院", i+1), NameEn: fmt.Sprintf("Mihon Clinic %d", i+1), Address: "見本県架空市1-2-3", AddressEn: "1-2-3 Kaku City",
			Access: "架空駅より徒歩3分", AccessEn: "3 minutes from Kaku Station", Phone: "03-0000-0001", Zone: clinic.DefaultZone,
			Settings: clinic.BranchSettings{PhoneHours: "平日 10:00–18:00", PhoneHoursEn: "Weekdays 10:00–18:00"},
		})
		must(tb, err)
	}
	for i, name := range []string{"花", "守"} {
		var err error
		c.Doctors[i], err = s.SaveDoctor(ctx, Owner, clinic.Doctor{
			FamilyName: "見本", GivenName: name, FamilyKana: "ミホン", GivenKana: "イシ", NameEn: fmt.Sprintf("Mihon %d", i+1),
			Sex: []clinic.Sex{clinic.Female, clinic.Male}[i], Career: "架空医科大学 卒業", Societies: "例示学会 会員",
		}, []string{c.Branch.ID})
		must(tb, err)
		slots, errs := clinic.DaySlots{Date: "2026-11-25", From: "10:00", Until: "16:00", Minutes: "60"}.Slots(c.Branch, c.Doctors[i].ID, Begin)
		must(tb, errs.Err())
		must(tb, s.AddSlots(ctx, Owner, slots))
	}
	c.Questions = PublishBuiltIn(tb, s)
	var err error
	c.Slots, err = s.Slots(ctx, store.SlotQuery{BranchID: c.Branch.ID, From: Begin, Until: Begin.Add(72 * time.Hour), For: Owner})
	must(tb, err)
	return c
}

// kanji writes a number in the letters of names, which have no digits.
func kanji(n int) string {
	var out strings.Builder
	for _, digit := range strconv.Itoa(n) {
		out.WriteRune([]rune("〇一二三四五六七八九")[digit-'0'])
	}
	return out.String()
}

// Request is a request for a slot by the n-th of any number of patients.
func Request(slotID string, n int) clinic.Request {
	return clinic.Request{
		SlotID: slotID,
		Patient: clinic.Patient{
			FamilyName: "試験", GivenName: "花子" + kanji(n), FamilyKana: "シケン", GivenKana: "ハナコ", Birth: clinic.Date{Year: 1990, Month: time.April, Day: 1}.AddDays(n),
			Sex: clinic.Female, Phone: fmt.Sprintf("0900000%04d", n), Email: fmt.Sprintf("patient%d@example.jp", n),
		},
		Details: clinic.Details{
			Answers:     map[string][]string{"areas": {"back", "thigh_b"}, "c_privacy": {"yes"}, "c_cancel": {"yes"}},
			Attribution: clinic.Attribution{Area: "back", Article: "back-fat"},
			Consents:    []clinic.Consent{{Kind: "c_privacy", Version: "1", At: Begin}, {Kind: "c_cancel", Version: "1", At: Begin}},
		},
		Lang: "ja", QuestionnaireVersion: builtInVersion(),
	}
}

// PublishBuiltIn publishes the built-in questionnaire, as every server does when it starts.
func PublishBuiltIn(tb testing.TB, s *store.Store) *intake.Questionnaire {
	tb.Helper()
	publication, err := config.Publication()
	must(tb, err)
	q, err := s.PublishQuestionnaire(tb.Context(), Owner, publication)
	must(tb, err)
	return q
}

// builtInVersion is the version that NewClinic has published.
var builtInVersion = sync.OnceValue(func() string {
	q, err := config.Questionnaire()
	if err != nil {
		panic(err) // no test can do without it
	}
	return q.Version
})

// NextVersion is the built-in questionnaire under another version, changed. Cautions that name one of the ids in without
// are left out of it.
func NextVersion(tb testing.TB, version string, change func(*intake.Questionnaire), without ...string) intake.Publication {
	tb.Helper()
	p, err := config.Publication()
	must(tb, err)
	var q intake.Questionnaire
	must(tb, json.Unmarshal(p.Questions, &q))
	q.Version = version
	change(&q)
	p.Questions, err = json.Marshal(q)
	must(tb, err)
	var lines []string
	for line := range strings.Lines(string(p.Cautions)) {
		words := strings.FieldsFunc(line, func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789_", r) })
		if !slices.ContainsFunc(without, func(id string) bool { return slices.Contains(words, id) }) {
			lines = append(lines, line)
		}
	}
	p.Cautions = []byte(strings.Join(lines, ""))
	return p
}

// version1 is the first version of the questionnaire, as clinics have published it and patients have answered it.
//
//go:embed version1
var version1 embed.FS

// FirstVersion is the questionnaire that was shipped first, with its cautions.
func FirstVersion(tb testing.TB) (p intake.Publication) {
	tb.Helper()
	for name, content := range map[string]*[]byte{"questionnaire.json": &p.Questions, "cautions.txt": &p.Cautions, "sources.json": &p.Sources} {
		data, err := version1.ReadFile("version1/" + name)
		must(tb, err)
		*content = data
	}
	return p
}

// FirstAnswers answers the intake of the first version, for a woman who wants counseling about her back and thighs.
func FirstAnswers() map[string][]string {
	return map[string][]string{
		"area_main": {"back"}, "look": {"fat"}, "height": {"160"}, "weight": {"60.4"}, "w_max": {"66"}, "w_change": {"gain"},
		"sit_h": {"h3"}, "posture": {"hunch"}, "scapula": {"ok"}, "flex": {"pain"}, "thigh": {"back_stiff"}, "pain": {"back"}, "pain_lv": {"4"}, "pain_care": {"past"},
		"ex30": {"w1"}, "level": {"mid"}, "place": {"gym"}, "trained": {"core"}, "trouble": {"cramp"}, "stretch": {"bounce"}, "rest": {"no"}, "barrier": {"time"},
		"meals": {"m3"}, "late": {"no"}, "carb_fat": {"carb"}, "protein": {"daily"}, "binge": {"none"}, "sleep": {"h7"}, "alcohol": {"w1"}, "alc_amt": {"g1"},
		"smoke": {"past"}, "tried": {"drug"}, "result": {"part"}, "bad_tx": {"昨年、三か月。"}, "preg": {"no"}, "hx_cold": {"cad"}, "hx": {"t1", "keloid"},
		"fam": {"none"}, "meds": {"warf", "supp"}, "med_names": {"ワルファリン"}, "allergy": {"soy"}, "allergy_txt": {"口がかゆくなります。"},
		"implant": {"none"}, "site": {"none"}, "surgery": {"old"}, "interest": {"cool"}, "budget": {"b10"}, "worry": {"後ろ姿"}, "c_true": {"yes"},
	}
}

// Book books or fails the test.
func Book(tb testing.TB, s *store.Store, r clinic.Request) clinic.Receipt {
	tb.Helper()
	receipt, err := s.Book(tb.Context(), clinic.API(clinic.APIKey{}), r)
	must(tb, err)
	return receipt
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
