package office

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
)

// suggested is the day that the form proposes: six hours of counseling with an hour's break.
var suggested = clinic.DaySlots{From: "10:00", Until: "17:00", Minutes: "60", BreakFrom: "12:00", BreakUntil: "13:00"}

// slotChoice is whose slots are looked at, and when.
type slotChoice struct{ branch, doctor, date string }

func (s slotChoice) path(done view.SlotsNotice) string {
	query := url.Values{"branch": {s.branch}, "doctor": {s.doctor}, "date": {s.date}}
	if done != "" {
		query.Set("done", string(done))
	}
	return "/office/slots?" + query.Encode()
}

// ShowSlots shows a doctor's slots of a day at a branch: ?branch=ID&doctor=ID&date=YYYY-MM-DD, each of which may be left
// out.
func (p *Pages) ShowSlots(c *gin.Context) error {
	data, err := p.slots(c, slotChoice{c.Query("branch"), c.Query("doctor"), c.Query("date")})
	if err != nil {
		return err
	}
	data.Notice = view.SlotsNotice(c.Query("done"))
	return page.Show(c, dayStatus(data.ChosenDay), view.SlotsPage(data))
}

func (p *Pages) slots(c *gin.Context, choice slotChoice) (view.Slots, error) {
	ctx := c.Request.Context()
	branch, branches, err := p.branchOf(c, clinic.ManageClinic, choice.branch)
	if err != nil {
		return view.Slots{}, err
	}
	loc := branch.Location()
	chosen := p.chooseDay(choice.date, loc)
	date := chosen.Date
	data := view.Slots{
		Frame: p.frame(c, branch), Branches: branches, ChosenDay: chosen, Holiday: p.HolidayName(date, page.Lang(c)), Form: suggested,
	}
	data.Form.Date = date.String()
	if data.Doctors, err = p.Store.DoctorsAt(ctx, branch.ID); err != nil || len(data.Doctors) == 0 {
		return data, err
	}
	data.Doctor = data.Doctors[0]
	for _, d := range data.Doctors {
		if d.ID == choice.doctor {
			data.Doctor = d
		}
	}
	data.Slots, err = p.Store.Slots(ctx, store.SlotQuery{
		BranchID: branch.ID, DoctorID: data.Doctor.ID, From: date.In(loc), Until: date.AddDays(1).In(loc), For: page.Actor(c),
	})
	return data, err
}

// OpenSlots opens a day of slots, or a single one.
func (p *Pages) OpenSlots(c *gin.Context) error {
	choice := slotChoice{c.PostForm("branch"), c.PostForm("doctor"), c.PostForm("date")}
	form := clinic.DaySlots{
		Date: choice.date, From: c.PostForm("from"), Until: c.PostForm("until"), Minutes: c.PostForm("minutes"),
		BreakFrom: c.PostForm("break_from"), BreakUntil: c.PostForm("break_until"),
	}
	branch, err := p.Store.Branch(c.Request.Context(), choice.branch)
	if err != nil {
		return err
	}
	slots, errs := form.Slots(branch, choice.doctor, p.Now())
	status := http.StatusUnprocessableEntity
	if len(errs) == 0 {
		err := p.Store.AddSlots(c.Request.Context(), page.Actor(c), slots)
		if err == nil {
			choice.date = clinic.DateOf(slots[0].StartsAt, branch.Location()).String()
			return page.GoTo(c, choice.path(view.SlotsOpened))
		}
		var ours bool
		if errs, ours = atField(err); !ours {
			return err
		}
		status = page.Status(clinic.CodeOf(err))
	}
	stay(c, choice.path(""))
	data, err := p.slots(c, choice)
	if err != nil {
		return err
	}
	data.Form, data.Errors = form, errs
	data.Refusal = nil // the form says it at its own field
	return page.Show(c, status, view.SlotsPage(data))
}

// RemoveSlot withdraws a slot that nobody has taken.
func (p *Pages) RemoveSlot(c *gin.Context) error {
	slot, err := p.Store.Slot(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	branch, err := p.Store.Branch(c.Request.Context(), slot.BranchID)
	if err != nil {
		return err
	}
	choice := slotChoice{slot.BranchID, slot.DoctorID, clinic.DateOf(slot.StartsAt, branch.Location()).String()}
	err = p.Store.CloseSlot(c.Request.Context(), page.Actor(c), slot.ID)
	if err == nil {
		return page.GoTo(c, choice.path(view.SlotRemoved))
	}
	var refusal *clinic.Error
	if !errors.As(err, &refusal) || refusal.Code != clinic.Conflict {
		return err
	}
	stay(c, choice.path(""))
	data, err := p.slots(c, choice)
	if err != nil {
		return err
	}
	data.Problem = refusal
	return page.Show(c, page.Status(refusal.Code), view.SlotsPage(data))
}
