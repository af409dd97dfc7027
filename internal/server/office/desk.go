package office

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	"madoguchi/web"
	view "madoguchi/web/office"
	"madoguchi/web/ui"
)

// desk is what a view of a branch's calendar has in common with the others. The title and the arrows are those of the day; a view of
// more than a day puts its own in their place. What stands beside the calendar is read meanwhile: beside waits for it, puts it in, and must be called.
func (p *Pages) desk(c *gin.Context, branch clinic.Branch, f view.Frame, shown view.DeskView) (d view.Desk, beside func(*view.Desk) error, err error) {
	ctx, l := c.Request.Context(), web.LocaleOf(c.Request.Context())
	d = view.Desk{ChosenDay: p.chooseDay(c.Query("date"), branch.Location()), View: shown}
	d.Title, d.Before, d.After = l.Day(d.Date, p.HolidayName(d.Date, l.Lang())), d.Date.AddDays(-1), d.Date.AddDays(1)
	if d.Doctors, err = p.Store.DoctorsAt(ctx, branch.ID); err != nil {
		return d, nil, err
	}
	d.Filter = view.ReadDeskFilter(c.Request.URL.Query(), d.Doctors)
	if page.IsLive(c) { // asks for no more than the calendar
		return d, func(*view.Desk) error { return nil }, nil
	}
	var month []view.MiniWeek
	var todo []view.Todo
	date, today, copied := d.Date, d.Today, c.Copy()
	read := page.Beside(func() (err error) {
		if month, err = p.miniMonth(copied, branch, date); err != nil {
			return err
		}
		todo, err = p.todo(copied, branch, f, date, today)
		return err
	})
	return d, func(d *view.Desk) error {
		err := read()
		d.Month, d.Todo = month, todo
		return err
	}, nil
}

// todo is what waits for the front desk of a branch, as far as the calendar of a day shows it.
func (p *Pages) todo(c *gin.Context, branch clinic.Branch, f view.Frame, date, today clinic.Date) (out []view.Todo, err error) {
	ctx, actor, l, loc := c.Request.Context(), page.Actor(c), web.LocaleOf(c.Request.Context()), branch.Location()
	n, first, err := p.Store.PendingBookings(ctx, actor, branch.ID)
	if err != nil {
		return nil, err
	}
	link := func(day clinic.Date) string { return ui.Link("/office/day", "branch", branch.ID, "date", day.String()) }
	if n > 0 {
		out = append(out, view.Todo{
			Label: l.T("office.desk.todo.pending"), Help: l.T("office.desk.todo.pending.first", "When", l.DayAndTime(first, loc, "")),
			N: n, URL: link(clinic.DateOf(first, loc)), Kind: ui.TagCheck,
		})
	}
	unrecorded, err := p.Store.Unrecorded(ctx, actor, branch, today)
	if err != nil {
		return nil, err
	}
	if unrecorded > 0 {
		out = append(out, view.Todo{Label: l.T("office.desk.todo.arrivals"), N: unrecorded, URL: link(today)})
	}
	erasures, err := p.Store.CountOpenErasures(ctx, actor, branch.ID)
	if err != nil {
		return nil, err
	}
	if erasures > 0 {
		out = append(out, view.Todo{Label: l.T("office.erasure.title"), N: erasures, URL: "/office/erasures", Kind: ui.TagCheck})
	}
	if out, err = p.waitingTodo(c, branch, date, out); err != nil {
		return nil, err
	}
	if f.Trouble > 0 {
		out = append(out, view.Todo{Label: l.T("office.desk.todo.letters"), N: f.Trouble, URL: "/office/letters", Kind: ui.TagStop})
	}
	return out, nil
}

