package clinic

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

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

// Keys are those of the spans, in their order.
func (t TypedWeek) Keys() []string {
	keys := make([]string, len(t.Spans))
	for i, s := range t.Spans {
		keys[i] = s.Key
	}
	return keys
}
