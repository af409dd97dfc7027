package clinic

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Clock is a time of day as the clocks of a branch show it, in minutes since midnight: 0 to 1440, which is the day's end.
type Clock int

// dayEnd is the end of a day.
const dayEnd Clock = 24 * 60

// at is the first instant at which clocks in a zone show the time on a day.
func (c Clock) at(day Date, loc *time.Location) time.Time {
	if c >= dayEnd {
		return day.AddDays(1).In(loc)
	}
	return day.at(time.Duration(c)*time.Minute, loc)
}

// String is the time as it is typed: 09:30, or 24:00 for the day's end.
func (c Clock) String() string {
	return time.Unix(int64(c%dayEnd)*60, 0).UTC().Format("15:04")
}

// ParseClock reads a time of day as somebody typed it: 9:30, 0930, 9, ９：３０, or 24:00 for the day's end.
func ParseClock(typed string) (Clock, bool) {
	hour, minute, parted := strings.Cut(strings.TrimSpace(Narrow(typed)), ":")
	if !parted && len(hour) > 2 {
		hour, minute = hour[:len(hour)-2], hour[len(hour)-2:]
	} else if !parted {
		minute = "00"
	}
	h, err := strconv.ParseUint(hour, 10, 8)
	m, wrong := strconv.ParseUint(minute, 10, 8)
	if err != nil || wrong != nil || len(hour) > 2 || len(minute) != 2 || m > 59 || h*60+m > uint64(dayEnd) {
		return 0, false
	}
	return Clock(h*60 + m), true
}

// Pattern is how a span of time is divided into slots, and who may take them.
type Pattern struct {
	From, Until Clock
	Minutes     int // length of a slot
	Pause       int // minutes between two slots
	Room        string
	Audience    Audience
}

// Slots is how many slots the span is divided into on a day without a change of clocks.
func (p Pattern) Slots() int {
	if p.Minutes <= 0 || p.Pause < 0 || int(p.Until-p.From) < p.Minutes {
		return 0
	}
	return (int(p.Until-p.From)-p.Minutes)/(p.Minutes+p.Pause) + 1
}

// overlaps reports whether two spans of a day have a minute in common.
func (p Pattern) overlaps(o Pattern) bool { return p.From < o.Until && o.From < p.Until }

// OpeningHours (診療時間) is one span of a doctor's week at a branch, from which slots are laid. FHIR Schedule.
type OpeningHours struct {
	ID         string
	BranchID   string
	DoctorID   string
	Weekday    time.Weekday
	Pattern    Pattern
	ValidFrom  Date // the first day
	ValidUntil Date // the last day; zero where there is no end
}

// on reports whether the hours hold on a day.
func (h OpeningHours) on(day Date) bool {
	return h.Weekday == day.Weekday() && !day.Before(h.ValidFrom) && (h.ValidUntil.IsZero() || !h.ValidUntil.Before(day))
}

// overlaps reports whether two spans of a week meet on some day.
func (h OpeningHours) overlaps(o OpeningHours) bool {
	return h.Weekday == o.Weekday && h.Pattern.overlaps(o.Pattern) && startsBy(h.ValidFrom, o.ValidUntil) && startsBy(o.ValidFrom, h.ValidUntil)
}

// startsBy reports whether what begins on a day does so before something ends; a zero end never comes.
func startsBy(day, end Date) bool { return end.IsZero() || !end.Before(day) }

// DoctorWeek is what a doctor's week at a branch is from one day to another.
type DoctorWeek struct {
	BranchID, DoctorID string
	From               Date
	Until              Date           // the last day; zero where there is no end
	Spans              []OpeningHours // none where the doctor has no hours in that time
	Revision           int            // how often the doctor's hours at the branch were saved
}

// lastDay is the last day that can be written (ISO 8601, with a year of four digits). Some type it where there is no end.
var lastDay = Date{9999, time.December, 31}

