package office

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
)

// ruleFields are the fields of the form, in their order.
var ruleFields = []string{
	"open_days", "closes", "closes_hours", "closes_days", "closes_at", "changes", "changes_hours", "changes_days", "changes_at", "live_bookings",
	"approve_first", "no_shows", "waiting", "offer_minutes", "quiet_from", "quiet_until", "unfinished", "unfinished_at", "reminder", "reminder_at", "morning", "morning_at", "thanks", "thanks_at", "notices",
	"keep_answers", "keep_drafts",
}

// rulesForm fills the form in.
func rulesForm(s clinic.BranchSettings) url.Values {
	form := url.Values{
		"open_days": {strconv.Itoa(s.OpenDays)}, "live_bookings": {strconv.Itoa(s.LiveBookings)}, "no_shows": {strconv.Itoa(s.NoShows)},
	}
	if s.ApproveFirst {
		form.Set("approve_first", "yes")
	}
	form.Set("offer_minutes", strconv.Itoa(s.Waiting.Minutes))
	form.Set("quiet_from", s.Waiting.QuietFrom.String())
	form.Set("quiet_until", s.Waiting.QuietUntil.String())
	if !s.Waiting.Off {
		form.Set("waiting", "yes")
	}
	form.Set("notices", s.Notices)
	form.Set("keep_answers", strconv.Itoa(s.Keep.Or().Answers))
	form.Set("keep_drafts", strconv.Itoa(s.Keep.Or().Drafts))
	for _, kind := range clinic.FutureKinds {
		t := s.LetterTimes().Of(kind)
		form.Set(string(kind)+"_at", t.At.String())
		if t.On {
			form.Set(string(kind), "yes")
		}
	}
	for name, d := range map[string]clinic.Deadline{"closes": s.Closes, "changes": s.Changes} {
		form.Set(name, view.ByHours)
		form.Set(name+"_hours", strconv.Itoa(d.Hours))
		if d.Days > 0 {
			form.Set(name, view.ByDay)
			form.Set(name+"_days", strconv.Itoa(d.Days))
			form.Set(name+"_at", d.At.String())
		}
	}
	return form
}

// readRules reads the form over what else the branch has set. What is no number becomes one that no rule allows.
func readRules(form url.Values, s clinic.BranchSettings) clinic.BranchSettings {
	s.OpenDays, s.LiveBookings, s.NoShows = number(form.Get("open_days")), clinic.ParseLiveBookings(form.Get("live_bookings")), number(form.Get("no_shows"))
	if s.OpenDays == 0 {
		s.OpenDays = noNumber // 0 is as far as possible, which nobody means by it
	}
	s.ApproveFirst = form.Get("approve_first") != ""
	s.Waiting = readWaitingRule(form)
	s.Keep = clinic.KeepRule{Answers: days(form.Get("keep_answers")), Drafts: days(form.Get("keep_drafts"))}
	s.Letters, s.Notices = readLetterTimes(form), form.Get("notices")
	for name, d := range map[string]*clinic.Deadline{"closes": &s.Closes, "changes": &s.Changes} {
		*d = clinic.Deadline{}
		if form.Get(name) != view.ByDay {
			d.Hours = number(form.Get(name + "_hours"))
			continue
		}
		if d.Days = number(form.Get(name + "_days")); d.Days == 0 {
			d.Days = noNumber
		}
		var ok bool
		if d.At, ok = clinic.ParseClock(form.Get(name + "_at")); !ok {
			d.At = noNumber
		}
	}
	return s
}

// readWaitingRule reads what the branch decides about its waiting list. Two midnights are no quiet hours, as any other time twice.
func readWaitingRule(form url.Values) clinic.WaitingRule {
	r := clinic.WaitingRule{Off: form.Get("waiting") == "", Minutes: number(form.Get("offer_minutes"))}
	if r.Minutes == 0 {
		r.Minutes = noNumber
	}
	for name, at := range map[string]*clinic.Clock{"quiet_from": &r.QuietFrom, "quiet_until": &r.QuietUntil} {
		var ok bool
		if *at, ok = clinic.ParseClock(form.Get(name)); !ok {
			*at = noNumber
		}
	}
	if r.QuietFrom == 0 && r.QuietUntil == 0 {
		r.QuietFrom, r.QuietUntil = clinic.NoQuiet, clinic.NoQuiet
	}
	return r
}

