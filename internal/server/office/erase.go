package office

import (
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// ShowErase shows what deleting a person would do.
func (p *Pages) ShowErase(c *gin.Context) error {
	return p.showErase(c, http.StatusOK, view.Erase{})
}

func (p *Pages) showErase(c *gin.Context, status int, v view.Erase) error {
	ctx, actor, id := c.Request.Context(), page.Actor(c), c.Param("id")
	var err error
	if v.Plan, err = p.Store.ErasePlan(ctx, actor, id); err != nil {
		return err
	}
	record, err := p.Store.Patient(ctx, actor, id)
	if err != nil {
		return err
	}
	asked, err := p.Store.ErasuresOf(ctx, actor, id)
	if err != nil {
		return err
	}
	page.Saw(c, clinic.SawPatient, aboutRecord(record))
	v.Frame, v.Patient, v.Zone = p.frame(c, clinic.Branch{}), record.Patient, p.anyZone(c)
	v.Asked = slices.ContainsFunc(asked, clinic.Erasure.Open)
	page.Private(c)
	return page.Show(c, status, view.ErasePage(v))
}

// Erase deletes a person, once whoever asks has said that they are sure, and shows what was done.
func (p *Pages) Erase(c *gin.Context) error {
	id := c.Param("id")
	if c.PostForm("sure") != "yes" {
		stay(c, patientURL(id)+"/erase")
		return p.showErase(c, http.StatusUnprocessableEntity, view.Erase{Errors: clinic.Errors{{Code: clinic.Invalid, Field: "sure", Message: "error.erase.sure"}}})
	}
	erasure, err := p.Store.Erase(c.Request.Context(), page.Actor(c), id)
	refused := new(clinic.Error)
	switch {
	case err == nil:
		return page.GoTo(c, "/office/erasures/"+erasure)
	case !errors.As(err, &refused) || refused.Code != clinic.Conflict:
		return err
	}
	v := view.Erase{Problem: refused}
	if refused.Field != "" {
		v = view.Erase{Errors: clinic.Errors{refused}}
	}
	stay(c, patientURL(id)+"/erase")
	return p.showErase(c, page.Status(refused.Code), v)
}

// ShowErased shows what was deleted. It does not say of whom.
func (p *Pages) ShowErased(c *gin.Context) error {
	ctx := c.Request.Context()
	done, err := p.Store.Erased(ctx, page.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	names, err := p.Store.StaffNames(ctx, done.By)
	if err != nil {
		return err
	}
	return page.Show(c, http.StatusOK, view.ErasedPage(view.Erased{Frame: p.frame(c, clinic.Branch{}), Erased: done, Name: names[done.By], Zone: p.anyZone(c)}))
}
