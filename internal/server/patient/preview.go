package patient

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/patient"
)

// PreviewStep is where a made-up patient stands in a questionnaire that nobody is asked yet.
type PreviewStep struct {
	Section string              // the section that is shown, or that was sent; the first, if empty
	Form    map[string][]string // as it was sent; nil where nothing was
	Back    bool                // to the section before
}

// ShowPreview shows a section as a patient with these facts and answers sees it. Where it was sent, it is checked, and the next one is
// shown, or what is wrong. The answers travel along in the form that is sent to action. Nothing is stored.
func ShowPreview(c *gin.Context, q *intake.Questionnaire, f intake.Facts, r intake.Record, step PreviewStep, action string) error {
	r.Answers = q.Prune(r.Answers, f)
	asked := append([]intake.Section{q.Booking}, q.Asked(r, f)...)
	at := max(0, slices.IndexFunc(asked, func(s intake.Section) bool { return s.ID == step.Section }))
	if step.Section == "" && len(asked) > 1 {
		at = 1 // the questions of the booking stand among the patient's own data
	}
	values := map[string][]string(r.Answers)
	var errs clinic.Errors
	more := false
	switch {
	case step.Form != nil && step.Back:
		at = max(0, at-1)
	case step.Form != nil:
		var checked intake.Answers
		form := intake.Form{Values: step.Form, Asked: step.Form["asked"]}
		checked, errs = q.CheckSection(asked[at], step.Form, r.Answers, f)
		now := openChart{Chart: store.Chart{Intake: r}, questions: q, facts: f}
		switch more = now.unasked(asked[at], form, errs); {
		case more:
			errs, values = nil, step.Form
		case len(errs) > 0:
			values = step.Form
		default:
			r.Answers = checked
			values = r.Answers
			id := asked[at].ID
			asked = append([]intake.Section{q.Booking}, q.Asked(r, f)...)
			at = slices.IndexFunc(asked, func(s intake.Section) bool { return s.ID == id }) + 1
		}
	}
	if at >= len(asked) {
		return page.Show(c, http.StatusOK, view.PreviewDone(action))
	}
	chart := openChart{Chart: store.Chart{Intake: r}, questions: q, facts: f}
	data := view.IntakeSection{Section: asked[at], Number: max(at, 1), Total: max(len(asked)-1, 1), More: more, Errors: errs}
	data.Progress = chart.progress()
	var err error
	if data.Questions, err = chart.pageOf(asked[at], values); err != nil {
		return err
	}
	answers, err := json.Marshal(r.Answers)
	if err != nil {
		return err
	}
	data.Preview = &view.Preview{Action: action, Answers: string(answers), First: at <= 1}
	status := http.StatusOK
	if len(errs) > 0 {
		status = http.StatusUnprocessableEntity
	}
	page.Private(c)
	return page.Show(c, status, view.IntakeSectionPage(data))
}
