package config_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"madoguchi/config"
	"madoguchi/internal/intake"
)

// clean is a patient about whom no rule has anything to say: BMI 28.1, under the chin.
func clean() (intake.Answers, intake.Facts) {
	return intake.Answers{
		"height": {"160"}, "weight": {"72"}, "tried": {"none"},
		"sit_h": {"h3"}, "posture": {"none"}, "scapula": {"ok"}, "pain": {"none"},
		"ex30": {"w1"}, "level": {"beginner"}, "trouble": {"none"},
		"meals": {"m3"}, "late": {"no"}, "carb_fat": {"none"}, "protein": {"daily"},
		"preg": {"no"}, "hx_group": {"none"}, "body": {"none"}, "neck": {"none"}, "med_any": {"no"}, "allergy_any": {"no"},
		"sleep": {"h7"}, "alcohol": {"never"}, "binge": {"none"}, "fam": {"none"},
	}, intake.Facts{Age: 36, Sex: "f", Areas: []string{"chin"}}
}

// change puts "hx_sugar=t1,t2", "age=17" or "areas=back" into a patient. An answer that is given opens its question: with
// hx_sugar comes the tick at hx_group, unless the same changes say otherwise.
func change(t *testing.T, q *intake.Questionnaire, a intake.Answers, f *intake.Facts, changes string) {
	t.Helper()
	var given []string
	for one := range strings.FieldsSeq(changes) {
		name, value, _ := strings.Cut(one, "=")
		switch name {
		case "age":
			age, err := strconv.Atoi(value)
			if err != nil {
				t.Fatal(err)
			}
			f.Age = age
		case "sex":
			f.Sex = value
		case "areas":
			f.Areas = strings.Split(value, ",")
		default:
			a[name] = strings.Split(value, ",")
			given = append(given, name)
		}
	}
	for _, name := range given {
		open(q, a, given, name)
	}
}

// open ticks what makes a question visible, by the first way that its condition names.
func open(q *intake.Questionnaire, a intake.Answers, given []string, name string) {
	question, _ := q.Question(name)
	if len(question.ShowIf.Any) == 0 || question.ShowIf.Any[0][0].Op != intake.Has {
		return
	}
	gate := question.ShowIf.Any[0][0]
	asked, ok := q.Question(gate.Question)
	if !ok || slices.Contains(given, gate.Question) || gate.Question == intake.FactAreas {
		return
	}
	if slices.ContainsFunc(a[gate.Question], func(v string) bool { return slices.Contains(gate.Values, v) }) {
		return // it is open
	}
	kept := slices.DeleteFunc(slices.Clone(a[gate.Question]), func(v string) bool { return asked.Kind == intake.One || asked.Exclusive(v) })
	a[gate.Question] = append(kept, gate.Values[0])
	open(q, a, given, gate.Question)
}

