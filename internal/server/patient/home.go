package patient

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	pages "madoguchi/web/patient"
)

// ShowHome is where a visitor arrives from an article.
func (p *Pages) ShowHome(c *gin.Context) error {
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
	view := pages.Home{Attribution: p.attribution(c.Request.URL.Query()), Branches: branches}
	for _, d := range doctors {
		entry := pages.HomeDoctor{Doctor: d}
		for _, id := range works[d.ID] {
			if b, ok := branchOf(branches, id); ok {
				entry.Branches = append(entry.Branches, b)
			}
		}
		view.Doctors = append(view.Doctors, entry)
	}
	return page.Show(c, http.StatusOK, pages.HomePage(view))
}

// ShowPrivacy is what the consents refer to.
func (p *Pages) ShowPrivacy(c *gin.Context) error {
	return page.Show(c, http.StatusOK, pages.PrivacyPage())
}

func branchOf(branches []clinic.Branch, id string) (clinic.Branch, bool) {
	for _, b := range branches {
		if b.ID == id {
			return b, true
		}
	}
	return clinic.Branch{}, false
}