// waitingTodo says how many wait at a branch, and how many of them would come on what is free on a day.
func (p *Pages) waitingTodo(c *gin.Context, branch clinic.Branch, day clinic.Date, todo []view.Todo) ([]view.Todo, error) {
	ctx, l, loc := c.Request.Context(), web.LocaleOf(c.Request.Context()), branch.Location()
	doctors, err := p.Store.Doctors(ctx)
	if err != nil {
		return todo, err
	}
	free, err := p.freeSlots(ctx, page.Actor(c), branch, day.In(loc), day.AddDays(1).In(loc))
	if err != nil {
		return todo, err
	}
	all, fit, err := p.Store.WaitsAt(ctx, branch, free, doctors)
	if err != nil || all == 0 {
		return todo, err
	}
	t := view.Todo{Label: l.T("office.waiting.todo"), N: all, URL: ui.Link("/office/waiting", "branch", branch.ID)}
	if fit > 0 {
		t.Help = l.N("office.waiting.todo.fit", fit)
	}
	return append(todo, t), nil
}

// miniMonth is the month of a day in whole weeks. How full a day is stands at those to come.
func (p *Pages) miniMonth(c *gin.Context, branch clinic.Branch, day clinic.Date) ([]view.MiniWeek, error) {
	key := strings.Join([]string{"month", branch.ID, day.AddDays(1 - day.Day).String(), page.Lang(c)}, " ")
	have, err := p.once(c, branch.ID, key, func() (drawing, error) {
		month, err := p.newMiniMonth(c, branch, day)
		return drawing{month: month}, err
	})
	return have.month, err
}

func (p *Pages) newMiniMonth(c *gin.Context, branch clinic.Branch, day clinic.Date) ([]view.MiniWeek, error) {
	first := clinic.Date{Year: day.Year, Month: day.Month, Day: 1}
	begin := monday(first)
	weeks := 5
	for end := begin.AddDays(7 * weeks); end.Month == day.Month && end.Year == day.Year; end = begin.AddDays(7 * weeks) {
		weeks++
	}
	end := begin.AddDays(7*weeks - 1)
	sums, err := ofDays(p, c, &p.sums, branch, "", begin, end, func(first, last clinic.Date) ([]daySum, error) {
		return p.sumDays(c, branch, first, last)
	})
	if err != nil {
		return nil, err
	}
	hasSlots := func(s daySum) bool { return s.all > 0 }
	begins := slices.IndexFunc(sums, hasSlots) // the days with slots lie between them
	ends := len(sums) - 1
	for ends >= 0 && !hasSlots(sums[ends]) {
		ends--
	}
	month := make([]view.MiniWeek, weeks)
	for i := range month {
		for n := range month[i] {
			at := begin.AddDays(7*i + n)
			_, holiday := p.Holiday(at, page.Lang(c))
			d := view.MiniDay{Date: at, Other: at.Month != day.Month, Holiday: holiday || at.Weekday() == time.Sunday}
			if s := sums[7*i+n]; s.slots > 0 {
				d.Mark = clinic.DayMark(s.slots, s.free)
			} else {
				d.None = s.all == 0 && begins >= 0 && begins < 7*i+n && 7*i+n < ends
			}
			month[i][n] = d
		}
	}
	return month, nil
}

// daySum is how many slots a day has, and how many of them are still to come and free.
type daySum struct{ all, slots, free int }

// sumDays are the sums of the days of a branch from the first to the last.
func (p *Pages) sumDays(c *gin.Context, branch clinic.Branch, first, last clinic.Date) ([]daySum, error) {
	loc := branch.Location()
	available, err := p.Store.Availability(c.Request.Context(), store.SlotQuery{
		BranchID: branch.ID, From: first.In(loc), Until: last.AddDays(1).In(loc), For: page.Actor(c),
	})
	if err != nil {
		return nil, err
	}
	days, now := map[clinic.Date]daySum{}, p.Now()
	for _, a := range available {
		at := clinic.DateOf(a.StartsAt, loc)
		s := days[at]
		s.all += a.Slots
		if a.StartsAt.After(now) {
			s.slots += a.Slots
			s.free += a.Free
		}
		days[at] = s
	}
	var out []daySum
	for day := first; !last.Before(day); day = day.AddDays(1) {
		out = append(out, days[day])
	}
	return out, nil
}

