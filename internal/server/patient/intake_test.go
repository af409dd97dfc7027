package patient_test

import (
	"net/http"
	"strings"
	"testing"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/servertest"
	"madoguchi/web"
)

// intakeMistakes are mistakes in servertest.Answers, by section.
var intakeMistakes = map[string][]servertest.Mistake{
	"goal": {
		servertest.Wrong("area_main", "error.choose"),
		servertest.Wrong("area_main", "error.choose", "wing"),
		servertest.Wrong("height", "error.empty", ""),
		servertest.Wrong("height", "error.number", "tall"),
		servertest.Wrong("height", "error.number", "1e999"),
		servertest.Wrong("height", "error.number", "NaN"),
		servertest.Wrong("height", "error.range", "99.9").WithArgs(map[string]string{"Min": "100", "Max": "230", "Unit": "cm"}),
		servertest.Wrong("height", "error.number", "-160"),
		servertest.Wrong("weight", "error.range", "300.1").WithArgs(map[string]string{"Min": "25", "Max": "300", "Unit": "kg"}),
		servertest.Wrong("weight", "error.number", "55\x00"),
		servertest.Wrong("goal_w", "error.range", "0").WithArgs(map[string]string{"Min": "25", "Max": "300", "Unit": "kg"}),
		servertest.Wrong("by_when", "error.choose", "m1", "m3"),
		servertest.Wrong("look", "error.choose", "fat", "' OR 1=1"),
	},
	"posture": {
		servertest.Wrong("posture", "error.exclusive", "hunch", "none"),
		servertest.Wrong("pain", "error.exclusive", "none", "knee"),
		servertest.Wrong("pain_lv", "error.empty"),
		servertest.Wrong("pain_lv", "error.range", "11").WithArgs(map[string]string{"Min": "0", "Max": "10", "Unit": ""}),
		servertest.Wrong("pain_lv", "error.number", "-1"),
		servertest.Wrong("pain_lv", "error.range", "4.5").WithArgs(map[string]string{"Min": "0", "Max": "10", "Unit": ""}),
		servertest.Wrong("pain_care", "error.choose", ""),
	},
	"selfcare": {
		servertest.Wrong("bad_tx", "error.empty", ""),
		servertest.Wrong("bad_tx", "error.long", strings.Repeat("長", clinic.MaxText+1)).WithArgs(map[string]string{"Max": "2000"}),
		servertest.Wrong("bad_tx", "error.control", "一\x00二"),
		servertest.Wrong("bad_tx", "error.sign", "一\u202e二").WithArgs(map[string]string{"Sign": "U+202E", "N": "2"}),
		servertest.Wrong("bad_tx", "error.control", "一\xff二"),
		servertest.Wrong("tried", "error.exclusive", "none", "drug"),
	},
	"medical": {
		servertest.Wrong("preg", "error.exclusive", "no", "maybe"),
		servertest.Wrong("hx", "error.exclusive", "none", "t1"),
		servertest.Wrong("hx", "error.choose"),
		servertest.Wrong("meds", "error.choose", "warf", "poison"),
		servertest.Wrong("med_names", "error.empty", " \n 　"),
		servertest.Wrong("allergy_txt", "error.sign", "\x1b[2J").WithArgs(map[string]string{"Sign": "U+001B", "N": "1"}),
		servertest.Wrong("neck", "error.exclusive", "swallow", "none"),
	},
	"wish": {
		servertest.Wrong("c_true", "error.agree"),
		servertest.Wrong("c_true", "error.choose", "no"),
		servertest.Wrong("budget", "error.choose", "b99"),
		servertest.Wrong("worry", "error.long", strings.Repeat("w", 20_000)).WithArgs(map[string]string{"Max": "2000"}),
	},
}

// TestBadInput_Intake makes mistakes in every kind of question: 422, marked, kept, and what was stored before stays.
func TestBadInput_Intake(t *testing.T) {
	for _, lang := range web.Languages() {
		t.Run(lang, func(t *testing.T) {
			s := servertest.Open(t, "sqlite")
			v := s.Visitor(t).Speak(lang)
			form := servertest.BookingForm(s.Slots[0].ID)
			form.Set("areas", "chin")
			path := strings.Replace(v.PostForm("/book", form).Want(http.StatusSeeOther).Location(), "/booking/", "/intake/", 1)
			for _, section := range s.Questions.Intake {
				v.PostForm(path+"/"+section.ID, servertest.SectionForm(section, servertest.Answers())).Want(http.StatusSeeOther)
			}
			before := s.Facts(t)
			for id, mistakes := range intakeMistakes {
				section, ok := s.Questions.Section(id)
				if !ok {
					t.Fatalf("there is no section %s", id)
				}
				for _, m := range mistakes {
					t.Run(id+" "+m.Name(), func(t *testing.T) {
						v := v.For(t)
						form := m.With(servertest.SectionForm(section, servertest.Answers()))
						doc := v.PostForm(path+"/"+id, form).Want(http.StatusUnprocessableEntity).Page()
						checkMarked(t, doc, lang, m)
						form.Del("asked")
						checkKept(t, doc, form)

						// As a program sends it, without our page's list of what was on it.
						doc = v.PostForm(path+"/"+id, form).Want(http.StatusUnprocessableEntity).Page()
						checkMarked(t, doc, lang, m)
					})
				}
			}
			s.WantUnchanged(t, before)
		})
	}
}