// Every rule of cautions.txt, read by a person and written down again from the other side: what a patient answers, and
// exactly what the doctor is told.
var cautionCases = []struct{ answers, told string }{
	{"", ""},
	{"sex=m preg=preg", ""}, // a man is not asked; what is left of an earlier answer does not count
	{"sex=na preg=preg", "block cool, block inj, block drug"},

	{"hx_cold=cryo", "block cool"},
	{"hx_cold=cad", "block cool"},
	{"hx_cold=pch", "block cool"},
	{"hx_cold=urt", "doctor cool"},
	{"hx_cold=ray", "doctor cool"},
	{"hx_cold=unknown", "doctor cool"},
	{"hx_cold=cad,ray", "block cool, doctor cool"},
	{"body=none hx_cold=cad", ""}, // nothing is asked about the cold any more

	{"preg=preg", "block cool, block inj, block drug"},
	{"preg=maybe", "block cool, block inj, block drug"},
	{"preg=bf", "block inj, block drug, doctor cool"},
	{"preg=plan", "block drug"},

	{"site=infect", "block cool, block inj"},
	{"site=wound", "block cool"},
	{"site=rash", "doctor cool, doctor inj"},
	{"site=scar", "doctor cool, doctor inj"},
	{"site=numb", "doctor cool"},
	{"site=keloid", "doctor inj"},

	{"surgery=y1", "doctor cool"},
	{"surgery=soon", "doctor drug"},
	{"surgery=old", ""},
	{"surgery=old surg_site=abd", "doctor drug"},
	{"surgery=old surg_site=chest,limb,head,other", ""},
	{"surgery=soon hx_sugar=t2", "block drug, doctor drug, doctor drug, note cool, note inj"},
	{"surgery=soon hx_sugar=dm", "block drug, doctor drug, doctor drug, note cool, note inj"},
	{"surgery=old hx_sugar=t2", "doctor drug, note cool, note inj"}, // no operation is planned
	{"surgery=soon hx_sugar=thy", "doctor inj, doctor drug, doctor drug"},
	{"surgery=soon surg_site=abd", "doctor drug"}, // because of the planned one; where the earlier one was is not asked

	{"hx_sugar=t1", "block drug, note cool, note inj"},
	{"hx_sugar=t2", "doctor drug, note cool, note inj"},
	{"hx_sugar=dm", "doctor drug, note cool, note inj"},
	{"hx_sugar=dka", "block drug"},
	{"hx_sugar=retina", "doctor drug"},
	{"hx_sugar=thy", "doctor inj, doctor drug"},
	{"hx_sugar=mtc", "block drug"},
	{"hx_sugar=other", ""},
	{"hx_group=heart hx_sugar=t1 hx_heart=other", ""}, // hidden
	{"hx_heart=bp", "note inj"},
	{"hx_heart=lip", "note inj"},
	{"hx_heart=heart", "doctor drug, note inj"},
	{"hx_heart=clot", "note cool"},
	{"hx_heart=circ", "doctor cool"},
	{"hx_heart=other", ""},
	{"hx_gut=gall", "doctor drug"},
	{"hx_gut=panc", "doctor drug"},
	{"hx_gut=liv", "doctor inj, doctor drug"},
	{"hx_gut=gi", "doctor drug"},
	{"hx_gut=hernia", "block cool"},
	{"hx_gut=other", ""},
	{"hx_blood=kid", "doctor inj, doctor drug"},
	{"hx_blood=bleed", "doctor cool, doctor inj"},
	{"hx_blood=auto", "doctor inj"},
	{"hx_blood=cancer", "doctor all"},
	{"hx_blood=mtc", "block drug"},
	{"hx_blood=other", ""},
	{"hx_nerve=nerve", "doctor cool"},
	{"hx_nerve=eye", "doctor drug"},
	{"hx_nerve=other", ""},
	{"hx_mind=mind", "doctor inj, doctor drug"},
	{"hx_mind=eat", "block drug"},
	{"hx_mind=sas", "note all"},
	{"hx_mind=other", ""},

	{"fam=mtc", "block drug"},
	{"fam=dm", ""},
	{"fam=unknown", ""},

	{"med_any=yes med_names=架空薬 meds=none", ""},
	{"med_any=supp med_names=架空薬 meds=warf", ""}, // supplements only: the list is not asked
	{"meds=thin", "doctor cool, doctor inj"},
	{"meds=warf", "doctor cool, doctor inj, doctor drug"},
	{"meds=ins", "doctor drug"},
	{"meds=glp", "block drug"},
	{"meds=pill", "doctor drug"},
	{"meds=diur", "doctor drug"},
	{"meds=ster", "doctor drug, doctor all"},
	{"meds=psy", "doctor all"},
	{"meds=thyr", ""},
	{"meds=unknown", ""},
	{"meds=thyr,thin,pill", "doctor cool, doctor inj, doctor drug, note all"}, // three kinds
	{"meds=thyr,pill", "doctor drug"},
	{"sex=m meds=pill", ""}, // a man is not offered it

	{"tried=drug glp_last=now", "block drug, note all"},
	{"tried=drug glp_last=m1", "note all"},
	{"tried=drug glp_last=m2", ""},
	{"tried=drug glp_last=m2p", ""},
	{"tried=diet glp_last=now", ""}, // hidden

	{"allergy=soy", "block inj"},
	{"allergy=anes", "doctor inj"},
	{"allergy=drug", "doctor inj"},
	{"allergy=glp", "block drug"},
	{"allergy=pg", "doctor cool"},
	{"allergy=latex", ""},
	{"allergy=food", "note inj"},
	{"allergy=none", ""},
	{"allergy_any=pollen allergy=soy", ""}, // hay fever only: the list is not asked

	{"implant=pace", "doctor cool"},
	{"implant=metal", "doctor cool"},
	{"implant=filler", "doctor inj"},
	{"implant=other", ""},

	{"neck=swallow", "block inj"},
	{"neck=node", "doctor inj"},
	{"neck=surg", "doctor inj"},
	{"areas=face neck=swallow", "block inj, note inj"},
	{"areas=back neck=swallow", "note inj"}, // the neck is not asked about a back
	{"areas=back", "note inj"},
	{"areas=back,chin", ""},
	{"areas=undecided", "note inj"},

	{"tried=cool tx_react=no", "doctor cool"},
	{"tried=inj tx_react=no", "doctor inj"},
	{"tried=lipo tx_react=no", "doctor inj"},
	{"tried=este tx_react=yes bad_tx=架空", ""},

	{"height=200 weight=120", "doctor inj"}, // BMI 30 exactly
	{"height=200 weight=119.9", ""},
	{"height=200 weight=120.1", "doctor cool, doctor inj"},
	{"weight=69.2", ""}, // 27.03
	{"weight=69.1", "note drug"},
	{"height=200 weight=108", ""},         // 27 exactly
	{"height=200 weight=74", "note drug"}, // 18.5 exactly
	{"height=200 weight=73.9", "block drug, note drug"},
	{"height=", ""}, // no BMI, no caution

	{"age=17", "block inj, doctor cool, doctor drug"},
	{"age=18", "doctor drug"},
	{"age=19", "doctor drug"},
	{"age=20", ""},
	{"age=69", ""},
	{"age=70", "doctor drug"},

	{"binge=", "note drug"},                            // asked, and left empty
	{"binge= sleep= alcohol= fam=", ""},                // nobody saw the page yet
	{"height=160 weight=72 goal_w=47.3", "doctor all"}, // 18.48 is the wish
	{"height=160 weight=72 goal_w=47.4", ""},
	{"binge=purge", "block drug"},
	{"binge=binge", "doctor drug"},
	{"binge=stress", ""},
	{"meals=m1", "doctor drug"},
	{"meals=irr", "doctor drug"},
	{"meals=m2", ""},
	{"alcohol=daily alc_amt=g1", "doctor drug"},
	{"alcohol=w5 alc_amt=g3", ""},
	{"alcohol=w3 alc_amt=g5", "doctor drug"},
	{"alcohol=w3 alc_amt=g5p", "doctor drug"},
	{"alcohol=w1 alc_amt=g5", ""}, // hidden

	{"pain=back pain_lv=7", "doctor all"},
	{"pain=back pain_lv=10", "doctor all"},
	{"pain=back pain_lv=6", ""},
	{"pain=back,care pain_lv=1", "doctor all"},
	{"pain_lv=9", ""}, // pain is none: it is hidden
	{"areas=calf,chin thigh=pain", "note all"},
	{"areas=calf,chin thigh=front,back_stiff,reach", ""},
	{"thigh=pain", ""}, // no area of the legs: it is not asked
	{"scapula=pain", "note all"},
	{"scapula=no", ""},
	{"trouble=pain", "note all"},
	{"trouble=cramp", ""},
	{"ex30=w0 level=none trouble=pain", ""}, // hidden
	{"areas=calf,chin thigh=pain scapula=pain trouble=pain", "note all"},
}

