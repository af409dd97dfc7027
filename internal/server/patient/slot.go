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
		Attribution: from, Branches: branches, Problem: problem, Wish: wishOf("", asked.Get("sex")), Travelling: p.Travelling(c),
	}
	var ok bool
	if data.Branch, ok = branchOf(branches, asked.Get("branch")); !ok && len(branches) == 1 {
		data.Branch, ok = branches[0], true
	}
	if !ok {
		return page.Show(c, status, view.SlotsPage(data))
	}
	if data.Doctors, err = p.Store.DoctorsAt(ctx, data.Branch.ID); err != nil {
		return err
	}
	if slices.ContainsFunc(data.Doctors, func(d clinic.Doctor) bool { return d.ID == asked.Get("doctor") }) {
		data.DoctorID = asked.Get("doctor")
	}
	if err := p.fillWeek(c, &data, asked.Get("week")); err != nil {
		return err
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

// query is what the visitor asks for, from an instant until another.
func (p *Pages) query(c *gin.Context, data view.Slots, from, until time.Time) store.SlotQuery {
	q := store.SlotQuery{BranchID: data.Branch.ID, DoctorID: data.DoctorID, From: from, Until: until, For: p.Visitor(c)}
	if data.Female {
		q.Sex = clinic.Female
	}
	return q
}

// nextTimes are the free times to offer: the nearest to the one that is gone, or else the first, each with whether it is the last
// one at its hour.
func (p *Pages) nextTimes(c *gin.Context, data view.Slots) ([]view.Time, error) {
	ctx, now := c.Request.Context(), p.Now()
	next, err := p.freeTimes(c, data)
	if err != nil || len(next) == 0 {
		return nil, err
	}
	// How many there were of each is asked for the few times that are shown.
	q := p.query(c, data, next[0].StartsAt, next[len(next)-1].StartsAt.Add(time.Second))
	all, err := p.Store.Availability(ctx, q)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(next))
	for i, o := range next {
		ids[i] = o.SlotID
	}
	slots, err := p.Store.SlotsByID(ctx, ids...)
	if err != nil {
		return nil, err
	}
	var out []view.Time
	for _, o := range next {
		slot, ok := slots[o.SlotID]
		if !ok { // withdrawn this very moment
			continue
		}
		t := p.time(c, slot, data.Branch, doctorOf(data.Doctors, slot.DoctorID))
		t.Few = slices.ContainsFunc(all, func(a clinic.Availability) bool {
			return a.StartsAt.Equal(o.StartsAt) && a.Mark(now) == clinic.MarkFew
		})
		out = append(out, t)
	}
	return out, nil
}

// nearDays is how many days are looked at for a time near one that is gone.
const nearDays = 14

// freeTimes are the times that nextTimes offers.
func (p *Pages) freeTimes(c *gin.Context, data view.Slots) ([]clinic.Availability, error) {
	ctx, now, loc := c.Request.Context(), p.Now(), data.Branch.Location()
	end := clinic.PublicHorizon(p.today(data.Branch)).Last.AddDays(1).In(loc)
	if !data.Gone.IsZero() {
		day := clinic.DateOf(data.Gone, loc)
		from, until := day.In(loc), day.AddDays(nearDays).In(loc)
		q := p.query(c, data, from, until)
		if until.After(end) {
			q.Until = end
		}
		q.FreeOnly = true
		free, err := p.Store.Availability(ctx, q)
		if err != nil || len(free) > 0 {
			return clinic.Nearest(free, data.Gone, loc, nearTimes), err
		}
	}
	q := p.query(c, data, now, end)
	q.FreeOnly, q.Limit = true, nextTimes
	return p.Store.Availability(ctx, q)
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
