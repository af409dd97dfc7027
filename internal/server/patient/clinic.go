package patient

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/store"
	"madoguchi/web"
)

// ShowLogo is the clinic's picture. Its address has its hash in it, so a browser may keep it for good; one that is no longer
// the clinic's is not found.
func (p *Pages) ShowLogo(c *gin.Context) error {
	logo := web.ClinicOf(c.Request.Context()).Logo
	if logo.IsZero() || c.Param("logo") != logo.File() {
		return store.NotFound()
	}
	c.Header("Cache-Control", "public, max-age=31536000, immutable")
	c.Data(http.StatusOK, "image/png", logo.PNG)
	return nil
}
