package intake

import (
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/internal/clinic"
)

func TestAnswer_FromTheFirstPageToTheLast(t *testing.T) {
	q := reparse(t, twoPages())
	f := Facts{Age: 36, Sex: "f"}
	first, _ := q.Section("goal")
	second, _ := q.Section("more")
	at := func(minute int) time.Time { return time.Date(2026, 11, 24, 5, minute, 0, 0, time.UTC) }
	progress := func(r Record, done int, next string) {
		t.Helper()
		remaining := q.Remaining(r, f)
		if n, total := q.Progress(r, f); n != done || total != 2 || next == "" && len(remaining) > 0 || next != "" && remaining[0].ID != next {
			t.Errorf("%d of %d done, remaining %v; want %d and %q next", n, total, remaining, done, next)
		}
	}

	r := Record{BookingID: "b"}
	progress(r, 0, "goal")
	r, errs := q.Answer(r, first, map[string][]string{}, f, at(1))
	if len(errs) != 1 || r.Answers != nil || !r.UpdatedAt.IsZero() {
		t.Errorf("%v %+v", errs, r)
	}
	r, _ = q.Answer(r, second, nil, f, at(2)) // nothing is required there yet
	progress(r, 1, "goal")
	r, errs = q.Answer(r, first, map[string][]string{"smoke": {"no"}}, f, at(3))
	progress(r, 2, "")
	if len(errs) > 0 || r.CompletedAt == nil || !r.CompletedAt.Equal(at(3)) || !slices.Equal(r.Done, []string{"goal", "more"}) {
		t.Errorf("%v %+v", errs, r)
	}
	r, _ = q.Answer(r, first, map[string][]string{"smoke": {"no"}}, f, at(4))
	if !r.CompletedAt.Equal(at(3)) || !r.UpdatedAt.Equal(at(4)) {
		t.Errorf("a second time: %+v", r)
	}

	// A change on the first page asks something on the second.
	r, _ = q.Answer(r, first, map[string][]string{"smoke": {"yes"}}, f, at(5))
	progress(r, 1, "more")
	if r.CompletedAt != nil {
		t.Error("it is not complete any more")
	}
	r, _ = q.Answer(r, second, map[string][]string{"how_many": {"20"}}, f, at(6))
	if r.CompletedAt == nil || !r.CompletedAt.Equal(at(6)) {
		t.Errorf("%+v", r)
	}

	// And a change back drops its answer.
	r, _ = q.Answer(r, first, map[string][]string{"smoke": {"no"}}, f, at(7))
	if _, kept := r.Answers["how_many"]; kept || r.CompletedAt == nil {
		t.Errorf("%+v", r)
	}
}

func twoPages() Questionnaire {
	text := Text{"見本", "sample"}
	q := small(Question{ID: "smoke", Kind: One, Required: true, Options: options("yes", "no")})
	q.Intake = append(q.Intake, Section{Code: "L", ID: "more", Title: text, Questions: []Question{
		{ID: "how_many", Kind: Number, Required: true, Label: text, Max: 100, ShowIf: AnyOf(Test{"smoke", Has, []string{"yes"}})},
		{ID: "wish", Kind: LongText, Label: text},
	}})
	return q
}

func TestFactsFor_TheDayOfTheCounselingDecides(t *testing.T) {
	appointment := clinic.Appointment{
		// 2026-11-23 23:30 in UTC is the 24th in Tokyo, the eighteenth birthday.
		Slot:    clinic.Slot{StartsAt: time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC)},
		Branch:  clinic.Branch{Zone: "Asia/Tokyo"},
		Patient: clinic.Patient{Birth: clinic.Date{Year: 2008, Month: time.November, Day: 24}, Sex: clinic.Female},
		Booking: clinic.Booking{Details: clinic.Details{Answers: map[string][]string{"parts": {"back"}, "areas": {"arm"}}}},
	}
	q := &Questionnaire{Uses: Uses{Areas: "parts"}}
	if f := q.FactsFor(appointment); f.Age != 18 || f.Sex != "f" || !slices.Equal(f.Areas, []string{"back"}) {
		t.Errorf("%+v", f)
	}
	appointment.Branch.Zone = "America/New_York"
	if f := q.FactsFor(appointment); f.Age != 17 {
		t.Errorf("%+v", f)
	}
}

