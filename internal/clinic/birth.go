package clinic

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Age is the completed years on a day. Who was born on 29 February becomes older on 1 March of a common year, as people
// count it; the law's "end of the day before" (Act on Calculation of Ages) differs only at midnight.
func (d Date) Age(on Date) int {
	years := on.Year - d.Year
	if on.Month < d.Month || on.Month == d.Month && on.Day < d.Day {
		years--
	}
	return years
}

// era is a Japanese era with the day it began.
type era struct {
	name   string
	short  []string // the other ways to write it before a year, in capitals: H, 平, ㍻
	begins Date
}

// eras, newest first. Boundaries by the Era Name Act: 令和 2019-05-01, 平成 1989-01-08, 昭和 1926-12-25; 大正 1912-07-30.
var eras = []era{
	{"令和", []string{"R", "令", "㋿"}, Date{2019, time.May, 1}},
	{"平成", []string{"H", "平", "㍻"}, Date{1989, time.January, 8}},
	{"昭和", []string{"S", "昭", "㍼"}, Date{1926, time.December, 25}},
	{"大正", []string{"T", "大", "㍽"}, Date{1912, time.July, 30}},
}

// Era writes the year of a day in the Japanese calendar, such as 平成2年 or 令和元年; empty before 大正.
func (d Date) Era() string {
	for _, e := range eras {
		if !d.Before(e.begins) {
			n := strconv.Itoa(d.Year - e.begins.Year + 1)
			if n == "1" {
				n = "元"
			}
			return e.name + n + "年"
		}
	}
	return ""
}

// ParseBirth reads a birth date from three typed fields. The year may be western (1990, １９９０) or Japanese (平成2,
// 平2, ㍻2, H2, 昭和64年, 令和元). It returns an error key for the sentence to show and an empty key when the date is good.
// An era year is refused where the day lies outside that era, since then one of the two is mistyped.
func ParseBirth(year, month, day string) (Date, string) {
	year, month, day = tidyNumber(year, "年"), tidyNumber(month, "月"), tidyNumber(day, "日")
	if year == "" || month == "" || day == "" {
		return Date{}, "error.birth.empty"
	}
	m, errM := strconv.Atoi(month)
	d, errD := strconv.Atoi(day)
	y, in, ok := parseYear(year)
	if !ok || errM != nil || errD != nil {
		return Date{}, "error.birth.number"
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	date := DateOf(t, time.UTC)
	if date.Year != y || int(date.Month) != m || date.Day != d {
		return Date{}, "error.birth.impossible"
	}
	if in != nil && !strings.HasPrefix(date.Era(), in.name) {
		return Date{}, "error.birth.era"
	}
	return date, ""
}

// ParseBirthText reads a birth date that was typed into one field, as people write it: 1988/5/12, 昭和63年5月12日, S63.5.12, 19880512. It
// returns what ParseBirth does.
func ParseBirthText(typed string) (Date, string) {
	text := strings.Map(func(r rune) rune {
		if isDash(r) || strings.ContainsRune("/.・年月日,、", r) {
			return ' '
		}
		return r
	}, Narrow(typed))
	parts := strings.Fields(text)
	if len(parts) == 1 { // nothing between the numbers: the last four digits are month and day
		if n := len(parts[0]) - 4; n > 0 && strings.Trim(parts[0][n:], "0123456789") == "" {
			parts = []string{parts[0][:n], parts[0][n : n+2], parts[0][n+2:]}
		}
	}
	switch {
	case len(parts) == 0:
		return Date{}, "error.birth.empty"
	case len(parts) != 3:
		return Date{}, "error.birth.number"
	}
	return ParseBirth(parts[0], parts[1], parts[2])
}

func tidyNumber(s, unit string) string {
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(Narrow(s)), unit))
}

func parseYear(s string) (year int, in *era, ok bool) {
	s = strings.TrimSpace(strings.TrimPrefix(s, "西暦"))
	for i, e := range eras {
		rest, found := e.cut(s)
		if !found {
			continue
		}
		rest = strings.Trim(rest, " .・")
		if rest == "元" {
			rest = "1"
		}
		n, err := strconv.Atoi(rest)
		switch {
		case err == nil && len(rest) == 4 && n > 0: // the era was chosen, and the western year typed
			return n, &eras[i], true
		case err != nil || n < 1 || n > 99:
			return 0, nil, false
		}
		return e.begins.Year + n - 1, &eras[i], true
	}
	n, err := strconv.Atoi(s)
	return n, nil, err == nil && len(s) == 4 && n > 0
}

// cut takes the era from the beginning of a year.
func (e era) cut(s string) (rest string, found bool) {
	for _, name := range append([]string{e.name}, e.short...) {
		if rest, found := strings.CutPrefix(strings.ToUpper(s), name); found {
			return rest, true
		}
	}
	return s, false
}

// BirthYear is a typed year with the era that was chosen beside it, unless the year says its own.
func BirthYear(chosen, year string) string {
	tidied := tidyNumber(year, "年")
	if tidied == "" || slices.ContainsFunc(eras, func(e era) bool { _, found := e.cut(tidied); return found }) {
		return year
	}
	return chosen + year
}

// Eras are the eras of people who are alive, the latest first, as they are written before a year.
func Eras() []string {
	names := make([]string, len(eras))
	for i, e := range eras {
		names[i] = e.name
	}
	return names
}
