package office

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
	view "madoguchi/web/office"
	"madoguchi/web/ui"
)

// ShowQuestion shows the form of a question.
func (p *Pages) ShowQuestion(c *gin.Context) error {
	d, err := p.partOf(c)
	if err != nil {
		return err
	}
	q, ok := questionOf(d.Questions, c.Param("id"))
	if !ok {
		return store.NotFound()
	}
	return p.showQuestion(c, http.StatusOK, d, view.QuestionForm{ID: q.ID, Form: withKind(questionForm(q, d.Questions)), Revision: d.Revision, Saved: justSaved(c)})
}

// questionOf is a question of the booking or the intake.
func questionOf(q *intake.Questionnaire, id string) (intake.Question, bool) {
	s, at, ok := q.SectionOf(id)
	if !ok {
		return intake.Question{}, false
	}
	return s.Questions[at], true
}

func (p *Pages) showQuestion(c *gin.Context, status int, d intake.Draft, v view.QuestionForm) error {
	versions, err := p.Store.Questionnaires(c.Request.Context())
	if err != nil {
		return err
	}
	for _, version := range versions {
		if _, asked := version.Question(v.ID); asked {
			v.Asked = true
		}
	}
	v.Frame, v.Draft = p.frame(c, clinic.Branch{}), d.Questions
	v.Section, _, _ = d.Questions.SectionOf(v.ID)
	// The question stands in a frame of this page, as patients see it.
	c.Header("Content-Security-Policy", page.Policy+"; frame-src 'self'")
	return page.Show(c, status, view.QuestionPage(v))
}

// SaveQuestion stores a question, or draws its form anew with what was changed in it, or shows what somebody else has saved since it was
// drawn.
func (p *Pages) SaveQuestion(c *gin.Context) error {
	id := c.Param("id")
	path := questionnairePath + "/questions/" + id
	stay(c, path)
	d, _, ok, err := p.draft(c)
	if err != nil {
		return err
	}
	if !ok {
		return p.showGone(c, id, goneQuestion)
	}
	q, ok := questionOf(d.Questions, id)
	if !ok {
		return p.showGone(c, id, goneQuestion)
	}
	sent := c.Request.PostForm
	seen := page.ReadSeen(sent)
	if form, only := redrawn(sent); only {
		return p.showQuestion(c, http.StatusOK, d, view.QuestionForm{ID: id, Form: form, Revision: seen.Revision, Unsaved: true})
	}
	form := decidedParts(sent, questionForm(q, d.Questions), view.QuestionFields)
	if _, errs := readQuestion(form, q, func() string { return "new" }); len(errs) > 0 {
		return p.showQuestion(c, http.StatusUnprocessableEntity, d, view.QuestionForm{ID: id, Form: form, Revision: seen.Revision, Errors: errs})
	}
	_, err = p.Store.EditDraft(c.Request.Context(), page.Actor(c), func(d *intake.Draft, taken intake.Taken) error {
		now, ok := questionOf(d.Questions, id)
		if !ok {
			return intake.ErrNoPlace
		}
		if len(questionDifferences(web.LocaleOf(c.Request.Context()), seen, *d, now, form)) > 0 {
			return clinic.StaleError()
		}
		changed, errs := readQuestion(form, now, func() string { return d.NewOption(taken) })
		if len(errs) > 0 {
			return errs
		}
		if taken[id] { // somebody was asked it: what they answered stays what it is
			changed.Kind = now.Kind
		}
		if err := d.Questions.ChangeQuestion(changed); err != nil {
			return err
		}
		readRoles(form, changed, d.Questions)
		return nil
	}, id)
	switch {
	case clinic.IsStale(err):
		return p.showQuestionConflict(c, sent, form)
	case isGone(err):
		return p.showGone(c, id, goneQuestion)
	case err != nil:
		return err
	}
	return page.GoTo(c, path+savedMark)
}

// questionDifferences are the parts of a question that differ between what is stored and what was typed by somebody who has not seen it.
func questionDifferences(l web.Locale, seen clinic.Seen, d intake.Draft, now intake.Question, form url.Values) []ui.Difference {
	words := func(l web.Locale, name string, form url.Values) []string {
		return view.QuestionWords(l, name, form, d.Questions)
	}
	return partDifferences(l, seen, d.ChangedIn(now.ID), view.QuestionFields, questionForm(now, d.Questions), form, words)
}

func (p *Pages) showQuestionConflict(c *gin.Context, sent, form url.Values) error {
	id := c.Param("id")
	d, _, ok, err := p.draft(c)
	if err != nil {
		return err
	}
	if !ok {
		return p.showGone(c, id, goneQuestion)
	}
	now, ok := questionOf(d.Questions, id)
	if !ok {
		return p.showGone(c, id, goneQuestion)
	}
	l := web.LocaleOf(c.Request.Context())
	differ := questionDifferences(l, page.ReadSeen(sent), d, now, form)
	conflict := p.conflict(c, id, sent, d.Revision, differ)
	return page.Show(c, http.StatusConflict, view.QuestionConflictPage(conflict))
}
