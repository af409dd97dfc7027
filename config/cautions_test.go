package config_test

import (
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"madoguchi/internal/intake"
)

// clean is a patient about whom no rule has anything to say: BMI 28.1, under the chin.
func clean() (intake.Answers, intake.Facts) {
	return intake.Answers{
		"area_main": {"chin"}, "height": {"160"}, "weight": {"72"},
		"sit_h": {"h3"}, "posture": {"none"}, "scapula": {"ok"}, "flex": {"floor"}, "pain": {"none"},
		"ex30": {"w1"}, "level": {"beginner"}, "trouble": {"none"}, "stretch": {"slow"},
		"meals": {"m3"}, "late": {"no"}, "carb_fat": {"none"}, "protein": {"daily"}, "binge": {"none"},
		"sleep": {"h7"}, "alcohol": {"never"}, "smoke": {"no"}, "tried": {"none"},
		"preg": {"no"}, "hx_cold": {"none"}, "hx": {"none"}, "fam": {"none"}, "meds": {"none"}, "allergy": {"none"},
		"implant": {"none"}, "site": {"none"}, "surgery": {"no"}, "neck": {"none"}, "c_true": {"yes"},
	}, intake.Facts{Age: 36, Sex: "f", Areas: []string{"chin"}}
}

// change puts "hx=t1,t2", "age=17" or "areas=back" into a patient.
func change(t *testing.T, a intake.Answers, f *intake.Facts, changes string) {
	t.Helper()
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
		}
	}
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

	{"preg=preg", "block cool, block inj, block drug"},
	{"preg=maybe", "block cool, block inj, block drug"},
	{"preg=bf", "block inj, block drug, doctor cool"},
	{"preg=plan", "doctor drug"},

	{"site=infect", "block cool, block inj"},
	{"site=wound", "block cool"},
	{"site=rash", "doctor cool"},
	{"site=scar", "doctor cool"},
	{"site=numb", "doctor cool"},

	{"surgery=y1", "doctor cool"},
	{"surgery=soon", "doctor drug"},
	{"surgery=old", ""},

	{"hx=t1", "block drug, doctor cool, doctor inj"},
	{"hx=t2", "doctor cool, doctor inj, doctor drug"},
	{"hx=dka", "block drug"},
	{"hx=retina", "doctor drug"},
	{"hx=panc", "doctor drug"},
	{"hx=gall", "doctor drug"},
	{"hx=gi", "doctor drug"},
	{"hx=thy", "doctor inj, doctor drug"},
	{"hx=mtc", "block drug"},
	{"hx=cancer", "doctor all"},
	{"hx=kid", "doctor inj, doctor drug"},
	{"hx=liv", "doctor cool, doctor inj, doctor drug"},
	{"hx=heart", "doctor cool, doctor inj, doctor drug"},
	{"hx=bp", "doctor cool, doctor inj"},
	{"hx=lip", "doctor inj"},
	{"hx=sas", "doctor all"},
	{"hx=auto", "doctor inj"},
	{"hx=bleed", "doctor cool, doctor inj"},
	{"hx=clot", "doctor cool"},
	{"hx=nerve", "doctor cool"},
	{"hx=circ", "doctor cool"},
	{"hx=hernia", "doctor cool"},
	{"hx=eat", "block drug"},
	{"hx=mind", "doctor drug"},
	{"hx=keloid", "doctor inj"},

	{"fam=mtc", "block drug"},
	{"fam=dm", ""},
	{"fam=unknown", ""},

	{"meds=thin", "doctor cool, doctor inj"},
	{"meds=warf", "doctor cool, doctor inj, doctor drug"},
	{"meds=ins", "doctor drug"},
	{"meds=glp", "block drug"},
	{"meds=pill", "doctor drug"},
	{"meds=diur", "doctor drug"},
	{"meds=ster", "doctor all"},
	{"meds=psy", "doctor all"},
	{"meds=thyr", ""},
	{"meds=supp", ""},
	{"meds=other", ""},

	{"allergy=soy", "block inj"},
	{"allergy=anes", "block inj"},
	{"allergy=drug", "doctor inj"},
	{"allergy=glp", "block drug"},
	{"allergy=pg", "doctor cool"},
	{"allergy=latex", ""},
	{"allergy=food", "doctor inj"},

	{"implant=pace", "doctor cool"},
	{"implant=metal", "doctor cool"},
	{"implant=filler", "doctor all"},

	{"neck=swallow", "block inj"},
	{"neck=node", "doctor inj"},
	{"neck=surg", "doctor inj"},
	{"areas=face neck=swallow", "block inj, note inj"},
	{"areas=back neck=swallow", "note inj"}, // the neck is not asked about a back
	{"areas=back", "note inj"},
	{"areas=back,chin", ""},
	{"areas=undecided", "note inj"},

	{"tried=cool bad_tx=架空", "doctor cool"},
	{"tried=inj,lipo bad_tx=架空", ""},

	{"weight=76.8", ""}, // BMI 30 exactly
	{"weight=76.9", "note cool"},
	{"weight=69.2", ""}, // 27.03
	{"weight=69.1", "note drug"},
	{"height=200 weight=108", ""},         // 27 exactly
	{"height=200 weight=74", "note drug"}, // 18.5 exactly
	{"height=200 weight=73.9", "block drug, note drug"},
	{"height=", ""}, // no BMI, no caution

	{"age=17", "block inj, doctor drug"},
	{"age=18", "doctor drug"},
	{"age=19", "doctor drug"},
	{"age=20", ""},
	{"age=69", ""},
	{"age=70", "doctor drug"},

	{"binge=purge", "block drug"},
	{"binge=binge", "doctor drug"},
	{"binge=stress", ""},
	{"meals=m1", "doctor drug"},
	{"meals=m2", ""},
	{"alcohol=daily", "doctor drug"},
	{"alcohol=w5", ""},

	{"pain=back pain_lv=7 pain_care=no", "doctor all"},
	{"pain=back pain_lv=10 pain_care=no", "doctor all"},
	{"pain=back pain_lv=6 pain_care=no", ""},
	{"pain=back pain_lv=1 pain_care=yes", "doctor all"},
	{"pain=back pain_lv=1 pain_care=past", ""},
	{"pain_lv=9 pain_care=yes", ""}, // pain is none: both are hidden
	{"flex=pain", "note all"},
	{"scapula=pain", "note all"},
	{"trouble=pain", "note all"},
	{"ex30=w0 level=none trouble=pain", ""}, // hidden
	{"flex=pain scapula=pain trouble=pain", "note all"},
}