func TestCautions_EveryRule(t *testing.T) {
	q := questionnaire(t)
	unchanged, _ := clean()
	fired := map[string]bool{} // by the rule's number, its question, and the value
	spared := map[int]bool{}   // rules that an answer to one of their questions leaves silent
	for _, c := range cautionCases {
		a, f := clean()
		change(t, q, a, &f, c.answers)
		maps.DeleteFunc(a, func(_ string, values []string) bool { return values[0] == "" })
		var told []string
		for _, caution := range q.Cautions(a, f) {
			told = append(told, fmt.Sprintf("%s %s", caution.Severity, caution.Treatment))
		}
		if got := strings.Join(told, ", "); got != c.told {
			t.Errorf("%q: the doctor is told %q, want %q", c.answers, got, c.told)
		}
		visible := q.Prune(a, f)
		for i, rule := range q.Rules {
			alone := *q
			alone.Rules = []intake.Rule{rule}
			cautions := alone.Cautions(a, f)
			for _, caution := range cautions {
				for _, r := range caution.Reasons {
					fired[fmt.Sprint(i, " ", r.Question.ID)] = true
					for _, v := range r.Values {
						fired[fmt.Sprint(i, " ", r.Question.ID, "=", v)] = true
					}
				}
			}
			near := slices.ContainsFunc(rule.When.Tests(), func(test intake.Test) bool {
				switch test.Question {
				case intake.FactAge, intake.FactAreas:
					return strings.Contains(c.answers, test.Question+"=")
				case intake.FactBMI:
					return strings.Contains(c.answers, "weight=")
				case "goal_bmi":
					return strings.Contains(c.answers, "goal_w=")
				}
				return len(visible[test.Question]) > 0 && !slices.Equal(visible[test.Question], unchanged[test.Question])
			})
			spared[i] = spared[i] || near && len(cautions) == 0
		}
	}
	for i, rule := range q.Rules {
		if !spared[i] {
			t.Errorf("no answer to the same question leaves %s %s %s silent", rule.Treatment, rule.Severity, rule.When)
		}
		for _, test := range rule.When.Tests() {
			name := fmt.Sprint(i, " ", test.Question)
			if !fired[name] {
				t.Errorf("no case for %s in %s %s %s", test.Question, rule.Treatment, rule.Severity, rule.When)
			}
			for _, v := range test.Values {
				if test.Op == intake.Has && !fired[name+"="+v] {
					t.Errorf("no case for %s=%s in %s %s %s", test.Question, v, rule.Treatment, rule.Severity, rule.When)
				}
			}
		}
	}
	if len(q.Rules) != 76 {
		t.Errorf("%d rules", len(q.Rules))
	}
}

