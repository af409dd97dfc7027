package config

import (
	_ "embed"
	"encoding/csv"
	"strings"
	"sync"

	"madoguchi/internal/clinic"
)

//go:embed holidays.csv
var holidaysCSV string

// holidays are the names of each holiday by day, Japanese and English.
var holidays = sync.OnceValue(func() map[clinic.Date][2]string {
	rows, err := csv.NewReader(strings.NewReader(holidaysCSV)).ReadAll()
	if err != nil {
		panic("config: holidays.csv: " + err.Error()) // built into the program and read by its tests
	}
	days := make(map[clinic.Date][2]string, len(rows))
	for _, row := range rows[1:] {
		day, ok := clinic.ParseDate(row[0])
		if !ok {
			panic("config: holidays.csv: no day: " + row[0])
		}
		days[day] = [2]string{row[1], row[2]}
	}
	return days
})

// Holiday names the Japanese public holiday that a day is, in "ja" or "en", substitute days (振替休日) and days between
// holidays (国民の休日) included. The data covers 2024 to 2030 and comes from the Cabinet Office's calendar by way of
// holiday_jp; the equinoxes of years not yet announced are computed there.
func Holiday(day clinic.Date, lang string) (name string, ok bool) {
	names, ok := holidays()[day]
	if lang == "en" {
		return names[1], ok
	}
	return names[0], ok
}

// IsHoliday reports whether a day is a Japanese public holiday.
func IsHoliday(day clinic.Date) bool {
	_, ok := holidays()[day]
	return ok
}
