package office

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/web"
	"madoguchi/web/ui"
)

// weekday is a day of the week with 曜: 水曜, or Wed.
func weekday(l web.Locale, day time.Weekday) string {
	return l.T("office.hours.weekday", "Day", l.Weekday(day))
}

// spanName is what a span is called: 水曜 14:00–17:00.
func spanName(l web.Locale, s clinic.TypedSpan) string {
	n, _ := strconv.ParseUint(s.Weekday, 10, 8) // of what cannot be read the name is any
	return l.T("office.hours.span", "Day", weekday(l, time.Weekday(n%7)), "From", s.From, "Until", s.Until)
}

// NamedErrors are refusals of hours with names in the place of ids.
func NamedErrors(ctx context.Context, errs clinic.Errors, doctors []clinic.Doctor, branches []clinic.Branch) clinic.Errors {
	errs = slices.Clone(errs)
	for i, e := range errs {
		if e.Args["Weekday"] != "" {
			named := *e
			named.Args = hoursWords(ctx, e.Args, doctors, branches)
			errs[i] = &named
		}
	}
	return errs
}

// hoursWords are the arguments of a refusal of hours with names in the place of ids.
func hoursWords(ctx context.Context, args map[string]string, doctors []clinic.Doctor, branches []clinic.Branch) map[string]string {
	l := web.LocaleOf(ctx)
	named := maps.Clone(args)
	n, _ := strconv.Atoi(args["Weekday"])
	named["Weekday"] = weekday(l, time.Weekday(n%7))
	for _, d := range doctors {
		if d.ID == args["Doctor"] {
			named["Doctor"] = doctorName(l, d)
		}
	}
	for _, b := range branches {
		if b.ID == args["Branch"] {
			named["Branch"] = b.In(l.Lang()).Name
		}
	}
	return named
}

// hoursLabels are the labels of the week's fields, for the summary of errors.
func (v Hours) hoursLabels(l web.Locale) map[string]string {
	labels := map[string]string{"valid_from": l.T("office.hours.valid_from"), "valid_until": l.T("office.hours.valid_until")}
	for _, s := range v.Typed.Spans {
		for field, label := range spanLabels(l) {
			labels[field+"-"+s.Key] = spanName(l, s) + " " + label
		}
	}
	return labels
}

func spanLabels(l web.Locale) map[string]string {
	return map[string]string{
		"from": l.T("office.slot.from"), "until": l.T("office.slot.until"), "minutes": l.T("office.hours.minutes"), "pause": l.T("office.hours.pause"),
		"room": l.T("office.hours.room"), "audience": l.T("office.hours.audience"), "weekday": l.T("office.hours.weekday.label"),
	}
}

func exceptionLabels(l web.Locale) map[string]string {
	labels := spanLabels(l)
	for field, label := range map[string]string{
		"kind": l.T("office.hours.kind"), "who": l.T("office.hours.who"), "first": l.T("office.hours.first"), "last": l.T("office.hours.last"),
		"nth": l.T("office.hours.nth"), "reason": l.T("office.hours.reason"),
	} {
		labels[field] = label
	}
	return labels
}

// minutesOptions are lengths to choose from, with the one that stands there.
func minutesOptions(l web.Locale, now string, lengths ...int) []ui.Option {
	var options []ui.Option
	known := false
	for _, n := range lengths {
		value := strconv.Itoa(n)
		known = known || value == now
		label := l.T("office.hours.minutes.unit", "N", value)
		if n == 0 {
			label = l.T("office.hours.pause.none")
		}
		options = append(options, ui.Option{Value: value, Label: label})
	}
	if !known && now != "" {
		options = append(options, ui.Option{Value: now, Label: l.T("office.hours.minutes.unit", "N", now)})
	}
	return options
}

func lengthOptions(l web.Locale, now string) []ui.Option {
	return minutesOptions(l, now, 15, 20, 30, 40, 45, 50, 60, 75, 90, 120)
}

func pauseOptions(l web.Locale, now string) []ui.Option {
	return minutesOptions(l, now, 0, 5, 10, 15, 20, 30)
}

func audienceOptions(l web.Locale) []ui.Option {
	return []ui.Option{
		{Value: string(clinic.Public), Label: l.T("office.hours.audience.public")},
		{Value: string(clinic.StaffOnly), Label: l.T("office.hours.audience.staff")},
	}
}

// exceptionWhen says in words when an exception is.
func (v Hours) exceptionWhen(l web.Locale, e clinic.Exception) string {
	day := func(d clinic.Date) string { return l.ShortDay(d, v.HolidayName(d)) }
	var when string
	switch {
	case e.Nth == 0 && e.First == e.Last:
		when = day(e.First)
	case e.Nth == 0:
		when = day(e.First) + " – " + day(e.Last)
	case e.Nth < 0:
		when = l.T("office.hours.series.last", "Day", weekday(l, e.Weekday))
	default:
		when = l.T("office.hours.series", "N", strconv.Itoa(e.Nth), "Day", weekday(l, e.Weekday))
	}
	if !e.WholeDay() {
		t := e.Pattern.Typed()
		when += " " + t.From + "–" + t.Until
	}
	return when
}

// exceptionWho is whom an exception is about.
func (v Hours) exceptionWho(l web.Locale, e clinic.Exception) string {
	for _, d := range v.Doctors {
		if d.ID == e.DoctorID {
			return d.Name(l.Lang())
		}
	}
	if e.DoctorID == "" {
		return l.T("office.hours.everybody")
	}
	return ""
}

// differing are the weekdays on which what is stored and what is typed differ, in words.
func (v Hours) differing(l web.Locale) (out [][3]string) {
	words := func(w clinic.TypedWeek, day time.Weekday) string {
		var spans []string
		for _, s := range w.Spans {
			if s.Weekday == strconv.Itoa(int(day)) {
				spans = append(spans, strings.TrimSpace(s.From+"–"+s.Until+" "+s.Room))
			}
		}
		if len(spans) == 0 {
			return l.T("office.hours.off")
		}
		return l.List(spans)
	}
	stored := v.Stored.Typed()
	for _, day := range weekOrder {
		if a, b := words(stored, day), words(v.Typed, day); a != b {
			out = append(out, [3]string{weekday(l, day), a, b})
		}
	}
	return out
}

func signed(n int) string {
	switch {
	case n < 0:
		return "−" + strconv.Itoa(-n)
	case n > 0:
		return "+" + strconv.Itoa(n)
	}
	return "0"
}
