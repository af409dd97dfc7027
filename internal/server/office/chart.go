package office

import (
	"maps"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
)

// ShowChart shows a doctor one of their own appointments with every answer. Another doctor's is not found.
func (p *Pages) ShowChart(c *gin.Context) error {
	chart, err := p.Store.ChartFor(c.Request.Context(), page.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	loc := chart.Appointment.Branch.Location()
	data, _, err := p.doctorDay(c, clinic.DateOf(chart.Appointment.Slot.StartsAt, loc), loc)
	if err != nil {
		return err
	}
	if data.Chart, err = p.chart(c, chart); err != nil {
		return err
	}
	return page.Show(c, http.StatusOK, view.DoctorDayPage(data))
}

// chart works out what a doctor sees of one appointment, by the version of the questionnaire that was asked.
func (p *Pages) chart(c *gin.Context, chart store.Chart) (*view.Chart, error) {
	q, err := p.QuestionnaireOf(c.Request.Context(), chart.Appointment.Booking.QuestionnaireVersion)
	if err != nil {
		return nil, err
	}
	facts := q.FactsFor(chart.Appointment)
	answers := intake.Answers(maps.Clone(chart.Appointment.Booking.Details.Answers))
	if answers == nil {
		answers = intake.Answers{}
	}
	maps.Copy(answers, chart.Intake.Answers)
	data := &view.Chart{
		Appointment: chart.Appointment, Age: facts.Age, Record: chart.Intake, Questions: q, Answers: answers,
		Holiday:  p.HolidayName(clinic.DateOf(chart.Appointment.Slot.StartsAt, chart.Appointment.Branch.Location()), page.Lang(c)),
		Cautions: q.Cautions(chart.Intake.Answers, facts), Causes: q.CauseLevels(chart.Intake.Answers, facts),
		Asks:    q.Asks(chart.Intake.Answers, facts),
		Visible: q.Visible(answers, facts),
	}
	data.Done, data.Total = q.Progress(chart.Intake, facts)
	data.Earlier, err = p.earlier(c, q, answers, data.Visible)
	return data, err
}

// earlier are the answers to what is not asked: questions that this version does not have, which another may tell, and
// questions that are no longer asked of this patient, because a fact was corrected after they had answered.
func (p *Pages) earlier(c *gin.Context, q *intake.Questionnaire, answers intake.Answers, visible map[string]bool) ([]intake.Reason, error) {
	var out []intake.Reason
	for _, id := range slices.Sorted(maps.Keys(answers)) {
		if visible[id] {
			continue
		}
		question, err := p.QuestionByID(c.Request.Context(), q, id)
		if err != nil {
			return nil, err
		}
		out = append(out, intake.Reason{Question: question, Values: answers[id]})
	}
	return out, nil
}
