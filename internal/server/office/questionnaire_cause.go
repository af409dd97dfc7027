package office

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
)

const causePath = questionnairePath + "/causes/"

// ShowCause shows the form of a cause.
func (p *Pages) ShowCause(c *gin.Context) error {
	d, err := p.partOf(c)
	if err != nil {
		return err
	}
	cause, ok := d.Questions.Cause(c.Param("id"))
	if !ok {
		return store.NotFound()
	}
	return p.showCause(c, http.StatusOK, d, view.CauseForm{Cause: cause, Form: causeForm(cause), Revision: d.Revision, Saved: justSaved(c)})
}

func (p *Pages) showCause(c *gin.Context, status int, d intake.Draft, v view.CauseForm) error {
	v.Frame, v.Draft = p.frame(c, clinic.Branch{}), d.Questions
	return page.Show(c, status, view.CausePage(v))
}

// SaveCause stores a cause, or draws its form anew, or shows what somebody else has saved since it was drawn.
func (p *Pages) SaveCause(c *gin.Context) error {
	id := c.Param("id")
	return savePart(p, c, partEdit[intake.Cause]{
		path: causePath + id, part: intake.CausePart(id), fields: view.CauseFields,
		find: func(q *intake.Questionnaire) (intake.Cause, bool) { return q.Cause(id) }, form: causeForm, read: readCause, words: view.CauseWords,
		change: (*intake.Questionnaire).ChangeCause,
		show: func(status int, d intake.Draft, f partForm[intake.Cause]) error {
			return p.showCause(c, status, d, view.CauseForm{Cause: f.stored, Form: f.form, Revision: f.revision, Unsaved: f.unsaved, Errors: f.errs})
		},
		conflict: view.CauseConflictPage,
	})
}

// causeForm fills the form in with a cause as it is stored.
func causeForm(cause intake.Cause) url.Values {
	form := filled("label-ja", cause.Label.JA, "label-en", cause.Label.EN)
	for _, sign := range cause.Signs {
		form.Add("sign", sign.Question)
		form.Set("sign-most-"+sign.Question, strconv.Itoa(sign.Most))
		for code, points := range sign.Points {
			form.Set("sign-points-"+sign.Question+"-"+code, strconv.Itoa(points))
		}
	}
	return form
}

// readCause reads the form over a cause. A row in which no question was chosen is left out; one without points is refused.
func readCause(form url.Values, cause intake.Cause, q *intake.Questionnaire) (intake.Cause, clinic.Errors) {
	cause.Label = intake.Text{JA: form.Get("label-ja"), EN: form.Get("label-en")}
	cause.Signs = nil
	errs := wrongTexts(form, "label-ja", "label-en")
	for _, id := range form["sign"] {
		question, ok := q.Question(id)
		if !ok || slices.ContainsFunc(cause.Signs, func(s intake.Sign) bool { return s.Question == id }) {
			continue
		}
		sign := readSign(q.WithOptions(question), form.Get("sign-most-"+id), func(code string) string { return form.Get("sign-points-" + id + "-" + code) })
		if len(sign.Points) == 0 && len(errs) == 0 {
			errs = clinic.Errors{{Code: clinic.Invalid, Field: "sign", Message: "error.questionnaire.points"}}
		}
		cause.Signs = append(cause.Signs, sign)
	}
	return cause, errs
}
