package patient

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/patient"
)

// ShowErase asks whether somebody wants what is stored of them deleted, and says what that means; or how their request stands. Only to the
// patient's own browser: who has nothing but the link could otherwise ask in their name.
func (p *Pages) ShowErase(c *gin.Context) error {
	chart, err := p.chart(c)
	if err != nil || c.IsAborted() {
		return err
	}
	if !chart.pass.Knows(p.Now()) {
		return p.askProof(c, http.StatusOK, chart, bookingPath(c.Param("token"), "/erase"), nil)
	}
	a := chart.Appointment
	v := view.Erase{
		Token: c.Param("token"), Branch: a.Branch, Name: a.Patient.Name(),
		Stands: a.Booking.Status.Live() && p.Now().Before(a.Slot.StartsAt), Changes: a.CheckOwn(p.Now()) == nil, Time: p.appointmentTime(c, a),
	}
	if v.Erasure, err = p.Store.OwnErasure(c.Request.Context(), patientOf(c)); err != nil {
		return err
	}
	return page.Show(c, http.StatusOK, view.ErasePage(v))
}

// AskErasure takes the request down. Sent once more, it leads to the same page, which says that it is done.
func (p *Pages) AskErasure(c *gin.Context) error {
	chart, err := p.chart(c)
	if err != nil || c.IsAborted() {
		return err
	}
	path := bookingPath(c.Param("token"), "/erase")
	if !chart.pass.Knows(p.Now()) {
		return p.askProof(c, http.StatusForbidden, chart, path, nil)
	}
	err = p.Store.AskErasure(c.Request.Context(), patientOf(c))
	if clinic.CodeOf(err) == clinic.NotFound { // the link has ended at this very moment
		return p.showLinkEnd(c)
	}
	if err != nil {
		return err
	}
	return page.GoTo(c, path)
}
