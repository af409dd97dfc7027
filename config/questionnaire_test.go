package config_test

import (
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"madoguchi/config"
	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
)

func questionnaire(t *testing.T) *intake.Questionnaire {
	t.Helper()
	q, err := config.Questionnaire()
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestQuestionnaire_HasEverySection(t *testing.T) {
	q := questionnaire(t)
	var codes []string
	for _, s := range q.Intake {
		codes = append(codes, s.Code)
		if s.DoctorOnly != slices.Contains([]string{"M", "H", "R", "W"}, s.Code) {
			t.Errorf("section %s: doctor_only is %v", s.Code, s.DoctorOnly)
		}
	}
	if got := strings.Join(codes, ""); got != "GPLMHRW" {
		t.Errorf("sections %s", got)
	}
	var booking []string
	for _, question := range q.Booking.Questions {
		booking = append(booking, question.ID)
	}
	if got := strings.Join(booking, " "); got != "guardian contact visited areas request c_privacy c_cancel c_ads" {
		t.Errorf("the booking asks %s", got)
	}
}

// What the handlers, the doctor's page and the law rely on.
func TestQuestionnaire_Promises(t *testing.T) {
	q := questionnaire(t)
	for id, required := range map[string]bool{"c_privacy": true, "c_cancel": true, "c_ads": false} {
		question, ok := q.Question(id)
		if !ok || question.Kind != intake.Agree || question.Required != required {
			t.Errorf("consent %s: %+v", id, question)
		}
	}
	if areas, _ := q.Question("areas"); len(areas.Options) != 14 {
		t.Errorf("%d areas", len(areas.Options))
	}
	for id, want := range map[string][]string{"preg": {"no"}, "hx_group": {"none"}, "hx_sugar": nil, "meds": {"none"}, "fam": {"none"}, "areas": nil, "by_when": nil} {
		question, _ := q.Question(id)
		if !slices.Equal(question.Excludes, want) {
			t.Errorf("%s: exclusive options %v, want %v", id, question.Excludes, want)
		}
	}
}

// Whoever has nothing to tell answers with one tap and reads no list for it.
func TestQuestionnaire_NothingStandsFirst(t *testing.T) {
	for _, s := range questionnaire(t).Intake {
		if !s.DoctorOnly {
			continue
		}
		for _, question := range s.Questions {
			for i, o := range question.Options {
				if (question.Exclusive(o.Code) || o.Code == "no") && i != 0 {
					t.Errorf("%s: %s is the option number %d", question.ID, o.Code, i+1)
				}
			}
		}
	}
}

// What the clinic knows already, what nobody can serve and what presses is not asked.
func TestQuestionnaire_AsksNeitherTwiceNorForMoney(t *testing.T) {
	texts(questionnaire(t), func(where string, text intake.Text) {
		for _, word := range []string{"LINE", "SMS", "ご予算", "予算", "budget", "何でお知り", "hear about us", "find us", "いちばん気になる部位"} {
			if strings.Contains(text.JA+" "+text.EN, word) {
				t.Errorf("%s asks for %q: %s", where, word, text.JA)
			}
		}
	})
}

// texts calls f for every text that people read.
func texts(q *intake.Questionnaire, f func(where string, text intake.Text)) {
	for _, s := range append([]intake.Section{q.Booking}, q.Intake...) {
		f(s.ID, s.Title)
		f(s.ID, s.Intro)
		for _, question := range s.Questions {
			f(question.ID, question.Label)
			f(question.ID, question.Short)
			f(question.ID, question.Help)
			for _, o := range question.Options {
				f(question.ID+"="+o.Code, o.Text)
				f(question.ID+"="+o.Code, o.Short)
			}
		}
	}
}

// The guideline on medical advertising forbids these words wherever a patient reads.
var forbidden = regexp.MustCompile(`必ず|確実|No\.? ?1|ナンバーワン|今なら|% ?OFF|最高|日本一|絶対|保証`)

var japanese = regexp.MustCompile(`[\p{Hiragana}\p{Katakana}\p{Han}]`)

func TestQuestionnaire_Texts(t *testing.T) {
	texts(questionnaire(t), func(where string, text intake.Text) {
		if word := forbidden.FindString(text.JA + text.EN); word != "" {
			t.Errorf("%s says %q", where, word)
		}
		if japanese.MatchString(text.EN) {
			t.Errorf("%s: the English text has Japanese in it: %q", where, text.EN)
		}
		for _, s := range []string{text.JA, text.EN} {
			if s != strings.TrimSpace(s) || strings.Contains(s, "  ") {
				t.Errorf("%s: untidy spaces in %q", where, s)
			}
		}
	})
}

// What the demo shows is what the form would accept: every answer is to a question that is asked, and a section that was
// reached is complete.
func TestPersonas_AnswerTheQuestionnaire(t *testing.T) {
	q := questionnaire(t)
	personas, err := config.Personas()
	if err != nil || len(personas) < 8 {
		t.Fatalf("%d personas, %v", len(personas), err)
	}
	for i, p := range personas {
		for _, sex := range []clinic.Sex{clinic.Female, clinic.Male, clinic.NoSex} {
			f := q.FactsOf(clinic.Patient{Sex: sex, Birth: clinic.Date{Year: 1990, Month: 1, Day: 1}}, clinic.Details{Answers: p.Booking, Attribution: p.Attribution}, clinic.Date{Year: 2026, Month: 11, Day: 24})
			if _, errs := q.CheckSection(q.Booking, p.Booking, nil, f); len(errs) > 0 {
				t.Errorf("persona %d: %v", i, errs)
			}
			record := intake.Record{Answers: p.Intake}
			for n, s := range q.Asked(record, f) {
				if len(p.Intake) == 0 || p.Sections > 0 && n == p.Sections {
					break
				}
				if _, errs := q.CheckSection(s, p.Intake, p.Intake, f); len(errs) > 0 {
					t.Errorf("persona %d, section %s: %v", i, s.ID, errs)
				}
			}
		}
		for id := range p.Intake {
			if !slices.ContainsFunc(q.Intake, func(s intake.Section) bool { return has(s, id) }) {
				t.Errorf("persona %d answers %q, which the intake does not ask", i, id)
			}
		}
		for id := range p.Booking {
			if !has(q.Booking, id) {
				t.Errorf("persona %d answers %q, which the booking does not ask", i, id)
			}
		}
	}
}

func has(s intake.Section, id string) bool {
	return slices.ContainsFunc(s.Questions, func(q intake.Question) bool { return q.ID == id })
}

// A healthy person answers 36 questions at most, whatever of the usual they choose; those who have the pain, the training and
// the legs of two other people are few.
func TestQuestionnaire_IsShortForTheHealthy(t *testing.T) {
	q := questionnaire(t)
	within, all := 0, 0
	for _, areas := range [][]string{{"back"}, {"belly", "flank"}, {"back", "thigh_b"}, {"arm", "chin"}, {"undecided"}} {
		for _, sex := range []string{"f", "m"} {
			for _, pain := range []string{"none", "back"} {
				for _, training := range [][2]string{{"w0", "none"}, {"w1", "none"}, {"w2", "beginner"}, {"w4", "mid"}} {
					for _, tried := range []string{"none", "diet", "este"} {
						for _, alcohol := range []string{"never", "w1", "w5"} {
							for _, medicine := range []string{"no", "supp"} {
								a := intake.Answers{
									"tried": {tried}, "tx_react": {"no"}, "pain": {pain}, "ex30": {training[0]}, "level": {training[1]},
									"hx_group": {"none"}, "body": {"none"}, "med_any": {medicine}, "allergy_any": {"no"}, "alcohol": {alcohol},
								}
								asked := 0
								for id := range q.Visible(a, intake.Facts{Age: 32, Sex: sex, Areas: areas}) {
									if !has(q.Booking, id) {
										asked++
									}
								}
								if all++; asked <= 36 {
									within++
								}
								if asked > 38 {
									t.Errorf("%v %s: %d questions", areas, sex, asked)
								}
							}
						}
					}
				}
			}
		}
	}
	if share := float64(within) / float64(all); share < 0.96 {
		t.Errorf("%.3f of %d healthy people are asked 36 questions at most", share, all)
	}
	personas, err := config.Personas()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range personas {
		asked := 0
		for id := range q.Visible(p.Intake, intake.Facts{Age: p.Age, Sex: string(p.Sex), Areas: p.Booking["areas"], From: p.Attribution}) {
			if !has(q.Booking, id) {
				asked++
			}
		}
		if (p.Name == "office" || p.Name == "sporty") && asked > 36 || p.Name == "ill" && asked > 46 {
			t.Errorf("%s is asked %d questions", p.Name, asked)
		}
	}
}

// topics are what the clinic's articles are about.
var topics = strings.Fields(`000.C1 000.C2 000.C3 000.C4 000.limit 000.fat_muscle_sag
	004.beginner 004.mid_adv 004.pain 004.stiff 004.bounce 004.cramp 004.soreness 004.form_load 004.balance
	004.rest_nutrition 004.continue 004.pelvis`)

func TestSeedMap_CoversEveryTopic(t *testing.T) {
	q := questionnaire(t)
	data, err := os.ReadFile("seed-map.txt")
	if err != nil {
		t.Fatal(err)
	}
	covered := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		topic, questions, _ := strings.Cut(line, "=")
		if covered[topic] || !slices.Contains(topics, topic) {
			t.Errorf("topic %s is unknown or occurs twice", topic)
		}
		for _, id := range strings.Fields(questions) {
			covered[topic] = true
			// birth is the patient's own field; the questionnaire knows it as the age.
			if _, ok := q.Question(id); !ok && id != "birth" {
				t.Errorf("topic %s names %s, which is not asked", topic, id)
			}
		}
	}
	for _, topic := range topics {
		if !covered[topic] {
			t.Errorf("no question covers %s", topic)
		}
	}
}

