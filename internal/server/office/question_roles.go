package office

import (
	"net/url"
	"slices"
	"strconv"

	"madoguchi/internal/intake"
)

// rolesForm is what the draft does with a question: its part of the summary and of the strip, and the points of its options.
func rolesForm(form url.Values, id string, d *intake.Questionnaire) {
	for _, part := range d.Summary.Parts() {
		if slices.Contains(*part.IDs, id) {
			if part.Name == "complaint" {
				form.Set("complaint", "yes")
			} else {
				form.Set("summary", part.Name)
			}
		}
	}
	for _, cell := range d.Cells {
		if slices.ContainsFunc(cell.Questions, func(p intake.Part) bool { return p.Question == id }) && form.Get("strip") == "" {
			form.Set("strip", cell.ID)
		}
	}
	for _, cause := range d.Causes {
		for _, sign := range cause.Signs {
			if sign.Question != id {
				continue
			}
			form.Set("points-most-"+cause.ID, strconv.Itoa(sign.Most))
			for code, points := range sign.Points {
				form.Set("points-"+cause.ID+"-"+code, strconv.Itoa(points))
			}
		}
	}
}

// readRoles puts what the form says the draft does with a question into the draft.
func readRoles(form url.Values, q intake.Question, d *intake.Questionnaire) {
	chosen := form.Get("summary")
	for _, part := range d.Summary.Parts() {
		want := part.Name == chosen || part.Name == "complaint" && form.Get("complaint") != ""
		switch has := slices.Contains(*part.IDs, q.ID); {
		case want && !has:
			*part.IDs = append(*part.IDs, q.ID)
		case !want && has:
			*part.IDs = slices.DeleteFunc(*part.IDs, func(id string) bool { return id == q.ID })
		}
	}
	readStrip(form.Get("strip"), q.ID, d)
	for i := range d.Causes {
		readPoints(form, q, &d.Causes[i])
	}
}

// readStrip puts a question into a cell of the strip. Where it is in several already, such as one whose options belong to different
// cells, it stays as long as the first of them is chosen.
func readStrip(chosen, id string, d *intake.Questionnaire) {
	is := func(p intake.Part) bool { return p.Question == id }
	for _, cell := range d.Cells {
		if slices.ContainsFunc(cell.Questions, is) {
			if cell.ID == chosen {
				return
			}
			break
		}
	}
	for i := range d.Cells {
		d.Cells[i].Questions = slices.DeleteFunc(d.Cells[i].Questions, is)
		if d.Cells[i].ID == chosen {
			d.Cells[i].Questions = append(d.Cells[i].Questions, intake.Part{Question: id})
		}
	}
}

// readPoints puts the points of a question's options into a cause. Those of options that it takes from another question are edited with the
// cause alone.
func readPoints(form url.Values, q intake.Question, cause *intake.Cause) {
	if q.OptionsOf != "" {
		return
	}
	sign := readSign(q, form.Get("points-most-"+cause.ID), func(code string) string { return form.Get("points-" + cause.ID + "-" + code) })
	at := slices.IndexFunc(cause.Signs, func(s intake.Sign) bool { return s.Question == q.ID })
	switch {
	case at >= 0 && len(sign.Points) == 0:
		cause.Signs = slices.Delete(cause.Signs, at, at+1)
	case at >= 0:
		cause.Signs[at] = sign
	case len(sign.Points) > 0:
		cause.Signs = append(cause.Signs, sign)
	}
}

// readSign is what a question says of a cause, by what was chosen for each of its options. It adds as much as the most of them at least.
func readSign(q intake.Question, most string, chosen func(code string) string) intake.Sign {
	points := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 || n > intake.MaxPoints {
			return 0
		}
		return n
	}
	sign := intake.Sign{Question: q.ID, Points: map[string]int{}, Most: points(most)}
	for _, o := range q.Options {
		if n := points(chosen(o.Code)); n > 0 {
			sign.Points[o.Code] = n
			sign.Most = max(sign.Most, n)
		}
	}
	return sign
}
