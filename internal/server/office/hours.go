package office

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
	"madoguchi/web/ui"
)

// hoursChoice is whose week is looked at: which of the doctor's weeks at the branch, by its first day, and whose is copied.
type hoursChoice struct{ branch, doctor, from, copied string }

func (h hoursChoice) path(pairs ...string) string {
	return ui.Link("/office/hours", append([]string{"branch", h.branch, "doctor", h.doctor, "from", h.from}, pairs...)...)
}

func (p *Pages) isHoliday(day clinic.Date) bool {
	_, ok := p.Holiday(day, "ja")
	return ok
}

// ShowHours shows a doctor's week at a branch, and what differs from it: ?branch=ID&doctor=ID&from=YYYY-MM-DD, each of which may be left
// out. With copy=BRANCH:DOCTOR the week is that of another, not yet saved.
func (p *Pages) ShowHours(c *gin.Context) error {
	choice := hoursChoice{c.Query("branch"), c.Query("doctor"), c.Query("from"), c.Query("copy")}
	data, stored, err := p.hours(c, choice)
	if err != nil {
		return err
	}
	data.Notice = view.HoursNotice(c.Query("done"))
	if err := p.preview(c, &data, stored); err != nil {
		return err
	}
	return page.Show(c, http.StatusOK, view.HoursPage(data))
}

// hours is the page as it is stored. Without a branch, or a doctor, it holds nothing.
func (p *Pages) hours(c *gin.Context, choice hoursChoice) (data view.Hours, stored store.Hours, err error) {
	ctx, actor := c.Request.Context(), page.Actor(c)
	branch, branches, err := p.branchOf(c, clinic.SeeCalendar, choice.branch)
	if err != nil {
		return data, stored, err
	}
	today := clinic.DateOf(p.Now(), branch.Location())
	data = view.Hours{
		Frame: p.frame(c, branch), Branches: branches, Today: today, MayDraw: actor.May(clinic.ManageClinic, branch.ID), MayDecide: actor.May(clinic.ChangeBooking, branch.ID),
		Drawn: clinic.NewID(), About: view.AboutWeek, HolidayName: func(day clinic.Date) string { return p.HolidayName(day, page.Lang(c)) },
	}
	if branch.ID == "" {
		return data, stored, nil
	}
	if stored, err = p.Store.Hours(ctx, actor, branch.ID, p.isHoliday); err != nil {
		return data, stored, err
	}
	doctors, err := p.Store.DoctorsAt(ctx, branch.ID)
	if err != nil {
		return data, stored, err
	}
	for _, d := range doctors {
		weeks := clinic.WeeksOf(stored.Hours, branch.ID, d.ID)
		week, _ := weekAt(weeks, "", today)
		data.Doctors = append(data.Doctors, view.HoursDoctor{Doctor: d, Slots: week.Slots()})
		if data.Doctor.ID == "" || d.ID == choice.doctor {
			data.Doctor, data.Weeks = d, weeks
		}
	}
	data.Rule, data.BranchRevision = branch.Settings.Holidays, branch.Revision
	data.Exceptions = stored.Exceptions
	data.Exception = newException(today, data.Doctor.ID)
	if !clinic.HasYearEnd(stored.Exceptions, today) {
		end := clinic.YearEnd(branch.ID, today)
		data.YearEnd = &end
	}
	if data.Doctor.ID == "" {
		return data, stored, nil
	}
	week, ok := weekAt(data.Weeks, choice.from, today)
	if !ok {
		week = clinic.DoctorWeek{From: today}
	}
	data.Stored, data.Revision = week, stored.Revisions[data.Doctor.ID]
	if data.Stored.From.Before(today) {
		data.Stored.From = today
	}
	data.Typed = data.Stored.Typed()
	if data.Copies, err = p.copies(c, branches, data); err != nil {
		return data, stored, err
	}
	for _, from := range data.Copies {
		if from.Value() == choice.copied {
			data.Typed.Spans = from.Week.Typed().Spans
		}
	}
	return data, stored, nil
}