// readLetterTimes reads when the letters of the future go.
func readLetterTimes(form url.Values) *clinic.LetterTimes {
	read := func(kind clinic.LetterKind) clinic.LetterTime {
		at, ok := clinic.ParseClock(form.Get(string(kind) + "_at"))
		if !ok {
			at = noNumber
		}
		return clinic.LetterTime{On: form.Get(string(kind)) != "", At: at}
	}
	return &clinic.LetterTimes{
		Unfinished: read(clinic.Unfinished), Reminder: read(clinic.Reminder), Morning: read(clinic.Morning), Thanks: read(clinic.Thanks),
	}
}

const noNumber = -1

// days is a number of days as somebody typed it. 0 is none that anybody means.
func days(typed string) int {
	if n := number(typed); n != 0 {
		return n
	}
	return noNumber
}

// number is a whole number as somebody typed it, or noNumber.
func number(typed string) int {
	n, err := strconv.Atoi(strings.TrimSpace(clinic.Narrow(typed)))
	if err != nil || n < 0 {
		return noNumber
	}
	return n
}

// rulesToEdit is the branch whose rules the actor may edit, by the id in the path.
func (p *Pages) rulesToEdit(c *gin.Context) (clinic.Branch, error) {
	branch, err := p.Store.Branch(c.Request.Context(), c.Param("id"))
	if err == nil && !page.Actor(c).May(clinic.ManageClinic, branch.ID) {
		err = store.NotFound()
	}
	return branch, err
}

// readPurges reads what goes next at a branch, and what went.
func (p *Pages) readPurges(c *gin.Context, branch clinic.Branch, data *view.Rules) (err error) {
	if data.Coming, err = p.Store.PurgeComing(c.Request.Context(), page.Actor(c), branch); err != nil {
		return err
	}
	data.Purged, err = p.Store.Purged(c.Request.Context(), page.Actor(c), branch.ID)
	return err
}

// ShowRules shows what a branch has decided for those who book online.
func (p *Pages) ShowRules(c *gin.Context) error {
	branch, err := p.rulesToEdit(c)
	if err != nil {
		return err
	}
	data := view.Rules{Frame: p.frame(c, branch), Form: rulesForm(branch.Settings), Revision: branch.Revision, Saved: justSaved(c)}
	if err := p.readPurges(c, branch, &data); err != nil {
		return err
	}
	return page.Show(c, http.StatusOK, view.RulesPage(data))
}

// SaveRules stores them, or shows what is wrong, or what somebody else has saved since the form was drawn.
func (p *Pages) SaveRules(c *gin.Context) error {
	stored, err := p.rulesToEdit(c)
	if err != nil {
		return err
	}
	sent, before := c.Request.PostForm, rulesForm(stored.Settings)
	seen, form := page.ReadSeen(sent), decided(sent, before)
	settings, errs := clinic.CheckBranchSettings(readRules(form, stored.Settings))
	if len(errs) > 0 {
		stay(c, c.Request.URL.Path)
		data := view.Rules{Frame: p.frame(c, stored), Form: form, Revision: seen.Revision, Errors: errs}
		if err := p.readPurges(c, stored, &data); err != nil {
			return err
		}
		return page.Show(c, http.StatusUnprocessableEntity, view.RulesPage(data))
	}
	if differ := differences(seen, stored.Revision, ruleFields, before, rulesForm(settings)); len(differ) > 0 {
		return page.Show(c, http.StatusConflict, view.RulesConflictPage(p.conflict(c, stored.ID, sent, stored.Revision, differ)))
	}
	stored.Settings = settings
	switch _, err := p.Store.SaveBranch(c.Request.Context(), page.Actor(c), stored); {
	case clinic.IsStale(err): // saved by somebody else since it was read: what they saved is compared anew
		return p.SaveRules(c)
	case err != nil:
		return err
	}
	return page.GoTo(c, c.Request.URL.Path+savedMark)
}
