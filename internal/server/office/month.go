package office

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/web"
	view "madoguchi/web/office"
)

// monthWeeks is how many weeks a month is shown in: as many as the longest begins and ends in, so that the page keeps its height.
const monthWeeks = 6

// ShowMonth shows how full the days of a month are at a branch: ?branch=ID&date=YYYY-MM-DD, a day of it.
func (p *Pages) ShowMonth(c *gin.Context) error {
	l := web.LocaleOf(c.Request.Context())
	branch, _, err := p.branchOf(c, clinic.SeeCalendar, c.Query("branch"))
	if err != nil {
		return err
	}
	f := p.frame(c, branch)
	if branch.ID == "" { // a clinic that begins has none
		return page.Show(c, http.StatusOK, view.MonthPage(view.Month{Frame: f}))
	}
	desk, err := p.desk(c, branch, f, view.MonthView)
	if err != nil {
		return err
	}
	data := view.Month{Frame: f, Desk: desk, First: desk.Date.AddDays(1 - desk.Date.Day)}
	data.Title = l.Month(data.First)
	data.Before = data.First.AddDays(-1)
	data.After = data.First.AddDays(longestMonth) // is in the next one
	data.After = data.After.AddDays(1 - data.After.Day)
	first := monday(data.First)
	counts, err := p.Store.DayCounts(c.Request.Context(), page.Actor(c), branch, first, first.AddDays(7*monthWeeks-1), desk.Filter.Doctors)
	if err != nil {
		return err
	}
	horizon := clinic.PublicHorizon(desk.Today)
	for i, count := range counts {
		if i%7 == 0 {
			data.Weeks = append(data.Weeks, nil)
		}
		week := &data.Weeks[len(data.Weeks)-1]
		*week = append(*week, view.MonthDay{
			DayCount: count, Holiday: p.HolidayName(count.Day, l.Lang()), Other: count.Day.Month != data.First.Month, Beyond: horizon.Last.Before(count.Day),
		})
	}
	data.Counts = data.DeskCounts(l)
	return page.Show(c, dayStatus(desk.ChosenDay), view.MonthPage(data))
}

// longestMonth is the number of days of the longest month.
const longestMonth = 31
