package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/web"
)

// goodAnswers answers every section for a woman who wants counseling about her chin; whatever is conditional is asked.
var goodAnswers = url.Values{
	"area_main": {"chin"}, "height": {"160"}, "weight": {"55"}, "goal_w": {"50"}, "sit_h": {"h3"}, "posture": {"hunch"}, "scapula": {"ok"}, "flex": {"floor"},
	"pain": {"back"}, "pain_lv": {"4"}, "pain_care": {"no"}, "ex30": {"w1"}, "level": {"mid"}, "stretch": {"slow"}, "meals": {"m3"}, "late": {"no"},
	"carb_fat": {"carb", "fat"}, "protein": {"daily"}, "sleep": {"h7"}, "alcohol": {"w1"}, "alc_amt": {"g1"}, "smoke": {"no"}, "tried": {"drug"},
	"bad_tx": {"昨年、三か月。"}, "preg": {"no"}, "hx_cold": {"cad"}, "hx": {"t1", "bp"}, "fam": {"none"}, "meds": {"warf"}, "med_names": {"ワルファリン"},
	"allergy": {"soy"}, "allergy_txt": {"口がかゆくなります。"}, "implant": {"none"}, "site": {"none"}, "surgery": {"no"}, "neck": {"none"},
	"worry": {"後ろ姿"}, "c_true": {"yes"},
}

var intakeMistakes = map[string][]wrong{
	"goal": {
		{typed("area_main"), "area_main", "error.choose", nil},
		{typed("area_main", "wing"), "area_main", "error.choose", nil},
		{typed("height", ""), "height", "error.empty", nil},
		{typed("height", "tall"), "height", "error.number", nil},
		{typed("height", "1e999"), "height", "error.number", nil},
		{typed("height", "NaN"), "height", "error.number", nil},
		{typed("height", "99.9"), "height", "error.range", map[string]string{"Min": "100", "Max": "230", "Unit": "cm"}},
		{typed("height", "-160"), "height", "error.number", nil},
		{typed("weight", "300.1"), "weight", "error.range", map[string]string{"Min": "25", "Max": "300", "Unit": "kg"}},
		{typed("weight", "55\x00"), "weight", "error.number", nil},
		{typed("goal_w", "0"), "goal_w", "error.range", map[string]string{"Min": "25", "Max": "300", "Unit": "kg"}},
		{typed("by_when", "m1", "m3"), "by_when", "error.choose", nil},
		{typed("look", "fat", "' OR 1=1"), "look", "error.choose", nil},
	},
	"posture": {
		{typed("posture", "hunch", "none"), "posture", "error.exclusive", nil},
		{typed("pain", "none", "knee"), "pain", "error.exclusive", nil},
		{typed("pain_lv"), "pain_lv", "error.empty", nil},
		{typed("pain_lv", "11"), "pain_lv", "error.range", map[string]string{"Min": "0", "Max": "10", "Unit": ""}},
		{typed("pain_lv", "-1"), "pain_lv", "error.number", nil},
		{typed("pain_lv", "4.5"), "pain_lv", "error.range", map[string]string{"Min": "0", "Max": "10", "Unit": ""}},
		{typed("pain_care", ""), "pain_care", "error.choose", nil},
	},
	"selfcare": {
		{typed("bad_tx", ""), "bad_tx", "error.empty", nil},
		{typed("bad_tx", strings.Repeat("長", clinic.MaxText+1)), "bad_tx", "error.long", map[string]string{"Max": "2000"}},
		{typed("bad_tx", "一\x00二"), "bad_tx", "error.control", nil},
		{typed("bad_tx", "一\u2028二"), "bad_tx", "error.control", nil},
		{typed("bad_tx", "一\u202e二"), "bad_tx", "error.control", nil},
		{typed("bad_tx", "一\xff二"), "bad_tx", "error.control", nil},
		{typed("tried", "none", "drug"), "tried", "error.exclusive", nil},
	},
	"medical": {
		{typed("preg", "no", "maybe"), "preg", "error.exclusive", nil},
		{typed("hx", "none", "t1"), "hx", "error.exclusive", nil},
		{typed("hx"), "hx", "error.choose", nil},
		{typed("meds", "warf", "poison"), "meds", "error.choose", nil},
		{typed("med_names", " \n 　"), "med_names", "error.empty", nil},
		{typed("allergy_txt", "\x1b[2J"), "allergy_txt", "error.control", nil},
		{typed("neck", "swallow", "none"), "neck", "error.exclusive", nil},
	},
	"wish": {
		{typed("c_true"), "c_true", "error.agree", nil},
		{typed("c_true", "no"), "c_true", "error.choose", nil},
		{typed("budget", "b99"), "budget", "error.choose", nil},
		{typed("worry", strings.Repeat("w", 20_000)), "worry", "error.long", map[string]string{"Max": "2000"}},
	},
}

// sectionForm is the form of a section as its page sends it.
func sectionForm(s intake.Section) url.Values {
	form := url.Values{}
	for _, q := range s.Questions {
		form.Add("asked", q.ID)
		if values, ok := goodAnswers[q.ID]; ok {
			form[q.ID] = values
		}
	}
	return form
}

// TestBadInput_Intake makes mistakes in every kind of question: 422, marked, kept, and what was stored before stays.
func TestBadInput_Intake(t *testing.T) {
	for _, lang := range web.Languages() {
		t.Run(lang, func(t *testing.T) {
			h := open(t, "sqlite")
			v := h.visitor(t, lang)
			form := bookingForm(h.Slots[0].ID)
			form.Set("areas", "chin")
			path := strings.Replace(v.post(t, "/book", form).expect(t, http.StatusSeeOther).to(), "/booking/", "/intake/", 1)
			for _, section := range h.Questions.Intake {
				v.post(t, path+"/"+section.ID, sectionForm(section)).expect(t, http.StatusSeeOther)
			}
			before := h.facts(t)
			for id, mistakes := range intakeMistakes {
				section, ok := h.Questions.Section(id)
				if !ok {
					t.Fatalf("there is no section %s", id)
				}
				for _, w := range mistakes {
					t.Run(id+" "+w.name(), func(t *testing.T) {
						form := w.with(sectionForm(section))
						doc := v.post(t, path+"/"+id, form).expect(t, http.StatusUnprocessableEntity).page(t)
						checkMarked(t, doc, lang, w)
						form.Del("asked")
						checkKept(t, doc, form)

						// As a program sends it, without our page's list of what was on it.
						doc = v.post(t, path+"/"+id, form).expect(t, http.StatusUnprocessableEntity).page(t)
						checkMarked(t, doc, lang, w)
					})
				}
			}
			h.unchanged(t, before)
		})
	}
}
