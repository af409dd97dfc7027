package office

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// ShowRuns lists the bookings that came in suspicious runs.
func (p *Pages) ShowRuns(c *gin.Context) error { return p.showRuns(c, http.StatusOK, nil) }

func (p *Pages) showRuns(c *gin.Context, status int, refusal *clinic.Error) error {
	runs, err := p.Store.Runs(c.Request.Context(), page.Actor(c))
	if err != nil {
		return err
	}
	for _, run := range runs {
		page.SawEach(c, clinic.SawFound, run, clinic.AboutBooking)
	}
	ended, _ := strconv.Atoi(c.Query("done")) // nothing, where it is no number
	return page.Show(c, status, view.RunsPage(view.Runs{Frame: p.frame(c, clinic.Branch{}), Runs: runs, Ended: ended, Error: refusal}))
}

// CancelRun cancels the bookings that were chosen, once it is confirmed; before that it asks.
func (p *Pages) CancelRun(c *gin.Context) error {
	ctx, actor, ids := c.Request.Context(), page.Actor(c), c.PostFormArray("booking")
	found, err := p.Store.Appointments(ctx, actor, ids...)
	if err != nil {
		return err
	}
	var chosen []clinic.Appointment
	for _, id := range ids {
		if a, ok := found[id]; ok && a.CheckCancel(actor) == nil {
			chosen = append(chosen, a)
		}
	}
	chosen = slices.CompactFunc(chosen, func(a, b clinic.Appointment) bool { return a.Booking.ID == b.Booking.ID })
	page.SawEach(c, clinic.SawFound, chosen, clinic.AboutBooking)
	stay(c, "/office/runs")
	if len(chosen) == 0 {
		return p.showRuns(c, http.StatusUnprocessableEntity, &clinic.Error{Code: clinic.Invalid, Message: "error.run.none"})
	}
	data, status := view.RunConfirmation{Frame: p.frame(c, clinic.Branch{}), Chosen: chosen}, http.StatusOK
	if tell := c.PostForm("tell"); c.PostForm("confirmed") == "yes" {
		if tell == "yes" || tell == "no" {
			n, err := p.Store.CancelTogether(ctx, actor, ids, tell == "yes")
			if err != nil {
				return err
			}
			return page.GoTo(c, "/office/runs?done="+strconv.Itoa(n))
		}
		data.Errors, status = clinic.Errors{{Code: clinic.Invalid, Field: "tell", Message: "error.choose"}}, http.StatusUnprocessableEntity
	}
	return page.Show(c, status, view.RunConfirmationPage(data))
}
