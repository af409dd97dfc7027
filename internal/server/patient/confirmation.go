package patient

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/web/letter"
	view "madoguchi/web/patient"
)

// ShowConfirmation is the confirmation: reference, time, place, what to bring, and the way to the questionnaire.
func (p *Pages) ShowConfirmation(c *gin.Context) error {
	chart, err := p.chart(c)
	if err != nil || c.IsAborted() {
		return err
	}
	a := chart.Appointment
	done, total := chart.questions.Progress(chart.Intake, chart.facts)
	return page.Show(c, http.StatusOK, view.ConfirmationPage(view.Confirmation{
		Token: c.Param("token"), Reference: a.Booking.Reference, Cancelled: !a.Booking.Status.Live(), Over: !p.Now().Before(a.Slot.EndsAt), Time: p.appointmentTime(c, a),
		Branch: a.Branch, Email: a.Patient.Email, Minor: chart.facts.Age < clinic.AdultAge, Answered: done, Sections: total,
	}))
}

// ShowCalendar is the appointment as a calendar file (RFC 5545); of a cancelled one, a file that takes it away.
func (p *Pages) ShowCalendar(c *gin.Context) error {
	chart, err := p.chart(c)
	if err != nil || c.IsAborted() {
		return err
	}
	settings, err := p.Store.Settings(c.Request.Context())
	if err != nil {
		return err
	}
	file, err := letter.CalendarFile(clinic.LetterFor(settings, chart.Appointment, "", p.Now()))
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="yoyaku.ics"`)
	c.Data(http.StatusOK, "text/calendar; charset=utf-8", file)
	return nil
}
