package office

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/web"
	view "madoguchi/web/office"
	"madoguchi/web/ui"
)

// ShowHandOver asks a doctor to which colleague a chart goes.
func (p *Pages) ShowHandOver(c *gin.Context) error {
	data, err := p.handOver(c)
	if err != nil {
		return err
	}
	return page.Show(c, http.StatusOK, view.HandOverPage(data))
}

func (p *Pages) handOver(c *gin.Context) (data view.HandOver, err error) {
	ctx, actor, id := c.Request.Context(), page.Actor(c), c.Param("id")
	if data.Colleagues, err = p.Store.Colleagues(ctx, actor, id); err != nil {
		return data, err
	}
	note, err := p.Store.NoteFor(ctx, actor, id)
	if err != nil {
		return data, err
	}
	if data.NoteHead, _, err = p.noteHead(c, note); err != nil {
		return data, err
	}
	data.Frame, data.Draft = p.frame(c, clinic.Branch{}), note.Draft.Open
	data.Before, err = p.Store.Handovers(ctx, actor, id)
	return data, err
}

// HandOver gives a chart to a colleague.
func (p *Pages) HandOver(c *gin.Context) error {
	data, err := p.handOver(c)
	data.To, data.Reason = c.PostForm("to"), c.PostForm("reason")
	if err == nil {
		err = p.Store.HandOver(c.Request.Context(), page.Actor(c), c.Param("id"), data.To, data.Reason)
	}
	if clinic.CodeOf(err) == clinic.NotFound { // it was handed over already, or the booking has moved
		return p.chartAway(c, view.AwayFromHandover(web.LocaleOf(c.Request.Context()), data.Reason))
	}
	stay(c, c.Request.URL.Path)
	switch {
	case err == nil:
		day := clinic.DateOf(data.Appointment.Slot.StartsAt, data.Appointment.Branch.Location())
		return page.GoTo(c, ui.Link("/office/doctor", "date", day.String(), "handed", c.Param("id")))
	case errors.As(err, &data.Errors):
		return page.Show(c, http.StatusUnprocessableEntity, view.HandOverPage(data))
	case errors.As(err, &data.Refusal) && data.Refusal.Code == clinic.Conflict:
		return page.Show(c, http.StatusConflict, view.HandOverPage(data))
	}
	return err
}

// TakeBackHandover gives a chart back to whoever has handed it over and leads to the list, which says why where the colleague was faster.
func (p *Pages) TakeBackHandover(c *gin.Context) error {
	err := p.Store.TakeBackHandover(c.Request.Context(), page.Actor(c), c.Param("id"))
	day := c.PostForm("date")
	if err == nil {
		return page.GoTo(c, ui.Link("/office/doctor", "date", day, "done", "handed_back"))
	}
	refusal := new(clinic.Error)
	if !errors.As(err, &refusal) || refusal.Code != clinic.Conflict {
		return err
	}
	data, _, problem := p.doctorDay(c, day)
	if problem != nil {
		return problem
	}
	data.Problem = refusal
	stay(c, ui.Link("/office/doctor", "date", day))
	return page.Show(c, http.StatusConflict, view.DoctorDayPage(data))
}

// ShowUnsigned lists the notes that a doctor has not signed.
func (p *Pages) ShowUnsigned(c *gin.Context) error {
	list, err := p.Store.UnsignedNotes(c.Request.Context(), page.Actor(c))
	if err != nil {
		return err
	}
	data := view.Unsigned{Frame: p.frame(c, clinic.Branch{}), Done: view.UnsignedDone(web.LocaleOf(c.Request.Context()), c.Query("done"))}
	for _, u := range list {
		page.Saw(c, clinic.SawFound, clinic.AboutBooking(u.Appointment))
		data.List = append(data.List, view.UnsignedNote{Appointment: u.Appointment, Version: u.Version, Draft: u.Draft, SavedAt: u.SavedAt})
	}
	if data.Kept, err = p.Store.KeptRecords(c.Request.Context(), page.Actor(c)); err != nil {
		return err
	}
	return page.Show(c, http.StatusOK, view.UnsignedPage(data))
}
