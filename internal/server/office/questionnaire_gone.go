package office

import (
	"errors"
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

// goneForm is how the form of a part of the draft is told, when the part is gone.
type goneForm struct {
	fields []view.FormField
	words  func(l web.Locale, name string, form url.Values, q *intake.Questionnaire) []string
	labels func(view.Gone, web.Locale) view.Gone
}

var (
	goneQuestion = goneForm{view.QuestionFields, view.QuestionWords, view.Gone.InQuestion}
	goneSection  = goneForm{plainFields(sectionFields), formValues, view.Gone.InQuestion}
)

func plainFields(names []string) (out []view.FormField) {
	for _, name := range names {
		out = append(out, view.FormField{Name: name})
	}
	return out
}

func formValues(_ web.Locale, name string, form url.Values, _ *intake.Questionnaire) []string {
	return form[name]
}

// isGone reports whether an edit found no draft, or in it no such part.
func isGone(err error) bool {
	return errors.Is(err, intake.ErrNoPlace) || clinic.CodeOf(err) == clinic.NotFound
}

// showGone answers a form of a part that is not in the draft any more, or of a draft that is none any more, with what was typed.
func (p *Pages) showGone(c *gin.Context, id string, f goneForm) error {
	if !intake.IsID(id) || !page.Actor(c).MayEverywhere(clinic.ManageClinic) {
		return store.NotFound()
	}
	d, _, ok, err := p.draft(c)
	if err != nil {
		return err
	}
	v, named := view.Gone{}, d.Questions
	if ok {
		v.Draft = d.Questions
	} else if _, named, err = p.version(c, "current"); err != nil { // in its words, what the form names is told
		return err
	}
	l, sent := web.LocaleOf(c.Request.Context()), c.Request.PostForm
	typed := grouped(sent, f.fields)
	for _, field := range f.fields {
		if len(typed[field.Name]) > 0 {
			v.Typed = append(v.Typed, ui.Difference{Name: field.Name, Typed: f.words(l, field.Name, sent, named)})
		}
	}
	stay(c, questionnairePath)
	v.Frame = p.frame(c, clinic.Branch{})
	return page.Show(c, http.StatusConflict, view.GonePage(f.labels(v, l)))
}
