package office

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
	"madoguchi/web/ui"
)

// ShowCloseDay asks whether a day of a branch is to be closed, or opened again: ?branch=ID&date=YYYY-MM-DD&back=PATH. It says what of the
// day would change, and lists the bookings about which a person decides.
func (p *Pages) ShowCloseDay(c *gin.Context) error {
	branch, _, err := p.branchOf(c, clinic.ChangeBooking, c.Query("branch"))
	if err != nil {
		return err
	}
	data := view.CloseDay{Frame: p.frame(c, branch), Date: p.chooseDay(c.Query("date"), branch.Location()).Date}
	data.Holiday = p.HolidayName(data.Date, page.Lang(c))
	if data.Back = page.OwnPath(c.Query(backField)); !strings.HasPrefix(data.Back, "/office/") {
		data.Back = ui.Link("/office/month", "branch", branch.ID, "date", data.Date.String())
	}
	if branch.ID != "" {
		if err := p.fillCloseDay(c, &data); err != nil {
			return err
		}
	}
	c.Header("Vary", "HX-Request")
	if asksForPart(c) {
		return page.Show(c, http.StatusOK, view.CloseDayPart(data))
	}
	return page.Show(c, http.StatusOK, view.CloseDayPage(data))
}

func (p *Pages) fillCloseDay(c *gin.Context, data *view.CloseDay) error {
	entries, _, err := p.Store.Day(c.Request.Context(), page.Actor(c), data.Branch, data.Date)
	if err != nil {
		return err
	}
	page.Saw(c, clinic.SawCalendar, clinic.AboutDays(data.Branch.ID, data.Date, data.Date))
	for _, e := range entries {
		switch {
		case !e.Slot.StartsAt.After(p.Now()):
		case e.Slot.ClosedAt != nil:
			data.Closed++
		case e.Appointment != nil:
			data.Bookings = append(data.Bookings, *e.Appointment)
		case e.Slot.State == clinic.SlotHeld:
			data.Held++
		default:
			data.Free++
		}
	}
	return nil
}
