package clinic

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// friday is the day on which the wishes of tests are said.
var friday = Date{2026, time.November, 27}

var wishDoctors = []Doctor{
	{ID: "hana", FamilyName: "見本", GivenName: "花", FamilyKana: "ミホン", GivenKana: "ハナ", NameEn: "Hana Mihon", Sex: Female},
	{ID: "mamoru", FamilyName: "試験", GivenName: "守", FamilyKana: "シケン", GivenKana: "マモル", Sex: Male},
	{ID: "sora", FamilyName: "見本", GivenName: "空", FamilyKana: "ミホン", GivenKana: "ソラ", Sex: Male},
}

// said writes a wish as one line.
func said(w Wish) string {
	var parts []string
	if !w.First.IsZero() {
		parts = append(parts, w.First.String()+".."+w.Last.String())
	}
	for _, d := range w.Weekdays {
		parts = append(parts, d.String()[:3])
	}
	if w.From != 0 || w.Until != 0 {
		parts = append(parts, fmt.Sprintf("%d-%d", w.From, w.Until))
	}
	if w.At >= 0 {
		parts = append(parts, "at "+w.At.String())
	}
	if w.Sex != "" {
		parts = append(parts, string(w.Sex))
	}
	parts = append(parts, w.DoctorIDs...)
	if len(w.Unread) > 0 {
		parts = append(parts, "unread "+strings.Join(w.Unread, "|"))
	}
	return strings.Join(parts, " ")
}

func TestParseWish_AsPeopleSayIt(t *testing.T) {
	for typed, want := range map[string]string{
		"":                     "",
		"土曜の午後":                "Sat 720-0",
		"どようの午後":               "Sat 720-0",
		"ぽよの午後":                "720-0 unread ぽよ",
		"来週 女性":                "2026-11-30..2026-12-06 f",
		"12/3 15時":             "2026-12-03..2026-12-03 at 15:00",
		"１２／３　１５時":             "2026-12-03..2026-12-03 at 15:00",
		"明日 午前":                "2026-11-28..2026-11-28 0-720",
		"明後日の朝":                "2026-11-29..2026-11-29 0-720",
		"今日":                   "2026-11-27..2026-11-27",
		"今週":                   "2026-11-27..2026-11-29",
		"再来週の火曜か木曜、夕方":         "2026-12-07..2026-12-13 Tue Thu 1020-0",
		"来月":                   "2026-12-01..2026-12-31",
		"12月":                  "2026-12-01..2026-12-31",
		"1月":                   "2027-01-01..2027-01-31",
		"11月28日":               "2026-11-28..2026-11-28",
		"11/26":                "2027-11-26..2027-11-26",
		"2026-12-03":           "2026-12-03..2026-12-03",
		"2026年12月3日":           "2026-12-03..2026-12-03",
		"3日":                   "2026-12-03..2026-12-03",
		"2/29":                 "2028-02-29..2028-02-29",
		"2/30":                 "unread 2/30",
		"土日":                   "Sat Sun",
		"平日の夜":                 "Mon Tue Wed Thu Fri 1020-0",
		"火・木 午後":               "Tue Thu 720-0",
		"水か金":                  "Wed Fri",
		"月":                    "Mon",
		"14時以降":                "840-0",
		"14時から16時":             "840-960",
		"14時〜16時":              "840-960",
		"16時まで":                "0-960",
		"午後3時":                 "at 15:00",
		"3時半":                  "at 15:30",
		"10時台":                 "at 10:00",
		"15:30 土曜":             "Sat at 15:30",
		"3pm":                  "at 15:00",
		"25時":                  "unread 25時",
		"見本":                   "hana sora",
		"見本花先生":                "hana",
		"みほん そら":               "sora",
		"ミホン先生 来週":             "2026-11-30..2026-12-06 hana sora",
		"hana mihon":           "hana",
		"女医さん":                 "f",
		"男性医師 土曜":              "Sat m",
		"かとう先生":                "unread かとう",
		"犬の散歩のあと":              "unread 犬の散歩のあと",
		"土曜以外":                 "Sat unread 以外",
		"いつでも":                 "",
		"Saturday afternoon":   "Sat 720-0",
		"next week, woman":     "2026-11-30..2026-12-06 f",
		"Monday morning 10:30": "Mon at 10:30",
		"satisfied":            "unread satisfied",
	} {
		if got := said(ParseWish(typed, friday, wishDoctors)); got != want {
			t.Errorf("%q is read as %q, want %q", typed, got, want)
		}
	}
}

