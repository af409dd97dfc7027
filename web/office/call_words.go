package office

import (
	"strconv"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/web"
)

// wishTags are the words of what was understood of a wish.
func (v Call) wishTags(l web.Locale) []string {
	var tags []string
	w := v.Read
	switch {
	case w.First.IsZero():
	case w.First == w.Last:
		tags = append(tags, l.ShortDay(w.First, ""))
	default:
		tags = append(tags, l.Days(w.First, w.Last))
	}
	if len(w.Weekdays) > 0 {
		var days []string
		for _, d := range w.Weekdays {
			days = append(days, weekdayName(l, d))
		}
		tags = append(tags, l.List(days))
	}
	switch {
	case w.At >= 0:
		tags = append(tags, l.T("office.call.at", "Clock", w.At.String()))
	case w.From > 0 && w.Until > 0:
		tags = append(tags, l.T("office.call.between", "From", w.From.String(), "Until", w.Until.String()))
	case w.From > 0:
		tags = append(tags, l.T("office.call.from", "Clock", w.From.String()))
	case w.Until > 0:
		tags = append(tags, l.T("office.call.until", "Clock", w.Until.String()))
	}
	switch {
	case w.Sex == clinic.Female && !v.Women: // the box beside it says the same
		tags = append(tags, l.T("office.call.sex.woman"))
	case w.Sex == clinic.Male:
		tags = append(tags, l.T("office.call.sex.man"))
	}
	for _, id := range w.DoctorIDs {
		for _, d := range v.Doctors {
			if d.ID == id {
				tags = append(tags, doctorName(l, d))
			}
		}
	}
	return tags
}

// weekdayName is a day of the week as it is said: 土曜日.
func weekdayName(l web.Locale, day time.Weekday) string {
	switch day {
	case time.Monday:
		return l.T("office.call.weekday.monday")
	case time.Tuesday:
		return l.T("office.call.weekday.tuesday")
	case time.Wednesday:
		return l.T("office.call.weekday.wednesday")
	case time.Thursday:
		return l.T("office.call.weekday.thursday")
	case time.Friday:
		return l.T("office.call.weekday.friday")
	case time.Saturday:
		return l.T("office.call.weekday.saturday")
	case time.Sunday:
	}
	return l.T("office.call.weekday.sunday")
}

func callLabels(l web.Locale) map[string]string {
	return map[string]string{
		"kana": l.T("office.call.kana"), "phone": l.T("office.label.phone"), "email": l.T("office.booking.mail"), "memo": l.T("office.call.memo"),
		"name": l.T("office.call.name"), "birth": l.T("office.call.birth"), "slot": l.T("office.call.when"), "date": l.T("office.label.date"),
		"from": l.T("office.call.clock"), "minutes": l.T("office.call.minutes"), "doctor": l.T("office.label.doctor"), "room": l.T("office.call.room"),
	}
}

// shortDate is a day in a list: 11/28（土）.
func shortDate(l web.Locale, t time.Time, loc *time.Location) string {
	d := clinic.DateOf(t, loc)
	return strconv.Itoa(int(d.Month)) + "/" + strconv.Itoa(d.Day) + l.T("office.call.day", "Weekday", l.Weekday(d.Weekday()))
}

// birthShort is a birth date as it is typed.
func birthShort(d clinic.Date) string {
	if d.IsZero() {
		return ""
	}
	return strconv.Itoa(d.Year) + "/" + strconv.Itoa(int(d.Month)) + "/" + strconv.Itoa(d.Day)
}

// lastDigits are the last four of a phone number.
func lastDigits(phone string) string {
	if len(phone) < 4 {
		return phone
	}
	return "…" + phone[len(phone)-4:]
}

// aloud is the sentence that repeats to the caller what is about to be booked.
func (v Call) aloud(l web.Locale) string {
	if v.Chose == nil || v.Input.Kana == "" {
		return ""
	}
	loc := v.Branch.Location()
	day := clinic.DateOf(v.Chose.Slot.StartsAt, loc)
	name := v.Input.Kana
	if v.Input.Name != "" {
		name = v.Input.Name
	}
	date := strconv.Itoa(int(day.Month)) + "月" + strconv.Itoa(day.Day) + "日"
	if l.Lang() == "en" {
		date = strconv.Itoa(day.Day) + " " + day.Month.String()
	}
	return l.T("office.call.aloud", "Day", l.T("office.call.aloud.day", "Date", date, "Weekday", weekdayName(l, day.Weekday())),
		"From", spokenClock(l, v.Chose.Slot.StartsAt, loc), "Until", spokenClock(l, v.Chose.Slot.EndsAt, loc), "Doctor", doctorName(l, v.Chose.Doctor), "Name", name, "Phone", v.Input.Phone)
}

// spokenClock is a time of day as it is said: 14時, 14時30分.
func spokenClock(l web.Locale, t time.Time, loc *time.Location) string {
	if l.Lang() == "en" {
		return l.Clock(t, loc)
	}
	t = t.In(loc)
	if t.Minute() == 0 {
		return strconv.Itoa(t.Hour()) + "時"
	}
	return strconv.Itoa(t.Hour()) + "時" + strconv.Itoa(t.Minute()) + "分"
}
