package office

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
)

const (
	nearDays  = 14 // how far from a booking's day other times are looked for
	nearTimes = 8  // how many of them are offered
)

// ShowMove asks for the time to which a booking is to move: the free times near its own, and with ?slot=ID whether it is to be that one.
func (p *Pages) ShowMove(c *gin.Context) error {
	return p.showMove(c, http.StatusOK, c.Query("slot"), c.Query(backField), nil)
}

func (p *Pages) showMove(c *gin.Context, status int, slotID, back string, problem *clinic.Error) error {
	ctx, actor := c.Request.Context(), page.Actor(c)
	a, err := p.Store.Appointment(ctx, actor, c.Param("id"))
	if err != nil {
		return err
	}
	page.Saw(c, clinic.SawBooking, clinic.AboutBooking(a))
	data := view.Move{Frame: p.frame(c, a.Branch), Appointment: a, Problem: problem, Now: p.Now(), Back: page.OwnPath(back)}
	if back == "" {
		data.Back = "/office/bookings/" + a.Booking.ID
	}
	loc := a.Branch.Location()
	data.Holiday = func(d clinic.Date) string { return p.HolidayName(d, page.Lang(c)) }
	doctors, err := p.Store.DoctorsAt(ctx, a.Branch.ID)
	if err != nil {
		return err
	}
	data.Doctors = map[string]clinic.Doctor{}
	for _, d := range doctors {
		data.Doctors[d.ID] = d
	}
	if slotID != "" {
		slot, err := p.Store.Slot(ctx, slotID)
		if err != nil {
			return err
		}
		if slot.BranchID != a.Branch.ID { // moving to another branch has no page yet
			return store.NotFound()
		}
		data.To = &slot
		return p.showMoveTo(c, status, data)
	}
	day := clinic.DateOf(a.Slot.StartsAt, loc)
	if day.In(loc).Before(p.Now()) {
		day = clinic.DateOf(p.Now(), loc)
	}
	free, err := p.Store.Slots(ctx, store.SlotQuery{
		BranchID: a.Branch.ID, From: day.AddDays(-nearDays).In(loc), Until: day.AddDays(nearDays + 1).In(loc), FreeOnly: true, For: actor,
	})
	if err != nil {
		return err
	}
	data.Near = clinic.NearTimes(free, a.Slot, nearTimes, loc)
	return p.showMoveTo(c, status, data)
}

// showMoveTo answers with the page, or with its part alone where the calendar asks for it.
func (p *Pages) showMoveTo(c *gin.Context, status int, data view.Move) error {
	if c.GetHeader("HX-Request") != "" && status == http.StatusOK {
		return page.Show(c, status, view.MovePart(data))
	}
	return page.Show(c, status, view.MovePage(data))
}

// MoveBooking gives a booking another time.
func (p *Pages) MoveBooking(c *gin.Context) error {
	ctx, actor, id, slotID := c.Request.Context(), page.Actor(c), c.Param("id"), c.PostForm("slot")
	path := "/office/bookings/" + id
	tell := c.PostForm("tell") != ""
	old, err := p.Store.Move(ctx, actor, id, slotID, tell)
	var refusal *clinic.Error
	switch {
	case err == nil:
		return goBack(c, path, view.Did{
			What: view.DidMove, IDs: []string{id}, Was: old.Slot.ID, At: stamp(p.Now()), More: strconv.Itoa(old.Booking.Sequence + 1), Told: tell,
		})
	case errors.As(err, &refusal) && refusal.Code != clinic.NotFound && refusal.Code != clinic.Forbidden && page.Status(refusal.Code) < 500:
		a, err := p.Store.Appointment(ctx, actor, id)
		if err == nil {
			refusal, err = p.sayHolder(c, a.Branch, slotID, refusal)
		}
		if err != nil {
			return err
		}
		stay(c, path+"/move")
		return p.showMove(c, page.Status(refusal.Code), "", cameFrom(c, path).String(), refusal)
	}
	return err
}
