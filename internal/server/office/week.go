package office

import (
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"madoguchi/internal/clinic"
	"madoguchi/internal/server/page"
	"madoguchi/internal/store"
	view "madoguchi/web/office"
)

// afternoon is the time of day from which a slot counts to the afternoon, in minutes: one o'clock, after the last slot of most
// mornings and before the first of most afternoons.
const afternoon = 13 * 60

// ShowWeek shows a branch's week, from Monday on: ?branch=ID&date=YYYY-MM-DD, a day of it.
func (p *Pages) ShowWeek(c *gin.Context) error {
	ctx := c.Request.Context()
	branch, _, err := p.branchOf(c, clinic.SeeCalendar, c.Query("branch"))
	if err != nil {
		return err
	}
	chosen := p.chooseDay(c.Query("date"), branch.Location())
	data := view.Week{Frame: p.frame(c, branch), ChosenDay: chosen, First: monday(chosen.Date), Now: p.Now()}
	var entries []store.SlotEntry
	if branch.ID != "" { // a clinic that begins has none
		if entries, _, err = p.Store.Days(ctx, page.Actor(c), branch, data.First, data.First.AddDays(6)); err != nil {
			return err
		}
	}
	doctors, err := p.Store.Doctors(ctx)
	if err != nil {
		return err
	}
	data.Doctors = doctorsOf(entries, doctors)
	data.Days, data.Cells = layWeek(entries, data.Doctors, data.First, branch.Location(), data.Now)
	for i, d := range data.Days {
		data.Days[i].Holiday = p.HolidayName(d.Date, page.Lang(c))
	}
	return page.Show(c, dayStatus(chosen), view.WeekPage(data))
}

// monday is the first day of the week of a day.
func monday(d clinic.Date) clinic.Date { return d.AddDays(-(int(d.Weekday()) + 6) % 7) }

// layWeek lays the slots of a week out by doctor and day.
func layWeek(entries []store.SlotEntry, doctors []clinic.Doctor, first clinic.Date, loc *time.Location, now time.Time) ([]view.WeekDay, [][]view.WeekCell) {
	days, cells := make([]view.WeekDay, 7), make([][]view.WeekCell, len(doctors))
	place := map[clinic.Date]int{}
	for i := range days {
		days[i] = view.WeekDay{Date: first.AddDays(i), Empty: true}
		place[days[i].Date] = i
	}
	for i := range cells {
		cells[i] = make([]view.WeekCell, len(days))
	}
	for _, e := range entries {
		at := e.Slot.StartsAt.In(loc)
		day := place[clinic.DateOf(at, loc)]
		doctor := slices.IndexFunc(doctors, func(d clinic.Doctor) bool { return d.ID == e.Slot.DoctorID })
		cell := view.DayCell{Slot: e.Slot, Appointment: e.Appointment, HeldUntil: e.HeldUntil}
		half := &cells[doctor][day].Morning
		if at.Hour()*60+at.Minute() >= afternoon {
			half = &cells[doctor][day].Afternoon
		}
		*half = append(*half, cell)
		days[day].Empty = false
		days[day].Count.Add(cell, now)
	}
	return days, cells
}
