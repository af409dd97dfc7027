package patient

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/server/page"
	view "madoguchi/web/patient"
)

// ShowPrivacy is what the consents refer to. Without a database it names the branches that were read last: what they say of
// personal data can be read at any time.
func (p *Pages) ShowPrivacy(c *gin.Context) error {
	p.Public(c)
	branches, _ := p.Store.Branches(c.Request.Context())
	return page.Show(c, http.StatusOK, view.PrivacyPage(branches))
}
