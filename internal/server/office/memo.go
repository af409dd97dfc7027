package office

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// SaveMemo saves what the front desk writes about a booking. Somebody who saw less than is there is shown both texts.
func (p *Pages) SaveMemo(c *gin.Context) error {
	ctx, id, typed := c.Request.Context(), c.Param("id"), c.PostForm("memo")
	revision, err := strconv.Atoi(c.PostForm("seen-revision"))
	if err != nil {
		revision = -1 // of a form that says nothing of what it has seen
	}
	for _, decision := range []string{"both", "mine"} {
		seen, err := strconv.Atoi(c.PostForm(decision))
		if err != nil {
			continue
		}
		revision = seen
		if decision == "both" {
			theirs, err := p.Store.BookingMemo(ctx, page.Actor(c), id)
			if err != nil {
				return err
			}
			typed = theirs.Text + "\n" + typed
		}
	}
	err = p.Store.SaveBookingMemo(ctx, page.Actor(c), id, revision, typed)
	problem, wrong := atField(err)
	stale := clinic.IsStale(err)
	if err != nil && !stale && !wrong {
		return err
	}
	live := c.GetHeader("HX-Request") != ""
	if err == nil && !live {
		return page.GoTo(c, cameFrom(c, "/office/bookings/"+id).String())
	}
	data, err := p.booking(c, view.ContactForm{})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if back := c.PostForm(backField); back != "" {
		data.Back = cameFrom(c, "/office/bookings/"+id).String()
	}
	switch {
	case stale:
		status, data.MemoTyped, data.MemoStale = http.StatusConflict, &typed, true
	case wrong:
		status, data.MemoTyped, data.MemoErrors = http.StatusUnprocessableEntity, &typed, problem
	}
	if live {
		return page.Show(c, status, view.MemoState(data))
	}
	stay(c, "/office/bookings/"+id)
	return page.Show(c, status, view.BookingPage(data))
}
