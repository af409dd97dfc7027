package office

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"madoguchi/internal/clinic"
)

// hoursBar is a span as it is drawn.
type hoursBar struct {
	key         string // empty for what is no longer there
	place       string // classes: where it stands in a grid with a column for each quarter of an hour
	from, until string
	slots       int
	kind        string // picked, plus for what is new, ghost for what goes
	wrong       bool
}

// hoursRow is a weekday as it is drawn.
type hoursRow struct {
	day    time.Weekday
	bars   []hoursBar
	slots  int
	differ int
}

// span of hours that the page draws, from the first hour to the last.
func (v Hours) drawn() (first, last int) {
	first, last = 9, 20
	widen := func(p clinic.Pattern) {
		first, last = min(first, int(p.From)/60), max(last, (int(p.Until)+59)/60)
	}
	for _, h := range v.Stored.Spans {
		widen(h.Pattern)
	}
	for _, s := range v.Typed.Spans {
		if p, errs := s.Read(""); errs.For("from") == nil && errs.For("until") == nil {
			widen(p)
		}
	}
	return first, min(last, 24)
}

// columns is the class of a grid with a column for each quarter of an hour that is drawn.
func (v Hours) columns() string {
	first, last := v.drawn()
	return "grid-cols-" + strconv.Itoa((last-first)*4)
}

// placed are the classes of a span in that grid.
func (v Hours) placed(p clinic.Pattern) string {
	first, last := v.drawn()
	start := max(0, (int(p.From)+7)/15-first*4)
	length := max(1, min((int(p.Until)+7)/15, last*4)-first*4-start)
	return "col-start-" + strconv.Itoa(start+1) + " col-span-" + strconv.Itoa(length)
}

// rows draws the week as typed, beside what is stored.
func (v Hours) rows() []hoursRow {
	rows := make([]hoursRow, len(weekOrder))
	picked := v.picked()
	for i, day := range weekOrder {
		row := &rows[i]
		row.day = day
		var stored, typed []clinic.Pattern
		for _, h := range v.Stored.Spans {
			if h.Weekday == day {
				stored = append(stored, h.Pattern)
				row.differ -= h.Pattern.Slots()
			}
		}
		for _, s := range v.Typed.Spans {
			p, errs := s.Read("")
			if s.Weekday != strconv.Itoa(int(day)) || errs.For("from") != nil || errs.For("until") != nil {
				continue
			}
			typed = append(typed, p)
			bar := hoursBar{key: s.Key, place: v.placed(p), from: s.From, until: s.Until, slots: p.Slots(), wrong: v.spanError(s.Key)}
			switch {
			case s.Key == picked && v.MayDraw:
				bar.kind = "picked"
			case !slices.ContainsFunc(stored, func(o clinic.Pattern) bool { return o.From < p.Until && p.From < o.Until }):
				bar.kind = "plus"
			}
			row.bars = append(row.bars, bar)
			row.slots += p.Slots()
		}
		row.differ += row.slots
		for _, gone := range less(stored, typed) {
			row.bars = append(row.bars, hoursBar{place: v.placed(gone), slots: gone.Slots(), kind: "ghost"})
		}
	}
	return rows
}

// less are the parts of some spans that others do not cover.
func less(spans, others []clinic.Pattern) (out []clinic.Pattern) {
	for _, p := range spans {
		left := []clinic.Pattern{p}
		for _, o := range others {
			var next []clinic.Pattern
			for _, part := range left {
				before, after := part, part
				before.Until, after.From = min(part.Until, o.From), max(part.From, o.Until)
				for _, rest := range []clinic.Pattern{before, after} {
					if rest.From < rest.Until {
						next = append(next, rest)
					}
				}
			}
			left = next
		}
		out = append(out, left...)
	}
	return out
}

// picked is the key of the span whose fields are shown where there is a script: the chosen one, or the first that is wrong, or the first.
func (v Hours) picked() string {
	first := ""
	for _, s := range v.Typed.Spans {
		if s.Key == v.Picked {
			return s.Key
		}
		if v.spanError(s.Key) {
			return s.Key
		}
	}
	for _, s := range v.Typed.Spans {
		if first == "" {
			first = s.Key
		}
	}
	return first
}

// spanError reports whether a field of a span is wrong.
func (v Hours) spanError(key string) bool {
	return slices.ContainsFunc(v.Errors, func(e *clinic.Error) bool { return strings.HasSuffix(e.Field, "-"+key) })
}

// rooms are those that the branch's hours name.
func (v Hours) rooms() (rooms []string) {
	for _, w := range v.Weeks {
		for _, h := range w.Spans {
			rooms = append(rooms, h.Pattern.Room)
		}
	}
	for _, c := range v.Copies {
		if c.Branch.ID == v.Branch.ID {
			for _, h := range c.Week.Spans {
				rooms = append(rooms, h.Pattern.Room)
			}
		}
	}
	slices.Sort(rooms)
	return slices.DeleteFunc(slices.Compact(rooms), func(r string) bool { return r == "" })
}