// WeeksOf are the weeks of a doctor at a branch among all hours, in the order of their first days.
func WeeksOf(hours []OpeningHours, branchID, doctorID string) (weeks []DoctorWeek) {
	for _, h := range hours {
		if h.BranchID != branchID || h.DoctorID != doctorID {
			continue
		}
		i := slices.IndexFunc(weeks, func(w DoctorWeek) bool { return w.From == h.ValidFrom && w.Until == h.ValidUntil })
		if i < 0 {
			i = len(weeks)
			weeks = append(weeks, DoctorWeek{BranchID: branchID, DoctorID: doctorID, From: h.ValidFrom, Until: h.ValidUntil})
		}
		weeks[i].Spans = append(weeks[i].Spans, h)
	}
	slices.SortFunc(weeks, func(a, b DoctorWeek) int { return strings.Compare(a.From.String(), b.From.String()) })
	return weeks
}

// Slots is how many slots the week has.
func (w DoctorWeek) Slots() (n int) {
	for _, h := range w.Spans {
		n += h.Pattern.Slots()
	}
	return n
}

// Among are all hours once the week holds. What the doctor had at the branch before its first day stays as it was, and what they had
// after its last day holds again from then on. Hours that are cut in two get an id for the second part.
func (w DoctorWeek) Among(hours []OpeningHours) (out []OpeningHours) {
	for _, h := range hours {
		if h.BranchID != w.BranchID || h.DoctorID != w.DoctorID || !startsBy(h.ValidFrom, w.Until) || !startsBy(w.From, h.ValidUntil) {
			out = append(out, h)
			continue
		}
		before := h.ValidFrom.Before(w.From)
		if before {
			kept := h
			kept.ValidUntil = w.From.AddDays(-1)
			out = append(out, kept)
		}
		if !w.Until.IsZero() && w.Until.Before(lastDay) && (h.ValidUntil.IsZero() || w.Until.Before(h.ValidUntil)) {
			after := h
			after.ValidFrom = w.Until.AddDays(1)
			if before {
				after.ID = NewID()
			}
			out = append(out, after)
		}
	}
	return append(out, w.Spans...)
}

// Bounds of what a week is drawn with.
const (
	MinSlotMinutes = 10
	MaxSlotMinutes = 240
	MaxPause       = 120
	MaxSpans       = 70 // of a week: ten a day
	MaxRoom        = 30 // characters
	MaxReason      = 60
)

// TypedPattern is a span of time as somebody typed it.
type TypedPattern struct {
	From, Until, Minutes, Pause, Room, Audience string
}

// Typed is a span as it stands in a form.
func (p Pattern) Typed() TypedPattern {
	return TypedPattern{From: p.From.String(), Until: p.end(), Minutes: strconv.Itoa(p.Minutes), Pause: strconv.Itoa(p.Pause), Room: p.Room, Audience: string(p.Audience)}
}

// end is the end of the span as it is typed.
func (p Pattern) end() string {
	if p.Until == dayEnd {
		return "24:00"
	}
	return p.Until.String()
}

// Read reads a span, and names what is wrong at fields that end in a mark.
func (t TypedPattern) Read(mark string) (p Pattern, errs Errors) {
	var ok bool
	if p.From, ok = ParseClock(t.From); !ok {
		errs = append(errs, invalid("from"+mark, "error.clock"))
	}
	if p.Until, ok = ParseClock(t.Until); !ok {
		errs = append(errs, invalid("until"+mark, "error.clock"))
	}
	if len(errs) == 0 && p.Until <= p.From {
		errs = append(errs, invalid("until"+mark, "error.slot.order"))
	}
	var err error
	if p.Minutes, err = strconv.Atoi(strings.TrimSpace(Narrow(t.Minutes))); err != nil || p.Minutes < MinSlotMinutes || p.Minutes > MaxSlotMinutes {
		errs = append(errs, invalid("minutes"+mark, "error.minutes"))
	} else if len(errs) == 0 && p.Slots() == 0 {
		errs = append(errs, invalid("minutes"+mark, "error.slot.none"))
	}
	if pause := strings.TrimSpace(Narrow(t.Pause)); pause != "" {
		if p.Pause, err = strconv.Atoi(pause); err != nil || p.Pause < 0 || p.Pause > MaxPause {
			errs = append(errs, invalid("pause"+mark, "error.hours.pause"))
		}
	}
	p.Room = TidyRoom(t.Room)
	errs = checkLine(errs, "room"+mark, p.Room, false, MaxRoom)
	switch p.Audience = Audience(t.Audience); p.Audience {
	case "":
		p.Audience = Public
	case Public, StaffOnly:
	default:
		errs = append(errs, invalid("audience"+mark, "error.choose"))
	}
	return p, errs
}

