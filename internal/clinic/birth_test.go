package clinic

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseBirth(t *testing.T) {
	for typed, want := range map[[3]string]string{
		{"1990", "4", "1"}:             "1990-04-01",
		{"１９９０", "０４", "０１"}:           "1990-04-01",
		{" 1990年 ", "4月", "1 日"}:       "1990-04-01",
		{"平成2", "4", "1"}:              "1990-04-01",
		{"平成２年", "４月", "１日"}:           "1990-04-01",
		{"H2", "4", "1"}:               "1990-04-01",
		{"ｈ2", "4", "1"}:               "1990-04-01",
		{"Ｈ.2", "4", "1"}:              "1990-04-01",
		{"平2", "4", "1"}:               "1990-04-01",
		{"平２年", "4", "1"}:              "1990-04-01",
		{"㍻2", "4", "1"}:               "1990-04-01",
		{"㍼64", "1", "7"}:              "1989-01-07",
		{"昭63", "1", "7"}:              "1988-01-07",
		{"㋿元", "5", "1"}:               "2019-05-01",
		{"㍽15", "12", "24"}:            "1926-12-24",
		{"平成 2", "4", "1"}:             "1990-04-01",
		{"平成・2", "4", "1"}:             "1990-04-01",
		{"西暦1990年", "4", "1"}:          "1990-04-01",
		{"\u200e1990", "4", "\u00a01"}: "1990-04-01",
		{"平", "4", "1"}:                "error.birth.number",
		{"㍻", "4", "1"}:                "error.birth.number",
		{"平成90年", "4", "1"}:            "error.birth.era",
		{"昭和64年", "1", "7"}:            "1989-01-07",
		{"平成元年", "1", "8"}:             "1989-01-08",
		{"平成1", "1", "8"}:              "1989-01-08",
		{"平成31", "4", "30"}:            "2019-04-30",
		{"令和元", "5", "1"}:              "2019-05-01",
		{"大正15", "12", "24"}:           "1926-12-24",
		{"昭和元", "12", "25"}:            "1926-12-25",
		{"2004", "2", "29"}:            "2004-02-29",
		{"", "4", "1"}:                 "error.birth.empty",
		{"1990", "　", "1"}:             "error.birth.empty",
		{"1990", "4", "日"}:             "error.birth.empty",
		{"90", "4", "1"}:               "error.birth.number",
		{"19900", "4", "1"}:            "error.birth.number",
		{"平成", "4", "1"}:               "error.birth.number",
		{"平成0", "4", "1"}:              "error.birth.number",
		{"平成100", "4", "1"}:            "error.birth.number",
		{"明治40", "4", "1"}:             "error.birth.number",
		{"1990", "四", "1"}:             "error.birth.number",
		{"1990", "4", "1\x00"}:         "error.birth.number",
		{"1990", "13", "1"}:            "error.birth.impossible",
		{"1990", "0", "1"}:             "error.birth.impossible",
		{"1990", "4", "31"}:            "error.birth.impossible",
		{"1990", "2", "29"}:            "error.birth.impossible",
		{"1990", "4", "-1"}:            "error.birth.impossible",
		{"1990", "4", "99999999"}:      "error.birth.impossible",
		{"昭和64", "1", "8"}:             "error.birth.era",
		{"平成元", "1", "7"}:              "error.birth.era",
		{"令和元", "4", "30"}:             "error.birth.era",
		{"昭和99", "1", "1"}:             "error.birth.era",
	} {
		d, problem := ParseBirth(typed[0], typed[1], typed[2])
		got := problem
		if problem == "" {
			got = d.String()
		}
		if got != want {
			t.Errorf("%q: %s, want %s", typed, got, want)
		}
	}
}

// The era beside the year counts where the year does not say its own.
func TestBirthYear(t *testing.T) {
	for typed, want := range map[[2]string]string{
		{"", "1990"}: "1990-04-01", {"平成", "2"}: "1990-04-01", {"平成", " ２年"}: "1990-04-01", {"平成", "1990"}: "1990-04-01", {"平成", "H2"}: "1990-04-01", {"昭和", "平成2"}: "1990-04-01",
		{"昭和", "㍻2"}: "1990-04-01", {"昭和", "1990"}: "error.birth.era", {"令和", "2"}: "2020-04-01", {"平成", ""}: "error.birth.empty", {"平成", " 年"}: "error.birth.empty", {"", "2"}: "error.birth.number",
		{"西暦", "1990"}: "1990-04-01", {"x", "1990"}: "error.birth.number", {"平成", "90"}: "error.birth.era",
	} {
		d, got := ParseBirth(BirthYear(typed[0], typed[1]), "4", "1")
		if got == "" {
			got = d.String()
		}
		if got != want {
			t.Errorf("%q: %s, want %s", typed, got, want)
		}
	}
}