// weekAt is the week that begins on the day that is asked for; otherwise the one that holds today, or the next, or the last.
func weekAt(weeks []clinic.DoctorWeek, asked string, today clinic.Date) (clinic.DoctorWeek, bool) {
	for _, w := range weeks {
		if w.From.String() == asked {
			return w, true
		}
	}
	for _, w := range weeks {
		if w.Until.IsZero() || !w.Until.Before(today) {
			return w, true
		}
	}
	return clinic.DoctorWeek{}, false
}

// copies are the weeks that can be copied to the page's doctor: those of others, and theirs at other branches.
func (p *Pages) copies(c *gin.Context, branches []clinic.Branch, data view.Hours) (out []view.HoursCopy, err error) {
	ctx := c.Request.Context()
	for _, b := range branches {
		hours, err := p.Store.Hours(ctx, page.Actor(c), b.ID, p.isHoliday)
		if err != nil {
			return nil, err
		}
		doctors, err := p.Store.DoctorsAt(ctx, b.ID)
		if err != nil {
			return nil, err
		}
		for _, d := range doctors {
			week, ok := weekAt(clinic.WeeksOf(hours.Hours, b.ID, d.ID), "", data.Today)
			if ok && (b.ID != data.Branch.ID || d.ID != data.Doctor.ID) {
				out = append(out, view.HoursCopy{Branch: b, Doctor: d, Week: week})
			}
		}
	}
	return out, nil
}

// SaveHours stores a doctor's week, or shows what is wrong with it, or what somebody else has saved since the form was drawn.
func (p *Pages) SaveHours(c *gin.Context) error {
	data, stored, err := p.readHours(c)
	if err != nil {
		return err
	}
	if data.Doctor.ID == "" {
		return store.NotFound()
	}
	data.Typed = data.Typed.Copied()
	week, errs := data.Typed.Read(data.Branch.ID, data.Doctor.ID, data.Today)
	week.Revision = data.Revision
	if len(errs) == 0 {
		_, err = p.Store.SaveWeek(c.Request.Context(), page.Actor(c), week, data.Typed.Keys(), c.Request.PostForm["keep"], p.isHoliday)
		if err == nil {
			return page.GoTo(c, hoursChoice{branch: data.Branch.ID, doctor: data.Doctor.ID, from: week.From.String()}.path("done", string(view.WeekSaved)))
		}
		if !errors.As(err, &errs) && !clinic.IsStale(err) {
			return err
		}
	}
	if clinic.IsStale(err) {
		data.Conflict, data.Revision = true, stored.Revisions[data.Doctor.ID]
		if err := p.preview(c, &data, stored); err != nil {
			return err
		}
		return page.Show(c, http.StatusConflict, view.HoursPage(data))
	}
	if err := p.showErrors(c, &data, errs); err != nil {
		return err
	}
	return page.Show(c, http.StatusUnprocessableEntity, view.HoursPage(data))
}

// KeepBookings stores that bookings stay where the hours no longer want them.
func (p *Pages) KeepBookings(c *gin.Context) error {
	data, _, err := p.readHours(c)
	if err != nil {
		return err
	}
	if err := p.Store.KeepBookings(c.Request.Context(), page.Actor(c), data.Branch.ID, c.Request.PostForm["keep"]); err != nil {
		return err
	}
	return page.GoTo(c, hoursChoice{branch: data.Branch.ID, doctor: data.Doctor.ID}.path("done", string(view.BookingsKept)))
}

// SaveHolidays stores what a branch decides about public holidays, or shows that somebody else has saved the branch since.
func (p *Pages) SaveHolidays(c *gin.Context) error {
	data, stored, err := p.readHours(c)
	if err != nil {
		return err
	}
	b := data.Branch
	b.Settings.Holidays, b.Revision = data.Rule, data.BranchRevision
	_, err = p.Store.SaveHolidays(c.Request.Context(), page.Actor(c), b, c.Request.PostForm["keep"], p.isHoliday)
	if clinic.IsStale(err) {
		data.About, data.HolidayConflict, data.BranchRevision = view.AboutHolidays, true, stored.Branch.Revision
		if err := p.preview(c, &data, stored); err != nil {
			return err
		}
		return page.Show(c, http.StatusConflict, view.HoursPage(data))
	}
	if err != nil {
		return err
	}
	return page.GoTo(c, hoursChoice{branch: b.ID, doctor: data.Doctor.ID}.path("done", string(view.HolidaysSaved))+"#holidays")
}