func TestCautions_EveryRule(t *testing.T) {
	q := questionnaire(t)
	rules := q.Rules
	fired := make([]bool, len(rules))
	for _, c := range cautionCases {
		a, f := clean()
		change(t, a, &f, c.answers)
		maps.DeleteFunc(a, func(_ string, values []string) bool { return values[0] == "" })
		var told []string
		for _, caution := range q.Cautions(a, f) {
			told = append(told, fmt.Sprintf("%s %s", caution.Severity, caution.Treatment))
		}
		if got := strings.Join(told, ", "); got != c.told {
			t.Errorf("%q: the doctor is told %q, want %q", c.answers, got, c.told)
		}
		for i, rule := range rules {
			alone := *q
			alone.Rules = []intake.Rule{rule}
			fired[i] = fired[i] || len(alone.Cautions(a, f)) > 0
		}
	}
	for i, rule := range rules {
		if !fired[i] {
			t.Errorf("no case for %s %s %s", rule.Treatment, rule.Severity, rule.When)
		}
	}
	if len(rules) != 47 {
		t.Errorf("%d rules", len(rules))
	}
}

func TestCautions_SayWhy(t *testing.T) {
	q := questionnaire(t)
	a, f := clean()
	change(t, a, &f, "hx=t1,bleed,keloid meds=warf,supp med_names=架空薬 age=17 weight=47.3 areas=back,arm")
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
		"block inj: age(17/17) S9",
		"block drug: hx(1型糖尿病/Type 1 diabetes) S10",
		"block drug: bmi(18.48/18.48) S14",
		"doctor cool: hx(1型糖尿病/Type 1 diabetes) S3 S19",
		"doctor cool: hx(出血しやすい病気/Bleeding disorder) meds(ワルファリン/Warfarin) S3",
		"doctor inj: hx(出血しやすい病気/Bleeding disorder) meds(ワルファリン/Warfarin) S6",
		"doctor inj: hx(1型糖尿病/Type 1 diabetes) S7 S8",
		"doctor inj: hx(ケロイド/Keloid scars) M",
		"doctor drug: meds(ワルファリン/Warfarin) S17",
		"doctor drug: age(17/17) S14",
		"note inj: areas(背中、二の腕/Back, Upper arms) S6",
		"note drug: bmi(18.48/18.48) S10",
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
