package office

import (
	"fmt"
	"strconv"
	"strings"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// A plot is drawn on a sheet that is so wide. What is counted begins on its floor, below which the labels stand.
const (
	plotWidth  = 372
	plotTop    = 26.0
	lowFloor   = 184.0
	tallFloor  = 270.0 // of a plot beside a long table
	underFloor = 15
)

// scale says where a value stands in a plot; it begins at zero, on the floor.
type scale struct{ most, floor float64 }

func (s scale) y(value float64) float64 {
	if s.most == 0 {
		return s.floor
	}
	return s.floor - (s.floor-plotTop)*value/s.most
}

// floorOf is the floor of a plot beside a table with so many rows.
func floorOf(rows int) float64 {
	if rows > 8 {
		return tallFloor
	}
	return lowFloor
}

// lines are the values at which a plot has a line, from zero, at most five: in steps that are easy to count in.
func (s scale) lines(smallest float64) (values []float64) {
	step := smallest
	for _, next := range []float64{2, 2.5, 2, 2, 2.5, 2, 2, 2.5, 2, 2, 2.5, 2, 2, 2.5, 2, 2, 2.5, 2} { // 1, 2, 5, 10, 20, …
		if s.most/step < 5 {
			break
		}
		step *= next
	}
	for value := 0.0; value <= s.most; value += step {
		values = append(values, value)
	}
	return values
}

// bar is a bar of a plot, or a cell.
type bar struct {
	Class               string
	X, Y, Width, Height float64
}

// word is a text in a plot.
type word struct {
	Class  string
	X, Y   float64
	Anchor string
	Size   string
	Text   string
}

// plot is a picture of numbers, made of attributes alone.
type plot struct {
	Width, Height int
	Says          string // what one would say of it
	Grid          []float64
	GridFrom      float64
	Bars          []bar
	Lines         []plotLine
	Dots          [][2]float64
	DotSize       string
	Words         []word
}

type plotLine struct{ Class, Path string }

func newPlot(s scale, smallest float64, from float64, unit string) plot {
	p := plot{Width: plotWidth, Height: int(s.floor) + 22, GridFrom: from}
	for _, value := range s.lines(smallest) {
		y := s.y(value)
		p.Grid = append(p.Grid, y)
		p.Words = append(p.Words, word{"ax", from - 5, y + 4, "end", "11", strconv.FormatFloat(value, 'f', -1, 64) + unit})
	}
	return p
}

// hasDay reports whether the i-th of n weeks has its day under it: so many have it that they do not touch.
func hasDay(i, n int) bool {
	every := (n + 5) / 6
	return i%every == 0
}

func (v Numbers) weekPlot(l web.Locale) plot {
	weeks := v.Counted.Weeks
	const from = 26.0
	most, top := 0, 0
	for i, w := range weeks {
		if w.Bookings > most {
			most, top = w.Bookings, i
		}
	}
	s := scale{float64(most), floorOf(len(weeks))}
	p := newPlot(s, 1, from, "")
	slot := (plotWidth - from) / float64(len(weeks))
	width := min(24, slot*0.4)
	for i, w := range weeks {
		middle := from + slot*(float64(i)+0.5)
		for _, b := range []struct {
			class string
			x     float64
			n     int
		}{{"s-booked", middle - width - 0.5, w.Bookings}, {"s-came", middle + 0.5, w.Visits}} {
			y := s.y(float64(b.n))
			p.Bars = append(p.Bars, bar{b.class, b.x, y, width, s.floor - y})
		}
		if hasDay(i, len(weeks)) {
			p.Words = append(p.Words, word{"ax", middle, s.floor + underFloor, "middle", "11", dayLabel(l, w.First)})
		}
		if v.unfinished(w) {
			p.Lines = append(p.Lines, plotLine{"now-mark", fmt.Sprintf("M%.1f 12V%.1f", middle-slot/2, s.floor)})
			p.Words = append(p.Words, word{"ax", plotWidth, 10, "end", "11", l.T("office.numbers.week.this")})
		}
	}
	if most > 0 {
		p.Words = append(p.Words, word{"val", max(from+10, min(plotWidth-12, from+slot*(float64(top)+0.5)-width/2)), s.y(float64(most)) - 5, "middle", "11", thousands(most)})
	}
	p.Says = l.T("office.numbers.weeks.says", "First", dayLabel(l, weeks[0].First), "Bookings", thousands(weeks[0].Bookings), "Visits", thousands(weeks[0].Visits),
		"Top", dayLabel(l, weeks[top].First), "Most", thousands(weeks[top].Bookings), "Came", thousands(weeks[top].Visits)) + v.unfinishedSays(l)
	return p
}

func (v Numbers) unfinishedSays(l web.Locale) string {
	if last := v.Counted.Weeks[len(v.Counted.Weeks)-1]; v.unfinished(last) {
		return l.T("office.numbers.week.this.says")
	}
	return ""
}

func (v Numbers) noshowPlot(l web.Locale) plot {
	weeks := v.Counted.Weeks
	const from = 34.0
	s := scale{0.04, floorOf(len(weeks))}
	for _, w := range weeks {
		s.most = max(s.most, w.NoShow().Value())
	}
	percents := scale{s.most * 100, s.floor}
	p := newPlot(percents, 1, from, "%")
	p.DotSize = "3.5"
	if len(weeks) > 16 {
		p.DotSize = "2"
	}
	slot := (plotWidth - from) / float64(len(weeks))
	var path, unfinished strings.Builder
	var before, at [2]float64
	drawn, first, last := false, -1, -1
	for i, w := range weeks {
		x := from + slot*(float64(i)+0.5)
		if hasDay(i, len(weeks)) {
			p.Words = append(p.Words, word{"ax", x, s.floor + underFloor, "middle", "11", dayLabel(l, w.First)})
		}
		if !w.NoShow().Known() {
			drawn = false // the line stops where nobody was expected
			continue
		}
		before, at = at, [2]float64{x, s.y(w.NoShow().Value())}
		p.Dots = append(p.Dots, at)
		switch {
		case v.unfinished(w):
			if drawn {
				fmt.Fprintf(&unfinished, "M%.1f %.1fL%.1f %.1f", before[0], before[1], at[0], at[1])
			}
			p.Lines = append(p.Lines, plotLine{"now-mark", fmt.Sprintf("M%.1f 14V%.1f", x-slot/2, s.floor)})
			p.Words = append(p.Words, word{"ax", plotWidth, 10, "end", "11", l.T("office.numbers.week.this")})
			continue
		case drawn:
			fmt.Fprintf(&path, "L%.1f %.1f", at[0], at[1])
		default:
			fmt.Fprintf(&path, "M%.1f %.1f", at[0], at[1])
		}
		drawn, last = true, i
		if first < 0 {
			first = i
		}
	}
	if path.Len() > 0 {
		p.Lines = append(p.Lines, plotLine{"line", path.String()})
	}
	if unfinished.Len() > 0 {
		p.Lines = append(p.Lines, plotLine{"line unfinished", unfinished.String()})
	}
	if first < 0 {
		p.Says = l.T("office.numbers.noshows.says.none") + v.unfinishedSays(l)
		return p
	}
	value := func(i int, above bool) {
		share := weeks[i].NoShow()
		y := s.y(share.Value()) - 9
		if !above && y+28 < s.floor { // the line comes from above
			y += 28
		}
		p.Words = append(p.Words, word{"val", max(from+14, min(from+slot*(float64(i)+0.5), plotWidth-14)), y, "middle", "11", percent(share, 1)})
	}
	value(first, true)
	if last > first {
		value(last, !weeks[last-1].NoShow().Known() || weeks[last-1].NoShow().Value() < weeks[last].NoShow().Value())
	}
	p.Says = l.T("office.numbers.noshows.says", "First", dayLabel(l, weeks[first].First), "Was", percent(weeks[first].NoShow(), 1),
		"Last", dayLabel(l, weeks[last].First), "Is", percent(weeks[last].NoShow(), 1)) + v.unfinishedSays(l)
	return p
}

func (v Numbers) leadPlot(l web.Locale) plot {
	const from = 26.0
	most, top := 0, 0
	for i, c := range clinic.LeadClasses {
		if n := v.Counted.Lead(c); n > most {
			most, top = n, i
		}
	}
	s := scale{float64(most), lowFloor}
	p := newPlot(s, 1, from, "")
	slot := (plotWidth - from) / float64(len(clinic.LeadClasses))
	for i, c := range clinic.LeadClasses {
		n := v.Counted.Lead(c)
		x, y := from+slot*(float64(i)+0.5), s.y(float64(n))
		p.Bars = append(p.Bars, bar{"s-booked", x - slot*0.36, y, slot * 0.72, s.floor - y})
		p.Words = append(p.Words, word{"val", x, y - 5, "middle", "11", thousands(n)}, word{"ax", x, s.floor + underFloor, "middle", "10.5", leadLabel(l, c)})
	}
	median, _ := v.Counted.MedianLead()
	p.Says = l.T("office.numbers.leads.says", "Class", leadLabel(l, clinic.LeadClasses[top]), "N", l.N("office.numbers.times", most), "Median", l.N("office.numbers.days", median))
	return p
}

func (v Numbers) stagePlot(l web.Locale) plot {
	stages := v.stages(l)
	const left, longest, height = 112.0, 200.0, 36.0
	p := plot{Width: 456, Height: int(height) * len(stages)}
	most := 1
	for _, s := range stages {
		most = max(most, s.N)
	}
	said := make([]string, len(stages))
	for i, s := range stages {
		y := height * float64(i)
		length := longest * float64(s.N) / float64(most)
		if s.Hidden {
			length = 0
		}
		end := left + length + 8
		p.Words = append(p.Words, word{"lab", left - 8, y + 22, "end", "14", s.Label}, word{"val", end, y + 22, "start", "14", s.Text})
		if length > 0 {
			p.Bars = append(p.Bars, bar{s.Class, left, y + 5, length, 25})
		}
		if s.Share != "" {
			p.Words = append(p.Words, word{"ax", end + 10 + 8.4*float64(len(s.Text)), y + 22, "start", "12", s.Share})
		}
		said[i] = s.Label + " " + s.Text
	}
	p.Says = l.T("office.numbers.stages.says", "Steps", l.List(said))
	return p
}
