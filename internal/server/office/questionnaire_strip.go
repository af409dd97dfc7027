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

const stripPath = questionnairePath + "/strip/"

// ShowCell shows the form of a cell of the strip.
func (p *Pages) ShowCell(c *gin.Context) error {
	d, err := p.partOf(c)
	if err != nil {
		return err
	}
	cell, ok := d.Questions.Cell(c.Param("id"))
	if !ok {
		return store.NotFound()
	}
	return p.showCell(c, http.StatusOK, d, view.CellForm{Cell: cell, Form: cellForm(cell), Revision: d.Revision, Saved: justSaved(c)})
}

func (p *Pages) showCell(c *gin.Context, status int, d intake.Draft, v view.CellForm) error {
	v.Frame, v.Draft = p.frame(c, clinic.Branch{}), d.Questions
	return page.Show(c, status, view.CellPage(v))
}

// SaveCell stores a cell, or draws its form anew, or shows what somebody else has saved since it was drawn.
func (p *Pages) SaveCell(c *gin.Context) error {
	id := c.Param("id")
	stay(c, stripPath+id)
	d, err := p.partOf(c)
	if err != nil {
		return err
	}
	cell, ok := d.Questions.Cell(id)
	if !ok {
		return store.NotFound()
	}
	sent := c.Request.PostForm
	seen := page.ReadSeen(sent)
	if form, only := rowsRedrawn(sent); only {
		return p.showCell(c, http.StatusOK, d, view.CellForm{Cell: cell, Form: form, Revision: seen.Revision, Unsaved: true})
	}
	form := decidedParts(sent, cellForm(cell), view.CellFields)
	if _, errs := readCell(form, cell); len(errs) > 0 {
		return p.showCell(c, http.StatusUnprocessableEntity, d, view.CellForm{Cell: cell, Form: form, Revision: seen.Revision, Errors: errs})
	}
	l := web.LocaleOf(c.Request.Context())
	differ := func(d intake.Draft, now intake.Cell) []ui.Difference {
		words := func(l web.Locale, name string, form url.Values) []string {
			return view.CellWords(l, name, form, d.Questions)
		}
		return partDifferences(l, seen, d.ChangedIn(intake.CellPart(id)), view.CellFields, cellForm(now), form, words)
	}
	_, err = p.Store.EditDraft(c.Request.Context(), page.Actor(c), func(d *intake.Draft, _ intake.Taken) error {
		now, ok := d.Questions.Cell(id)
		if !ok {
			return intake.ErrNoPlace
		}
		if len(differ(*d, now)) > 0 {
			return clinic.StaleError()
		}
		changed, errs := readCell(form, now)
		if len(errs) > 0 {
			return errs
		}
		return d.Questions.ChangeCell(changed)
	}, intake.CellPart(id))
	switch {
	case clinic.IsStale(err):
		d, err := p.needDraft(c)
		if err != nil || c.IsAborted() {
			return err
		}
		now, _ := d.Questions.Cell(id)
		return page.Show(c, http.StatusConflict, view.CellConflictPage(p.conflict(c, id, sent, d.Revision, differ(d, now))))
	case err != nil:
		return p.aboutEdit(c, err)
	}
	return page.GoTo(c, stripPath+id+savedMark)
}

// cellForm fills the form in with a cell as it is stored.
func cellForm(cell intake.Cell) url.Values {
	form := filled("label-ja", cell.Label.JA, "label-en", cell.Label.EN)
	for n, part := range cell.Questions {
		form.Add("part", part.Question)
		form.Set("part-of-"+strconv.Itoa(n), part.Question)
		if len(part.Codes) > 0 {
			form["part-value-"+strconv.Itoa(n)] = slices.Clone(part.Codes)
		}
	}
	conditionForm(form, "none", cell.None)
	return form
}

// readCell reads the form over a cell.
func readCell(form url.Values, cell intake.Cell) (intake.Cell, clinic.Errors) {
	before := cell
	cell.Label = intake.Text{JA: form.Get("label-ja"), EN: form.Get("label-en")}
	cell.Questions = nil
	for n, id := range form["part"] {
		if !intake.IsID(id) { // a row in which nothing was chosen
			continue
		}
		part := intake.Part{Question: id}
		if of := "part-of-" + strconv.Itoa(n); !form.Has(of) || form.Get(of) == id { // else the options are those of another question
			part.Codes = slices.DeleteFunc(slices.Clone(form["part-value-"+strconv.Itoa(n)]), func(code string) bool { return !intake.IsID(code) })
		}
		cell.Questions = append(cell.Questions, part.As(before.Questions))
	}
	errs := wrongTexts(form, "label-ja", "label-en")
	none, err := readCondition(form, "none")
	if err != nil {
		errs = append(errs, &clinic.Error{Code: clinic.Invalid, Field: "none", Message: "error.questionnaire.condition"})
	}
	cell.None = none.As(before.None)
	return cell, errs
}
