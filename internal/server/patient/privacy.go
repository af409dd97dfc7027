package patient

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/server/page"
	view "madoguchi/web/patient"
)

// ShowPrivacy is what the consents refer to.
func (p *Pages) ShowPrivacy(c *gin.Context) error {
	branches, err := p.Store.Branches(c.Request.Context())
	if err != nil {
		return err
	}
	return page.Show(c, http.StatusOK, view.PrivacyPage(branches))
}
