package patient

import (
	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	view "madoguchi/web/patient"
)

const (
	weekDays = 7
	// horizonDays is how far ahead a visitor may look.
	horizonDays = 12 * weekDays
)

// fillWeek lays out seven days from the one asked for. A day in the past or beyond the horizon becomes today.
func (p *Pages) fillWeek(c *gin.Context, data *view.Slots, asked string) error {
	today := p.today(data.Branch)
	last := today.AddDays(horizonDays - weekDays)
	first, ok := clinic.ParseDate(asked)
	if !ok || first.Before(today) || last.Before(first) {
		first = today
	}
	loc := data.Branch.Location()
	available, err := p.Store.Availability(c.Request.Context(), p.query(c, *data, first.In(loc), first.AddDays(weekDays).In(loc)))
	if err != nil {
		return err
	}
	data.Week = clinic.NewWeek(available, first, weekDays, loc, p.Now())
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
	if after := first.AddDays(weekDays); !last.Before(after) {
		data.After = after.String()
	}
	return nil
}
