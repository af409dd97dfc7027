package office

import (
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/web"
	view "madoguchi/web/office"
	"madoguchi/web/ui"
)

// partEdit is how a part of the questionnaire's draft that has a form of rows is saved: a cause, or a cell of the strip.
type partEdit[T any] struct {
	path, part string // of its form, and its name among the parts of the draft
	fields     []view.FormField
	find       func(*intake.Questionnaire) (T, bool)
	form       func(T) url.Values // filled in as it is stored
	read       func(url.Values, T, *intake.Questionnaire) (T, clinic.Errors)
	words      func(l web.Locale, field string, form url.Values, q *intake.Questionnaire) []string // of a field, for people
	change     func(*intake.Questionnaire, T) error
	show       func(status int, d intake.Draft, f partForm[T]) error
	conflict   func(view.Conflict) templ.Component
}

// partForm is such a form as it is shown again.
type partForm[T any] struct {
	stored   T
	form     url.Values
	revision int
	unsaved  bool
	errs     clinic.Errors
}

// savePart stores a part, or draws its form anew, or shows what somebody else has saved since it was drawn.
func savePart[T any](p *Pages, c *gin.Context, e partEdit[T]) error {
	stay(c, e.path)
	gone := func() error { return p.showGone(c, c.Param("id"), goneForm{e.fields, e.words, view.Gone.InTold}) }
	d, _, ok, err := p.draft(c)
	if err != nil {
		return err
	}
	if !ok {
		return gone()
	}
	stored, ok := e.find(d.Questions)
	if !ok {
		return gone()
	}
	sent := c.Request.PostForm
	seen := page.ReadSeen(sent)
	if form, only := rowsRedrawn(sent); only {
		return e.show(http.StatusOK, d, partForm[T]{stored: stored, form: form, revision: seen.Revision, unsaved: true})
	}
	form := decidedParts(sent, e.form(stored), e.fields)
	if _, errs := e.read(form, stored, d.Questions); len(errs) > 0 {
		return e.show(http.StatusUnprocessableEntity, d, partForm[T]{stored: stored, form: form, revision: seen.Revision, errs: errs})
	}
	l := web.LocaleOf(c.Request.Context())
	differ := func(d intake.Draft, now T) []ui.Difference {
		words := func(l web.Locale, name string, form url.Values) []string { return e.words(l, name, form, d.Questions) }
		return partDifferences(l, seen, d.ChangedIn(e.part), e.fields, e.form(now), form, words)
	}
	_, err = p.Store.EditDraft(c.Request.Context(), page.Actor(c), func(d *intake.Draft, _ intake.Taken) error {
		now, ok := e.find(d.Questions)
		if !ok {
			return intake.ErrNoPlace
		}
		if len(differ(*d, now)) > 0 {
			return clinic.StaleError()
		}
		changed, errs := e.read(form, now, d.Questions)
		if len(errs) > 0 {
			return errs
		}
		return e.change(d.Questions, changed)
	}, e.part)
	switch {
	case clinic.IsStale(err):
		d, _, ok, err := p.draft(c)
		if err != nil {
			return err
		}
		if !ok {
			return gone()
		}
		now, ok := e.find(d.Questions)
		if !ok {
			return gone()
		}
		return page.Show(c, http.StatusConflict, e.conflict(p.conflict(c, c.Param("id"), sent, d.Revision, differ(d, now))))
	case isGone(err):
		return gone()
	case err != nil:
		return err
	}
	return page.GoTo(c, e.path+savedMark)
}
