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
	return savePart(p, c, partEdit[intake.Cell]{
		path: stripPath + id, part: intake.CellPart(id), fields: view.CellFields,
		find: func(q *intake.Questionnaire) (intake.Cell, bool) { return q.Cell(id) }, form: cellForm, words: view.CellWords,
		read: func(form url.Values, now intake.Cell, _ *intake.Questionnaire) (intake.Cell, clinic.Errors) {
			return readCell(form, now)
		},
		change: (*intake.Questionnaire).ChangeCell,
		show: func(status int, d intake.Draft, f partForm[intake.Cell]) error {
			return p.showCell(c, status, d, view.CellForm{Cell: f.stored, Form: f.form, Revision: f.revision, Unsaved: f.unsaved, Errors: f.errs})
		},
		conflict: view.CellConflictPage,
	})
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
		errs = append(errs, wrongCondition("none", "error.questionnaire.condition", err))
	}
	cell.None = none.As(before.None)
	return cell, errs
}
