package clinic

import (
	"regexp"
	"strconv"
	"strings"
)

// readWhen reads when a counseling is, wherever the file says it.
func (l *ImportLine) readWhen(t ImportTable, row ImportRow) {
	at, date, start, end := t.tidied(row, ColumnAt), t.tidied(row, ColumnDate), t.tidied(row, ColumnStart), t.tidied(row, ColumnEnd)
	dayColumn, fromColumn := ColumnAt, ColumnAt
	if at == "" && t.Has(ColumnDate) {
		dayColumn, fromColumn = ColumnDate, ColumnStart
	}
	m := readMoment(at)
	if at == "" {
		m = readMoment(start)
		if day := readMoment(date); day.day != (Date{}) {
			m.day = day.day
			if len(m.clocks) == 0 {
				m.clocks = day.clocks
			}
		}
	}
	switch {
	case at+date == "" && m.day.IsZero():
		l.wrong(dayColumn, "error.empty")
	case m.day.IsZero():
		l.wrong(dayColumn, "error.import.date")
	case len(m.clocks) > 0:
	case at == "" && start == "":
		l.wrong(fromColumn, "error.empty")
	default:
		l.wrong(fromColumn, "error.import.clock")
	}
	l.Day = m.day
	if len(m.clocks) > 0 {
		l.From = m.clocks[0]
	}
	if len(m.clocks) > 1 {
		l.Until = m.clocks[1]
	}
	if end != "" {
		last := readMoment(end)
		switch {
		case len(last.clocks) == 0:
			l.wrong(ColumnEnd, "error.import.clock")
			return
		case !last.day.IsZero() && last.day != l.Day:
			l.wrong(ColumnEnd, "error.import.overnight")
			return
		}
		l.Until = last.clocks[0]
	}
	if l.Until != 0 && l.Until <= l.From && len(l.Errors) == 0 {
		l.wrong(ColumnEnd, "error.slot.order")
	}
}

// moment is what a cell says about a time: the day, where it says one, and the times of day.
type moment struct {
	day    Date
	clocks []Clock
}

var (
	weekdayMark = regexp.MustCompile(`[(（]\s*(?:[日月火水木金土祝・]+|(?i:sun|mon|tue|wed|thu|fri|sat)[a-z]*\.?)\s*[)）]|[日月火水木金土]曜日?`)
	clockMark   = regexp.MustCompile(`(?i)(午前|午後|am|pm)?\s*([0-9]{1,2})(?::([0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)?|時(?:([0-9]{1,2})分?|(半))?)\s*(am|pm)?`)
)

// readDay reads a day as other systems write it.
func readDay(typed string) (Date, string) {
	day, problem := ParseBirthText(weekdayMark.ReplaceAllString(typed, " "))
	if problem == "" {
		return day, ""
	}
	if m := readMoment(typed); !m.day.IsZero() { // 1990/04/01 0:00
		return m.day, ""
	}
	return Date{}, problem
}

// readMoment reads a day, times of day, or both: 2026/12/01 10:00, 2026年12月1日(火) 10時半〜11時, 午後2:30, 2026-12-01T10:00:00+09:00.
func readMoment(typed string) (m moment) {
	text := weekdayMark.ReplaceAllString(Narrow(typed), " ")
	rest := text
	if marks := clockMark.FindAllStringSubmatchIndex(text, -1); len(marks) > 0 {
		rest = text[:marks[0][0]]
		for _, mark := range marks {
			part := func(i int) string {
				if mark[2*i] < 0 {
					return ""
				}
				return text[mark[2*i]:mark[2*i+1]]
			}
			if len(m.clocks) == 0 || !strings.HasSuffix(strings.TrimRight(text[:mark[0]], "0123456789"), "+") { // the offset of a zone
				if clock, ok := clockOf(part(1)+part(6), part(2), part(3)+part(4), part(5) != ""); ok {
					m.clocks = append(m.clocks, clock)
				}
			}
		}
	} else if clock, ok := ParseClock(text); ok {
		return moment{clocks: []Clock{clock}}
	}
	if day, problem := ParseBirthText(strings.TrimSuffix(strings.TrimSpace(rest), "T")); problem == "" {
		m.day = day
	}
	return m
}

func clockOf(half, hour, minute string, halfPast bool) (Clock, bool) {
	h, err := strconv.Atoi(hour)
	n, wrong := 0, error(nil)
	if minute != "" {
		n, wrong = strconv.Atoi(minute)
	}
	if halfPast {
		n = 30
	}
	switch strings.ToLower(half) {
	case "午後", "pm":
		if h < 12 {
			h += 12
		}
	case "午前", "am":
		if h == 12 {
			h = 0
		}
	}
	clock := Clock(h*60 + n)
	return clock, err == nil && wrong == nil && n < 60 && clock <= dayEnd
}
