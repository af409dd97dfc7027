package office

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// SetUpHours stores the week that was chosen for every doctor who is ticked, and lays their slots; or, asked to look, shows what that would
// make.
func (p *Pages) SetUpHours(c *gin.Context) error {
	data, err := p.setupForm(c, clinic.SetupHours)
	if err != nil {
		return err
	}
	ctx, sent := c.Request.Context(), c.Request.PostForm
	stored := slices.Clone(data.Who)
	data.Week = clinic.TypedFirstWeek{
		Shape: clinic.WeekShape(sent.Get("shape")), From: sent.Get("from"), Until: sent.Get("until"), LunchFrom: sent.Get("lunch_from"), LunchUntil: sent.Get("lunch_until"),
		Minutes: sent.Get("minutes"), Pause: sent.Get("pause"), ValidFrom: sent.Get("valid_from"),
	}
	for i, who := range data.Who {
		data.Who[i].Ticked, data.Who[i].Room = slices.Contains(sent["doctor"], who.ID), sent.Get("room-"+who.ID)
		data.Who[i].Revision, _ = strconv.Atoi(sent.Get("revision-" + who.ID))
	}
	if sent.Get("do") == "look" || c.GetHeader("HX-Request") != "" {
		return p.showSetup(c, http.StatusOK, data)
	}
	if data.Week.Shape == clinic.OwnShape {
		choice := hoursChoice{branch: data.Edited.ID}
		if i := slices.IndexFunc(data.Who, func(w view.SetupWho) bool { return w.Ticked }); i >= 0 {
			choice.doctor = data.Who[i].ID
		}
		return page.GoTo(c, choice.path())
	}
	week, errs := data.Week.Read(data.Edited.ID, data.Today)
	weeks := data.Weeks(week)
	if len(weeks) == 0 {
		errs = append(errs, &clinic.Error{Code: clinic.Invalid, Field: "doctor", Message: "error.choose"})
	}
	if len(errs) == 0 {
		_, err := p.Store.SaveWeeks(ctx, page.Actor(c), data.Edited.ID, weeks, p.isHoliday)
		switch {
		case err == nil || clinic.IsStale(err) && data.Stored(weeks): // sent twice it is stored once
			return page.GoTo(c, setupPath(data.Edited.ID, clinic.SetupDone))
		case clinic.IsStale(err):
			data.Conflict = true
			for i := range data.Who {
				data.Who[i].Revision, data.Who[i].Slots = stored[i].Revision, stored[i].Slots
			}
			return p.showSetup(c, http.StatusConflict, data)
		case !errors.As(err, &errs):
			return err
		}
	}
	if data.Errors, err = p.setupErrors(ctx, errs); err != nil {
		return err
	}
	return p.showSetup(c, http.StatusUnprocessableEntity, data)
}

// setupErrors are refusals with names in the place of ids.
func (p *Pages) setupErrors(ctx context.Context, errs clinic.Errors) (clinic.Errors, error) {
	doctors, err := p.Store.Doctors(ctx)
	if err != nil {
		return nil, err
	}
	branches, err := p.Store.Branches(ctx)
	return view.NamedErrors(ctx, errs, doctors, branches), err
}
