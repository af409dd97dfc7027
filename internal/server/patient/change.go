package patient

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/patient"
)

// ShowChange is the choice of another time for a booking, which keeps its own until the new one is confirmed.
func (p *Pages) ShowChange(c *gin.Context) error {
	a, err := p.changeable(c)
	if err != nil || c.IsAborted() {
		return err
	}
	return p.showChange(c, http.StatusOK, a, c.Request.URL.Query(), nil)
}

// showChange shows the choice that a query or a form asks for, with the reason why the time that was chosen is not to be had, if any.
func (p *Pages) showChange(c *gin.Context, status int, a clinic.Appointment, asked url.Values, problem *clinic.Error) error {
	doctors, err := p.Store.DoctorsAt(c.Request.Context(), a.Branch.ID)
	if err != nil {
		return err
	}
	data := view.Change{Token: c.Param("token"), Old: p.appointmentTime(c, a), Choices: doctorChoices(doctors, a.Doctor), Problem: problem}
	data.Which = data.Choices[0]
	if which := view.WhichDoctor(asked.Get("with-doctor")); slices.Contains(data.Choices, which) {
		data.Which = which
	}
	data.Slots = view.Slots{Branch: a.Branch, Doctors: doctors, Own: data.Old}
	switch data.Which {
	case view.SameDoctor:
		data.Slots.DoctorID = a.Doctor.ID
	case view.WomanDoctor:
		data.Slots.Female = true
	case view.EveryDoctor:
	}
	data.Slots.WeekAt = func(week string) string {
		return changePath(data.Token, data.Which, week)
	}
	week := asked.Get("week")
	if week == "" {
		week = p.weekOf(c, a).String()
	}
	if err := p.fillWeek(c, &data.Slots, week); err != nil {
		return err
	}
	if data.Near, err = p.timesNearBooking(c, a, data.Slots); err != nil {
		return err
	}
	return page.Show(c, status, view.ChangePage(data))
}

func changePath(token string, with view.WhichDoctor, week string) string {
	query := url.Values{"with-doctor": {string(with)}}
	if week != "" {
		query.Set("week", week)
	}
	return bookingPath(token, "/change?"+query.Encode())
}

// doctorChoices are those that make a difference, the first of which is what most people want: their own doctor, as long as that one
// works at the branch.
func doctorChoices(doctors []clinic.Doctor, own clinic.Doctor) []view.WhichDoctor {
	var out []view.WhichDoctor
	if slices.ContainsFunc(doctors, func(d clinic.Doctor) bool { return d.ID == own.ID }) {
		out = append(out, view.SameDoctor)
	}
	women := 0
	for _, d := range doctors {
		if d.Sex == clinic.Female {
			women++
		}
	}
	if women > 0 && women < len(doctors) && (women > 1 || own.Sex != clinic.Female) {
		out = append(out, view.WomanDoctor)
	}
	if len(doctors) > 1 || len(out) == 0 {
		out = append(out, view.EveryDoctor)
	}
	return out
}

// weekOf is the first day of the week that is shown first: the booking's day is in its middle, as far as that can be.
func (p *Pages) weekOf(c *gin.Context, a clinic.Appointment) clinic.Date {
	first := clinic.DateOf(a.Slot.StartsAt, a.Branch.Location()).AddDays(-weekDays / 2)
	horizon := a.Branch.Horizon(patientOf(c), p.Now())
	if last := horizon.Last.AddDays(1 - weekDays); last.Before(first) {
		first = last
	}
	if first.Before(horizon.First) {
		first = horizon.First
	}
	return first
}

// timesNearBooking are the free times near that of a booking: on its day, at its hour on another, and what lies nearest besides.
func (p *Pages) timesNearBooking(c *gin.Context, a clinic.Appointment, wish view.Slots) ([]view.Time, error) {
	patient, now, loc := patientOf(c), p.Now(), a.Branch.Location()
	from, until := a.Slot.StartsAt.AddDate(0, 0, -nearDays), a.Slot.StartsAt.AddDate(0, 0, nearDays)
	if from.Before(now) {
		from = now
	}
	q := store.SlotQuery{BranchID: a.Branch.ID, DoctorID: wish.DoctorID, From: from, Until: until, FreeOnly: true, For: patient}
	if wish.Female {
		q.Sex = clinic.Female
	}
	free, err := p.Store.Slots(c.Request.Context(), q)
	if err != nil {
		return nil, err
	}
	free = slices.DeleteFunc(free, func(s clinic.SlotWithState) bool { return s.CheckBookable(a.Branch, patient, now) != nil })
	near := clinic.NearestSlots(free, a.Slot, nextTimes, loc)
	slices.SortStableFunc(near, func(a, b clinic.SlotWithState) int { return a.StartsAt.Compare(b.StartsAt) })
	out := make([]view.Time, len(near))
	for i, s := range near {
		out[i] = p.time(c, s.Slot, a.Branch, doctorOf(wish.Doctors, s.DoctorID))
	}
	return out, nil
}

