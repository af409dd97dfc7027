package letter

import (
	"fmt"
	"time"

	ics "github.com/arran4/golang-ical"
)

// observance is one part of a time zone (RFC 5545, 3.6.5): from an instant on, clocks show another time.
type observance struct {
	begins   time.Time
	from, to int // seconds east of UTC, before and since
	name     string
	summer   bool
}

// observances are those of a zone from the one at the beginning of an instant's year to the last of the year after it. They are taken from the
// time zone database as they are: a rule that repeats them would claim to know what parliaments will decide.
func observances(loc *time.Location, at time.Time) []observance {
	first := time.Date(at.In(loc).Year(), time.January, 1, 0, 0, 0, 0, loc)
	since, _ := first.ZoneBounds()
	out := []observance{observanceAt(loc, since, first)}
	last := first.AddDate(2, 0, 0)
	for _, next := first.ZoneBounds(); !next.IsZero() && next.Before(last); _, next = next.ZoneBounds() {
		out = append(out, observanceAt(loc, next, next))
	}
	return out
}

// zoneEpoch is since when an observance is said to hold that has held for longer: calendar programs know no zone before it.
var zoneEpoch = time.Date(1970, time.January, 1, 0, 0, 0, 0, time.UTC)

// observanceAt is the one that holds at an instant and began at another.
func observanceAt(loc *time.Location, begins, at time.Time) observance {
	at = at.In(loc)
	name, to := at.Zone()
	o := observance{begins: begins, from: to, to: to, name: name, summer: at.IsDST()}
	if begins.Before(zoneEpoch) { // also where it has always held
		o.begins = zoneEpoch.Add(-time.Duration(to) * time.Second)
		return o
	}
	_, o.from = begins.Add(-time.Second).In(loc).Zone()
	return o
}

// addZone describes a zone around an instant.
func addZone(cal *ics.Calendar, loc *time.Location, at time.Time) {
	zone := cal.AddTimezone(loc.String())
	for _, o := range observances(loc, at) {
		var part *ics.ComponentBase
		if o.summer {
			daylight := &ics.Daylight{}
			zone.Components, part = append(zone.Components, daylight), &daylight.ComponentBase
		} else {
			part = &zone.AddStandard().ComponentBase
		}
		part.SetProperty(ics.ComponentPropertyDtStart, o.begins.UTC().Add(time.Duration(o.from)*time.Second).Format(localForm)) // on the clock as it was before
		part.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetfrom), offset(o.from))
		part.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetto), offset(o.to))
		part.SetProperty(ics.ComponentProperty(ics.PropertyTzname), o.name)
	}
}

// The forms of a time in a calendar file: on a clock somewhere, and in UTC.
const (
	localForm = "20060102T150405"
	utcForm   = localForm + "Z"
)

// setTimes writes when an event is, on the clock of the zone. A time that the clock shows twice, as it is put back, is said in UTC: on the clock
// it means the first (RFC 5545, 3.3.5), and some programs take the second.
func setTimes(event *ics.VEvent, loc *time.Location, starts, ends time.Time) {
	twice := isTwice(starts, loc) || isTwice(ends, loc)
	set := func(property ics.ComponentProperty, at time.Time) {
		if twice {
			event.SetProperty(property, at.UTC().Format(utcForm))
		} else {
			event.SetProperty(property, at.In(loc).Format(localForm), ics.WithTZID(loc.String()))
		}
	}
	set(ics.ComponentPropertyDtStart, starts)
	set(ics.ComponentPropertyDtEnd, ends)
}

// isTwice reports whether the clocks of a zone show the time of an instant twice, because they are put back an hour before it or after.
func isTwice(at time.Time, loc *time.Location) bool {
	_, is := at.In(loc).Zone()
	since, until := at.In(loc).ZoneBounds()
	if !since.IsZero() {
		if _, was := since.Add(-time.Second).In(loc).Zone(); at.Sub(since) < time.Duration(was-is)*time.Second {
			return true
		}
	}
	if until.IsZero() {
		return false
	}
	_, becomes := until.In(loc).Zone()
	return until.Sub(at) <= time.Duration(is-becomes)*time.Second
}

// offset is how far a clock is ahead of UTC (RFC 5545, 3.3.14): +0900, -0330, and with seconds only where there are any.
func offset(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	out := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if rest := seconds % 60; rest != 0 {
		out += fmt.Sprintf("%02d", rest)
	}
	return out
}