// TypedSpan is a span of a week as somebody typed it.
type TypedSpan struct {
	TypedPattern

	Key     string   // tells the spans of a form apart; its fields end in it
	Weekday string   // 0 to 6; 0 is Sunday
	Same    []string // the weekdays that get the same span
}

// day is the weekday of the span.
func (t TypedSpan) day() (time.Weekday, bool) {
	n, err := strconv.Atoi(t.Weekday)
	return time.Weekday(n), err == nil && n >= 0 && n < 7
}

// TypedWeek is a week as somebody typed it.
type TypedWeek struct {
	From, Until string // ISO days; an empty Until for no end
	Spans       []TypedSpan
}

// Typed is a week as it stands in a form.
func (w DoctorWeek) Typed() TypedWeek {
	t := TypedWeek{From: w.From.String()}
	if !w.Until.IsZero() {
		t.Until = w.Until.String()
	}
	for _, h := range w.Spans {
		t.Spans = append(t.Spans, TypedSpan{TypedPattern: h.Pattern.Typed(), Key: strconv.Itoa(len(t.Spans)), Weekday: strconv.Itoa(int(h.Weekday))})
	}
	return t.inOrder()
}

// inOrder sorts the spans from Monday to Sunday and by their beginning; what cannot be read keeps its place at the end of its day.
func (t TypedWeek) inOrder() TypedWeek {
	t.Spans = slices.Clone(t.Spans)
	rank := func(s TypedSpan) int {
		day, _ := s.day()
		from, ok := ParseClock(s.From)
		if !ok {
			from = dayEnd
		}
		return int(day+6)%7*2*int(dayEnd) + int(from)
	}
	slices.SortStableFunc(t.Spans, func(a, b TypedSpan) int { return rank(a) - rank(b) })
	return t
}

// With is the week with one more span, which gets a key.
func (t TypedWeek) With(s TypedSpan) TypedWeek {
	next := 0
	for _, have := range t.Spans {
		if n, err := strconv.Atoi(have.Key); err == nil && n >= next {
			next = n + 1
		}
	}
	s.Key = strconv.Itoa(next)
	t.Spans = append(slices.Clone(t.Spans), s)
	return t
}

// Without is the week without a span.
func (t TypedWeek) Without(key string) TypedWeek {
	t.Spans = slices.DeleteFunc(slices.Clone(t.Spans), func(s TypedSpan) bool { return s.Key == key })
	return t
}

// Copied is the week once every span stands on the weekdays that get the same. There it takes the place of the spans that it meets.
func (t TypedWeek) Copied() TypedWeek {
	for _, s := range t.Spans {
		p, errs := s.Read("")
		for _, day := range s.Same {
			if day == s.Weekday || errs.For("from") != nil || errs.For("until") != nil {
				continue
			}
			t.Spans = slices.DeleteFunc(slices.Clone(t.Spans), func(o TypedSpan) bool {
				other, wrong := o.Read("")
				return o.Weekday == day && wrong.For("from") == nil && wrong.For("until") == nil && p.overlaps(other)
			})
			same := s
			same.Weekday, same.Same = day, nil
			t = t.With(same)
		}
	}
	t = t.inOrder()
	for i := range t.Spans {
		t.Spans[i].Same = nil
	}
	return t
}

