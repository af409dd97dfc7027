// Package office answers the staff's requests. Who may open what is decided in package server, by the list of routes;
// which of the doctors' charts a doctor may open is part of the query.
package office

import (
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/web"
	view "madoguchi/web/office"
)

// Pages are the staff's handlers.
type Pages struct {
	*page.Site

	Import bool // there is a page that takes bookings over from another system

	drawn     drawn
	entries   keptDays[dayEntries]
	counts    keptDays[clinic.DayCount]
	sums      keptDays[daySum]
	weeks     keptDays[weekDay]
	digests   digests
	names     names
	streams   streams
	unfolding sync.Mutex // held while a photo is made
}

// frame is what every page has: who is looking, the branch that the page is about, if any, and what is wrong with the letters.
func (p *Pages) frame(c *gin.Context, branch clinic.Branch) view.Frame {
	f := view.Frame{Staff: page.Staff(c), Branch: branch, Home: branch, Demo: p.Demo}
	var err error
	if f.Staff.Can(clinic.ManageClinic) {
		var setups map[string]clinic.Setup
		setups, err = p.Store.Setups(c.Request.Context(), page.Actor(c))
		f.SetUp, f.Unbookable = view.AllSetUp(setups), err == nil && branch.ID != "" && !setups[branch.ID].Slots
	}
	if f.Staff.Can(clinic.ReadAnswers) { // a doctor's list that brings itself up to date says it, too
		unsigned, problem := p.Store.CountUnsignedNotes(c.Request.Context(), page.Actor(c))
		p.logFrame(c, problem)
		handed, trouble := p.Store.CountNewCharts(c.Request.Context(), page.Actor(c))
		p.logFrame(c, trouble)
		f.Unsigned, f.Handed = unsigned, handed
	}
	if f.Staff.Can(clinic.SignCautions) && !page.IsLive(c) {
		q, problem := p.Store.CurrentQuestionnaire(c.Request.Context())
		p.logFrame(c, problem)
		if problem == nil && !q.Set.Signed() {
			f.Cautions = 1
		}
	}
	if !f.Staff.Can(clinic.SeeCalendar) || page.IsLive(c) { // which asks for the calendar alone
		return f
	}
	// These stand beside what the page is for. Where they cannot be read, it is shown without them, and the log has why.
	var trouble error
	f.Trouble, trouble = p.Store.CountLettersInTrouble(c.Request.Context(), page.Actor(c))
	seen, silence := p.Store.WorkerSeen(c.Request.Context())
	if silent, long := clinic.Silence(seen, p.Now()); long {
		f.Silent = silent
	}
	f.Backups = p.BackupState()
	f.BackupTrouble = f.Backups.Trouble(p.Now())
	var branches error
	if branch.ID == "" {
		f.Home, f.Branches, branches = p.branchOf(c, clinic.SeeCalendar, "")
	} else {
		f.Branches, branches = p.Store.BranchesFor(c.Request.Context(), page.Actor(c), clinic.SeeCalendar)
	}
	inflow, uncounted := p.Store.Inflow(c.Request.Context())
	f.Inflow = inflow
	for _, b := range f.Branches {
		if b.Settings.Stopped {
			f.Stopped = append(f.Stopped, b)
		}
	}
	p.logFrame(c, errors.Join(err, trouble, silence, branches, uncounted))
	return f
}

// logFrame writes down why what stands beside a page is not whole. The page is shown all the same, unless nobody waits for it any more.
func (p *Pages) logFrame(c *gin.Context, err error) {
	if err != nil && !page.HasLeft(c.Request.Context()) {
		p.Log.LogAttrs(c.Request.Context(), slog.LevelError, "the frame of a page is not whole", slog.String("cause", err.Error()))
	}
}

// stay tells a page that answers a POST the address at which it can be opened again, so that the language switch leads
// there.
func stay(c *gin.Context, path string) {
	c.Request = c.Request.WithContext(web.WithPath(c.Request.Context(), path))
}

// ShowStart leads to the page that a person works with; who manages a clinic that nobody can book yet is led there first.
func (p *Pages) ShowStart(c *gin.Context) error {
	switch staff := page.Staff(c); {
	case staff.Can(clinic.ReadAnswers):
		return page.GoTo(c, "/office/doctor")
	case staff.Can(clinic.ManageClinic) && p.nothingBookable(c):
		return page.GoTo(c, "/office/setup")
	}
	return page.GoTo(c, "/office/day")
}

// branchCookie remembers in a browser the branch that was chosen last.
const branchCookie = "branch"

// branchOf is the branch that the parameter "branch" asks for among those at which the person may do something; without it the one
// that was chosen last in this browser, or else the first. With no branch at all it is zero.
func (p *Pages) branchOf(c *gin.Context, ability clinic.Ability, asked string) (clinic.Branch, []clinic.Branch, error) {
	branches, err := p.Store.BranchesFor(c.Request.Context(), page.Actor(c), ability)
	if err != nil || len(branches) == 0 {
		return clinic.Branch{Zone: clinic.DefaultZone}, nil, err
	}
	last := p.Cookie(c, branchCookie)
	for _, id := range []string{asked, last} {
		for _, b := range branches {
			if b.ID != id {
				continue
			}
			if asked == id && id != last && c.Request.Method == http.MethodGet {
				p.SetCookie(c, branchCookie, id, 0)
			}
			return b, branches, nil
		}
	}
	return branches[0], branches, nil
}

// chooseDay is the day that a parameter asks for, today without it or when it cannot be read. A day beyond the horizon of
// staff is refused, and today shown instead.
func (p *Pages) chooseDay(parameter string, loc *time.Location) view.ChosenDay {
	today := clinic.DateOf(p.Now(), loc)
	asked, ok := clinic.ParseDate(parameter)
	if !ok {
		asked = today
	}
	chosen := view.ChosenDay{Date: asked, Asked: asked, Today: today, Refusal: clinic.StaffHorizon(today).Check("date", asked)}
	if chosen.Refusal != nil {
		chosen.Date = today
	}
	return chosen
}

// dayStatus is the status of a page about a day.
func dayStatus(chosen view.ChosenDay) int {
	if chosen.Refusal != nil {
		return page.Status(chosen.Refusal.Code)
	}
	return http.StatusOK
}
