package office

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
	"madoguchi/web/ui"
)

// setupRows is how many new doctors the form has room for.
const setupRows = 4

func setupPath(branchID string, step clinic.SetupStep) string {
	return ui.Link("/office/setup", "branch", branchID, "step", string(step))
}

// nothingBookable reports whether none of the branches that a person manages can be booked yet.
func (p *Pages) nothingBookable(c *gin.Context) bool {
	setups, err := p.Store.Setups(c.Request.Context(), page.Actor(c))
	for _, s := range setups {
		if s.Slots {
			return false
		}
	}
	return err == nil
}

// ShowSetup leads from an empty clinic to its first bookable week: ?branch=ID&step=STEP, each of which may be left out; branch=new is for
// one more branch.
func (p *Pages) ShowSetup(c *gin.Context) error {
	data, err := p.setup(c, c.Query("branch"), clinic.SetupStep(c.Query("step")))
	if err != nil {
		return err
	}
	return p.showSetup(c, http.StatusOK, data)
}

// setup is the page as it is stored, at a step; without one at the first that is left.
func (p *Pages) setup(c *gin.Context, branchID string, step clinic.SetupStep) (view.Setup, error) {
	ctx, actor := c.Request.Context(), page.Actor(c)
	data := view.Setup{Drawn: clinic.NewID(), Sender: p.Sender, Import: p.Import, Everywhere: actor.MayEverywhere(clinic.ManageClinic)}
	branch, branches, err := p.branchOf(c, clinic.ManageClinic, branchID)
	if err != nil {
		return data, err
	}
	if branchID == newID {
		branch = clinic.Branch{Zone: clinic.DefaultZone}
	} else if branchID != "" && branch.ID != branchID {
		return data, store.NotFound()
	}
	data.Frame = p.frame(c, branch)
	data.Manages, data.Edited, data.Today = branches, branch, clinic.DateOf(p.Now(), branch.Location())
	setups, err := p.Store.Setups(ctx, actor)
	if err != nil {
		return data, err
	}
	data.State = setups[branch.ID]
	if data.Step = step; branch.ID == "" {
		data.Step = clinic.SetupBranch
	} else if step != clinic.SetupDone && !slices.Contains(clinic.SetupSteps, step) {
		data.Step = data.State.Next()
	}
	for range setupRows {
		data.Rows = append(data.Rows, view.SetupDoctor{Drawn: clinic.NewID()})
	}
	data.HolidayName = func(day clinic.Date) string { return p.HolidayName(day, page.Lang(c)) }
	if err := p.setupLetter(c, &data); err != nil || branch.ID == "" {
		return data, err
	}
	return data, p.setupBranch(c, &data)
}

// setupLetter is the trial letter of whoever is looking, and whether any has arrived.
func (p *Pages) setupLetter(c *gin.Context, data *view.Setup) error {
	letters, err := p.Store.TrialLetters(c.Request.Context())
	for _, l := range letters {
		if l.OnceKey == clinic.TrialKey(data.Staff.ID) {
			mine := bookingLetter(c, l)
			data.Trial = &mine
		}
	}
	return err
}

// setupBranch is what there is of the branch.
func (p *Pages) setupBranch(c *gin.Context, data *view.Setup) error {
	ctx, actor := c.Request.Context(), page.Actor(c)
	stored, err := p.Store.Hours(ctx, actor, data.Edited.ID, p.isHoliday)
	if err != nil {
		return err
	}
	data.Plan = stored.Plan
	data.Rule, data.BranchRevision = stored.Branch.Settings.Holidays, stored.Branch.Revision
	data.CloseYearEnd = true
	if !clinic.HasYearEnd(stored.Exceptions, data.Today) {
		end := clinic.YearEnd(data.Edited.ID, data.Today)
		data.YearEnd = &end
	}
	all, err := p.Store.Doctors(ctx)
	if err != nil {
		return err
	}
	accounts, err := p.Store.DoctorsWithAccount(ctx)
	if err != nil {
		return err
	}
	data.Week = clinic.ProposedFirstWeek(data.Today)
	for _, d := range all {
		revision, works := stored.Revisions[d.ID]
		if !works {
			data.Elsewhere = append(data.Elsewhere, d)
			continue
		}
		week, _ := weekAt(clinic.WeeksOf(stored.Hours, data.Edited.ID, d.ID), "", data.Today)
		who := view.SetupWho{Doctor: d, Account: slices.Contains(accounts, d.ID), Slots: week.Slots(), Revision: revision, Ticked: week.Slots() == 0}
		if who.Room = data.FreeRoom(stored.Hours); len(week.Spans) > 0 {
			who.Room = week.Spans[0].Pattern.Room
		}
		data.Who = append(data.Who, who)
	}
	return nil
}

