package office

import (
	"slices"
	"strconv"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// Weeks are the weeks of the doctors who are ticked.
func (v Setup) Weeks(week clinic.DoctorWeek) (weeks []clinic.DoctorWeek) {
	for _, who := range v.Who {
		if who.Ticked {
			weeks = append(weeks, week.For(who.ID, clinic.Tidy(who.Room), who.Revision))
		}
	}
	return weeks
}

// Stored reports whether weeks are what is stored already.
func (v Setup) Stored(weeks []clinic.DoctorWeek) bool {
	for _, w := range weeks {
		if !slices.ContainsFunc(clinic.WeeksOf(v.Plan.Hours, w.BranchID, w.DoctorID), w.SameAs) {
			return false
		}
	}
	return true
}

// shapeTexts are the texts of a shape of a week: its name, and its hours.
var shapeTexts = map[clinic.WeekShape][2]string{
	clinic.WeekdaysAndSaturday: {"office.setup.shape.saturday", "office.setup.shape.saturday.hours"},
	clinic.Weekdays:            {"office.setup.shape.weekdays", "office.setup.shape.weekdays.hours"},
	clinic.EveryDay:            {"office.setup.shape.daily", "office.setup.shape.daily.hours"},
	clinic.OwnShape:            {"office.setup.shape.own", "office.setup.shape.own.hours"},
}

// shapeHours says which hours a shape has as they are typed: 月–金 10:00–19:00.
func (v Setup) shapeHours(l web.Locale, shape clinic.WeekShape) string {
	return l.T(shapeTexts[shape][1], "From", v.Week.From, "Until", v.Week.Until)
}

// tinyBar is a span of a day in the drawing of a week, in its units.
type tinyBar struct{ x, y, height string }

// tiny draws a shape with the hours that are typed, or with those that are proposed while they cannot be read.
func (v Setup) tiny(shape clinic.WeekShape) (bars []tinyBar) {
	typed := v.Week
	typed.Shape = shape
	week, errs := typed.Read("", v.Today)
	if len(errs) > 0 {
		typed = clinic.ProposedFirstWeek(v.Today)
		typed.Shape = shape
		week, _ = typed.Read("", v.Today)
	}
	const first, last, top, high = 8 * 60, 21 * 60, 2, 40
	for _, h := range week.Spans {
		from, until := max(int(h.Pattern.From), first), min(int(h.Pattern.Until), last)
		if until <= from {
			continue
		}
		y := top + (from-first)*high/(last-first)
		bars = append(bars, tinyBar{tinyX((int(h.Weekday) + 6) % 7), strconv.Itoa(y), strconv.Itoa(max(top+(until-first)*high/(last-first)-y-1, 1))})
	}
	return bars
}

// tinyX is where the lane of a weekday begins, from Monday.
func tinyX(lane int) string { return strconv.Itoa(lane * 16) }
