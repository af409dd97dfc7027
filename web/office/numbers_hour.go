package office

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

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

// heat is the step of a share on the scale of five: each is a fifth.
func heat(s clinic.Share) int { return min(5, 1+int(s.Value()*5)) }

func (v Numbers) hourPlot(l web.Locale) plot {
	days, hours := v.weekdays(), v.hours()
	const left, height, gap = 27.0, 29.0, 2.0
	width := min(64, (354-left)/float64(max(len(hours), 1)))
	p := plot{Width: 354, Height: 20 + int(height)*len(days)}
	size := "12"
	if width < 26 {
		size = "9"
	}
	for i, hour := range hours {
		label := hourLabel(l, hour)
		if width < 26 {
			label = strconv.Itoa(hour)
		}
		p.Words = append(p.Words, word{"ax", left + width*(float64(i)+0.5), 13, "middle", "11", label})
	}
	var fullest, emptiest string
	var most, least clinic.Share
	for row, day := range days {
		y := 20 + height*float64(row)
		class := "ax"
		if day == 6 {
			class = "sat-t"
		}
		p.Words = append(p.Words, word{class, 13, y + 18, "middle", "12", l.Weekday(day)})
		for i, hour := range hours {
			share := v.Counted.ByHour[day][hour]
			x := left + width*float64(i)
			if !share.Known() {
				p.Bars = append(p.Bars, bar{"h0", x, y, width - gap, height - gap})
				p.Words = append(p.Words, word{"ax", x + (width-gap)/2, y + 18, "middle", size, nothing})
				continue
			}
			step := strconv.Itoa(heat(share))
			p.Bars = append(p.Bars, bar{"h" + step, x, y, width - gap, height - gap})
			p.Words = append(p.Words, word{"th" + step, x + (width-gap)/2, y + 18, "middle", size, strings.TrimSuffix(percent(share, 0), "%")})
			where := l.T("office.numbers.hours.at", "Day", l.Weekday(day), "Hour", hourLabel(l, hour), "Share", percent(share, 0))
			if fullest == "" || share.Value() > most.Value() {
				fullest, most = where, share
			}
			if emptiest == "" || share.Value() < least.Value() {
				emptiest, least = where, share
			}
		}
	}
	p.Says = l.T("office.numbers.hours.says", "Full", fullest, "Free", emptiest)
	return p
}
