package patient

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web/letter"
	pages "madoguchi/web/patient"
)

// chart is what the link in the path opens. A link that is unknown or has expired says so.
func (p *Pages) chart(c *gin.Context) (store.Chart, error) {
	page.Private(c)
	chart, err := p.Store.Intake(c.Request.Context(), c.Param("token"))
	if clinic.CodeOf(err) == clinic.NotFound {
		err = page.Show(c, http.StatusGone, pages.ProblemPage(pages.Problem{Status: http.StatusGone}))
		c.Abort()
	}
	return chart, err
}

// ShowBooking is the confirmation: reference, time, place, what to bring, and the way to the questionnaire.
func (p *Pages) ShowBooking(c *gin.Context) error {
	chart, err := p.chart(c)
	if err != nil || c.IsAborted() {
		return err
	}
	a := chart.Appointment
	facts := factsFor(chart)
	done, total := p.Questions.Progress(chart.Intake, facts)
	return page.Show(c, http.StatusOK, pages.BookedPage(pages.Booked{
		Token: c.Param("token"), Reference: a.Booking.Reference, Cancelled: !a.Booking.Status.Live(), Time: p.appointmentTime(c, a),
		Branch: a.Branch, Email: a.Patient.Email, Minor: facts.Age < clinic.AdultAge, Answered: done, Sections: total,
	}))
}

// ShowCalendar is the appointment as a calendar file (RFC 5545); of a cancelled one, a file that takes it away.
func (p *Pages) ShowCalendar(c *gin.Context) error {
	chart, err := p.chart(c)
	if err != nil || c.IsAborted() {
		return err
	}
	file, err := letter.CalendarFile(clinic.LetterFor(chart.Appointment, "", p.Now()))
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="yoyaku.ics"`)
	c.Data(http.StatusOK, "text/calendar; charset=utf-8", file)
	return nil
}
