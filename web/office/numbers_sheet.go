package office

import (
	"cmp"
	"strconv"
	"strings"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// sheet is a table of the page, and of the file that has the same numbers.
type sheet struct {
	Title   string
	Columns []string // that of the rows' heads first
	Rows    [][]string
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
