package office

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
)

// ShowChart shows a doctor one of their own appointments with every answer. Another doctor's is not found.
func (p *Pages) ShowChart(c *gin.Context) error {
	chart, err := p.Store.ChartFor(c.Request.Context(), page.Staff(c).DoctorID, c.Param("id"))
	if err != nil {
		return err
	}
	loc := chart.Appointment.Branch.Location()
	data, _, err := p.doctorDay(c, clinic.DateOf(chart.Appointment.Slot.StartsAt, loc), loc)
	if err != nil {
		return err
	}
	data.Chart = p.chart(c, chart)
	return page.Show(c, http.StatusOK, view.DoctorDayPage(data))
}

func (p *Pages) cautions(chart store.Chart) []intake.Caution {
	return intake.Cautions(p.Cautions, p.Questions, chart.Intake.Answers, intake.FactsFor(chart.Appointment))
}

// chart works out what a doctor sees of one appointment.
func (p *Pages) chart(c *gin.Context, chart store.Chart) *view.Chart {
	facts := intake.FactsFor(chart.Appointment)
	data := &view.Chart{
		Appointment: chart.Appointment, Age: facts.Age, Record: chart.Intake, Questions: p.Questions,
		Holiday:  p.HolidayName(clinic.DateOf(chart.Appointment.Slot.StartsAt, chart.Appointment.Branch.Location()), page.Lang(c)),
		Cautions: p.cautions(chart), Causes: intake.Causes(p.Questions, chart.Intake.Answers, facts),
		Visible: p.Questions.Visible(chart.Intake.Answers, facts),
	}
	data.Done, data.Total = p.Questions.Progress(chart.Intake, facts)
	return data
}