func TestBMI(t *testing.T) {
	q := &Questionnaire{Uses: Uses{Height: "tall", Weight: "heavy"}}
	for _, c := range []struct {
		height, weight []string
		want           float64
		ok             bool
	}{
		{[]string{"160"}, []string{"76.8"}, 30, true},
		{[]string{"200"}, []string{"74"}, 18.5, true},
		{[]string{"158"}, []string{"60.4"}, 604e5 / (1580. * 1580.), true},
		{[]string{"170"}, []string{"53.46"}, 53.46 * 1e4 / (170. * 170.), true}, // below 18.5, which a clinic may ask for to two decimals
		{nil, []string{"60"}, 0, false},
		{[]string{"160"}, nil, 0, false},
		{[]string{"0"}, []string{"60"}, 0, false},
		{[]string{"x"}, []string{"60"}, 0, false},
	} {
		if got, ok := q.BMI(Answers{"tall": c.height, "heavy": c.weight}); got != c.want || ok != c.ok {
			t.Errorf("%v cm, %v kg: %v %v", c.height, c.weight, got, ok)
		}
	}
}

func TestShow(t *testing.T) {
	q := shipped(t)
	for _, c := range []struct {
		id     string
		values []string
		ja, en string
	}{
		{"height", []string{"158.5"}, "158.5 cm", "158.5 cm"},
		{"weight", []string{"60"}, "60 kg", "60 kg"},
		{"pain_lv", []string{"4"}, "4/10", "4/10"},
		{"hx_blood", []string{"kid", "auto"}, "腎臓の病気|膠原病・リウマチなど免疫の病気", "Kidney disease|Autoimmune or connective tissue disease"},
		{"sit_h", []string{"h6"}, "3〜6時間", "3 to 6 hours"},
		{"worry", []string{"一行目\n二行目"}, "一行目\n二行目", "一行目\n二行目"},
		{"hx_blood", []string{"of_an_older_version"}, "of_an_older_version", "of_an_older_version"},
		{"age", []string{"36"}, "36", "36"},
		{"bmi", []string{"24.194840493"}, "24.2", "24.2"},
		{"bmi", []string{"18.479"}, "18.48", "18.48"}, // and not 18.5, below which it is
		{"bmi", []string{"30"}, "30", "30"},
		{"weight", []string{"odd"}, "odd", "odd"},
		{"hx_blood", nil, "", ""},
	} {
		question, _ := q.Question(c.id)
		for lang, want := range map[string]string{"ja": c.ja, "en": c.en} {
			if got := strings.Join(question.Show(c.values, lang), "|"); got != want {
				t.Errorf("%s %v: %q, want %q", c.id, c.values, got, want)
			}
		}
	}
}

func TestText_In(t *testing.T) {
	both, only := Text{"背中", "Back"}, Text{JA: "背中"}
	if both.In("en") != "Back" || both.In("ja") != "背中" || both.In("") != "背中" || only.In("en") != "背中" {
		t.Error("the wrong language")
	}
}

func TestConsents_AreWhatWasAgreedTo(t *testing.T) {
	q := &Questionnaire{Booking: Section{Questions: []Question{
		{ID: "c_privacy", Kind: Agree, Required: true}, {ID: "c_ads", Kind: Agree}, {ID: "visited", Kind: One},
	}}}
	at := time.Date(2026, time.November, 24, 0, 0, 0, 0, time.UTC)
	got := q.Consents(Answers{"c_privacy": {Agreed}, "visited": {"first"}}, "v1", at)
	if want := []clinic.Consent{{Kind: "c_privacy", Version: "v1", At: at}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestFactsOf_WithoutABirthDateKnowsNoAge(t *testing.T) {
	on := clinic.Date{Year: 2026, Month: time.November, Day: 24}
	q := &Questionnaire{}
	if f := q.FactsOf(clinic.Patient{Sex: clinic.Female}, clinic.Details{}, on); f.Age != 0 {
		t.Errorf("age %d", f.Age)
	}
	if f := q.FactsOf(clinic.Patient{Birth: clinic.Date{Year: 2008, Month: time.November, Day: 25}}, clinic.Details{}, on); f.Age != 17 {
		t.Errorf("age %d, want 17", f.Age)
	}
}