func TestCautions_SayWhy(t *testing.T) {
	q := questionnaire(t)
	a, f := clean()
	change(t, q, a, &f, "hx_sugar=t1 hx_blood=bleed meds=warf,thyr med_names=架空薬 site=keloid age=17 weight=47.3 areas=back,arm")
	var got []string
	for _, c := range q.Cautions(a, f) {
		line := fmt.Sprintf("%s %s:", c.Severity, c.Treatment)
		for _, r := range c.Reasons {
			line += " " + r.Question.ID + "(" + strings.Join(r.Show("ja"), "、") + "/" + strings.Join(r.Show("en"), ", ") + ")"
		}
		for _, s := range c.Sources {
			line += " " + s.Code
		}
		got = append(got, line)
	}
	want := []string{
		"block inj: age(17/17) U1 T1",
		"block drug: hx_sugar(1型糖尿病/Type 1 diabetes) J1 J3",
		"block drug: bmi(18.48/18.48) J9",
		"doctor cool: hx_blood(出血しやすい病気/Bleeding disorder) meds(ワルファリン（ワーファリン）/Warfarin) C3",
		"doctor cool: age(17/17) C3",
		"doctor inj: hx_blood(出血しやすい病気/Bleeding disorder) meds(ワルファリン（ワーファリン）/Warfarin) U2",
		"doctor inj: site(ケロイド体質/Tendency to keloid) M",
		"doctor drug: meds(ワルファリン（ワーファリン）/Warfarin) E13 M",
		"doctor drug: age(17/17) J4",
		"note cool: hx_sugar(1型糖尿病/Type 1 diabetes) C3",
		"note inj: areas(背中、二の腕/Back, Upper arms) U1 U12",
		"note inj: hx_sugar(1型糖尿病/Type 1 diabetes) M",
		"note drug: bmi(18.48/18.48) J1 J3 J9 J14",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestCautions_NothingKnownNothingSaid(t *testing.T) {
	q := questionnaire(t)
	if got := q.Cautions(nil, intake.Facts{}); len(got) > 0 {
		t.Errorf("an unanswered intake raises %v", got)
	}
}

// The clean patient has really answered everything, or the table above would prove little.
func TestCautions_CleanPatientIsComplete(t *testing.T) {
	q := questionnaire(t)
	a, f := clean()
	for _, s := range q.Intake {
		if _, errs := q.CheckSection(s, a, a, f); len(errs) > 0 {
			t.Errorf("section %s: %v", s.ID, errs)
		}
	}
}

// editionDigest is the digest of the cautions and their sources as they are in the edition that cautions.txt bears.
const (
	edition       = 2
	editionDigest = "ba3e442abbd8aa77"
)

// Other cautions have another edition: without it, an older program that is started after a newer one would put its own back, and what every
// doctor has signed would be signed no more. Write both constants anew when you have raised the edition.
func TestCautions_TheEditionIsRaised(t *testing.T) {
	p, err := config.Publication()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.New()
	for line := range strings.Lines(string(p.Cautions)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			_, _ = fmt.Fprintln(sum, strings.Join(strings.Fields(line), " ")) // a digest takes everything
		}
	}
	_, _ = sum.Write(p.Sources)
	digest := hex.EncodeToString(sum.Sum(nil)[:8])
	if got := (intake.Cautions{Rules: p.Cautions, Sources: p.Sources}).Edition(); got != edition || digest != editionDigest {
		t.Errorf("edition %d has the digest %s: raise the edition in cautions.txt whenever the rules or their sources change", got, digest)
	}
}
