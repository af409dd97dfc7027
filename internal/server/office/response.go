package office

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/fhir"
	"madoguchi/internal/server/page"
)

// ShowResponse sends the answers of an appointment of the doctor who asks as a QuestionnaireResponse of FHIR.
func (p *Pages) ShowResponse(c *gin.Context) error {
	chart, err := p.Store.ChartFor(c.Request.Context(), page.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	q, err := p.QuestionnaireOf(c.Request.Context(), chart.Appointment.Booking.QuestionnaireVersion)
	if err != nil {
		return err
	}
	body, err := fhir.WriteResponse(q, chart.Intake, q.FactsFor(chart.Appointment), p.canonical())
	if err != nil {
		return err
	}
	page.Saw(c, clinic.Exported, clinic.AboutBooking(chart.Appointment))
	if err := page.NoteSeen(c); err != nil {
		return err
	}
	page.Private(c)
	c.Header("Content-Disposition", `attachment; filename="response.json"`)
	c.Data(http.StatusOK, fhir.ContentType+"; charset=utf-8", body)
	return nil
}
