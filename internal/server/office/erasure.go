package office

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// ShowErasures lists the patients who want what is stored of them deleted, at every branch of whoever asks.
func (p *Pages) ShowErasures(c *gin.Context) error {
	ctx, actor := c.Request.Context(), page.Actor(c)
	open, err := p.Store.OpenErasures(ctx, actor)
	if err != nil {
		return err
	}
	ids := make([]string, len(open))
	for i, e := range open {
		ids[i] = e.BookingID
	}
	appointments, err := p.Store.Appointments(ctx, actor, ids...)
	if err != nil {
		return err
	}
	v := view.Erasures{Frame: p.frame(c, clinic.Branch{})}
	for _, e := range open {
		if a, ok := appointments[e.BookingID]; ok {
			page.Saw(c, clinic.SawFound, clinic.AboutBooking(a))
			v.Open = append(v.Open, view.PatientErasure{Erasure: e, Appointment: a})
		}
	}
	v.Zone = p.anyZone(c)
	if v.Done, err = p.Store.ErasedLately(ctx, actor); err != nil {
		return err
	}
	page.Private(c)
	return page.Show(c, http.StatusOK, view.ErasuresPage(v))
}

// SettleErasure says that a patient's request has been seen to, or why not.
func (p *Pages) SettleErasure(c *gin.Context) error {
	id := c.Param("id")
	outcome, reason, errs := clinic.ReadSettling(c.PostForm("outcome"), c.PostForm("reason"))
	if len(errs) > 0 {
		if _, err := p.Store.Patient(c.Request.Context(), page.Actor(c), id); err != nil {
			return err
		}
		stay(c, patientURL(id))
		form := view.SettlingForm{ErasureID: c.PostForm("erasure"), Reason: c.PostForm("reason"), Errors: errs}
		return p.showPatient(c, http.StatusUnprocessableEntity, view.Patient{Settling: form})
	}
	err := p.Store.SettleErasure(c.Request.Context(), page.Actor(c), id, c.PostForm("erasure"), outcome, reason)
	return p.afterPatient(c, id, err, view.ErasureSettled, view.PatientForm{})
}

// GiveTries gives the patient of a booking new tries of the birth date, once somebody has made sure on the telephone who they are.
func (p *Pages) GiveTries(c *gin.Context) error {
	return p.afterChange(c, p.Store.GiveTries(c.Request.Context(), page.Actor(c), c.Param("id")), view.TriesGiven)
}
