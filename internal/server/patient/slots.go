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
	pages "madoguchi/web/patient"
)

const (
	weekDays  = 7
	nextTimes = 3
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
	view := pages.Slots{Attribution: p.attribution(asked), Branches: branches, Problem: problem, Female: asked.Get("sex") == string(clinic.Female)}
	var ok bool
	if view.Branch, ok = branchOf(branches, asked.Get("branch")); !ok && len(branches) == 1 {
		view.Branch, ok = branches[0], true
	}
	if !ok {
		return page.Show(c, status, pages.SlotsPage(view))
	}
	if view.Doctors, err = p.Store.DoctorsAt(ctx, view.Branch.ID); err != nil {
		return err
	}
	if slices.ContainsFunc(view.Doctors, func(d clinic.Doctor) bool { return d.ID == asked.Get("doctor") }) {
		view.DoctorID = asked.Get("doctor")
	}
	if err := p.fillWeek(c, &view, asked.Get("week")); err != nil {
		return err
	}
	if view.Next, err = p.nextTimes(c, view); err != nil {
		return err
	}
	return page.Show(c, status, pages.SlotsPage(view))
}

// query is what the visitor asks for, from an instant until another.
func (p *Pages) query(c *gin.Context, view pages.Slots, from, until time.Time) store.SlotQuery {
	q := store.SlotQuery{BranchID: view.Branch.ID, DoctorID: view.DoctorID, From: from, Until: until, Visitor: p.Visitor(c)}
	if view.Female {
		q.Sex = clinic.Female
	}
	return q
}

// fillWeek lays out seven days from the one asked for, all of them within the visitor's horizon. For any other, such as that
// of an old link, it lays out those from today.
func (p *Pages) fillWeek(c *gin.Context, view *pages.Slots, asked string) error {
	today := p.today(view.Branch)
	horizon := clinic.PublicHorizon(today)
	first, ok := clinic.ParseDate(asked)
	if !ok || !horizon.Holds(first) || !horizon.Holds(first.AddDays(weekDays-1)) {
		first = today
	}
	loc := view.Branch.Location()
	available, err := p.Store.Availability(c.Request.Context(), p.query(c, *view, first.In(loc), first.AddDays(weekDays).In(loc)))
	if err != nil {
		return err
	}
	view.Week = clinic.NewGrid(available, first, weekDays, loc, p.Now())
	view.Holidays = map[clinic.Date]string{}
	for _, day := range view.Week.Days {
		if name := p.HolidayName(day, page.Lang(c)); name != "" {
			view.Holidays[day] = name
		}
	}
	if today.Before(first) {
		view.Before = first.AddDays(-weekDays).String()
		if before, _ := clinic.ParseDate(view.Before); before.Before(today) {
			view.Before = today.String()
		}
	}
	if after := first.AddDays(weekDays); horizon.Holds(after.AddDays(weekDays - 1)) {
		view.After = after.String()
	}
	return nil
}

// nextTimes are the first free times that fit, each with whether it is the last one at its hour.
func (p *Pages) nextTimes(c *gin.Context, view pages.Slots) ([]pages.Time, error) {
	ctx, now := c.Request.Context(), p.Now()
	last := clinic.PublicHorizon(p.today(view.Branch)).Last
	q := p.query(c, view, now, last.AddDays(1).In(view.Branch.Location()))
	q.FreeOnly, q.Limit = true, nextTimes
	next, err := p.Store.Availability(ctx, q)
	if err != nil || len(next) == 0 {
		return nil, err
	}
	// How many there were of each is asked for the few times that are shown.
	q = p.query(c, view, next[0].StartsAt, next[len(next)-1].StartsAt.Add(time.Second))
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
	var out []pages.Time
	for _, o := range next {
		slot, ok := slots[o.SlotID]
		if !ok { // withdrawn this very moment
			continue
		}
		t := p.time(c, slot, view.Branch, doctorOf(view.Doctors, slot.DoctorID))
		t.Few = slices.ContainsFunc(all, func(a clinic.Availability) bool {
			return a.StartsAt.Equal(o.StartsAt) && a.Mark(now) == clinic.MarkFew
		})
		out = append(out, t)
	}
	return out, nil
}

func doctorOf(doctors []clinic.Doctor, id string) clinic.Doctor {
	for _, d := range doctors {
		if d.ID == id {
			return d
		}
	}
	return clinic.Doctor{}
}

// HoldSlot keeps the chosen time for the visitor and goes on to the form. Somebody who was quicker sends them back to
// the grid, where the next free times come first.
func (p *Pages) HoldSlot(c *gin.Context) error {
	sent := c.Request.PostForm
	slotID := sent.Get("slot")
	_, err := p.Store.Hold(c.Request.Context(), slotID, p.NewVisitor(c), page.ClientAddress(c))
	if refusal := refusalOf(err); refusal != nil {
		status, refusal := statusOf(refusal)
		return p.showSlots(c, status, sent, refusal)
	}
	if err != nil {
		return err
	}
	query := attributionQuery(p.attribution(sent), url.Values{"slot": {slotID}})
	return page.GoTo(c, "/book?"+query.Encode())
}