// showSetup shows the page with its proof: what patients see once what stands in the form of the hours is stored.
func (p *Pages) showSetup(c *gin.Context, status int, data view.Setup) error {
	if data.Edited.ID != "" {
		ctx := c.Request.Context()
		plan := data.Plan
		if week, errs := data.Week.Read(data.Edited.ID, data.Today); data.Step == clinic.SetupHours && len(errs) == 0 {
			for _, w := range data.Weeks(week) {
				plan.Hours = w.Among(plan.Hours)
			}
			data.Proposed = len(data.Weeks(week)) > 0
		}
		laying, err := p.Store.Preview(ctx, plan)
		if err != nil {
			return err
		}
		visitor := clinic.Visitor("", "")
		days := data.Edited.Horizon(visitor, p.Now())
		loc := data.Edited.Location()
		there, err := p.Store.Slots(ctx, store.SlotQuery{BranchID: data.Edited.ID, From: p.Now(), Until: days.Last.AddDays(1).In(loc), For: visitor})
		if err != nil {
			return err
		}
		open := make([]clinic.Slot, len(there))
		for i, s := range there {
			open[i] = s.Slot
		}
		data.Bookable = slices.DeleteFunc(laying.After(open), func(s clinic.Slot) bool { return !days.Holds(clinic.DateOf(s.StartsAt, loc)) })
		data.Last = days.Last
	}
	return page.Show(c, status, view.SetupPage(data))
}

// setupForm is the page for a form that was sent.
func (p *Pages) setupForm(c *gin.Context, step clinic.SetupStep) (view.Setup, error) {
	branchID := c.PostForm("branch")
	if branchID == "" && step != clinic.SetupMail {
		return view.Setup{}, store.NotFound()
	}
	data, err := p.setup(c, branchID, step)
	if err == nil && data.Edited.ID == "" && step != clinic.SetupMail {
		err = store.NotFound()
	}
	stay(c, setupPath(branchID, step))
	return data, err
}

// SetUpBranch adds a branch.
func (p *Pages) SetUpBranch(c *gin.Context) error {
	data, err := p.setup(c, newID, clinic.SetupBranch)
	if err != nil {
		return err
	}
	typed := readBranch(c.Request.PostForm, clinic.BranchSettings{LiveBookings: clinic.DefaultLiveBookings})
	branch, errs := clinic.CheckBranch(typed)
	data.Edited, data.Drawn, data.Errors = typed, drawnID(c), errs
	if len(errs) > 0 {
		stay(c, setupPath(newID, clinic.SetupBranch))
		return p.showSetup(c, http.StatusUnprocessableEntity, data)
	}
	branch.ID = data.Drawn
	if _, err := p.Store.SaveBranch(c.Request.Context(), page.Actor(c), branch); err != nil && !clinic.IsStale(err) { // sent twice it is one
		return err
	}
	return page.GoTo(c, setupPath(branch.ID, ""))
}

// SetUpHolidays stores what the branch does on public holidays and at the turn of the year.
func (p *Pages) SetUpHolidays(c *gin.Context) error {
	data, err := p.setupForm(c, clinic.SetupHolidays)
	if err != nil {
		return err
	}
	ctx, actor, sent := c.Request.Context(), page.Actor(c), c.Request.PostForm
	rule := data.Rule
	rule.Open = sent.Get("holidays") == "open"
	if rule.Open != data.Rule.Open {
		b := data.Edited
		b.Settings.Holidays = rule
		b.Revision, _ = strconv.Atoi(sent.Get("branch-revision"))
		_, err := p.Store.SaveHolidays(ctx, actor, b, nil, p.isHoliday)
		if clinic.IsStale(err) {
			data.Rule, data.CloseYearEnd, data.Conflict = rule, sent.Get("year_end") != "", true
			return p.showSetup(c, http.StatusConflict, data)
		}
		if err != nil {
			return err
		}
	}
	if sent.Get("year_end") != "" && data.YearEnd != nil {
		end := *data.YearEnd
		end.ID = drawnID(c)
		if _, err := p.Store.AddException(ctx, actor, end, nil, p.isHoliday); err != nil {
			return err
		}
	}
	return page.GoTo(c, setupPath(data.Edited.ID, clinic.SetupHolidays.After()))
}

// SetUpMail sends a trial letter to whoever asks.
func (p *Pages) SetUpMail(c *gin.Context) error {
	data, err := p.setupForm(c, clinic.SetupMail)
	if err != nil {
		return err
	}
	if err := p.Store.SendTrial(c.Request.Context(), page.Actor(c), page.Lang(c)); err != nil {
		return err
	}
	return page.GoTo(c, setupPath(data.Edited.ID, clinic.SetupMail))
}