// ChooseChange keeps the time that was chosen, and goes on to the page that shows what would change. One that is gone leads back to the
// choice.
func (p *Pages) ChooseChange(c *gin.Context) error {
	a, err := p.changeable(c)
	if err != nil || c.IsAborted() {
		return err
	}
	sent := c.Request.PostForm
	_, err = p.Store.HoldForMove(c.Request.Context(), patientOf(c), sent.Get("slot"))
	if refusal := refusalOf(err); refusal != nil {
		return p.refuseChange(c, a, sent, refusal)
	}
	if err != nil {
		return err
	}
	query := url.Values{"slot": {sent.Get("slot")}}
	if with := sent.Get("with-doctor"); with != "" {
		query.Set("with-doctor", with)
	}
	return page.GoTo(c, bookingPath(c.Param("token"), "/confirm?"+query.Encode()))
}

// refuseChange shows the choice once more, with near times.
func (p *Pages) refuseChange(c *gin.Context, a clinic.Appointment, asked url.Values, refusal *clinic.Error) error {
	if refusal.Message == "error.own.late" || refusal.Message == "error.own.status" || refusal.Message == "error.own.cancelled" {
		return p.afterRefusal(c, refusal)
	}
	status, refusal := statusOf(refusal)
	return p.showChange(c, status, a, asked, refusal)
}

// ShowConfirm shows what a change would do. A time that is gone by now leads back to the choice, and the booking's own to its page: that is
// what the back button finds once the change is made.
func (p *Pages) ShowConfirm(c *gin.Context) error {
	a, err := p.changeable(c)
	if err != nil || c.IsAborted() {
		return err
	}
	ctx, asked := c.Request.Context(), c.Request.URL.Query()
	slot, err := p.Store.Slot(ctx, asked.Get("slot"))
	if clinic.CodeOf(err) == clinic.NotFound {
		return p.refuseChange(c, a, asked, refusalOf(clinic.UnknownSlotError()))
	}
	if err != nil {
		return err
	}
	if slot.ID == a.Slot.ID {
		return page.GoTo(c, bookingPath(c.Param("token"), ""))
	}
	patient := patientOf(c)
	if refusal := refusalOf(a.CheckMove(slot, clinic.Branch{ID: slot.BranchID}, patient, p.Now())); refusal != nil {
		return p.refuseChange(c, a, asked, refusal)
	}
	hold, err := p.Store.HoldOf(ctx, patient)
	if clinic.CodeOf(err) == clinic.NotFound || err == nil && hold.Slot.ID != slot.ID {
		hold, err = clinic.Hold{}, nil
	}
	if err != nil {
		return err
	}
	if !hold.Kept() {
		gone, err := p.gone(c, slot, a.Branch)
		if err != nil {
			return err
		}
		if gone != nil {
			return p.refuseChange(c, a, asked, gone)
		}
	}
	doctors, err := p.Store.DoctorsAt(ctx, a.Branch.ID)
	if err != nil {
		return err
	}
	return page.Show(c, http.StatusOK, view.ConfirmPage(view.Confirm{
		Token: c.Param("token"), Reference: a.Booking.Reference, Old: p.appointmentTime(c, a), New: p.time(c, slot, a.Branch, doctorOf(doctors, slot.DoctorID)),
		Branch: a.Branch, Sequence: a.Booking.Sequence, Which: view.WhichDoctor(asked.Get("with-doctor")), Pending: a.Booking.Status == clinic.Pending,
		Letter: a.Patient.Email != "", Left: p.left(hold), Until: hold.ExpiresAt,
	}))
}

// MoveOwn gives the booking its new time. Sent once more it says that it is done, and after another change it does nothing: the booking is
// no longer the one that the page showed.
func (p *Pages) MoveOwn(c *gin.Context) error {
	page.Private(c)
	sent, token := c.Request.PostForm, c.Param("token")
	sequence, err := strconv.Atoi(sent.Get("seen-sequence"))
	if err != nil {
		sequence = -1 // nobody has seen that one
	}
	err = p.Store.MoveOwn(c.Request.Context(), patientOf(c), sent.Get("slot"), sequence)
	refusal := refusalOf(err)
	switch {
	case err == nil || refusal != nil && refusal.Message == "error.move.same":
		if err := p.renewPass(c); err != nil {
			return err
		}
		return page.GoTo(c, bookingPath(token, "?done=moved"))
	case refusal == nil:
		return err
	case refusal.Code == clinic.NotFound || refusal.Code == clinic.Conflict:
		return p.afterRefusal(c, refusal)
	}
	a, err := p.changeable(c)
	if err != nil || c.IsAborted() {
		return err
	}
	return p.refuseChange(c, a, sent, refusal)
}

// renewPass lets the pass of the browser last until the new end of the counseling.
func (p *Pages) renewPass(c *gin.Context) error {
	chart, err := p.chart(c)
	if err != nil || c.IsAborted() || chart.pass.Kind == "" || !p.Now().Before(chart.pass.Ends) {
		return err
	}
	chart.pass.Ends = chart.Appointment.Slot.EndsAt
	return p.givePass(c, chart.Appointment.Booking.ID, chart.pass)
}
