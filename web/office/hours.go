package office

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"madoguchi/internal/clinic"
	"madoguchi/web"
	"madoguchi/web/ui"
)

// HoursAbout is which of the page's forms a preview is about.
type HoursAbout string

// The forms.
const (
	AboutWeek      HoursAbout = "week"
	AboutException HoursAbout = "exception"
	AboutHolidays  HoursAbout = "holidays"
)

// HoursNotice is what has just been done.
type HoursNotice string

// The notices.
const (
	WeekSaved        HoursNotice = "week"
	BookingsKept     HoursNotice = "kept"
	ExceptionAdded   HoursNotice = "added"
	ExceptionRemoved HoursNotice = "removed"
	HolidaysSaved    HoursNotice = "holidays"
)

// Hours is the page on which a doctor's week is drawn, and what differs from it.
type Hours struct {
	Frame
	Branches  []clinic.Branch
	Doctors   []HoursDoctor // of the branch
	Doctor    clinic.Doctor // zero when nobody works at the branch
	Today     clinic.Date   // at the branch
	MayDraw   bool
	MayDecide bool
	Notice    HoursNotice

	Weeks    []clinic.DoctorWeek // of the doctor, as they are stored
	Stored   clinic.DoctorWeek   // the one that the page shows
	Typed    clinic.TypedWeek
	Picked   string // the key of the span whose fields are shown
	Revision int
	Copies   []HoursCopy
	Errors   clinic.Errors
	Conflict bool // somebody else has saved the week since

	Exceptions      []clinic.Exception
	Exception       clinic.TypedException // as typed
	ExceptionErrors clinic.Errors
	Drawn           string            // the id of the exception that is typed
	YearEnd         *clinic.Exception // offered where there is none

	Rule            clinic.HolidayRule
	BranchRevision  int
	HolidayConflict bool
	HolidayName     func(day clinic.Date) string

	About     HoursAbout
	Laying    clinic.Laying
	Previewed bool // Laying is what saving would do
	People    []HoursPerson
}

// HoursDoctor is a doctor with how many slots their week has.
type HoursDoctor struct {
	clinic.Doctor

	Slots int
}

// HoursCopy is a week that can be copied.
type HoursCopy struct {
	Branch clinic.Branch
	Doctor clinic.Doctor
	Week   clinic.DoctorWeek
}

// Value is how a form names the week.
func (c HoursCopy) Value() string { return c.Branch.ID + ":" + c.Doctor.ID }

// HoursPerson is a booking about which a person decides.
type HoursPerson struct {
	clinic.Appointment

	Keep bool // the person looking has chosen that it stays
}

// Unsaved reports whether the week on the page differs from what is stored.
func (v Hours) Unsaved() bool {
	stored := v.Stored.Typed()
	if v.Typed.From != stored.From || v.Typed.Until != stored.Until || len(v.Typed.Spans) != len(stored.Spans) {
		return true
	}
	shape := func(w clinic.TypedWeek) (out []string) {
		for _, s := range w.Spans {
			out = append(out, fmt.Sprint(s.Weekday, " ", s.TypedPattern))
		}
		slices.Sort(out)
		return out
	}
	return !slices.Equal(shape(v.Typed), shape(stored))
}

// Holidays are the public holidays of the coming year, which the page lists.
func (v Hours) Holidays() (days []clinic.Date) {
	for day, last := v.Today, v.Today.AddDays(365); day.Before(last); day = day.AddDays(1) {
		if v.HolidayName(day) != "" {
			days = append(days, day)
		}
	}
	return days
}

// weekOrder is Monday to Sunday.
var weekOrder = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

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

// changesFrom is the Monday from which the table of changes shows four weeks.
func (v Hours) changesFrom() clinic.Date {
	from := v.Typed.From
	if v.About == AboutException {
		from = v.Exception.First
	}
	day, ok := clinic.ParseDate(from)
	if !ok || day.Before(v.Today) || v.About == AboutHolidays {
		day = v.Today
	}
	return day.AddDays(-(int(day.Weekday()) + 6) % 7)
}

// dayChange is how many slots appear and disappear on a day.
type dayChange struct{ plus, minus int }

func (v Hours) changes() map[clinic.Date]dayChange {
	out := map[clinic.Date]dayChange{}
	loc := v.Branch.Location()
	for _, s := range v.Laying.Add {
		day := clinic.DateOf(s.StartsAt, loc)
		c := out[day]
		c.plus++
		out[day] = c
	}
	for _, s := range v.Laying.Close {
		day := clinic.DateOf(s.StartsAt, loc)
		c := out[day]
		c.minus++
		out[day] = c
	}
	return out
}

// changed are the slots that get another room or audience and are wanted all the same.
func (v Hours) changed() (n int) {
	for _, k := range v.Laying.Change {
		if slices.ContainsFunc(v.Laying.Keep, func(o clinic.KnownSlot) bool { return o.ID == k.ID }) {
			n++
		}
	}
	return n
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

// met counts the bookings that wait for a person because of an exception.
func (v Hours) met(e clinic.Exception) (n int) {
	for _, who := range v.People {
		if e.Takes(who.Slot, v.Branch.Location()) {
			n++
		}
	}
	return n
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

// formID is the id of the form that the preview is about.
func (v Hours) formID() string {
	if v.About == AboutHolidays {
		return "holidays-form"
	}
	return string(v.About)
}
