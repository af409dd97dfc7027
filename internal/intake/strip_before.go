package intake

import "slices"

// cellsBefore are the strip of a version of the questionnaire that says nothing of one, because it was published before questionnaires did:
// of each of these cells what the version asks. Their questions are those of the shipped versions 1 and 2.
var cellsBefore = []struct {
	id        string
	label     Text
	questions []string
	none      []string // each for a version; what holds is the first of which everything is known
}{
	{"medicines", Text{"薬", "Medicines"}, []string{"med_names", "meds", "med_any", "glp"}, []string{"med_any=no", "meds=none"}},
	{"allergies", Text{"アレルギー", "Allergies"}, []string{"allergy", "allergy_txt", "allergy_any"}, []string{"allergy_any=no", "allergy=none"}},
	{"pregnancy", Text{"妊娠・授乳", "Pregnancy, nursing"}, []string{"preg"}, []string{"preg=no"}},
	{
		"history",
		Text{"病歴", "History"},
		[]string{"hx_cold", "hx", "hx_sugar", "hx_heart", "hx_gut", "hx_blood", "hx_nerve", "hx_mind", "hx_group", "hx_txt", "surgery", "surg_site", "body=op,cold"},
		[]string{"hx_group=none and body!op,cold", "hx=none and hx_cold=none and surgery=no"},
	},
	{"implants", Text{"金属・機器", "Metal, devices"}, []string{"implant", "body=device"}, []string{"body!device", "implant=none"}},
}

// complaintBefore is what Summary.Complaint is where a version says nothing of it.
var complaintBefore = []string{"worry", FactAreas, "look"}

// cells are the strip: the version's own, or what is known of one from before. Of a cell for which nothing is asked there are no questions.
func (q *Questionnaire) cells() []Cell {
	if len(q.Cells) > 0 {
		return q.Cells
	}
	nameable := q.nameable()
	out := make([]Cell, len(cellsBefore))
	for i, c := range cellsBefore {
		out[i] = Cell{ID: c.id, Label: c.label}
		for _, words := range c.questions {
			var p Part
			if err := p.UnmarshalText([]byte(words)); err == nil && p.check(Refusal{words: c.id}, nameable) == nil {
				out[i].Questions = append(out[i].Questions, p)
			}
		}
		for _, words := range c.none {
			if none, err := ParseCondition(words); err == nil && none.check(nameable) == nil {
				out[i].None = none
				break
			}
		}
	}
	return out
}

// complaint are the questions of Complaint, of which a version may lack some.
func (q *Questionnaire) complaint() []string {
	if len(q.Summary.Complaint) > 0 {
		return q.Summary.Complaint
	}
	return slices.DeleteFunc(slices.Clone(complaintBefore), func(id string) bool {
		_, known := q.Question(id)
		return !known
	})
}
