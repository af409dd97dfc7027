package patient

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/store"
)

// ShowPhoto is the picture of a doctor or a branch. Its address has its hash in it, so a browser may keep it for good; one that was taken
// away or replaced is not found.
func (p *Pages) ShowPhoto(c *gin.Context) error {
	hash, size, ok := clinic.ParsePhotoFile(c.Param("photo"))
	if !ok {
		return store.NotFound()
	}
	file, err := p.Store.Photo(c.Request.Context(), hash, size)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "public, max-age=31536000, immutable")
	c.Data(http.StatusOK, "image/jpeg", file)
	return nil
}
