package patient

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/intake"
	"madoguchi/internal/server/page"
	view "madoguchi/web/patient"
)

// ShowHome is where a visitor arrives from an article.
func (p *Pages) ShowHome(c *gin.Context) error {
	p.Public(c)
	ctx := c.Request.Context()
	branches, err := p.Store.Branches(ctx)
	if err != nil {
		return err
	}
	doctors, err := p.Store.Doctors(ctx)
	if err != nil {
		return err
	}
	works, err := p.Store.DoctorBranches(ctx)
	if err != nil {
		return err
	}
	from, err := p.attribution(c, c.Request.URL.Query())
	if err != nil {
		return err
	}
	questions, err := p.Store.CurrentQuestionnaire(ctx)
	if err != nil {
		return err
	}
	data := view.Home{Attribution: from, Branches: branches}
	data.Intake.Least, data.Intake.Most = questions.Minutes(intake.Record{}, intake.Facts{From: from.Attribution}) // of somebody of whom nothing else is known
	for _, d := range doctors {
		entry := view.HomeDoctor{Doctor: d}
		for _, id := range works[d.ID] {
			if b, ok := branchOf(branches, id); ok {
				entry.Branches = append(entry.Branches, b)
			}
		}
		data.Doctors = append(data.Doctors, entry)
	}
	return page.Show(c, http.StatusOK, view.HomePage(data))
}