// official are the hosts of authorities, of public institutes and of the societies that publish a guideline themselves.
var official = regexp.MustCompile(`(^|\.)(go\.jp|jasso\.or\.jp|dsu-system\.jp|nih\.gov|fda\.gov|ema\.europa\.eu|asahq\.org|nhs\.uk)$`)

func TestSources_SayWhoAndLinkOnlyWhatIsOfficial(t *testing.T) {
	seen, dated := map[string]bool{}, 0
	for _, rule := range questionnaire(t).Rules {
		for _, s := range rule.Sources {
			if seen[s.Code] {
				continue
			}
			seen[s.Code] = true
			if s.Publisher == (intake.Text{}) {
				t.Errorf("%s has no publisher", s.Code)
			}
			if s.Date != "" {
				dated++
			}
			for _, address := range s.Addresses {
				if u, err := url.Parse(address); err != nil || u.Scheme != "https" || !official.MatchString(u.Hostname()) {
					t.Errorf("%s links %s", s.Code, address)
				}
			}
			for _, text := range []string{s.EN, s.Publisher.EN} {
				if japanese.MatchString(text) {
					t.Errorf("%s: the English text has Japanese in it: %q", s.Code, text)
				}
			}
		}
	}
	if len(seen) < 40 || dated < 28 {
		t.Errorf("%d sources, %d with a date", len(seen), dated)
	}
}

// README.md is where a clinic looks up what the data may say.
func TestREADME_NamesEveryUseAndZone(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, part := range []any{intake.Uses{}, intake.Summary{}, intake.Cause{}, intake.Sign{}, intake.Fact{}, intake.Cell{}, intake.Derived{}, intake.ContradictionRule{}, intake.Question{}, intake.Source{}} {
		fields := reflect.TypeOf(part)
		for i := range fields.NumField() {
			if name, _, _ := strings.Cut(fields.Field(i).Tag.Get("json"), ","); name != "" {
				names = append(names, name)
			}
		}
	}
	for _, z := range intake.Zones {
		names = append(names, string(z))
	}
	for _, name := range names {
		if !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("README.md does not explain `%s`", name)
		}
	}
}
