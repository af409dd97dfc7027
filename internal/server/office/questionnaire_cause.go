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
	"madoguchi/web"
	view "madoguchi/web/office"
	"madoguchi/web/ui"
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
	stay(c, causePath+id)
	d, err := p.partOf(c)
	if err != nil {
		return err
	}
	cause, ok := d.Questions.Cause(id)
	if !ok {
		return store.NotFound()
	}
	sent := c.Request.PostForm
	seen := page.ReadSeen(sent)
	if form, only := rowsRedrawn(sent); only {
		return p.showCause(c, http.StatusOK, d, view.CauseForm{Cause: cause, Form: form, Revision: seen.Revision, Unsaved: true})
	}
	form := decidedParts(sent, causeForm(cause), view.CauseFields)
	if _, errs := readCause(form, cause, d.Questions); len(errs) > 0 {
		return p.showCause(c, http.StatusUnprocessableEntity, d, view.CauseForm{Cause: cause, Form: form, Revision: seen.Revision, Errors: errs})
	}
	l := web.LocaleOf(c.Request.Context())
	differ := func(d intake.Draft, now intake.Cause) []ui.Difference {
		words := func(l web.Locale, name string, form url.Values) []string {
			return view.CauseWords(l, name, form, d.Questions)
		}
		return partDifferences(l, seen, d.ChangedIn(intake.CausePart(id)), view.CauseFields, causeForm(now), form, words)
	}
	_, err = p.Store.EditDraft(c.Request.Context(), page.Actor(c), func(d *intake.Draft, _ intake.Taken) error {
		now, ok := d.Questions.Cause(id)
		if !ok {
			return intake.ErrNoPlace
		}
		if len(differ(*d, now)) > 0 {
			return clinic.StaleError()
		}
		changed, errs := readCause(form, now, d.Questions)
		if len(errs) > 0 {
			return errs
		}
		return d.Questions.ChangeCause(changed)
	}, intake.CausePart(id))
	switch {
	case clinic.IsStale(err):
		d, err := p.needDraft(c)
		if err != nil || c.IsAborted() {
			return err
		}
		now, _ := d.Questions.Cause(id)
		return page.Show(c, http.StatusConflict, view.CauseConflictPage(p.conflict(c, id, sent, d.Revision, differ(d, now))))
	case err != nil:
		return p.aboutEdit(c, err)
	}
	return page.GoTo(c, causePath+id+savedMark)
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
