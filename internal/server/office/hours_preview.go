package office

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
)

// preview reckons what saving the page would do, as far as nothing on it is wrong.
func (p *Pages) preview(c *gin.Context, data *view.Hours, stored store.Hours) error {
	if data.Branch.ID == "" {
		return nil
	}
	plan := stored.Plan
	var errs clinic.Errors
	switch data.About {
	case view.AboutWeek:
		plan.DoctorID = data.Doctor.ID
		if data.Doctor.ID == "" || !data.MayDraw || !data.Unsaved() {
			break
		}
		week, wrong := data.Typed.Read(data.Branch.ID, data.Doctor.ID, data.Today)
		others, err := p.Store.HoursBeside(c.Request.Context(), data.Branch.ID, data.Doctor.ID)
		if err != nil {
			return err
		}
		if errs = wrong; len(errs) == 0 {
			errs = clinic.CheckHours(week, data.Typed.Keys(), others)
		}
		plan.Hours = week.Among(plan.Hours)
	case view.AboutException:
		e, wrong := data.Exception.Read(data.Branch.ID, data.Today)
		errs = wrong
		plan.DoctorID = e.DoctorID
		plan.Exceptions = append(slices.Clone(plan.Exceptions), e)
	case view.AboutHolidays:
		plan.Branch.Settings.Holidays = data.Rule
	}
	if len(errs) > 0 {
		return p.showErrors(c, data, errs)
	}
	var err error
	if data.Laying, err = p.Store.Preview(c.Request.Context(), plan); err != nil {
		return err
	}
	data.Previewed = true
	return p.people(c, data, plan)
}

// people are those whose bookings a person decides about. Where nothing is changed these are of the whole branch.
func (p *Pages) people(c *gin.Context, data *view.Hours, plan clinic.Plan) error {
	waiting := data.Laying.Person
	if data.About == view.AboutWeek && !data.Unsaved() {
		plan.DoctorID = ""
		all, err := p.Store.Preview(c.Request.Context(), plan)
		if err != nil {
			return err
		}
		waiting = all.Person
	}
	ids := make([]string, len(waiting))
	for i, k := range waiting {
		ids[i] = k.ID
	}
	found, err := p.Store.AppointmentsIn(c.Request.Context(), page.Actor(c), ids...)
	if err != nil {
		return err
	}
	keep := c.Request.PostForm["keep"]
	for _, k := range waiting {
		if a, ok := found[k.ID]; ok {
			page.Saw(c, clinic.SawFound, clinic.AboutBooking(a))
			data.People = append(data.People, view.HoursPerson{Appointment: a, Keep: slices.Contains(keep, k.ID)})
		}
	}
	return nil
}

// showErrors puts the refusals to the fields of the page that it is about, with names in the place of ids.
func (p *Pages) showErrors(c *gin.Context, data *view.Hours, errs clinic.Errors) error {
	doctors, err := p.Store.Doctors(c.Request.Context())
	if err != nil {
		return err
	}
	branches, err := p.Store.Branches(c.Request.Context())
	if err != nil {
		return err
	}
	errs = view.NamedErrors(c.Request.Context(), errs, doctors, branches)
	if data.About == view.AboutException {
		data.ExceptionErrors = errs
	} else {
		data.Errors = errs
	}
	return nil
}

// PreviewHours shows the page as it was sent, with what saving it would do: ?about=week, exception or holidays. It writes nothing.
func (p *Pages) PreviewHours(c *gin.Context) error {
	data, stored, err := p.readHours(c)
	if err != nil {
		return err
	}
	if about := view.HoursAbout(c.Query("about")); about == view.AboutException || about == view.AboutHolidays {
		data.About = about
	}
	sent := c.Request.PostForm
	// A button sends its step; a script gathers them, because htmx sends the button that has the focus with everything.
	steps := sent.Get("step")
	if c.GetHeader("HX-Request") != "" {
		steps = sent.Get("steps")
	}
	for step := range strings.FieldsSeq(steps) {
		var picked string
		data.Typed, picked = take(step, data.Typed)
		data.Picked = cmp.Or(picked, data.Picked)
	}
	data.Typed = data.Typed.Copied()
	if err := p.preview(c, &data, stored); err != nil {
		return err
	}
	status := http.StatusOK
	// Where a script asks while somebody types, nothing was sent that could be refused.
	if len(data.Errors)+len(data.ExceptionErrors) > 0 && c.GetHeader("HX-Request") == "" {
		status = http.StatusUnprocessableEntity
	}
	return page.Show(c, status, view.HoursPage(data))
}