// showDesk shows a view of a branch's calendar: the whole page, or what a page asks for that brings itself up to date.
func (p *Pages) showDesk(c *gin.Context, f view.Frame, d view.Desk, status int, whole templ.Component) error {
	if !page.IsLive(c) {
		return page.Show(c, status, whole)
	}
	status, part := dayStatus(d.ChosenDay), view.DeskPart(f, d)
	kept, ok := d.Calendar.(keptCalendar)
	if !ok || status != http.StatusOK || !page.Unpacks(c) {
		return page.Show(c, status, part)
	}
	packed, err := kept.live.get(func() ([]byte, error) { return page.Pack(c, part) })
	if err != nil {
		return err
	}
	return page.ShowPacked(c, status, packed)
}

// refused is why something was refused that somebody wanted to do at the front desk's calendar. The zero value refuses nothing.
type refused struct {
	status  int
	problem *clinic.Error
	stay    []string // the ids of the slots that stay as they are
}

// afterAct puts onto a page of the calendar what was just done, or why it was not, and returns the status of the page.
func (p *Pages) afterAct(c *gin.Context, branch clinic.Branch, d *view.Desk, why refused) (status int, err error) {
	if page.IsLive(c) {
		return http.StatusOK, nil
	}
	status, d.Problem = dayStatus(d.ChosenDay), why.problem
	stay := why.stay
	if why.problem != nil {
		status = why.status
	} else {
		if d.Undo, err = p.undo(c, branch); err != nil {
			return status, err
		}
		if d.Undo != nil {
			stay = d.Undo.Stay
		}
	}
	d.Stayed, err = p.stayed(c, branch, stay)
	return status, err
}

// mostStayed is how many slots are listed at most that could not be changed.
const mostStayed = 20

// stayed says of slots of a branch that could not be changed why that is so, as they are now.
func (p *Pages) stayed(c *gin.Context, branch clinic.Branch, ids []string) (out []view.Stayed, err error) {
	ctx, actor, l, loc := c.Request.Context(), page.Actor(c), web.LocaleOf(c.Request.Context()), branch.Location()
	days := map[clinic.Date][]store.SlotEntry{}
	for _, id := range ids[:min(len(ids), mostStayed)] {
		slot, err := p.Store.Slot(ctx, id)
		if clinic.CodeOf(err) == clinic.NotFound || err == nil && slot.BranchID != branch.ID {
			continue
		}
		if err != nil {
			return nil, err
		}
		day := clinic.DateOf(slot.StartsAt, loc)
		if _, known := days[day]; !known {
			if days[day], _, err = p.Store.Day(ctx, actor, branch, day); err != nil {
				return nil, err
			}
		}
		entry := store.SlotEntry{Slot: clinic.SlotWithState{Slot: slot}}
		if i := slices.IndexFunc(days[day], func(e store.SlotEntry) bool { return e.Slot.ID == id }); i >= 0 {
			entry = days[day][i]
		}
		line := view.Stayed{When: l.DayAndTime(slot.StartsAt, loc, "")}
		doctor, _, err := p.Store.Doctor(ctx, slot.DoctorID)
		if err != nil {
			return nil, err
		}
		line.Doctor = l.T("office.doctor_name", "Name", doctor.Name(l.Lang()))
		if line.Why, line.URL, err = p.whyStayed(c, l, entry); err != nil {
			return nil, err
		}
		out = append(out, line)
	}
	return out, nil
}

func (p *Pages) whyStayed(c *gin.Context, l web.Locale, e store.SlotEntry) (why, url string, err error) {
	switch {
	case e.Appointment != nil:
		page.Saw(c, clinic.SawFound, clinic.AboutBooking(*e.Appointment))
		return l.T("office.did.why.booked", "Person", l.T("office.person", "Name", e.Appointment.Patient.Name())), "/office/bookings/" + e.Appointment.Booking.ID, nil
	case e.HeldBy != "":
		names, err := p.Store.StaffNames(c.Request.Context(), e.HeldBy)
		return l.T("office.did.why.held", "Name", names[e.HeldBy]), "", err
	case e.Slot.State == clinic.SlotHeld:
		return l.T("office.did.why.visitor"), "", nil
	case !e.Slot.StartsAt.After(p.Now()):
		return l.T("office.did.why.begun"), "", nil
	}
	return l.T("office.did.why.over"), "", nil
}
