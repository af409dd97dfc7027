package office

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

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

// sheet is a table of the page, and of the file that has the same numbers.
type sheet struct {
	Title   string
	Columns []string // that of the rows' heads first
	Rows    [][]string
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

func (v Numbers) weekSheet(l web.Locale) sheet {
	s := sheet{Title: l.T("office.numbers.weeks"), Columns: []string{l.T("office.numbers.week"), l.T("office.numbers.bookings"), l.T("office.numbers.visits"), l.T("office.numbers.cancelled")}}
	for _, w := range v.Counted.Weeks {
		s.Rows = append(s.Rows, []string{v.weekLabel(l, w), thousands(w.Bookings), thousands(w.Visits), thousands(w.Cancelled)})
	}
	return s
}

func (v Numbers) noshowSheet(l web.Locale) sheet {
	s := sheet{Title: l.T("office.numbers.noshows"), Columns: []string{l.T("office.numbers.week"), l.T("office.numbers.expected"), l.T("office.numbers.noshow.short"), l.T("office.numbers.share")}}
	for _, w := range v.Counted.Weeks {
		s.Rows = append(s.Rows, []string{v.weekLabel(l, w), thousands(w.NoShow().Of), thousands(w.NoShows), percent(w.NoShow(), 1)})
	}
	return s
}

// weekdays are those on which there were slots, from Monday.
func (v Numbers) weekdays() (days []time.Weekday) {
	for i := range 7 {
		day := time.Weekday((i + 1) % 7)
		if slices.ContainsFunc(v.Counted.ByHour[day][:], clinic.Share.Known) {
			days = append(days, day)
		}
	}
	return days
}

// hours are those at which slots began.
func (v Numbers) hours() (hours []int) {
	for hour := range 24 {
		for _, day := range v.Counted.ByHour {
			if day[hour].Known() {
				hours = append(hours, hour)
				break
			}
		}
	}
	return hours
}

func hourLabel(l web.Locale, hour int) string {
	return l.T("office.numbers.hour", "Hour", strconv.Itoa(hour))
}

func (v Numbers) hourSheet(l web.Locale) sheet {
	s := sheet{Title: l.T("office.numbers.hours"), Columns: []string{l.T("office.numbers.weekday")}}
	for _, hour := range v.hours() {
		s.Columns = append(s.Columns, hourLabel(l, hour))
	}
	for _, day := range v.weekdays() {
		row := []string{l.Weekday(day)}
		for _, hour := range v.hours() {
			row = append(row, percent(v.Counted.ByHour[day][hour], 0))
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

func (v Numbers) doctorSheet(l web.Locale) sheet {
	s := sheet{Title: l.T("office.numbers.doctors"), Columns: []string{l.T("office.label.doctor"), l.T("office.numbers.slots"), l.T("office.numbers.taken"), l.T("office.numbers.fill.short")}}
	row := func(name string, share clinic.Share) []string {
		return []string{name, thousands(share.Of), thousands(share.N), percent(share, 0)}
	}
	for _, d := range v.Doctors {
		if share := v.Counted.ByDoctor[d.ID]; share.Known() {
			s.Rows = append(s.Rows, row(d.Name(l.Lang()), share))
		}
	}
	if len(s.Rows) > 1 {
		s.Rows = append(s.Rows, row(l.T("office.numbers.all"), v.Counted.Fill))
	}
	return s
}

func leadLabel(l web.Locale, c clinic.LeadClass) string {
	first, last := strconv.Itoa(c.First), strconv.Itoa(c.Last)
	switch {
	case c.Last == 0:
		return l.T("office.numbers.lead.same")
	case c.Last == 1:
		return l.T("office.numbers.lead.next")
	case c.Last < 0:
		return l.T("office.numbers.lead.from", "First", first)
	case c.First == c.Last:
		return l.T("office.numbers.lead.day", "Days", first)
	}
	return l.T("office.numbers.lead.days", "First", first, "Last", last)
}

func (v Numbers) leadSheet(l web.Locale) sheet {
	s := sheet{Title: l.T("office.numbers.leads"), Columns: []string{l.T("office.numbers.lead.column"), l.T("office.numbers.count"), l.T("office.numbers.share")}}
	for _, c := range clinic.LeadClasses {
		n := v.Counted.Lead(c)
		s.Rows = append(s.Rows, []string{leadLabel(l, c), thousands(n), percent(clinic.Share{N: n, Of: v.Counted.Bookings}, 0)})
	}
	return s
}

// stage is one step of the way from a page to a visit.
type stage struct {
	Label, Class string
	N            int
	Hidden       bool   // so few that the number is not told
	Text         string // the number
	Share        string // of the step before; "" where there is none
}

func (v Numbers) stages(l web.Locale) (out []stage) {
	all := v.Counted.All
	of := func(key string, n, of int) string {
		share := shareOf(n, of, 0)
		if share == nothing {
			return ""
		}
		return l.T(key, "Share", share)
	}
	if v.DoctorID == "" {
		out = append(out,
			stage{l.T("office.numbers.stage.seen"), "s-anon", all.Seen, clinic.Few(all.Seen), visitors(l, all.Seen), ""},
			stage{l.T("office.numbers.stage.held"), "s-anon", all.Held, clinic.Few(all.Held), visitors(l, all.Held), of("office.numbers.stage.of", all.Held, all.Seen)},
		)
	}
	booked := ""
	if v.DoctorID == "" {
		booked = of("office.numbers.stage.of", all.Booked, all.Held)
	}
	return append(out,
		stage{l.T("office.numbers.stage.booked"), "s-booked", all.Booked, false, thousands(all.Booked), booked},
		stage{l.T("office.numbers.stage.answered"), "s-booked", all.Answered, false, thousands(all.Answered), of("office.numbers.stage.of", all.Answered, all.Booked)},
		stage{l.T("office.numbers.stage.visited"), "s-came", all.Visited, false, thousands(all.Visited), of("office.numbers.stage.of_booked", all.Visited, all.Booked)},
	)
}

func (v Numbers) stageSheet(l web.Locale) sheet {
	s := sheet{Title: l.T("office.numbers.stages"), Columns: []string{l.T("office.numbers.stage"), l.T("office.numbers.count"), l.T("office.numbers.share")}}
	for _, stage := range v.stages(l) {
		s.Rows = append(s.Rows, []string{stage.Label, stage.Text, cmp.Or(stage.Share, nothing)})
	}
	return s
}

// topSources is how many sources have a row of their own.
const topSources = 12

func (v Numbers) sourceSheet(l web.Locale) sheet {
	s := sheet{Title: l.T("office.numbers.sources"), Columns: []string{l.T("office.numbers.source"), l.T("office.numbers.campaign")}}
	web := v.DoctorID == ""
	if web {
		s.Columns = append(s.Columns, l.T("office.numbers.seen"), l.T("office.numbers.held"))
	}
	s.Columns = append(s.Columns, l.T("office.numbers.bookings"), l.T("office.numbers.answered"), l.T("office.numbers.visits"))
	if web {
		s.Columns = append(s.Columns, l.T("office.numbers.through"))
	}
	row := func(name, campaign string, c clinic.SourceCount) {
		cells := []string{name, campaign}
		if web {
			cells = append(cells, visitors(l, c.Seen), visitors(l, c.Held))
		}
		cells = append(cells, thousands(c.Booked), thousands(c.Answered), thousands(c.Visited))
		if web {
			cells = append(cells, shareOf(c.Visited, c.Seen, 1))
		}
		s.Rows = append(s.Rows, cells)
	}
	top, others := v.Counted.Sources(topSources)
	for _, c := range top {
		name := l.T("office.numbers.source.none")
		if c.Article != "" {
			name = l.T("office.numbers.source.article", "Article", c.Article)
		}
		row(name, cmp.Or(c.Campaign, l.T("office.numbers.campaign.none")), c)
	}
	if others != (clinic.SourceCount{}) || len(top) == 0 {
		row(l.T("office.numbers.source.others"), nothing, others)
	}
	return s
}

// areaCount is how many bookings name an area.
type areaCount struct {
	intake.Option
	N int
}

// areas are those that were named, the most frequent first.
func (v Numbers) areas() (out []areaCount) {
	for _, o := range v.Areas {
		if n := v.Counted.ByArea[o.Code]; n > 0 {
			out = append(out, areaCount{o, n})
		}
	}
	slices.SortStableFunc(out, func(a, b areaCount) int { return cmp.Compare(b.N, a.N) })
	return out
}

func (v Numbers) areaSheet(l web.Locale) sheet {
	s := sheet{Title: l.T("office.numbers.areas"), Columns: []string{l.T("office.numbers.area"), l.T("office.numbers.count"), l.T("office.numbers.share")}}
	for _, a := range v.areas() {
		s.Rows = append(s.Rows, []string{a.In(l.Lang()), thousands(a.N), percent(clinic.Share{N: a.N, Of: v.Counted.WithArea}, 0)})
	}
	return s
}

// File is the page as the rows of a file: each of its tables under its title, with an empty row between them.
func (v Numbers) File(l web.Locale) (rows [][]string) {
	rows = append(rows, []string{l.T("office.numbers.title"), v.Branch.In(l.Lang()).Name, v.days(l), v.doctorName(l)})
	top := sheet{Title: l.T("office.numbers.summary"), Columns: []string{l.T("office.numbers.item"), l.T("office.numbers.value"), l.T("office.numbers.note")}}
	for _, t := range v.tiles(l) {
		top.Rows = append(top.Rows, []string{t.Label, t.Value, t.Note})
	}
	for _, s := range []sheet{top, v.weekSheet(l), v.noshowSheet(l), v.hourSheet(l), v.doctorSheet(l), v.leadSheet(l), v.stageSheet(l), v.sourceSheet(l), v.areaSheet(l)} {
		rows = append(rows, []string{""}, []string{s.Title}, s.Columns)
		for _, row := range s.Rows {
			cells := make([]string, len(row))
			for i, cell := range row {
				cells[i] = plainNumber(cell)
			}
			rows = append(rows, cells)
		}
	}
	return rows
}

// plainNumber is a cell without the commas in a number, which not every spreadsheet reads.
func plainNumber(cell string) string {
	if strings.Trim(cell, "0123456789,") == "" {
		return strings.ReplaceAll(cell, ",", "")
	}
	return cell
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
