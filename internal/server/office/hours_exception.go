package office

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// newException is the form of an exception before anything is typed.
func newException(today clinic.Date, doctorID string) clinic.TypedException {
	return clinic.TypedException{
		Kind: string(clinic.DoctorAway), Doctor: doctorID, First: today.AddDays(1).String(), Weekday: "4", TypedPattern: clinic.TypedPattern{Minutes: "60", Pause: "0", Audience: string(clinic.Public)},
	}
}

// AddException stores a day or a series of days that differ from the hours.
func (p *Pages) AddException(c *gin.Context) error {
	data, stored, err := p.readHours(c)
	if err != nil {
		return err
	}
	data.About = view.AboutException
	e, errs := data.Exception.Read(data.Branch.ID, data.Today)
	if len(errs) == 0 {
		e.ID = data.Drawn
		_, err = p.Store.AddException(c.Request.Context(), page.Actor(c), e, c.Request.PostForm["keep"], p.isHoliday)
		if err == nil {
			return page.GoTo(c, hoursChoice{branch: data.Branch.ID, doctor: data.Doctor.ID}.path("done", string(view.ExceptionAdded))+"#exceptions")
		}
		var ours bool
		if errs, ours = atField(err); !ours {
			return err
		}
	}
	if err := p.preview(c, &data, stored); err != nil {
		return err
	}
	if err := p.showErrors(c, &data, errs); err != nil {
		return err
	}
	return page.Show(c, http.StatusUnprocessableEntity, view.HoursPage(data))
}

// RemoveException takes an exception back.
func (p *Pages) RemoveException(c *gin.Context) error {
	e, err := p.Store.RemoveException(c.Request.Context(), page.Actor(c), c.Param("id"), p.isHoliday)
	if err != nil {
		return err
	}
	return page.GoTo(c, hoursChoice{branch: e.BranchID, doctor: c.PostForm("doctor")}.path("done", string(view.ExceptionRemoved))+"#exceptions")
}
