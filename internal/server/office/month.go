package office

import (
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/web"
	view "madoguchi/web/office"
)

// monthWeeks is how many weeks a month is shown in: as many as the longest begins and ends in, so that the page keeps its height.
const monthWeeks = 6

// ShowMonth shows how full the days of a month are at a branch: ?branch=ID&date=YYYY-MM-DD, a day of it.
func (p *Pages) ShowMonth(c *gin.Context) error { return p.showMonth(c, refused{}) }

// showMonth shows the month of the address, with the reason why something was refused, if it was.
func (p *Pages) showMonth(c *gin.Context, why refused) error {
	l := web.LocaleOf(c.Request.Context())
	branch, _, err := p.branchOf(c, clinic.SeeCalendar, c.Query("branch"))
	if err != nil {
		return err
	}
	f := p.frame(c, branch)
	if branch.ID == "" { // a clinic that begins has none
		return page.Show(c, http.StatusOK, view.MonthPage(view.Month{Frame: f}))
	}
	desk, beside, err := p.desk(c, branch, f, view.MonthView)
	if err != nil {
		return err
	}
	data := view.Month{Frame: f, Desk: desk, Begins: desk.Date.AddDays(1 - desk.Date.Day)}
	data.Title = l.Month(data.Begins)
	data.Before = data.Begins.AddDays(-1)
	data.After = data.Begins.AddDays(longestMonth) // is in the next one
	data.After = data.After.AddDays(1 - data.After.Day)
	data.First = monday(data.Begins)
	data.Last, data.Label = data.First.AddDays(7*monthWeeks-1), l.T("office.month.days")
	err = p.draw(c, f, &data.Desk, func() (templ.Component, error) {
		filter := strings.Join(desk.Filter.Doctors, " ")
		counts, err := ofDays(p, c, &p.counts, branch, filter, data.First, data.Last, func(first, last clinic.Date) ([]clinic.DayCount, error) {
			return p.Store.DayCounts(c.Request.Context(), page.Actor(c), branch, first, last, desk.Filter.Doctors)
		})
		if err != nil {
			return nil, err
		}
		horizon := clinic.PublicHorizon(desk.Today)
		for i, count := range counts {
			if i%7 == 0 {
				data.Weeks = append(data.Weeks, nil)
			}
			week := &data.Weeks[len(data.Weeks)-1]
			*week = append(*week, view.MonthDay{
				DayCount: count, Holiday: p.HolidayName(count.Day, l.Lang()), Other: count.Day.Month != data.Begins.Month, Beyond: horizon.Last.Before(count.Day),
			})
		}
		data.Counts = data.DeskCounts(l)
		return view.MonthTable(data), nil
	})
	if err = errors.Join(err, beside(&data.Desk)); err != nil {
		return err
	}
	status, err := p.afterAct(c, branch, &data.Desk, why)
	if err != nil {
		return err
	}
	return p.showDesk(c, f, data.Desk, status, view.MonthPage(data))
}

// longestMonth is the number of days of the longest month.
const longestMonth = 31
