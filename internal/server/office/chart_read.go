package office

import (
	"strconv"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/server/page"
)

// MarkRead writes down that a doctor was shown one of their charts in a revision, and leads back to it. Another doctor's is not found.
func (p *Pages) MarkRead(c *gin.Context) error {
	shown, err := strconv.Atoi(c.Request.PostForm.Get("revision"))
	if err != nil {
		shown = 0 // who does not say what they were shown has read nothing
	}
	if err := p.Store.MarkRead(c.Request.Context(), page.Actor(c), c.Param("id"), shown); err != nil {
		return err
	}
	return page.GoTo(c, "/office/charts/"+c.Param("id"))
}
