package office

import (
	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/office"
)

// monthWeeks is how many weeks a month is shown in: as many as the longest begins and ends in, so that the page keeps its height.
const monthWeeks = 6

// ShowMonth shows how full the days of a month are at a branch: ?branch=ID&date=YYYY-MM-DD, a day of it.
func (p *Pages) ShowMonth(c *gin.Context) error {
	branch, _, err := p.branchOf(c, clinic.SeeCalendar, c.Query("branch"))
	if err != nil {
		return err
	}
	chosen := p.chooseDay(c.Query("date"), branch.Location())
	data := view.Month{Frame: p.frame(c, branch), ChosenDay: chosen, First: chosen.Date.AddDays(1 - chosen.Date.Day)}
	first := monday(data.First)
	counts := make([]clinic.DayCount, 7*monthWeeks)
	for i := range counts {
		counts[i].Day = first.AddDays(i)
	}
	if branch.ID != "" { // a clinic that begins has none
		if counts, err = p.Store.DayCounts(c.Request.Context(), page.Actor(c), branch, first, first.AddDays(len(counts)-1), nil); err != nil {
			return err
		}
	}
	horizon := clinic.PublicHorizon(chosen.Today)
	for i, count := range counts {
		if i%7 == 0 {
			data.Weeks = append(data.Weeks, nil)
		}
		week := &data.Weeks[len(data.Weeks)-1]
		*week = append(*week, view.MonthDay{
			DayCount: count, Holiday: p.HolidayName(count.Day, page.Lang(c)), Other: count.Day.Month != data.First.Month,
			Beyond: horizon.Last.Before(count.Day),
		})
	}
	return page.Show(c, dayStatus(chosen), view.MonthPage(data))
}
