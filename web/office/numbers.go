package office

import (
	"net/url"
	"strconv"

	"madoguchi/internal/clinic"
	"madoguchi/internal/intake"
	"madoguchi/web"
)

// Numbers are what a branch's counselings in a period come to.
type Numbers struct {
	Frame
	Today    clinic.Date
	Weeks    int           // how many weeks are shown, this one included; 0 for the days of Period
	Period   clinic.Period // what was asked for
	Wrong    *clinic.Error // why it cannot be shown; then there are no numbers
	Working  []clinic.Doctor
	DoctorID string // only with this one; "" for all
	Counted  *clinic.Numbers
	Before   *clinic.Numbers // of the period before
	Doctors  []clinic.Doctor // everybody who may have slots in the period, in their order
	Areas    []intake.Option // the areas that may have been named, in their order
	Begins   clinic.Date     // the day of the first slot of the branch; zero where there is none
}

// NumbersWeeks are the periods that are one click away, in weeks.
var NumbersWeeks = []int{4, 12, 52}

// fewWeeks is for how many weeks there must have been slots before nobody is told that there is not much yet.
const fewWeeks = 4

// young reports that the branch has not been counted for long.
func (v Numbers) young() bool {
	return v.Begins.IsZero() || v.Today.AddDays(-7*fewWeeks).Before(v.Begins)
}

// empty reports that there is nothing to draw.
func (v Numbers) empty() bool {
	n := v.Counted
	return n.Bookings == 0 && !n.Fill.Known() && n.All == (clinic.SourceCount{})
}

func (v Numbers) values() url.Values {
	q := url.Values{"branch": {v.Branch.ID}}
	if v.Weeks > 0 {
		q.Set("weeks", strconv.Itoa(v.Weeks))
	} else {
		q.Set("first", v.Period.First.String())
		q.Set("last", v.Period.Last.String())
	}
	if v.DoctorID != "" {
		q.Set("doctor", v.DoctorID)
	}
	return q
}

func (v Numbers) at(path string) string { return path + "?" + v.values().Encode() }

func (v Numbers) ofWeeks(weeks int) string {
	v.Weeks = weeks
	return v.at("/office/numbers")
}

// unfinished reports whether a week is this one, whose days are not all over.
func (v Numbers) unfinished(w clinic.WeekCount) bool {
	sunday := w.First.AddDays((7 - int(w.First.Weekday())) % 7)
	return !sunday.Before(v.Today) && !v.Today.Before(w.First)
}

const nothing = "—" // where there is no number

// thousands is a number as people read it: 1,616.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// percent is a share with so many digits after the point.
func percent(s clinic.Share, digits int) string {
	if !s.Known() {
		return nothing
	}
	return strconv.FormatFloat(100*s.Value(), 'f', digits, 64) + "%"
}

// visitors is a number of visitors that were counted before they booked.
func visitors(l web.Locale, n int) string {
	if clinic.Few(n) {
		return l.T("office.numbers.few")
	}
	return thousands(n)
}

// shareOf is a share of visitors that says nothing of a number that is not told, and nothing that cannot be one: whoever telephones
// books without having seen a page.
func shareOf(n, of, digits int) string {
	if clinic.Few(of) || clinic.Few(n) || n > of {
		return nothing
	}
	return percent(clinic.Share{N: n, Of: of}, digits)
}

func dayLabel(l web.Locale, d clinic.Date) string {
	if l.Lang() == "en" {
		return strconv.Itoa(d.Day) + " " + d.Month.String()[:3]
	}
	return strconv.Itoa(int(d.Month)) + "/" + strconv.Itoa(d.Day)
}

func (v Numbers) weekLabel(l web.Locale, w clinic.WeekCount) string {
	label := l.T("office.numbers.week.from", "Day", dayLabel(l, w.First))
	if v.unfinished(w) {
		label += l.T("office.numbers.week.unfinished")
	}
	return label
}

func (v Numbers) before(l web.Locale) string {
	switch v.Weeks {
	case 0:
		return l.T("office.numbers.before")
	case 52:
		return l.T("office.numbers.before.year")
	}
	return l.N("office.numbers.before.weeks", v.Weeks)
}

// tile is one figure at the top, and what it was in the period before.
type tile struct {
	Label, Value, Note string
	Better             bool
}

// growth compares a count with that of the period before.
func (v Numbers) growth(l web.Locale, now, before int) string {
	if before == 0 {
		return l.T("office.numbers.before.none")
	}
	change := int(float64(now-before)/float64(before)*100 + 0.5)
	if now < before {
		change = -int(float64(before-now)/float64(before)*100 + 0.5)
	}
	sign := "±"
	switch {
	case change > 0:
		sign = "+"
	case change < 0:
		sign = "−"
		change = -change
	}
	return l.T("office.numbers.growth", "Before", v.before(l), "Change", sign+thousands(change)+"%")
}

func (v Numbers) tiles(l web.Locale) []tile {
	n, b := v.Counted, v.Before
	was := func(share clinic.Share, digits int) string {
		if !share.Known() {
			return l.T("office.numbers.before.none")
		}
		return l.T("office.numbers.was", "Before", v.before(l), "Value", percent(share, digits))
	}
	days := func(n *clinic.Numbers) (string, bool) {
		median, ok := n.MedianLead()
		if !ok {
			return nothing, false
		}
		return l.N("office.numbers.days", median), true
	}
	lead, _ := days(n)
	leadNote := l.T("office.numbers.before.none")
	if before, ok := days(b); ok {
		leadNote = l.T("office.numbers.was", "Before", v.before(l), "Value", before)
	}
	better := func(now, before clinic.Share) bool {
		return now.Known() && before.Known() && now.Value() > before.Value()
	}
	return []tile{
		{l.T("office.numbers.bookings"), thousands(n.Bookings), v.growth(l, n.Bookings, b.Bookings), b.Bookings > 0 && n.Bookings > b.Bookings},
		{l.T("office.numbers.visits"), thousands(n.Visits), v.growth(l, n.Visits, b.Visits), b.Visits > 0 && n.Visits > b.Visits},
		{l.T("office.numbers.noshow"), percent(n.NoShow(), 1), l.T("office.numbers.noshow.note", "N", l.N("office.numbers.times", n.NoShows), "Was", was(b.NoShow(), 1)), better(b.NoShow(), n.NoShow())},
		{l.T("office.numbers.fill"), percent(n.Fill, 0), was(b.Fill, 0), better(n.Fill, b.Fill)},
		{l.T("office.numbers.lead"), lead, l.T("office.numbers.lead.note", "Was", leadNote), false},
		{l.T("office.numbers.ready"), percent(n.Ready(), 0), l.T("office.numbers.ready.note", "Was", was(b.Ready(), 0)), better(n.Ready(), b.Ready())},
	}
}

func (v Numbers) days(l web.Locale) string {
	return l.Day(v.Period.First, "") + " – " + l.Day(v.Period.Last, "")
}

func (v Numbers) doctorName(l web.Locale) string {
	for _, d := range v.Working {
		if d.ID == v.DoctorID {
			return d.Name(l.Lang())
		}
	}
	return l.T("office.numbers.everybody")
}
