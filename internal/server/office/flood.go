package office

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// ShowFlood shows what comes in online, what is done about it, and where it can be ended.
func (p *Pages) ShowFlood(c *gin.Context) error {
	in, err := p.Store.Inflow(c.Request.Context())
	if err != nil {
		return err
	}
	branches, err := p.Store.BranchesFor(c.Request.Context(), page.Actor(c), clinic.ManageClinic)
	if err != nil {
		return err
	}
	return page.Show(c, http.StatusOK, view.FloodPage(view.Flood{
		Frame: p.frame(c, clinic.Branch{}), Inflow: in, Manages: branches, Puzzles: p.Puzzles, Done: c.Query("done"),
	}))
}

// StopOnline has a branch take no bookings online, or take them again.
func (p *Pages) StopOnline(c *gin.Context) error {
	stop := c.PostForm("online") == "stop"
	if err := p.Store.StopOnline(c.Request.Context(), page.Actor(c), c.PostForm("branch"), stop); err != nil {
		return err
	}
	if stop {
		return page.GoTo(c, "/office/flood?done=stopped")
	}
	return page.GoTo(c, "/office/flood?done=resumed")
}
