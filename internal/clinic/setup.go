package clinic

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// SetupStep is a step on the way from an empty clinic to its first bookable week.
type SetupStep string

// The steps, in their order. The hours come last, because slots are laid from them at once: until then nobody can book.
const (
	SetupBranch   SetupStep = "branch"
	SetupDoctors  SetupStep = "doctors"
	SetupHolidays SetupStep = "holidays"
	SetupMail     SetupStep = "mail"
	SetupHours    SetupStep = "hours"
	SetupDone     SetupStep = "done" // nothing is left
)

// SetupSteps are the steps that are to be done.
var SetupSteps = []SetupStep{SetupBranch, SetupDoctors, SetupHolidays, SetupMail, SetupHours}

// Setup is what there is of what a branch needs before it can be booked. All of it is read from what is stored; nothing is ticked off.
type Setup struct {
	Branch   bool // it exists, with its address and telephone number
	Doctors  bool // somebody works there
	Holidays bool // it is decided what happens at the turn of the year
	Mail     bool // a letter has reached somebody
	Slots    bool // there is a time that a patient can book
}

// Has reports whether a step is done.
func (s Setup) Has(step SetupStep) bool {
	switch step {
	case SetupBranch:
		return s.Branch
	case SetupDoctors:
		return s.Doctors
	case SetupHolidays:
		return s.Holidays
	case SetupMail:
		return s.Mail
	case SetupHours:
		return s.Slots
	case SetupDone:
	}
	return s.Left() == nil
}

// Left are the steps that are not done.
func (s Setup) Left() (left []SetupStep) {
	for _, step := range SetupSteps {
		if !s.Has(step) {
			left = append(left, step)
		}
	}
	return left
}

// Next is the first step that is not done.
func (s Setup) Next() SetupStep {
	if left := s.Left(); len(left) > 0 {
		return left[0]
	}
	return SetupDone
}

// After is the step that follows another on the page.
func (s SetupStep) After() SetupStep {
	i := slices.Index(SetupSteps, s)
	if i < 0 || i+1 == len(SetupSteps) {
		return SetupDone
	}
	return SetupSteps[i+1]
}

// YearEndSettled reports whether a branch has decided what happens at the turn of the year: it is closed on New Year's Day by an
// exception, or it has said that it is open on that holiday.
func YearEndSettled(exceptions []Exception, rule HolidayRule, today Date) bool {
	newYear := YearEnd("", today).Last.AddDays(-2)
	return HasYearEnd(exceptions, today) || !rule.Closed(newYear, true)
}

// WeekShape is one of the weeks that most clinics have.
type WeekShape string

// The shapes.
const (
	WeekdaysAndSaturday WeekShape = "saturday" // 平日と土曜午前
	Weekdays            WeekShape = "weekdays" // 平日だけ
	EveryDay            WeekShape = "daily"    // 毎日
	OwnShape            WeekShape = "own"      // 自分で描く: nothing is proposed
)

// WeekShapes are all of them.
var WeekShapes = []WeekShape{WeekdaysAndSaturday, Weekdays, EveryDay, OwnShape}

// days are the weekdays of the shape that are worked from morning to evening.
func (s WeekShape) days() (days []time.Weekday) {
	switch s {
	case WeekdaysAndSaturday, Weekdays:
		return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	case EveryDay:
		return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
	case OwnShape:
	}
	return nil
}

// TypedFirstWeek is the first week of a branch as somebody chose it.
type TypedFirstWeek struct {
	Shape                 WeekShape
	From, Until           string
	LunchFrom, LunchUntil string // both empty for no break
	Minutes, Pause        string
	ValidFrom             string // an ISO day
}

// ProposedFirstWeek is what the form holds before anything is chosen.
func ProposedFirstWeek(today Date) TypedFirstWeek {
	return TypedFirstWeek{
		Shape: WeekdaysAndSaturday, From: "10:00", Until: "19:00", LunchFrom: "13:00", LunchUntil: "14:00", Minutes: "60", Pause: "0", ValidFrom: today.AddDays(1).String(),
	}
}

// noonOfSaturday is when a Saturday morning ends where there is no lunch break that says so.
const noonOfSaturday = 13 * 60