// Read reads the week of a doctor at a branch, and names every field that is wrong. The days before today are over, so that a week
// never begins before.
func (t TypedWeek) Read(branchID, doctorID string, today Date) (DoctorWeek, Errors) {
	w := DoctorWeek{BranchID: branchID, DoctorID: doctorID}
	var errs Errors
	w.From, w.Until, errs = readDays(t.From, t.Until, "valid_from", "valid_until", today)
	if w.From.Before(today) {
		w.From = today
	}
	if len(t.Spans) > MaxSpans {
		return w, append(errs, invalid("valid_from", "error.slot.many"))
	}
	for _, s := range t.Spans {
		p, wrong := s.Read("-" + s.Key)
		day, ok := s.day()
		if !ok {
			wrong = append(wrong, invalid("weekday-"+s.Key, "error.choose"))
		}
		h := OpeningHours{ID: NewID(), BranchID: branchID, DoctorID: doctorID, Weekday: day, Pattern: p, ValidFrom: w.From, ValidUntil: w.Until}
		if len(wrong) == 0 {
			for _, o := range w.Spans {
				if h.overlaps(o) {
					wrong = append(wrong, met("from-"+s.Key, "error.hours.own", o))
					break
				}
			}
		}
		errs = append(errs, wrong...)
		w.Spans = append(w.Spans, h)
	}
	return w, errs
}

// readDays reads the first and the last day of something that does not end before it begins, nor before today.
func readDays(first, last, atFirst, atLast string, today Date) (from, until Date, errs Errors) {
	from, ok := ParseDate(strings.TrimSpace(Narrow(first)))
	if !ok {
		errs = append(errs, invalid(atFirst, "error.date"))
	} else if StaffHorizon(today).Last.Before(from) {
		errs = append(errs, StaffHorizon(today).Check(atFirst, from))
	}
	if last = strings.TrimSpace(Narrow(last)); last != "" {
		switch until, ok = ParseDate(last); {
		case !ok:
			errs = append(errs, invalid(atLast, "error.date"))
		case len(errs) == 0 && until.Before(from):
			errs = append(errs, invalid(atLast, "error.hours.order"))
		case until.Before(today):
			errs = append(errs, invalid(atLast, "error.hours.past"))
		}
	}
	return from, until, errs
}

// met is the refusal of hours that meet others. Its arguments hold the ids of the doctor and the branch and the number of the
// weekday, of which the page makes words.
func met(field, message string, o OpeningHours) *Error {
	return &Error{Code: Invalid, Field: field, Message: message, Args: map[string]string{
		"Doctor": o.DoctorID, "Branch": o.BranchID, "Weekday": strconv.Itoa(int(o.Weekday)), "From": o.Pattern.From.String(), "Until": o.Pattern.end(), "Room": o.Pattern.Room,
	}}
}

// CheckHours names the spans of a week, by the keys of their fields, that meet other hours: those of the doctor at another branch, or
// those of another doctor in the same room of the branch.
func CheckHours(w DoctorWeek, keys []string, others []OpeningHours) (errs Errors) {
	for i, h := range w.Spans {
		key := ""
		if i < len(keys) {
			key = keys[i]
		}
		for _, o := range others {
			elsewhere := o.DoctorID == h.DoctorID && o.BranchID != h.BranchID
			sameRoom := o.DoctorID != h.DoctorID && o.BranchID == h.BranchID && o.Pattern.Room != "" && o.Pattern.Room == h.Pattern.Room
			if !elsewhere && !sameRoom || !h.overlaps(o) {
				continue
			}
			if elsewhere {
				errs = append(errs, met("from-"+key, "error.hours.elsewhere", o))
			} else {
				errs = append(errs, met("room-"+key, "error.hours.room", o))
			}
			break
		}
	}
	return errs
}

// Keys are those of the spans, in their order.
func (t TypedWeek) Keys() []string {
	keys := make([]string, len(t.Spans))
	for i, s := range t.Spans {
		keys[i] = s.Key
	}
	return keys
}

// HolidayRule is what a branch decides about public holidays.
type HolidayRule struct {
	Open   bool  // it is open on them; closed otherwise
	Differ Dates // the holidays on which it is the other way round
}

// Closed reports whether the branch is closed on a day because it is a holiday.
func (r HolidayRule) Closed(day Date, holiday bool) bool {
	return holiday && r.Open == r.Differ.Has(day)
}
