package office

import (
	"fmt"
	"slices"
	"time"

	"madoguchi/internal/clinic"
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

// met counts the bookings that wait for a person because of an exception.
func (v Hours) met(e clinic.Exception) (n int) {
	for _, who := range v.People {
		if e.Takes(who.Slot, v.Branch.Location()) {
			n++
		}
	}
	return n
}

// formID is the id of the form that the preview is about.
func (v Hours) formID() string {
	if v.About == AboutHolidays {
		return "holidays-form"
	}
	return string(v.About)
}