// Read reads the spans of the week, which belong to no doctor yet, and names every field that is wrong.
func (t TypedFirstWeek) Read(branchID string, today Date) (DoctorWeek, Errors) {
	w := DoctorWeek{BranchID: branchID}
	var errs Errors
	if t.Shape == OwnShape || !slices.Contains(WeekShapes, t.Shape) {
		errs = append(errs, invalid("shape", "error.choose"))
	}
	day, wrong := TypedPattern{From: t.From, Until: t.Until, Minutes: t.Minutes, Pause: t.Pause}.Read("")
	errs = append(errs, wrong...)
	lunch := Pattern{From: day.Until, Until: day.Until}
	if strings.TrimSpace(t.LunchFrom)+strings.TrimSpace(t.LunchUntil) != "" {
		lunch, wrong = readLunch(t, day)
		errs = append(errs, wrong...)
	}
	w.From, _, wrong = readDays(t.ValidFrom, "", "valid_from", "valid_until", today)
	if errs = append(errs, wrong...); len(errs) > 0 {
		return w, errs
	}
	if w.From.Before(today) {
		w.From = today
	}
	add := func(weekday time.Weekday, from, until Clock) {
		p := day
		if p.From, p.Until = from, until; p.Slots() > 0 {
			w.Spans = append(w.Spans, OpeningHours{ID: NewID(), BranchID: branchID, Weekday: weekday, Pattern: p, ValidFrom: w.From})
		}
	}
	for _, weekday := range t.Shape.days() {
		add(weekday, day.From, lunch.From)
		add(weekday, lunch.Until, day.Until)
	}
	if t.Shape == WeekdaysAndSaturday {
		noon := min(Clock(noonOfSaturday), day.Until)
		if lunch.From < lunch.Until {
			noon = lunch.Until
		}
		add(time.Saturday, day.From, noon)
	}
	if len(w.Spans) == 0 {
		errs = append(errs, invalid("minutes", "error.slot.none"))
	}
	return w, errs
}

// readLunch reads the break, which lies within the day.
func readLunch(t TypedFirstWeek, day Pattern) (lunch Pattern, errs Errors) {
	var from, until bool
	if lunch.From, from = ParseClock(t.LunchFrom); !from {
		errs = append(errs, invalid("lunch_from", "error.clock"))
	}
	if lunch.Until, until = ParseClock(t.LunchUntil); !until {
		errs = append(errs, invalid("lunch_until", "error.clock"))
	}
	switch {
	case len(errs) > 0:
	case lunch.Until <= lunch.From:
		errs = append(errs, invalid("lunch_until", "error.slot.order"))
	case day.From < day.Until && (lunch.From < day.From || day.Until < lunch.Until):
		errs = append(errs, invalid("lunch_from", "error.setup.lunch"))
	}
	return lunch, errs
}

// For is the week as a doctor has it, in a room.
func (w DoctorWeek) For(doctorID, room string, revision int) DoctorWeek {
	w.DoctorID, w.Revision = doctorID, revision
	w.Spans = slices.Clone(w.Spans)
	for i := range w.Spans {
		w.Spans[i].ID, w.Spans[i].DoctorID, w.Spans[i].Pattern.Room = NewID(), doctorID, room
	}
	return w
}

// SameAs reports whether two weeks have the same spans from the same day on.
func (w DoctorWeek) SameAs(o DoctorWeek) bool {
	shape := func(w DoctorWeek) (out []string) {
		for _, h := range w.Spans {
			t := h.Pattern.Typed()
			out = append(out, strings.Join([]string{strconv.Itoa(int(h.Weekday)), t.From, t.Until, t.Minutes, t.Pause, t.Room, t.Audience}, " "))
		}
		slices.Sort(out)
		return out
	}
	return w.From == o.From && w.Until == o.Until && slices.Equal(shape(w), shape(o))
}

// After are the public slots of a branch once a laying is carried out, in order of their start. open are those that there are.
func (l Laying) After(open []Slot) (slots []Slot) {
	closed := map[string]bool{}
	for _, k := range l.Close {
		closed[k.ID] = true
	}
	for _, s := range slices.Concat(open, l.Add) {
		if s.Audience != StaffOnly && !closed[s.ID] {
			slots = append(slots, s)
		}
	}
	slices.SortStableFunc(slots, func(a, b Slot) int { return a.StartsAt.Compare(b.StartsAt) })
	return slots
}
