package office

import (
	"strconv"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/server/page"
)

// MarkRead writes down that a doctor was shown one of their charts in a revision, or that they have not read it after all, and leads back to
// it. With the chart they have read why they were given it. Another doctor's is not found.
func (p *Pages) MarkRead(c *gin.Context) error {
	if c.Request.PostForm.Get("do") == "unread" {
		if err := p.Store.MarkUnread(c.Request.Context(), page.Actor(c), c.Param("id")); err != nil {
			return err
		}
		return page.GoTo(c, "/office/charts/"+c.Param("id")+"?unread=1")
	}
	shown, err := strconv.Atoi(c.Request.PostForm.Get("revision"))
	if err != nil {
		shown = 0 // who does not say what they were shown has read nothing
	}
	if err := p.Store.MarkRead(c.Request.Context(), page.Actor(c), c.Param("id"), shown); err != nil {
		return err
	}
	if handover := c.Request.PostForm.Get("handover"); handover != "" {
		if err := p.Store.ReadHandover(c.Request.Context(), page.Actor(c), c.Param("id"), handover); err != nil {
			return err
		}
	}
	if c.Request.PostForm.Get("then") == "note" { // whoever opens the note has read
		return page.GoTo(c, notePath(c.Param("id")))
	}
	return page.GoTo(c, "/office/charts/"+c.Param("id"))
}
