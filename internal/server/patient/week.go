package patient

import (
	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/patient"
)

const weekDays = 7

// fillWeek lays out seven days from the one asked for, all of them within the visitor's horizon. For any other, such as that
// of an old link, it lays out those from today.
func (p *Pages) fillWeek(c *gin.Context, data *view.Slots, asked string) error {
	today := p.today(data.Branch)
	horizon := data.Branch.Horizon(p.looking(c), p.Now())
	first, ok := clinic.ParseDate(asked)
	if !ok || !horizon.Holds(first) || !horizon.Holds(first.AddDays(weekDays-1)) {
		first = today
	}
	loc := data.Branch.Location()
	until := first.AddDays(weekDays)
	if !horizon.Holds(until) {
		until = horizon.Last.AddDays(1)
	}
	available, err := p.Store.Availability(c.Request.Context(), p.query(c, *data, first.In(loc), until.In(loc)))
	if err != nil {
		return err
	}
	data.Today = today
	data.Week = clinic.NewWeek(available, first, weekDays, loc, data.Branch.Opens(p.looking(c), p.Now()))
	data.Holidays = map[clinic.Date]string{}
	for _, day := range data.Week.Days {
		if name := p.HolidayName(day, page.Lang(c)); name != "" {
			data.Holidays[day] = name
		}
	}
	if today.Before(first) {
		data.Before = first.AddDays(-weekDays).String()
		if before, _ := clinic.ParseDate(data.Before); before.Before(today) {
			data.Before = today.String()
		}
	}
	if after := first.AddDays(weekDays); horizon.Holds(after.AddDays(weekDays - 1)) {
		data.After = after.String()
	}
	return nil
}
