package office

import (
	"net/url"
	"slices"
	"strconv"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
)

// readNote reads a note as it was typed, for the areas of a questionnaire. Boxes are known by their ids: what they say is taken from what
// was stored before, or from all that a doctor explains. A box that stood on the page is ticked, whether or not it still follows from the
// answers, which the patient may have changed meanwhile.
func readNote(form url.Values, q *intake.Questionnaire, all []intake.Explanation, before ...clinic.Note) clinic.Note {
	n := clinic.Note{
		Other: form.Get("other"), Wish: form.Get("wish"), Proposal: form.Get("proposal"), Next: chosen(form, "next"), NextOn: form.Get("next-on"),
	}
	for _, o := range q.Areas().Options {
		value := func(name clinic.NoteField) string { return chosen(form, clinic.FindingField(name, o.Code)) }
		n.Findings = append(n.Findings, clinic.Finding{
			Area: o.Code, Fat: value(clinic.FieldFat), Muscle: value(clinic.FieldMuscle), Sagging: value(clinic.FieldSagging), Thickness: value(clinic.FieldThickness), Skin: value(clinic.FieldSkin), Pain: value(clinic.FieldPain),
		})
	}
	for _, id := range form["explained"] {
		if e, known := explained(id, all, before); known && !n.HasExplained(id) {
			n.Explained = append(n.Explained, e)
		}
	}
	for _, ask := range clinic.NoteAsks {
		if slices.Contains(form["ask"], ask) {
			n.Ask = append(n.Ask, ask)
		}
	}
	return n.Tidied()
}

// chosen is the last value of a field that has one: without a script, the button that takes a choice back comes first and is empty.
func chosen(form url.Values, name string) string {
	values := form[name]
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

func explained(id string, all []intake.Explanation, before []clinic.Note) (clinic.Explained, bool) {
	if slices.Contains(clinic.AlwaysExplained, id) {
		return clinic.Explained{ID: id}, true
	}
	for _, n := range before {
		for _, e := range n.Explained {
			if e.ID == id {
				return e, true
			}
		}
	}
	for _, e := range all {
		if e.ID == id {
			return clinic.Explained{ID: id, Text: e.JA}, true
		}
	}
	return clinic.Explained{}, false
}

// readScreen reads what a form says of itself.
func readScreen(form url.Values) clinic.Screen {
	seen := clinic.ReadSeen(form.Get("seen-revision"), form.Get("seen-version"), nil)
	s := clinic.Screen{Revision: seen.Revision, Base: seen.Shown}
	if id := form.Get("screen"); clinic.CheckScreen(id) == nil {
		s.ID = id
	}
	if save, err := strconv.ParseInt(form.Get("save"), 10, 64); err == nil {
		s.Save = save
	}
	return s
}