func TestDate_Era(t *testing.T) {
	for day, want := range map[string]string{
		"1912-07-29": "", "1912-07-30": "大正元年", "1926-12-24": "大正15年", "1926-12-25": "昭和元年",
		"1989-01-07": "昭和64年", "1989-01-08": "平成元年", "2019-04-30": "平成31年", "2019-05-01": "令和元年", "2026-11-24": "令和8年",
	} {
		if d, ok := ParseDate(day); !ok || d.Era() != want {
			t.Errorf("%s: %q, want %q", day, d.Era(), want)
		}
	}
}

func TestDate_Age(t *testing.T) {
	for _, c := range []struct {
		birth, on string
		want      int
	}{
		{"2008-11-24", "2026-11-23", 17},
		{"2008-11-24", "2026-11-24", 18},
		{"2008-02-29", "2026-02-28", 17},
		{"2008-02-29", "2026-03-01", 18},
		{"2008-02-29", "2028-02-29", 20},
		{"2026-11-24", "2026-11-24", 0},
	} {
		birth, _ := ParseDate(c.birth)
		on, _ := ParseDate(c.on)
		if got := birth.Age(on); got != c.want {
			t.Errorf("%s on %s: %d, want %d", c.birth, c.on, got, c.want)
		}
	}
}

func drawDate(t *rapid.T, label string) Date {
	return Date{1912, time.July, 30}.AddDays(rapid.IntRange(0, 50000).Draw(t, label))
}

func TestDate_Properties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, other := drawDate(t, "day"), drawDate(t, "other")
		if again, ok := ParseDate(d.String()); !ok || again != d {
			t.Fatalf("%v is written %s and read %v", d, d, again)
		}
		western, problem := ParseBirth(fmt.Sprint(d.Year), fmt.Sprint(int(d.Month)), fmt.Sprint(d.Day))
		if problem != "" || western != d {
			t.Fatalf("%v: %v %s", d, western, problem)
		}
		japanese, problem := ParseBirth(d.Era(), fmt.Sprint(int(d.Month)), fmt.Sprint(d.Day))
		if problem != "" || japanese != d {
			t.Fatalf("%v is %s: %v %s", d, d.Era(), japanese, problem)
		}
		for _, e := range eras {
			n, ok := strings.CutPrefix(d.Era(), e.name)
			for _, short := range e.short {
				if got, problem := ParseBirth(strings.ToLower(short)+n, fmt.Sprint(int(d.Month)), fmt.Sprint(d.Day)); ok && (problem != "" || got != d) {
					t.Fatalf("%v is %s%s: %v %s", d, short, n, got, problem)
				}
			}
		}
		if d.Before(other) == other.Before(d) && d != other {
			t.Fatalf("%v and %v have no order", d, other)
		}
		// One is as old on the birthday as the years between, and a year younger the day before.
		if birthday := (Date{other.Year, d.Month, d.Day}); d.Day < 29 && other.Year > d.Year {
			if age := d.Age(birthday); age != other.Year-d.Year || d.Age(birthday.AddDays(-1)) != age-1 {
				t.Fatalf("%v on %v: %d", d, birthday, age)
			}
		}
		n := rapid.IntRange(-1000, 1000).Draw(t, "days")
		if moved := d.AddDays(n); moved.AddDays(-n) != d || (n != 0) != (moved != d) {
			t.Fatalf("%v and %d days: %v", d, n, moved)
		}
	})
}

func FuzzBirth(f *testing.F) {
	for _, s := range [][3]string{{"1990", "4", "1"}, {"平成2", "４月", "１日"}, {"H2", "4", "1"}, {"昭和64年", "1", "7"}, {"令和元", "5", "1"}, {"+199", "-1", "9999999999999999999"}} {
		f.Add(s[0], s[1], s[2])
	}
	f.Fuzz(func(t *testing.T, year, month, day string) {
		d, problem := ParseBirth(year, month, day)
		if problem != "" {
			if !strings.HasPrefix(problem, "error.birth.") || !d.IsZero() {
				t.Fatalf("%q %v", problem, d)
			}
			return
		}
		if again, ok := ParseDate(d.String()); !ok || again != d {
			t.Fatalf("%q %q %q is %v, which is no day", year, month, day, d)
		}
		if again, problem := ParseBirth(Narrow(year), Narrow(month), Narrow(day)); problem != "" || again != d {
			t.Fatalf("%q %q %q in another width: %v %s", year, month, day, again, problem)
		}
	})
}
