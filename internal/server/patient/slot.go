package patient

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/patient"
)

// nextTimes is how many of the next free times are shown, and nearTimes how many near one that is gone.
const (
	nextTimes = 3
	nearTimes = 4
)

// ShowSlots is the choice of a time: the next free ones first, then a week as a grid.
func (p *Pages) ShowSlots(c *gin.Context) error {
	p.Public(c)
	return p.showSlots(c, http.StatusOK, c.Request.URL.Query(), nil)
}

// showSlots shows the choice that a query or a form asks for, with the reason why the visitor is here again, if any.
func (p *Pages) showSlots(c *gin.Context, status int, asked url.Values, problem *clinic.Error) error {
	ctx := c.Request.Context()
	branches, err := p.Store.Branches(ctx)
	if err != nil {
		return err
	}
	from, err := p.attribution(c, asked)
	if err != nil {
		return err
	}
	data := view.Slots{
		Attribution: from, Branches: branches, Problem: p.told(c, problem), Wish: wishOf("", asked.Get("sex")), Travelling: p.Travelling(c),
	}
	var ok bool
	if data.Branch, ok = branchOf(branches, asked.Get("branch")); !ok && len(branches) == 1 {
		data.Branch, ok = branches[0], true
	}
	if !ok {
		return page.Show(c, status, view.SlotsPage(data))
	}
	p.countSeen(c, data.Branch, from.Attribution)
	if data.Doctors, err = p.Store.DoctorsAt(ctx, data.Branch.ID); err != nil {
		return err
	}
	if slices.ContainsFunc(data.Doctors, func(d clinic.Doctor) bool { return d.ID == asked.Get("doctor") }) {
		data.DoctorID = asked.Get("doctor")
	}
	if err := p.fillWeek(c, &data, asked.Get("week")); err != nil {
		return err
	}
	if data.Female {
		data.Misfit = clinic.WomanMisfit(data.Doctors, data.DoctorID)
	}
	if data.Misfit != "" {
		return page.Show(c, status, view.SlotsPage(data))
	}
	if problem != nil {
		if data.Gone, err = p.startOf(c, asked.Get("slot")); err != nil {
			return err
		}
	}
	if data.Next, err = p.nextTimes(c, data); err != nil {
		return err
	}
	return page.Show(c, status, view.SlotsPage(data))
}

// startOf is when a slot begins that a visitor asked for; zero where there is none.
func (p *Pages) startOf(c *gin.Context, slotID string) (time.Time, error) {
	slot, err := p.Store.Slot(c.Request.Context(), slotID)
	if clinic.CodeOf(err) == clinic.NotFound {
		err = nil
	}
	return slot.StartsAt, err
}

// looking is who looks for a time: a visitor, or the patient who moves the booking behind their link.
func (p *Pages) looking(c *gin.Context) clinic.Actor {
	if c.Param("token") != "" {
		return patientOf(c)
	}
	return p.Visitor(c)
}

// query is what the visitor asks for, from an instant until another.
func (p *Pages) query(c *gin.Context, data view.Slots, from, until time.Time) store.SlotQuery {
	q := store.SlotQuery{BranchID: data.Branch.ID, DoctorID: data.DoctorID, From: from, Until: until, For: p.looking(c)}
	if data.Female {
		q.Sex = clinic.Female
	}
	return q
}

// nextTimes are the free times to offer: those near the one that is gone, or else those that most people ask for.
func (p *Pages) nextTimes(c *gin.Context, data view.Slots) ([]view.Time, error) {
	ctx, now := c.Request.Context(), data.Branch.Opens(p.looking(c), p.Now())
	next, err := p.timesNear(c, data)
	if err == nil && len(next) == 0 {
		next, err = p.firstTimes(c, data)
	}
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(next))
	for i, t := range next {
		ids[i] = t.SlotID
	}
	slots, err := p.Store.SlotsByID(ctx, ids...)
	if err != nil {
		return nil, err
	}
	var out []view.Time
	for _, t := range next {
		slot, ok := slots[t.SlotID]
		if !ok { // withdrawn this very moment
			continue
		}
		shown := p.time(c, slot, data.Branch, doctorOf(data.Doctors, slot.DoctorID))
		shown.Few, shown.Earliest, shown.Evening, shown.Saturday = t.Mark(now) == clinic.MarkFew, t.Earliest, t.Evening, t.Saturday
		out = append(out, shown)
	}
	return out, nil
}

// firstTimes are the free times that most people ask for and that fit. They are looked for some days ahead at first, which is
// enough for most, then a month further, and only where there is none at all as far as can be booked.
func (p *Pages) firstTimes(c *gin.Context, data view.Slots) ([]clinic.NextTime, error) {
	ctx, now, loc := c.Request.Context(), p.Now(), data.Branch.Location()
	opens := data.Branch.Opens(p.looking(c), now)
	today := p.today(data.Branch)
	last := data.Branch.Horizon(p.looking(c), now).Last.AddDays(1)
	var available []clinic.Availability
	var next []clinic.NextTime
	from := now
	for _, day := range []clinic.Date{today.AddDays(8), today.AddDays(36), last} {
		if day == last && len(next) > 0 {
			break
		}
		if last.Before(day) {
			day = last
		}
		until := day.In(loc)
		more, err := p.Store.Availability(ctx, p.query(c, data, from, until))
		if err != nil {
			return nil, err
		}
		available, from = append(available, more...), until
		var complete bool
		if next, complete = clinic.NextTimes(available, nextTimes, loc, opens); complete {
			break
		}
	}
	return next, nil
}

// nearDays is how many days are looked at for a time near one that is gone.
const nearDays = 14

// timesNear are the free times near the one that is gone, if one is.
func (p *Pages) timesNear(c *gin.Context, data view.Slots) ([]clinic.NextTime, error) {
	if data.Gone.IsZero() {
		return nil, nil
	}
	loc := data.Branch.Location()
	day, end := clinic.DateOf(data.Gone, loc), data.Branch.Horizon(p.looking(c), p.Now()).Last
	if last := day.AddDays(nearDays - 1); last.Before(end) {
		end = last
	}
	available, err := p.Store.Availability(c.Request.Context(), p.query(c, data, day.In(loc), end.AddDays(1).In(loc)))
	return clinic.Nearest(available, data.Gone, nearTimes, loc, data.Branch.Opens(p.looking(c), p.Now())), err
}

// time is a slot as pages show it.
func (p *Pages) time(c *gin.Context, slot clinic.Slot, branch clinic.Branch, doctor clinic.Doctor) view.Time {
	loc := branch.Location()
	return view.Time{
		SlotID: slot.ID, StartsAt: slot.StartsAt, EndsAt: slot.EndsAt, Zone: loc, Doctor: doctor,
		Holiday: p.HolidayName(clinic.DateOf(slot.StartsAt, loc), page.Lang(c)),
	}
}

func (p *Pages) appointmentTime(c *gin.Context, a clinic.Appointment) view.Time {
	return p.time(c, a.Slot, a.Branch, a.Doctor)
}