// What is put together from words that are understood is understood, in whatever order; and what fits is what was said.
func TestParseWish_WordsInAnyOrder(t *testing.T) {
	days := map[string]func(Date) bool{
		"土曜":   func(d Date) bool { return d.Weekday() == time.Saturday },
		"来週":   func(d Date) bool { return !d.Before(Date{2026, 11, 30}) && d.Before(Date{2026, 12, 7}) },
		"12/3": func(d Date) bool { return d == Date{2026, 12, 3} },
		"平日":   func(d Date) bool { return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday },
	}
	hours := map[string]func(hour int) bool{
		"午前":    func(h int) bool { return h < 12 },
		"午後":    func(h int) bool { return h >= 12 },
		"15時以降": func(h int) bool { return h >= 15 },
		"15時まで": func(h int) bool { return h < 15 },
		"14時":   func(h int) bool { return h == 14 },
		"夕方":    func(h int) bool { return h >= 17 },
	}
	people := map[string]func(Doctor) bool{
		"女性":   func(d Doctor) bool { return d.Sex == Female },
		"試験先生": func(d Doctor) bool { return d.ID == "mamoru" },
	}
	keys := func(t *rapid.T, name string, of []string) string { return rapid.SampledFrom(of).Draw(t, name) }
	tokyo := tokyo.Location()
	rapid.Check(t, func(t *rapid.T) {
		day := keys(t, "day", []string{"土曜", "来週", "12/3", "平日"})
		hour := keys(t, "hour", []string{"午前", "午後", "15時以降", "15時まで", "14時", "夕方"})
		who := keys(t, "who", []string{"女性", "試験先生"})
		words := rapid.Permutation([]string{day, hour, who}).Draw(t, "order")
		w := ParseWish(strings.Join(words, keys(t, "between", []string{" ", "　", "の", "、"})), friday, wishDoctors)
		if len(w.Unread) > 0 {
			t.Fatalf("%q: not understood %q", words, w.Unread)
		}
		date := friday.AddDays(rapid.IntRange(0, 20).Draw(t, "ahead"))
		clock := rapid.IntRange(9, 19).Draw(t, "clock")
		doctor := rapid.SampledFrom(wishDoctors).Draw(t, "doctor")
		slot := Slot{DoctorID: doctor.ID, StartsAt: date.at(time.Duration(clock)*time.Hour, tokyo)}
		want := days[day](date) && hours[hour](clock) && people[who](doctor)
		if got := w.Fits(slot, doctor, tokyo); got != want {
			t.Fatalf("%q: %s %d:00 with %s fits: %t", words, date, clock, doctor.ID, got)
		}
	})
}

// FuzzParseWish: whatever is typed is read without a panic, and every letter of it that was not understood is said.
func FuzzParseWish(f *testing.F) {
	for _, seed := range []string{"土曜の午後", "来週 女性", "12/3 15時", "２月３０日", "99999999年", "見本 花", "24時", "\x00\xff", "ﾐﾎﾝ", "10時から9時", "-/-", "元年1月"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		w := ParseWish(typed, friday, wishDoctors)
		if w.From < 0 || w.From >= dayEnd || w.Until < 0 || w.Until > dayEnd || w.At >= dayEnd || w.At < -1 {
			t.Fatalf("%q: %+v", typed, w)
		}
		if !w.First.IsZero() && w.Last.Before(w.First) {
			t.Fatalf("%q: from %s until %s", typed, w.First, w.Last)
		}
		if w.Until != 0 && w.From >= w.Until {
			t.Fatalf("%q: from %s until %s", typed, w.From, w.Until)
		}
		if slices.Contains(w.Unread, "") {
			t.Fatalf("%q: unread %q", typed, w.Unread)
		}
	})
}
